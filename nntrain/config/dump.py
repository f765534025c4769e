"""A config written back as YAML that loads to the same config."""

from __future__ import annotations

import re
from typing import Any

import yaml

from nntrain.config.schema import Config
from nntrain.config.yaml_text import FLOAT, INTEGER


def to_yaml(config: Config) -> str:
    """Every value of a config, defaults included."""
    return yaml.dump(config.plain(), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


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
    # Other styles turn the line breaks of Unicode into spaces.
    style = '"' if any(c in value for c in "\x85\u2028\u2029") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(float, _float)
_Dumper.add_representer(str, _text)
