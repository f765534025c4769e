"""Windows that do not come out even: the last rows and columns of an image are then never read."""

from __future__ import annotations

import re

from nntrain.config.vocabulary.keras_object import KerasObject

Shape = tuple[int | None, ...]


def stride_note(layer: KerasObject, shape: Shape) -> str | None:
    """What a convolution or pooling layer leaves unread of its input; None if nothing.

    A window of F that moves by S over N values with a margin of P gives (N - F + 2P) / S + 1 values, which
    Keras rounds down.

    Args:
        layer: The layer.
        shape: Shape of its input, None first.

    Source: Karpathy, CS231n notes on convolutional networks, section "Spatial arrangement".
    """
    size = layer.argument("kernel_size") or layer.argument("pool_size")
    found = re.search(r"(?:Conv|Pooling|LocallyConnected)([123])D", layer.name)
    if size is None or found is None or "Transpose" in layer.name or layer.name.startswith("Global"):
        return None
    padding = str(layer.argument("padding") or "valid").lower()
    if padding != "valid" or layer.argument("data_format") == "channels_first":
        return None
    rank = int(found[1])
    windows, strides = _each(size, rank), _each(layer.argument("strides") or size, rank)
    gaps = _each(layer.argument("dilation_rate") or 1, rank)
    for axis, (window, stride, gap) in enumerate(zip(windows, strides, gaps, strict=True)):
        n, f = shape[axis + 1], (window - 1) * gap + 1
        if n is not None and n >= f and (n - f) % stride:
            result = (n - f) / stride + 1
            fix = "; padding: same reads all of it" if layer.argument("padding") else ""
            return (
                f"windows of {f} in steps of {stride} do not cover {n}: (N - F + 2P) / S + 1 = "
                f"({n} - {f} + 0) / {stride} + 1 = {result:.4g} is no whole number, so the end is never "
                f"read{fix}"
            )
    return None


def _each(value: object, rank: int) -> list[int]:
    return [int(part) for part in value] if isinstance(value, (list, tuple)) else [int(str(value))] * rank
