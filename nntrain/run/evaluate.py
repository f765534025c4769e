"""`evaluate`: score a finished run, or a bare model, by the code that `fit` scored it with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nntrain.config.schema import Config
from nntrain.config.training import Device
from nntrain.errors import ConflictError, Problem, UsageError
from nntrain.run.directory import WEIGHTS, RunDirectory
from nntrain.run.evaluate_folds import evaluate_folds, holds_several, is_parent, one_of
from nntrain.run.expectations import Outcome, judged_alone, not_checked, numbers_of, outcomes, outcomes_json
from nntrain.run.folds_results import FoldsEvaluation
from nntrain.run.libraries import load_ahead
from nntrain.run.manifest import amend
from nntrain.run.memory import told_as_memory
from nntrain.run.model_files.admission import check_trust, read_weights, refuse_others
from nntrain.run.observer import Observer, Silent
from nntrain.run.reading import read_data, read_rows
from nntrain.run.results import EvaluateResult, Split, metrics_json, scores_stem
from nntrain.run.scoring import Scored, Seen
from nntrain.run.startup import start_with_data
from nntrain.run.target import Target
from nntrain.run.trained import finished, run_config

if TYPE_CHECKING:
    from nntrain.data.dataset import Dataset, Rows
    from nntrain.evaluation import SplitScores
    from nntrain.run.experiment import Experiment


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
    plot: bool = False,
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
        plot: Whether to draw what was scored, into a folder beside the scores.
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
    bare = path.suffix == ".keras"
    parent = None if bare or config is not None else RunDirectory.open(path)
    if parent is not None and is_parent(parent):
        if examples or plot:
            do = "show the rows" if examples else "draw the pictures"
            raise UsageError(f"{holds_several(parent, path)}; {do} of one, such as {one_of(parent, path)}")

        def evaluate_one(fold: Path) -> EvaluateResult:
            return _evaluate(
                _saved_run(fold, None), fold, split, data, 0, device, allow_code, False, observer
            )

        stem = "" if data is None else scores_stem(Path(data))
        return evaluate_folds(parent, path, evaluate_one, stem, observer, judge=data is None)
    if bare and plot:
        raise UsageError(f"{path} is a bare model, and pictures are kept in a run; leave out --plot")
    subject = _saved_model(path, config, trust_model) if bare else _saved_run(path, config)
    return _evaluate(subject, path, split, data, examples, device, allow_code, plot, observer)


def _evaluate(
    subject: _Subject,
    path: Path,
    split: Split | None,
    data: str | Path | None,
    examples: int,
    device: Device | None,
    allow_code: bool,
    plot: bool,
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
    expected = _expected(subject, found) if data is None else ()
    written = None if subject.run is None else path / _write(subject.run, found, data, expected)
    drawn: tuple[Path, ...] = ()
    if plot and subject.run is not None and written is not None:
        from nntrain.run.evaluation_pictures import draw_evaluation

        folder = written.relative_to(path).with_suffix("")
        files = draw_evaluation(subject.run, folder, found.outputs, found.seen)
        drawn = tuple(path / name for name in files)
    from nntrain.run.reported import changed_scores, learnt_rows
    from nntrain.run.rows import examples as first_rows
    from nntrain.run.scoring import worse_than_baseline

    told = not_checked(subject.config, expected) if expected else ()
    if subject.run is not None and data is None:
        told = (*changed_scores(subject.run, found.name, found.scores), *told)
    elif data is not None:
        told = learnt_rows(subject.config, Path(data))
    where = f"{found.name} rows" if data is None else f"rows of {Path(data).name}"
    return EvaluateResult(
        path,
        found.name,
        found.scores,
        written,
        first_rows(found.outputs, examples),
        (*found.notes, *told, *worse_than_baseline(found.scores, where)),
        subject.config.name,
        expected,
        drawn,
    )


def _expected(subject: _Subject, found: _Found) -> tuple[Outcome, ...]:
    """What became of the config's `expect`, as far as these rows, and the run's record, tell."""
    record = {} if subject.run is None else subject.run.record
    if not judged_alone(record):
        return ()
    numbers = {"params": found.parameters} if subject.run is None else numbers_of(record)
    scores = {output: {found.name: scored} for output, scored in found.scores.items()}
    return outcomes(subject.config, [scores], [numbers])


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
    parameters: int
    """Weights of the network."""
    seen: Seen
    """What pictures show besides the scores."""

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
        from nntrain.run.model_files.weights import load_run

        load_run(model, run, content, str(path / WEIGHTS))

    return _Subject(path, found, load, run)


def _saved_model(path: Path, config: Config | None, trusted: bool) -> _Subject:
    if config is None:
        raise UsageError(
            f"{path} is a bare model; add --config FILE, the config that it was trained with, and "
            "--trust-model if you know where it comes from"
        )
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
        scored = score(experiment.config, _targets(subject, experiment), experiment.model, rows)
    seen = Seen(experiment.config, experiment.model, experiment.dataset.inputs, rows)
    return _Found(name, scored, rows.notes, experiment.model.count_params(), seen)


def _targets(subject: _Subject, experiment: Experiment) -> dict[str, Target]:
    """What is predicted, with the thresholds that the run recorded; of a bare model they are chosen anew."""
    from nntrain.run.thresholds import recorded_thresholds, with_thresholds

    found, model = experiment.predicted, experiment.model
    if subject.run is None:
        return with_thresholds(experiment.config, found, model, experiment.dataset.validation)
    return recorded_thresholds(subject.run.record, found)


def _check_same(subject: _Subject, dataset: Dataset) -> None:
    """Refuse to score a run on other data than those that it was trained on."""
    found = dataset.fingerprint
    recorded = subject.run.record["data"]["fingerprint"] if subject.run else found
    if found != recorded:
        message = (
            f"the data are not those that {subject.path} was trained on: their SHA-256 is {found[:12]}..., "
            f"recorded is {recorded[:12]}...; bring those data back, or score new rows with --data"
        )
        raise ConflictError(Problem(message, id="data-changed"))


def _score_file(subject: _Subject, file: Path, start: Start) -> _Found:
    """Score new rows; a run needs nothing else for it, a bare model the data that it was trained on."""
    if subject.run is None:
        return _score_file_of_model(subject, file, start)
    recorded = map(Target.from_json, subject.run.told("targets"))
    targets = {target.name: target for target in recorded}
    preprocess = subject.run.read_json("preprocess.json")
    rows = start(lambda config: read_rows(config, targets, file, preprocess))
    return _score_rows(subject, subject.config, targets, rows, file, preprocess)


def _score_file_of_model(subject: _Subject, file: Path, start: Start) -> _Found:
    dataset = start(read_data)
    from nntrain.model.user_code import blamed_on_code
    from nntrain.run.experiment import prepare

    with blamed_on_code(), told_as_memory(subject.config.training.batch_size, "evaluating"):
        experiment = prepare(subject.config, dataset)
        subject.load(experiment.model)
        targets = _targets(subject, experiment)
    rows = read_rows(experiment.config, targets, file, dataset.preprocess)
    return _score_rows(subject, experiment.config, targets, rows, file, dataset.preprocess)


def _score_rows(
    subject: _Subject,
    config: Config,
    targets: Mapping[str, Target],
    rows: Rows,
    file: Path,
    preprocess: Mapping[str, Any],
) -> _Found:
    from nntrain.data.prepare.document import from_json
    from nntrain.model.user_code import blamed_on_code
    from nntrain.run.experiment import build_network, score

    with blamed_on_code(), told_as_memory(subject.config.training.batch_size, "evaluating"):
        model = build_network(config, rows)
        subject.load(model)
        scored = score(config, targets, model, rows)
    columns = {name: state.columns for name, state in from_json(preprocess)[0].items()}
    return _Found(str(file), scored, rows.notes, model.count_params(), Seen(config, model, columns, rows))


def _write(run: RunDirectory, found: _Found, data: str | Path | None, expected: tuple[Outcome, ...]) -> Path:
    """Write scores and predictions into the run; the scores' path in it."""
    from nntrain.run.artefacts import write_predictions

    stem = f"evaluations/{found.name if data is None else scores_stem(Path(data))}"
    targets = {name: scored.target for name, scored in found.outputs.items()}
    content = {**metrics_json(targets, {found.name: found.scores}), **outcomes_json(expected)}
    run.write_json(f"{stem}.json", content)
    write_predictions(run, f"{stem}.csv", found.outputs)
    amend(run, [f"{stem}.json", f"{stem}.csv"])
    return Path(f"{stem}.json")
