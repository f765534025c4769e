"""A checkpoint as the bytes of its files: made in memory, read back there, and known by their SHA-256."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nntrain.training.state import Snapshot

SCHEMA = "nntrain.checkpoint/1"
ARRAYS, STATE, MANIFEST = "arrays.npz", "state.json", "manifest.json"
MAX_MANIFEST, MAX_STATE = 1 << 20, 256 << 20


class Damaged(Exception):
    """A checkpoint is not what was written: says which file, and how that shows."""


def files_of(snapshot: Snapshot) -> dict[str, bytes]:
    """The files of a checkpoint, the manifest last.

    Raises:
        Damaged: What was made can't be read back, which a machine with broken memory does.
    """
    stream = io.BytesIO()
    np.savez(stream, **snapshot.numbers)  # type: ignore[arg-type]
    state = {
        "epoch": snapshot.epoch,
        "stopped": snapshot.stopped,
        "engine": snapshot.engine,
        "described": snapshot.described,
        "history": snapshot.history,
        "seconds": snapshot.seconds,
    }
    files = {ARRAYS: stream.getvalue(), STATE: json.dumps(state).encode()}
    for name, array in arrays_of(files[ARRAYS]).items():
        if array.tobytes() != snapshot.numbers[name].tobytes():
            raise Damaged(f"{ARRAYS}: {name} is not what was written")
    manifest = {
        "schema": SCHEMA,
        "epoch": snapshot.epoch,
        "files": {
            name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in files.items()
        },
    }
    return {**files, MANIFEST: json.dumps(manifest, indent=2).encode()}


def arrays_of(content: bytes) -> dict[str, NDArray[Any]]:
    """The arrays of an `.npz` file: numbers, never objects.

    Raises:
        Damaged: It is no such file.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            packed = [part.filename for part in parts.infolist() if part.compress_type != zipfile.ZIP_STORED]
        if packed:
            raise Damaged(f"{ARRAYS}: {packed[0]} is packed, which no checkpoint is")
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise Damaged(f"{ARRAYS}: {error}") from None


def read(folder: Path) -> Snapshot:
    """The state in a checkpoint's directory.

    Raises:
        Damaged: A file is missing, or is not what was written.
    """
    manifest = _manifest(folder)
    files = {name: _verified(folder / name, told) for name, told in manifest["files"].items()}
    state = json.loads(files[STATE])
    if not int(folder.name) == manifest["epoch"] == state["epoch"]:
        raise Damaged(f"{MANIFEST}: is of epoch {manifest['epoch']}")
    return Snapshot(
        epoch=state["epoch"],
        stopped=state["stopped"],
        arrays=arrays_of(files[ARRAYS]),
        described=state["described"],
        engine=state["engine"],
        rows=state["history"],
        times=state["seconds"],
    )


def _manifest(folder: Path) -> dict[str, Any]:
    if _size(folder / MANIFEST) > MAX_MANIFEST:
        raise Damaged(f"{MANIFEST}: is not the manifest of a checkpoint")
    content = _read(folder / MANIFEST)
    try:
        manifest = json.loads(content)
        right = (manifest["schema"], set(manifest["files"])) == (SCHEMA, {ARRAYS, STATE})
        well_made = right and isinstance(manifest["epoch"], int)
        for told in manifest["files"].values():
            well_made &= isinstance(told["bytes"], int) and isinstance(told["sha256"], str)
        well_made = well_made and manifest["files"][STATE]["bytes"] <= MAX_STATE
    except (ValueError, TypeError, KeyError, AttributeError):
        well_made = False
    if not well_made:
        raise Damaged(f"{MANIFEST}: is not the manifest of a checkpoint")
    return dict(manifest)


def _verified(file: Path, told: Mapping[str, Any]) -> bytes:
    held = _size(file)
    if held != told["bytes"]:
        raise Damaged(f"{file.name}: has {held:,} bytes, and {told['bytes']:,} were written")
    content = _read(file)
    found = hashlib.sha256(content).hexdigest()
    if found != told["sha256"]:
        raise Damaged(f"{file.name}: its SHA-256 is {found[:12]}..., recorded is {told['sha256'][:12]}...")
    return content


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError as error:
        raise Damaged(f"{file.name}: {error.strerror}") from None


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Damaged(f"{file.name}: {error.strerror}") from None
