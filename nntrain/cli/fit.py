"""`nntrain fit`: train a config and print its scores."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nntrain.cli.expectations import Junit, check_junit, write_junit
from nntrain.cli.options import (
    AllowCode,
    Device,
    Json,
    Progress,
    ProgressOption,
    Quiet,
    observer_for,
)
from nntrain.cli.output import explain_errors
from nntrain.cli.resume import Force, config_and_overrides, resumed
from nntrain.cli.scores import print_done
from nntrain.cli.smoke import smoke as run_smoke
from nntrain.errors import UsageError

if TYPE_CHECKING:
    from nntrain.config.schema import Config
    from nntrain.run.folds_results import FoldsResult
    from nntrain.run.observer import Observer
    from nntrain.run.results import FitResult


def fit(
    config: Annotated[
        str | None, typer.Argument(metavar="CONFIG", help="A YAML file; not needed with --resume.")
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KEY=VALUE",
            help="Values that replace the file's: training.epochs=5 model.layers.0.units=64; "
            "~training.early_stopping removes.",
        ),
    ] = None,
    runs_dir: Annotated[
        Path | None, typer.Option("--runs-dir", help="The folder of all runs; runs by default.")
    ] = None,
    smoke: Annotated[
        bool,
        typer.Option("--smoke", help="Train two steps on a few rows, check them, and write no run."),
    ] = False,
    folds: Annotated[
        int | None,
        typer.Option(
            "--folds",
            min=2,
            max=999,
            metavar="K",
            help="Train K runs, each of which holds out a Kth of the rows.",
        ),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(
            "--seeds",
            min=2,
            max=999,
            metavar="N",
            help="Train N runs that differ in their seed alone: the config's, and those that follow it.",
        ),
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
    junit: Junit = None,
) -> None:
    """Train a config's model and write its run.

    The data are read and split, the model is built, trained and scored on rows that it has not seen, and
    everything is written to a directory of its own under the runs directory.
    """
    with explain_errors(as_json):
        if resume is not None:
            _check_alone(
                resume,
                junit,
                {
                    "--smoke": smoke,
                    "--folds": folds,
                    "--seeds": seeds,
                    "--runs-dir": runs_dir,
                    "--device": device,
                },
            )
            observer = observer_for(progress, quiet)
            print_done(_gone_on(resume, config, overrides, force, allow_code, observer), quiet, as_json)
            return
        _check_together(force=force, smoke=smoke, runs_dir=runs_dir, folds=folds, seeds=seeds, junit=junit)
        check_junit(junit)
        if config is None:
            raise UsageError("name a config file, such as nntrain fit config.yaml")
        loaded = _loaded(config, overrides, folds, junit)
        observer = observer_for(progress, quiet)
        if smoke:
            run_smoke(loaded, device, allow_code, observer, as_json)
        if loaded.search is not None:
            observer.note(f"'search' is for nntrain tune; {config} is trained as it stands")
        how: dict[str, Any] = {"device": device, "allow_code": allow_code, "observer": observer}
        with closing(observer):
            done = _trained(loaded, runs_dir or Path("runs"), folds, seeds, **how)
        write_junit(junit, done.name, done.path, done.expectations, done.seconds)
        print_done(done, quiet, as_json)


def _gone_on(
    run: str,
    config: str | None,
    overrides: list[str] | None,
    force: bool,
    allow_code: bool,
    observer: Observer,
) -> FitResult | FoldsResult:
    """Go on with a run, under its own config or the one that is named."""
    from nntrain.config import load_config

    own, given = config_and_overrides(config, overrides)
    loaded = load_config(own, given) if own is not None else None
    return resumed(run, given, loaded, force, allow_code, observer)


def _loaded(config: str, overrides: list[str] | None, folds: int | None, junit: Path | None) -> Config:
    """Read the config, and begin to read what its network takes.

    Raises:
        ConfigError: It is no config, or the data can't be divided into folds.
        UsageError: `--junit` is asked of one that expects nothing.
    """
    from nntrain.config import load_config
    from nntrain.config.folds import FOLDS
    from nntrain.run.libraries import load_ahead

    loaded = load_config(config, overrides or ())
    if folds is not None:
        loaded = FOLDS.of(loaded, 1, folds)  # what can't be divided is refused at once
    if junit is not None and not loaded.expect:
        raise UsageError(f"{config} has no 'expect', so there is nothing for --junit; leave it out")
    load_ahead(loaded.graph)
    return loaded


def _trained(
    config: Config, runs: Path, folds: int | None, seeds: int | None, **how: Any
) -> FitResult | FoldsResult:
    """Train one run, or one for each fold or seed."""
    from nntrain.run.fit import fit as fit_run
    from nntrain.run.folds import fit_folds, fit_seeds

    if folds is not None:
        return fit_folds(config, folds, runs, **how)
    if seeds is not None:
        return fit_seeds(config, seeds, runs, **how)
    return fit_run(config, runs, **how)


def _check_together(
    *,
    force: bool,
    smoke: bool,
    runs_dir: Path | None,
    folds: int | None,
    seeds: int | None,
    junit: Path | None,
) -> None:
    """Refuse options that make no sense with one another where no run goes on.

    Raises:
        UsageError: Two of them are given.
    """
    if force:
        raise UsageError("--force goes with --resume RUN; leave it out")
    if smoke and runs_dir is not None:
        raise UsageError("--smoke writes no run, so there is nothing for --runs-dir; leave one of them out")
    if smoke and folds is not None:
        raise UsageError("--smoke trains no folds; leave one of them out")
    if smoke and seeds is not None:
        raise UsageError("--smoke trains with one seed; leave one of them out")
    if folds is not None and seeds is not None:
        raise UsageError("--folds and --seeds exclude one another; train the one, then the other")
    if smoke and junit is not None:
        raise UsageError("--smoke has no scores, so there is nothing for --junit; leave one of them out")


def _check_alone(run: str, junit: Path | None, options: Mapping[str, Any]) -> None:
    """Refuse what a run that goes on has already, or does not write.

    Raises:
        UsageError: One of them is given.
    """
    for name, value in options.items():
        if value:
            raise UsageError(f"--resume goes on with a run as it began, so {name} says nothing; leave it out")
    if junit is not None:
        again = f"nntrain evaluate {run} --junit {junit}"
        raise UsageError(f"--junit does not go with --resume; write the file afterwards: {again}")
