"""What callbacks and early stopping watch, and whether it will be there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nntrain.config.network.outputs import history_names, outputs_of, own_metrics
from nntrain.config.schema import Config
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.config.vocabulary.losses import EITHER_METRICS, UPWARD, log_name
from nntrain.errors import KeyPath, Problem, did_you_mean, listing

UNDIRECTED = frozenset({None, "Mean", "MeanMetricWrapper", "Metric", "Sum"})
"""Classes whose own metrics do not say whether more is better."""


def check_monitors(config: Config) -> Iterator[Problem]:
    """Quantities that will not be reported, and callbacks that exclude one another."""
    stopping = config.training.early_stopping
    if stopping is not None:
        path: KeyPath = ("training", "early_stopping", "monitor")
        yield from _monitor(config, stopping.monitor, path)
        name = stopping.monitor.removeprefix("val_")
        own = own_metrics(config).get(name)
        if own and stopping.mode == "auto" and own.base in UNDIRECTED:
            message = f"Keras can't know whether less or more of '{name}' is better"
            yield Problem(f"{message}; add mode: min or mode: max", path, id="monitor")
        better = _better(config, name)
        if stopping.mode not in ("auto", better) and better is not None:
            message = f"{'more' if better == 'max' else 'less'} of '{stopping.monitor}' is better, and "
            message += (
                f"mode: {stopping.mode} would keep the worst epoch; write mode: {better}, or leave it out"
            )
            yield Problem(message, ("training", "early_stopping", "mode"), id="monitor")
    yield from _callbacks(config)


def _better(config: Config, name: str) -> str | None:
    """`min` for a loss, `max` for a metric of Keras that is known to rise; None where nothing is known."""
    outputs = outputs_of(config)
    if name in {"loss", *(f"{output.prefix}loss" for output in outputs)}:
        return "min"
    for output in outputs:
        for _, metric in output.metrics:
            if f"{output.prefix}{log_name(metric)}" == name and not metric.registered:
                return "max" if metric.name in UPWARD | EITHER_METRICS else None
    return None


def direction(config: Config, monitor: str) -> str:
    """Whether less or more of a quantity is better: `min`, `max`, or `auto` where Keras can tell.

    With several outputs it can not: there less is better unless a metric says otherwise.
    """
    name = monitor.removeprefix("val_")
    for output in outputs_of(config):
        if not output.prefix:
            return "auto"
        for _, metric in output.metrics:
            if f"{output.prefix}{log_name(metric)}" == name:
                judged = metric.base or metric.name
                return "max" if judged in UPWARD | EITHER_METRICS else "min"
    return "min"


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
            line = config.line_of(("training", "optimizer", "learning_rate"))
            message = f"can't change a learning rate that a schedule sets ({line}); keep one of the two"
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
