"""Why several inputs do not fit together in one layer, and what would make them fit."""

from __future__ import annotations

from collections.abc import Mapping

from nntrain.config.network.merging import ATTENTION, SPREAD
from nntrain.config.vocabulary.keras_object import KerasObject

Shape = tuple[int | None, ...]


def merge_misfit(layer: KerasObject, shapes: Mapping[str, Shape]) -> str | None:
    """What is wrong with the inputs of a merging layer, as far as shapes tell; None if nothing is.

    Args:
        layer: The layer that joins them.
        shapes: Each input's shape by its name, None first.
    """
    if layer.name == "Concatenate":
        return _concatenation(layer, shapes)
    if layer.name in {"Dot", "HashedCrossing"} | ATTENTION | SPREAD:
        return None
    ranks = {len(shape) for shape in shapes.values()}
    if len(ranks) > 1:
        fix = "add {type: Flatten} or a Reshape to one of them"
        return f"{layer.name} needs inputs of one shape, and gets {_told(shapes)}: {fix}"
    for axis in range(1, max(ranks)):
        sizes = {shape[axis] for shape in shapes.values()} - {None, 1}
        if len(sizes) > 1:
            return f"{layer.name} needs inputs of one shape, and gets {_told(shapes)}: {_fix(shapes, axis)}"
    return None


def _concatenation(layer: KerasObject, shapes: Mapping[str, Shape]) -> str | None:
    ranks = {len(shape) for shape in shapes.values()}
    if len(ranks) > 1:
        fix = "add {type: Flatten} or a Reshape to one of them"
        return f"Concatenate needs inputs with as many axes, and gets {_told(shapes)}: {fix}"
    rank = max(ranks)
    axis = layer.argument("axis")
    if not isinstance(axis, int) or not -rank <= axis < rank:
        return f"Concatenate's axis is {axis}, and its inputs have the axes 1 to {rank - 1}: use one of them"
    joined = axis % rank
    for other in range(1, rank):
        sizes = {shape[other] for shape in shapes.values()} - {None}
        if other != joined and len(sizes) > 1:
            where = f"in every axis but {axis}"
            fix = f"use axis: {other}" if _fits(shapes, other) else "crop, pad or pool one of them"
            return f"Concatenate needs equal sizes {where}, and gets {_told(shapes)}: {fix}"
    return None


def _fits(shapes: Mapping[str, Shape], joined: int) -> bool:
    """Whether the inputs differ in one axis alone."""
    rank = len(next(iter(shapes.values())))
    return all(len({shape[i] for shape in shapes.values()}) == 1 for i in range(1, rank) if i != joined)


def _told(shapes: Mapping[str, Shape]) -> str:
    return " and ".join(f"{shape} from '{name}'" for name, shape in shapes.items())


def _fix(shapes: Mapping[str, Shape], axis: int) -> str:
    """The edit that gives every input the size of the first."""
    last = len(next(iter(shapes.values()))) - 1
    if axis != last:
        return "use padding: same, or crop or pool one of them"
    first, *others = shapes.items()
    other = next(name for name, shape in others if shape[axis] not in {first[1][axis], 1, None})
    return f"give '{other}' {first[1][axis]} units (or filters), or use Concatenate"
