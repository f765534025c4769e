"""A run as its files tell it, whatever has become of them: reading one never fails."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from nntrain.errors import NntrainError
from nntrain.run.bounded import MOST, read_bounded
from nntrain.run.directory import RECORD, SCHEMA, RunDirectory, is_newer
from nntrain.run.lock import is_going_on
from nntrain.run.record_shape import wrong_record

METRICS, RESOLVED = "metrics.json", "resolved.yaml"
Status = Literal["running", "finished", "interrupted", "failed", "damaged"]
STAMP = r"(\d{4}-\d{2}-\d{2}_\d{2}-\d{2}-\d{2})(-\d+)?"
"""What the directory of a run is called."""
CHILD = r"(fold|seed)-([1-9]\d*)"
"""What a run in another one is called."""
PRIMARY = {"exact_match": "exact_match", "mean_iou": "mean_iou", "accuracy": "accuracy", "mape": "mae"}
"""The score that stands for a run, by a score that only one kind of task has; the first that is there."""
COUNTS = frozenset({"rows", "pixels", "left_out"})
"""Numbers beside scores that are none."""


@dataclass(frozen=True)
class Score:
    """One number of a run."""

    value: float
    std: float | None = None
    """Standard deviation over the runs of a parent."""

    def to_json(self) -> dict[str, float | None]:
        """For `--json`."""
        return {"value": self.value, "std": self.std}


@dataclass(frozen=True)
class StoredRun:
    """A run's directory as it was found."""

    path: Path
    """As the user wrote it, or reached from there."""
    status: Status
    record: Mapping[str, Any] = field(default_factory=dict)
    """`run.json`; empty if that can't be read."""
    metrics: Mapping[str, Any] = field(default_factory=dict)
    """`metrics.json` of a finished run; empty if it can't be read."""
    problem: str | None = None
    """What is wrong with the files."""

    @property
    def name(self) -> str:
        """What the config calls it."""
        name = self.record.get("name")
        return name if isinstance(name, str) else self.path.absolute().parent.name

    @property
    def started(self) -> datetime | None:
        """When it began, by its record or else by its directory's name."""
        text = self.record.get("started")
        try:
            found = datetime.fromisoformat(text) if isinstance(text, str) else None
        except ValueError:
            found = None
        stamp = re.fullmatch(STAMP, self.path.name)
        if found is None and stamp is not None:
            try:
                found = datetime.strptime(stamp[1], "%Y-%m-%d_%H-%M-%S")
            except ValueError:
                return None
        return None if found is None else found.astimezone()

    @property
    def parts(self) -> Literal["folds", "seeds"] | None:
        """What the runs that it holds are for; None for a run that was trained itself."""
        return "folds" if "folds" in self.record else "seeds" if "seeds" in self.record else None

    @property
    def count(self) -> int:
        """How many runs a parent is to hold; 0 for no parent."""
        found = self.record.get(self.parts) if self.parts else 0
        return len(found) if isinstance(found, list) else _whole(found) or 0

    @cached_property
    def children(self) -> list[Path]:
        """The directories of the runs that it holds, in their order."""
        if self.parts is None:
            return []
        found = [path for path in folders(self.path) if re.fullmatch(CHILD, path.name)]
        return sorted(found, key=lambda path: int(path.name.partition("-")[2]))

    @property
    def epochs(self) -> int | None:
        """How many it has trained; of a parent, how many of its runs are finished."""
        if self.parts is not None:
            done = self.record.get("runs")
            return len(done) if isinstance(done, list) else 0
        if self.status == "damaged":
            return None
        known = _whole(self.record.get("epochs"))
        try:
            return RunDirectory(self.path).epochs if known is None else known
        except (OSError, ValueError, NntrainError):
            return None

    @property
    def wanted_epochs(self) -> int | None:
        """How many its config asks for; of a parent, how many runs.

        `resolved.yaml` is written by nntrain, with a line for each key of `training`, so that the line is
        looked for: to read the YAML of a thousand runs would take ten seconds.
        """
        if self.parts is not None:
            return self.count
        try:
            text = read_bounded(self.path / RESOLVED, MOST[RESOLVED]).decode()
        except (OSError, ValueError, NntrainError):
            return None
        found = re.search(r"^training:\n(?:[ -].*\n)*?  epochs: (\d+)$", text, re.MULTILINE)
        return int(found[1]) if found else None

    @property
    def seconds(self) -> float | None:
        """How long training took; of a parent, of all its runs."""
        records = [self.record] if self.parts is None else self._records
        each = [_number(record.get("timings", {}).get("train")) for record in records]
        known = [seconds for seconds in each if seconds is not None]
        return sum(known) if known else None

    @property
    def parameters(self) -> int | None:
        """Weights of the network."""
        return _whole(self.own.get("parameters"))

    @property
    def seed(self) -> int | None:
        """The source of its randomness; of a parent of seeds, the first one's."""
        return _whole(self.record.get("seed"))

    @property
    def task(self) -> str | None:
        """What it predicts; of several outputs, in their order."""
        targets = self.own.get("targets")
        if not isinstance(targets, list):
            return None
        tasks = [str(target.get("task")) for target in targets if isinstance(target, Mapping)]
        return ", ".join(dict.fromkeys(tasks)) or None

    @cached_property
    def _records(self) -> list[Mapping[str, Any]]:
        """`run.json` of each run that it holds, without those that can't be read."""
        found = [_read(path, RECORD)[0] for path in self.children]
        return [record for record in found if _unfit(record) is None]

    @property
    def own(self) -> Mapping[str, Any]:
        """The record that tells of data and network: a parent's are those of its first run."""
        return self._records[0] if self.parts is not None and self._records else self.record

    @property
    def config_file(self) -> str | None:
        """What can be trained from again; of a run that repeats another that one's `resolved.yaml`."""
        config, repeated = self.own.get("config"), self.record.get("reproduces")
        if isinstance(repeated, str):
            return str(Path(repeated) / RESOLVED)
        file = config.get("file") if isinstance(config, Mapping) else None
        return file if isinstance(file, str) else None

    @cached_property
    def scores(self) -> dict[str, Score]:
        """Every single number by split and name: `test.accuracy`; of several outputs `test.kind.accuracy`."""
        splits = self.metrics.get("splits")
        found: dict[str, Score] = {}
        for split, scores in _items(splits):
            outputs = _items(scores.get("outputs")) if "outputs" in scores else [("", scores)]
            for output, numbers in outputs:
                prefix = f"{split}.{output}." if output else f"{split}."
                found |= {prefix + name: score for name, score in _scores(numbers)}
        return found

    @property
    def main(self) -> tuple[str, Score] | None:
        """The score that stands for the run: of test rows if there are any, of the first output."""
        splits = dict(_items(self.metrics.get("splits")))
        split = next((name for name in ("test", "validation", "training") if name in splits), None)
        if split is None:
            return None
        known = self.scores
        keys = [key for key in known if key.startswith(f"{split}.")]
        prefix = keys[0].rpartition(".")[0] if keys else split
        for sign, name in {**PRIMARY, "mse": "mse"}.items():
            if f"{prefix}.{sign}" in known and f"{prefix}.{name}" in known:
                return f"{prefix}.{name}", known[f"{prefix}.{name}"]
        return None


