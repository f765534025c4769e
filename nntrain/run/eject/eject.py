"""`eject`: the script of a config, put together."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nntrain.config import load_config
from nntrain.config.data import SeriesSource
from nntrain.config.network.outputs import outputs_of
from nntrain.config.reuse.facts import with_data_facts
from nntrain.config.schema import Config
from nntrain.data.dataset import Dataset
from nntrain.data.load import beside_of
from nntrain.run.directory import RunDirectory
from nntrain.run.eject import model, scores, targets, training
from nntrain.run.eject.dividing import dividing
from nntrain.run.eject.draft import Draft
from nntrain.run.eject.kernels import image_kernels
from nntrain.run.eject.preparing.prepare import preparing
from nntrain.run.eject.refusals import check_config, check_data
from nntrain.run.eject.sources import series
from nntrain.run.eject.sources.read import read
from nntrain.run.eject.targets import Predicted
from nntrain.run.reading import read_data
from nntrain.run.trained import run_config


def eject(subject: str) -> str:
    """A plain Keras script that trains as a config says.

    Args:
        subject: A config's path, or a run's directory.

    Raises:
        ArtefactError: There is no such run, or it was changed.
        ConfigError: The config is wrong, or asks for what a plain script would not do shortly.
        DataError: The data are missing or unfit.
    """
    path = Path(subject)
    config = run_config(RunDirectory.open(path)) if path.is_dir() else load_config(path)
    check_config(config)
    dataset = read_data(config)
    check_data(config, dataset)
    return script(with_data_facts(config, dataset.facts), dataset)


def script(config: Config, dataset: Dataset) -> str:
    """The text of the script.

    Args:
        config: That `check_config` has seen.
        dataset: That `check_data` has seen.
    """
    draft = Draft(config, dataset)
    found = _predicted(draft)
    split = config.data.split
    divided_by = split.by_group is not None or split.by_time is not None
    beside = beside_of(config.data, config.origin.folder) if divided_by else {}
    source = read(draft)
    named = [line for one in found for line in targets.classes(draft, one)]
    divided = dividing(draft, source, found, beside)
    prepared = preparing(draft)
    image_kernels(draft)
    compiled, fitted = training.compiling(draft, found), training.fitting(draft)
    scored = scores.scoring(draft, found)
    constants = series.constants(config.data) if isinstance(config.data, SeriesSource) else []
    inputs = {
        name: (tuple(x.shape[1:]), "float32" if np.issubdtype(x.dtype, np.floating) else "int32")
        for name, x in dataset.train.inputs.items()
    }
    parts = [
        f'"""{config.name} as a plain Keras script, written by nntrain."""',
        "",
        *draft.head,
        "",
        f"SEED = {config.seed}",
        f"EPOCHS = {config.training.epochs}",
        f"BATCH_SIZE = {config.training.batch_size}",
        *constants,
        *draft.constants,
        "",
        *(line for lines in draft.functions.values() for line in ("", "", *lines)),
        *(("", "") if draft.functions else ()),
        "# The data",
        *source.lines,
        *named,
        "",
        *divided,
        "",
        "# Preprocessing, learnt from the training rows alone",
        *prepared,
        *targets.encoded(found),
        "",
        "# The network",
        "keras.utils.set_random_seed(SEED)",
        *model.building(config.graph, inputs),
        *compiled,
        "",
        "# Training",
        *fitted,
        "",
        f"# Scores of the {_in_words(scores.scored(dataset))} rows",
        *scored,
    ]
    return "\n".join(_spaced(parts)) + "\n"


def _predicted(draft: Draft) -> list[Predicted]:
    """Each output of the network with its target."""
    import keras

    from nntrain.model.targets import encoding
    from nntrain.run.experiment import build_network, output_shapes

    shapes = output_shapes(draft.config, build_network(draft.config, draft.dataset.train))
    keras.utils.clear_session()
    infos = {info.name: info for info in draft.dataset.targets}
    found = []
    for output in outputs_of(draft.config):
        info, units = infos[output.target], int(shapes[output.name][-1] or 1)
        found.append(targets.predicted(draft, output, info, encoding(output, units, info.task), units))
    return found


def _in_words(split: str) -> str:
    return "training" if split == "train" else split


def _spaced(parts: list[str]) -> list[str]:
    """The same lines without more than one empty line in succession, but for two around functions."""
    found: list[str] = []
    for number, line in enumerate(parts):
        if line == "" and found[-1:] == [""]:
            around = any(near.startswith("def ") for near in parts[number : number + 3])
            around = around or (len(found) > 1 and found[-2].startswith("    "))
            if not around or found[-2:] == ["", ""]:
                continue
        found.append(line)
    return found
