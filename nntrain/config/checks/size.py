"""A run's own config, every default filled in, must be one that can be read again."""

from __future__ import annotations

from typing import Any

from nntrain.config.dump import escaped, to_yaml
from nntrain.config.schema import Config
from nntrain.config.text.source import MAX_BYTES
from nntrain.config.text.yaml_text import MAX_NODES, text_in
from nntrain.errors import ConfigError, Location, Problem

FEW_VALUES, LITTLE_TEXT = 1000, 12 * 1024
"""What can't come to `MAX_BYTES`: a value takes 90 bytes of layout at most, a character ten."""


def check_size(config: Config) -> None:
    """Refuse a config that would be too large once its defaults are written out.

    Raises:
        ConfigError: It would.
    """
    values = escaped(config)
    count, text = _nodes(values), text_in(values)
    if count > MAX_NODES:
        raise _too_large(config, f"{count:,} values, more than {MAX_NODES:,}")
    if count <= FEW_VALUES and text <= LITTLE_TEXT:
        return
    if text > MAX_BYTES or len(to_yaml(config).encode()) > MAX_BYTES:
        raise _too_large(config, "more than 256 KiB")


def _nodes(value: Any) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_nodes, inside))


def _too_large(config: Config, found: str) -> ConfigError:
    message = (
        f"with its defaults this config has {found}, and a run could not read it again; shorten its lists"
    )
    return ConfigError(Problem(message, location=Location(config.origin.source.name), id="config-size"))
