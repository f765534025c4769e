"""A run's network, given chunks of rows, and what it gives as columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import keras
import numpy as np

from nntrain.config.network.cost import step_flops
from nntrain.config.network.outputs import outputs_of
from nntrain.config.schema import Config
from nntrain.data.dataset import Rows
from nntrain.data.unlabelled.chunk import Chunk
from nntrain.model.targets import output_kind
from nntrain.run.directory import RunDirectory
from nntrain.run.experiment import at_least_single, build_network, masks_of, one_or_all
from nntrain.run.prediction.answers import Answer, Output, Wanted
from nntrain.run.prediction.ask import Ask
from nntrain.run.target import Target
from nntrain.training.forward import predict
from nntrain.training.recipe import EVALUATION_BATCH

LARGEST_BATCH = 8192
FLOPS = 1e9
"""Of a batch, about: a small network takes larger batches, so that calling it costs little."""


@dataclass(frozen=True)
class Network:
    """A network, and how its outputs are read."""

    model: keras.Model
    outputs: Mapping[str, Output]
    """By the name of the network's output."""
    keep: Callable[[Any], Any] | None
    """What is kept of the outputs for some rows."""
    batch: int

    @classmethod
    def built(cls, config: Config, rows: Rows, outputs: Mapping[str, Output]) -> Network:
        """The network of a config for rows like these, without its weights.

        Raises:
            MemoryLimitError: It does not fit into memory.
        """
        model = build_network(config, rows)
        shapes = {name: tuple(map(int, values.shape[1:])) for name, values in rows.inputs.items()}
        cost = step_flops(config.graph, shapes, 1) / 3
        many = int(FLOPS / max(cost, 1.0)) if isfinite(cost) else 0
        batch = max(EVALUATION_BATCH, min(LARGEST_BATCH, many))
        (first, *_) = outputs.values()
        keep = masks_of(config) if first.target.task == "segmentation" else None
        return cls(model, outputs, keep, batch)

    def answers(self, chunk: Chunk, bulk: bool) -> list[Answer]:
        """The columns of some rows: their numbers, what names them, and what each output gives.

        Args:
            chunk: At least one row.
            bulk: Whether arrays that no table holds are asked for.

        Raises:
            DivergedError: The model gives NaN or infinity.
        """
        given = predict(self.model, one_or_all(chunk.inputs), self.keep, self.batch)
        found = [Answer("row", chunk.index)]
        for title, names in chunk.beside.items():
            held = np.empty(len(names), object)
            held[:] = list(names)
            found.append(Answer(title, held))
        several = len(self.outputs) > 1
        for name, output in self.outputs.items():
            own = given[name] if several and isinstance(given, Mapping) else given
            values = own if isinstance(own, Mapping) else at_least_single(own)
            inputs = np.asarray(next(iter(chunk.inputs.values())))
            prefix = f"{output.target.name}." if several else ""
            for answer in output.answers(values, inputs if output.target.task == "reconstruction" else None):
                if bulk or answer.form != "bulk":
                    found.append(Answer(prefix + answer.title, answer.values, answer.form, answer.names))
        return found


def outputs_read(run: RunDirectory, config: Config, ask: Ask, *, bulk: bool) -> dict[str, Output]:
    """How each output of a run is read, by the name of the network's output.

    Raises:
        UsageError: What is asked for does not go with it.
    """
    targets: Sequence[Target] = [Target.from_json(record) for record in run.record["targets"]]
    by_name = {target.name: target for target in targets}
    wanted = Wanted(ask.top, ask.probabilities, bulk)
    found = {}
    for output in outputs_of(config):
        kind, boundary = output_kind(output)
        read = Output(by_name[output.target], kind, boundary, config.evaluation.threshold, wanted)
        read.check()
        found[output.name] = read
    return found
