"""How a search went, trial by trial."""

from __future__ import annotations

from typing import Any

from nntrain.report.figure import QUIET, TRAINING, VALIDATION, Picture, picture, shorten
from nntrain.report.search.marks import set_objective
from nntrain.report.search.tried import Found


def progress_plot(found: Found) -> Picture:
    """The objective of every trial by its number, and the best so far.

    Args:
        found: With a trial that finished.

    Raises:
        ValueError: None did.
    """
    if not found.finished:
        raise ValueError("no trial finished")

    def draw(figure: Any) -> None:
        from matplotlib.ticker import MaxNLocator

        axes = figure.subplots()
        set_objective(axes.yaxis, axes, found)
        numbers = [trial.number for trial in found.finished]
        axes.plot(numbers, found.values, "o", color=TRAINING, markersize=4, alpha=0.75, label="finished")
        _pruned(axes, found)
        best, bests = found.values[0], []
        for value in found.values:
            best = value if found.better(value, best) else best
            bests.append(best)
        last = max(trial.number for trial in found.trials)
        axes.step(
            [*numbers, last], [*bests, best], where="post", color=VALIDATION, label="best so far", zorder=3
        )
        winner = found.best
        assert winner is not None
        axes.plot([winner.number], [winner.value], "*", color=VALIDATION, markersize=13, zorder=4)
        for state, marker in (("diverged", "v"), ("failed", "x")):
            at = [trial.number for trial in found.trials if trial.state == state]
            if at:
                foot = axes.get_xaxis_transform()
                axes.plot(
                    at, [0.02] * len(at), marker, color="#000000", markersize=5, transform=foot, label=state
                )
        axes.set_xlim(0.5, last + max(0.5, 0.02 * last))
        axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, min_n_ticks=1))
        axes.set_xlabel("trial")
        axes.set_ylabel(shorten(found.objective, 40))
        axes.set_title(f"trial {winner.number:,} is the best of {len(found.trials):,}")
        figure.legend(loc="outside lower left", ncols=5)

    return picture(draw, 6.4, 3.9)


def _pruned(axes: Any, found: Found) -> None:
    """Trials that were ended early, at their last value, within what the finished ones span."""
    pruned = [trial for trial in found.trials if trial.state == "pruned" and trial.value is not None]
    if not pruned:
        return
    low, high = min(found.values), max(found.values)
    heights = [min(max(trial.value or 0.0, low), high) for trial in pruned]
    axes.plot(
        [trial.number for trial in pruned],
        heights,
        "o",
        color=QUIET,
        markersize=4,
        markerfacecolor="none",
        label="ended early",
    )
