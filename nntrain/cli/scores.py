"""Scores as `fit` and `evaluate` print them: a table an output, under its name if there are several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nntrain.cli.output import console, result, result_json

if TYPE_CHECKING:
    from rich.console import Console

    from nntrain.evaluation import SplitScores
    from nntrain.run.folds_results import FoldScores, FoldsResult
    from nntrain.run.results import FitResult


def print_done(done: FitResult | FoldsResult, quiet: bool, as_json: bool) -> None:
    """Print what a training came to: scores, and where they are."""
    from nntrain.run.results import FitResult

    if as_json:
        result_json({"ok": True, "exit": 0, **done.to_json()})
    elif isinstance(done, FitResult):
        if not quiet:
            print_scores(console(), done.outputs)
        count = len(done.history)
        epochs = f"{count:,} epoch{'s' if count != 1 else ''} in {done.seconds:.1f} s"
        result(f"wrote {done.path} ({epochs})")
    else:
        if not quiet:
            print_folds(console(), done.outputs, done.parts.several)
        median = f"; the median is {done.median.path.name}" if done.median is not None else ""
        told = f"{len(done.runs)} {done.parts.several} in {done.seconds:.1f} s"
        result(f"wrote {done.path} ({told}{median})")


def print_scores(
    out: Console, outputs: Mapping[str, Mapping[str, SplitScores]], *, details: bool = False
) -> None:
    """Print scores beside those of the baseline.

    Args:
        out: Where to.
        outputs: For each output its scores by the title of their column.
        details: Whether to add what the scores of classes, labels and several numbers are made of.
    """
    from rich.text import Text

    from nntrain.report.figure import shorten
    from nntrain.report.tables import scores_table

    for i, (name, splits) in enumerate(outputs.items()):
        if len(outputs) > 1:
            out.print(Text(("\n" if i else "") + shorten(name, 60), style="bold"))
        headlines = {title: scores.headline() for title, scores in splits.items()}
        out.print(scores_table(headlines, width=out.width))
        if details:
            for scores in splits.values():
                _print_details(out, scores)


def print_folds(out: Console, outputs: FoldScores, what: str = "folds") -> None:
    """Print the mean and the standard deviation of each score over the folds.

    Args:
        out: Where to.
        outputs: For each output its scores by split and fold.
        what: What the folds are called.
    """
    from rich.text import Text

    from nntrain.report.figure import shorten
    from nntrain.report.tables import folds_table
    from nntrain.run.folds_results import headline

    for i, (name, splits) in enumerate(outputs.items()):
        if len(outputs) > 1:
            out.print(Text(("\n" if i else "") + shorten(name, 60), style="bold"))
        for split, folds in splits.items():
            rows = [(score, s.mean, s.std, b.mean) for score, s, b in headline(folds)]
            out.print(folds_table(split, len(folds), rows, what))


def print_examples(out: Console, examples: tuple[Mapping[str, Any], ...]) -> None:
    """Print the first rows; labels that a row has stand in one cell."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in examples[0]:
        table.add_column(name, justify="right")
    for example in examples:
        table.add_row(*map(_cell, example.values()))
    out.print(table)


def _print_details(out: Console, scores: SplitScores) -> None:
    from nntrain.evaluation import (
        ClassificationScores,
        MultiLabelScores,
        RegressionScores,
        SegmentationScores,
    )
    from nntrain.report.tables import confusion_table, per_class_table, per_column_table, pixels_table

    found = scores.model
    if isinstance(found, (ClassificationScores, SegmentationScores)):
        out.print(
            pixels_table(found.per_class)
            if isinstance(found, SegmentationScores)
            else per_class_table(found.per_class)
        )
        names = [row.name for row in found.per_class]
        matrix = confusion_table(found.confusion, names, width=out.width)
        if matrix is not None:
            out.print(matrix)
    elif isinstance(found, MultiLabelScores):
        out.print(per_class_table(found.per_label, "Label"))
    elif isinstance(found, RegressionScores) and found.per_column:
        out.print(per_column_table(found.per_column))


def _cell(value: Any) -> str:
    from nntrain.errors import listing
    from nntrain.report.tables import number

    if isinstance(value, list):
        return listing(value) if value else "-"
    return number(value) if value is None or isinstance(value, float) else str(value)
