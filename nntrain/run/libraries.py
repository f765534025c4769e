"""TensorFlow's libraries, loaded while Python is busy with something else.

They hold more than a gigabyte. Whoever imports TensorFlow waits half a second for the system to bring them in
and lets no other thread run meanwhile; loaded from outside of Python, they cost nothing where a second core
is free, and the import finds them in place.
"""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from nntrain.run.stderr import native_noise_held_back, own_stream

if TYPE_CHECKING:
    from concurrent.futures import Future

    from nntrain.config.network.graph import Graph

NAMES = ("libtensorflow_framework.so.2", "libtensorflow_cc.so.2")
"""On Linux; elsewhere nothing is loaded ahead."""


def load_ahead(graph: Graph) -> None:
    """Choose kernels for a network, and load the libraries, which ask for that choice, in a thread."""
    from nntrain.training.kernels import choose_kernels

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    choose_kernels(graph)
    _loading()


def is_begun() -> bool:
    """Whether loading has begun: the process is then to end without putting the libraries away."""
    return bool(_loading.cache_info().currsize)


def wait() -> None:
    """Until libraries whose loading has begun are there."""
    if is_begun():
        _loading().result()


@cache
def _loading() -> Future[None]:
    from concurrent.futures import ThreadPoolExecutor

    own_stream()
    with_one_thread = ThreadPoolExecutor(1, "load-libraries")
    begun = with_one_thread.submit(_load)
    with_one_thread.shutdown(wait=False)
    return begun


def _load() -> None:
    package = find_spec("tensorflow")
    folders = package.submodule_search_locations if package is not None else None
    if "tensorflow" in sys.modules or not folders:
        return
    system = ctypes.CDLL(None)
    system.dlopen.argtypes = (ctypes.c_char_p, ctypes.c_int)
    system.dlopen.restype = ctypes.c_void_p
    with native_noise_held_back():
        for path in (Path(folders[0], name) for name in NAMES):
            if path.is_file():
                # CDLL(path) would keep Python's lock; a call of the system's function lets it go
                system.dlopen(os.fsencode(path), os.RTLD_NOW)
