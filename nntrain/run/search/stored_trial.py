"""A trial of nntrain's as Optuna's tables hold it: two notes beside Optuna's own columns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nntrain.search.trial import Trial

BEGUN, ENDED = "nntrain:begun", "nntrain:ended"
SURPLUS = {"surplus": True}
"""What is noted of a trial that was begun beside the last one, and given up at once."""


def trial_of(frozen: Any) -> Trial | None:
    """A trial of nntrain's from one of Optuna's; None for what waits, or was never begun."""
    from optuna.trial import TrialState

    begun, ended = frozen.user_attrs.get(BEGUN), frozen.user_attrs.get(ENDED)
    if begun is None or begun == SURPLUS or frozen.state == TrialState.WAITING:
        return None
    trial = Trial(
        frozen.number + 1, begun["values"], worker=begun.get("worker", ""), again=begun.get("again")
    )
    if frozen.state == TrialState.RUNNING:
        return trial
    if ended is None:
        return replace(trial, state="lost")
    steps = tuple(frozen.intermediate_values[epoch] for epoch in sorted(frozen.intermediate_values))
    return replace(trial, steps=steps, **ended)


def finished_elsewhere() -> type[Exception]:
    """What Optuna raises over a trial that somebody else has ended."""
    from optuna.exceptions import UpdateFinishedTrialError

    kind: type[Exception] = UpdateFinishedTrialError
    return kind
