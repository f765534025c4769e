"""Combinations that are well-formed and wrong: found before data are read or Keras is imported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nntrain.config import catalogue
from nntrain.config.data import KERAS_SETS, SKLEARN_SETS, KerasSource, NpzSource, SklearnSource, Task
from nntrain.config.keras_object import KerasObject
from nntrain.config.losses import (
    CLASS_METRICS,
    EITHER_METRICS,
    INDEX_METRICS,
    Output,
    facts,
    last_output,
    log_name,
    takes_logits,
)
from nntrain.config.schema import Config
from nntrain.errors import KeyPath, Problem, did_you_mean, listing

LOSS: KeyPath = ("training", "loss")
UNDIRECTED = frozenset({None, "Mean", "MeanMetricWrapper", "Metric", "Sum"})
"""Classes whose own metrics do not say whether more is better."""


def check(config: Config) -> list[Problem]:
    """Every wrong combination that the config alone shows; each problem names its key."""
    task = known_task(config)
    return [
        *_run_name(config),
        *_layer_names(config),
        *_metric_names(config),
        *(() if task == "regression" else (*_loss_and_output(config), *_metric_labels(config))),
        *_early_stopping(config),
        *_callbacks(config),
        *check_task(config, task),
    ]


def known_task(config: Config) -> Task | None:
    """Classification or regression, where the config alone decides it."""
    data = config.data
    if data.task != "auto":
        return data.task
    if isinstance(data, SklearnSource):
        return SKLEARN_SETS[data.name]
    if isinstance(data, KerasSource):
        return KERAS_SETS[data.name]
    return "classification" if facts(config.training.loss).labels != "any" else None


def check_task(config: Config, task: Task | None) -> list[Problem]:
    """What does not fit the kind of target.

    Args:
        config: A valid config.
        task: What the target is; None if only the data can tell.
    """
    training = config.training
    if task != "regression":
        return []
    problems = []
    if facts(training.loss).labels != "any":
        problems.append(
            Problem(
                f"{_named(training.loss)} is for classes, and the target is a number; "
                "use mean_squared_error or mean_absolute_error",
                LOSS,
                id="loss-task",
            )
        )
    for i, metric in enumerate(training.metrics):
        if metric.name in CLASS_METRICS:
            message = f"'{metric.type}' is for classes, and the target is a number; use mae or R2Score"
            problems.append(Problem(message, ("training", "metrics", i), id="metric-task"))
    if training.class_weight is not None:
        message = "the target is a number, so there are no classes to weigh; remove this"
        problems.append(Problem(message, ("training", "class_weight"), id="metric-task"))
    output = last_output(config.model.layers)
    if output and output.activation == "softmax":
        message = "the outputs of softmax add up to 1, and the target is a number; use linear"
        problems.append(Problem(message, output.path, id="loss-output"))
    if output and output.units is not None and output.units != 1:
        message = f"the last layer has {output.units} outputs, and the target is one number; use 1"
        problems.append(Problem(message, (*output.units_path, "units"), id="units"))
    return problems


def history_names(config: Config) -> list[str]:
    """The quantities that training reports after each epoch."""
    names = ["loss", *(log_name(metric) for metric in config.training.metrics)]
    if has_validation(config):
        names += [f"val_{name}" for name in names]
    return names


def has_validation(config: Config) -> bool:
    """Whether rows are held out to watch training."""
    data = config.data
    own = isinstance(data, NpzSource) and data.x_validation is not None
    return own or data.split.validation > 0


def _run_name(config: Config) -> Iterator[Problem]:
    if config.name == "latest":
        yield Problem("'latest' is the link to the newest run; choose another name", ("name",), id="name")


def _layer_names(config: Config) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for i, layer in enumerate(config.model.layers):
        name = layer.arguments.get("name")
        path: KeyPath = ("model", "layers", i, "name")
        if name is None:
            continue
        if not isinstance(name, str) or not name or "/" in name or ".." in name:
            message = f"must be text without '/' and '..', got {name!r}"
            yield Problem(message, path, id="layer-name")
        elif name in seen:
            line = _line(config, (*path[:2], seen[name], "name"))
            message = f"the layer on line {line} is called '{name}' too; give each its own name"
            yield Problem(message, path, id="layer-name")
        else:
            seen[name] = i


def _line(config: Config, path: KeyPath) -> int | None:
    return config.origin.location(path).line


def _named(loss: KerasObject) -> str:
    return loss.type


def _loss_and_output(config: Config) -> Iterator[Problem]:
    loss = config.training.loss
    output = last_output(config.model.layers)
    if output is None:
        return
    if output.activation == "softmax" and output.units == 1:
        message = "softmax over 1 unit is always 1; use sigmoid, or a unit for each class"
        yield Problem(message, output.path, id="loss-output")
        return
    wanted = facts(loss).probabilities
    if wanted is None:
        return
    if loss.name != "KLDivergence" and takes_logits(loss):
        if output.activation in {"softmax", "sigmoid"}:
            line = _line(config, output.path)
            yield Problem(
                f"the last layer (line {line}) is {output.activation}, so its outputs are no logits; "
                "use from_logits: false, or remove that activation",
                (*LOSS, "from_logits"),
                id="loss-output",
            )
        return
    misfit = _misfit(loss, wanted, output)
    if misfit:
        yield Problem(misfit, LOSS if output.activation == "softmax" else output.path, id="loss-output")


def _misfit(loss: KerasObject, wanted: str, output: Output) -> str | None:
    """Why the last activation does not give what the loss takes, and what would."""
    name, activation = _named(loss), output.activation
    if activation == wanted and not (wanted == "softmax" and output.units == 1):
        return None
    if activation == "softmax":
        return (
            f"{name} scores every output by itself, and the last layer is softmax over "
            f"{output.units or 'several'} units; use sparse_categorical_crossentropy"
        )
    if output.units == 1 and wanted == "softmax":
        return f"{name} needs a softmax unit for each class; for 1 unit use sigmoid and binary_crossentropy"
    fix = f"use {wanted}"
    if loss.name != "KLDivergence" and activation == "linear":
        fix += ", or set the loss's from_logits: true"
    return f"{name} takes probabilities, and the last activation is {activation}; {fix}"


def _metric_names(config: Config) -> Iterator[Problem]:
    seen: set[str] = set()
    for i, metric in enumerate(config.training.metrics):
        name = log_name(metric)
        if name in seen:
            entry = catalogue.entry("metrics", metric.type)
            nameless = entry is not None and "name" not in entry.arguments
            fix = (
                f"give one of them a name: {{type: {metric.type}, name: ...}}"
                if not nameless
                else "remove one"
            )
            path: KeyPath = ("training", "metrics", i)
            yield Problem(f"two metrics are called '{name}'; {fix}", path, id="metric-name")
        seen.add(name)


def _metric_labels(config: Config) -> Iterator[Problem]:
    training = config.training
    labels = facts(training.loss).labels
    output = last_output(config.model.layers)
    for i, metric in enumerate(training.metrics):
        path: KeyPath = ("training", "metrics", i)
        if metric.registered:
            continue
        if metric.name in {"F1Score", "FBetaScore"} and metric.argument("average") is None:
            message = f"'{metric.type}' is a number for each class; choose one number"
            spelled = f"{{type: {metric.name}, average: macro, threshold: 0.5}}"
            yield Problem(f"{message}: {spelled}", path, id="metric-labels")
        elif metric.name == "Accuracy" and metric.arguments:
            message = "'Accuracy' counts outputs that equal the label exactly, which no probability does"
            yield Problem(f"{message}; use accuracy", path, id="metric-labels")
        elif labels == "index" and metric.name not in INDEX_METRICS | EITHER_METRICS:
            yield Problem(
                f"'{metric.type}' needs one-hot labels, and {_named(training.loss)} takes class numbers; "
                "use categorical_crossentropy, or remove it: evaluation has precision, recall, F1 "
                "and ROC AUC anyway",
                path,
                id="metric-labels",
            )
        elif metric.name in INDEX_METRICS and (labels != "index" or (output and output.units == 1)):
            yield Problem(
                f"'{metric.type}' needs class numbers, and {_named(training.loss)} does not take them; "
                "use accuracy",
                path,
                id="metric-labels",
            )


def _early_stopping(config: Config) -> Iterator[Problem]:
    stopping = config.training.early_stopping
    if stopping is not None:
        path: KeyPath = ("training", "early_stopping", "monitor")
        yield from _monitor(config, stopping.monitor, path)
        name = stopping.monitor.removeprefix("val_")
        own = [m for m in config.training.metrics if m.registered and log_name(m) == name]
        if own and stopping.mode == "auto" and own[0].base in UNDIRECTED:
            message = f"Keras can't know whether less or more of '{name}' is better"
            yield Problem(f"{message}; add mode: min or mode: max", path, id="monitor")


def _callbacks(config: Config) -> Iterator[Problem]:
    optimizer = config.training.optimizer
    for i, callback in enumerate(config.training.callbacks):
        path: KeyPath = ("training", "callbacks", i)
        monitor = callback.argument("monitor")
        if isinstance(monitor, str):
            yield from _monitor(config, monitor, (*path, "monitor"))
        if callback.name == "ReduceLROnPlateau" and isinstance(
            optimizer.arguments.get("learning_rate"), KerasObject
        ):
            line = _line(config, ("training", "optimizer", "learning_rate"))
            message = f"can't change a learning rate that a schedule sets (line {line}); keep one of the two"
            yield Problem(f"{callback.name} {message}", path, id="two-schedules")


def _monitor(config: Config, monitor: str, path: KeyPath) -> Iterator[Problem]:
    names: Sequence[str] = history_names(config)
    if monitor in names:
        return
    if monitor.removeprefix("val_") in names:
        yield Problem(
            f"there is no '{monitor}' without validation rows; set data.split.validation above 0, "
            f"or watch '{monitor.removeprefix('val_')}'",
            path,
            id="monitor",
        )
        return
    hint = did_you_mean(monitor, names)
    yield Problem(f"there is no '{monitor}'{hint}; training reports {listing(names)}", path, id="monitor")
