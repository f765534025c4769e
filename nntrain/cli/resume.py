"""`nntrain resume`: go on with a run that was ended, or train a finished one longer."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from nntrain.cli.options import AllowCode, Json, Progress, ProgressOption, Quiet, is_file, observer_for
from nntrain.cli.output import explain_errors
from nntrain.cli.scores import print_done

if TYPE_CHECKING:
    from nntrain.config.schema import Config
    from nntrain.run.folds_results import FoldsResult
    from nntrain.run.observer import Observer
    from nntrain.run.results import FitResult

Force = Annotated[
    bool,
    typer.Option("--force", help="Go on though config, data, versions or threads are not what they were."),
]


def resume(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's directory.")],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Values that replace the run's: training.epochs=40."),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option("--epochs", min=1, metavar="N", help="Epochs in all; more train a finished run longer."),
    ] = None,
    force: Force = False,
    allow_code: AllowCode = False,
    progress: ProgressOption = Progress.auto,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Go on with a run from its newest checkpoint.

    The run is finished in its own directory. Its weights, history and scores are those of a run that was
    never interrupted, to the last bit. A run of fit --folds goes on with the fold that was ended, then with
    those that had not begun.
    """
    with explain_errors(as_json):
        given = [*(overrides or ()), *([f"training.epochs={epochs}"] if epochs else [])]
        done = resumed(run, given, None, force, allow_code, observer_for(progress, quiet))
        print_done(done, quiet, as_json)


def resumed(
    run: str, overrides: list[str], config: Config | None, force: bool, allow_code: bool, observer: Observer
) -> FitResult | FoldsResult:
    """Go on with a run, as `resume` of `nntrain.run` does."""
    from nntrain.run.resume import resume as resume_run

    with closing(observer):
        return resume_run(
            run, overrides, config=config, force=force, allow_code=allow_code, observer=observer
        )


def config_and_overrides(config: str | None, overrides: list[str] | None) -> tuple[str | None, list[str]]:
    """The first argument is a config's file, or the first value that replaces one of the run's."""
    given = overrides or []
    if config is not None and "=" in config and not is_file(config):
        return None, [config, *given]
    return config, given
