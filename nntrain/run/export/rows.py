"""The rows that an exported network is tried on: as they were read, and as the run prepared them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nntrain.config.data import TARGET
from nntrain.config.schema import Config
from nntrain.data.dataset import Features, Rows, Table, known_last
from nntrain.data.division import Piece
from nntrain.data.load import raw_parts
from nntrain.data.prepare.document import from_json
from nntrain.data.prepare.fitted import Fitted
from nntrain.data.streaming.features import StoredFeatures, joined
from nntrain.errors import ConflictError, NntrainError, Problem
from nntrain.run.directory import RunDirectory
from nntrain.run.reading import loss_labels

MOST_ROWS = 10_000
MOST_BYTES = 256 << 20
"""Of prepared rows that are compared."""
EXAMPLES = 256
"""Training rows that show a converter which numbers occur."""


@dataclass(frozen=True)
class Some:
    """Rows of one split."""

    raw: Mapping[str, Features]
    """As they were read, by input."""
    rows: Rows
    """As the network takes them."""


@dataclass(frozen=True)
class Tried:
    """What an exported network is tried on."""

    fitted: Mapping[str, Fitted]
    split: str
    """`test`, `validation`, or `training` where no rows are held out."""
    held_out: Some
    training: Some
    """The first training rows."""


def read_tried(config: Config, run: RunDirectory, path: Path) -> Tried:
    """Read a run's rows once more.

    Args:
        config: The run's.
        run: Finished.
        path: As the user wrote it.

    Raises:
        DataError: The data are missing or unfit.
        ConflictError: They are not those that the run was trained on.
        ArtefactError: `preprocess.json` was changed.
    """
    fitted, _ = from_json(run.read_json("preprocess.json"))
    try:
        parts, fingerprint = raw_parts(
            config.data, base=config.origin.folder, seed=config.split_seed, labels=loss_labels(config)
        )
    except NntrainError as error:
        raise error.located(config.origin.location) from error.__cause__
    recorded = run.record["data"]["fingerprint"]
    if fingerprint != recorded:
        message = (
            f"the data are not those that {path} was trained on: their SHA-256 is {fingerprint[:12]}..., "
            f"recorded is {recorded[:12]}...; bring those data back: the exported network is tried on them"
        )
        raise ConflictError(Problem(message, id="data-changed"))
    name = next(name for name in ("test", "validation", "train") if name in parts)
    reconstructs = config.data.task == "reconstruction"
    return Tried(
        fitted,
        "training" if name == "train" else name,
        _some(fitted, parts[name], MOST_ROWS, reconstructs),
        _some(fitted, parts["train"], EXAMPLES, reconstructs),
    )


def _some(fitted: Mapping[str, Fitted], part: Piece, most: int, reconstructs: bool) -> Some:
    """The first rows of a split, as many as memory should hold."""
    first = _taken(part.inputs, np.arange(1))
    row = sum(np.asarray(fitted[name].apply(one)).nbytes for name, one in first.items())
    chosen = np.arange(min(len(part.index), most, max(1, MOST_BYTES // max(1, row))))
    raw = _taken(part.inputs, chosen)
    inputs = {name: np.asarray(fitted[name].apply(features)) for name, features in raw.items()}
    targets = {name: values[chosen] for name, values in part.targets.items()}
    if reconstructs:
        targets = {TARGET: next(iter(inputs.values()))}
    return Some(raw, Rows(inputs, targets, part.index[chosen], last=known_last(raw)))


def _taken(inputs: Mapping[str, Features], rows: Any) -> dict[str, Features]:
    """These rows, in memory."""
    found: dict[str, Features] = {}
    for name, features in inputs.items():
        taken = features[rows] if isinstance(features, np.ndarray) else features.take(rows)
        if isinstance(taken, StoredFeatures):
            taken = joined(list(taken.pieces()))
        assert isinstance(taken, Table | np.ndarray) or len(taken) == len(rows)
        found[name] = taken
    return found
