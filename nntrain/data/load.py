"""From the `data:` section to three splits: read, name the classes, split, prepare, check."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from nntrain.config.data import (
    TARGET,
    CsvSource,
    DataSection,
    ImagesSource,
    KerasSource,
    NpySource,
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
    npy_file,
    npz_file,
    openml_set,
    parquet_file,
    record_file,
    sklearn_builtin,
)
from nntrain.data.dataset import (
    Array,
    Beside,
    Dataset,
    Features,
    Part,
    Raw,
    Rows,
    Table,
    TargetInfo,
    Use,
    known_last,
    series_names,
)
from nntrain.data.division import Piece, divide_rows
from nntrain.data.findings.find import Look, notes, quick
from nntrain.data.findings.view import Held, View
from nntrain.data.fingerprint import fingerprinting
from nntrain.data.images import source as images
from nntrain.data.kind import Kind, State
from nntrain.data.prepare import preparation
from nntrain.data.prepare.document import to_json
from nntrain.data.prepare.fitted import Fitted
from nntrain.data.sequences.load import load as load_sequences
from nntrain.data.series.load import load as load_series
from nntrain.data.streaming.decide import settled
from nntrain.data.streaming.features import StoredFeatures
from nntrain.data.targets import Target, check_trained, encode, trained_notes
from nntrain.data.texts.load import load as load_texts
from nntrain.errors import DataError, Problem

Loader = Callable[[Any, Path], Raw]

LOADERS: Mapping[type[DataSection], Loader] = {
    CsvSource: csv_file.load,
    ParquetSource: parquet_file.load,
    TfrecordSource: record_file.load,
    NpzSource: npz_file.load,
    NpySource: npy_file.load,
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
    source: DataSection,
    *,
    base: Path,
    seed: int,
    labels: Mapping[str, Labels] = MappingProxyType({}),
    look: Look = quick,
) -> Dataset:
    """Read a source and make it ready for a model.

    Args:
        source: The `data:` section.
        base: The config's folder, against which its paths are resolved.
        seed: Draws the splits; the same seed and rows give the same splits.
        labels: The labels that the loss of each output takes, by target (`target` for the only one), for
            `task: auto`; a target that is not named takes any.
        look: Finds what is worth knowing about the rows before they are prepared.

    Raises:
        DataError: The data are missing or unfit.
        MachineError: A file may not be read.
    """
    raw = _read(source, base)
    fingerprinted = fingerprinting(raw)
    unfit = _unfit(source, raw)
    try:
        targets = _encoded(source, raw, labels)
        divided = divide_rows(source.split, raw, seed, targets)
    except DataError:
        if unfit:  # that comes first
            raise DataError(*unfit) from None
        raise
    view = _view(source, raw, divided.parts, targets)
    raw = replace(raw, rows=Part({}, {}), validation=None, test=None)  # the splits hold the rows now
    findings = look(view)
    del view
    if unfit:
        raise DataError(*unfit)
    _check_held_out(divided.parts, targets)
    fitted = _fitted(source, raw, divided.parts["train"])
    rows = {name: _prepared(part, fitted) for name, part in divided.parts.items()}
    rows |= {name: settled(held_out) for name, held_out in rows.items() if name != "train"}
    told = (
        *raw.notes,
        *(note for target in targets for note in target.notes),
        *(note for state in fitted.values() for note in state.notes),
        *divided.notes,
        *_notes(rows, targets),
        *notes(findings),
    )
    rows, infos = _with_targets(source, rows, targets)
    columns = {name: origin.columns for name, origin in raw.targets.items()}
    return Dataset(
        train=rows["train"],
        validation=rows.get("validation"),
        test=rows.get("test"),
        targets=infos,
        inputs={name: state.columns for name, state in fitted.items()},
        preprocess=to_json(fitted, columns, divided.parts["train"].index),
        fingerprint=fingerprinted.result(),
        description=raw.description,
        vocabulary=_vocabulary(fitted, rows, tokens=raw.tokens),
        notes=tuple(dict.fromkeys(told)),
        weights=divided.weights,
        findings=findings,
    )


def _check_held_out(parts: Mapping[str, Piece], targets: Sequence[Target]) -> None:
    """Refuse classes that stand in a held-out split alone.

    Raises:
        DataError: Naming them, and where the first stands.
    """
    train = parts["train"]
    for held_out in ("validation", "test"):
        for target in targets if held_out in parts else ():
            part, name = parts[held_out], target.info.name
            placed = target.placed(part.where) if part.own else target
            check_trained(placed, train.targets[name], part.targets[name], part.index, held_out)


def _fitted(source: DataSection, raw: Raw, train: Piece) -> dict[str, Fitted]:
    """What the training rows of each input teach.

    Raises:
        DataError: They don't hold what is to be learnt.
    """
    return {
        name: preparation.fit(features, source.preprocess, tokens=raw.tokens)
        for name, features in train.inputs.items()
    }


def _with_targets(
    source: DataSection, rows: dict[str, Rows], targets: Sequence[Target]
) -> tuple[dict[str, Rows], tuple[TargetInfo, ...]]:
    """The rows with what is predicted: of a reconstruction, the prepared rows themselves."""
    if source.task != "reconstruction":
        return rows, tuple(target.info for target in targets)
    rebuilt = {name: replace(part, targets={TARGET: part.x}) for name, part in rows.items()}
    return rebuilt, (TargetInfo(TARGET, "reconstruction", (), rows["train"].x.shape[1:]),)


def survey(
    source: DataSection, *, base: Path, seed: int, labels: Mapping[str, Labels] = MappingProxyType({})
) -> View:
    """Read and split a source as `load` does, and prepare nothing: gaps that nothing replaces may stay.

    Raises:
        DataError: The data are missing or unfit.
        MachineError: A file may not be read.
    """
    raw = _read(source, base)
    targets = _encoded(source, raw, labels)
    return _view(source, raw, divide_rows(source.split, raw, seed, targets).parts, targets)


def raw_parts(
    source: DataSection, *, base: Path, seed: int, labels: Mapping[str, Labels] = MappingProxyType({})
) -> tuple[Mapping[str, Piece], str]:
    """Read and split a source as `load` does, and prepare nothing.

    Returns:
        The splits with their features as they were read, and the fingerprint of all rows.

    Raises:
        DataError: The data are missing or unfit.
        MachineError: A file may not be read.
    """
    raw = _read(source, base)
    fingerprinted = fingerprinting(raw)
    targets = _encoded(source, raw, labels)
    return divide_rows(source.split, raw, seed, targets).parts, fingerprinted.result()


def beside_of(source: DataSection, base: Path) -> Mapping[Use, Beside]:
    """What divides or weighs the rows of a source, in its order.

    Raises:
        DataError: The data are missing or unfit.
        MachineError: A file may not be read.
    """
    return _read(source, base).rows.beside


def _read(source: DataSection, base: Path) -> Raw:
    """The rows as their source delivers them."""
    raw = LOADERS[type(source)](source, base)
    return _without_targets(raw) if source.task == "reconstruction" else raw


def _encoded(source: DataSection, raw: Raw, labels: Mapping[str, Labels]) -> list[Target]:
    """The targets as the outputs of a network are to predict them."""
    wanted = None if source.task == "auto" or source.task == "reconstruction" else source.task
    return [
        encode(name, origin, [part.targets[name] for part in raw.parts], wanted, labels.get(name, "any"))
        for name, origin in raw.targets.items()
    ]


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


def _unfit(source: DataSection, raw: Raw) -> list[Problem]:
    """What the steps can't be done to: of the first part that has any."""
    for part in raw.parts:
        try:
            preparation.check(part.inputs, source.preprocess, tokens=raw.tokens)
        except DataError as error:
            return list(error.problems)
    return []


