"""Runs one workload: workload.py NAME KNOB [--device cuda|cpu] [--toy]. Prints its truth as one JSON line on stdout."""

from __future__ import annotations

import argparse
import json
import sys

import feeding
import shapes
from timing import Place

WORKLOADS = {
    "batch-sweep": shapes.batch_sweep,
    "model-size": shapes.model_size,
    "number-format": shapes.number_format,
    "bandwidth": shapes.bandwidth,
    "preprocessing": feeding.preprocessing,
    "storage": feeding.storage,
    "host-bound": feeding.host_bound,
    "transfer": feeding.transfer,
    "memory-full": shapes.memory_full,
    "checkpoint": feeding.checkpoint,
    "slow-start": shapes.slow_start,
    "idle": shapes.idle,
    "spin": shapes.spin,
    "two-jobs": shapes.two_jobs,
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=WORKLOADS)
    parser.add_argument("knob")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--toy", action="store_true", help="a dry run: sizes at which the figures mean nothing")
    parser.add_argument("--warmup", type=float, default=4.0)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--out", help="the JSON goes to this file instead of stdout")
    args = parser.parse_args()
    place = Place(args.device, args.toy, args.warmup, args.seconds)
    measured = WORKLOADS[args.name](place, args.knob)
    seconds = (measured.to_ms - measured.from_ms) / 1000
    truth = {
        "workload": args.name,
        "knob": args.knob,
        "device": args.device,
        "toy": args.toy,
        "unit": measured.unit,
        "count": measured.count,
        "seconds": seconds,
        "throughput": measured.count / seconds if seconds > 0 else None,
        "fromMs": measured.from_ms,
        "toMs": measured.to_ms,
    }
    with open(args.out, "w", encoding="utf-8") if args.out else sys.stdout as file:
        file.write(json.dumps(truth) + "\n")


if __name__ == "__main__":
    main()
