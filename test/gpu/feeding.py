"""Workloads whose GPU waits for its input: preprocessing, storage, one host thread, copies."""

from __future__ import annotations

import os
import tempfile
import time
from typing import Iterator

import torch
from torch.utils.data import DataLoader, IterableDataset

from models import image_trainer, trainer
from timing import Measured, Place, measure


class Preprocessed(IterableDataset):  # type: ignore[type-arg]
    """Images that cost the CPU: about 10 ms of one core each."""

    def __init__(self, toy: bool) -> None:
        self.toy = toy

    def __iter__(self) -> Iterator[torch.Tensor]:
        torch.set_num_threads(1)
        side, repeats = (32, 1) if self.toy else (512, 6)
        small = 32 if self.toy else 224
        while True:
            image = torch.rand(1, 3, side, side)
            for _ in range(repeats):
                image = torch.nn.functional.avg_pool2d(image, 5, stride=1, padding=2).sin()
            yield torch.nn.functional.interpolate(image, (small, small), mode="bilinear")[0]


def loader(place: Place, workers: str) -> Measured:
    n = int(workers)
    batches = iter(DataLoader(Preprocessed(place.toy), 4 if place.toy else 64, num_workers=n))
    train = image_trainer(place)
    return measure(place, lambda: train(next(batches)), "images")


def fed(place: Place) -> Measured:
    """The same net on images that are already on the device: what the starved ones are compared with."""
    side, batch = (32, 4) if place.toy else (224, 64)
    images = torch.rand(batch, 3, side, side, device=place.device)
    train = image_trainer(place)
    return measure(place, lambda: train(images), "images")


def preprocessing(place: Place, knob: str) -> Measured:
    return fed(place) if knob == "none" else loader(place, knob)


def storage(place: Place, knob: str) -> Measured:
    """`cold`: each pass drops the file from the page cache (its own pages only). `limited`: at most 20 MB/s."""
    side, batch = (32, 4) if place.toy else (224, 64)
    bytes_per_batch = batch * 3 * side * side
    train = image_trainer(place)
    with tempfile.NamedTemporaryFile(dir=os.environ.get("GPUCOST_PROVING_SCRATCH")) as file:
        total = bytes_per_batch * (8 if place.toy else 200)
        for _ in range(total // bytes_per_batch):
            file.write(os.urandom(bytes_per_batch))
        file.flush()
        os.fsync(file.fileno())

        def step() -> float:
            if file.tell() + bytes_per_batch > total:
                file.seek(0)
            if knob == "cold" and file.tell() == 0:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            if knob == "limited":
                time.sleep(bytes_per_batch / 20e6)
            raw = torch.frombuffer(bytearray(file.read(bytes_per_batch)), dtype=torch.uint8)
            return train(raw.view(batch, 3, side, side).float() / 255)

        file.seek(0)
        return measure(place, step, "images")


def host_bound(place: Place, knob: str) -> Measured:
    """`kernels`: thousands of tiny ones, each launched by Python. `item`: a result is read back after each layer's worth of work."""
    x = torch.zeros(1024, device=place.device)
    matrix = torch.randn(512, 512, device=place.device)

    def kernels() -> float:
        for _ in range(100):
            x.add_(1e-6)
        return 100

    def item() -> float:
        total = 0.0
        for _ in range(10):
            total += (matrix @ matrix).sum().item()
        return 10

    return measure(place, kernels if knob == "kernels" else item, "operations")


def transfer(place: Place, knob: str) -> Measured:
    """`pageable`: a fresh batch from pageable memory each step. `offload`: weights come and go each step, from pinned memory."""
    n = 512 if place.toy else 8192
    weight = torch.randn(n, n, device=place.device)
    host = torch.randn(n, n)
    if knob == "offload" and place.device == "cuda":
        host = host.pin_memory()

    def step() -> float:
        there = host.to(place.device, non_blocking=knob == "offload", copy=True)
        result = there[: n // 64] @ weight
        if knob == "offload":
            host.copy_(there)
        weight[: n // 64].copy_(result.clamp(-1, 1))
        return 1

    return measure(place, step, "steps")


def checkpoint(place: Place, knob: str) -> Measured:
    """Training that writes a checkpoint and syncs it to disk every `knob` seconds."""
    train = trainer(place, "base", 2 if place.toy else 32)
    state = torch.randn(1000 if place.toy else 250_000_000, device=place.device)
    every = float(knob)
    last = time.monotonic()

    def step() -> float:
        nonlocal last
        if time.monotonic() - last >= every:
            place.wait()
            with tempfile.NamedTemporaryFile(dir=os.environ.get("GPUCOST_PROVING_SCRATCH")) as file:
                torch.save(state, file)
                file.flush()
                os.fsync(file.fileno())
            last = time.monotonic()
        return train()

    return measure(place, step, "tokens")
