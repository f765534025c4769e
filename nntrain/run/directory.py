"""A run's directory: made for one run alone, found again by any path that leads to it."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from nntrain.errors import ArtefactError, Location, Problem, did_you_mean
from nntrain.run.files import explained, json_bytes, write_json, write_whole

SCHEMA = "nntrain.run/1"
RECORD = "run.json"
MODEL = "model.keras"
"""The trained model for other programs; nntrain itself never reads it back from a run."""
WEIGHTS = "weights.safetensors"
"""Its numbers, which go into the network that the run's config builds."""
CODE = "code.py"
"""The run's copy of the user's own classes and functions."""


@dataclass
class RunDirectory:
    """`runs/<name>/<time>/` and what is written there."""

    path: Path
    record: dict[str, Any] = field(default_factory=dict)
    """The content of `run.json`."""
    _columns: list[str] = field(default_factory=list)

    @classmethod
    def create(cls, runs: Path, name: str, record: Mapping[str, Any], now: datetime) -> RunDirectory:
        """Make a directory that no other run has, with status `running`.

        Two runs that start in the same second get two directories: the second one ends in `-2`.

        Raises:
            MachineError: The directory can't be made.
        """
        parent = runs / name
        with explained(parent):
            parent.mkdir(parents=True, exist_ok=True)
        stamp = now.strftime("%Y-%m-%d_%H-%M-%S")
        for attempt in count(1):
            path = parent / (stamp if attempt == 1 else f"{stamp}-{attempt}")
            try:
                path.mkdir()
            except FileExistsError:
                continue
            except OSError:
                with explained(path):
                    raise
            break
        return cls(path)._begun(name, record)

    @classmethod
    def within(cls, parent: Path, folder: str, name: str, record: Mapping[str, Any]) -> RunDirectory:
        """Make the directory of a run that belongs to another one, with status `running`.

        Raises:
            MachineError: The directory can't be made.
        """
        path = parent / folder
        with explained(path):
            path.mkdir()
        return cls(path)._begun(name, record)

    def _begun(self, name: str, record: Mapping[str, Any]) -> RunDirectory:
        self.update({"schema": SCHEMA, "status": "running", "name": name, **record})
        return self

    @classmethod
    def open(cls, path: Path) -> RunDirectory:
        """Read a run that is there.

        Raises:
            ArtefactError: It is no run directory, or its record is damaged.
        """
        if path.is_file():
            raise ArtefactError(f"{path} is a file; name a run's directory, or a .keras file")
        if not path.is_dir():
            siblings = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
            raise ArtefactError(f"there is no run at {path}{did_you_mean(path.name, siblings)}")
        file = path / RECORD
        try:
            record = json.loads(file.read_bytes())
        except FileNotFoundError:
            inside = ", ".join(sorted(p.parent.name for p in path.glob(f"*/{RECORD}"))[-3:])
            hint = f"; it holds the runs {inside}" if inside else ""
            raise ArtefactError(f"{path} is no run: it has no {RECORD}{hint}") from None
        except ValueError as error:
            problem = Problem(f"the record is damaged: {error}", location=Location(str(file)), id="damaged")
            raise ArtefactError(problem) from None
        if not isinstance(record, dict) or record.get("schema") != SCHEMA:
            found = record.get("schema") if isinstance(record, dict) else None
            problem = Problem(
                f"is not the record of a run: schema {found!r}, not {SCHEMA!r}", location=Location(str(file))
            )
            raise ArtefactError(problem)
        return cls(path.resolve(), record)

    def update(self, changes: Mapping[str, Any]) -> None:
        """Change `run.json`."""
        self.record.update(changes)
        write_json(self.path / RECORD, self.record)

    def write(self, name: str, content: bytes) -> Path:
        """Write one artefact and note its SHA-256 in the record, which the next `update` saves."""
        path = self.path / name
        if path.parent != self.path:
            with explained(path.parent):
                path.parent.mkdir(exist_ok=True)
        write_whole(path, content)
        self.record.setdefault("sha256", {})[name] = hashlib.sha256(content).hexdigest()
        return path

    def write_json(self, name: str, value: Any) -> Path:
        """Write one artefact as JSON."""
        return self.write(name, json_bytes(value))

    def write_table(self, name: str, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> Path:
        """Write one artefact as CSV."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
        return self.write(name, text.getvalue().encode())

    @property
    def epochs(self) -> int:
        """Whole epochs that `history.csv` holds."""
        try:
            lines = (self.path / "history.csv").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return 0
        return max(len(lines) - 1, 0)

    def append_history(self, row: Mapping[str, float]) -> None:
        """Add an epoch to `history.csv`, and see it onto the disk.

        Raises:
            MachineError: The row can't be written.
        """
        path = self.path / "history.csv"
        with explained(path), path.open("a", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            if not self._columns:
                self._columns = list(row)
                writer.writerow(self._columns)
            writer.writerow([row.get(name, "") for name in self._columns])
            stream.flush()
            os.fsync(stream.fileno())

    def restore_history(self, rows: Sequence[Mapping[str, float]]) -> None:
        """Make `history.csv` hold these rows, to which others are added.

        Raises:
            MachineError: It can't be written.
        """
        if not rows:  # the checkpoint is of the first epoch: a row after it may have been written since
            self.drop("history.csv")
            self._columns = []
            return
        self._columns = list(rows[0])
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self._columns)
        writer.writerows([row.get(name, "") for name in self._columns] for row in rows)
        write_whole(self.path / "history.csv", text.getvalue().encode())

    def drop(self, name: str) -> None:
        """Remove an artefact, if it is there; the next `update` saves that.

        Raises:
            MachineError: It can't be removed.
        """
        with explained(self.path / name):
            (self.path / name).unlink(missing_ok=True)
        self.record.get("sha256", {}).pop(name, None)

    def read(self, name: str) -> bytes:
        """Read an artefact that must be as it was written.

        Raises:
            ArtefactError: It is missing or has changed since.
        """
        path = self.path / name
        expected = self.record.get("sha256", {}).get(name)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise ArtefactError(
                Problem("the file is missing from the run", location=Location(str(path)), id="missing-file")
            ) from None
        found = hashlib.sha256(content).hexdigest()
        if expected != found:
            raise ArtefactError(
                Problem(
                    f"the file was changed after the run: its SHA-256 is {found[:12]}..., "
                    f"recorded is {str(expected)[:12]}...",
                    location=Location(str(path)),
                    id="damaged",
                )
            )
        return content

    def link_latest(self) -> None:
        """Point `runs/<name>/latest` and `runs/latest` at this run."""
        own = self.path.parent
        _link(own / "latest", Path(self.path.name))
        _link(own.parent / "latest", Path(own.name) / self.path.name)


def _link(link: Path, target: Path) -> None:
    temporary = link.with_name(f".{link.name}.{os.getpid()}.tmp")
    if link.exists() and not link.is_symlink():
        return
    with contextlib.suppress(OSError):  # a file system without links still keeps the run
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(target, target_is_directory=True)
        temporary.replace(link)
