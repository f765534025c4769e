"""A run's directory: made for one run alone, found again by any path that leads to it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from nntrain.errors import ArtefactError, Location, Problem, did_you_mean
from nntrain.run.bounded import MOST, read_bounded
from nntrain.run.files import explained, json_bytes, synced_folder, write_json, write_whole
from nntrain.run.links import link_all
from nntrain.run.record_shape import wrong_record

SCHEMA = "nntrain.run/1"
RECORD = "run.json"
BACK = "bring back what was written, or train again"
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
        try:
            self.update({"schema": SCHEMA, "status": "running", "name": name, **record})
            for folder in (self.path.parent, self.path.parent.parent):  # what made them may be a moment old
                with explained(folder):
                    synced_folder(folder)
        except BaseException:  # nobody knows of it yet
            shutil.rmtree(self.path, ignore_errors=True)
            raise
        return self

    @classmethod
    def open(cls, path: Path) -> RunDirectory:
        """Read a run that is there.

        Raises:
            ArtefactError: It is no run directory, or its record is damaged.
        """
        if path.is_file():
            hint = _latest(Path(path.stem))
            raise _no_run(f"{path} is a file; name a run's directory, or a .keras file{hint}")
        if not path.is_dir():
            raise _no_run(f"there is no run at {path}{_nearest(path)}")
        file = path / RECORD
        try:
            record = json.loads(read_bounded(file, MOST[RECORD]))
        except FileNotFoundError:
            inside = ", ".join(sorted(p.parent.name for p in path.glob(f"*/{RECORD}"))[-3:])
            hint = f"; it holds the runs {inside}" if inside else ""
            raise _no_run(f"{path} is no run: it has no {RECORD}{hint}") from None
        except (ValueError, RecursionError) as error:
            raise _damaged(f"the record is damaged: {error}", file) from None
        if not isinstance(record, dict) or record.get("schema") != SCHEMA:
            raise ArtefactError(_other_schema(record, file))
        wrong = wrong_record(record)
        if wrong:
            raise _damaged(wrong, file)
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
            content = read_bounded(self.path / "history.csv", MOST["history.csv"])
        except FileNotFoundError:
            return 0
        return max(content.count(b"\n") - 1, 0)

    def append_history(self, row: Mapping[str, float]) -> None:
        """Add an epoch to `history.csv`, and see it onto the disk.

        Raises:
            MachineError: The row can't be written.
        """
        path = self.path / "history.csv"
        with explained(path), path.open("a", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            begins = not self._columns
            if begins:
                self._columns = list(row)
                writer.writerow(self._columns)
            writer.writerow([row.get(name, "") for name in self._columns])
            stream.flush()
            os.fsync(stream.fileno())
            if begins:
                synced_folder(self.path)

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

    def read(self, name: str, most: int | None = None) -> bytes:
        """Read an artefact that must be as it was written.

        Args:
            name: Its path in the run.
            most: Bytes that it may have, where its name does not tell.

        Raises:
            ArtefactError: It is missing, has changed since, or is larger than it can be.
        """
        path = self.path / name
        expected = self.record.get("sha256", {}).get(name)
        try:
            content = read_bounded(path, MOST[name] if most is None else most)
        except FileNotFoundError:
            message = f"the file is missing from the run; {BACK}"
            raise ArtefactError(Problem(message, location=Location(seen(path)), id="missing-file")) from None
        found = hashlib.sha256(content).hexdigest()
        if expected != found:
            raise _damaged(
                f"the file was changed after the run: its SHA-256 is {found[:12]}..., "
                f"recorded is {str(expected)[:12]}...; {BACK}",
                path,
            )
        return content

    def told(self, key: str) -> Any:
        """What the record says, of something that not every release wrote down.

        Raises:
            ArtefactError: An older one made the run.
        """
        if key not in self.record:
            message = (
                f"{self.path} was made by an older nntrain, whose {RECORD} has no '{key}'; train it again"
            )
            raise ArtefactError(Problem(message, id="older-run"))
        return self.record[key]

    def read_json(self, name: str) -> dict[str, Any]:
        """Read an artefact that is a mapping in JSON.

        Raises:
            ArtefactError: It is missing, has changed since, or is none.
        """
        try:
            value = json.loads(self.read(name))
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise _damaged("is not as nntrain wrote it", self.path / name)
        return value

    def link_latest(self) -> tuple[str, ...]:
        """Point `runs/<name>/latest` and `runs/latest` at this run.

        Returns:
            A note, where the disk refuses it; the run is whole without them.
        """
        own = self.path.parent
        return link_all((own / "latest", own.parent / "latest"), self.path)


def is_newer(schema: Any) -> bool:
    """Whether the record of a run is one of a later release."""
    kind, _, version = str(schema).partition("/")
    own, _, known = SCHEMA.partition("/")
    return kind == own and version.isdecimal() and int(version) > int(known)


def _nearest(path: Path) -> str:
    """What may have been meant by a path that leads nowhere: of a name alone, the latest run of that name."""
    latest = _latest(path)
    if latest:
        return latest
    siblings = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
    hint = did_you_mean(path.name, siblings)
    return hint or ("; nntrain runs lists those that there are" if Path("runs").is_dir() else "")


def _latest(name: Path) -> str:
    """The latest run of a name, as a question; nothing where there is none."""
    latest = Path("runs", name, "latest")
    return f" (did you mean '{latest}'?)" if (latest / RECORD).is_file() else ""


def _no_run(message: str) -> ArtefactError:
    return ArtefactError(Problem(message, id="no-run"))


def _damaged(message: str, file: Path) -> ArtefactError:
    return ArtefactError(Problem(message, location=Location(seen(file)), id="damaged"))


def seen(path: Path) -> str:
    """A path as it is seen from the working directory, if it lies in there."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def _other_schema(record: Any, file: Path) -> Problem:
    """What to say of a record that is not one of this release."""
    found = record.get("schema") if isinstance(record, dict) else None
    place = Location(str(file))
    if is_newer(found):
        by = record.get("versions", {}).get("nntrain") if isinstance(record.get("versions"), dict) else None
        which = f"nntrain {by}" if isinstance(by, str) else "a newer nntrain"
        message = (
            f"was written by {which} in a form that this one does not know ({found}); install that release"
        )
        return Problem(message, location=place, id="version")
    return Problem(
        f"is not the record of a run: schema {found!r}, not {SCHEMA!r}", location=place, id="no-run"
    )
