"""`export`: a finished run as a file for another runtime, run there on held-out rows before it is there."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nntrain import __version__
from nntrain.config.schema import Config
from nntrain.config.training import Device
from nntrain.errors import ArtefactError, Problem, UsageError
from nntrain.run.directory import WEIGHTS, RunDirectory
from nntrain.run.evaluate_folds import holds_several, is_parent, one_of
from nntrain.run.export.ask import SCHEMA, Ask, Exported
from nntrain.run.export.needed import check_onnx
from nntrain.run.files import json_bytes
from nntrain.run.libraries import load_ahead
from nntrain.run.memory import told_as_memory
from nntrain.run.model_files.admission import read_weights, refuse_others
from nntrain.run.startup import start_with_data
from nntrain.run.stderr import native_noise_held_back
from nntrain.run.trained import finished, run_config

if TYPE_CHECKING:
    from nntrain.data.dataset import Rows
    from nntrain.run.export.network import Made
    from nntrain.run.export.rows import Tried


def export(model: str, ask: Ask, *, device: Device | None = None, allow_code: bool = False) -> Exported:
    """Write a run's network for another runtime.

    Args:
        model: A run's directory.
        ask: What is asked of it.
        device: Overrides the config's `training.device`.
        allow_code: Whether the run's copy of the user's own code may be run.

    Raises:
        ArtefactError: There is no such run, it is not finished, one of its files was changed, or the format
            can't hold its network.
        ConflictError: Something is at the target already, the data are not those of the run, or the exported
            network gives something else than the run's.
        DataError: The data are missing or unfit.
        UsageError: The arguments do not go together, or a package is missing.
        MachineError: The target can't be written.
        MemoryLimitError: The network does not fit into memory, or memory ran out.
    """
    if ask.quantize is not None and ask.format != "tflite":
        raise UsageError(f"--quantize goes with --to tflite, not with --to {ask.format}")
    run = _run(model)
    config, weights = run_config(run), read_weights(run)
    _check_precision(config, ask)
    if ask.format == "onnx":
        check_onnx()
    from nntrain.run.export.place import bytes_of, place_for, written

    path = place_for(ask, config.name)
    load_ahead(config.graph)
    found: list[Tried] = []

    def read(config: Config) -> Rows:
        from nntrain.run.export.rows import read_tried

        found.append(read_tried(config, run, Path(model)))
        return found[0].held_out.rows

    _, rows = start_with_data(config, read, device, allow_code)
    (tried,) = found
    from nntrain.model.user_code import blamed_on_code
    from nntrain.run.experiment import build_network
    from nntrain.run.export import compare
    from nntrain.run.export.formats import opened, write
    from nntrain.run.model_files.weights import load_run

    with blamed_on_code(), told_as_memory(config.training.batch_size, "exporting"), _quiet():
        network = build_network(config, rows)
        load_run(network, run, weights, f"{model}/{WEIGHTS}")
        with written(path) as temporary:
            made, notes = _made(run, config, network, tried, ask)
            write(made, ask.format, temporary, config, network)
            runner = opened(ask.format, temporary, made)
            compared = compare.compare(run, config, network, tried, made, runner, ask)
    return Exported(Path(model), ask, path, bytes_of(path), made.inputs, made.outputs, compared, tuple(notes))


def _run(model: str) -> RunDirectory:
    """The run that is exported."""
    refuse_others(model)
    path = Path(model)
    if path.suffix == ".keras":
        message = f"{model} is a bare model, which has no preprocessing and no rows to be tried on"
        raise UsageError(f"{message}; name a run's directory")
    run = RunDirectory.open(path)
    if is_parent(run):
        raise UsageError(f"{holds_several(run, path)}; name one of them, such as {one_of(run, path)}")
    return finished(run, path, "it can't be exported")


def _check_precision(config: Config, ask: Ask) -> None:
    precision = config.training.precision
    if ask.format in ("onnx", "tflite") and precision != "float32":
        message = (
            f"the run computes in {precision}, which {ask.format} does not; export to saved_model or keras, "
            "or train with training.precision: float32"
        )
        raise ArtefactError(Problem(message, id="export-precision"))


def _made(run: RunDirectory, config: Config, network: Any, tried: Tried, ask: Ask) -> tuple[Made, list[str]]:
    """The network with its preprocessing, and what the user should know of that."""
    import numpy as np

    from nntrain.run.export.describe import outputs_told
    from nntrain.run.export.network import Made, assembled, loops_over_time, ports_of, without_augmentation
    from nntrain.run.export.steps import inside, outside, same_scale

    texts = ask.format in ("saved_model", "keras")
    whole_numbers = ask.quantize == "int8" and not loops_over_time(network)
    insides, notes = {}, []
    if ask.quantize == "int8" and not whole_numbers:
        notes.append("int8 is for the weights alone, because loops over time compute with float32")
    for name, state in tried.fitted.items():
        raw, rows = tried.held_out.raw[name], np.asarray(tried.held_out.rows.inputs[name])
        if ask.prepared:
            one = outside(name, rows, state.columns, "--prepared asks for that")
        elif whole_numbers and not same_scale(state):
            why = "int8 has one scale for all numbers of a row, which columns of many scales do not share"
            one = outside(name, rows, state.columns, why)
        else:
            one = inside(name, state, raw, rows, texts=texts, alone=len(tried.fitted) == 1)
        insides[name] = one
        if one.why:
            takes = f"the model takes prepared rows for '{name}': {one.why}"
            notes.append(f"{takes}; the steps are in its preprocess.json")
    outputs = outputs_told(run, config, network)
    inputs = ports_of(insides.values())
    examples: dict[str, Any] = {}
    for name, one in insides.items():
        prepared = np.asarray(tried.training.rows.inputs[name])
        examples |= one.feed(tried.training.raw[name], prepared)
    about = {
        "schema": SCHEMA,
        "nntrain": __version__,
        "run": run.path.name,
        "name": config.name,
        "inputs": [port.to_json() for port in inputs],
        "outputs": [port.to_json() for port in outputs],
    }
    whole = assembled(without_augmentation(network), insides)
    preprocess = run.read("preprocess.json") if any(one.why for one in insides.values()) else None
    made = Made(whole, insides, inputs, outputs, json_bytes(about), preprocess, examples, ask.quantize)
    return made, notes


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what converters say from the user's terminal."""
    loggers = {name: logging.getLogger(name) for name in ("absl", "tensorflow", "tf2onnx")}
    levels = {name: logger.level for name, logger in loggers.items()}
    for logger in loggers.values():
        logger.setLevel(logging.ERROR)
    try:
        with native_noise_held_back(), contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for name, logger in loggers.items():
            logger.setLevel(levels[name])
