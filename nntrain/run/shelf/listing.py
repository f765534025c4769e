"""`runs`: the runs of a folder, as rows of a table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntrain.errors import ArtefactError, did_you_mean
from nntrain.run.directory import RECORD
from nntrain.run.shelf.stored import STAMP, Score, StoredRun, folders, read_run


@dataclass(frozen=True)
class RunRow:
    """What is told of one run."""

    run: StoredRun
    values: Mapping[str, Any]
    """What can be filtered and sorted by, without the scores; None where it is not known."""
    scores: Mapping[str, Score]
    """By split and name, `test.accuracy`."""
    main: str | None
    """The name of the score that stands for the run."""

    @classmethod
    def of(cls, run: StoredRun) -> RunRow:
        """What is told of a run."""
        main = run.main
        values = {
            "run": str(run.path),
            "name": run.name,
            "status": run.status,
            "started": run.started,
            "epochs": run.epochs,
            "seconds": run.seconds,
            "parameters": run.parameters,
            "seed": run.seed,
            "task": run.task,
        }
        return cls(run, values, run.scores, main[0] if main else None)

    def value(self, key: str) -> Any:
        """What stands under a key, a score's value among them; None where there is nothing."""
        score = self.scores.get(key)
        return score.value if score is not None else self.values.get(key)

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        started = self.values["started"]
        return {
            **self.values,
            "started": None if started is None else started.isoformat(timespec="seconds"),
            "of": self.run.wanted_epochs,
            "holds": self.run.parts,
            "score": self.main,
            "scores": {name: score.to_json() for name, score in self.scores.items()},
            "problem": self.run.problem,
        }


def list_runs(where: str | None, runs_dir: str | Path = "runs", *, children: bool = False) -> list[RunRow]:
    """The runs of a folder, the newest last.

    Args:
        where: A folder of runs, of names, or a run; or a name under `runs_dir`. None for `runs_dir` itself.
        runs_dir: The folder of all runs; if it is not there, there are no runs.
        children: Whether the runs of folds and seeds are listed after those that hold them.

    Raises:
        ArtefactError: `where` is neither.
    """
    rows = sorted(map(RunRow.of, map(read_run, _found(where, Path(runs_dir)))), key=_when)
    if not children:
        return rows
    return [one for row in rows for one in (row, *(RunRow.of(read_run(p)) for p in row.run.children))]


def is_run(path: Path) -> bool:
    """Whether a directory is a run, or what is left of one."""
    return re.fullmatch(STAMP, path.name) is not None or (path / RECORD).exists()


def _found(where: str | None, runs: Path) -> list[Path]:
    if where is None:
        return list(_runs_in(runs))
    path = Path(where)
    if path.is_dir() and is_run(path):
        return [path]
    named = runs / where
    inside = [*_runs_in(path)] or [*_runs_in(named)]
    if inside:
        return inside
    if path.is_dir():
        raise ArtefactError(f"{path} holds no runs")
    hint = did_you_mean(where, (folder.name for folder in folders(runs)))
    raise ArtefactError(f"there are no runs at {path}, and none of that name in {runs}{hint}")


def _runs_in(folder: Path) -> Iterator[Path]:
    """The runs of a folder, and those of each folder in it."""
    for path in folders(folder):
        if is_run(path):
            yield path
        else:
            yield from (inner for inner in folders(path) if is_run(inner))


def _when(row: RunRow) -> tuple[float, str]:
    started = row.values["started"]
    return (0.0 if started is None else started.timestamp(), str(row.run.path))


def score_names(rows: Sequence[RunRow]) -> list[str]:
    """The scores that any of the runs has, in the order in which they are met."""
    return list(dict.fromkeys(name for row in rows for name in row.scores))