def read_run(path: Path) -> StoredRun:
    """A run's directory as it is; what can't be read is told by its `status` and `problem`."""
    record, problem = _read(path, RECORD)
    if problem is None:
        problem = _unfit(record)
    if problem is not None:
        return StoredRun(path, "damaged", problem=problem)
    status: Status = record["status"]
    if status == "running" and not is_going_on(path, record):
        status = "interrupted"  # by what left no time to say so
    if status != "finished":
        return StoredRun(path, status, record)
    metrics, problem = _read(path, METRICS)
    return StoredRun(path, status, record, metrics, problem)


def folders(path: Path) -> list[Path]:
    """The directories in one, without links and hidden ones; none where it can't be read."""
    try:
        with os.scandir(path) as entries:
            names = [e.name for e in entries if e.name[0] != "." and e.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return [path / name for name in sorted(names)]


def _read(path: Path, name: str) -> tuple[dict[str, Any], str | None]:
    """The content of a JSON file of the run, and what is wrong with it."""
    try:
        value = json.loads(read_bounded(path / name, MOST[name]))
    except FileNotFoundError:
        return {}, f"{name} is missing"
    except NntrainError as error:
        return {}, f"{name} can't be used: {error.problems[0].message}"
    except (ValueError, RecursionError):
        return {}, f"{name} is damaged"
    return (value, None) if isinstance(value, dict) else ({}, f"{name} is damaged")


def _unfit(record: Mapping[str, Any]) -> str | None:
    """Why a record is none that can be gone by."""
    schema = record.get("schema")
    if is_newer(schema):
        return f"{RECORD} was written by a newer release: its schema is {schema!r}"
    if schema != SCHEMA:
        return f"{RECORD} is not the record of a run: schema {schema!r}"
    return wrong_record(record)


def _scores(numbers: Mapping[str, Any]) -> Iterator[tuple[str, Score]]:
    """The single numbers of one output, with the deviation of what is a mean."""
    for name, value in numbers.items():
        if name in COUNTS:
            continue
        if isinstance(value, Mapping) and {"mean", "std"} <= set(value):
            mean, std = _number(value["mean"]), _number(value["std"])
        else:
            mean, std = _number(value), None
        if mean is not None:
            yield name, Score(mean, std)


def _items(value: Any) -> list[tuple[str, Mapping[str, Any]]]:
    """The entries of a mapping that are mappings."""
    if not isinstance(value, Mapping):
        return []
    return [(name, inner) for name, inner in value.items() if isinstance(inner, Mapping)]


def _number(value: Any) -> float | None:
    known = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if known else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
