"""Getting ready to compute: Keras and the rows at once, then the device, its threads, and every seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from nntrain.config.network.cost import step_flops
from nntrain.config.reuse.facts import with_facts_of_run
from nntrain.config.schema import Config
from nntrain.config.training import Device
from nntrain.config.vocabulary.user_code import CODE
from nntrain.data.dataset import Dataset, Rows
from nntrain.data.load import is_light
from nntrain.errors import ConfigError, MachineError, Problem
from nntrain.run.keras_import import imported, keras_import
from nntrain.run.libraries import load_ahead
from nntrain.run.signals import heeded
from nntrain.run.stderr import native_noise_held_back
from nntrain.run.team import Team
from nntrain.training.kernels import onednn
from nntrain.training.threads import Threads, threads_for, usable_cores, use_threads

Read = TypeVar("Read", Dataset, Rows)


@dataclass(frozen=True)
class Started:
    """What a command computes on."""

    device: str
    """In words."""
    threads: Threads
    """The pools that a CPU computes with."""
    cores: int
    """Cores that the process may keep busy."""
    import_seconds: float
    """How long Keras' import took, whatever was done meanwhile."""
    deterministic: bool
    """Whether TensorFlow sums in an order that is the same every time."""
    notes: tuple[str, ...]
    """What the user should know, one sentence each."""

    def to_json(self) -> dict[str, Any]:
        """For a run's record."""
        pools = {"intra": self.threads.intra, "inter": self.threads.inter, "cores": self.cores}
        kernels = {"onednn": onednn(), "deterministic": self.deterministic}
        return {"device": self.device, "threads": pools, **kernels}


def start_with_data(
    config: Config,
    read: Callable[[Config], Read],
    device: Device | None,
    allow_code: bool = False,
    threads: Threads | None = None,
    team: Team | None = None,
) -> tuple[Started, Read]:
    """Start Keras as a config asks, or on the device that the command line asks for, and read rows meanwhile.

    Args:
        config: From `load_config`.
        read: Reads the config's rows, or new ones; it is run while Keras is imported if it needs neither
            Keras nor scikit-learn.
        device: Overrides the config's device.
        allow_code: Whether the file that the config's `code` names may be run.
        threads: The pools to compute with, rather than those that suit the model.
        team: The workers to train with, who meet before anything is computed.

    Returns:
        What was started, and what was read.

    Raises:
        DataError: The data are missing or unfit. Keras' import may then still be going on.
        MachineError: The device is not there; names the config's line if that asked for it.
        ConfigError: There is code that may not be run, or that fails.
    """
    code = config.user_code
    if code is not None and not allow_code:
        message = f"{code.shown} is Python code and would run with your rights; read it, then add"
        where = config.origin.location(CODE)
        raise ConfigError(Problem(f"{message} --allow-code", CODE, where, "code-not-allowed"))
    load_ahead(config.graph)
    with native_noise_held_back():
        keras_import()
        with heeded():
            rows = read(config) if is_light(config.data) else None
        seconds = imported()
        if rows is None:
            rows = read(config)
        try:
            started = _make_ready(config, rows, device or config.training.device, seconds, threads, team)
            if team is not None and isinstance(rows, Dataset):
                team.begin(config, rows)
        except MachineError as error:
            raise (error if device else error.located(config.origin.location)) from None
    if code is not None:
        from nntrain.model.user_code import execute

        execute(code)
    return started, rows


def _make_ready(
    config: Config,
    rows: Dataset | Rows,
    device: Device,
    seconds: float,
    asked: Threads | None,
    team: Team | None,
) -> Started:
    """Choose device, threads and precision before TensorFlow computes anything, then set all seeds."""
    import keras
    import tensorflow as tf
    from tensorflow.python.framework.config import is_op_determinism_enabled

    from nntrain.training.device import choose_device
    from nntrain.training.precision import set_precision

    tf.get_logger().setLevel("ERROR")
    name, cores = choose_device(device), usable_cores()
    if team is not None:
        cores = max(1, cores // team.who.on_this_machine)
    on_cpu = name == "CPU"
    wanted = asked or Threads(cores, cores)
    if on_cpu and asked is None:
        wanted = threads_for(_step_flops(config, rows), cores, config.training.split_batch)
    threads = use_threads(wanted)
    keras.utils.clear_session()  # forgets the precision too
    notes = set_precision(config.training.precision, config.training.tf32, on_cpu)
    keras.utils.set_random_seed(config.seed)
    if on_cpu and config.training.xla is not True:  # what XLA makes of some layers is refused with it
        tf.config.experimental.enable_op_determinism()
    return Started(name, threads, cores, seconds, is_op_determinism_enabled(), tuple(notes))


def _step_flops(config: Config, rows: Dataset | Rows) -> float:
    """What a training step costs; the same for every command, so that all compute with the same threads."""
    if isinstance(rows, Dataset):
        config, rows = with_facts_of_run(config, rows.facts), rows.train
    shapes = {name: values.shape[1:] for name, values in rows.inputs.items()}
    return step_flops(config.graph, shapes, config.training.batch_size)
