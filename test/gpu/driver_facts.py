"""Settles by experiment what nvidia-smi does on this host; only reads. Writes driver-facts.json and driver-facts.md into RESULTS."""

from __future__ import annotations

import argparse
import json
import os
import re
import selectors
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

SMI = os.environ.get("GPUCOST_NVIDIA_SMI") or "nvidia-smi"
HERE = Path(__file__).parent


def ask(*args: str, timeout: float = 30) -> dict[str, Any]:
    """One start of nvidia-smi: what it printed, how it ended, how long it took."""
    started = time.monotonic()
    try:
        done = subprocess.run([SMI, *args], capture_output=True, text=True, timeout=timeout)
        code, text = done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        code, text = None, ""
    return {"command": ["nvidia-smi", *args], "exit": code, "seconds": time.monotonic() - started, "text": text}


def arrivals(*args: str, seconds: float) -> dict[str, Any]:
    """Starts a loop with its output in a pipe: when each read came, and how many lines each brought."""
    child = subprocess.Popen([SMI, *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0)
    assert child.stdout is not None
    reads: list[dict[str, float]] = []
    waiting = selectors.DefaultSelector()
    waiting.register(child.stdout, selectors.EVENT_READ)
    started = time.monotonic()
    text = b""
    while (left := seconds - (time.monotonic() - started)) > 0:
        if not waiting.select(left):
            continue
        data = os.read(child.stdout.fileno(), 65536)
        if not data:
            break
        text += data
        reads.append({"s": round(time.monotonic() - started, 3), "bytes": len(data), "lines": data.count(b"\n")})
    child.kill()
    child.wait()
    # The rows of several GPUs come in several reads, milliseconds apart: one burst.
    bursts = [read["s"] for before, read in zip([None, *reads], reads) if before is None or read["s"] - before["s"] > 0.05]
    later = [b - a for a, b in zip(bursts, bursts[1:])]
    return {
        "command": ["nvidia-smi", *args],
        "reads": len(reads),
        "firstS": reads[0]["s"] if reads else None,
        "bursts": len(bursts),
        "medianBetweenS": statistics.median(later) if later else None,
        "head": text.decode(errors="replace").splitlines()[:4],
    }


def refresh(field: str, seconds: float) -> dict[str, Any]:
    """How often a reading changes while it is read as fast as the loop goes; a steady reading tells nothing."""
    child = subprocess.Popen(
        [SMI, f"--query-gpu=index,{field}", "--format=csv,noheader,nounits", "-lms", "20"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    assert child.stdout is not None
    seen: list[tuple[float, str]] = []
    end = time.monotonic() + seconds
    for line in child.stdout:
        if line.startswith("0, "):
            seen.append((time.monotonic(), line.strip()))
        if time.monotonic() > end:
            break
    child.kill()
    child.wait()
    changes = [at for (_, before), (at, after) in zip(seen, seen[1:]) if before != after]
    between = [b - a for a, b in zip(changes, changes[1:])]
    return {"field": field, "readings": len(seen), "changes": len(changes), "medianBetweenS": statistics.median(between) if between else None}


def slowdown(python: str, device: str, seconds: float) -> list[dict[str, Any]]:
    """A job's throughput without sampling, with each period, and without again: the two without tell how much it varies by itself."""
    extra = ["--toy"] if device == "cpu" else []
    job = [python, str(HERE / "workload.py"), "batch-sweep", "2" if extra else "8", "--device", device,
           "--warmup", "3", "--seconds", str(seconds), *extra]
    results = []
    for period in [None, 1000, 200, 100, None]:
        sampler = None
        if period is not None:
            fields = "timestamp,index,uuid,utilization.gpu,utilization.memory,memory.used,power.draw"
            sampler = subprocess.Popen([SMI, f"--query-gpu={fields}", "--format=csv", "-lms", str(period)], stdout=subprocess.DEVNULL)
        done = subprocess.run(job, capture_output=True, text=True)
        if sampler is not None:
            sampler.kill()
            sampler.wait()
        throughput = json.loads(done.stdout)["throughput"] if done.returncode == 0 else None
        results.append({"samplingMs": period, "throughput": throughput, "failure": None if done.returncode == 0 else done.stderr[-500:]})
    return results


def pids() -> dict[str, Any]:
    """Whether a listed pid is one of this /proc with the same program: else they are another namespace's."""
    answer = ask("--query-compute-apps=pid,process_name", "--format=csv,noheader")
    listed = [m.groups() for m in re.finditer(r"^(\d+), (.*)$", answer["text"], re.M)]
    ours = []
    for pid, name in listed:
        try:
            ours.append(Path(f"/proc/{pid}/cmdline").read_text().split("\0")[0].split("/")[-1] == name.split("/")[-1])
        except OSError:
            ours.append(False)
    return {"listed": len(listed), "ours": sum(ours), "exit": answer["exit"]}


def facts(args: argparse.Namespace) -> dict[str, Any]:
    quick = args.quick
    loop_s = 2.0 if quick else 6.0
    version, helped = ask("--version"), ask("--help-query-gpu")
    starts = [ask("--query-gpu=uuid,persistence_mode", "--format=csv,noheader") for _ in range(5)]
    gpm = ["dmon", "-s", "t", "--gpm-metrics=2,3,5,10"]
    found: dict[str, Any] = {
        "schema": "gpucost.driver-facts/1",
        "user": "root" if os.geteuid() == 0 else "user",
        "version": version["text"].splitlines(),
        "start": {"seconds": [round(s["seconds"], 3) for s in starts], "exit": starts[-1]["exit"],
                  "persistence": [line.split(", ")[-1] for line in starts[-1]["text"].splitlines()]},
        "fields": re.findall(r'^"([\w.]+)"', helped["text"], re.M),
        "pipe": {
            "query": arrivals("--query-gpu=timestamp,index,utilization.gpu,power.draw", "--format=csv", "-lms", "500", seconds=loop_s),
            "dmon": arrivals("dmon", "-d", "1", seconds=loop_s),
            "pmon": arrivals("pmon", "-d", "1", seconds=loop_s),
        },
        "gpm": {"once": {k: v for k, v in ask(*gpm, "-c", "3").items() if k != "seconds"}, "loop": arrivals(*gpm, "-d", "1", seconds=loop_s)},
        "pids": pids(),
        "refresh": [refresh(field, loop_s) for field in ("utilization.gpu", "power.draw")],
        "slowdown": None if args.no_job else slowdown(args.python, args.device, 2 if quick else 6),
    }
    if os.geteuid() == 0 and not args.no_user:
        asked = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", SMI, *gpm, "-c", "3"], capture_output=True, text=True)
        found["gpm"]["asUser"] = {"exit": asked.returncode, "text": asked.stdout + asked.stderr}
    return found


def markdown(found: dict[str, Any]) -> str:
    rows = [("started as", found["user"]), ("version", "; ".join(found["version"])),
            ("one start", f"{statistics.median(found['start']['seconds'])} s (median of 5), persistence {found['start']['persistence']}"),
            ("fields of --query-gpu", len(found["fields"])),
            ("pids", f"{found['pids']['ours']} of {found['pids']['listed']} listed are of this /proc"),
            ("GPM, once", f"exit {found['gpm']['once']['exit']}"), ("GPM, in a loop", f"{found['gpm']['loop']['reads']} reads")]
    rows += [(f"{name} in a pipe", f"{one['bursts']} bursts, every {one['medianBetweenS']} s") for name, one in found["pipe"].items()]
    rows += [(f"{one['field']} changes", f"every {one['medianBetweenS']} s ({one['changes']} changes)") for one in found["refresh"]]
    rows += [(f"throughput, sampled every {one['samplingMs']} ms", one["throughput"]) for one in found["slowdown"] or []]
    return "\n".join(["# Driver facts", "", "| what | found |", "|---|---|", *(f"| {a} | {b} |" for a, b in rows), ""])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--quick", action="store_true", help="shorter loops, for trying the script")
    parser.add_argument("--no-job", action="store_true", help="without the job that sampling may slow")
    parser.add_argument("--no-user", action="store_true", help="without asking as another user")
    args = parser.parse_args()
    args.results.mkdir(parents=True, exist_ok=True)
    found = facts(args)
    (args.results / "driver-facts.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    (args.results / "driver-facts.md").write_text(markdown(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
