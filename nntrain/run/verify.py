"""`verify`: whether a run's files, and the data that it learnt from, are still what they were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntrain.errors import ArtefactError, Location, NntrainError, Problem
from nntrain.run.directory import RECORD, RunDirectory
from nntrain.run.evaluate_folds import folds_of, is_parent
from nntrain.run.manifest import MANIFEST, Entries, entry, files_of, read_manifest


@dataclass(frozen=True)
class VerifyResult:
    """What was found in a run's directory."""

    path: Path
    """The run, as the user wrote it."""
    status: str
    """What `run.json` says."""
    files: Mapping[str, str]
    """By its path in the run, whether a file is `ok`, `damaged` or `missing`."""
    extra: tuple[str, ...]
    """Files that the run did not write."""
    problems: tuple[Problem, ...]
    """One for each file that is damaged or missing."""
    notes: tuple[str, ...]
    """What has become of the data, and what could not be looked at."""

    @property
    def error(self) -> ArtefactError | None:
        """What to end with; None if the run is whole."""
        return ArtefactError(*self.problems) if self.problems else None

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "run": {"dir": str(self.path), "status": self.status},
            "files": dict(self.files),
            "extra": list(self.extra),
            "notes": list(self.notes),
        }


def verify(path: str | Path) -> VerifyResult:
    """Compare every file of a run with what was recorded of it, those of its folds among them.

    Args:
        path: A run's directory.

    Raises:
        ArtefactError: It is no run, or nothing in it says what its files were.
    """
    path = Path(path)
    files: dict[str, str] = {}
    problems: list[Problem] = []
    try:
        entries = read_manifest(path) if path.is_dir() else None
    except ArtefactError as error:
        entries, files[MANIFEST] = None, "damaged"
        problems += error.problems
    run = _opened(path, entries)
    notes = [] if run is None else list(_doubts(run, entries, files, problems))
    expected = entries if entries is not None else _recorded(run)
    for name, noted in expected.items():
        problem = _compared(path / name, noted)
        files[name] = "ok" if problem is None else "missing" if problem.id == "missing-file" else "damaged"
        problems += [] if problem is None else [problem]
    extra = [name for name in files_of(path) if entries is not None and name not in entries]
    if run is not None and is_parent(run):
        for name in folds_of(run):
            fold = verify(path / name)
            files |= {f"{name}/{file}": state for file, state in fold.files.items()}
            extra += [f"{name}/{file}" for file in fold.extra]
            problems += fold.problems
            notes += [note for note in fold.notes if note not in notes]
    elif run is not None and not problems:
        notes += _about_the_data(run)
    status = "unknown" if run is None else str(run.record.get("status", "unknown"))
    return VerifyResult(path, status, files, tuple(extra), tuple(problems), tuple(notes))


def _opened(path: Path, entries: Entries | None) -> RunDirectory | None:
    """The run; None if its record can't be read, which the manifest then tells."""
    try:
        return RunDirectory.open(path)
    except ArtefactError:
        if entries is None or RECORD not in entries:
            raise
        return None


def _doubts(
    run: RunDirectory, entries: Entries | None, files: dict[str, str], problems: list[Problem]
) -> Iterator[str]:
    """What to say where there is no manifest to go by."""
    status = run.record.get("status")
    if entries is not None or files:
        return
    if status == "finished":
        files[MANIFEST] = "missing"
        problems.append(_missing(run.path / MANIFEST))
    else:
        yield f"the status of the run is {status}: only the files that {RECORD} knows were looked at"


def _recorded(run: RunDirectory | None) -> Entries:
    """What `run.json` says of the files."""
    known = {} if run is None else run.record.get("sha256", {})
    return {name: {"bytes": None, "sha256": digest} for name, digest in known.items()}


def _compared(path: Path, noted: Mapping[str, Any]) -> Problem | None:
    """What is wrong with a file."""
    if not path.exists():
        return _missing(path)
    place = Location(str(path))
    held = path.stat().st_size
    if noted["bytes"] not in (None, held) and path.is_file():
        sizes = f"it has {held:,} bytes, and had {noted['bytes']:,}"
        return Problem(f"the file was changed after the run: {sizes}", location=place, id="damaged")
    found = entry(path)
    if found["sha256"] == noted["sha256"]:
        return None
    if found["sha256"] is None:
        return Problem("the file can't be read", location=place, id="damaged")
    return Problem(
        f"the file was changed after the run: its SHA-256 is {found['sha256'][:12]}..., "
        f"recorded is {str(noted['sha256'])[:12]}...",
        location=place,
        id="damaged",
    )


def _missing(path: Path) -> Problem:
    return Problem("the file is missing from the run", location=Location(str(path)), id="missing-file")


def _about_the_data(run: RunDirectory) -> Iterator[str]:
    """What has become of what the run was made from, if that can be told."""
    from nntrain.run.pretrained import pretrained
    from nntrain.run.reading import read_data
    from nntrain.run.stderr import native_noise_held_back
    from nntrain.run.trained import run_config

    recorded = run.record["data"]["fingerprint"]
    try:
        config = run_config(run)
        with native_noise_held_back():
            found = read_data(config).fingerprint
        weights = pretrained(config)
    except NntrainError as error:
        reason = " ".join(error.problems[0].message.split())
        yield f"what the run learnt from can't be compared: {reason}"
        return
    if found != recorded:
        yield (
            f"the data have changed since the run: their SHA-256 is {found[:12]}..., "
            f"recorded is {recorded[:12]}..."
        )
    if weights != run.record.get("pretrained", weights):
        yield "the file of pretrained weights has changed since the run"
