"""From the `data:` section to three splits: read, name the classes, split, prepare, check."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from nntrain.config.data import TARGET, CsvSource, DataSection, KerasSource, NpzSource, SklearnSource
from nntrain.config.vocabulary.losses import Labels
from nntrain.data import csv_file, keras_builtin, npz_file, preprocessing, sklearn_builtin
from nntrain.data.dataset import Array, Dataset, Features, Index, Part, Raw, Rows, TargetInfo
from nntrain.data.findings.find import Look, notes, quick
from nntrain.data.findings.view import Held, View
from nntrain.data.fingerprint import fingerprint
from nntrain.data.preprocess_json import to_json
from nntrain.data.preprocessing import Fitted
from nntrain.data.splits import divide
from nntrain.data.targets import Target, check_trained, encode, trained_notes
from nntrain.errors import DataError, Problem

Loader = Callable[[Any, Path], Raw]

LOADERS: Mapping[type[DataSection], Loader] = {
    CsvSource: csv_file.load,
    NpzSource: npz_file.load,
    SklearnSource: sklearn_builtin.load,
    KerasSource: keras_builtin.load,
}
"""What reads each source; it is given the source and the config's folder."""


def is_light(source: DataSection) -> bool:
    """Whether a source is read without scikit-learn and without Keras."""
    if isinstance(source, KerasSource):
        return keras_builtin.is_light(source)
    return not isinstance(source, SklearnSource)


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
    fingerprinted = fingerprint(raw)
    gaps = _gaps(source, raw)
    try:
        targets = _encoded(source, raw, labels)
        parts = _divided(source, raw, seed, targets)
    except DataError:
        if gaps:  # they come first
            raise DataError(*gaps) from None
        raise
    view = _view(raw, parts, targets)
    raw = replace(raw, rows=Part({}, {}), validation=None, test=None)  # the splits hold the rows now
    findings = look(view)
    del view
    if gaps:
        raise DataError(*gaps)
    for name in ("validation", "test"):
        for target in targets if name in parts else ():
            train, held_out = parts["train"].targets[target.info.name], parts[name]
            check_trained(target, train, held_out.targets[target.info.name], held_out.index, name)
    fitted = {
        name: preprocessing.fit(features, source.preprocess, tokens=raw.tokens)
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
        preprocess=to_json(fitted, {name: origin.columns for name, origin in raw.targets.items()}),
        fingerprint=fingerprinted,
        description=raw.description,
        notes=tuple(
            dict.fromkeys(
                (
                    *raw.notes,
                    *(note for target in targets for note in target.notes),
                    *(note for state in fitted.values() for note in state.notes),
                    *_notes(rows, targets),
                    *notes(findings),
                )
            )
        ),
        findings=findings,
    )


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
    return _view(raw, _divided(source, raw, seed, targets), targets)


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


def _without_targets(raw: Raw) -> Raw:
    """The same rows, of which nothing but the features is known."""

    def bare(part: Part | None) -> Part | None:
        return None if part is None else replace(part, targets={})

    rows = replace(raw.rows, targets={})
    return replace(raw, rows=rows, validation=bare(raw.validation), test=bare(raw.test), targets={})


def _gaps(source: DataSection, raw: Raw) -> list[Problem]:
    """Missing values that nothing replaces, each column once."""
    problems: list[Problem] = []
    for part in raw.parts:
        for features in part.inputs.values():
            try:
                preprocessing.check(features, source.preprocess, tokens=raw.tokens)
            except DataError as error:
                problems += error.problems
        if problems:
            break
    return list(dict.fromkeys(problems))


@dataclass(frozen=True)
class _Split:
    """Raw features and encoded targets of one split."""

    inputs: Mapping[str, Features]
    targets: Mapping[str, Array]
    index: Index


def _prepared(part: _Split, fitted: Mapping[str, Fitted]) -> Rows:
    inputs = {name: preprocessing.apply(fitted[name], part.inputs[name]) for name in fitted}
    return Rows(inputs, part.targets, part.index)


def _divided(source: DataSection, raw: Raw, seed: int, targets: Sequence[Target]) -> dict[str, _Split]:
    """Features, targets and row numbers by split; the first target with classes keeps their shares."""
    own = [name for name in ("validation", "test") if getattr(raw, name) is not None]
    shares = source.split.model_copy(update={name: None if name == "test" else 0.0 for name in own})
    classes = [target for target in targets if target.info.task == "classification"][:1]
    strata = classes[0].values[0] if classes else None
    division = divide(len(raw.rows), shares, seed, strata, classes[0].info.names if classes else ())
    parts = {}
    for name in ("train", "validation", "test"):
        index = getattr(division, name)
        if index is not None:
            chosen = {target.info.name: target.values[0][index] for target in targets}
            whole = len(index) == len(raw.rows)  # then it is every row in its order: no copy is needed
            inputs = raw.rows.inputs if whole else replace(raw.rows, targets={}).take(index).inputs
            parts[name] = _Split(inputs, chosen, index)
    for i, (name, part) in enumerate(zip(own, raw.parts[1:], strict=True), 1):
        chosen = {target.info.name: target.values[i] for target in targets}
        parts[name] = _Split(part.inputs, chosen, np.arange(len(part)))
    return parts


def _view(raw: Raw, parts: Mapping[str, _Split], targets: Sequence[Target]) -> View:
    """The rows of every split as the findings look at them."""
    return View(
        {name: Held(part.inputs, part.targets, part.index) for name, part in parts.items()},
        [target.info for target in targets],
        own=tuple(name for name in ("validation", "test") if getattr(raw, name) is not None),
        tokens=raw.tokens,
        description=raw.description,
    )


def _notes(rows: Mapping[str, Rows], targets: Sequence[Target]) -> list[str]:
    found = []
    for target in targets:
        found += trained_notes(target.info, np.asarray(rows["train"].targets[target.info.name]))
    if "validation" not in rows:
        found.append("there are no validation rows: nothing watches training for over-fitting")
    return found
