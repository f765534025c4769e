"""What an output gives for some rows, as columns with names: classes, labels, numbers, errors or masks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nntrain.errors import UsageError
from nntrain.evaluation import LabelPredictions, OutputKind, row_errors
from nntrain.evaluation.outputs import Predictions, not_finite
from nntrain.run.rows import DIGITS
from nntrain.run.scoring import decide
from nntrain.run.target import Target

Array = NDArray[Any]
Form = Literal["plain", "wide", "set", "bulk"]
"""A value a row; a row of values, each with a name; 0 and 1 for each name; an array a row, for .npz alone."""


@dataclass(frozen=True)
class Answer:
    """One column, or several that belong together."""

    title: str
    values: Array
    """Shape `(rows,)`, `(rows, names)`, or `(rows, ...)` of bulk."""
    form: Form = "plain"
    names: tuple[str, ...] = ()

    def columns(self) -> Iterator[tuple[str, Array]]:
        """As a table has them; of a set, the names of each row as a list. Nothing of bulk."""
        if self.form == "plain":
            yield self.title, self.values
        elif self.form == "wide":
            yield from ((f"{self.title}({n})", self.values[:, i]) for i, n in enumerate(self.names))
        elif self.form == "set":
            names = np.array(self.names, object)
            found = np.empty(len(self.values), object)
            found[:] = [names[row].tolist() for row in self.values.astype(bool)]
            yield self.title, found


@dataclass(frozen=True)
class Wanted:
    """What is asked for beside the prediction itself."""

    top: int = 0
    """So many classes a row, the most likely first."""
    probabilities: bool = False
    """The probability of every class or label."""
    bulk: bool = False
    """Arrays that no table holds."""


@dataclass(frozen=True)
class Output:
    """One output of the network, and how it is read."""

    target: Target
    kind: OutputKind
    boundary: float
    threshold: float | str
    """The config's; where one was chosen on validation rows, the target has it."""
    wanted: Wanted = field(default_factory=Wanted)

    def check(self) -> None:
        """Refuse what can't be told of this kind of output.

        Raises:
            UsageError: It is asked for.
        """
        task, names = self.target.task, self.target.names
        if self.wanted.top and task != "classification":
            raise UsageError(f"--top is for classes, and '{self.target.name}' is predicted by {task}")
        if self.wanted.top > len(names) and task == "classification":
            raise UsageError(f"--top {self.wanted.top} asks for more classes than there are: {len(names)}")
        if self.wanted.probabilities and task not in ("classification", "multi_label"):
            message = (
                f"--probabilities is for classes and labels, and '{self.target.name}' is predicted by {task}"
            )
            raise UsageError(message)

    def answers(self, given: Array | Mapping[str, Array], inputs: Array | None) -> Iterator[Answer]:
        """The columns of some rows.

        Args:
            given: What the model gave, shape `(rows, ...)`; of masks `labels` and `sums`.
            inputs: The prepared rows, for what gives them back.

        Raises:
            DivergedError: The model gave NaN or infinity.
        """
        if isinstance(given, Mapping):
            yield from self._masks(given)
        elif self.target.task == "reconstruction":
            assert inputs is not None
            errors = row_errors(inputs, given)
            yield from (Answer("mse", errors.mse), Answer("mae", errors.mae))
            if self.wanted.bulk:
                yield Answer("reconstruction", given, "bulk")
        elif self.target.task == "regression":
            yield self._numbers(given)
        elif self.target.task == "multi_label":
            yield from self._labels(given)
        else:
            yield from self._classes(given)

    def _numbers(self, given: Array) -> Answer:
        finite = np.isfinite(given.reshape(len(given), -1)).all(axis=1)
        if not finite.all():
            raise not_finite(int((~finite).sum()), len(given))
        if self.target.names:
            return Answer("predicted", given.reshape(len(given), -1), "wide", self.target.names)
        return Answer("predicted", given.reshape(-1))

    def _labels(self, given: Array) -> Iterator[Answer]:
        names = self.target.names
        found = self._decided(given)
        assert isinstance(found, LabelPredictions)
        yield Answer("predicted", found.labels, "set", names)
        if self.wanted.probabilities:
            yield Answer("p", self._told(found.probabilities), "wide", names)

    def _classes(self, given: Array) -> Iterator[Answer]:
        names = np.array(self.target.names, object)
        found = self._decided(given)
        assert isinstance(found, Predictions)
        yield Answer("predicted", names[found.labels])
        if found.probabilities is not None:
            rows = np.arange(len(found))
            yield Answer("probability", found.probabilities[rows, found.labels].round(DIGITS))
        if self.wanted.top:
            yield from self._top(found, names)
        if self.wanted.probabilities:
            yield Answer("p", self._told(found.probabilities), "wide", self.target.names)

    def _decided(self, given: Array) -> Predictions | LabelPredictions:
        return decide(
            self.target, given, kind=self.kind, boundary=self.boundary, threshold=self.threshold
        ).found

    def _top(self, found: Predictions, names: Array) -> Iterator[Answer]:
        """The most likely classes, by their probabilities or what ranks them."""
        ranked = found.scores if found.probabilities is None else found.probabilities
        if ranked.ndim == 1:
            ranked = np.column_stack([-ranked, ranked])
        order = np.argsort(-ranked, axis=1, kind="stable")[:, : self.wanted.top]
        for place in range(self.wanted.top):
            yield Answer(f"top{place + 1}", names[order[:, place]])
            if found.probabilities is not None:
                chosen = np.take_along_axis(ranked, order[:, place : place + 1], axis=1)[:, 0]
                yield Answer(f"p(top{place + 1})", chosen.round(DIGITS))

    def _told(self, probabilities: Array | None) -> Array:
        if probabilities is None:
            message = (
                f"what the model gives for '{self.target.name}' are no probabilities: its loss makes none"
            )
            raise UsageError(f"{message}; leave out --probabilities")
        return np.asarray(probabilities.round(DIGITS))

    def _masks(self, given: Mapping[str, Array]) -> Iterator[Answer]:
        bad = int((~np.isfinite(given["sums"])).sum())
        if bad:
            raise not_finite(bad, len(given["sums"]))
        labels, names = given["labels"], self.target.names
        flat = labels.reshape(len(labels), -1)
        counts = np.stack([(flat == number).sum(axis=1) for number in range(len(names))], axis=1)
        yield Answer("pixels", counts, "wide", names)
        if self.wanted.bulk:
            yield Answer("mask", labels, "bulk")


def together(parts: Sequence[tuple[str, Answer]]) -> list[Answer]:
    """The answers of several outputs, each with the output's name before its own."""
    return [Answer(f"{name}.{a.title}", a.values, a.form, a.names) for name, a in parts]
