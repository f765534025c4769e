"""`nntrain runs`: the runs that are there, as a table; `nntrain runs prune` removes old ones."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nntrain.cli.options import Json
from nntrain.cli.output import explain_errors, result, result_json, say
from nntrain.errors import UsageError

if TYPE_CHECKING:
    from nntrain.run.shelf.listing import RunRow

PRUNE = "prune"


def runs(
    where: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[prune] [DIR|NAME]",
            help="A folder of runs, or a name in the runs directory; all by default.",
        ),
    ] = None,
    runs_dir: Annotated[
        Path, typer.Option("--runs-dir", help="The folder of all runs.", show_default=True)
    ] = Path("runs"),
    sort: Annotated[
        str | None,
        typer.Option("--sort", metavar="KEY", help="Order by this, the highest last; -KEY turns it round."),
    ] = None,
    filters: Annotated[
        list[str] | None,
        typer.Option(
            "--filter",
            metavar="EXPR",
            help="status=finished, 'test.accuracy>0.9', 'name=iris*'; may be repeated.",
        ),
    ] = None,
    last: Annotated[
        int | None, typer.Option("--last", min=1, metavar="N", help="Show the last N lines alone.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Show the runs of folds and seeds under those that hold them.")
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, with a column for every score.")] = False,
    as_json: Json = False,
    keep: Annotated[
        int | None,
        typer.Option(
            "--keep", min=0, metavar="N", help="prune: keep the newest N finished runs of each name."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="prune: list what would be removed, and remove nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="prune: do not ask.")] = False,
) -> None:
    """List runs, the newest last.

    A key of --sort and --filter is run, name, status, started, epochs, seconds, parameters, seed, task, or a
    score with its split, such as test.accuracy; --csv has them all. A run of folds or seeds shows their mean
    and standard deviation.

    nntrain runs prune --keep N removes all but the newest N finished runs of each name, with those that
    failed or were interrupted before them; never one that is going on, nor what 'latest' leads to.
    """
    with explain_errors(as_json):
        words = where or []
        pruning = words[:1] == [PRUNE]
        place = _only(words[1:] if pruning else words)
        if pruning:
            from nntrain.cli.prune import prune

            _refuse(
                {"--sort": sort, "--filter": filters, "--last": last, "--all": everything, "--csv": as_csv},
                "lists runs, and prune removes them; leave it out",
            )
            prune(place, runs_dir, keep, dry_run=dry_run, yes=yes, as_json=as_json)
            return
        _refuse(
            {"--keep": keep, "--dry-run": dry_run, "--yes": yes},
            "goes with prune: nntrain runs prune --keep 5",
        )
        if as_csv and as_json:
            raise UsageError("--csv and --json exclude one another; leave one of them out")
        from nntrain.run.shelf.listing import list_runs
        from nntrain.run.shelf.query import filtered, ordered

        found = list_runs(place, runs_dir, children=everything)
        rows = filtered(found if sort is None else ordered(found, sort), filters or ())
        rows = rows[-last:] if last else rows
        if as_json:
            result_json({"ok": True, "exit": 0, "runs": [row.to_json() for row in rows]})
        elif as_csv:
            _print_csv(rows)
        else:
            _print(rows, len(found), place or str(runs_dir))


def _only(words: Sequence[str]) -> str | None:
    if len(words) > 1:
        raise UsageError(f"name one folder or name, not {len(words)}: {' '.join(words)}")
    return words[0] if words else None


def _refuse(options: dict[str, object], why: str) -> None:
    """Refuse options that have nothing to do here.

    Raises:
        UsageError: One of them is given.
    """
    for name, value in options.items():
        if value not in (None, False, []):
            raise UsageError(f"{name} {why}")


def _print(rows: Sequence[RunRow], found: int, place: str) -> None:
    from nntrain.report.run_tables import NONE, RunLine, run_lines, score_text

    if not rows:
        result(f"none of the {found:,} runs is one of those" if found else f"no runs in {place}")
        return
    kinds = {row.main for row in rows if row.main is not None}
    title = kinds.pop() if len(kinds) == 1 else "Score"
    lines = []
    for row in rows:
        main = row.scores.get(row.main or "")
        score = NONE if main is None else score_text(main.value, main.std)
        if row.main not in (None, title):
            score = f"{row.main} {score}"
        seconds, parameters = row.values["seconds"], row.values["parameters"]
        lines.append(RunLine(str(row.run.path), row.run.status, _epochs(row), score, seconds, parameters))
    for line in run_lines(lines, title, width=shutil.get_terminal_size().columns):
        result(line)
    for row in rows:
        if row.run.problem is not None:
            say(f"note: {row.run.path}: {row.run.problem}")


def _epochs(row: RunRow) -> str:
    """`5/20`, or `3/3 folds`."""
    done, of = row.values["epochs"], row.run.wanted_epochs
    parts = f" {row.run.parts}" if row.run.parts else ""
    return "-" if done is None else f"{done:,}{'' if of is None else f'/{of:,}'}{parts}"


def _print_csv(rows: Sequence[RunRow]) -> None:
    """A column for each key, and for each score any of the runs has; the deviation of a mean beside it."""
    from nntrain.run.shelf.listing import score_names

    names = score_names(rows)
    spread = {name for row in rows for name, score in row.scores.items() if score.std is not None}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    heads = [head for name in names for head in ((name, f"{name} std") if name in spread else (name,))]
    known = [key for key in rows[0].to_json() if key != "scores"] if rows else []
    writer.writerow([*known, *heads])
    for row in rows:
        values = row.to_json()
        cells = [values[key] for key in known]
        for name in names:
            score = row.scores.get(name)
            cells.append(None if score is None else score.value)
            cells += [None if score is None else score.std] if name in spread else []
        writer.writerow(cells)
    result(text.getvalue().removesuffix("\n"))
