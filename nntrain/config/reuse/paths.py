"""Relative paths in a config start from the folder of the file that they are written in."""

from __future__ import annotations

import os
from pathlib import Path

from nntrain.config.text.source import Source
from nntrain.errors import KeyPath


def is_file(path: KeyPath) -> bool:
    """Whether the value at a key path names a file."""
    return path in {("data", "path"), ("code",)} or (path[:1] == ("model",) and path[-1:] == ("weights",))


def relocated(path: KeyPath, text: str, written_in: Source, main: Source) -> str:
    """A value, which, if it is a relative path from another folder, is made relative to the config file's.

    Args:
        path: The value's key path.
        text: The value.
        written_in: The text that it stands in.
        main: The config file.
    """
    here, there = main.folder, written_in.folder
    if here is None or there is None or not is_file(path) or text in {"", "imagenet"}:
        return text
    between = os.path.relpath(os.path.realpath(there), os.path.realpath(here))
    if between == "." or text.startswith("~") or Path(text).is_absolute():
        return text
    return os.path.normpath(f"{between}/{text}")
