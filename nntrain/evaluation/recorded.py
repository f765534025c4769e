"""Scores read back from where they were written, to be shown and put together with others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nntrain.config.vocabulary.scores import is_score, task_of
from nntrain.evaluation.bootstrap import Interval
from nntrain.evaluation.card import Card


@dataclass(frozen=True, kw_only=True)
class RecordedScores(Card):
    """What the scores of some task said of themselves."""

    values: Mapping[str, Any] = field(repr=False)
    """As in a file of scores."""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> RecordedScores:
        """The scores that `to_json` wrote; an older release wrote no intervals."""
        intervals = values.get("intervals", {})
        return cls(
            rows=values["rows"],
            undefined=values.get("undefined", {}),
            notes=tuple(values.get("notes", ())),
            intervals={name: Interval(**ends) for name, ends in intervals.items()},
            values=values,
        )

    @property
    def task(self) -> str:
        """As the scores that are there tell."""
        return task_of(self.values)

    @property
    def chosen(self) -> object:
        """As it was written."""
        return self.values.get("average")

    def numbers(self) -> dict[str, float | None]:
        """The single numbers, in the order of the file."""
        return {key: value for key, value in self.values.items() if is_score(key)}

    def to_json(self) -> dict[str, Any]:
        """The same again."""
        return dict(self.values)
