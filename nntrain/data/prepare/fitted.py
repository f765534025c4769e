"""What every kind of features is fitted to: the one shape that loading, evaluating and new rows know."""

from __future__ import annotations

from typing import Any, Protocol

from nntrain.arrays import Values


class Fitted(Protocol):
    """Everything that was learnt from the training rows of one input, and the settings it was learnt with."""

    @property
    def rows(self) -> int:
        """Training rows that it was fitted on."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the prepared columns, as `age` or `color=red`; empty for arrays."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know about the training rows, one sentence each."""

    def apply(self, features: Any) -> Values:
        """Prepare rows with what the training rows taught.

        Args:
            features: Rows of the kind that was fitted, of the same columns or shape.

        Returns:
            One prepared row for each row, in their order.

        Raises:
            DataError: Columns or shapes differ, a value is missing or unknown and nothing stands for it, or
                a result is too large for 32 bits.
        """

    def to_json(self) -> dict[str, Any]:
        """The state as plain values for `preprocess.json`, with its `kind`, which says who reads it back."""
