"""Turns the results of run.sh into fixtures: recordings.py RESULTS [--out FOLDER] [--demo RUN]. Trimmed, masked, gzipped; the same bytes each time."""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from masking import Mask

ROOT = Path(__file__).resolve().parent.parent.parent
MARGIN_MS = 5000
# What these show is in front of the measured time.
FROM_THE_START = ("slow-start",)
MAX_BYTES = 8 * 1000 * 1000
FORMAT = "# gpucost recording 1"
QUERY = "=== nvidia-smi --query-gpu --format=csv -lms 1000"
APPS = "=== nvidia-smi --query-compute-apps=timestamp,gpu_uuid,pid,process_name,used_gpu_memory --format=csv,noheader"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--out", type=Path, default=ROOT / "test/recordings/gpu")
    parser.add_argument("--synthetic", action="store_true", help="takes runs that are not of a GPU, and marks each file as synthetic")
    parser.add_argument("--demo", metavar="RUN", help="also replaces the recording that `gpucost demo` replays by this run's")
    parser.add_argument("--demo-file", type=Path, default=ROOT / "src/demo/recording.txt.gz")
    parser.add_argument("--max-bytes", type=int, default=MAX_BYTES)
    args = parser.parse_args()
    try:
        files, left_out = fixtures(args.results, args.synthetic)
        size = sum(len(data) for data in files.values())
        if size > args.max_bytes:
            raise Refused(f"the fixtures take {size} bytes, expected at most {args.max_bytes}: leave runs out")
        demo = files.get(f"{args.demo}/recording.txt.gz") if args.demo else None
        if args.demo and demo is None:
            raise Refused(f"--demo {args.demo}: no such run with a raw capture; there are {', '.join(sorted({name.split('/')[0] for name in files if name.endswith('.txt.gz')}))}")
    except Refused as refusal:
        print(f"recordings.py: {refusal}", file=sys.stderr)
        return 1
    for run in sorted({name.split("/")[0] for name in files if "/" in name}):
        shutil.rmtree(args.out / run, ignore_errors=True)
    for name, data in files.items():
        path = args.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    if demo is not None:
        args.demo_file.write_bytes(demo)
    for text in left_out:
        print(text)
    print(f"{len(files)} files, {size} bytes in {args.out}")
    return 0


class Refused(Exception):
    pass


def fixtures(results: Path, synthetic: bool) -> tuple[dict[str, bytes], list[str]]:
    """File name → bytes, and what was left out with the reason."""
    files: dict[str, bytes] = {}
    left_out: list[str] = []
    mask = Mask()
    for path in sorted(results.glob("*/truth.json")):
        folder, truth = path.parent, json.loads(path.read_text())
        if truth["outcome"] != "done":
            left_out.append(f"{folder.name}: left out: {truth['outcome']}")
            continue
        if not synthetic and not is_of_a_gpu(truth):
            raise Refused(f"{folder.name} is not of a GPU (the fake nvidia-smi, a CPU or toy size), expected a run of run.sh on a card; --synthetic takes it, and marks it")
        files.update({f"{folder.name}/{name}": data for name, data in run_files(folder, truth, synthetic, mask).items()})
    if not files:
        raise Refused(f"{results}: no finished run, expected folders with truth.json as run.sh leaves them")
    facts = results / "driver-facts.json"
    if facts.exists():
        found = {**json.loads(facts.read_text()), **({"synthetic": True} if synthetic else {})}
        files["driver-facts.json"] = written(mask.walk(found))
    return files, left_out


def is_of_a_gpu(truth: dict[str, Any]) -> bool:
    """Only where the runner said so: results of a runner that didn't say can't be told."""
    return truth.get("fake") is False and truth.get("device") == "cuda" and truth.get("toy") is False


