"""`nntrain layers`, `nntrain losses` and so on: what a config can name, without TensorFlow."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from itertools import groupby, zip_longest
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated

import typer

from nntrain.cli.options import Json
from nntrain.cli.output import explain_errors, result, result_json

if TYPE_CHECKING:
    from nntrain.config.guide.discovery import Described, Item

NAMES = (
    "layers",
    "backbones",
    "losses",
    "optimizers",
    "schedules",
    "metrics",
    "activations",
    "callbacks",
    "initializers",
    "regularizers",
    "constraints",
    "datasets",
)
ALSO = {"optimizers": "a learning rate may be a schedule: see nntrain schedules"}
"""Where else to look, below a list."""

WIDEST = 30
NARROWEST = 24
GAP = 2

Command = Callable[[str | None, bool], None]


def commands() -> dict[str, Command]:
    """The commands, by name."""
    return {name: _command(name) for name in NAMES}


def _command(command: str) -> Command:
    def show(
        name: Annotated[str | None, typer.Argument(metavar="NAME", help="One of them, in detail.")] = None,
        as_json: Json = False,
    ) -> None:
        with explain_errors(as_json):
            if name is None:
                _print_list(command, _items(command), as_json)
            else:
                _print_one(command, _described(command, name), as_json)

    what = "data sources and sets" if command == "datasets" else command
    show.__doc__ = f"List the {what}, or show one with an example."
    return show


def _items(command: str) -> list[Item]:
    from nntrain.config.guide import datasets, discovery

    return datasets.items() if command == "datasets" else discovery.items(discovery.COMMANDS[command])


def _described(command: str, name: str) -> Described:
    from nntrain.config.guide import datasets, discovery

    if command == "datasets":
        return datasets.described(name)
    return discovery.described(discovery.COMMANDS[command], name)


def _print_list(command: str, items: list[Item], as_json: bool) -> None:
    if as_json:
        entries = [{"name": i.name, "group": i.group or None, "summary": i.summary} for i in items]
        result_json({"ok": True, "exit": 0, "kind": command, "entries": entries})
        return
    width = max(len(item.name) for item in items)
    for group, members in groupby(items, key=lambda item: item.group):
        if group:
            typer.secho(f"{group}", bold=True)
        _print_table([(item.name, item.summary) for item in members], [width])
        result("")
    result(f"nntrain {command} NAME shows one with its arguments and an example")
    if command in ALSO:
        result(ALSO[command])


def _print_one(command: str, one: Described, as_json: bool) -> None:
    if as_json:
        result_json({"ok": True, "exit": 0, "kind": command, **one.as_json()})
        return
    typer.secho(one.name, bold=True)
    _print_table([(one.summary,)], [])
    if one.aliases:
        _print_table([(f"also: {', '.join(one.aliases)}",)], [])
    if one.arguments:
        result("")
        rows = [("Argument", "Default", "Holds"), *((r.name, r.default, r.holds) for r in one.arguments)]
        _print_table(rows, [max(len(row[number]) for row in rows) for number in (0, 1)])
    result(f"\n{one.example}")


def _print_table(rows: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
    """Columns without lines; the last one takes what the terminal leaves and wraps."""
    room = shutil.get_terminal_size().columns
    widths = [min(width, WIDEST) for width in widths]
    last = max(NARROWEST, room - sum(width + GAP for width in widths))
    for row in rows:
        cells = [wrap(cell, width) for cell, width in zip(row, (*widths, last), strict=True)]
        for parts in zip_longest(*cells, fillvalue=""):
            line = (part.ljust(width + GAP) for part, width in zip(parts, (*widths, last), strict=True))
            result("".join(line).rstrip())
