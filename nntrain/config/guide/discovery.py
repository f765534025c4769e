"""What a config can name, for people who look for it: lists, and one name in detail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from nntrain.config.guide.examples import as_config, as_yaml
from nntrain.config.spelling import spelled
from nntrain.config.vocabulary import catalogue
from nntrain.config.vocabulary.bounds import may_be_null, rule_for
from nntrain.config.vocabulary.hints import SINGULAR
from nntrain.errors import UsageError, did_you_mean

COMMANDS = {
    "layers": "layers",
    "backbones": "applications",
    "losses": "losses",
    "optimizers": "optimizers",
    "schedules": "schedules",
    "metrics": "metrics",
    "activations": "activations",
    "callbacks": "callbacks",
    "initializers": "initializers",
    "regularizers": "regularizers",
    "constraints": "constraints",
}
"""By command: the kind of Keras object that it lists."""
GROUP_ORDER = (
    "core",
    "convolution",
    "pooling",
    "recurrent",
    "normalization",
    "regularization",
    "attention",
    "reshaping",
    "merging",
    "activation",
    "preprocessing",
    "augmentation",
)
"""In which order groups of layers are listed."""


@dataclass(frozen=True)
class Item:
    """One line of a list."""

    name: str
    summary: str
    group: str = ""


@dataclass(frozen=True)
class Row:
    """One argument of what is described."""

    name: str
    holds: str
    default: str
    """As the config would spell it; `required` where there is none."""


@dataclass(frozen=True)
class Described:
    """One name in detail."""

    name: str
    summary: str
    arguments: tuple[Row, ...]
    aliases: tuple[str, ...]
    example: str
    """Part of a config, as YAML."""

    def as_json(self) -> dict[str, Any]:
        """The same facts for `--json`."""
        return asdict(self)


def items(kind: str) -> list[Item]:
    """Every name of a kind that a config can use; layers in the order of their groups."""
    known = [catalogue.entry(kind, name) for name in catalogue.names(kind)]
    usable = [found for found in known if found and catalogue.refusal(kind, found.name) is None]
    listed = [Item(found.name, found.summary, found.group) for found in usable]
    return sorted(listed, key=lambda item: (_order(item.group), item.group))


def _order(group: str) -> int:
    return GROUP_ORDER.index(group) if group in GROUP_ORDER else len(GROUP_ORDER)


def described(kind: str, name: str) -> Described:
    """One name, or what a further name of it stands for.

    Raises:
        UsageError: Keras has no such name, or a config can't use it.
    """
    entry = catalogue.entry(kind, name)
    reason = catalogue.refusal(kind, name)
    if reason:
        raise UsageError(f"{kind} can't be '{name}': {reason}")
    if entry is None:
        raise UsageError(_unknown(kind, name))
    aliases = tuple(alias for alias, own in catalogue.aliases(kind).items() if own == entry.name)
    return Described(entry.name, entry.summary, tuple(_rows(entry)), aliases, as_yaml(as_config(entry)))


def _unknown(kind: str, name: str) -> str:
    commands = {listed: command for command, listed in COMMANDS.items()}
    noun = SINGULAR.get(kind, "backbone")
    others = [other for other in catalogue.kinds() if other != kind and catalogue.entry(other, name)]
    if others:
        return f"Keras has no {noun} named {spelled(name)}; see nntrain {commands[others[0]]} {name}"
    hint = did_you_mean(name, catalogue.every_name(kind))
    more = "" if hint else f"; see nntrain {commands[kind]}"
    return f"Keras has no {noun} named {spelled(name)}{hint}{more}"


def _rows(entry: catalogue.Entry) -> Iterator[Row]:
    for argument in entry.arguments.values():
        if argument.callable:
            continue
        default = "required" if argument.required else spelled(argument.default)
        yield Row(argument.name, _holds(entry, argument), default)


def _holds(entry: catalogue.Entry, argument: catalogue.Argument) -> str:
    rule = rule_for(entry.kind, entry.name, argument)
    words = [] if rule is None else [_noun(rule.words)]
    if argument.kind:
        noun = SINGULAR[argument.kind]
        words.append(f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}")
    if words and argument.default is not None and may_be_null(entry.name, argument):
        words.append("nothing")
    return ", or ".join(words)


def _noun(words: str) -> str:
    """`at least 0 and finite` is about a number, and every number of a config is finite."""
    words = words.replace(" and finite", "")
    if words.startswith("at "):
        return f"a number of {words}"
    return f"a number {words}" if words.startswith(("above ", "below ")) else words
