"""The models that the workloads train: sizes for a data-centre card, and toy sizes for a dry run."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Callable

import torch
from torch import nn

from timing import Place


@dataclass(frozen=True)
class Size:
    width: int
    layers: int
    heads: int
    tokens: int


SIZES = {
    "small": Size(256, 4, 4, 512),
    "base": Size(1024, 12, 16, 512),
    "large": Size(2048, 16, 16, 512),
}
TOY = {"small": Size(32, 1, 2, 16), "base": Size(64, 2, 4, 16), "large": Size(96, 2, 4, 16)}


def transformer(place: Place, size: str) -> tuple[nn.Module, Size]:
    shape = (TOY if place.toy else SIZES)[size]
    layer = nn.TransformerEncoderLayer(
        shape.width, shape.heads, 4 * shape.width, dropout=0.0, batch_first=True, norm_first=True
    )
    model = nn.TransformerEncoder(layer, shape.layers, enable_nested_tensor=False)
    return model.to(place.device), shape


def trainer(place: Place, size: str, batch: int, bf16: bool = True) -> Callable[[], float]:
    """One training step on data that is already on the device; returns the tokens of a step."""
    model, shape = transformer(place, size)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, foreach=True)
    x = torch.randn(batch, shape.tokens, shape.width, device=place.device)

    def step() -> float:
        optimizer.zero_grad(set_to_none=True)
        with precision(place, bf16):
            loss = model(x).square().mean()
        loss.backward()
        optimizer.step()
        return batch * shape.tokens

    return step


def precision(place: Place, bf16: bool) -> contextlib.AbstractContextManager[object]:
    return torch.autocast(place.device, torch.bfloat16) if bf16 else contextlib.nullcontext()


def image_trainer(place: Place) -> Callable[[torch.Tensor], float]:
    """One step of a small convolutional net on a batch of images; returns the images of a step."""
    width = 8 if place.toy else 128
    net = nn.Sequential(
        nn.Conv2d(3, width, 7, stride=2), nn.ReLU(), nn.Conv2d(width, 2 * width, 3, stride=2), nn.ReLU(),
        nn.Conv2d(2 * width, 2 * width, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2 * width, 10),
    ).to(place.device)
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-3)

    def step(images: torch.Tensor) -> float:
        optimizer.zero_grad(set_to_none=True)
        with precision(place, True):
            loss = net(images.to(place.device, non_blocking=True)).square().mean()
        loss.backward()
        optimizer.step()
        return float(len(images))

    return step
