"""The pickled files of `keras.datasets`, through Keras' reader that rebuilds arrays and nothing else."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from nntrain.data.dataset import Array
from nntrain.errors import DataError, Location, Problem


def read_pickle(file: Path) -> Any:
    """A pickle of plain values and arrays, its texts as bytes.

    Raises:
        DataError: The file is damaged, or holds anything else.
    """
    from keras.src.datasets.npz_utils import RestrictedUnpickler

    with file.open("rb") as stream:
        return _guarded(file, lambda: RestrictedUnpickler(stream, encoding="bytes").load())


def read_object_arrays(file: Path) -> dict[str, Array]:
    """All arrays of an .npz file, those of Python lists included.

    Raises:
        DataError: The file is damaged, or holds anything else.
    """
    from keras.src.datasets.npz_utils import load_npz

    arrays: dict[str, Array] = _guarded(file, lambda: load_npz(file))
    return arrays


def _guarded(file: Path, read: Callable[[], Any]) -> Any:
    from keras.src.datasets.npz_utils import pickle

    broken = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, TypeError, IndexError)
    try:
        with warnings.catch_warnings():
            # The sets were written by an old NumPy, which the new one remarks on.
            warnings.simplefilter("ignore", np.exceptions.VisibleDeprecationWarning)
            return read()
    except (pickle.UnpicklingError, *broken, KeyError, AttributeError) as error:
        raise damaged(file, " ".join(str(error).split()).rstrip(".")) from None


def damaged(file: Path, reason: str) -> DataError:
    """The error for a set's file that is not what Keras wrote."""
    message = f"the file is damaged ({reason}); remove it to have it downloaded again"
    return DataError(Problem(message, location=Location(str(file)), id="damaged"))
