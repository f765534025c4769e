"""Columns beside the features, and files that are a split of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from nntrain.config.data_section import Column, DataSection
from nntrain.config.data_split import without_share
from nntrain.config.section import Fault, fault, faults


class BesideSection(DataSection):
    """Rows of named columns, of which some may weigh or divide the rows."""

    has_columns: ClassVar[bool] = True

    sample_weight: Column | None = None
    """A column of numbers, 0 or more: what each row counts in the loss while it trains. It is no feature, and
    has no part in validation and in scores."""

    @property
    def columns_beside(self) -> dict[tuple[str, ...], Column]:
        """Columns that divide or weigh rows, by the keys under `data` that name them."""
        given: dict[tuple[str, ...], Column | None] = {
            ("split", "by_group"): self.split.by_group,
            ("split", "by_time"): self.split.by_time,
            ("sample_weight",): self.sample_weight,
        }
        return {keys: column for keys, column in given.items() if column is not None}

    @property
    def token_columns(self) -> frozenset[str]:
        """Columns of texts that are rows of word numbers: each is an input by itself."""
        return frozenset(n for n, steps in self.preprocess.texts.items() if steps.output == "tokens")

    @model_validator(mode="after")
    def _tokens_stand_alone(self) -> Self:
        found: list[Fault] = []
        ports: Mapping[str, Sequence[Column]] = getattr(self, "inputs", None) or {}
        for column in sorted(self.token_columns):
            where = ("preprocess", "columns", column, "text")
            readers = [columns for columns in ports.values() if column in columns]
            if self.task == "reconstruction":
                message = "'reconstruction' gives back numbers, and 'output: tokens' makes numbers that are "
                found.append((f"{message}names; set 'output: tf_idf' or multi_hot", where, "conflict"))
            elif not readers or any(len(columns) > 1 for columns in readers):
                message = (
                    "'output: tokens', which is the default, makes a row of word numbers, which can't stand "
                    "among other columns: set 'output: tf_idf' or multi_hot, or give the column an input of "
                    f"its own, 'data.inputs: {{words: [{column}], rest: [...]}}'"
                )
                found.append((message, where, "conflict"))
        if found:
            raise faults(*found)
        return self


class OwnFilesSection(BesideSection):
    """Rows of named columns in files, some of which may be a split."""

    validation_path: str | None = Field(default=None, min_length=1)
    """A file of validation rows with the columns of `path`; then no share of `path` is held out for that."""
    test_path: str | None = Field(default=None, min_length=1)
    """A file of test rows with the columns of `path`; then no share of `path` is held out for that."""

    @property
    def has_validation(self) -> bool:
        """Whether rows are held out to watch training."""
        return self.validation_path is not None or super().has_validation

    @model_validator(mode="before")
    @classmethod
    def _own_files_replace_shares(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        keys = [f"{part}_path" for part in ("validation", "test")]
        given = {key: value[key] for key in ("path", *keys) if isinstance(value.get(key), str)}
        first = {path: key for key, path in reversed(given.items())}
        twice = [(key, first[path]) for key, path in given.items() if first[path] != key]
        if twice:
            message = "is the file of '{}' too; the same rows can't be two splits"
            raise faults(*((message.format(other), (key,), "conflict") for key, other in twice))
        for part in ("validation", "test"):
            if value.get(f"{part}_path") is not None:
                value = without_share(value, part)
        return value

    @model_validator(mode="after")
    def _times_in_order(self) -> Self:
        if self.split.by_time is not None and self.validation_path is not None:
            message = (
                "divides 'path' into older and newer rows, and rows of 'validation_path' may be of any time"
            )
            raise fault(f"{message}; remove one of the two", "split", "by_time")
        return self


def beside_faults(
    inputs: Mapping[str, Sequence[Column]],
    targets: Mapping[tuple[str, ...], Sequence[Column]],
    beside: Mapping[tuple[str, ...], Column],
) -> Iterator[Fault]:
    """Columns that weigh or divide rows and have another part to play.

    Args:
        inputs: Columns by input.
        targets: Columns by the keys that name them.
        beside: Columns by the keys that say what they are for.
    """
    predicted = {column: keys for keys, columns in targets.items() for column in columns}
    for keys, column in beside.items():
        if column in predicted:
            key = ".".join(("data", *predicted[column]))
            yield f"'{column}' is to be predicted ({key}); name another column", keys, "conflict"
    weight = beside.get(("sample_weight",))
    for name, columns in inputs.items():
        if weight is not None and weight in columns:
            at = ("inputs", name, list(columns).index(weight))
            yield f"'{weight}' weighs rows (data.sample_weight); it can't be a feature too", at, "conflict"
