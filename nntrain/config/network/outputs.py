"""What each output of the network is: its layers, its loss and its metrics, however they are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nntrain.config.network.graph import Chain, chain
from nntrain.config.schema import Config
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.config.vocabulary.losses import Output, last_output, log_name
from nntrain.errors import KeyPath

LOSS: KeyPath = ("training", "loss")
METRICS: KeyPath = ("training", "metrics")


@dataclass(frozen=True)
class NetworkOutput:
    """One output: the only one, or one of several."""

    name: str
    """Of the layer."""
    target: str
    """Of the target that it predicts."""
    chain: Chain
    """The layers that lead straight to it."""
    loss: KerasObject
    loss_path: KeyPath
    metrics: tuple[tuple[KeyPath, KerasObject], ...]
    """Each with its place in the config."""
    prefix: str
    """What the columns of `history.csv` that belong to it begin with."""
    per_pixel: bool = False
    """Whether each pixel of an image has outputs of its own, so that the last layer may be a convolution."""

    @property
    def last(self) -> Output | None:
        """What its last layers give; None where only building the network can tell."""
        return last_output(self.chain, per_pixel=self.per_pixel)


def outputs_of(config: Config) -> tuple[NetworkOutput, ...]:
    """The outputs of the network, in the order of `model.outputs`."""
    names = config.graph.outputs
    loss, metrics = config.training.loss, config.training.metrics
    several = len(names) > 1
    found = []
    for name, target in zip(names, _targets(config), strict=True):
        by_output = isinstance(loss, Mapping)
        own = loss.get(name) if isinstance(loss, Mapping) else loss
        if own is None:
            continue
        given = metrics.get(name, ()) if isinstance(metrics, Mapping) else metrics
        at = (*METRICS, name) if isinstance(metrics, Mapping) else METRICS
        found.append(
            NetworkOutput(
                name,
                target,
                chain(config.graph, name),
                own,
                (*LOSS, name) if by_output else LOSS,
                tuple(((*at, i), metric) for i, metric in enumerate(given)),
                f"{name}_" if several else "",
                config.data.task == "segmentation",
            )
        )
    return tuple(found)


def _targets(config: Config) -> tuple[str, ...]:
    """The target of each output: of its own name where there are several."""
    names = config.graph.outputs
    return names if len(names) > 1 or names[0] in config.data.target_names else config.data.target_names[:1]


def history_names(config: Config) -> list[str]:
    """The quantities that training reports after each epoch."""
    names = ["loss"]
    for output in outputs_of(config):
        if output.prefix:
            names.append(f"{output.prefix}loss")
        names += [f"{output.prefix}{log_name(metric)}" for _, metric in output.metrics]
    if has_validation(config):
        names += [f"val_{name}" for name in names]
    return names


def own_metrics(config: Config) -> dict[str, KerasObject]:
    """The metrics of the user's own code, by their columns in `history.csv`."""
    return {
        f"{output.prefix}{log_name(metric)}": metric
        for output in outputs_of(config)
        for _, metric in output.metrics
        if metric.registered
    }


def has_validation(config: Config) -> bool:
    """Whether rows are held out to watch training."""
    return config.data.has_validation
