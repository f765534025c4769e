"""`nntrain launch`: train with several processes on this machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from nntrain.cli.options import AllowCode, Device, Json, Progress, ProgressOption, Quiet
from nntrain.cli.output import explain_errors, say
from nntrain.cli.resume import Force
from nntrain.errors import ConfigError, UsageError

WORKERS = "training.distribute=workers"


def launch(
    config: Annotated[
        str | None, typer.Argument(metavar="CONFIG", help="A YAML file; not needed with --resume.")
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Values that replace the file's: training.epochs=5."),
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", min=2, max=999, metavar="N", help="Processes that train together.")
    ] = 2,
    runs_dir: Annotated[
        Path | None, typer.Option("--runs-dir", help="The folder of all runs; runs by default.")
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option("--resume", metavar="RUN", help="Go on with this run, as nntrain resume does."),
    ] = None,
    force: Force = False,
    device: Device = None,
    allow_code: AllowCode = False,
    progress: ProgressOption = Progress.auto,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Train one network with several processes on this machine.

    Each gets a part of every batch and a part of the cores. The first one writes the run and what nntrain fit
    prints; when one ends, all end. For several machines, start nntrain fit on each of them.
    """
    with explain_errors(as_json):
        given = _arguments(config, overrides or [], workers, runs_dir, resume, force, device)
        switches = {"--allow-code": allow_code, "--quiet": quiet, "--json": as_json}
        given += [name for name, is_set in switches.items() if is_set]
        given += ["--progress", progress.value]
        from nntrain.distribution.local import launch as start

        code = start(workers, [sys.executable, "-m", "nntrain", *given], say)
        raise typer.Exit(code)


def _arguments(
    config: str | None,
    overrides: list[str],
    workers: int,
    runs_dir: Path | None,
    resume: str | None,
    force: bool,
    device: str | None,
) -> list[str]:
    """The command that every worker runs; what is wrong with the config is said once, before they start."""
    if resume is not None:
        for name, value in {"--runs-dir": runs_dir, "--device": device}.items():
            if value is not None:
                message = f"--resume goes on with a run as it began, so {name} says nothing; leave it out"
                raise UsageError(message)
        given = [*([config] if config is not None else []), *overrides]
        return ["fit", *given, "--resume", resume, *(["--force"] if force else [])]
    if force:
        raise UsageError("--force goes with --resume RUN; leave it out")
    if config is None:
        raise UsageError("name a config file, such as nntrain launch --workers 2 config.yaml")
    from nntrain.config import load_config
    from nntrain.config.workers import undivided

    values = [*overrides, WORKERS]
    loaded = load_config(config, values)
    problem = undivided(loaded, workers)
    if problem is not None:
        raise ConfigError(problem).located(loaded.origin.location)
    if loaded.cluster is not None and loaded.cluster.workers:
        message = "launch chooses ports of this machine, and cluster.workers names workers"
        raise UsageError(f"{message}; leave that out with ~cluster, or start nntrain fit for each of them")
    options = {"--runs-dir": runs_dir, "--device": device}
    chosen = [text for name, value in options.items() if value is not None for text in (name, str(value))]
    return ["fit", config, *values, *chosen]
