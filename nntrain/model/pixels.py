"""Outputs for each pixel: do they fit the masks?"""

from __future__ import annotations

from nntrain.config.network.outputs import NetworkOutput
from nntrain.config.vocabulary.losses import facts
from nntrain.errors import ConfigError, KeyPath, Problem, listing

Shape = tuple[int | None, ...]


def check_pixels(
    output: NetworkOutput, shape: Shape, names: tuple[str, ...], target: tuple[int, ...]
) -> None:
    """Refuse outputs that are not one list of classes for each pixel of the masks.

    Args:
        output: From the config that the model was built from.
        shape: The output's shape, None first.
        names: Of the classes.
        target: Height and width of the masks.

    Raises:
        ConfigError: The height, the width or the number of outputs a pixel is another.
    """
    height, width = target
    index = facts(output.loss).labels == "index"
    single = len(names) == 2 and not index
    wanted = f"(None, {height}, {width}, {len(names)})"
    wanted += f", or (None, {height}, {width}, 1) with sigmoid" if single else ""
    found = f"the masks have {height} x {width} pixels of {len(names)} classes ({listing(names, 5)})"
    message = f"{found}, and the network gives {shape} instead of {wanted}"
    path = output.chain[-1].path if output.chain else ("model", "layers")
    if len(shape) != 4:
        fix = f"end with {{type: Conv2D, filters: {len(names)}, kernel_size: 1}} over the image"
    elif shape[1:3] != target:
        fix = _resizing(shape, target)
    elif shape[3] != len(names) and not (shape[3] == 1 and single):
        fix, path = f"use {len(names)} filters in the last layer", _deciding(output, path)
    else:
        return
    raise ConfigError(Problem(f"{message}: {fix}", path, id="shape"))


def _deciding(output: NetworkOutput, path: KeyPath) -> KeyPath:
    """The key of the number of outputs, where the config shows it."""
    last = output.last
    return path if last is None or last.units is None else (*last.units_path, last.units_key)


def _resizing(shape: Shape, target: tuple[int, ...]) -> str:
    """How outputs become as large as the masks."""
    factors = [want / (size or 1) for size, want in zip(shape[1:3], target, strict=True)]
    if factors[0] == factors[1] and factors[0] > 1 and factors[0] == int(factors[0]):
        return f"add {{type: UpSampling2D, size: {int(factors[0])}}}, or Conv2DTranspose with strides"
    return "give convolutions padding: same, and upsample as often as was pooled"
