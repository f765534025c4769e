"""`evaluate`: score a finished run, or a bare model, by the code that `fit` scored it with."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from nntrain.config import load_config
from nntrain.config.schema import Config
from nntrain.config.training import Device
from nntrain.errors import ArtefactError, ConfigError, ConflictError, UsageError
from nntrain.run.bounded import open_regular
from nntrain.run.changes import check_release
from nntrain.run.checkpoint.folder import committed, go_on
from nntrain.run.directory import CODE, WEIGHTS, RunDirectory
from nntrain.run.evaluate_folds import evaluate_folds, folds_of, holds_several, is_parent
from nntrain.run.folds_results import FoldsEvaluation
from nntrain.run.libraries import load_ahead
from nntrain.run.lock import is_going_on
from nntrain.run.manifest import amend
from nntrain.run.memory import told_as_memory
from nntrain.run.model_files.admission import check_trust, read_weights, refuse_others, weights_limit
from nntrain.run.observer import Observer, Silent
from nntrain.run.reading import read_data, read_rows
from nntrain.run.results import EvaluateResult, metrics_json
from nntrain.run.scoring import Scored, Target
from nntrain.run.startup import start_with_data

if TYPE_CHECKING:
    from nntrain.data.dataset import Dataset, Rows
    from nntrain.evaluation import SplitScores

Split = Literal["training", "validation", "test"]


def evaluate(
    model: str | Path,
    *,
    config: Config | None = None,
    split: Split | None = None,
    data: str | Path | None = None,
    examples: int = 0,
    device: Device | None = None,
    allow_code: bool = False,
    trust_model: bool = False,
    observer: Observer | None = None,
) -> EvaluateResult | FoldsEvaluation:
    """Score a run on one of its splits or on new data, or a `.keras` file under a config.

    Of a parent run, the model of each fold or seed is scored.

    Args:
        model: A run's directory, or a `.keras` file.
        config: What built the `.keras` file; a run has its own.
        split: The rows to score; by default `test`, or what the run reported instead of it.
        data: A file of labelled rows to score instead, prepared as the run's training rows were.
        examples: How many of the first rows to return.
        device: Overrides the config's `training.device`.
        allow_code: Whether the run's copy of the user's own code, or the file that the config's `code`
            names, may be run.
        trust_model: Whether the numbers of a `.keras` file may be read.
        observer: Is told what happens.

    Raises:
        ArtefactError: There is no such run, it is not finished, or one of its files was changed; or the model
            file is not trusted, damaged, of another network or made to do harm.
        ConflictError: The data are not those that the run was trained on.
        MemoryLimitError: The network does not fit into memory, or memory ran out.
        UsageError: The arguments do not go together.
        DataError: The data are missing or unfit.
        ConfigError: The code may not be run, or fails.
    """
    refuse_others(str(model))
    path, observer = Path(model), observer or Silent()
    if data is not None and split is not None:
        raise UsageError("--split and --data exclude one another: a file is scored as a whole")
    parent = None if path.suffix == ".keras" or config is not None else RunDirectory.open(path)
    if parent is not None and is_parent(parent):
        if examples:
            raise UsageError(
                f"{holds_several(parent, path)}; show the rows of one, such as {path / folds_of(parent)[0]}"
            )

        def evaluate_one(fold: Path) -> EvaluateResult:
            subject = _saved_run(fold, None)
            return _evaluate(subject, fold, split, data, 0, device, allow_code, observer)

        stem = "" if data is None else _stem(Path(data))
        return evaluate_folds(parent, path, evaluate_one, stem, observer)
    bare = path.suffix == ".keras"
    subject = _saved_model(path, config, trust_model) if bare else _saved_run(path, config)
    return _evaluate(subject, path, split, data, examples, device, allow_code, observer)


def _evaluate(
    subject: _Subject,
    path: Path,
    split: Split | None,
    data: str | Path | None,
    examples: int,
    device: Device | None,
    allow_code: bool,
    observer: Observer,
) -> EvaluateResult:
    """Score one model, as `evaluate` says."""
    load_ahead(subject.config.graph)
    observer.phase("reading the data and starting TensorFlow")

    def start(read: Callable[[Config], Any]) -> Any:
        _, rows = start_with_data(subject.config, read, device, allow_code)
        observer.phase("evaluating")
        return rows

    found = _score_split(subject, split, start) if data is None else _score_file(subject, Path(data), start)
    written = None if subject.run is None else path / _write(subject.run, found, data)
    from nntrain.run.rows import examples as first_rows
    from nntrain.run.scoring import worse_than_baseline

    where = f"{found.name} rows" if data is None else f"rows of {Path(data).name}"
    return EvaluateResult(
        path,
        found.name,
        found.scores,
        written,
        first_rows(found.outputs, examples),
        (*found.notes, *worse_than_baseline(found.scores, where)),
    )


@dataclass(frozen=True)
class _Subject:
    """What is scored."""

    path: Path
    """As the user wrote it."""
    config: Config
    load: Callable[[Any], None]
    """Puts the weights into a model that the config built."""
    run: RunDirectory | None
    """None for a bare model."""


@dataclass(frozen=True)
class _Found:
    """The scores, and what they are the scores of."""

    name: str
    """The split, or the file."""
    outputs: Mapping[str, Scored]
    """By the output's name."""
    notes: tuple[str, ...]

    @property
    def scores(self) -> dict[str, SplitScores]:
        """The scores alone."""
        return {name: scored.scores for name, scored in self.outputs.items()}