def _prepared(part: Piece, fitted: Mapping[str, Fitted]) -> Rows:
    inputs = {name: state.apply(part.inputs[name]) for name, state in fitted.items()}
    return Rows(
        inputs, part.targets, part.index, last=known_last(part.inputs), series=series_names(part.inputs)
    )


def _view(source: DataSection, raw: Raw, parts: Mapping[str, Piece], targets: Sequence[Target]) -> View:
    """The rows of every split as the findings look at them."""

    def seen(features: Features) -> Table | Array | StoredFeatures:
        if isinstance(features, StoredFeatures) or not isinstance(features, Kind):
            return features
        return features.comparable()

    whole_kinds = [
        port
        for port, x in parts["train"].inputs.items()
        if isinstance(x, Kind) and not isinstance(x, StoredFeatures)
    ]
    return View(
        {
            name: Held.of({port: seen(x) for port, x in part.inputs.items()}, part.targets, part.index)
            for name, part in parts.items()
        },
        [target.info for target in targets],
        own=tuple(name for name in ("validation", "test") if getattr(raw, name) is not None),
        wholes=frozenset(whole_kinds),
        in_words=frozenset(source.preprocess.texts),
        tokens=raw.tokens,
        description=raw.description,
        notes=raw.notes,
    )


def _notes(rows: Mapping[str, Rows], targets: Sequence[Target]) -> list[str]:
    found = []
    for target in targets:
        found += trained_notes(target.info, np.asarray(rows["train"].targets[target.info.name]))
    if "validation" not in rows:
        found.append("there are no validation rows: nothing watches training for over-fitting")
    return found
