"""Where the files of `keras.datasets` lie on this machine, and how the missing ones are fetched."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from nntrain.config.text.source import at_home
from nntrain.errors import DataError, Problem

CIFAR10 = Path("cifar-10-batches-py")
CIFAR100 = Path("cifar-100-python")
FASHION = "fashion-mnist"

FILES: Mapping[str, tuple[str, ...]] = {
    "mnist": ("mnist.npz",),
    "fashion_mnist": (
        f"{FASHION}/train-images-idx3-ubyte.gz",
        f"{FASHION}/train-labels-idx1-ubyte.gz",
        f"{FASHION}/t10k-images-idx3-ubyte.gz",
        f"{FASHION}/t10k-labels-idx1-ubyte.gz",
    ),
    "cifar10": (*(f"{CIFAR10}/data_batch_{i}" for i in range(1, 6)), f"{CIFAR10}/test_batch"),
    "cifar100": tuple(f"{CIFAR100}/{name}" for name in ("train", "test", "meta")),
    "imdb": ("imdb.npz",),
    "reuters": ("reuters.npz",),
    "california_housing": ("california_housing.npz",),
    "boston_housing": ("boston_housing.npz",),
}
"""Each set's files, relative to the folder that holds it."""

EXTRACTED: Mapping[str, str] = {
    "cifar10": "cifar-10-batches-py-target",
    "cifar100": "cifar-100-python-target",
}
"""The folder into which Keras unpacks a set's archive."""

STORE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
ORIGINS: Mapping[str, str] = {
    "fashion_mnist": STORE,
    "cifar10": "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    "cifar100": "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
}
"""Where Keras downloads a set, unless it is `STORE` plus the name of its one file."""


def find(name: str) -> tuple[Path, ...]:
    """The set's files on this machine, in the order of `FILES`; downloaded if they are not there.

    Looked for in `$NNTRAIN_DATA_HOME`, its folder `datasets`, and Keras' cache. Keras downloads and
    checks the hashes.

    Raises:
        DataError: They are not there and could not be downloaded.
    """
    found = _look(name)
    if found is None:
        with _Explained(name):
            _download(name)
        found = _look(name)
    if found is None:
        raise _unavailable(name, "Keras' download left no such file")
    return found


def are_here(name: str) -> bool:
    """Whether the set's files are on this machine."""
    return _look(name) is not None


def data_home() -> Path | None:
    """The folder that `$NNTRAIN_DATA_HOME` names."""
    home = os.environ.get("NNTRAIN_DATA_HOME")
    return at_home(home) if home else None


def keras_cache() -> Path:
    """The folder in which Keras keeps downloaded sets."""
    return at_home(os.environ.get("KERAS_HOME") or "~/.keras") / "datasets"


def _look(name: str) -> tuple[Path, ...] | None:
    home = data_home()
    folders = [home, home / "datasets"] if home else []
    # The last is Keras' own choice where the cache can't be written.
    folders += [keras_cache(), Path(tempfile.gettempdir()) / ".keras" / "datasets"]
    if name in EXTRACTED:
        folders = [inner for folder in folders for inner in (folder, folder / EXTRACTED[name])]
    for folder in folders:
        files = tuple(folder / file for file in FILES[name])
        if all(file.is_file() for file in files):
            return files
    return None


def _download(name: str) -> None:
    """Let Keras fetch the set into its cache; its bar goes to stderr."""
    module = importlib.import_module(f"keras.datasets.{name}")
    with contextlib.redirect_stdout(sys.stderr):
        module.load_data()


class _Explained:
    """Turns a failed download into a DataError that says which file to put where.

    Keras wraps what urllib raises in a bare Exception. A handler for that would hide mistakes of ours, so
    the error is told by what it wraps.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, OSError):
            raise _unavailable(self.name, str(error)) from None
        if error is not None and isinstance(error.__context__, OSError):
            raise _unavailable(self.name, str(error.__context__)) from None
        if isinstance(error, ValueError) and "corrupted file" in str(error):
            raise _unavailable(self.name, "what came does not have the hash that Keras expects") from None


def _unavailable(name: str, reason: str) -> DataError:
    files = FILES[name]
    if len(files) == 1:
        wanted = files[0]
    else:
        folder = Path(files[0]).parent
        wanted = f"the folder {folder} (with {', '.join(Path(file).name for file in files)})"
    home = data_home()
    place = f"$NNTRAIN_DATA_HOME ({home})" if home else "a folder that NNTRAIN_DATA_HOME names"
    origin = ORIGINS.get(name, STORE + files[0])
    message = (
        f"{name} is not on this machine and can't be downloaded ({reason}); "
        f"put {wanted} in {place} or in {keras_cache()}; it comes from {origin}"
    )
    return DataError(Problem(message, ("data", "name"), id="download"))
