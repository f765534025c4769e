"""What fingers write out of habit: Keras' own words at the wrong place, and slips of the pen."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nntrain.errors import KeyPath

INSTEAD: Mapping[KeyPath, str] = {
    ("compile",): "loss, optimizer and metrics stand under training",
    ("fit",): "epochs and batch_size stand under training",
    ("model", "type"): "the layers stand in model.layers, and tell by themselves what they make; remove it",
    ("model", "input_shape"): "the input's shape comes from the data; remove it",
    ("data", "decimal"): "write numbers in the file with a point",
    (
        "data",
        "features",
    ): "all columns are read but those in data.drop; data.inputs: {features: [a, b]} chooses some",
    ("data", "file"): "write path",
    ("data", "label"): "write target",
    **{
        ("data", word): "set data.preprocess.numeric.scale"
        for word in ("normalize", "scaling", "standardize")
    },
    ("data", "sep"): "write delimiter",
    ("data", "test_size"): "set data.split.test",
    ("data", "split", "train"): "what validation and test leave is trained on; remove it",
    ("data", "split", "random_state"): "write seed",
    ("data", "split", "shuffle"): "rows are drawn by chance, unless by_time orders them; remove it",
    ("training", "validation_split"): "set data.split.validation",
    ("training", "validation_data"): "set data.split.validation, or name a file in data.validation_path",
    ("training", "steps_per_epoch"): "an epoch is all training rows once; remove it",
    ("training", "verbose"): "say it on the command line: --progress bar, lines or none",
    (
        "training",
        "early_stopping",
        "restore_best_weights",
    ): "the best epoch's weights are kept; remove it",
}
"""What to do about a key that other libraries take, and that a config does not have there."""
OF_TABLES = frozenset({"decimal", "features", "file", "label", "sep"})
"""Keys of `data` of which that is true for tables alone."""
PAIR = re.compile(r"([a-z_]\w*)\s*[= ]\s*(\S+)", re.ASCII)


def instead(path: KeyPath, source: object) -> str | None:
    """What to do about a key that other libraries take; None for another one.

    Args:
        path: Of the key.
        source: The `type` of the config's data.
    """
    of_table = path[:-1] == ("data",) and path[-1] in OF_TABLES
    return None if of_table and source not in ("csv", "parquet") else INSTEAD.get(path)


def slip(key: str) -> str | None:
    """What is wrong with a key that has no value: a ':' or a space was left out, or a ',' is too much.

    Args:
        key: As YAML read it: `epochs:5`, `units 8`, `units=8`, or the `001` of `0,001`.
    """
    word, colon, rest = key.partition(":")
    if colon and word.isidentifier():
        return f"a space is missing after ':'; write '{word}: {rest}'"
    if key.isdecimal():
        return "a ',' ends the value before it; write decimals with a point, as in 0.001"
    pair = PAIR.fullmatch(key)
    return f"a ':' is missing; write '{pair[1]}: {pair[2]}'" if pair else None
