"""`nntrain runs prune`: remove old runs, after saying which."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from nntrain.cli.output import result, result_json, say
from nntrain.errors import UsageError

if TYPE_CHECKING:
    from nntrain.run.shelf.prune import Leaving, Pruning


def prune(
    place: str | None, runs_dir: Path, keep: int | None, *, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Remove runs, as `nntrain runs prune` says.

    Raises:
        UsageError: There is no `--keep`, or nobody who could be asked.
    """
    from nntrain.run.shelf.listing import RunRow
    from nntrain.run.shelf.prune import WHY, carry_out, plan

    if keep is None:
        raise UsageError("say how many finished runs of each name stay: nntrain runs prune --keep 5")
    found = plan(place, runs_dir, keep)
    wanted = not dry_run and bool(found.leaving)
    if wanted and not yes and (as_json or not sys.stdin.isatty()):
        raise UsageError("nobody is there to be asked: add --yes to remove runs, or --dry-run to list them")
    if not as_json:
        _print(found, dry_run)
    question = f"remove {_count(len(found.leaving))}, {_size(found.size)}?"
    if wanted and not yes and not typer.confirm(question, err=True):
        return
    stayed = {str(row.run.path): WHY[reason] for row, reason in found.staying}
    removed: Sequence[Leaving] = found.leaving
    if not dry_run:
        done = list(carry_out(found))
        removed = [one for one in done if not isinstance(one, RunRow)]
        stayed |= {str(one.run.path): WHY["running"] for one in done if isinstance(one, RunRow)}
    total = sum(one.size for one in removed)
    if as_json:
        listed = {"removed": [one.to_json() for one in removed], "bytes": total, "kept": stayed}
        result_json({"ok": True, "exit": 0, "dry_run": dry_run, **listed})
    elif wanted:
        result(f"removed {_count(len(removed))}, {_size(total)}")


def _print(found: Pruning, dry_run: bool) -> None:
    from nntrain.run.shelf.prune import WHY

    for one in found.leaving:
        result(f"{one.row.run.path}  {one.row.run.status}  {_size(one.size)}")
    for row, reason in found.staying:
        if reason not in {"newest", "newer"}:
            say(f"note: {row.run.path} stays: {WHY[reason]}")
    for path in found.leftovers:
        say(f"note: {path} is left of a removal that was stopped{'' if dry_run else ', and goes'}")
    for link in found.links:
        say(f"note: {link} leads nowhere{'' if dry_run else ', and is mended'}")
    if not found.leaving:
        result("no run is to be removed")
    elif dry_run:
        result(f"would remove {_count(len(found.leaving))}, {_size(found.size)}")


def _count(runs: int) -> str:
    return f"{runs:,} run{'s' if runs != 1 else ''}"


def _size(size: int) -> str:
    from nntrain.report.tables import size_text

    return size_text(size)
