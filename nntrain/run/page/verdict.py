"""A run in a sentence: what its scores say, beside the baseline's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from nntrain.report.page.blocks import Tone
from nntrain.report.tables import number
from nntrain.run.page.course import Outcome, plain

UNSEEN = {
    "test": "test rows, which the network has not seen",
    "validation": "validation rows, which the network was not trained on",
    "training": "training rows, which the network learnt from; no rows were held out",
}
CHIEF = {
    "classification": "accuracy",
    "segmentation": "mean_iou",
    "multi_label": "exact_match",
    "regression": "mae",
    "reconstruction": "mse",
}
"""By task the score that the verdict is about."""
LESS = frozenset({"mae", "mse"})
"""Of which less is better."""


class Verdict(NamedTuple):
    """A sentence, and whether it is good news."""

    text: str
    tone: Tone


def verdict(outcome: Outcome, split: str) -> Verdict:
    """What the chief score of one output says.

    Args:
        outcome: With the scores.
        split: The rows that they were taken of.
    """
    key = CHIEF[outcome.task]
    value, reference = outcome.number(key), outcome.reference(key)
    rows = outcome.scores.get("rows")
    count = f"{rows:,}" if isinstance(rows, int) else "some"
    which = f"the {count} {UNSEEN.get(split, split)}"
    of = f" of '{outcome.output}'" if outcome.output else ""
    if value is None:
        return Verdict(f"The score that counts{of} is not defined on {which}.", "note")
    told = SAID[outcome.task].format(of=of, rows=which, value=_amount(outcome.task, value))
    ends = outcome.interval(key)
    within = ""
    if ends is not None:
        within = f" (95 % interval {_amount(outcome.task, ends[0])} to {_amount(outcome.task, ends[1])})"
    if reference is None:
        return Verdict(f"{told}{within}.", "plain")
    sign = -1 if key in LESS else 1
    beaten = sign * value > sign * reference
    sure = ends is None or not min(ends) <= reference <= max(ends)
    known = _amount(outcome.task, reference)
    against = f"the baseline ({outcome.baseline}) has {known}"
    if not beaten:
        return Verdict(
            f"{told}{within}: no better than the baseline ({outcome.baseline}), which has {known}.", "bad"
        )
    if not sure:
        return Verdict(
            f"{told}{within}; {against}, which lies within the interval: the gain may be chance.", "note"
        )
    return Verdict(f"{told}{within}; {against}.", "good")


SAID = {
    "classification": "The class{of} is right for {value} of {rows}",
    "segmentation": "Predicted and actual masks{of} overlap with a mean IoU of {value} on {rows}",
    "multi_label": "All labels{of} are right for {value} of {rows}",
    "regression": "The predictions{of} miss by {value} on average (MAE) on {rows}",
    "reconstruction": "Rows{of} are given back with a mean squared error of {value} on {rows}",
}


def _amount(task: str, value: float) -> str:
    return f"{100 * value:.1f} %" if task in ("classification", "multi_label") else number(value)


def of_several(
    what: str, count: int, split: str, outputs: Mapping[str, Mapping[str, Any]], tasks: Sequence[str]
) -> Iterator[Verdict]:
    """What the mean over folds or seeds says, for each output.

    Args:
        what: `folds` or `seeds`.
        count: How many there are.
        split: The rows that count.
        outputs: By output each score with its `mean` and `std`.
        tasks: Of the outputs.
    """
    for (output, scores), task in zip(outputs.items(), tasks, strict=False):
        key = CHIEF.get(task, "accuracy")
        spread, baseline = scores.get(key), scores.get("baseline")
        if not isinstance(spread, Mapping):
            continue
        mean, std = plain(spread.get("mean")), plain(spread.get("std"))
        known = baseline.get(key) if isinstance(baseline, Mapping) else None
        reference = plain(known.get("mean") if isinstance(known, Mapping) else known)
        name = {"mae": "MAE", "mse": "MSE", "mean_iou": "mean IoU", "exact_match": "exact match"}.get(
            key, key
        )
        of = f" of '{output}'" if output else ""
        text = f"Over {count} {what} the {name}{of} on the {split} rows is {number(mean)} on average"
        text += f", with a standard deviation of {number(std)}"
        if reference is None or mean is None:
            yield Verdict(f"{text}.", "plain")
            continue
        beaten = mean < reference if key in LESS else mean > reference
        yield Verdict(f"{text}; the baseline has {number(reference)}.", "good" if beaten else "bad")
