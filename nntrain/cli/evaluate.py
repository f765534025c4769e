"""`nntrain evaluate`: score a run or a bare model."""

from __future__ import annotations

import time
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nntrain.cli.expectations import (
    Junit,
    check_junit,
    leave_if_missed,
    print_expectations,
    result_and_leave,
    write_junit,
)
from nntrain.cli.options import AllowCode, Device, Json, Progress, Quiet, observer_for
from nntrain.cli.output import console, explain_errors, result, say
from nntrain.cli.scores import print_examples, print_folds, print_scores

if TYPE_CHECKING:
    from nntrain.run.folds_results import FoldsEvaluation
    from nntrain.run.results import EvaluateResult


class SplitName(StrEnum):
    """Rows to score."""

    training = "training"
    validation = "validation"
    test = "test"


def evaluate(
    model: Annotated[
        str, typer.Argument(metavar="RUN|MODEL.keras", help="A run's directory, or a saved model.")
    ],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Changes to the config of --config."),
    ] = None,
    config: Annotated[
        str | None, typer.Option("--config", help="The config that MODEL.keras was trained with.")
    ] = None,
    split: Annotated[
        SplitName | None, typer.Option("--split", help="Rows to score; test by default.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="A file of labelled rows to score instead of a split.")
    ] = None,
    show: Annotated[
        int,
        typer.Option(
            "--show", min=0, metavar="N", help="Print this many rows with actual and predicted values."
        ),
    ] = 0,
    everything: Annotated[
        bool, typer.Option("--all", help="Print every score and every baseline, not the chief ones alone.")
    ] = False,
    device: Device = None,
    allow_code: AllowCode = False,
    trust_model: Annotated[
        bool, typer.Option("--trust-model", help="Read the numbers of MODEL.keras; nothing in it is run.")
    ] = False,
    plot: Annotated[
        bool, typer.Option("--plot", help="Draw what was scored, into a folder beside the scores.")
    ] = False,
    quiet: Quiet = False,
    as_json: Json = False,
    junit: Junit = None,
) -> None:
    """Score a finished run or a saved model.

    A run is scored on the rows that it held out, by the code that fit scored it with, so the numbers are
    the same; --data scores a file of new rows instead.
    """
    with explain_errors(as_json):
        from nntrain.config import load_config
        from nntrain.errors import UsageError

        if overrides and config is None:
            raise UsageError(f"{overrides[0]} changes a config, and a run has its own; add --config FILE")
        loaded = load_config(config, overrides or ()) if config is not None else None
        if junit is not None and data is not None:
            raise UsageError(
                "a config expects something of its own rows, not of --data, so leave --junit out"
            )
        check_junit(junit)
        from nntrain.run.evaluate import evaluate as evaluate_run

        began = time.perf_counter()
        observer = observer_for(Progress.auto, quiet)
        with closing(observer):
            scored = evaluate_run(
                model,
                config=loaded,
                split=split.value if split else None,
                data=data,
                examples=show,
                device=device,
                allow_code=allow_code,
                trust_model=trust_model,
                plot=plot,
                observer=observer,
            )
        write_junit(junit, scored.name, scored.model, scored.expectations, time.perf_counter() - began)
        if as_json:
            result_and_leave(scored.to_json(), scored.expectations)
        else:
            _print(scored, quiet, everything)
            leave_if_missed(scored.expectations)


def _print(scored: EvaluateResult | FoldsEvaluation, quiet: bool, everything: bool) -> None:
    from nntrain.run.results import EvaluateResult

    for note in scored.notes:
        say(f"note: {note}")
    out = console()
    if not isinstance(scored, EvaluateResult):
        print_folds(out, scored.outputs, scored.parts.several, everything=everything)
        print_expectations(scored.expectations)
        result(f"wrote {scored.written}")
        return
    title = Path(scored.split).name
    outputs = {name: {title: scores} for name, scores in scored.outputs.items()}
    print_scores(out, outputs, details=not quiet, everything=everything)
    if scored.examples:
        out.print()
        print_examples(out, scored.examples)
    print_expectations(scored.expectations)
    if scored.pictures:
        folder = scored.pictures[0].parent
        result(f"drew {len(scored.pictures) // 2} pictures in {folder}/, each as PNG and SVG")
    if scored.written:
        result(f"wrote {scored.written}")
