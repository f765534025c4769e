"""`nntrain launch`: train with several processes, on this machine or where Ray places them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nntrain.cli.options import AllowCode, Device, Json, Progress, ProgressOption, Quiet
from nntrain.cli.output import explain_errors, result, say
from nntrain.cli.resume import Force, config_and_overrides
from nntrain.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from nntrain.distribution.restarts import Attempt, Start

WORKERS = "training.distribute=workers"


class Engine(StrEnum):
    """Who starts the workers."""

    local = "local"
    ray = "ray"


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
    engine: Annotated[
        Engine, typer.Option("--engine", help="Where they are: on this machine, or on a Ray cluster.")
    ] = Engine.local,
    cpus: Annotated[
        float, typer.Option("--cpus", min=0.1, metavar="N", help="CPUs that Ray sets apart for each.")
    ] = 1.0,
    gpus: Annotated[
        float, typer.Option("--gpus", min=0, metavar="N", help="GPUs that Ray sets apart for each.")
    ] = 0.0,
    restarts: Annotated[
        int | None,
        typer.Option(
            "--restarts",
            min=0,
            max=1000,
            metavar="N",
            help="How often all are started again after one is lost; 0 here and 3 on Ray by default.",
        ),
    ] = None,
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
    """Train one network with several processes.

    They are on this machine, or on a Ray cluster. Each gets a part of every batch. The first one writes the
    run and what nntrain fit prints; when one ends, all end. Without Ray, start nntrain fit on each of several
    machines.
    """
    with explain_errors(as_json):
        given = _arguments(config, overrides or [], workers, runs_dir, resume, force, device)
        switches = {"--allow-code": allow_code, "--quiet": quiet, "--json": as_json}
        how = [name for name, is_set in switches.items() if is_set] + ["--progress", progress.value]
        if engine is Engine.local and (cpus, gpus) != (1.0, 0.0):
            raise UsageError("--cpus and --gpus go with --engine ray; leave them out")
        times = restarts if restarts is not None else 3 if engine is Engine.ray else 0

        def again(run: Path) -> list[str]:
            return ["fit", "--resume", str(run), *how]

        def started(start: Start) -> int:
            from nntrain.distribution.restarts import keep_going

            known, runs = Path(resume) if resume else None, runs_dir or Path("runs")
            return keep_going(start, [*given, *how], again, known, runs, times, say)

        code = started(_here(workers)) if engine is Engine.local else _by_ray(workers, cpus, gpus, started)
        raise typer.Exit(code)


def _here(workers: int) -> Start:
    """Starts workers on this machine."""
    from nntrain.distribution.local import launch as start

    def attempt(arguments: Sequence[str]) -> Attempt:
        return start(workers, [sys.executable, "-m", "nntrain", *arguments], say)

    return attempt


def _by_ray(workers: int, cpus: float, gpus: float, started: Callable[[Start], int]) -> int:
    """Starts workers on a Ray cluster; what the first one gives as a result counts the last time alone."""
    from nntrain.distribution.by_ray import Needs, OnRay, check_installed, connected

    check_installed()
    needs, lines = Needs(cpus, gpus), list[str]()
    with connected(workers, needs) as ray:
        on_ray = OnRay(ray, workers, needs, say, lines.append)

        def attempt(arguments: Sequence[str]) -> Attempt:
            lines.clear()
            return on_ray.start(arguments)

        code = started(attempt)
    for line in lines:
        result(line)
    return code


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
        config, overrides = config_and_overrides(config, overrides)
        given = overrides if config is None else [config, *overrides, WORKERS]  # a run's own config says so
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
        message = "launch chooses the workers' ports, and cluster.workers names workers"
        raise UsageError(f"{message}; leave that out with ~cluster, or start nntrain fit for each of them")
    options = {"--runs-dir": runs_dir, "--device": device}
    chosen = [text for name, value in options.items() if value is not None for text in (name, str(value))]
    return ["fit", config, *values, *chosen]
