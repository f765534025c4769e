"""`compare`: what runs do differently, how they score, and whether that is more than noise."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntrain.config.reuse.difference import Difference, differences
from nntrain.config.reuse.facts import with_facts_of_run
from nntrain.config.schema import Config
from nntrain.config.vocabulary.scores import chief
from nntrain.errors import ArtefactError, Problem, UsageError
from nntrain.run.checkpoint.folder import go_on
from nntrain.run.directory import RunDirectory
from nntrain.run.lock import is_going_on, still_going
from nntrain.run.shelf.paired import Predictions, Tested, tested, why_not
from nntrain.run.shelf.stored import StoredRun, read_run
from nntrain.run.trained import finished, run_config

MOST = 26
"""Runs beside one another: each has a letter."""
OWN = {"folds": ("data.split.fold",), "seeds": ("seed",)}
"""What each run of a parent has for itself, so that it is no difference from another."""
COLUMNS = frozenset({"categorical", "dates", "drop", "inputs", "preprocess"})
"""The keys of `data` that say which columns are features, and what they are made into."""
History = dict[str, list[float]]


@dataclass(frozen=True)
class Cell:
    """One score of one run."""

    value: float
    std: float | None = None
    """Deviation over the runs of a parent."""
    interval: tuple[float, float] | None = None
    """The middle 95 % over resamples of the rows, where the run has it."""

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        interval = None if self.interval is None else list(self.interval)
        return {"value": self.value, "std": self.std, "interval": interval}


@dataclass(frozen=True)
class Comparison:
    """One run beside the first one."""

    differences: tuple[Difference, ...]
    """Of the configs."""
    tests: tuple[Tested, ...]
    not_tested: str | None
    """Why there is no test; None where there is one."""

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "differences": [difference.as_json() for difference in self.differences],
            "tests": [test.to_json() for test in self.tests],
            "not_tested": self.not_tested,
        }


@dataclass(frozen=True)
class Compared:
    """Runs side by side."""

    runs: tuple[StoredRun, ...]
    scores: Mapping[str, Mapping[str, Sequence[Cell | None]]]
    """By output (`` for the only one) and title, `test accuracy`, the score of each run."""
    others: tuple[Comparison, ...]
    """Each run but the first beside the first."""
    notes: tuple[str, ...]
    """What the numbers do not tell, one sentence each."""

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "runs": [{"dir": str(run.path), "status": run.status, "name": run.name} for run in self.runs],
            "scores": {
                output or "": {
                    title: [None if cell is None else cell.to_json() for cell in cells]
                    for title, cells in titles.items()
                }
                for output, titles in self.scores.items()
            },
            "against_first": [other.to_json() for other in self.others],
            "notes": list(self.notes),
        }


def compare(paths: Sequence[str | Path]) -> Compared:
    """Set runs beside the first of them.

    Args:
        paths: Two or more finished runs of the same task, or runs of folds or seeds.

    Raises:
        UsageError: There are too few or too many, one stands there twice, or their tasks differ.
        ArtefactError: One is no run, is not finished, or its files were changed.
        ConflictError: One is still going.
    """
    _check_paths(paths)
    opened = [_finished(Path(path)) for path in paths]
    runs = [read_run(Path(path)) for path in paths]
    for run in runs:
        if run.problem is not None:
            raise ArtefactError(Problem(f"{run.path}: {run.problem}", id="damaged"))
    _check_tasks(runs)
    configs = [_config(run) for run in runs]
    read: dict[int, Predictions] = {}
    others = []
    for i in range(1, len(runs)):
        own = {key for run in (runs[0], runs[i]) if run.parts for key in OWN[run.parts]}
        found = differences(*_alike(configs[0], configs[i]))
        changes = tuple(difference for difference in found if difference.key not in own)
        reason = _holds_runs(runs[0]) or _holds_runs(runs[i])
        tests: tuple[Tested, ...] = ()
        if reason is None:
            ours, theirs = (read.setdefault(j, Predictions(opened[j])) for j in (0, i))
            columns = _other_columns(changes)
            reason = why_not(opened[0], opened[i], ours, theirs, other_columns=columns)
            tests = () if reason else tuple(tested(opened[0].record["targets"], ours, theirs))
        others.append(Comparison(changes, tests, reason))
    return Compared(tuple(runs), _scores(runs), tuple(others), tuple(_notes(runs, others)))


def _other_columns(changes: Sequence[Difference]) -> bool:
    """Whether all that differs of the data is which columns are features, and how they are prepared."""
    parts = [change.key.split(".") for change in changes]
    of_data = [part[1] for part in parts if part[0] == "data" and len(part) > 1]
    return bool(of_data) and COLUMNS.issuperset(of_data)


def histories(runs: Sequence[StoredRun]) -> list[History]:
    """The course of training of each run: values by quantity, one an epoch, NaN where an epoch has none.

    Raises:
        UsageError: A run holds others, which have a course each.
        ArtefactError: A file is missing or was changed.
    """
    found = []
    for run in runs:
        if run.parts is not None:
            first = run.children[0] if run.children else run.path
            raise UsageError(
                f"--plot draws single runs, and {run.path} holds several; name one, such as {first}"
            )
        rows = list(csv.DictReader(io.StringIO(RunDirectory.open(run.path).read("history.csv").decode())))
        names = [name for name in rows[0] if name != "epoch"] if rows else []
        found.append({name: [float(row[name]) if row[name] else math.nan for row in rows] for name in names})
    return found


def _check_paths(paths: Sequence[str | Path]) -> None:
    if len(paths) < 2:
        raise UsageError(f"there is one run to compare, {paths[0]}; name another one, or use nntrain show")
    if len(paths) > MOST:
        raise UsageError(f"{len(paths)} runs are too many to read side by side; name at most {MOST}")
    known: dict[Path, str] = {}
    for path in map(str, paths):
        place = Path(path).resolve()
        if place in known:
            same = known[place]
            both = f"{same} stands there twice" if same == path else f"{same} and {path} are the same run"
            raise UsageError(f"{both}; name different runs")
        known[place] = path


def _finished(path: Path) -> RunDirectory:
    """A run that has scores.

    Raises:
        ArtefactError: It has none.
        ConflictError: Not yet.
    """
    run, parent = RunDirectory.open(path), read_run(path)
    if parent.parts is None or parent.status in {"finished", "damaged"}:
        return finished(run, path)
    if is_going_on(path, run.record):
        raise still_going(path)
    done = f"{parent.epochs} of its {parent.count} {parent.parts}"
    ended = "failed" if parent.status == "failed" else "was interrupted"
    raise ArtefactError(
        f"the run {path} {ended} when {done} were finished, so it has no scores of all; "
        f"go on with: {go_on(path)}"
    )


def _check_tasks(runs: Sequence[StoredRun]) -> None:
    """Refuse runs that do not predict the same.

    Raises:
        UsageError: They do not.
    """
    first = runs[0]
    for other in runs[1:]:
        if other.task != first.task:
            message = f"{first.path} is a run of {first.task}, and {other.path} one of {other.task}"
            raise UsageError(Problem(f"{message}; only runs of the same task can be compared", id="tasks"))
        one, two = _names(first), _names(other)
        if one != two:
            message = f"{first.path} predicts {', '.join(one)}, and {other.path} predicts {', '.join(two)}"
            raise UsageError(
                Problem(f"{message}; only runs with the same outputs can be compared", id="tasks")
            )


def _names(run: StoredRun) -> list[str]:
    return [str(target["name"]) for target in run.own["targets"]]


def _config(run: StoredRun) -> tuple[Config, dict[str, Any]]:
    """The config of a run, of a parent that of its first one, and what it found its data to be."""
    opened = RunDirectory.open(run.children[0] if run.parts is not None else run.path)
    return run_config(opened), opened.record.get("facts", {})


def _alike(old: tuple[Config, dict[str, Any]], new: tuple[Config, dict[str, Any]]) -> tuple[Config, Config]:
    """Two configs, each with what only the other run's data tell."""
    return with_facts_of_run(old[0], new[1]), with_facts_of_run(new[0], old[1])


