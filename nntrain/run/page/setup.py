"""How a run came about: its network, its config with where each value came from, and what computed it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nntrain.config.dump import to_flow
from nntrain.config.text.yaml_text import parse
from nntrain.errors import ConfigError, dotted
from nntrain.report.page.blocks import Block, Code, Facts, Folded, Group, Table, Text
from nntrain.run.bounded import MOST
from nntrain.run.page.material import Material

ENVIRONMENT = ("device", "precision", "seed", "deterministic", "command")
"""Keys of the record that are told as they are."""


def network(material: Material) -> list[Group]:
    """The table of layers, or what the config says of them where the log is gone."""
    layers = material.layers
    if not layers:
        count = material.stored.parameters
        return [Group("", [Text("-" if count is None else f"{count:,} parameters.")])]
    rows = [[layer.name, layer.type, layer.shape, f"{layer.parameters:,}"] for layer in layers]
    total = sum(layer.parameters for layer in layers)
    rows.append(["all", "", "", f"{total:,}"])
    caption = f"{len(layers)} layer{'s' if len(layers) != 1 else ''}; None stands for the rows of a batch"
    return [
        Group(
            "", [Table(caption, ("Layer", "Type", "Output shape", "Parameters"), rows, words=3, strong=True)]
        )
    ]


def config(material: Material) -> list[Group]:
    """The file as it was written, and every value with where it came from."""
    known = material.stored.own.get("config") or {}
    facts = {"file": material.stored.config_file or "-"}
    files = known.get("files")
    if isinstance(files, list) and len(files) > 1:
        facts["extends"] = ", ".join(map(str, files[1:]))
    overrides = known.get("overrides") or []
    if overrides:
        facts["command line"] = "  ".join(map(str, overrides))
    blocks: list[Block] = [Facts(facts)]
    if "config.yaml" in material.run.record.get("sha256", {}):
        text = material.run.read("config.yaml", MOST["config.yaml"]).decode(errors="replace")
        blocks.append(Code(text.rstrip("\n"), "config.yaml, as it was written"))
    else:
        text = ""
    values = {dotted(path): value for path, value in _leaves(dict(material.resolved), ())}
    why = known.get("why")
    causes = why if isinstance(why, Mapping) else _causes(text, overrides)
    given = [[key, to_flow(value), str(causes[key])] for key, value in values.items() if key in causes]
    default = [[key, to_flow(value)] for key, value in values.items() if key not in causes]
    if given:
        table = Table("Values that are no default", ("Key", "Value", "From"), given, words=3)
        blocks.append(Folded(f"Where each value came from: {len(given)} were given", [table]))
    if default:
        table = Table("Values that nobody set", ("Key", "Value"), default, words=2)
        blocks.append(Folded(f"Defaults: {len(default)} values", [table]))
    return [Group("", blocks)]


def _causes(text: str, overrides: list[str]) -> dict[str, str]:
    """Where values came from, for a run whose record does not say: its own file and the command line."""
    try:
        document = parse(text, "config.yaml")
    except ConfigError:
        return {}
    found = {
        dotted(path): f"config.yaml:{document.places[path].value[0]}"
        for path, _ in _leaves(document.value, ())
        if path in document.places
    }
    arguments = [text.partition("=")[0] for text in overrides if not text.startswith("~")]
    return found | dict.fromkeys(arguments, "command line")


def _leaves(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every single value and every empty collection, with its path."""
    if not value or not isinstance(value, (dict, list)):
        yield path, value
        return
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield from _leaves(inner, (*path, key))


def environment(material: Material) -> list[Group]:
    """What computed, on what, from which state of the code, and how long it took."""
    own = material.stored.own
    facts = {key: _told(own[key]) for key in ENVIRONMENT if own.get(key) is not None}
    machine = own.get("machine")
    if isinstance(machine, Mapping):
        parts = [machine.get("cpu"), f"{machine.get('cores')} cores" if machine.get("cores") else None]
        parts.append(machine.get("system"))
        facts["machine"] = ", ".join(str(part) for part in parts if part)
    threads = own.get("threads")
    if isinstance(threads, Mapping):
        facts["threads"] = (
            f"{threads.get('intra')} in an operation, {threads.get('inter')} operations at once"
        )
    engine = own.get("engine")
    if isinstance(engine, Mapping):
        facts["engine"] = f"{engine.get('name')}{', with XLA' if engine.get('xla') else ''}"
    git = own.get("git")
    if isinstance(git, Mapping) and git.get("commit"):
        changed = ", with changes that are not committed" if git.get("changed") else ""
        facts["git commit"] = f"{git['commit']}{changed}"
    timings = own.get("timings")
    if isinstance(timings, Mapping):
        each = [(name, t) for name, t in timings.items() if isinstance(t, (int, float)) and name != "total"]
        facts["seconds"] = ", ".join(f"{name.replace('_', ' ')} {seconds:,.2f}" for name, seconds in each)
    versions = own.get("versions")
    rows = [[name, str(v or "-")] for name, v in versions.items()] if isinstance(versions, Mapping) else []
    return [Group("", [Facts(facts), Table("Versions", ("Library", "Version"), rows, words=2)])]


def _told(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
