"""`runs prune`: old runs are removed, each at once and whole."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from nntrain.errors import ArtefactError, ConflictError, MachineError, Problem
from nntrain.run.files import explained
from nntrain.run.links import link_to
from nntrain.run.lock import LOCK, RunLock, is_going_on
from nntrain.run.shelf.listing import RunRow, list_runs
from nntrain.run.shelf.stored import STAMP

REMOVED = ".removed-"
"""Before the name of a run that is being removed; what a kill leaves of it is removed the next time."""
Reason = Literal["newest", "latest", "running", "newer", "damaged"]
WHY: dict[Reason, str] = {
    "newest": "among the newest finished",
    "latest": "'latest' leads to it",
    "running": "it is going on",
    "newer": "it began after the oldest that is kept",
    "damaged": "its record can't be read",
}
INSTEAD = "the runs after it were kept"


@dataclass(frozen=True)
class Leaving:
    """A run that is to be removed."""

    row: RunRow
    size: int
    """Bytes that it takes on the disk."""

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {"run": str(self.row.run.path), "status": self.row.run.status, "bytes": self.size}


@dataclass(frozen=True)
class Pruning:
    """What is to be done."""

    leaving: tuple[Leaving, ...]
    """The oldest first."""
    staying: tuple[tuple[RunRow, Reason], ...]
    leftovers: tuple[Path, ...]
    """What an earlier removal did not finish."""
    links: tuple[Path, ...]
    """`latest` links that lead nowhere."""

    @property
    def size(self) -> int:
        """Bytes that all of it takes."""
        return sum(one.size for one in self.leaving)


def plan(where: str | None, runs_dir: str | Path, keep: int) -> Pruning:
    """Which runs are to be removed: those that are older than the newest finished ones of their name.

    A run that failed or was interrupted goes if it began before all that are kept; of a name that has fewer
    than `keep` finished runs, nothing goes. What can't be read stays.

    Args:
        where: As for `list_runs`.
        runs_dir: The folder of all runs.
        keep: How many finished runs of each name stay.

    Raises:
        ArtefactError: `where` holds no runs, or is one.
    """
    rows = list_runs(where, runs_dir)
    if len(rows) == 1 and where is not None and rows[0].run.path == Path(where):
        raise ArtefactError(
            f"{where} is a run; name the folder that it is in, to remove the older ones there"
        )
    by_folder: dict[Path, list[RunRow]] = {}
    for row in rows:
        by_folder.setdefault(row.run.path.parent, []).append(row)
    folders = {*by_folder, *(folder.parent for folder in by_folder)}
    links = [link for folder in sorted(folders) if _is_ours(link := folder / "latest")]
    latest = {link.resolve() for link in links}
    leaving: list[Leaving] = []
    staying: list[tuple[RunRow, Reason]] = []
    for same in by_folder.values():
        reasons = _reasons(same, keep, latest)
        staying += [(row, reason) for row, reason in zip(same, reasons, strict=True) if reason is not None]
        gone = [row for row, reason in zip(same, reasons, strict=True) if reason is None]
        leaving += [Leaving(row, _size(row.run.path)) for row in gone]
    leftovers = [path for folder in sorted(by_folder) for path in folder.glob(f"{REMOVED}*")]
    broken = [link for link in links if not link.exists()]
    return Pruning(tuple(leaving), tuple(staying), tuple(leftovers), tuple(broken))


def carry_out(pruning: Pruning) -> Iterator[Leaving | RunRow]:
    """Remove what is to be removed: each run is renamed first, so that none is ever half there.

    Yields:
        Each run that was removed; as a row one that has begun to go on meanwhile, and stays.

    Raises:
        MachineError: A directory can't be removed.
    """
    for path in pruning.leftovers:
        _remove(path)
    for one in pruning.leaving:
        path = one.row.run.path
        try:
            lock = RunLock(path, path)
        except ConflictError:
            yield one.row
            continue
        gone = path.with_name(f"{REMOVED}{path.name}")
        with lock, explained(path, INSTEAD):
            path.rename(gone)
        _remove(gone)
        yield one
    for link in pruning.links:
        mend(link)


def mend(link: Path) -> None:
    """Let a `latest` lead to the newest finished run there is, or be gone if there is none.

    Raises:
        MachineError: The link can't be made or removed.
    """
    finished = [row for row in list_runs(None, link.parent) if row.run.status == "finished"]
    if finished:
        refused = link_to(link, finished[-1].run.path.relative_to(link.parent))
        if refused is None:
            return
        raise MachineError(Problem(f"{link} can't be mended: {refused}; {INSTEAD}", id="disk"))
    with explained(link, INSTEAD):
        link.unlink(missing_ok=True)


def _reasons(rows: Sequence[RunRow], keep: int, latest: set[Path]) -> list[Reason | None]:
    """Why each run of a folder stays, the oldest first; None for those that go."""
    finished = [i for i, row in enumerate(rows) if row.run.status == "finished"]
    kept = finished[max(0, len(finished) - keep) :]
    first = 0 if len(finished) < keep else kept[0] if kept else len(rows)
    found: list[Reason | None] = []
    for i, row in enumerate(rows):
        if _is_busy(row):
            found.append("running")
        elif row.run.status == "damaged":
            found.append("damaged")
        elif i in kept:
            found.append("newest")
        elif row.run.path.resolve() in latest:
            found.append("latest")
        else:
            found.append("newer" if i >= first else None)
    return found


def _is_ours(link: Path) -> bool:
    """Whether it is a link to a run, as `fit` makes them."""
    return link.is_symlink() and re.fullmatch(rf"([^/]+/)?{STAMP}", str(link.readlink())) is not None


def _is_busy(row: RunRow) -> bool:
    """Whether a process trains the run, or one of those that it holds."""
    if row.run.status == "running":
        return True
    locked = [path for path in (row.run.path, *row.run.children) if (path / LOCK).exists()]
    return any(is_going_on(path, {"status": "running"}) for path in locked)


def _size(folder: Path) -> int:
    """Bytes of the files in a directory."""
    sizes = [0]
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                sizes.append((Path(place) / name).lstat().st_size)
            except OSError:
                continue  # it has gone meanwhile
    return sum(sizes)


def _remove(path: Path) -> None:
    with explained(path, INSTEAD):
        shutil.rmtree(path)
