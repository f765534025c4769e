"""How rows become training, validation and test rows: `data.split`."""

from __future__ import annotations

import re
from typing import Annotated, Any, Self

from pydantic import Field, field_validator, model_validator

from nntrain.config.section import Section, fault, faults

Column = str | int
Share = Annotated[float, Field(ge=0, lt=1)]
FOLD = r"[1-9][0-9]{0,2}/[1-9][0-9]{0,2}"


class Split(Section):
    """How rows are divided, before anything is fitted to them."""

    validation: Share = 0.15
    """Share of the rows (without the test rows) held out to watch training; 0 for none."""
    test: Share | None = 0.15
    """Share of the rows held out for the final scores; 0 for none. A set that brings its own test
    rows uses those, and this is null."""
    stratify: bool = True
    """Keep the share of each class the same in every split, for the first target that has classes; with
    `by_group` as nearly as whole groups allow. Without effect on `by_time`."""
    by_group: Column | None = None
    """A column (of an .npz file, an array) that says which rows belong together, such as a patient's number:
    all rows of a group stand in one split. The column is no feature unless an input names it."""
    by_time: Column | None = None
    """A column (of an .npz file, an array) of dates (ISO 8601) or numbers: the oldest rows train and the
    newest test, and rows of one time stay together. The column is no feature unless an input names it."""
    fold: str | None = None
    """`2/5`: the rows (without the test rows) are dealt into 5 folds, and the second is the validation split;
    `validation` then has no say. `nntrain fit --folds 5` trains one run for each."""

    seed: int | None = Field(default=None, ge=0, lt=2**32)
    """What the split is drawn from; the config's `seed` if left out. With it another `seed` trains on the
    same rows; `nntrain fit --seeds 5` sets it. Without effect on `by_time`."""

    @field_validator("fold")
    @classmethod
    def _number_of_count(cls, fold: str | None) -> str | None:
        if fold is not None and not re.fullmatch(FOLD, fold):
            message = f"is written as number/count, such as 2/5 for the second of five folds, got {fold!r}"
            raise fault(message, id="fold")
        return fold

    @property
    def has_validation(self) -> bool:
        """Whether some of the rows are held out to watch training."""
        return self.fold is not None or self.validation > 0

    @property
    def numbered_fold(self) -> tuple[int, int] | None:
        """Which fold it is, from 1, and of how many."""
        if self.fold is None:
            return None
        number, count = self.fold.split("/")
        return int(number), int(count)

    @model_validator(mode="after")
    def _leave_rows_to_train_on(self) -> Self:
        if self.fold is None and self.validation + (self.test or 0) >= 1:
            total = self.validation + (self.test or 0)
            raise fault(f"validation and test together take {total:g} of the rows; leave some to train on")
        return self

    @model_validator(mode="after")
    def _one_way_to_divide(self) -> Self:
        found = []
        if self.by_group is not None and self.by_time is not None:
            message = "is given besides 'by_group', and rows can't be divided by both; keep one of the two"
            found.append((message, ("by_time",), "conflict"))
        elif not self.has_validation and not self.test:
            message = "has nothing to divide: no share of the rows is held out; remove this"
            given = [key for key in ("by_group", "by_time") if getattr(self, key) is not None]
            found += [(message, (key,), "conflict") for key in given]
        if self.numbered_fold is not None:
            found += [(message, ("fold",), "conflict") for message in self._wrong_fold(*self.numbered_fold)]
        if found:
            raise faults(*found)
        return self

    def _wrong_fold(self, number: int, count: int) -> list[str]:
        if count < 2:
            return [f"must be one of at least 2 folds, got {self.fold}"]
        if number > count:
            return [f"there is no fold {number} of {count}; they are 1/{count} to {count}/{count}"]
        if self.by_time is not None:
            return [
                "would train on rows that are newer than those it is scored on, and by_time forbids that; "
                "divide by time with 'validation' and 'test', or remove by_time"
            ]
        return []


def without_share(value: dict[str, Any], part: str) -> dict[str, Any]:
    """Set the share of a split to none, because the set brings that split itself.

    Raises:
        ValidationError: The config asks for such a share, or for folds in its place, all the same.
    """
    split = value.get("split") or {}
    if not isinstance(split, dict):
        return value
    given = split.get(part)
    if given is not None and (isinstance(given, bool) or given != 0):
        raise fault(f"the set brings its own {part} rows, which are used; remove this", "split", part)
    if part == "validation" and split.get("fold") is not None:
        message = "the set brings its own validation rows, and a fold would take their place"
        raise fault(f"{message}; remove one of them", "split", "fold")
    own: dict[str, Any] = {**split, part: None if part == "test" else 0}
    return {**value, "split": own}
