"""Which workload runs in which part, with which knob, and what is true of it because it was built so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    workload: str
    knob: str
    """Runs of one group do the same work: their throughputs can be compared."""
    group: str
    """The rules one of which should name it; empty: none should."""
    expected: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.workload}-{self.knob}"


def runs(workload: str, group: str, knobs: dict[str, tuple[str, ...]]) -> list[Run]:
    return [Run(workload, knob, group, expected) for knob, expected in knobs.items()]


SMALL_BATCH = ("undersized-batch", "host-bound", "undetermined-wait", "oversized-gpu")
INPUT = ("cpu-bound-input",)

PARTS: dict[str, list[Run]] = {
    "part1": [
        *runs("batch-sweep", "base", {"64": (), "32": (), "16": (), "8": (), "4": SMALL_BATCH, "2": SMALL_BATCH, "1": SMALL_BATCH}),
        *runs("model-size", "model-size", {"large": (), "base": (), "small": SMALL_BATCH}),
        *runs("number-format", "number-format", {"bf16": (), "fp32": ("no-tensor-cores",)}),
    ],
    "part2": [
        *runs("preprocessing", "images", {"none": (), "0": (*INPUT, "host-bound"), "1": INPUT, "2": INPUT, "4": INPUT, "8": INPUT, "14": INPUT}),
        *runs("storage", "images", {"cold": ("io-bound", "undetermined-wait"), "limited": ("io-bound", "undetermined-wait")}),
        *runs("host-bound", "host-bound", {"kernels": ("host-bound",), "item": ("host-bound",)}),
        *runs("transfer", "transfer", {"pageable": ("transfer-bound",), "offload": ("transfer-bound",)}),
    ],
    "part3": [
        *runs("bandwidth", "bandwidth", {"elementwise": (), "decode": ()}),
        *runs("memory-full", "memory-full", {"1": ()}),
        *runs("checkpoint", "base", {"10": ("periodic-stall", "io-bound", "undetermined-wait")}),
        *runs("slow-start", "slow-start", {"25": ("slow-start",)}),
        *runs("idle", "idle", {"held": ("idle-held",), "empty": ("idle-empty", "unused-gpus")}),
        *runs("spin", "spin", {"1": ("hollow-busy",)}),
        *runs("two-jobs", "base", {"8": ()}),
    ],
}
