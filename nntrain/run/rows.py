"""Scored rows as people see them: the columns of `predictions.csv`, and the rows of `evaluate --show`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nntrain.evaluation import row_errors, row_scores
from nntrain.run.scoring import Scored
from nntrain.run.target import Array

Columns = dict[str, Sequence[Any]]
DIGITS = 6
"""Decimals of a probability in a file."""


def prediction_columns(outputs: Mapping[str, Scored]) -> Columns:
    """A value for each row: its number in the source, then what each output is and should be.

    Classes: `actual`, `predicted`, `p(class)`. Labels: `actual(label)`, `predicted(label)`, `p(label)`.
    Numbers: `actual`, `predicted`; of several `actual(name)`, `predicted(name)`. A row that was given
    back: its `mse` and `mae`. A mask: the share of pixels that are right, and the IoU, also of each class
    (empty where neither mask has it). With several outputs each name begins with the output's and a dot.

    Args:
        outputs: The same rows, scored for each output.
    """
    columns: Columns = {"row": next(iter(outputs.values())).index.tolist()}
    for name, scored in outputs.items():
        prefix = f"{name}." if len(outputs) > 1 else ""
        columns |= {prefix + title: values for title, values in _written(scored)}
    return columns


def examples(outputs: Mapping[str, Scored], count: int) -> tuple[dict[str, Any], ...]:
    """The first rows as plain values: row number, actual, predicted and, for one number, the difference.

    Of two classes there is the probability of the second, and its difference from 1 or 0.

    Labels are lists of names; of a row that was given back there is the error, of a mask how well it is met.
    With several outputs each name begins with the output's and a dot.
    """
    columns: Columns = {"row": next(iter(outputs.values())).index[:count].tolist()}
    for name, scored in outputs.items():
        prefix = f"{name}." if len(outputs) > 1 else ""
        columns |= {prefix + title: values for title, values in _shown(scored, count)}
    return tuple(dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))


def _written(scored: Scored) -> Iterator[tuple[str, Sequence[Any]]]:
    """Titles and values of one output in a file."""
    target = scored.target
    if target.task == "reconstruction":
        errors = row_errors(scored.truth, scored.outputs)
        yield from (("mse", errors.mse.tolist()), ("mae", errors.mae.tolist()))
    elif target.task == "segmentation":
        yield from _masks(scored, len(scored), each=True)
    elif target.task == "multi_label":
        assert scored.labels is not None
        yield from _each("actual", target.names, scored.truth.astype(int))
        yield from _each("predicted", target.names, scored.labels)
    else:
        yield from _pairs(scored, len(scored))
    if scored.probabilities is not None:
        yield from _each("p", target.names, scored.probabilities.round(DIGITS))


def _shown(scored: Scored, count: int) -> Iterator[tuple[str, Sequence[Any]]]:
    """Titles and values of one output's first rows on the terminal."""
    target = scored.target
    if target.task == "reconstruction":
        yield "mse", row_errors(scored.truth[:count], scored.outputs[:count]).mse.tolist()
    elif target.task == "segmentation":
        yield from _masks(scored, count)
    elif target.task == "multi_label":
        assert scored.labels is not None
        for title, flags in (("actual", scored.truth), ("predicted", scored.labels)):
            yield title, [_named(target.names, row) for row in flags[:count]]
    else:
        columns = dict(_pairs(scored, count))
        yield from columns.items()
        if target.task == "regression" and not target.names:
            pairs = zip(columns["actual"], columns["predicted"], strict=True)
            yield "difference", [predicted - actual for actual, predicted in pairs]
        elif scored.probabilities is not None and len(target.names) == 2:
            second = scored.probabilities[:count, 1]
            yield f"p({target.names[1]})", second.tolist()
            yield "difference", (second - scored.truth[:count]).tolist()


def _masks(scored: Scored, count: int, *, each: bool = False) -> Iterator[tuple[str, Sequence[Any]]]:
    """How well the masks of the first rows are predicted, and `each` of their classes."""
    assert scored.labels is not None
    names = scored.target.names
    scores = row_scores(scored.truth[:count], scored.labels[:count], len(names))
    yield from (("accuracy", _or_none(scores.accuracy)), ("mean_iou", _or_none(scores.mean_iou)))
    if each:
        yield from ((f"iou({name})", _or_none(scores.iou[:, i])) for i, name in enumerate(names))


def _or_none(values: Array) -> list[float | None]:
    """Numbers, and None for those that are none."""
    return [None if value != value else value for value in values.round(DIGITS).tolist()]


def _pairs(scored: Scored, count: int) -> Iterator[tuple[str, Sequence[Any]]]:
    """Actual and predicted class names or numbers of the first rows."""
    names = scored.target.names
    if scored.labels is not None:
        yield "actual", [names[int(label)] for label in scored.truth[:count]]
        yield "predicted", [names[int(label)] for label in scored.labels[:count]]
    elif names:
        yield from _each("actual", names, scored.truth[:count])
        yield from _each("predicted", names, scored.outputs[:count])
    else:
        yield "actual", scored.truth[:count].reshape(-1).tolist()
        yield "predicted", scored.outputs[:count].reshape(-1).tolist()


def _each(what: str, names: Sequence[str], values: Array) -> Iterator[tuple[str, Sequence[Any]]]:
    """A column for each name, from values of shape `(n, names)`."""
    for j, name in enumerate(names):
        yield f"{what}({name})", values[:, j].tolist()


def _named(names: Sequence[str], flags: Array) -> list[str]:
    """The names of the labels that a row has."""
    return [name for name, has in zip(names, flags, strict=True) if has]
