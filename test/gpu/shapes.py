"""Workloads that are about the GPU itself: how full, in which precision, bound by memory, idle, spinning, shared."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import torch

from models import trainer
from timing import Measured, Place, measure, now_ms


def batch_sweep(place: Place, knob: str) -> Measured:
    return measure(place, trainer(place, "base", int(knob)), "tokens")


def model_size(place: Place, knob: str) -> Measured:
    return measure(place, trainer(place, knob, 2 if place.toy else 16), "tokens")


def number_format(place: Place, knob: str) -> Measured:
    """`fp32` without TF32 against `bf16`: the same model and batch."""
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    return measure(place, trainer(place, "base", 2 if place.toy else 16, knob == "bf16"), "tokens")


def bandwidth(place: Place, knob: str) -> Measured:
    """`elementwise`: streams through memory. `decode`: matrices times one vector, as an LLM at batch 1."""
    n = 1 << 16 if place.toy else 1 << 28
    if knob == "elementwise":
        x = torch.zeros(n, device=place.device)

        def stream() -> float:
            x.mul_(0.999)
            return 8.0 * n

        return measure(place, stream, "bytes")
    width, layers = (64, 4) if place.toy else (8192, 24)
    kind = torch.float32 if place.device == "cpu" else torch.bfloat16
    weights = [torch.randn(width, width, device=place.device, dtype=kind) / width for _ in range(layers)]

    def decode() -> float:
        vector = torch.ones(width, device=place.device, dtype=kind)
        for weight in weights:
            vector = weight @ vector
        return 1

    return measure(place, decode, "tokens")


def memory_full(place: Place, knob: str) -> Measured:
    """Training while all but `knob` GiB of the memory is taken, by one plain allocation."""
    train = trainer(place, "base", 2 if place.toy else 16)
    train()
    place.wait()
    taken = 1 << 16
    if place.device == "cuda":
        free, _ = torch.cuda.mem_get_info()
        taken = max(0, free - int(float(knob) * (1 << 30)))
    held = torch.empty(taken, dtype=torch.uint8, device=place.device)
    measured = measure(place, train, "tokens")
    del held
    return measured


def slow_start(place: Place, knob: str) -> Measured:
    """The process holds its memory and does nothing for `knob` seconds before it trains."""
    train = trainer(place, "base", 2 if place.toy else 32)
    from_ms = now_ms()
    time.sleep(min(float(knob), place.seconds) if place.toy else float(knob))
    done = measure(place, train, "tokens")
    return Measured(done.count, done.unit, from_ms, done.to_ms)


def idle(place: Place, knob: str) -> Measured:
    """`held`: memory and nothing else. `empty`: not even a context."""
    held = torch.ones(1 << 16 if place.toy else 1 << 30, device=place.device) if knob == "held" else None
    time.sleep(place.warmup_s)
    from_ms = now_ms()
    time.sleep(place.seconds)
    measured = Measured(0, "nothing", from_ms, now_ms())
    del held
    return measured


def spin(place: Place, _knob: str) -> Measured:
    """A kernel that only waits on the GPU's clock: resident all the time, and no work done."""
    if place.device == "cuda":

        def step() -> float:
            torch.cuda._sleep(100_000_000)
            place.wait()
            return 0
    else:

        def step() -> float:
            time.sleep(0.05)
            return 0

    measured = measure(place, step, "nothing")
    return Measured(0, "nothing", measured.from_ms, measured.to_ms)


def two_jobs(place: Place, knob: str) -> Measured:
    """Two processes train the same small model on the one card; the throughput is that of both."""
    one = [sys.executable, str(Path(__file__).with_name("workload.py")), "batch-sweep", knob,
           "--device", place.device, "--warmup", str(place.warmup_s), "--seconds", str(place.seconds)]
    other = subprocess.Popen([*one, *(["--toy"] if place.toy else [])], stdout=subprocess.PIPE, text=True)
    mine = batch_sweep(place, knob)
    said, _ = other.communicate(timeout=120)
    if other.returncode != 0:
        raise RuntimeError(f"the second job ended with {other.returncode}")
    import json

    theirs = json.loads(said)
    both_from, both_to = max(mine.from_ms, theirs["fromMs"]), min(mine.to_ms, theirs["toMs"])
    mine_rate = mine.count / (mine.to_ms - mine.from_ms)
    return Measured((mine_rate + theirs["throughput"] / 1000) * (both_to - both_from), "tokens", both_from, both_to)
