"""Relative paths in a config start from the folder of the file that they are written in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

from nntrain.config.network.wrapping import kind_of
from nntrain.config.text.source import Source
from nntrain.errors import KeyPath

FILES: tuple[KeyPath, ...] = (
    ("data", "path"),
    ("data", "list"),
    ("data", "validation_path"),
    ("data", "test_path"),
    ("code",),
)
FILES_OF: Mapping[str, tuple[tuple[str, str], ...]] = {
    "npy": (("data", "x"), ("data", "y")),
    "images": (("data", "masks"),),
}
"""Keys that name a file in one source, by its type, and a column or an array in others."""


def files_of_kind(data: Any) -> tuple[tuple[str, str], ...]:
    """The keys that name files in this `data` section alone; masks of a list stand in a column."""
    if not isinstance(data, Mapping) or data.get("list") is not None:
        return ()
    return FILES_OF.get(str(data.get("type")), ())


def is_file(path: KeyPath, values: Any) -> bool:
    """Whether the value at a key path names a file or a folder: data, code, or the weights of a backbone.

    Args:
        path: The value's key path.
        values: The whole config.
    """
    if path in FILES or path in files_of_kind(values.get("data")):
        return True
    if path[:2] != ("model", "layers") or path[-1] != "weights":
        return False
    entry = reduce(getitem, path[:-1], values)
    return isinstance(entry, dict) and kind_of(entry.get("type")) == "applications"


def relocated(path: KeyPath, text: str, values: Any, written_in: Source, main: Source) -> str:
    """A value, which, if it is a relative path from another folder, is made relative to the config file's.

    Args:
        path: The value's key path.
        text: The value.
        values: The whole config.
        written_in: The text that it stands in.
        main: The config file.
    """
    here, there = main.folder, written_in.folder
    if here is None or there is None or not is_file(path, values) or text in {"", "imagenet"}:
        return text
    between = os.path.relpath(os.path.realpath(there), os.path.realpath(here))
    if between == "." or text.startswith("~") or Path(text).is_absolute():
        return text
    return os.path.normpath(f"{between}/{text}")
