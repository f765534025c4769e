"""From the `data:` section to three splits: read, name the classes, split, prepare, check."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from nntrain.arrays import Scaled, Values, in_blocks
from nntrain.config.data import (
    TARGET,
    CsvSource,
    DataSection,
    ImagesSource,
    KerasSource,
    NpzSource,
    OpenmlSource,
    ParquetSource,
    SequenceSource,
    SeriesSource,
    SklearnSource,
    TextSource,
    TfrecordSource,
)
from nntrain.config.vocabulary.losses import Labels
from nntrain.data import (
    csv_file,
    keras_builtin,
    npz_file,
    openml_set,
    parquet_file,
    record_file,
    sklearn_builtin,
)
from nntrain.data.dataset import Dataset, Part, Raw, Rows, TargetInfo
from nntrain.data.division import Piece, divide_rows
from nntrain.data.fingerprint import fingerprint
from nntrain.data.images import source as images
from nntrain.data.kind import State
from nntrain.data.prepare import preparation
from nntrain.data.prepare.document import to_json
from nntrain.data.prepare.fitted import Fitted
from nntrain.data.sequences.load import load as load_sequences
from nntrain.data.series.load import load as load_series
from nntrain.data.targets import Target, check_trained, encode, trained_notes
from nntrain.data.texts.load import load as load_texts

Loader = Callable[[Any, Path], Raw]

LOADERS: Mapping[type[DataSection], Loader] = {
    CsvSource: csv_file.load,
    ParquetSource: parquet_file.load,
    TfrecordSource: record_file.load,
    NpzSource: npz_file.load,
    ImagesSource: images.load,
    OpenmlSource: openml_set.load,
    SklearnSource: sklearn_builtin.load,
    KerasSource: keras_builtin.load,
    TextSource: load_texts,
    SequenceSource: load_sequences,
    SeriesSource: load_series,
}
"""What reads each source; it is given the source and the config's folder."""


def is_light(source: DataSection) -> bool:
    """Whether a source is read without scikit-learn, without Keras and without TensorFlow."""
    if isinstance(source, KerasSource):
        return keras_builtin.is_light(source)
    return not isinstance(source, (SklearnSource, OpenmlSource, TfrecordSource))


def load(
    source: DataSection, *, base: Path, seed: int, labels: Mapping[str, Labels] = MappingProxyType({})
) -> Dataset:
    """Read a source and make it ready for a model.

    Args:
        source: The `data:` section.
        base: The config's folder, against which its paths are resolved.
        seed: Draws the splits; the same seed and rows give the same splits.
        labels: The labels that the loss of each output takes, by target (`target` for the only one), for
            `task: auto`; a target that is not named takes any.

    Raises:
        DataError: The data are missing or unfit.
        MachineError: A file may not be read.
    """
    raw = LOADERS[type(source)](source, base)
    if source.task == "reconstruction":
        raw = _without_targets(raw)
    fingerprinted = fingerprint(raw)
    _check_inputs(source, raw)
    wanted = None if source.task == "auto" or source.task == "reconstruction" else source.task
    targets = [
        encode(name, origin, [part.targets[name] for part in raw.parts], wanted, labels.get(name, "any"))
        for name, origin in raw.targets.items()
    ]
    divided = divide_rows(source.split, raw, seed, targets)
    parts = divided.parts
    raw = replace(raw, rows=Part({}, {}), validation=None, test=None)  # the splits hold the rows now
    for name in ("validation", "test"):
        for target in targets if name in parts else ():
            train, held_out = parts["train"].targets[target.info.name], parts[name]
            placed = target.placed(held_out.where) if held_out.own else target
            check_trained(placed, train, held_out.targets[target.info.name], held_out.index, name)
    fitted = {
        name: preparation.fit(features, source.preprocess, tokens=raw.tokens)
        for name, features in parts["train"].inputs.items()
    }
    rows = {name: _prepared(part, fitted) for name, part in parts.items()}
    infos = tuple(target.info for target in targets)
    if source.task == "reconstruction":
        rows = {name: replace(part, targets={TARGET: part.x}) for name, part in rows.items()}
        infos = (TargetInfo(TARGET, "reconstruction", (), rows["train"].x.shape[1:]),)
    return Dataset(
        train=rows["train"],
        validation=rows.get("validation"),
        test=rows.get("test"),
        targets=infos,
        inputs={name: state.columns for name, state in fitted.items()},
        preprocess=to_json(
            fitted, {name: origin.columns for name, origin in raw.targets.items()}, parts["train"].index
        ),
        fingerprint=fingerprinted,
        description=raw.description,
        vocabulary=_vocabulary(fitted, rows, tokens=raw.tokens),
        notes=tuple(
            dict.fromkeys(
                (
                    *raw.notes,
                    *(note for target in targets for note in target.notes),
                    *(note for state in fitted.values() for note in state.notes),
                    *divided.notes,
                    *_notes(rows, targets),
                )
            )
        ),
        weights=divided.weights,
    )


