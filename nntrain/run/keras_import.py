"""Keras, imported in a thread of its own while something else is done, and without what it does not need.

`import keras` also imports scikit-learn, SciPy, pandas and matplotlib wherever they are installed,
only to offer wrappers for them; that takes a third of its time. They are hidden from the thread that imports
it, and from no other: pyarrow, say, asks for pandas while it reads a file.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
from functools import cache
from typing import TYPE_CHECKING

from nntrain.run import libraries
from nntrain.run.signals import heed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

UNUSED_BY_US = ("sklearn", "matplotlib", "pandas", "scipy")
"""Packages that Keras imports if it finds them, and uses for nothing that happens here."""

LOOK = 0.2
"""Seconds from one look for a signal to the next, while nothing is done but to wait."""


@cache
def keras_import() -> Future[float]:
    """The import of Keras, which begins at the first call; its result is the seconds that it took.

    A process that ends meanwhile waits for it, because a thread that loses its interpreter inside of
    TensorFlow crashes; `is_going_on` is for those that end in another way.
    """
    from concurrent.futures import ThreadPoolExecutor

    with_one_thread = ThreadPoolExecutor(1, "import-keras")
    begun = with_one_thread.submit(_import_keras)
    with_one_thread.shutdown(wait=False)
    return begun


def imported() -> float:
    """Wait for Keras; the seconds that its import took.

    Raises:
        KeyboardInterrupt: A signal came, be it before.
    """
    from concurrent.futures import wait

    importing = keras_import()
    while not importing.done():
        heed()
        wait([importing], timeout=LOOK)
    return importing.result()


def is_going_on() -> bool:
    """Whether the import has begun and not ended."""
    return bool(keras_import.cache_info().currsize) and not keras_import().done()


class _Hidden:
    """Stands before Python's finders, and lets one thread find no optional package."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> None:
        """Leave the search to the others.

        Raises:
            ModuleNotFoundError: The thread asks for a package that is hidden from it.
        """
        if name.partition(".")[0] in UNUSED_BY_US and threading.get_ident() == self.thread:
            raise ModuleNotFoundError(f"{name} is hidden while Keras is imported", name=name)


def _import_keras() -> float:
    began = time.perf_counter()
    if "keras" not in sys.modules:
        libraries.wait()
        hidden = _Hidden()
        was_collecting = gc.isenabled()
        gc.disable()
        sys.meta_path.insert(0, hidden)
        try:
            import keras  # noqa: F401
        finally:
            sys.meta_path.remove(hidden)
            if was_collecting:
                gc.enable()
                gc.freeze()
    return time.perf_counter() - began
