"""What a run's record has to look like before anything in it is used: it may be a stranger's, or damaged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Count = Annotated[int, Field(ge=0)]
Several = Annotated[int, Field(ge=2, le=999)]
Child = Annotated[str, Field(pattern=r"^(fold|seed)-\d{1,3}$")]
NEEDED = ("config", "data", "device", "machine", "process", "versions")
"""What every run that trained by itself has, whichever release wrote it."""


class _Part(BaseModel):
    """Keys that are read; others are left alone."""

    model_config = ConfigDict(strict=True, extra="allow")


class _Config(_Part):
    file: str
    overrides: list[str] = []


class _Data(_Part):
    fingerprint: str


class _Failure(_Part):
    message: str


class _Machine(_Part):
    host: str


class _Target(_Part):
    name: str
    task: str
    names: list[str]
    shape: list[Count]


class _Threads(_Part):
    intra: Count
    inter: Count


class _Record(_Part):
    status: Literal["running", "finished", "interrupted", "failed"]
    name: str = ""
    config: _Config | None = None
    data: _Data | None = None
    device: str = ""
    failure: _Failure | None = None
    facts: dict[str, Any] = {}
    folds: Several | None = None
    machine: _Machine | None = None
    process: Count | None = None
    resumed: list[dict[str, Any]] = []
    runs: list[Child] = []
    seeds: Several | None = None
    sha256: dict[str, str] = {}
    targets: list[_Target] = []
    threads: _Threads | None = None
    timings: dict[str, float | list[float]] = {}
    versions: dict[str, str | None] = {}


def wrong_record(record: Mapping[str, Any]) -> str | None:
    """What is wrong with the content of a `run.json`, or None."""
    try:
        _Record.model_validate(dict(record))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        kind = "is missing" if first["type"] == "missing" else "is not as nntrain writes it"
        return f"the record is damaged: '{where}' {kind}"
    missing = [key for key in NEEDED if key not in record]
    parent = "folds" in record or "seeds" in record
    return f"the record is damaged: '{missing[0]}' is missing" if missing and not parent else None
