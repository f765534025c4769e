"""`nntrain report`: a run, or a search, as one page."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from nntrain.cli.options import Json
from nntrain.cli.output import explain_errors, result, result_json
from nntrain.errors import NntrainError


def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run's directory, or a study's.")],
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="Write this .html file, not report.html in the run."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file at --to.")] = False,
    as_json: Json = False,
) -> None:
    """Write one HTML page about a run or a study.

    Of a run: verdict, diagnosis, scores, curves, pictures, network, data, config. Of a study, which nntrain
    tune writes: the best trial, every trial, pictures of the search, config.

    The page needs no other file and no network. What stands out is told in plain words, with the edit of the
    config that it suggests. Pictures of a finished run that are not drawn yet are drawn first. A run that
    failed or was interrupted has a page too.
    """
    with explain_errors(as_json):
        from nntrain.report.tables import size_text
        from nntrain.run.page.report import report as write
        from nntrain.run.pictures import pictures
        from nntrain.run.search.seen import is_study

        if is_study(run):
            from nntrain.run.search.page import report_study

            done = report_study(run, to, force=force)
        else:
            # The page tells what is wrong with a run, and goes without its pictures.
            with suppress(NntrainError):
                pictures(run)
            done = write(run, to, force=force)
        if as_json:
            result_json({"ok": True, "exit": 0, **done.to_json()})
            return
        for sentence in done.verdict:
            result(sentence)
        for found in done.findings:
            result(f"- {found.title}")
        result(f"wrote {done.to} ({size_text(done.size)})")
