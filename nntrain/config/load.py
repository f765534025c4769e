"""From a path and overrides to a `Config`: read, extend, override, refer, validate, check the meaning."""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from nntrain.config.checks import semantics
from nntrain.config.checks.oddities import oddities
from nntrain.config.checks.size import check_size
from nntrain.config.problems import describe_is_text, from_pydantic
from nntrain.config.reuse import extends
from nntrain.config.reuse import overrides as override
from nntrain.config.reuse.origin import Origin
from nntrain.config.reuse.references import put_in
from nntrain.config.schema import NAME_LENGTH, Config
from nntrain.config.search.check import check_search
from nntrain.config.text.yaml_text import MAX_PROBLEMS
from nntrain.config.vocabulary.user_code import CODE, UserCode, find_code
from nntrain.errors import ConfigError, KeyPath, Problem


def load_config(
    file: str | Path,
    overrides: Sequence[str] = (),
    *,
    folder: Path | None = None,
    code: Path | None = None,
) -> Config:
    """Read a config file.

    Args:
        file: A YAML file.
        overrides: `key.path=value` sets a value, `~key.path` removes one; list items by number from 0.
        folder: Where relative paths in the config start, if not in the file's own folder.
        code: Stands in for the file that the config's `code` names.

    Raises:
        UsageError: There is no such file.
        MachineError: The file can't be read.
        ConfigError: With every mistake of the config, each with its line and column.
    """
    path = Path(file)
    document, files = extends.read(path, str(file))
    applied = override.apply(document, overrides)
    version = document.places.get(("version",))
    extends.check_version(document.value, version.location() if version else None)
    document.value.setdefault("name", default_name(path))
    resolved = put_in(document, override.texts(document, applied), os.environ)
    anchor = path if folder is None else folder / path.name
    origin = Origin(
        anchor.absolute(),
        document.source,
        files,
        resolved.value,
        document.places,
        applied,
        resolved.texts,
        resolved.variables,
    )
    return make(origin, _own_code(resolved.value.get("code"), origin, code))


def make(origin: Origin, own: UserCode | None) -> Config:
    """The config of an origin's values.

    Args:
        origin: Where they came from.
        own: The user's own classes and functions.

    Raises:
        ConfigError: With every mistake, each with its place.
    """
    config, warnings = _validate(copy.deepcopy(dict(origin.value)), origin, own)
    config._origin = origin
    config._user_code = own
    problems = semantics.check(config) or check_search(config)
    if problems:
        raise ConfigError(*problems[:MAX_PROBLEMS]).located(origin.location)
    check_size(config)
    config._warnings = (*warnings, *dict.fromkeys(oddities(config)))
    return config


def default_name(path: Path) -> str:
    """A run's name from its file's name: what a folder name can't hold becomes '_'."""
    stem = re.sub(r"[^\w.-]", "_", path.stem)[:NAME_LENGTH]
    return stem if re.match(r"\w", stem) else f"config{stem}"


def _own_code(path: Any, origin: Origin, instead: Path | None) -> UserCode | None:
    """The user's own classes and functions, read before the names that the config uses are judged."""
    if not isinstance(path, str) or not path:
        return None  # nothing, or what the schema refuses
    shown = path if instead is None else str(instead)
    return find_code(shown, origin.folder if instead is None else Path(), origin.location(CODE))


def _validate(value: dict[str, Any], origin: Origin, code: UserCode | None) -> tuple[Config, list[str]]:
    """Validate; a value that the command line or the environment gave becomes text where text is wanted."""
    for _ in range(2):
        warnings: list[str] = []
        try:
            return Config.model_validate(
                value, context={"warnings": warnings, "faults": [], "code": code}
            ), warnings
        except ValidationError as error:
            problems = from_pydantic(error.errors(include_url=False), value, origin)
        if not _as_text(value, origin, problems):
            break
    raise ConfigError(*problems)


def _as_text(value: dict[str, Any], origin: Origin, problems: list[Problem]) -> bool:
    changed = False
    for problem in problems:
        text = origin.texts.get(problem.key)
        if text is not None and describe_is_text(problem.key, value):
            _put(value, problem.key, text)
            changed = True
    return changed


def _put(value: Any, path: KeyPath, text: str) -> None:
    for part in path[:-1]:
        value = value[part]
    value[path[-1]] = text
