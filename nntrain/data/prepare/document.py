"""`preprocess.json`: what was fitted, in a form that people read and that gives back the same bits.

Python writes a float with the fewest digits that read back as the same float, so nothing is rounded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from pydantic import ValidationError

from nntrain.data.dataset import Index
from nntrain.data.prepare.arrays import read_array, read_tokens
from nntrain.data.prepare.fitted import Fitted
from nntrain.data.prepare.older import from_version_2
from nntrain.data.prepare.schema import digest_of, schema_of
from nntrain.data.prepare.tables import read_table
from nntrain.data.sequences.features import SequenceState
from nntrain.data.series.features import WindowState
from nntrain.data.texts.vocabulary import Vocabulary
from nntrain.errors import ArtefactError, Problem

VERSION = 3
READERS: Mapping[str, Callable[[Mapping[str, Any]], Fitted]] = {
    "table": read_table,
    "array": read_array,
    "tokens": read_tokens,
    "text": Vocabulary.from_json,
    "sequences": SequenceState.from_json,
    "windows": lambda document: WindowState.from_json(document, _read),
}
"""What reads the state of an input back, by its `kind`."""


def _read(state: Mapping[str, Any]) -> Fitted:
    """The state of one input."""
    return READERS[state["kind"]](state)


def to_json(
    fitted: Mapping[str, Fitted], targets: Mapping[str, tuple[str, ...]], train: Index
) -> dict[str, Any]:
    """The fitted state as plain values.

    Args:
        fitted: By input.
        targets: What the source calls the columns or the array of each target.
        train: Row numbers in the source of the training rows, shape `(rows,)`.

    Returns:
        `version`; `train`: how many rows taught this, and the SHA-256 of their row numbers (from 0, as
        64-bit little-endian integers in the order of the training rows); `schema_sha256`, of the columns with
        their kinds, or the shapes, that new rows need; `inputs`: of each its `kind` and state; `targets`: the
        source's names of each.
    """
    inputs = {name: state.to_json() for name, state in fitted.items()}
    return {
        "version": VERSION,
        "train": {
            "rows": len(train),
            "row_numbers_sha256": hashlib.sha256(np.ascontiguousarray(train, "<i8").data).hexdigest(),
        },
        "schema_sha256": digest_of(schema_of(inputs)),
        "inputs": inputs,
        "targets": {name: list(columns) for name, columns in targets.items()},
    }


def from_json(document: Mapping[str, Any]) -> tuple[dict[str, Fitted], dict[str, tuple[str, ...]]]:
    """The fitted state of each input, and the source's names of each target, from their JSON.

    Raises:
        ArtefactError: A version that is not known, or it is not what `to_json` wrote.
    """
    version = document.get("version")
    if version not in (2, VERSION):
        message = f"the preprocessing has version {version!r}; this nntrain reads versions 2 and {VERSION}"
        raise ArtefactError(Problem(message, id="version"))
    try:
        if version == 2:
            document = from_version_2(document)
        fitted = {name: _read(state) for name, state in document["inputs"].items()}
        return fitted, {name: tuple(columns) for name, columns in document["targets"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"the preprocessing is not as nntrain wrote it ({_reason(error)})"
        raise ArtefactError(Problem(message, id="damaged")) from None


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):  # of the steps; whatever else it says fills several lines
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return f"{type(error).__name__}: {error}"