def run_files(folder: Path, truth: dict[str, Any], synthetic: bool, mask: Mask) -> dict[str, bytes]:
    since = 0 if truth["workload"] in FROM_THE_START else truth["fromMs"] - MARGIN_MS
    until = truth["toMs"] + MARGIN_MS
    mark = {"synthetic": True} if synthetic else {}
    lines = [mask.line(line) for line in trimmed(session_lines(folder / "home" / "sessions"), since, until)]
    lines[0] = {**lines[0], **mark}
    files = {"session.jsonl.gz": packed("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))}
    raw = folder / "raw.json"
    if raw.exists():
        files["recording.txt.gz"] = packed(recording(json.loads(raw.read_text()), since, until, synthetic, folder.name, mask))
    files["truth.json"] = written(mask.walk({**truth, **mark}))
    return files


def session_lines(sessions: Path) -> list[dict[str, Any]]:
    segments = sorted(sessions.glob("*/*.jsonl*"))
    segments = [one for one in segments if not one.name.endswith(".tmp")]
    if len({one.parent for one in segments}) != 1:
        raise Refused(f"{sessions}: expected one session, found {len({one.parent for one in segments})}: run it again in an empty folder")
    lines: list[dict[str, Any]] = []
    for segment in segments:
        opened = gzip.open if segment.suffix == ".gz" else open
        with opened(segment, "rt", encoding="utf-8") as file:
            lines += [json.loads(line) for line in file]
    return lines


def trimmed(lines: list[dict[str, Any]], since: float, until: float) -> list[dict[str, Any]]:
    """The lines of the time given, blocks as ticks; what held before (GPUs, processes) holds from its start."""
    header = next(line for line in lines if line["kind"] == "header")
    since = max(since, header["startedAt"])
    flat: list[dict[str, Any]] = []
    for line in lines:
        if line["kind"] == "block":
            flat += unblocked(line, header)
        elif line["kind"] != "header":
            flat.append(line)
    flat.sort(key=lambda line: line["t"])
    last = {line["kind"]: line for line in flat if line["kind"] in ("gpus", "processes") and line["t"] < since}
    held = [{**line, "t": since} for line in last.values()]
    inside = [line for line in flat if since <= line["t"] <= until and line["kind"] != "end"]
    end = [{**line, "t": min(line["t"], until)} for line in flat if line["kind"] == "end"][-1:]
    return [{**header, "startedAt": since}, *held, *inside, *end]


def unblocked(block: dict[str, Any], header: dict[str, Any]) -> list[dict[str, Any]]:
    series, count = block["series"], block["n"]
    names = header[{"gpu": "columns", "host": "hostColumns", "job": "jobColumns"}[series]]
    columns = [column(block["columns"].get(name), count) for name in names]
    times = column(block["t"], count)
    rows = [[one[i] for one in columns] for i in range(count)]
    if series == "gpu":
        return [{"kind": "tick", "t": int(t), "rows": [[block["gpu"], *row]]} for t, row in zip(times, rows)]
    who = {key: block[key] for key in ("pid", "name", "gpus")} if series == "job" else {}
    return [{"kind": series, "t": int(t), **who, "values": row} for t, row in zip(times, rows)]


def column(code: Any, n: int) -> list[Any]:
    """One column of a block; docs/session-format.md has the forms."""
    if code is None or isinstance(code, (int, float)):
        return [code] * n
    if isinstance(code, list):
        return code
    scale = code.get("scale", 1)
    if "runs" in code:
        numbers = [v for v, count in zip(code["runs"][::2], code["runs"][1::2]) for _ in range(count)]
    else:
        width, text = code["width"], code["digits"]
        groups = [text[i:i + width] for i in range(0, len(text), width)]
        numbers = [None if g[0] == "-" else code.get("min", 0) + code.get("step", 1) * int(g) for g in groups]
        if "from" in code:
            total, sums = code["from"], [code["from"]]
            for change in numbers:
                total += change
                sums.append(total)
            numbers = sums
    return [None if v is None else v if scale == 1 else v / scale for v in numbers]


def recording(raw: dict[str, Any], since: float, until: float, synthetic: bool, name: str, mask: Mask) -> str:
    """In the format that the demo and the fake nvidia-smi replay; a tick is the rows until the index starts again."""
    head, *rows = raw["query"]
    at = head[1].split(", ").index("index")
    kept = [(ms, line) for ms, line in rows if since <= ms <= until and line.count(", ") == head[1].count(", ")]
    starts = [ms for i, (ms, line) in enumerate(kept) if i == 0 or int(line.split(", ")[at]) <= int(kept[i - 1][1].split(", ")[at])]
    apps: list[str] = []
    before = [one for one in raw["processes"] if one[0] <= since][-1:]
    for ms, listed in [*before, *(one for one in raw["processes"] if since < one[0] <= until)]:
        apps += [f"@{sum(start < ms for start in starts)}", *listed]
    what = f"# synthetic: {name} on the fake nvidia-smi; no hardware involved" if synthetic else f"# {name} of test/gpu/run.sh on a GPU; names masked"
    text = [FORMAT, what, "=== nvidia-smi --version", *raw["version"], QUERY, head[1], *(line for _, line in kept), APPS, *apps, ""]
    return "\n".join(line if line.startswith(("===", "#")) else mask.text(line) for line in text)


def written(value: Any) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()


def packed(text: str) -> bytes:
    return gzip.compress(text.encode(), 9, mtime=0)


if __name__ == "__main__":
    sys.exit(main())
