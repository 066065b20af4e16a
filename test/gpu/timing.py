"""The one way in which a workload is timed: warm up, then count what is done in a given time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Callable

import torch


@dataclass(frozen=True)
class Place:
    """Where a workload runs, how long, and whether at toy size (a dry run: its figures mean nothing)."""

    device: str
    toy: bool
    warmup_s: float
    seconds: float

    def wait(self) -> None:
        if self.device == "cuda":
            torch.cuda.synchronize()


@dataclass(frozen=True)
class Measured:
    """`count` units of work between two moments (epoch milliseconds), all of it finished by the second."""

    count: float
    unit: str
    from_ms: int
    to_ms: int


def measure(place: Place, step: Callable[[], float], unit: str) -> Measured:
    """Repeats `step`, which returns how many units it did."""
    repeat(step, place.warmup_s)
    place.wait()
    from_ms = now_ms()
    count = repeat(step, place.seconds)
    place.wait()
    return Measured(count, unit, from_ms, now_ms())


def repeat(step: Callable[[], float], seconds: float) -> float:
    end = time.monotonic() + seconds
    count = step()
    while time.monotonic() < end:
        count += step()
    return count


def now_ms() -> int:
    return int(time.time() * 1000)
