"""Backbones: networks of `keras.applications` without their classifier, with weights from a local file."""

from __future__ import annotations

from math import isqrt, prod
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

import keras

from nntrain.config.text.source import located
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.errors import ConfigError, DataError, KeyPath, Problem, did_you_mean_file, listing
from nntrain.model.reasons import first_sentence

Shape = tuple[int | None, ...]
CHANNELS = 3
OURS = frozenset({"trainable", "weights"})
"""Arguments that Keras' function does not get as they are."""


def make_backbone(
    spec: KerasObject, path: KeyPath, shape: Shape, folder: Path | None, fed: str | None = None
) -> Any:
    """Build `keras.applications.<type>(include_top=False, ...)` for images of one shape.

    Args:
        spec: The backbone as the config has it.
        path: Its place in the config, for errors.
        shape: Of a batch of its input, None first.
        folder: Where `weights` is looked up; None leaves the weights random.
        fed: The name of what it reads, for messages; None if that has none.

    Raises:
        ConfigError: The images are too small or no images, or Keras refuses an argument.
        DataError: The weights are missing or belong to another network.
    """
    _check_images(spec, path, shape, fed)
    given = {key: value for key, value in spec.arguments.items() if key not in OURS}
    make = getattr(keras.applications, spec.name)
    try:
        with catch_warnings():
            simplefilter("ignore", UserWarning)  # of weights that Keras would download for other sizes
            made = make(include_top=False, weights=None, input_shape=shape[1:], **given)
    except (TypeError, ValueError) as error:
        raise ConfigError(Problem(_refusal(spec, shape, error), path, id="shape")) from error
    weights = spec.arguments.get("weights")
    if weights is not None and folder is not None:
        _load(made, spec, located(str(weights), folder), (*path, "weights"))
    return made


def _check_images(spec: KerasObject, path: KeyPath, shape: Shape, fed: str | None) -> None:
    needs = f"{spec.name} needs rows of shape (height, width, {CHANNELS}), and gets {shape}"
    if len(shape) != 4:
        count = prod(size or 0 for size in shape[1:])
        side = isqrt(count // CHANNELS)
        fix = "add a Reshape before it"
        if side * side * CHANNELS == count > 0:
            fix = f"add {{type: Reshape, target_shape: {[side, side, CHANNELS]}}} before it"
        raise ConfigError(Problem(f"{needs}: {fix}", path, id="shape"))
    if shape[-1] != CHANNELS:
        fix = f"add {{type: Conv2D, filters: {CHANNELS}, kernel_size: 1}} before it"
        if shape[-1] == 1:
            copies = ", ".join([fed or "grey"] * CHANNELS)
            fix = f"add {{type: Concatenate, inputs: [{copies}]}} before it"
            fix = fix if fed else f"call the layer before it grey, and {fix}"
        raise ConfigError(Problem(f"{needs}: {fix}", path, id="shape"))


def _refusal(spec: KerasObject, shape: Shape, error: BaseException) -> str:
    reason = first_sentence(error)
    if "Input size must be at least" in reason:
        least = reason.split("at least ")[1].split("x")[0].split(";")[0]
        resized = f"{{type: Resizing, height: {least}, width: {least}}}"
        return (
            f"{spec.name} needs images of at least {least}x{least}, and gets {shape}: add {resized} before it"
        )
    return f"Keras refuses this backbone: {reason}"


def _load(made: Any, spec: KerasObject, file: Path, path: KeyPath) -> None:
    shown = spec.arguments["weights"]
    if file.is_dir():
        inside = sorted(p.name for p in file.glob("*.h5") if p.is_file())
        there = (
            f"name a file in it: {listing(inside)}" if inside else "name a file that ends with .weights.h5"
        )
        raise DataError(Problem(f"{shown} is a folder; {there}", path, id="missing_file"))
    if not file.is_file():
        siblings = [p.name for p in file.parent.glob("*.h5") if p.is_file()] if file.parent.is_dir() else []
        message = f"there is no file {shown}{did_you_mean_file(file.name, siblings)}"
        raise DataError(Problem(message, path, id="missing_file"))
    try:
        with catch_warnings():
            simplefilter("error", UserWarning)  # else Keras leaves what it does not find random
            made.load_weights(file)
    except OSError as error:
        message = f"{shown} is no file of weights that can be read: {first_sentence(error)}"
        raise DataError(Problem(message, path, id="weights")) from error
    except (ValueError, KeyError, IndexError, UserWarning) as error:
        message = f"{shown} holds the weights of another network than this {spec.name}; "
        message += "it must be of the same type and arguments, without its classifier"
        raise DataError(Problem(message, path, id="weights")) from error
