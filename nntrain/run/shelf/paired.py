"""The scored rows of two runs side by side, from their `predictions.csv`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nntrain.errors import ArtefactError, Location, Problem
from nntrain.evaluation.compare import McNemar, Paired, mcnemar, paired_bootstrap
from nntrain.run.directory import RunDirectory

Array = NDArray[Any]
PREDICTIONS = "predictions.csv"
MOST = 1 << 30
"""Bytes of scored rows that are read."""


@dataclass(frozen=True)
class Tested:
    """What one score's test says of two runs."""

    output: str
    """`` for the only one."""
    score: str
    """Its name in files of scores."""
    better: str
    """`higher` or `lower`."""
    paired: Paired
    mcnemar: McNemar | None = None
    """Of shares of rows that are right."""

    @property
    def within_noise(self) -> bool:
        """By McNemar's test where there is one, else by the interval."""
        return self.paired.within_noise if self.mcnemar is None else self.mcnemar.within_noise

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "output": self.output or None,
            "score": self.score,
            "better": self.better,
            "bootstrap": self.paired.to_json(),
            "mcnemar": None if self.mcnemar is None else self.mcnemar.to_json(),
            "within_noise": self.within_noise,
        }


class Predictions:
    """The rows of a run's `predictions.csv`."""

    def __init__(self, run: RunDirectory) -> None:
        """Read them.

        Raises:
            ArtefactError: The file is missing, was changed, or holds no rows.
        """
        lines = csv.reader(io.StringIO(run.read(PREDICTIONS, MOST).decode()))
        try:
            self.titles = next(lines)
            columns = list(zip(*lines, strict=True))
            self.rows = [int(row) for row in columns[self.titles.index("row")]]
        except (StopIteration, ValueError, IndexError):
            problem = Problem(
                "holds no scored rows", location=Location(str(run.path / PREDICTIONS)), id="damaged"
            )
            raise ArtefactError(problem) from None
        order = np.argsort(self.rows, kind="stable")
        self.rows = [self.rows[i] for i in order]
        self._columns = {t: np.asarray(c)[order] for t, c in zip(self.titles, columns, strict=True)}

    def texts(self, titles: Sequence[str]) -> Array:
        """Columns as they are written, in the order of the row numbers, shape `(n, columns)`."""
        return np.stack([self._columns[title] for title in titles], axis=1)

    def numbers(self, titles: Sequence[str]) -> Array:
        """The same as numbers; NaN where there is none."""
        found = self.texts(titles)
        return np.where(found == "", "nan", found).astype(np.float64)

    def titled(self, prefix: str, word: str) -> list[str]:
        """`actual`, or each `actual(name)`, of one output."""
        start = f"{prefix}{word}"
        return [t for t in self.titles if t == start or (t.startswith(f"{start}(") and t.endswith(")"))]


def why_not(
    first: RunDirectory,
    second: RunDirectory,
    ours: Predictions,
    theirs: Predictions,
    *,
    other_columns: bool = False,
) -> str | None:
    """Why the rows of two runs can't be compared one by one; None where they can.

    Args:
        first: A run.
        second: The other one.
        ours: The rows of the first run.
        theirs: Those of the second.
        other_columns: Whether they read other columns of the same source, so that their data differ while
            row numbers and targets tell whether the rows are the same.
    """
    prints = [run.record["data"]["fingerprint"] for run in (first, second)]
    without_targets = not any(
        ours.titled(prefix, "actual") for _, prefix in _outputs(first.record["targets"])
    )
    if prints[0] != prints[1] and (without_targets or not other_columns):
        return f"their data differ (SHA-256 {prints[0][:12]}... and {prints[1][:12]}...)"
    if ours.rows != theirs.rows:
        same = len(set(ours.rows) & set(theirs.rows))
        counts = f"{len(ours.rows):,} and {len(theirs.rows):,} rows, {same:,} of which are the same"
        return f"they were scored on other rows ({counts}); the same data.split and seed give the same rows"
    if len(ours.rows) < 2:
        return "they were scored on a single row"
    for _, prefix in _outputs(first.record["targets"]):
        titles = ours.titled(prefix, "actual")
        if theirs.titled(prefix, "actual") != titles or (
            titles and not np.array_equal(ours.texts(titles), theirs.texts(titles))
        ):
            return "the same rows have other targets"
    return None


def _outputs(targets: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """The name of each output, `` for the only one, and what its columns begin with."""
    for target in targets:
        output = str(target["name"]) if len(targets) > 1 else ""
        yield output, f"{output}." if output else ""


def tested(targets: Sequence[Mapping[str, Any]], ours: Predictions, theirs: Predictions) -> Iterator[Tested]:
    """A test for each output, or two.

    Args:
        targets: What the outputs predict, as in `run.json`.
        ours: The rows of the first run.
        theirs: The same rows of the second one.
    """
    for target, (output, prefix) in zip(targets, _outputs(targets), strict=True):
        yield from _tested(str(target["task"]), output, prefix, ours, theirs)


def _tested(task: str, output: str, prefix: str, ours: Predictions, theirs: Predictions) -> Iterator[Tested]:
    pair = (ours, theirs)
    if task in {"classification", "multi_label"}:
        score = "accuracy" if task == "classification" else "exact_match"
        hits = [_right(of, prefix) for of in pair]
        yield Tested(output, score, "higher", paired_bootstrap(*hits), mcnemar(*hits))
    elif task == "regression":
        gaps = [_gaps(of, prefix) for of in pair]
        yield Tested(output, "mae", "lower", paired_bootstrap(*(gap.mean(axis=1) for gap in gaps)))
        yield Tested(output, "mse", "lower", paired_bootstrap(*((gap**2).mean(axis=1) for gap in gaps)))
    else:
        better = "lower" if task == "reconstruction" else "higher"
        for name in ("mse", "mae") if task == "reconstruction" else ("accuracy", "mean_iou"):
            columns = [of.numbers([prefix + name])[:, 0] for of in pair]
            known = np.isfinite(columns[0]) & np.isfinite(columns[1])
            if known.sum() > 1:
                yield Tested(output, name, better, paired_bootstrap(*(column[known] for column in columns)))


def _right(of: Predictions, prefix: str) -> Array:
    """Whether each row is predicted as it is."""
    actual, predicted = (of.texts(of.titled(prefix, word)) for word in ("actual", "predicted"))
    return np.asarray((actual == predicted).all(axis=1), np.float64)


def _gaps(of: Predictions, prefix: str) -> Array:
    """How far each number is from what it should be, shape `(n, k)`."""
    actual, predicted = (of.numbers(of.titled(prefix, word)) for word in ("actual", "predicted"))
    return np.asarray(np.abs(predicted - actual))
