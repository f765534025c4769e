"""imdb and reuters: texts as rows of word numbers, all of one length."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nntrain.config.data import INPUT, TARGET, KerasSource
from nntrain.data.dataset import Array, Part, Raw, TargetOrigin
from nntrain.data.keras_pickles import damaged, read_object_arrays

PADDING, START, UNKNOWN, OFFSET = 0, 1, 2, 3
"""Keras' numbers: what fills up, begins a text, stands for a rare word; and how far words are moved up."""
SHUFFLE_SEED = 113
TEST_SHARE = 0.2


def load_imdb(source: KerasSource, files: tuple[Path, ...]) -> Raw:
    """Film reviews, negative or positive; in the order of `keras.datasets.imdb.load_data()`.

    Raises:
        DataError: The file is damaged.
    """
    arrays = _arrays(files[0], ("x_train", "y_train", "x_test", "y_test"))
    random = np.random.RandomState(SHUFFLE_SEED)
    pairs = []
    for part in ("train", "test"):
        order = np.arange(len(arrays[f"x_{part}"]))
        random.shuffle(order)
        pairs.append((arrays[f"x_{part}"][order], arrays[f"y_{part}"][order]))
    return _raw(source, pairs[0], pairs[1], ("negative", "positive"))


def load_reuters(source: KerasSource, files: tuple[Path, ...]) -> Raw:
    """Newswire by topic; rows and test rows as in `keras.datasets.reuters.load_data()`.

    Raises:
        DataError: The file is damaged.
    """
    from keras.datasets import reuters

    arrays = _arrays(files[0], ("x", "y"))
    order = np.arange(len(arrays["x"]))
    np.random.RandomState(SHUFFLE_SEED).shuffle(order)
    x, y = arrays["x"][order], arrays["y"][order]
    cut = int(len(x) * (1 - TEST_SHARE))
    return _raw(source, (x[:cut], y[:cut]), (x[cut:], y[cut:]), tuple(reuters.get_label_names()))


def _arrays(file: Path, names: Sequence[str]) -> dict[str, Array]:
    arrays = read_object_arrays(file)
    for name in names:
        if name not in arrays:
            raise damaged(file, f"it has no array '{name}'")
    return arrays


def _raw(
    source: KerasSource, train: tuple[Array, Array], test: tuple[Array, Array], class_names: tuple[str, ...]
) -> Raw:
    notes: tuple[str, ...] = ()
    length = source.maxlen
    if length is None:
        length = max(len(text) for text in train[0]) + 1
        notes = (
            f"every text has {length} words, as the longest of the training rows; data.maxlen sets fewer",
        )
    parts = [
        Part({INPUT: pad(texts, length, source.num_words)}, {TARGET: np.asarray(labels, np.int64)})
        for texts, labels in (train, test)
    ]
    return Raw(
        parts[0],
        test=parts[1],
        targets={TARGET: TargetOrigin(("data", "name"), (TARGET,), class_names, "classification")},
        description=f"{source.name}: {len(train[0])} training and {len(test[0])} test rows of {length} words",
        notes=notes,
        tokens=True,
    )


def pad(
    texts: Sequence[Sequence[int]] | Array, length: int, num_words: int | None = None
) -> NDArray[np.int32]:
    """Texts as rows of one length: a longer one loses its beginning, a shorter one is padded in front with 0.

    Args:
        texts: Word numbers by frequency, from 1, as the files hold them.
        length: Words a row.
        num_words: Numbers from here on become 2, "unknown"; None keeps all.

    Returns:
        Shape `(texts, length)`. 1 starts a text; word `w` is `w + 3`.
    """
    rows = np.full((len(texts), length), PADDING, np.int32)
    for row, text in zip(rows, texts, strict=True):
        words = np.asarray(text, np.int32)[-length:] + OFFSET
        if len(words):
            row[-len(words) :] = words
        if len(words) < length:
            row[-len(words) - 1] = START
    if num_words is not None:
        rows[rows >= num_words] = UNKNOWN
    return rows
