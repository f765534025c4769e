"""`nntrain diff`: what two configs or runs do differently."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nntrain.cli.options import Json
from nntrain.cli.output import explain_errors, result, result_json

if TYPE_CHECKING:
    from nntrain.config.schema import Config


def diff(
    old: Annotated[str, typer.Argument(metavar="A", help="A config file, or a run's directory.")],
    new: Annotated[str, typer.Argument(metavar="B", help="Another one.")],
    as_json: Json = False,
) -> None:
    """Print what differs in effect between two configs or runs.

    Defaults count as if they were written, and names and descriptions do not count. A line is a key:
    'training.epochs: 20 -> 30'; '+' stands before what only B has, '-' before what only A has.
    """
    with explain_errors(as_json):
        from nntrain.config.reuse.difference import differences
        from nntrain.config.reuse.facts import with_facts_of_run

        (one, facts_of_one), (other, facts_of_other) = _config(old), _config(new)
        found = differences(with_facts_of_run(one, facts_of_other), with_facts_of_run(other, facts_of_one))
        if as_json:
            changes = [difference.as_json() for difference in found]
            result_json({"ok": True, "exit": 0, "a": old, "b": new, "differences": changes})
            return
        for difference in found:
            result(str(difference))
        if not found:
            result(f"{old} and {new} do not differ in effect")


def _config(path: str) -> tuple[Config, dict[str, int]]:
    """The config of a file or of a run, and what the run found its data to be."""
    if not Path(path).is_dir():
        from nntrain.config import load_config

        return load_config(path), {}
    from nntrain.run.directory import RunDirectory
    from nntrain.run.trained import run_config

    run = RunDirectory.open(Path(path))
    return run_config(run), run.record.get("facts", {})
