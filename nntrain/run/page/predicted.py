"""What the predictions of a run say: one class for everything, and what is never predicted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nntrain.run.page.course import Course, Edit, Outcome
from nntrain.run.page.edits import SLOWER, balance, rate
from nntrain.run.page.finding import Finding

NEARLY_ALL = 0.98
"""Share of the predictions that makes a class the only one."""
FEW_ROWS = 5
"""Rows of a class below which it may well be predicted for none."""


def predicted(course: Course, outcome: Outcome, *, learns: bool) -> Iterator[Finding]:
    """What the predictions say: one class for everything, classes or labels that are never predicted."""
    of = f" of '{outcome.output}'" if outcome.output else ""
    if outcome.task in ("regression", "reconstruction"):
        r2 = outcome.number("r2")
        if r2 is not None and r2 < 0.05 and learns:
            yield Finding(
                "no_better",
                f"The predictions{of} are no better than the mean of the training rows.",
                f"R2 is {r2:.2f}; 0 is what the mean alone reaches. The features may not tell the target, "
                "are not scaled, or training was too short.",
                _longer(course),
            )
    elif outcome.task == "multi_label":
        names = _labels_without(outcome)
        if names:
            yield Finding(
                "never_predicted",
                f"Never predicted{of}: {quoted(names)}.",
                "A label is given where its probability passes the threshold, and theirs never do: a "
                "lower one, which may be chosen on the validation rows for each label, finds them.",
                Edit(("evaluation", "threshold"), "f1" if course.watched else 0.3),
            )
    else:
        yield from _classes(course, outcome, of, learns=learns)


def _classes(course: Course, outcome: Outcome, of: str, *, learns: bool) -> Iterator[Finding]:
    matrix = outcome.confusion
    said = [sum(column) for column in zip(*matrix, strict=True)]
    total = sum(said)
    if not total or len(said) != len(outcome.names):
        return
    most = max(range(len(said)), key=said.__getitem__)
    accuracy, reference = outcome.number("accuracy"), outcome.reference("accuracy")
    unit = "pixels" if outcome.task == "segmentation" else "rows"
    if said[most] >= NEARLY_ALL * total and accuracy is not None and accuracy <= (reference or 0) + 0.02:
        yield Finding(
            "majority",
            f"The model{of} equals the majority class: it says '{outcome.names[most]}' for "
            f"{'all' if said[most] == total else f'{100 * said[most] / total:.0f} % of the'} {unit}.",
            f"Its accuracy, {accuracy:.4f}, is what that answer alone reaches. "
            + (
                "Rare classes hardly count in the loss; let every class count the same."
                if _uneven(outcome)
                else "Nothing of the features has reached its answers."
            ),
            balance(course, outcome) if _uneven(outcome) else rate(course, SLOWER) if learns else None,
        )
        return
    never = [
        name
        for i, name in enumerate(outcome.names)
        if said[i] == 0 and sum(matrix[i]) >= FEW_ROWS and outcome.task != "segmentation"
    ]
    if never and learns:
        yield Finding(
            "never_predicted",
            f"Never predicted{of}: {quoted(never)}.",
            f"The {unit} scored hold them, and the model says something else every time. Let every class "
            "count the same in the loss, and see whether they have enough training rows.",
            balance(course, outcome),
        )
    elif learns and not never and accuracy is not None and reference is not None and accuracy <= reference:
        yield from _no_better(course, outcome, of)


def _no_better(course: Course, outcome: Outcome, of: str) -> Iterator[Finding]:
    """That the majority class does as well; classes that were made to count the same cost accuracy."""
    balanced = course.training.get("class_weight") is not None or course.training.get("resample") is not None
    if balanced:
        return
    why = (
        f"Its accuracy is {outcome.number('accuracy'):.4f}, and {outcome.reference('accuracy'):.4f} is what "
    )
    why += "that answer alone reaches. "
    if _uneven(outcome):
        why += "Rare classes hardly count in the loss; let every class count the same."
        edit = balance(course, outcome)
    else:
        why += "The features may not tell the classes, are not scaled, or training was too short."
        edit = _longer(course)
    yield Finding("no_better", f"The model{of} is no better than the majority class.", why, edit)


def _longer(course: Course) -> Edit | None:
    """Twice the epochs; nothing where early stopping ended training before its last one."""
    epochs = 2 * (course.epochs or len(course.loss) or 1)
    return None if course.stopped_early else Edit(("training", "epochs"), epochs)


def _labels_without(outcome: Outcome) -> list[str]:
    """The labels that some rows have and none is said to have."""
    found = outcome.scores.get("per_label")
    rows = found if isinstance(found, list) else []
    return [
        str(row.get("name"))
        for row in rows
        if row.get("support", 0) >= FEW_ROWS and row.get("recall") == 0 and row.get("precision") == 0
    ]


def _uneven(outcome: Outcome) -> bool:
    """Whether the commonest class has one and a half times its equal share of the training rows."""
    counts = outcome.counts
    return bool(counts) and max(counts) > 1.5 * sum(counts) / len(counts)


def better(outcome: Outcome) -> bool:
    """Whether a model clearly beats its baseline: a quarter of what that leaves to be done is done."""
    if outcome.task in ("regression", "reconstruction"):
        r2 = outcome.number("r2")
        return r2 is not None and r2 >= 0.25
    key = {"segmentation": "mean_iou", "multi_label": "f1"}.get(outcome.task, "accuracy")
    value, reference = outcome.number(key), outcome.reference(key)
    return value is not None and value >= (reference or 0) + 0.25 * (1 - (reference or 0)) > 0


def perfect(outcome: Outcome) -> bool:
    """Whether next to nothing is left to be gained."""
    key = {"segmentation": "mean_iou", "multi_label": "f1", "classification": "accuracy"}.get(
        outcome.task, "r2"
    )
    value = outcome.number(key)
    return value is not None and value >= 0.995


def quoted(names: Sequence[str], most: int = 8) -> str:
    """Names in quotes; of many the first ones."""
    told = ", ".join(f"'{name}'" for name in names[:most])
    return told if len(names) <= most else f"{told} and {len(names) - most} more"
