"""The network that a config describes, built and described without training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nntrain.config.schema import Config
from nntrain.errors import NntrainError, Problem
from nntrain.run.reading import read_data
from nntrain.run.startup import start_with_data

if TYPE_CHECKING:
    from nntrain.model.summary import ModelSummary


@dataclass(frozen=True)
class Inspection:
    """What a config's network looks like on its data."""

    summary: ModelSummary
    reads: Mapping[str, Sequence[str]]
    """The inputs and layers that each layer reads, by name; an input reads nothing."""
    inputs: Mapping[str, tuple[int, ...]]
    """Shape of one row, by input."""
    batch_size: int
    """Rows whose outputs the memory counts."""
    data: str
    """Where the rows come from, in one line."""
    notes: tuple[Problem, ...]
    """What is no mistake and worth a word, with its place."""

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "inputs": {name: list(shape) for name, shape in self.inputs.items()},
            "batch_size": self.batch_size,
            "layers": [
                {
                    **layer._asdict(),
                    "output_shape": list(layer.output_shape),
                    "reads": [*self.reads[layer.name]],
                }
                for layer in self.summary.layers
            ],
            "parameters": {
                "trainable": self.summary.trainable,
                "non_trainable": self.summary.non_trainable,
            },
            "memory": self.summary.memory,
            "notes": [note.as_json() for note in self.notes],
        }


def inspect(config: Config, *, allow_code: bool = False) -> Inspection:
    """Read the data and build the network, pretrained weights included, and what it is trained with.

    Raises:
        ConfigError: A layer does not fit its input, the outputs do not fit the target, Keras refuses a loss,
            an optimizer, a metric or a callback, or a class that is weighed is not in the data.
        DataError: The data, or pretrained weights, are missing or unfit.
        MemoryLimitError: A layer does not fit into memory.
    """
    _, dataset = start_with_data(config, read_data, None, allow_code)
    from nntrain.model.inside import reads
    from nntrain.model.summary import summary
    from nntrain.run.experiment import prepare
    from nntrain.run.recipe import recipe, weights_of_rows

    experiment = prepare(config, dataset, pretrained=True)
    find = config.origin.location
    try:
        recipe(experiment.config, config.training.device)
        weights_of_rows(experiment.config, experiment.dataset)
    except NntrainError as error:
        raise error.located(find) from error.__cause__
    batch_size = min(config.training.batch_size, len(experiment.dataset.train))
    return Inspection(
        summary(experiment.model, batch_size),
        reads(experiment.model),
        experiment.dataset.input_shapes,
        batch_size,
        experiment.dataset.description,
        tuple(Problem(note.message, note.key, find(note.key), note.id) for note in experiment.notes),
    )
