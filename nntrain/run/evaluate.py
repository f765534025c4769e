"""`evaluate`: score a finished run, or a bare model, by the code that `fit` scored it with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from nntrain.config import load_config
from nntrain.config.schema import Config
from nntrain.config.training import Device
from nntrain.errors import ArtefactError, ConflictError, MachineError, UsageError
from nntrain.run.directory import MODEL, RunDirectory
from nntrain.run.environment import is_alive
from nntrain.run.observer import Observer, Silent
from nntrain.run.results import EvaluateResult, metrics_json
from nntrain.run.startup import start_for

Split = Literal["training", "validation", "test"]


def evaluate(
    model: str | Path,
    *,
    config: Config | None = None,
    split: Split | None = None,
    data: str | Path | None = None,
    examples: int = 0,
    device: Device | None = None,
    observer: Observer | None = None,
) -> EvaluateResult:
    """Score a run on one of its splits or on new data, or a `.keras` file under a config.

    Args:
        model: A run's directory, or a `.keras` file.
        config: What built the `.keras` file; a run has its own.
        split: The rows to score; by default `test`, or what the run reported instead of it.
        data: A file of labelled rows to score instead, prepared as the run's training rows were.
        examples: How many of the first rows to return.
        device: Overrides the config's `training.device`.
        observer: Is told what happens.

    Raises:
        ArtefactError: There is no such run, it is not finished, or one of its files was changed.
        ConflictError: The data are not those that the run was trained on.
        UsageError: The arguments do not go together.
        DataError: The data are missing or unfit.
    """
    path, observer = Path(model), observer or Silent()
    if data is not None and split is not None:
        raise UsageError("--split and --data exclude one another: a file is scored as a whole")
    if path.suffix == ".keras":
        return _bare_model(path, config, split, data, examples, device, observer)
    if config is not None:
        raise UsageError("--config goes with a .keras file; a run has its own config")
    run = _finished(RunDirectory.open(path), path)
    config = run_config(run)
    experiment = _experiment(config, device, observer)
    found = experiment.dataset.fingerprint
    recorded = run.record["data"]["fingerprint"]
    if found != recorded:
        raise ConflictError(
            f"the data are not those that {path} was trained on: their SHA-256 is {found[:12]}..., "
            f"recorded is {recorded[:12]}...; bring those data back, or score new rows with --data"
        )
    content = run.read(MODEL)
    name, scored, notes = _score(experiment, content, str(run.path / MODEL), split, data, observer, run)
    dataset = experiment.dataset
    stem = Path(data).stem if data is not None else name
    folder = f"evaluations/{stem}"
    written = run.write_json(
        f"{folder}.json", metrics_json(dataset.task, dataset.classes, {name: scored.scores})
    )
    from nntrain.run.artefacts import write_predictions

    write_predictions(run, f"{folder}.csv", scored, dataset.classes)
    run.update({})
    shown = path / written.relative_to(run.path)
    return EvaluateResult(path, name, scored.scores, shown, _examples(scored, experiment, examples), notes)


def run_config(run: RunDirectory) -> Config:
    """The config of a run, with relative paths as they were.

    Raises:
        ArtefactError: The stored config was changed.
    """
    run.read("resolved.yaml")
    folder = Path(run.record["config"]["file"]).parent
    return load_config(run.path / "resolved.yaml", folder=folder)


def _finished(run: RunDirectory, path: Path) -> RunDirectory:
    status = run.record.get("status")
    if status == "finished":
        return run
    if status == "running" and is_alive(run.record):
        raise ArtefactError(f"the run {path} is still going; wait until it has finished")
    if status == "failed":
        reason = run.record.get("failure", {}).get("message", "unknown reason")
        raise ArtefactError(f"the run {path} failed, so it has no scores: {reason}")
    epochs = run.record.get("epochs", 0)
    raise ArtefactError(
        f"the run {path} was interrupted after epoch {epochs}, so it has no scores; "
        "train it again with nntrain fit"
    )


def _experiment(config: Config, device: Device | None, observer: Observer) -> Any:
    observer.phase("starting TensorFlow")
    start_for(config, device)
    from nntrain.run.experiment import prepare

    observer.phase("reading the data")
    return prepare(config)


def _bare_model(
    path: Path,
    config: Config | None,
    split: Split | None,
    data: str | Path | None,
    examples: int,
    device: Device | None,
    observer: Observer,
) -> EvaluateResult:
    if config is None:
        raise UsageError(f"{path} is a bare model; add --config FILE, the config that it was trained with")
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ArtefactError(f"there is no file {path}") from None
    except OSError as error:
        raise MachineError(f"{path} can't be read: {error.strerror}") from None
    experiment = _experiment(config, device, observer)
    name, scored, notes = _score(experiment, content, str(path), split, data, observer, None)
    return EvaluateResult(path, name, scored.scores, None, _examples(scored, experiment, examples), notes)


def _score(
    experiment: Any,
    content: bytes,
    shown: str,
    split: Split | None,
    data: str | Path | None,
    observer: Observer,
    run: RunDirectory | None,
) -> tuple[str, Any, tuple[str, ...]]:
    """Name of what was scored, its scores, and what the user should know."""
    from nntrain.run.experiment import load_weights, read_rows, score

    observer.phase("evaluating")
    load_weights(experiment.model, content, shown)
    if data is not None:
        stored = run.read("preprocess.json") if run is not None else None
        rows = read_rows(experiment, Path(data), stored)
        return str(data), score(experiment, experiment.model, rows), rows.notes
    splits = experiment.dataset.splits
    available = {("training" if name == "train" else name): rows for name, rows in splits.items()}
    name = split or (
        "test" if "test" in available else "validation" if "validation" in available else "training"
    )
    if name not in available:
        raise UsageError(f"the config holds out no {name} rows; it has {', '.join(available)}")
    return name, score(experiment, experiment.model, available[name]), ()


def _examples(scored: Any, experiment: Any, count: int) -> tuple[dict[str, Any], ...]:
    classes: Sequence[str] = experiment.dataset.classes
    found: list[dict[str, Any]] = []
    for i in range(min(count, len(scored.rows))):
        row: dict[str, Any] = {"row": int(scored.rows.index[i])}
        if scored.labels is not None:
            row |= {"actual": classes[int(scored.rows.y[i])], "predicted": classes[int(scored.labels[i])]}
        else:
            actual, predicted = float(scored.rows.y[i]), float(scored.outputs[i, 0])
            row |= {"actual": actual, "predicted": predicted, "difference": predicted - actual}
        found.append(row)
    return tuple(found)
