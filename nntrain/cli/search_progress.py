"""A search as it is watched: a table that lives on a terminal, a line a trial elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from nntrain.cli.options import Progress
from nntrain.cli.output import console, say
from nntrain.config.dump import to_flow
from nntrain.config.search.space import short_keys
from nntrain.search.trial import COUNTED, Trial, best_of

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live
    from rich.table import Table as RichTable

    from nntrain.run.search.study import Study
    from nntrain.run.search.tune import TuneResult, Watcher

SHOWN = 10
"""Trials in a table at most."""


def watcher_for(progress: Progress, quiet: bool) -> Watcher:
    """Who watches a search: a table on a terminal, lines elsewhere, nobody when quiet."""
    from nntrain.run.stderr import own_stream

    own_stream()
    if quiet or progress is Progress.none:
        return Quietly()
    if progress is Progress.bar or (progress is Progress.auto and sys.stderr.isatty()):
        return Table()
    return Lines()


class Quietly:
    """Shows nothing."""

    def opened(self, study: Study, trials: list[Trial], wanted: int) -> None:
        """Ignore it."""

    def began(self, trial: Trial) -> None:
        """Ignore it."""

    def ended(self, trial: Trial, trials: list[Trial]) -> None:
        """Ignore it."""

    def close(self) -> None:
        """Nothing is open."""


class Lines(Quietly):
    """One plain line a trial."""

    def opened(self, study: Study, trials: list[Trial], wanted: int) -> None:
        """Say what is looked for, and what is there already."""
        self.name, self.direction, self.wanted = study.objective.name, study.objective.direction, wanted
        count = sum(trial.state in COUNTED for trial in trials)
        done = f", {count} of which are there" if count else ""
        say(f"study {study.path}: {wanted} trials{done}; {self.direction} {self.name}")

    def ended(self, trial: Trial, trials: list[Trial]) -> None:
        """Say what became of it."""
        best = best_of(trials, self.direction)
        told = "" if trial.value is None else f" {trial.value:.4f}"
        state = "" if trial.state == "finished" else f" {trial.state}"
        mark = f" (best {best.value:.4f}, trial {best.number})" if best and best.value is not None else ""
        seconds = "" if trial.seconds is None else f"  {trial.seconds:.1f} s"
        why = f": {trial.why}" if trial.why else ""
        count = self.wanted + sum(trial.state not in COUNTED for trial in trials)  # others took their places
        say(f"trial {trial.number}/{count}{told}{state}{mark}  {spelled_values(trial)}{seconds}{why}")


class Table(Quietly):
    """A table that stays at the bottom: the best trials, and those at hand."""

    def __init__(self) -> None:
        self._live: Live | None = None
        self._running: dict[int, Trial] = {}
        self._trials: list[Trial] = []

    def opened(self, study: Study, trials: list[Trial], wanted: int) -> None:
        """Begin the table."""
        from rich.live import Live

        self._study, self._wanted, self._trials = study, wanted, trials
        self._live = Live(self._table(), console=console(stderr=True), transient=True, refresh_per_second=4)
        self._live.start()

    def began(self, trial: Trial) -> None:
        """Show it."""
        self._running[trial.number] = trial
        self._update()

    def ended(self, trial: Trial, trials: list[Trial]) -> None:
        """Show it among the others."""
        self._running.pop(trial.number, None)
        self._trials = trials
        self._update()

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _update(self) -> None:
        if self._live is not None:
            self._live.update(self._table())

    def _table(self) -> RenderableType:
        objective = self._study.objective
        done = sum(trial.state in COUNTED - {"running"} for trial in self._trials)
        title = f"{done} of {self._wanted} trials, {objective.direction} {objective.name}"
        return table([*ranked(self._trials, objective.direction), *self._running.values()], title)


def ranked(trials: list[Trial], direction: str) -> list[Trial]:
    """The best trials, best first."""
    sign = -1 if direction == "maximize" else 1
    done = [trial for trial in trials if trial.state == "finished" and trial.value is not None]
    return sorted(done, key=lambda trial: (sign * (trial.value or 0.0), trial.number))[:SHOWN]


def table(trials: list[Trial], title: str) -> RichTable:
    """Trials as a table, a column for each key."""
    from nntrain.report.tables import ruled_table

    keys = list(dict.fromkeys(key for trial in trials for key in trial.values))
    found = ruled_table("Trial", "Value", *short_keys(keys).values(), "Seconds")
    found.title, found.title_justify, found.title_style = title, "left", ""
    for column in found.columns:
        column.no_wrap, column.overflow = False, "fold"
    for trial in trials:
        value = trial.state if trial.value is None else f"{trial.value:.4f}"
        seconds = "" if trial.seconds is None else f"{trial.seconds:.1f}"
        values = (to_flow(trial.values[key]) if key in trial.values else "" for key in keys)
        found.add_row(str(trial.number), value, *values, seconds)
    return found


def print_table(out: Console, found: TuneResult) -> None:
    """Print the best trials."""
    best = ranked(list(found.trials), found.objective.direction)
    if best:
        rest = f"the best {len(best)} of " if len(best) < len(found.trials) else ""
        out.print(table(best, f"{rest}{len(found.trials)} trials by {found.objective.name}"))


def spelled_values(trial: Trial) -> str:
    """What a trial tries, in one line."""
    names = short_keys(list(trial.values))
    return " ".join(f"{names[key]}={to_flow(value)}" for key, value in trial.values.items())
