"""What each target is, and what does not fit that."""

from __future__ import annotations

from collections.abc import Iterator

from nntrain.config.checks.segmentation import check_segmentation
from nntrain.config.data import KERAS_SETS, SKLEARN_SETS, KerasSource, SeriesSource, SklearnSource, Task
from nntrain.config.network.outputs import NetworkOutput, outputs_of
from nntrain.config.schema import Config
from nntrain.config.vocabulary.losses import CLASS_METRICS, EITHER_METRICS, INDEX_METRICS, facts
from nntrain.errors import KeyPath, Problem

WEIGHT: KeyPath = ("training", "class_weight")
RESAMPLE: KeyPath = ("training", "resample")
LARGEST_METRICS = frozenset({"CategoricalAccuracy", "TopKCategoricalAccuracy"})
"""Metrics that look for the largest output."""


def known_task(config: Config, output: NetworkOutput) -> Task | None:
    """What a target is, where the config alone decides it."""
    data = config.data
    if data.task != "auto":
        return data.task
    if isinstance(data, SeriesSource):
        return "regression"
    labels = facts(output.loss).labels
    if isinstance(getattr(data, "target", None), tuple):
        return "multi_label" if labels == "binary" else None
    if len(data.target_names) == 1 and getattr(data, "targets", None) is None:
        if isinstance(data, SklearnSource):
            return SKLEARN_SETS[data.name]
        if isinstance(data, KerasSource):
            return KERAS_SETS[data.name]
    return "classification" if labels != "any" else None


def check_tasks(config: Config, tasks: dict[str, Task | None]) -> list[Problem]:
    """What does not fit the kinds of target.

    Args:
        config: A valid config.
        tasks: What each target is, by its name; None where only the data can tell.
    """
    outputs = outputs_of(config)
    found = [p for output in outputs for p in check_task(config, output, tasks.get(output.target))]
    given = [tasks.get(output.target) for output in outputs]
    return [*found, *_class_weight(config, given), *_resample(config, given)]


def check_task(config: Config, output: NetworkOutput, task: Task | None) -> Iterator[Problem]:
    """What of one output does not fit its target."""
    if task == "regression":
        yield from _for_classes(output, "the target is a number", "use mae or R2Score")
        yield from _regression_output(config, output)
    elif task == "reconstruction":
        yield from _for_classes(output, "the target is the input itself", "use mae or remove it")
        if output.last and output.last.activation == "softmax":
            message = "the outputs of softmax add up to 1, and the target is the input itself; use sigmoid"
            yield Problem(message, output.last.path, id="loss-output")
    elif task == "multi_label":
        yield from _several_labels(output)
    elif task == "segmentation":
        yield from check_segmentation(config, output)


def _for_classes(output: NetworkOutput, target: str, instead: str) -> Iterator[Problem]:
    labels = facts(output.loss).labels
    if labels != "any" and not (labels == "binary" and "itself" in target):
        message = (
            f"{output.loss.type} is for classes, and {target}; use mean_squared_error or mean_absolute_error"
        )
        yield Problem(message, output.loss_path, id="loss-task")
    for path, metric in output.metrics:
        if metric.name in CLASS_METRICS:
            message = f"'{metric.type}' is for classes, and {target}; {instead}"
            yield Problem(message, path, id="metric-task")


def _regression_output(config: Config, output: NetworkOutput) -> Iterator[Problem]:
    last = output.last
    if last and last.activation == "softmax":
        message = "the outputs of softmax add up to 1, and the target is a number; use linear"
        yield Problem(message, last.path, id="loss-output")
    if last and last.units is not None and last.units != 1 and _is_one_number(config, output):
        message = f"the last layer has {last.units} outputs, and the target is one number; use 1"
        yield Problem(message, (*last.units_path, "units"), id="units")


def _is_one_number(config: Config, output: NetworkOutput) -> bool:
    """Whether a target of numbers is known to be one for each row."""
    data = config.data
    if isinstance(data, (SklearnSource, KerasSource)):
        return data.name != "linnerud"
    if isinstance(data, SeriesSource):
        return data.steps == 1
    named = getattr(data, "targets", None)
    column = named.get(output.target) if named else getattr(data, "target", None)
    return isinstance(column, (str, int)) and data.type == "csv"


def _several_labels(output: NetworkOutput) -> Iterator[Problem]:
    labels = facts(output.loss).labels
    if labels not in {"binary", "any"}:
        message = (
            f"{output.loss.type} picks one class, and a row can have several labels; use binary_crossentropy"
        )
        yield Problem(message, output.loss_path, id="loss-task")
    elif output.last and output.last.activation == "softmax":
        message = "the outputs of softmax add up to 1, and a row can have several labels; use sigmoid"
        yield Problem(message, output.last.path, id="loss-output")
    for path, metric in output.metrics:
        if metric.name in EITHER_METRICS | INDEX_METRICS | LARGEST_METRICS and not metric.registered:
            message = f"'{metric.type}' compares the largest output alone, and a row can have several labels"
            yield Problem(f"{message}; use binary_accuracy", path, id="metric-task")


def _class_weight(config: Config, tasks: list[Task | None]) -> Iterator[Problem]:
    if config.training.class_weight is None:
        return
    if len(tasks) > 1:
        message = (
            "weighs the classes of one output, and the network has several; use loss_weights, or remove this"
        )
        yield Problem(message, WEIGHT, id="metric-task")
    elif tasks[0] == "regression":
        message = "the target is a number, so there are no classes to weigh; remove this"
        yield Problem(message, WEIGHT, id="metric-task")
    elif tasks[0] in {"reconstruction", "multi_label"}:
        message = "a row has no one class to weigh it by; remove this"
        yield Problem(message, WEIGHT, id="metric-task")


def _resample(config: Config, tasks: list[Task | None]) -> Iterator[Problem]:
    if config.training.resample is None:
        return
    if config.training.rows is not None:
        message = "draws the training rows anew, and training.rows some of them; keep one of the two"
        yield Problem(message, RESAMPLE, id="conflict")
    if config.training.class_weight is not None:
        message = "balances the classes by their rows, and class_weight by weights; keep one of the two"
        yield Problem(message, RESAMPLE, id="conflict")
    if len(tasks) > 1:
        message = "balances the classes of one output, and the network has several; remove this"
        yield Problem(message, RESAMPLE, id="metric-task")
    elif tasks[0] == "regression":
        message = "the target is a number, so there are no classes to balance; remove this"
        yield Problem(message, RESAMPLE, id="metric-task")
    elif tasks[0] == "segmentation":
        message = (
            "a mask has pixels of several classes, so rows can't balance them; use class_weight: balanced"
        )
        yield Problem(message, RESAMPLE, id="metric-task")
    elif tasks[0] in {"reconstruction", "multi_label"}:
        message = "a row has no one class to balance it by; remove this"
        yield Problem(message, RESAMPLE, id="metric-task")
