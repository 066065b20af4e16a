"""Prints what gpucost said of each run beside its truth: table.py RESULTS. The estimate is that of the measured time alone. Half of the workloads is for choosing, half for reporting."""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path
from typing import Any


def halves(workloads: list[str]) -> dict[str, str]:
    """Sorted by name, alternately, as `npm run truth` does: nobody chooses, and all runs of a workload are in one half."""
    return {name: ("choose", "report")[i % 2] for i, name in enumerate(sorted(set(workloads)))}


def row_of(folder: Path) -> dict[str, Any]:
    truth = json.loads((folder / "truth.json").read_text())
    row = {**truth, "estimate": None, "basis": None, "said": None, "verdict": "not run"}
    path = folder / "report.json"
    if truth["outcome"] != "done" or not path.exists():
        return row
    report = json.loads(path.read_text())
    window = folder / "window.json"
    if window.exists():
        hours = json.loads(window.read_text())["gpuHours"]
        observed = hours["observed"]
        row["estimate"] = hours["effective"]["estimate"] / observed if observed else None
        row["basis"] = hours["effective"]["basis"]
    row["said"] = sorted({finding["rule"] for finding in report["findings"]})
    wanted = set(truth["expected"])
    hit = bool(wanted & set(row["said"]))
    row["verdict"] = ("found" if hit else "missed") if wanted else ("accused" if row["said"] else "clear")
    return row


def text(value: Any) -> str:
    if value is None:
        return "unknown"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def errors(rows: list[dict[str, Any]], against: str) -> str:
    """Mean and number of |estimate − truth| where both are known."""
    known = [abs(row["estimate"] - row[against]) for row in rows if row["estimate"] is not None and row.get(against) is not None]
    return f"{statistics.fmean(known):.3f} over {len(known)} runs" if known else "unknown: no run has both"


def table(results: Path) -> str:
    rows = [row_of(path.parent) for path in sorted(results.glob("*/truth.json"))]
    if not rows:
        raise SystemExit(f"table.py: {results} has no run: expected folders with truth.json, as run.sh writes them")
    half_of = halves([row["workload"] for row in rows])
    rows = [{**row, "half": half_of[row["workload"]]} for row in rows]
    columns = ["workload", "knob", "half", "outcome", "throughput", "unit", "shareOfBest", "gpmActivity", "estimate", "basis", "verdict"]
    lines = ["| " + " | ".join([*columns, "said"]) + " |", "|" + "---|" * (len(columns) + 1)]
    lines += ["| " + " | ".join([*(text(row.get(c)) for c in columns), ", ".join(row["said"] or [])]) + " |" for row in rows]
    if any(row.get("toy") or row.get("device") == "cpu" for row in rows):
        lines.insert(0, "Dry run (CPU or toy size): no figure here says anything of a GPU.\n")
    for name in ("choose", "report"):
        part = [row for row in rows if row["half"] == name]
        lines += ["", f"{name}: estimate against GPM activity {errors(part, 'gpmActivity')}; against relative throughput {errors(part, 'shareOfBest')}"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table(Path(sys.argv[1])))