def _saved_run(path: Path, config: Config | None) -> _Subject:
    if config is not None:
        raise UsageError("--config goes with a .keras file; a run has its own config")
    run = finished(RunDirectory.open(path), path)
    found = run_config(run)
    content = read_weights(run)

    def load(model: Any) -> None:
        from nntrain.run.model_files.weights import check_numbers, load_numbers

        numbers = content
        if numbers is None:
            with open_regular(run.path / WEIGHTS) as stream:
                check_numbers(model, stream, str(path / WEIGHTS))
            numbers = run.read(WEIGHTS, weights_limit(run))
        load_numbers(model, numbers, str(path / WEIGHTS))

    return _Subject(path, found, load, run)


def _saved_model(path: Path, config: Config | None, trusted: bool) -> _Subject:
    if config is None:
        raise UsageError(f"{path} is a bare model; add --config FILE, the config that it was trained with")
    check_trust(path, trusted)
    from nntrain.run.model_files.foreign import load_foreign, scan

    scan(path, str(path), config.user_code)
    return _Subject(path, config, lambda model: load_foreign(model, path, str(path)), None)


Start = Callable[[Callable[[Config], Any]], Any]
"""Starts Keras, and reads rows meanwhile."""


def _score_split(subject: _Subject, split: Split | None, start: Start) -> _Found:
    def read(config: Config) -> Dataset:
        dataset = read_data(config)
        _check_same(subject, dataset)
        return dataset

    dataset = start(read)
    from nntrain.model.user_code import blamed_on_code
    from nntrain.run.experiment import prepare, score

    with blamed_on_code(), told_as_memory(subject.config.training.batch_size, "evaluating"):
        experiment = prepare(subject.config, dataset)
        splits = experiment.dataset.splits
        available = {("training" if name == "train" else name): rows for name, rows in splits.items()}
        name = split or next(name for name in ("test", "validation", "training") if name in available)
        if name not in available:
            raise UsageError(f"the config holds out no {name} rows; it has {', '.join(available)}")
        subject.load(experiment.model)
        rows = available[name]
        scored = score(experiment.config, experiment.predicted, experiment.model, rows)
    return _Found(name, scored, rows.notes)


def _check_same(subject: _Subject, dataset: Dataset) -> None:
    """Refuse to score a run on other data than those that it was trained on."""
    found = dataset.fingerprint
    recorded = subject.run.record["data"]["fingerprint"] if subject.run else found
    if found != recorded:
        raise ConflictError(
            f"the data are not those that {subject.path} was trained on: their SHA-256 is {found[:12]}..., "
            f"recorded is {recorded[:12]}...; bring those data back, or score new rows with --data"
        )


