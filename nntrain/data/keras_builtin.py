"""The sets of `keras.datasets`: their files read from disk, each with its own test rows.

The arrays equal those of `keras.datasets.<name>.load_data()`, but for targets, which are one value a row,
and for texts, which are padded to one length. Keras is imported only where its restricted reader of pickles
is needed (cifar10, cifar100, imdb, reuters): that takes seconds.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

import numpy as np

from nntrain.config.data import INPUT, KERAS_SETS, TARGET, KerasSource
from nntrain.data import keras_sets
from nntrain.data.dataset import Array, Part, Raw, TargetOrigin
from nntrain.data.keras_pickles import damaged, read_pickle
from nntrain.data.keras_text import load_imdb, load_reuters
from nntrain.data.npz_arrays import read_arrays
from nntrain.data.npz_file import make_part
from nntrain.errors import DataError, Problem

SHUFFLE_SEED = 113
"""Keras' seed for the sets whose test rows it cuts off itself."""
TEST_SHARE = 0.2

CLASS_NAMES: Mapping[str, tuple[str, ...]] = {
    "mnist": tuple("0123456789"),
    "fashion_mnist": (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    "cifar10": (
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ),
}


PICKLED = frozenset({"cifar10", "cifar100", "imdb", "reuters"})
"""The sets that need Keras' reader of pickles."""


def is_light(source: KerasSource) -> bool:
    """Whether the set is read without Keras: its files are here, and none of them is a pickle."""
    return source.name not in PICKLED and keras_sets.are_here(source.name)


def load(source: KerasSource, base: Path) -> Raw:
    """The set by name; the folder `base` plays no part.

    Returns:
        Images as uint8 `(rows, height, width)` or `(rows, height, width, 3)`, texts as int32
        `(rows, maxlen)`, housing as floats `(rows, features)`; the set's own test rows as `test`.

    Raises:
        DataError: The set is not there and can't be downloaded, or a file is damaged.
    """
    if source.name not in ("imdb", "reuters"):
        for option in ("num_words", "maxlen"):
            if getattr(source, option) is not None:
                message = f"is for texts (imdb, reuters); {source.name} has none: remove it"
                raise DataError(Problem(message, ("data", option), id="conflict"))
    files = keras_sets.find(source.name)
    return READERS[source.name](source, files)


def _raw(source: KerasSource, train: Part, test: Part, class_names: tuple[str, ...] | None) -> Raw:
    shape = cast(Array, train.features).shape[1:]
    return Raw(
        train,
        test=test,
        targets={TARGET: TargetOrigin(("data", "name"), (TARGET,), class_names, KERAS_SETS[source.name])},
        description=f"{source.name}: {len(train):,} training and {len(test):,} test rows of shape {shape}",
    )


def _mnist(source: KerasSource, files: tuple[Path, ...]) -> Raw:
    shown = str(files[0])
    arrays = read_arrays(files[0], shown, dict.fromkeys(("x_train", "y_train", "x_test", "y_test"), ()))
    train = make_part(arrays, {INPUT: "x_train"}, {TARGET: "y_train"}, shown)
    test = make_part(arrays, {INPUT: "x_test"}, {TARGET: "y_test"}, shown)
    return _raw(source, train, test, CLASS_NAMES["mnist"])


def _housing(source: KerasSource, files: tuple[Path, ...]) -> Raw:
    shown = str(files[0])
    rows = make_part(read_arrays(files[0], shown, {"x": (), "y": ()}), {INPUT: "x"}, {TARGET: "y"}, shown)
    order = np.arange(len(rows))
    np.random.RandomState(SHUFFLE_SEED).shuffle(order)
    cut = int(len(rows) * (1 - TEST_SHARE))
    return _raw(source, rows.take(order[:cut]), rows.take(order[cut:]), None)


def _fashion_mnist(source: KerasSource, files: tuple[Path, ...]) -> Raw:
    x_train, y_train, x_test, y_test = (_idx(file) for file in files)
    arrays = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    shown = str(files[0].parent)
    train = make_part(arrays, {INPUT: "x_train"}, {TARGET: "y_train"}, shown)
    test = make_part(arrays, {INPUT: "x_test"}, {TARGET: "y_test"}, shown)
    return _raw(source, train, test, CLASS_NAMES["fashion_mnist"])


def _idx(file: Path) -> Array:
    """Unsigned bytes of the IDX format: 0, 0, type 8, rank, one 32-bit size an axis, the values."""
    try:
        with gzip.open(file) as stream:
            content = stream.read()
    except (OSError, EOFError, zlib.error) as error:
        raise damaged(file, str(error)) from None
    if len(content) < 4 or content[:3] != b"\0\0\x08":
        raise damaged(file, "it does not start as an IDX file of bytes")
    rank = content[3]
    if len(content) < 4 + 4 * rank:
        raise damaged(file, "its header is cut short")
    shape = np.frombuffer(content, ">u4", rank, 4).astype(int)
    values = np.frombuffer(content, np.uint8, offset=4 + 4 * rank)
    if shape.prod() != len(values):
        raise damaged(file, f"it declares {shape.prod()} bytes and holds {len(values)}")
    return values.reshape(shape)


def _cifar(source: KerasSource, files: tuple[Path, ...]) -> Raw:
    label = f"{source.label_mode}_labels" if source.name == "cifar100" else "labels"
    *train, test = files if source.name == "cifar10" else files[:2]
    names = (
        _cifar100_names(files[2], source.label_mode) if source.name == "cifar100" else CLASS_NAMES["cifar10"]
    )
    return _raw(source, _batches(train, label), _batches([test], label), names)


def _batches(files: list[Path], label: str) -> Part:
    """Images `(rows, 32, 32, 3)` and labels of pickled batches."""
    images, labels = [], []
    for file in files:
        batch = read_pickle(file)
        if not isinstance(batch, dict) or not {b"data", label.encode()} <= batch.keys():
            raise damaged(file, f"it has no 'data' and '{label}'")
        y = np.asarray(batch[label.encode()], np.int64)
        x = np.asarray(batch[b"data"], np.uint8)
        if x.shape != (len(y), 3072):
            raise damaged(file, f"images of shape {x.shape} and {len(y)} labels don't fit")
        images.append(x.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
        labels.append(y)
    return Part({INPUT: np.ascontiguousarray(np.concatenate(images))}, {TARGET: np.concatenate(labels)})


def _cifar100_names(file: Path, mode: str) -> tuple[str, ...]:
    meta = read_pickle(file)
    key = f"{mode}_label_names".encode()
    if not isinstance(meta, dict) or key not in meta:
        raise damaged(file, f"it has no '{mode}_label_names'")
    return tuple(name.decode() for name in meta[key])


READERS: Mapping[str, Callable[[KerasSource, tuple[Path, ...]], Raw]] = {
    "mnist": _mnist,
    "fashion_mnist": _fashion_mnist,
    "cifar10": _cifar,
    "cifar100": _cifar,
    "imdb": load_imdb,
    "reuters": load_reuters,
    "california_housing": _housing,
    "boston_housing": _housing,
}
