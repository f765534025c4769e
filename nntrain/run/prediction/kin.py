"""Rows of another run: where an input lacks columns, a run beside this one may be the one that is meant."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from nntrain.data.prepare.schema import digest_of, schema_of
from nntrain.data.unlabelled.csv_rows import OtherColumns
from nntrain.errors import DataError
from nntrain.run.directory import RunDirectory

MOST = 200
"""Runs that are looked at, the newest first."""
SHOWN = 8
"""Digits of a digest that people see."""


@contextmanager
def with_kin(run: RunDirectory, preprocess: Mapping[str, Any]) -> Iterator[None]:
    """Say which run beside this one takes an input's columns, where this one does not.

    Args:
        run: The one that was asked.
        preprocess: Its `preprocess.json`.

    Raises:
        DataError: The input lacks columns.
    """
    try:
        yield
    except OtherColumns as error:
        found = _kin(run.path, {*error.names})
        if found is None:
            raise
        path, digest = found
        own = digest_of(schema_of(preprocess["inputs"]))
        (problem,) = error.problems
        message = (
            f"{problem.message}; these are columns of the run {path}, whose schema is {digest[:SHOWN]}... "
        )
        message += f"and not {own[:SHOWN]}...: predict with that one"
        raise DataError(replace(problem, message=message)) from None


def _kin(path: Path, names: Collection[str]) -> tuple[Path, str] | None:
    """The newest run under the same folder that takes these columns, and the digest of its schema."""
    folder = path.parent.parent
    files = sorted(folder.glob("*/*/preprocess.json"), key=lambda file: file.parent.name, reverse=True)
    for file in files[:MOST]:
        if file.parent.is_symlink() or file.parent == path:
            continue
        try:
            schema = schema_of(json.loads(file.read_bytes())["inputs"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if schema and {*schema} <= {*names}:
            return _short(file.parent), digest_of(schema)
    return None


def _short(path: Path) -> Path:
    """A path from where the user is, where it lies below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
