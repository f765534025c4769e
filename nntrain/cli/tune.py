"""`nntrain tune`: look for the best values of a config's keys."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nntrain.cli.options import AllowCode, Device, Json, Progress, ProgressOption, Quiet, observer_for
from nntrain.cli.output import console, error_json, explain_errors, result, result_json
from nntrain.errors import UsageError

if TYPE_CHECKING:
    from nntrain.config.schema import Config
    from nntrain.run.page.report import Reported
    from nntrain.run.results import FitResult
    from nntrain.run.search.tune import TuneResult, Watcher


def tune(
    config: Annotated[
        str | None,
        typer.Argument(metavar="CONFIG", help="A YAML file with a search section; not needed with --join."),
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KEY=VALUE", help="Values that replace the file's: search.trials=20 name=other_study."
        ),
    ] = None,
    runs_dir: Annotated[
        Path | None, typer.Option("--runs-dir", help="The folder of all runs; runs by default.")
    ] = None,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs",
            "-j",
            min=1,
            max=256,
            metavar="N",
            help="Try N at once, each in a process of its own.",
        ),
    ] = 1,
    join: Annotated[
        Path | None,
        typer.Option(
            "--join", metavar="STUDY", help="Work on this study beside others, from this machine or another."
        ),
    ] = None,
    storage: Annotated[
        str | None,
        typer.Option(
            "--storage",
            metavar="URL",
            envvar="NNTRAIN_STORAGE",
            help="Keep the trials in this database, for workers of many machines; "
            "postgresql+psycopg://user:password@host/database, or MySQL or SQLite.",
        ),
    ] = None,
    best: Annotated[
        bool,
        typer.Option("--best", help="Train the best again as a run of its own, scored on the test rows."),
    ] = False,
    device: Device = None,
    allow_code: AllowCode = False,
    progress: ProgressOption = Progress.auto,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Try values for the keys of a config's search section.

    Every trial is a run in the study's directory, scored on the validation rows. A study that was ended,
    however that happened, goes on where it was with the same command. At the end the study has a page with
    pictures, report.html.
    """
    with explain_errors(as_json):
        if join is not None and (config is not None or best or runs_dir is not None or jobs > 1):
            raise UsageError("--join names the study, and goes with no CONFIG, --best, --runs-dir or --jobs")
        if join is None and config is None:
            raise UsageError("name a config file, such as nntrain tune config.yaml")
        from nntrain.cli.search_progress import watcher_for

        watcher = watcher_for(progress, quiet)
        if join is not None:
            from nntrain.run.search.tune import join as join_study

            _print(join_study(join, watcher, device, allow_code, storage), None, None, quiet, as_json)
            return
        found_by = {"device": device, "allow_code": allow_code, "jobs": jobs, "storage": storage}
        loaded, found = _searched(str(config), overrides or [], runs_dir, watcher, **found_by)
        page = _page(found)
        done = None
        if best and found.best is not None:
            done = _best(loaded, found, runs_dir, device, allow_code, progress, quiet)
        _print(found, page, done, quiet, as_json)


def _searched(
    file: str,
    overrides: list[str],
    runs_dir: Path | None,
    watcher: Watcher,
    **how: Any,
) -> tuple[Config, TuneResult]:
    """Begin a search, or go on with it."""
    from nntrain.config import load_config
    from nntrain.run.search.tune import tune as search

    loaded = load_config(file, overrides)
    return loaded, search(loaded, runs_dir or "runs", watcher=watcher, **how)


def _page(found: TuneResult) -> Reported:
    """Draw the study's pictures and write its page."""
    from nntrain.run.search.page import report_study

    return report_study(found.path)


def _best(
    config: Config,
    found: TuneResult,
    runs_dir: Path | None,
    device: str | None,
    allow_code: bool,
    progress: Progress,
    quiet: bool,
) -> FitResult:
    """Train the best values as `fit` does."""
    from nntrain.config import load_config
    from nntrain.config.search.space import arguments
    from nntrain.run.fit import fit

    assert found.best is not None
    origin = config.origin
    chosen = load_config(origin.file, [*origin.overrides.values(), *arguments(found.best.values)])
    observer = observer_for(progress, quiet)
    with closing(observer):
        return fit(chosen, runs_dir or "runs", device=device, allow_code=allow_code, observer=observer)


def _print(
    found: TuneResult, page: Reported | None, done: FitResult | None, quiet: bool, as_json: bool
) -> None:
    """Print what was found; leaves with 11 where trials failed."""
    error = found.error
    if as_json:
        run: dict[str, Any] = {} if done is None else {"best_run": done.to_json()}
        run |= {} if page is None else {"report": str(page.to)}
        head = {"ok": True, "exit": 0} if error is None else error_json(error)
        result_json({**head, **found.to_json(), **run})
        if error is not None:
            raise typer.Exit(error.exit_code)
        return
    from nntrain.cli.scores import print_scores
    from nntrain.cli.search_progress import print_table
    from nntrain.report.tables import size_text

    if not quiet:
        print_table(console(), found)
    if done is not None:
        if not quiet:
            print_scores(console(), done.outputs)
        result(f"wrote {done.path}, the best trained again")
    if page is not None:
        result(f"wrote {page.to} ({size_text(page.size)})")
    counts = ", ".join(f"{count} {state}" for state, count in found.counts.items())
    result(f"study {found.path} ({counts} in {found.seconds:.1f} s)")
    if error is not None:
        raise error