def _score_file(subject: _Subject, file: Path, start: Start) -> _Found:
    """Score new rows; a run needs nothing else for it, a bare model the data that it was trained on."""
    if subject.run is None:
        return _score_file_of_model(subject, file, start)
    recorded = map(Target.from_json, subject.run.record["targets"])
    targets = {target.name: target for target in recorded}
    preprocess = json.loads(subject.run.read("preprocess.json"))
    rows = start(lambda config: read_rows(config, targets, file, preprocess))
    return _score_rows(subject, subject.config, targets, rows, file)


def _score_file_of_model(subject: _Subject, file: Path, start: Start) -> _Found:
    dataset = start(read_data)
    from nntrain.model.user_code import blamed_on_code
    from nntrain.run.experiment import prepare

    with blamed_on_code(), told_as_memory(subject.config.training.batch_size, "evaluating"):
        experiment = prepare(subject.config, dataset)
    targets = experiment.predicted
    rows = read_rows(experiment.config, targets, file, dataset.preprocess)
    return _score_rows(subject, experiment.config, targets, rows, file)


def _score_rows(
    subject: _Subject, config: Config, targets: Mapping[str, Target], rows: Rows, file: Path
) -> _Found:
    from nntrain.model.user_code import blamed_on_code
    from nntrain.run.experiment import build_network, score

    with blamed_on_code(), told_as_memory(subject.config.training.batch_size, "evaluating"):
        model = build_network(config, rows)
        subject.load(model)
        return _Found(str(file), score(config, targets, model, rows), rows.notes)


def _write(run: RunDirectory, found: _Found, data: str | Path | None) -> Path:
    """Write scores and predictions into the run; the scores' path in it."""
    from nntrain.run.artefacts import write_predictions

    stem = f"evaluations/{found.name if data is None else _stem(Path(data))}"
    targets = {name: scored.target for name, scored in found.outputs.items()}
    written = run.write_json(f"{stem}.json", metrics_json(targets, {found.name: found.scores}))
    write_predictions(run, f"{stem}.csv", found.outputs)
    amend(run, [f"{stem}.json", f"{stem}.csv"])
    return written.relative_to(run.path)


def _stem(file: Path) -> str:
    """What the scores of a file or folder are called: its name, which no split has."""
    if file.stem in get_args(Split):
        return file.name if file.suffix else f"{file.name}_folder"
    return file.stem


def run_config(run: RunDirectory, overrides: Sequence[str] = ()) -> Config:
    """The config of a run, with relative paths as they were, and its own copy of the user's code.

    Args:
        run: Opened.
        overrides: Values that replace the run's, as `load_config` takes them.

    Raises:
        ArtefactError: The stored config or code was changed, or the config is of another release.
    """
    run.read("resolved.yaml")
    folder = Path(run.record["config"]["file"]).parent
    code = None
    if "code" in run.record:
        run.read(CODE)
        code = run.path / CODE
    try:
        return load_config(run.path / "resolved.yaml", overrides, folder=folder, code=code)
    except ConfigError as error:
        if not overrides:
            check_release(run, error)
        raise


def finished(run: RunDirectory, path: Path) -> RunDirectory:
    """The run, if it has finished.

    Raises:
        ArtefactError: It goes on, failed or was interrupted.
    """
    status = run.record.get("status")
    if status == "finished":
        return run
    if is_going_on(run.path, run.record):
        raise ArtefactError(f"the run {path} is still going; wait until it has finished")
    if status == "failed":
        reason = run.record.get("failure", {}).get("message", "unknown reason")
        raise ArtefactError(f"the run {path} failed, so it has no scores: {reason}")
    again = f"go on with: {go_on(path)}" if committed(run.path) else "train it again with nntrain fit"
    raise ArtefactError(
        f"the run {path} was interrupted after epoch {run.epochs}, so it has no scores; {again}"
    )
