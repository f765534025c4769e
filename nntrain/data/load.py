"""From the `data:` section to three splits: read, name the classes, split, prepare, check."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np

from nntrain.config.data import (
    KERAS_SETS,
    SKLEARN_SETS,
    CsvSource,
    DataSection,
    KerasSource,
    NpzSource,
    SklearnSource,
)
from nntrain.data import csv_file, keras_builtin, labels, npz_file, preprocessing, sklearn_builtin
from nntrain.data.dataset import Array, Dataset, Index, Part, Raw, Rows, Task
from nntrain.data.fingerprint import fingerprint
from nntrain.data.preprocess_json import to_json
from nntrain.data.splits import divide
from nntrain.errors import DataError, Problem

Loader = Callable[[Any, Path], Raw]

LOADERS: Mapping[type[DataSection], Loader] = {
    CsvSource: csv_file.load,
    NpzSource: npz_file.load,
    SklearnSource: sklearn_builtin.load,
    KerasSource: keras_builtin.load,
}
"""What reads each source; it is given the source and the config's folder."""


def load(
    source: DataSection,
    *,
    base: Path,
    seed: int,
    task: Literal["auto", "classification", "regression"] = "auto",
    prefers_classes: bool | None = None,
) -> Dataset:
    """Read a source and make it ready for a model.

    Args:
        source: The `data:` section.
        base: The config's folder, against which its paths are resolved.
        seed: Draws the splits; the same seed and rows give the same splits.
        task: What the target is; `auto` leaves it to `source.task`, and if that is `auto` too, to the
            target and the loss.
        prefers_classes: Whether the loss is made for classes, for `auto`; None if that is not known.

    Raises:
        DataError: The data are missing or unfit.
        MachineError: A file may not be read.
    """
    raw = LOADERS[type(source)](source, base)
    fingerprinted = fingerprint(raw)
    for part in raw.parts:
        preprocessing.check(part.features, source.preprocess, tokens=raw.tokens)
    resolved = resolve_task(source, raw, task, prefers_classes)
    targets, classes = _targets(raw, resolved)
    parts = _divided(source, raw, seed, targets, classes)
    if classes:
        for name in ("validation", "test"):
            if name in parts:
                labels.check_trained(parts["train"][1], parts[name][1], name, classes)
    fitted = preprocessing.fit(
        parts["train"][0].features, source.preprocess, tokens=raw.tokens, target=raw.target_name
    )
    rows = {
        name: Rows(preprocessing.apply(fitted, part.features), y, index)
        for name, (part, y, index) in parts.items()
    }
    return Dataset(
        train=rows["train"],
        validation=rows.get("validation"),
        test=rows.get("test"),
        task=resolved,
        classes=classes,
        features=fitted.columns,
        preprocess=to_json(fitted),
        fingerprint=fingerprinted,
        description=raw.description,
        notes=(*raw.notes, *fitted.notes, *_notes(rows)),
    )


def resolve_task(source: DataSection, raw: Raw, task: str, prefers_classes: bool | None) -> Task:
    """What the target is: as told, else texts and known sets decide, else the loss.

    Raises:
        DataError: The target holds texts and numbers are asked for.
    """
    wanted = source.task if task == "auto" else task
    texts = raw.rows.target.dtype == object
    if wanted == "regression":
        if texts:
            message = f"'regression' needs numbers; the target holds texts such as '{raw.rows.target[0]}'"
            raise DataError(Problem(message, ("data", "task"), id="text_target"))
        return "regression"
    if wanted == "classification" or texts:
        return "classification"
    known: Task | None = None
    if isinstance(source, SklearnSource):
        known = SKLEARN_SETS[source.name]
    elif isinstance(source, KerasSource):
        known = KERAS_SETS[source.name]
    return known or ("classification" if prefers_classes else "regression")


def _targets(raw: Raw, task: Task) -> tuple[list[Array], tuple[str, ...]]:
    """The targets of each part as class indices or float32, and the classes' names."""
    if task == "regression":
        return [part.target.astype(np.float32) for part in raw.parts], ()
    encoded, classes = labels.encode([part.target for part in raw.parts], raw.class_names)
    return list(encoded), classes


def _divided(
    source: DataSection, raw: Raw, seed: int, targets: list[Array], classes: tuple[str, ...]
) -> dict[str, tuple[Part, Array, Index]]:
    """Features, targets and row numbers by split."""
    own = [name for name in ("validation", "test") if getattr(raw, name) is not None]
    shares = source.split.model_copy(update={name: None if name == "test" else 0.0 for name in own})
    y = targets[0]
    division = divide(len(raw.rows), shares, seed, y if classes else None, classes)
    parts = {}
    for name in ("train", "validation", "test"):
        index = getattr(division, name)
        if index is not None:
            parts[name] = (raw.rows.take(index), y[index], index)
    for name, part, target in zip(own, raw.parts[1:], targets[1:], strict=True):
        parts[name] = (part, target, np.arange(len(part)))
    return parts


def _notes(rows: Mapping[str, Rows]) -> list[str]:
    found = []
    if "validation" not in rows:
        found.append("there are no validation rows: nothing watches training for over-fitting")
    seen = row_hashes(rows["train"].x)
    for name in ("validation", "test"):
        if name in rows:
            repeated = sum(row in seen for row in map(hash_row, rows[name].x))
            if repeated:
                count = f"{repeated} of {len(rows[name])} {name} rows"
                found.append(f"{count} are identical to a training row, so their scores may flatter")
    return found


def row_hashes(x: Array) -> set[int]:
    """Hashes of the rows of an array, shape `(rows, ...)`."""
    return set(map(hash_row, x))


def hash_row(row: Array) -> int:
    """A 64-bit hash of a row's bytes, equal for identical rows within one process."""
    return hash(row.tobytes())
