"""What the outputs of an exported network are, for people and for programs."""

from __future__ import annotations

from typing import Any

from nntrain.config.network.outputs import NetworkOutput, outputs_of
from nntrain.config.schema import Config
from nntrain.model.targets import output_kind
from nntrain.run.directory import RunDirectory
from nntrain.run.experiment import output_shapes
from nntrain.run.export.ask import Port
from nntrain.run.target import Target

ONLY = "output"
"""What an output without others is called."""
GIVES = {
    "softmax": "probabilities",
    "sigmoid": "probabilities",
    "softmax_logits": "logits",
    "sigmoid_logits": "logits",
    "scores": "scores",
}


def outputs_told(run: RunDirectory, config: Config, network: Any) -> tuple[Port, ...]:
    """The outputs in their order.

    Args:
        run: Finished.
        config: Its config.
        network: Built.
    """
    targets = {target.name: target for target in map(Target.from_json, run.told("targets"))}
    shapes = output_shapes(config, network)
    outputs = outputs_of(config)
    alone = len(config.graph.outputs) == 1
    return tuple(
        _told(ONLY if alone else output.name, output, shapes[output.name], targets[output.target], config)
        for output in outputs
    )


def _told(
    name: str, output: NetworkOutput, shape: tuple[int | None, ...], target: Target, config: Config
) -> Port:
    kind, boundary = output_kind(output)
    extra: dict[str, Any] = {"task": target.task}
    if target.task in ("regression", "reconstruction"):
        holds = "numbers" if target.task == "regression" else "prepared rows, given back"
        return Port(name, shape, "float32", holds, target.names, extra)
    holds = GIVES[kind]
    if target.is_cut:
        given = config.evaluation.threshold
        values = (
            target.threshold.values if target.threshold else (given if isinstance(given, float) else 0.5,)
        )
        extra["threshold"] = list(values) if kind != "scores" else [boundary]
    if target.task == "segmentation":
        holds += " of each pixel"
    elif target.is_cut and target.task == "classification" and shape[-1] == 1:
        holds = f"{holds} of '{target.names[1]}'"
    return Port(name, shape, "float32", holds, target.names, extra)
