"""Scores as `fit` and `evaluate` print them: a table an output, under its name if there are several."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nntrain.cli.expectations import leave_if_missed, print_expectations, result_and_leave
from nntrain.cli.output import console, result, say
from nntrain.errors import listing

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from nntrain.evaluation import SplitScores
    from nntrain.run.folds_results import FoldScores, FoldsResult
    from nntrain.run.results import FitResult


def print_done(done: FitResult | FoldsResult, quiet: bool, as_json: bool) -> None:
    """Print what a training came to: scores, and where they are; leaves with 10 if it is not as expected."""
    from nntrain.run.results import FitResult

    if as_json:
        result_and_leave(done.to_json(), done.expectations)
        return
    if isinstance(done, FitResult):
        if not quiet:
            print_scores(console(), done.outputs)
            print_expectations(done.expectations)
        count = len(done.history)
        epochs = f"{count:,} epoch{'s' if count != 1 else ''} in {done.seconds:.1f} s"
        result(f"wrote {done.path} ({epochs})")
    else:
        if not quiet:
            print_folds(console(), done.outputs, done.parts.several)
            print_expectations(done.expectations)
        median = f"; the median is {done.median.path.name}" if done.median is not None else ""
        told = f"{len(done.runs)} {done.parts.several} in {done.seconds:.1f} s"
        result(f"wrote {done.path} ({told}{median})")
    if not quiet:
        say(f"next: nntrain report {shlex.quote(str(done.path))}")
    leave_if_missed(done.expectations)


def print_scores(
    out: Console,
    outputs: Mapping[str, Mapping[str, SplitScores]],
    *,
    details: bool = False,
    everything: bool = False,
) -> None:
    """Print scores with their intervals, beside those of the baseline.

    Args:
        out: Where to.
        outputs: For each output its scores by the title of their column.
        details: Whether to add what the scores of classes, labels and several numbers are made of.
        everything: Whether to print every score and every baseline, rather than the chief ones.
    """
    from rich.text import Text

    from nntrain.report.figure import shorten
    from nntrain.report.score_tables import scores_table

    for i, (name, splits) in enumerate(outputs.items()):
        if len(outputs) > 1:
            out.print(Text(("\n" if i else "") + shorten(name, 60), style="bold"))
        rows = {title: scores.rows(everything=everything) for title, scores in splits.items()}
        main = splits[list(splits)[-1]]
        baselines = len(main.baseline_names) if everything else 1
        out.print(scores_table(rows, width=out.width, baselines=baselines))
        for line in _below(splits, main.baseline_names[:baselines], everything):
            out.print(Text(line, style="dim"))
        if details:
            for scores in splits.values():
                _print_details(out, scores)


def _below(splits: Mapping[str, SplitScores], baselines: Sequence[str], everything: bool) -> Iterator[str]:
    """What the columns of a table of scores mean, and why a score is not there."""
    for i, name in enumerate(baselines, 1):
        yield f"baseline{f' {i}' if len(baselines) > 1 else ''}: {name}"
    for title, scores in splits.items():
        of = f" of {title}" if len(splits) > 1 else ""
        for why, names in scores.unknown(everything=everything).items():
            yield f"no {listing(names)}{of}: {why}"


def print_folds(out: Console, outputs: FoldScores, what: str = "folds", *, everything: bool = False) -> None:
    """Print the mean and the standard deviation of each score over the folds.

    Args:
        out: Where to.
        outputs: For each output its scores by split and fold.
        what: What the folds are called.
        everything: Whether to print every score, rather than the chief ones.
    """
    from rich.text import Text

    from nntrain.report.figure import shorten
    from nntrain.report.score_tables import folds_table
    from nntrain.run.folds_results import headline

    for i, (name, splits) in enumerate(outputs.items()):
        if len(outputs) > 1:
            out.print(Text(("\n" if i else "") + shorten(name, 60), style="bold"))
        for split, folds in splits.items():
            rows = [(score, s.mean, s.std, b.mean) for score, s, b in headline(folds, everything=everything)]
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
    """Print what classes, labels or several numbers have, and what one should know of it."""
    from rich.text import Text

    found = scores.model
    for table in _details(scores, out.width):
        out.print()
        out.print(table)
    for note in found.notes:
        out.print(Text(note, style="dim"))


def _details(scores: SplitScores, width: int) -> Iterator[Table]:
    """The scores of classes with their confusion, of labels, or of several numbers."""
    from nntrain.evaluation import (
        ClassificationScores,
        MultiLabelScores,
        RegressionScores,
        SegmentationScores,
    )
    from nntrain.report.score_tables import confusion_table, per_class_table, per_column_table, pixels_table

    found = scores.model
    if isinstance(found, (ClassificationScores, SegmentationScores)):
        yield (
            pixels_table(found.per_class)
            if isinstance(found, SegmentationScores)
            else per_class_table(found.per_class)
        )
        names = [row.name for row in found.per_class]
        matrix = confusion_table(found.confusion, names, width=width)
        if matrix is not None:
            yield matrix
    elif isinstance(found, MultiLabelScores):
        yield per_class_table(found.per_label, "Label")
    elif isinstance(found, RegressionScores) and found.per_column:
        yield per_column_table(found.per_column)


def _cell(value: Any) -> str:
    from nntrain.report.tables import number

    if isinstance(value, list):
        return listing(value) if value else "-"
    return number(value) if value is None or isinstance(value, float) else str(value)
