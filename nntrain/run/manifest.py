"""`manifest.json`: what every file of a finished run is, byte for byte; written last."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from nntrain.errors import ArtefactError, Location, MachineError, Problem
from nntrain.run.bounded import MOST, open_regular, read_bounded
from nntrain.run.directory import RECORD, RunDirectory
from nntrain.run.files import json_bytes, write_whole

SCHEMA = "nntrain.manifest/1"
MANIFEST = "manifest.json"

Entries = dict[str, dict[str, Any]]
"""For each file, by its path in the run: `bytes` and `sha256`."""


def seal(run: RunDirectory, changes: Mapping[str, Any]) -> None:
    """Change `run.json` for the last time, and note what every file of the run is.

    The manifest is written first, so that a run which says that it has finished has one.

    Raises:
        MachineError: One of the two can't be written.
    """
    run.record.update(changes)
    record = json_bytes(run.record)
    found = {name: entry(run.path / name) for name in files_of(run.path) if name != RECORD}
    _write(run.path, {**found, RECORD: entry_of(record)})
    write_whole(run.path / RECORD, record)


def amend(run: RunDirectory, names: Iterable[str]) -> None:
    """Save `run.json`, and note it and files that were added to a finished run.

    What was damaged before stays noted as it was, and is still found.

    Raises:
        MachineError: One of the two can't be written.
    """
    record = json_bytes(run.record)
    try:
        entries = read_manifest(run.path)
    except ArtefactError:
        entries = None
    if entries is not None and entries.get(RECORD) == entry(run.path / RECORD):
        added = {name: entry(run.path / name) for name in names}
        _write(run.path, {**entries, **added, RECORD: entry_of(record)})
    write_whole(run.path / RECORD, record)


def read_manifest(folder: Path) -> Entries | None:
    """What the files of a run were; None if nobody noted it.

    Raises:
        ArtefactError: The manifest itself is damaged.
    """
    path = folder / MANIFEST
    try:
        content = read_bounded(path, MOST[MANIFEST])
    except FileNotFoundError:
        return None
    try:
        noted = json.loads(content)
        entries: Entries = noted["files"]
        whole = noted["sha256"] == _digest(entries) and json_bytes(noted) == content
    except (ValueError, KeyError, TypeError, RecursionError):
        whole = False
    if not whole:
        message = "the file was changed after the run: it does not fit its own SHA-256"
        raise ArtefactError(Problem(message, location=Location(str(path)), id="damaged"))
    return entries


def files_of(folder: Path) -> Iterator[str]:
    """The files of a run, by their paths in it: not the manifest, hidden ones and runs inside."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name == MANIFEST:
            continue
        if not path.is_dir():
            yield path.name
        elif not (path / RECORD).exists():
            yield from (f"{path.name}/{name}" for name in files_of(path))


def entry(path: Path) -> dict[str, Any]:
    """What a file is; `sha256` is None where it can't be read."""
    digest, size = hashlib.sha256(), 0
    try:
        with open_regular(path) as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
                size += len(block)
    except (OSError, ArtefactError, MachineError):
        return {"bytes": None, "sha256": None}
    return {"bytes": size, "sha256": digest.hexdigest()}


def entry_of(content: bytes) -> dict[str, Any]:
    """What a file of this content is."""
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _write(folder: Path, entries: Entries) -> None:
    ordered = dict(sorted(entries.items()))
    noted = {"schema": SCHEMA, "sha256": _digest(ordered), "files": ordered}
    write_whole(folder / MANIFEST, json_bytes(noted))


def _digest(entries: Entries) -> str:
    return hashlib.sha256(json_bytes(entries)).hexdigest()