def _vocabulary(fitted: Mapping[str, Fitted], rows: Mapping[str, Rows], *, tokens: bool) -> int | None:
    """How many word numbers there are, from 0; in a set that is numbered as a whole, up to its highest."""
    if tokens:
        return 1 + max(int(x.max()) for split in rows.values() for x in split.inputs.values())
    found = [state.vocabulary for state in fitted.values() if isinstance(state, State)]
    return found[0] if len(found) == 1 else None


def _without_targets(raw: Raw) -> Raw:
    """The same rows, of which nothing but the features is known."""

    def bare(part: Part | None) -> Part | None:
        return None if part is None else replace(part, targets={})

    rows = replace(raw.rows, targets={})
    return replace(raw, rows=rows, validation=bare(raw.validation), test=bare(raw.test), targets={})


def _check_inputs(source: DataSection, raw: Raw) -> None:
    """Refuse what the steps can't be done to."""
    for part in raw.parts:
        preparation.check(part.inputs, source.preprocess, tokens=raw.tokens)


def _prepared(part: Piece, fitted: Mapping[str, Fitted]) -> Rows:
    inputs = {name: state.apply(part.inputs[name]) for name, state in fitted.items()}
    return Rows(inputs, part.targets, part.index)


def _notes(rows: Mapping[str, Rows], targets: Sequence[Target]) -> list[str]:
    found = []
    for target in targets:
        found += trained_notes(target.info, np.asarray(rows["train"].targets[target.info.name]))
    if "validation" not in rows:
        found.append("there are no validation rows: nothing watches training for over-fitting")
    packed = all(isinstance(x, Scaled) for split in rows.values() for x in split.inputs.values())
    seen = set(_hashes(rows["train"], packed))
    for name in ("validation", "test"):
        if name in rows:
            repeated = sum(row in seen for row in _hashes(rows[name], packed))
            if repeated:
                count = f"{repeated:,} of {len(rows[name]):,} {name} rows"
                said = (
                    "is identical to a training row" if repeated == 1 else "are identical to a training row"
                )
                found.append(f"{count} {said}, so their scores may flatter")
    return found


def _hashes(rows: Rows, packed: bool) -> Iterator[int]:
    """A hash of each row's bytes over all inputs, equal for identical rows within one process.

    Args:
        rows: The rows of one split.
        packed: Whether the rows of every split are `Scaled`, and so scaled alike: then their own bytes tell
            them apart.
    """
    held = [x.values if packed and isinstance(x, Scaled) else x for x in rows.inputs.values()]
    for row in zip(*map(_each_row, held), strict=True):
        yield hash(row)


def _each_row(rows: Values) -> Iterator[bytes]:
    """The bytes of each row."""
    for block in in_blocks(rows):
        content, size = block.tobytes(), block[0].nbytes
        yield from (content[start : start + size] for start in range(0, len(content), size))
