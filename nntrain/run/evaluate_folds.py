"""`evaluate` of a parent run: every fold's model is scored, and the scores are put together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from nntrain.config.folds import FOLDS, Parts, parts_of
from nntrain.errors import ArtefactError, Problem
from nntrain.run.checkpoint.folder import go_on
from nntrain.run.directory import RECORD, RunDirectory
from nntrain.run.expectations import not_checked, numbers_of, outcomes, outcomes_json
from nntrain.run.folds_results import FOLDS_SCHEMA, FoldsEvaluation
from nntrain.run.lock import is_going_on, still_going
from nntrain.run.manifest import amend
from nntrain.run.observer import Observer
from nntrain.run.results import EvaluateResult
from nntrain.run.trained import run_config


def is_parent(run: RunDirectory) -> bool:
    """Whether a run holds a run for each fold or seed."""
    return parts_of(run.record) is not None


def kind_of(parent: RunDirectory) -> Parts:
    """What the runs of a parent are for."""
    return parts_of(parent.record) or FOLDS


def holds_several(parent: RunDirectory, path: Path) -> str:
    """What to say of a parent where a single run is wanted: `runs/a/b holds a run for each fold`."""
    return f"{path} holds a run for each {kind_of(parent).one}"


def one_of(parent: RunDirectory, path: Path) -> Path:
    """One of the runs that it holds, or will hold, to name in a message: of seeds the median."""
    if parent.record.get("median"):
        return path / str(parent.record["median"])
    return path / next(iter(folds_of(parent)), kind_of(parent).folder(1))


def folds_of(parent: RunDirectory) -> list[str]:
    """The directories of the runs that a parent holds, finished or not."""
    parts = kind_of(parent)
    names = [parts.folder(number) for number in range(1, parent.record[parts.several] + 1)]
    return [name for name in names if (parent.path / name / RECORD).exists()]


def evaluate_folds(
    parent: RunDirectory,
    path: Path,
    evaluate_one: Callable[[Path], EvaluateResult],
    stem: str,
    observer: Observer,
    *,
    judge: bool,
) -> FoldsEvaluation:
    """Score each fold's run.

    Args:
        parent: The parent run.
        path: Its directory as the user wrote it.
        evaluate_one: Scores the run in a directory.
        stem: What the file of scores is called, if not after the split.
        observer: Is told which fold it is.
        judge: Whether the rows are a split, so that the config's `expect` can be checked.

    Raises:
        ArtefactError: The parent is not finished, or what scoring a run raises.
    """
    names, parts = _finished(parent, path), kind_of(parent)
    found = []
    for number, name in enumerate(names, 1):
        observer.fold(number, len(names), parts.one)
        found.append(evaluate_one(path / name))
    config, records = run_config(parent), [RunDirectory.open(path / name).record for name in names]
    split, name = found[0].split, f"evaluations/{stem or found[0].split}.json"
    by_output = [{o: {split: scores} for o, scores in fold.outputs.items()} for fold in found]
    expected = outcomes(config, by_output, list(map(numbers_of, records))) if judge else ()
    notes = [
        *(note for fold in found for note in fold.notes),
        *(not_checked(config, expected) if expected else ()),
    ]
    result = FoldsEvaluation(
        path,
        split,
        tuple(fold.outputs for fold in found),
        path / name,
        tuple(dict.fromkeys(notes)),
        parts,
        config.name,
        expected,
    )
    content = {"schema": FOLDS_SCHEMA, parts.several: len(found), "splits": result.metrics()}
    parent.write_json(name, {**content, **outcomes_json(expected)})
    amend(parent, [name])
    return result


def _finished(parent: RunDirectory, path: Path) -> list[str]:
    """The directories of the folds, all of which are finished."""
    record, parts = parent.record, kind_of(parent)
    names: list[str] = record["runs"]
    if record.get("status") == "finished":
        return names
    if is_going_on(parent.path, record):
        raise still_going(path)
    ended = {"failed": "failed", "interrupted": "was interrupted"}.get(record.get("status", ""), "was killed")
    kept = f", or score a finished {parts.one}: {path / names[0]}" if names else ""
    count = f"{len(names)} of its {record[parts.several]} {parts.several}"
    raise _unfinished(path, f"{ended} when {count} were finished; go on with: {go_on(path)}{kept}")


def _unfinished(path: Path, how: str) -> ArtefactError:
    return ArtefactError(Problem(f"the run {path} {how}", id="run-unfinished"))
