"""Getting Keras ready: quietly, without what it does not need, with every seed set.

`import keras` also imports scikit-learn, SciPy, pandas and matplotlib wherever they are installed,
only to offer wrappers for them; that takes a third of its time. They are hidden while it is imported.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import tempfile
import time
from collections.abc import Iterator

from nntrain.config.schema import Config
from nntrain.config.training import Device
from nntrain.config.vocabulary.user_code import CODE
from nntrain.errors import ConfigError, MachineError, NntrainError, Problem

UNUSED_BY_US = ("sklearn", "matplotlib", "pandas", "scipy")
"""Packages that Keras imports if it finds them, and uses for nothing that happens here."""


def start_for(config: Config, device: Device | None, allow_code: bool = False) -> tuple[str, float]:
    """Start Keras as a config asks, or on the device that the command line asks for, and run the user's code.

    Args:
        config: From `load_config`.
        device: Overrides the config's device.
        allow_code: Whether the file that the config's `code` names may be run.

    Returns:
        The device in words, and the seconds that the import took.

    Raises:
        MachineError: The device is not there; names the config's line if that asked for it.
        ConfigError: There is code that may not be run, or that fails.
    """
    code = config.user_code
    if code is not None and not allow_code:
        message = f"{code.shown} is Python code and would run with your rights; read it, then add"
        where = config.origin.location(CODE)
        raise ConfigError(Problem(f"{message} --allow-code", CODE, where, "code-not-allowed"))
    try:
        started = start_keras(device or config.training.device, config.seed)
    except MachineError as error:
        raise (error if device else error.located(config.origin.location)) from None
    if code is not None:
        from nntrain.model.user_code import execute

        execute(code)
    return started


def start_keras(device: Device, seed: int) -> tuple[str, float]:
    """Import Keras, choose the device and set all seeds.

    Args:
        device: What the config or the command line asks for.
        seed: Source of all randomness.

    Returns:
        The device in words, and the seconds that the import took.

    Raises:
        MachineError: The device is not there.
    """
    began = time.perf_counter()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _native_noise_held_back():
        _import_keras()
        import keras
        import tensorflow as tf

        from nntrain.training.device import choose_device

        tf.get_logger().setLevel("ERROR")
        seconds = time.perf_counter() - began
        name = choose_device(device)
        keras.utils.clear_session()
        keras.utils.set_random_seed(seed)
        if name == "CPU":
            tf.config.experimental.enable_op_determinism()
    return name, seconds


def _import_keras() -> None:
    if "keras" in sys.modules:
        return
    was_collecting = gc.isenabled()
    gc.disable()
    hidden = [name for name in UNUSED_BY_US if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None makes an import fail
    try:
        import keras  # noqa: F401
    finally:
        for name in hidden:
            del sys.modules[name]
        if was_collecting:
            gc.enable()
            gc.freeze()


@contextlib.contextmanager
def _native_noise_held_back() -> Iterator[None]:
    """Hold back what C++ code writes to the error stream; give it out if what it belongs to fails."""
    try:
        stream = sys.__stderr__.fileno() if sys.__stderr__ else 2
        saved = os.dup(stream)
    except (OSError, ValueError):
        yield
        return
    with tempfile.TemporaryFile() as held:
        sys.stderr.flush()
        os.dup2(held.fileno(), stream)
        try:
            yield
        except BaseException as error:
            os.dup2(saved, stream)
            if not _is_explained(error):
                held.seek(0)
                os.write(stream, held.read())
            raise
        finally:
            os.dup2(saved, stream)
            os.close(saved)


def _is_explained(error: BaseException) -> bool:
    return isinstance(error, (NntrainError, KeyboardInterrupt))
