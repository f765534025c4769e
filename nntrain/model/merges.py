"""Why several inputs do not fit together in one layer, and what would make them fit."""

from __future__ import annotations

from collections.abc import Mapping, Set

from nntrain.config.network.merging import ATTENTION, SPREAD, STATES
from nntrain.config.vocabulary.keras_object import KerasObject

Shape = tuple[int | None, ...]


def merge_misfit(layer: KerasObject, shapes: Mapping[str, Shape], fed: Set[str] = frozenset()) -> str | None:
    """What is wrong with the inputs of a layer that reads several, as far as shapes tell; None if nothing is.

    Args:
        layer: The layer that reads them.
        shapes: Each input's shape by its name, None first.
        fed: Those of the names that are no layers, so that their size is given.
    """
    if layer.name == "Concatenate":
        return _concatenation(layer, shapes)
    if layer.name == "Dot":
        return _dot(layer, shapes)
    if layer.name in ATTENTION | SPREAD:
        return _attention(layer, shapes)
    if layer.name in STATES:
        return _states(layer, shapes)
    if layer.name == "HashedCrossing":
        return None
    ranks = {len(shape) for shape in shapes.values()}
    needs = f"{layer.name} needs inputs of one shape, and gets {_told(shapes)}"
    if len(ranks) > 1:
        return f"{needs}: add {{type: Flatten}} or a Reshape to one of them"
    for axis in range(1, max(ranks)):
        sizes = {shape[axis] for shape in shapes.values()} - {None, 1}
        if len(sizes) > 1:
            return f"{needs}: {_fix(shapes, axis, fed)}"
    return None


def _concatenation(layer: KerasObject, shapes: Mapping[str, Shape]) -> str | None:
    ranks = {len(shape) for shape in shapes.values()}
    if len(ranks) > 1:
        fix = "add {type: Flatten} or a Reshape to one of them"
        return f"Concatenate needs inputs with as many axes, and gets {_told(shapes)}: {fix}"
    rank = max(ranks)
    axis = layer.argument("axis")
    if not isinstance(axis, int) or not -rank <= axis < rank or axis % rank == 0:
        return _no_axis("Concatenate's axis is", axis, rank)
    joined = axis % rank
    for other in range(1, rank):
        sizes = {shape[other] for shape in shapes.values()} - {None}
        if other != joined and len(sizes) > 1:
            where = f"in every axis but {axis}"
            fix = f"use axis: {other}" if _fits(shapes, other) else "crop, pad or pool one of them"
            return f"Concatenate needs equal sizes {where}, and gets {_told(shapes)}: {fix}"
    return None


def _no_axis(words: str, axis: object, rank: int) -> str:
    there = "the axis 1 alone: use 1" if rank == 2 else f"the axes 1 to {rank - 1}: use one of them"
    return f"{words} {axis}, and each row of its inputs has {there}"


def _dot(layer: KerasObject, shapes: Mapping[str, Shape]) -> str | None:
    axes = layer.argument("axes")
    one_each = axes if isinstance(axes, (list, tuple)) else [axes] * 2
    both = list(shapes.values()) * (1 if len(shapes) == 2 else 2)  # a layer may meet itself
    sizes = []
    for axis, shape in zip(one_each, both, strict=False):
        if not isinstance(axis, int) or not -len(shape) <= axis < len(shape) or axis % len(shape) == 0:
            return _no_axis("Dot's axes are", axes, len(shape))
        sizes.append(shape[axis])
    if len(set(sizes) - {None}) < 2:
        return None
    found = f"with axes: {axes} it gets {_told(shapes)}"
    return f"Dot multiplies axes of one size, and {found}: name axes of one size, or use as many units"


def _attention(layer: KerasObject, shapes: Mapping[str, Shape]) -> str | None:
    for name, shape in shapes.items():
        if len(shape) != 3:
            fix = f"add a Reshape behind '{name}'"
            return (
                f"{layer.name} needs inputs of shape (steps, features), and gets {shape} from '{name}': {fix}"
            )
    if layer.name in ATTENTION and len({shape[-1] for shape in shapes.values()}) > 1:
        first, *others = shapes.items()
        other = next(name for name, shape in others if shape[-1] != first[1][-1])
        fix = f"use {{type: Dense, units: {first[1][-1]}}} behind '{other}'"
        return f"{layer.name} compares features of one size, and gets {_told(shapes)}: {fix}"
    return None


def _states(layer: KerasObject, shapes: Mapping[str, Shape]) -> str | None:
    units = layer.argument("units")
    for name, shape in list(shapes.items())[1:]:
        if isinstance(units, int) and shape != (None, units):
            what = (
                f"{layer.name} needs a first state of shape {(None, units)}, and gets {shape} from '{name}'"
            )
            return f"{what}: use {{type: Dense, units: {units}}} behind '{name}'"
    return None


def _fits(shapes: Mapping[str, Shape], joined: int) -> bool:
    """Whether the inputs differ in one axis alone."""
    rank = len(next(iter(shapes.values())))
    return all(len({shape[i] for shape in shapes.values()}) == 1 for i in range(1, rank) if i != joined)


def _told(shapes: Mapping[str, Shape]) -> str:
    return " and ".join(f"{shape} from '{name}'" for name, shape in shapes.items())


def _fix(shapes: Mapping[str, Shape], axis: int, fed: Set[str]) -> str:
    """The edit that gives every input the size of the first, or of one whose size is given."""
    if axis != len(next(iter(shapes.values()))) - 1:
        return "use padding: same, or crop or pool one of them"
    wanted = next((shapes[name][axis] for name in shapes if name in fed), next(iter(shapes.values()))[axis])
    fitting = {wanted, 1, None}
    other = next((name for name in shapes if name not in fed and shapes[name][axis] not in fitting), None)
    if other is None:
        return "use Concatenate"
    return f"give '{other}' {wanted} units (or filters), or use Concatenate"
