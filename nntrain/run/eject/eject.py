"""`eject`: the script of a config, put together."""

from __future__ import annotations

from pathlib import Path

from nntrain.config import load_config
from nntrain.config.network.outputs import outputs_of
from nntrain.config.reuse.facts import with_data_facts
from nntrain.config.schema import Config
from nntrain.data.dataset import Dataset
from nntrain.run.directory import RunDirectory
from nntrain.run.eject import data as rows
from nntrain.run.eject import model, training
from nntrain.run.eject.refusals import check_config, check_data
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
    import keras

    from nntrain.model.targets import encoding
    from nntrain.run.experiment import build_network

    (output,) = outputs_of(config)
    units = int(build_network(config, dataset.train).output_shape[-1] or 1)
    keras.utils.clear_session()
    how = encoding(output, units, dataset.target.task)
    read, imports = rows.reading(config, dataset)
    scored, metrics = training.scoring(config, dataset, output, units)
    shape = next(iter(dataset.input_shapes.values()))
    divided = rows.dividing(config, dataset)
    if any("train_test_split" in line for line in divided):
        imports.add("from sklearn.model_selection import train_test_split")
    imports |= {metrics} - {""}
    tensorflow = ["import tensorflow as tf"] if config.training.shuffle else []
    head = ["import keras", "import numpy as np", *tensorflow, *sorted(imports, key=_plain)]
    parts = [
        f'"""{config.name} as a plain Keras script, written by nntrain eject."""',
        "",
        *head,
        "",
        f"SEED = {config.seed}",
        f"EPOCHS = {config.training.epochs}",
        f"BATCH_SIZE = {config.training.batch_size}",
        "",
        "# The data",
        *read,
        "",
        *divided,
        "",
        "# Preprocessing, learnt from the training rows alone",
        *rows.preparing(config, dataset),
        *training.encoding_lines(how, len(dataset.classes)),
        "",
        "# The network",
        "keras.utils.set_random_seed(SEED)",
        *model.building(config.graph, shape, "float32"),
        *training.compiling(config, output),
        "",
        *(training.BATCHES.splitlines() if config.training.shuffle else []),
        "",
        "# Training",
        *training.fitting(config, dataset),
        "",
        f"# Scores of the {_scored(dataset)} rows",
        *scored,
    ]
    return "\n".join(_spaced(parts)) + "\n"


def _scored(dataset: Dataset) -> str:
    return (
        "test" if dataset.test is not None else "validation" if dataset.validation is not None else "training"
    )


def _plain(line: str) -> str:
    return line.split()[1]


def _spaced(parts: list[str]) -> list[str]:
    """The same lines with as many empty ones between them as Black leaves."""
    found: list[str] = []
    for line in parts:
        function = line.startswith("def ")
        while function and found[-2:] != ["", ""]:
            found.append("")
        after = found[-1:] == [""] and line == ""
        if after and not (len(found) > 1 and found[-2].startswith("    ")):
            continue
        found.append(line)
    return found