def _holds_runs(run: StoredRun) -> str | None:
    return None if run.parts is None else f"{run.path} holds several runs; compare single ones row by row"


def _scores(runs: Sequence[StoredRun]) -> dict[str, dict[str, list[Cell | None]]]:
    """Every shown score of the rows that the first run reports, by output and title."""
    found: dict[str, dict[str, list[Cell | None]]] = {}
    for split in ("validation", "test", "training"):
        for output, key, title in _shown(runs, split):
            name = ".".join(part for part in (split, output, key) if part)
            cells = [_cell(run, split, output, key, name) for run in runs]
            if any(cells):
                found.setdefault(output, {}).setdefault(f"{split} {title}", cells)
    return found


def _shown(runs: Sequence[StoredRun], split: str) -> list[tuple[str, str, str]]:
    """Output, key and title of the scores of a split that any run has."""
    shown: dict[tuple[str, str], str] = {}
    for run in runs:
        for output, numbers in _by_output(run, split).items():
            for key, title in chief(numbers):
                shown.setdefault((output, key), title)
    return [(output, key, title) for (output, key), title in shown.items()]


def _by_output(run: StoredRun, split: str) -> dict[str, Mapping[str, Any]]:
    scores = run.metrics.get("splits", {}).get(split, {})
    return dict(scores["outputs"]) if "outputs" in scores else {"": scores} if scores else {}


def _cell(run: StoredRun, split: str, output: str, key: str, name: str) -> Cell | None:
    score = run.scores.get(name)
    if score is None:
        return None
    interval = _by_output(run, split)[output].get("intervals", {}).get(key)
    known = isinstance(interval, Mapping) and {"low", "high"} <= set(interval)
    return Cell(score.value, score.std, (interval["low"], interval["high"]) if known else None)


def _notes(runs: Sequence[StoredRun], others: Sequence[Comparison]) -> list[str]:
    """What the numbers do not tell."""
    notes = []
    if any(other.tests for other in others):
        notes.append(
            "a test tells of these trained models on other rows; each is one seed, and another may differ by "
            "more: nntrain fit CONFIG --seeds 5 measures that"
        )
    count = sum(bool(other.tests) for other in others)
    if count > 1:
        chance = f"{1 - 0.95**count:.0%}"
        notes.append(f"one of {count} comparisons at 5 % finds a difference by chance in {chance} of cases")
    if any(run.parts == "folds" for run in runs):
        notes.append("folds share training rows, so their deviation is less than that of new data")
    return notes
