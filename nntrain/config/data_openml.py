"""The sets of openml.org, by name and version or by id."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from nntrain.config.data_beside import BesideSection
from nntrain.config.data_section import Column, Columns, SomeColumns
from nntrain.config.data_tables import table_faults, target_columns
from nntrain.config.section import Fault, faults


class OpenmlSource(BesideSection):
    """A set of openml.org: downloaded once by scikit-learn, its md5 checked, then read from disk."""

    type: Literal["openml"]
    name: str | None = Field(default=None, min_length=1, examples=["credit-g"])
    """The set, as openml.org calls it; goes with `version`. It is kept in `$NNTRAIN_DATA_HOME/openml`, or in
    the user's cache (`~/.cache/nntrain/openml`)."""
    version: int | None = Field(default=None, ge=1, examples=[1])
    """Which set of that name; they may differ in everything."""
    id: int | None = Field(default=None, ge=1)
    """The set's number at openml.org, instead of name and version."""
    inputs: dict[str, SomeColumns] | None = None
    """Columns by the input of the network that reads them, `{name: [columns]}`; columns that no input
    names are left out."""
    targets: dict[str, Column | SomeColumns] | None = None
    """What each output of the network predicts, by the output layer's name: a column or a list of them."""
    target: Column | SomeColumns | None = None
    """The column to predict, or a list of them; without it the one that the set itself names."""
    drop: Columns = ()
    """Columns that are not features: names or positions."""
    categorical: Columns = ()
    """Columns to be read as text although they hold numbers."""

    @property
    def target_columns(self) -> dict[str, tuple[Column, ...]]:
        """The columns of each target, by output; none where the set's own is meant."""
        return target_columns(self.target, self.targets)

    @property
    def dates(self) -> Columns:
        """Columns of dates: such a set is read as numbers and categories alone."""
        return ()

    @property
    def called(self) -> str:
        """The set in words."""
        return f"'{self.name}' version {self.version}" if self.id is None else f"the set {self.id}"

    @model_validator(mode="after")
    def _one_set(self) -> Self:
        found: list[Fault] = []
        if self.id is not None:
            found += [
                ("is given besides 'id'; keep one of the two", (key,), "conflict")
                for key in ("name", "version")
                if getattr(self, key) is not None
            ]
        elif self.name is None:
            message = "is missing; give name and version of the set, such as 'name: credit-g', or its id"
            found.append((message, ("name",), "missing-key"))
        elif self.version is None:
            message = "is missing; sets of one name may differ in everything: say which, such as 'version: 1'"
            found.append((message, ("version",), "missing-key"))
        found = found or table_faults(self.task, self.inputs, self.target, self.targets, self.columns_beside)
        if found:
            raise faults(*found)
        return self
