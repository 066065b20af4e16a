"""The runner behind run.sh: each workload of a part under `gpucost watch`, its truth beside its session."""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from capture import Capture
from plan import PARTS, Run

HERE = Path(__file__).parent
PART_LIMIT_S = 570.0
RUN_LIMIT_S = 120.0
EXPORT_LIMIT_S = 10.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("results", type=Path)
    parser.add_argument("--gpucost", required=True, help="the standalone executable")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--toy", action="store_true")
    parser.add_argument("--warmup", default="4")
    parser.add_argument("--seconds", default="30")
    parser.add_argument("--limit", type=float, default=PART_LIMIT_S, help="seconds that the whole part may take")
    parser.add_argument("--only", help="names of runs, with commas")
    parser.add_argument("--program", help="runs this instead of workload.py: for trying the runner itself")
    args = parser.parse_args()
    args.results.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    failed = 0
    for run in PARTS[args.part]:
        if args.only and run.name not in args.only.split(","):
            continue
        # What follows a run (ending it, its export) must fit, too.
        left = args.limit - 2 * EXPORT_LIMIT_S - 6 - (time.monotonic() - started)
        if left < float(args.warmup) + float(args.seconds) + 10:
            say(f"{run.name}: left out, the part's time is over")
            write(args.results / run.name, {**told(run), "outcome": "left out: the part's time is over"})
            failed += 1
            continue
        outcome = record(run, args, min(left, RUN_LIMIT_S))
        say(f"{run.name}: {outcome}")
        failed += outcome != "done"
    fill_shares(args.results)
    return 1 if failed else 0


def record(run: Run, args: argparse.Namespace, limit_s: float) -> str:
    """Runs one workload under watch; leaves truth.json, report.json, the session and what was said in its folder."""
    folder = args.results / run.name
    folder.mkdir(parents=True, exist_ok=True)
    out = folder / "throughput.json"
    program = args.program or str(HERE / "workload.py")
    command = [sys.executable, program, run.workload, run.knob, "--device", args.device,
               "--warmup", args.warmup, "--seconds", args.seconds, "--out", str(out)]
    if args.toy:
        command.append("--toy")
    watch = [args.gpucost, "watch", "-i", "1s", "--gpus", "0", "--no-network", "-o", str(folder / "report.json"), "--", *command]
    # CUDA's order and nvidia-smi's are the same only by bus: index 0 is then one card for both.
    card = {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES": "0"}
    env = {**os.environ, **card, "GPUCOST_HOME": str(folder / "home")}
    capture = Capture(folder / "raw.json")
    with open(folder / "said.txt", "w", encoding="utf-8") as said:
        # Its own process group: at the limit the workload must go too, or it would hold the card under the next run.
        child = subprocess.Popen(watch, env=env, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True)
        try:
            code = child.wait(timeout=limit_s)
            outcome = "done" if code == 0 else f"failed: exit {code}, see said.txt"
        except subprocess.TimeoutExpired:
            outcome = f"failed: still running after {limit_s:.0f} s"
        finally:
            end_group(child)
            capture.end()
    measured = json.loads(out.read_text()) if out.exists() else {}
    if outcome == "done" and not measured:
        outcome = "failed: the workload measured nothing"
    if outcome == "done" and not (folder / "report.json").exists():
        outcome = "failed: gpucost wrote no report, see said.txt"
    if outcome == "done":
        report_window(folder, args.gpucost, env, measured)
    activity = gpm_activity(args.gpucost, env, measured) if outcome == "done" else None
    write(folder, {**told(run), **measured, "outcome": outcome, "gpmActivity": activity})
    return outcome


def end_group(child: subprocess.Popen[bytes]) -> None:
    """Ends whatever the run has left; gpucost's own children are in groups of their own, and end with it."""
    for one in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, one)
            child.wait(timeout=3)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def told(run: Run) -> dict[str, Any]:
    return {"schema": "gpucost.truth/1", "workload": run.workload, "knob": run.knob, "group": run.group, "expected": list(run.expected),
            "fake": "FAKE_RECORDING" in os.environ}


def report_window(folder: Path, gpucost: str, env: dict[str, str], measured: dict[str, Any]) -> None:
    """The report on the measured time alone, so that start-up and warm-up don't dilute the estimate."""
    since, until = (datetime.fromtimestamp(measured[key] / 1000, timezone.utc).isoformat() for key in ("fromMs", "toMs"))
    window = [gpucost, "report", "--since", since, "--until", until, "-o", str(folder / "window.json")]
    try:
        subprocess.run(window, env=env, capture_output=True, timeout=EXPORT_LIMIT_S)
    except subprocess.TimeoutExpired:
        (folder / "window.json").unlink(missing_ok=True)


def gpm_activity(gpucost: str, env: dict[str, str], measured: dict[str, Any]) -> float | None:
    """Mean of max(SM activity, DRAM activity / 0.8) over the measured time; None where the driver gave neither."""
    export = [gpucost, "sessions", "export", "--format", "jsonl"]
    try:
        done = subprocess.run(export, env=env, capture_output=True, text=True, timeout=EXPORT_LIMIT_S)
    except subprocess.TimeoutExpired:
        return None
    values = []
    for line in done.stdout.splitlines():
        row = json.loads(line)
        if not measured["fromMs"] < time_of(row) <= measured["toMs"]:
            continue
        seen = [row.get("smActivityShare"), scaled(row.get("dramActivityShare"))]
        known = [value for value in seen if value is not None]
        if known:
            values.append(min(1.0, max(known)))
    return statistics.fmean(values) if values else None


def scaled(dram: float | None) -> float | None:
    return None if dram is None else dram / 0.8


def time_of(row: dict[str, Any]) -> float:
    moment = row.get("time")
    if isinstance(moment, str):
        return datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp() * 1000
    raise ValueError(f"a sample without time: {row}")


NOT_COMPARABLE = {
    "model-size": "a token of a larger model is more work: tokens per second of different models can't be compared",
    "number-format": "arithmetic in another number format is other work for the chip",
    "bandwidth": "bytes and tokens can't be compared",
    "transfer": "a step that offloads copies twice as much",
    "host-bound": "the two operations are different work",
    "idle": "no work is done",
    "spin": "no work is done",
}


def fill_shares(results: Path) -> None:
    """Each run's throughput over the best of its group; the groups span parts, so it is done again after each."""
    truths = {path.parent: json.loads(path.read_text()) for path in results.glob("*/truth.json")}
    best: dict[tuple[str, str], float] = {}
    for truth in truths.values():
        if truth.get("outcome") == "done" and truth.get("throughput"):
            key = (truth["group"], truth["unit"])
            best[key] = max(best.get(key, 0.0), truth["throughput"])
    for folder, truth in truths.items():
        top = best.get((truth["group"], truth.get("unit", "")))
        why = NOT_COMPARABLE.get(truth["group"])
        share = truth["throughput"] / top if top and why is None and truth.get("outcome") == "done" else None
        write(folder, {**truth, "shareOfBest": share, "shareOfBestMissing": why if share is None else None})


def write(folder: Path, truth: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "truth.json").write_text(json.dumps(truth, indent=2) + "\n", encoding="utf-8")


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
