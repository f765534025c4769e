"""A config written back as YAML that loads to the same config."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import yaml

from nntrain.config.reuse.paths import is_file
from nntrain.config.reuse.template import escape
from nntrain.config.reuse.waiting import holds_objects
from nntrain.config.schema import Config
from nntrain.config.text.source import located
from nntrain.config.text.yaml_text import FLOAT, INTEGER
from nntrain.errors import KeyPath


def to_yaml(config: Config, code: str | None = None) -> str:
    """Every value of a config, defaults included; a single value takes one line.

    Args:
        config: Paths in it are written from the root, so that the text may be saved in any folder.
        code: What is written for a `code` that is there, instead of its path.
    """
    values = escaped(config)
    if values["code"] is not None:
        values["code"] = values["code"] if code is None else code
    return yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=sys.maxsize)


def to_flow(value: Any) -> str:
    """A value in one line, as it would stand in a config."""
    text = yaml.dump(
        value,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=sys.maxsize,
        default_flow_style=True,
    )
    return text.removesuffix("\n").removesuffix("\n...")


def escaped(config: Config) -> dict[str, Any]:
    """Every value as it is written in a file: paths from the root, `${` that refers to nothing as `$${`."""
    plain = config.plain()
    escaped_values: dict[str, Any] = _escaped(_rooted(plain, (), plain, config.origin.folder), ())
    return escaped_values


def _rooted(value: Any, path: KeyPath, values: dict[str, Any], folder: Path) -> Any:
    """A value with the path of every file in it written from the root."""
    if isinstance(value, dict):
        return {key: _rooted(inner, (*path, key), values, folder) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rooted(inner, (*path, i), values, folder) for i, inner in enumerate(value)]
    is_path = isinstance(value, str) and is_file(path, values)
    return os.path.normpath(located(value, folder)) if is_path else value


def _escaped(value: Any, path: KeyPath) -> Any:
    if holds_objects(path):
        return value
    if isinstance(value, dict):
        return {key: _escaped(inner, (*path, key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [_escaped(inner, (*path, i)) for i, inner in enumerate(value)]
    return escape(value) if isinstance(value, str) else value


def on_one_line(value: Any) -> str:
    """A value as YAML on one line, quoted where that is needed."""
    text = yaml.dump(
        value, Dumper=_Dumper, default_flow_style=True, sort_keys=False, width=10_000, allow_unicode=True
    )
    return text.removesuffix("\n").removesuffix("\n...")


class _Dumper(yaml.SafeDumper):
    """Quotes what either YAML 1.1 or 1.2 would read as something else than text."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_NUMBER = re.compile(f"(?:{INTEGER.pattern}|{FLOAT.pattern})$")
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER, list("-+.0123456789"))


def _float(dumper: yaml.SafeDumper, value: float) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:float", repr(value))


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    # Other styles spread over several lines, and turn the line breaks of Unicode into spaces.
    style = '"' if any(c in value for c in "\n\x85\u2028\u2029") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(float, _float)
_Dumper.add_representer(str, _text)
