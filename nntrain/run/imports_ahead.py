"""What pictures need, imported by a thread while TensorFlow computes."""

from __future__ import annotations

import threading
from importlib import import_module

NEEDED_LATER = ("matplotlib.figure", "matplotlib.backends.backend_agg")
"""Half a second of importing."""


def import_ahead() -> threading.Thread:
    """Begin to import what `fit` needs once it has trained, which waits for no more than is left of it.

    Training runs in TensorFlow, outside of Python's lock, so that it hardly notices.
    """
    thread = threading.Thread(target=_import, name="import-ahead", daemon=True)
    thread.start()
    return thread


def _import() -> None:
    for name in NEEDED_LATER:
        try:
            import_module(name)
        except ImportError:
            return  # whoever needs it will say so
