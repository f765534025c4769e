"""Optuna as an adviser: a study in memory that holds the trials so far, asked what to try and what to end.

What was tried is kept by nntrain; Optuna is told it anew for each trial, so that nothing of Optuna's has to
survive a killed process.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from nntrain.config.search.ranges import count_points, ends_of, kind_of, points
from nntrain.config.search.section import Range, Search
from nntrain.search.trial import Trial

SMALLEST, FACTOR = 1, 3
"""The epoch at which trials are first compared, and the share of them, one in three, that goes on."""


def tpe_values(search: Search, seed: int, trials: Sequence[Trial], direction: str) -> dict[str, Any]:
    """What a tree-structured Parzen estimator tries next."""
    import optuna

    with quiet():
        sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True, constant_liar=True)
        study = _study(search, trials, direction, sampler, optuna.pruners.NopPruner())
        asked = study.ask(distributions(search))
    return {key: _value(search.space[key], told) for key, told in asked.params.items()}


class Pruning:
    """Follows one trial, epoch by epoch, and says when to end it."""

    def __init__(
        self, search: Search, trials: Sequence[Trial], number: int, direction: str, epochs: int
    ) -> None:
        """Tell the pruner of the trials so far.

        Args:
            search: With a pruner.
            trials: The one that is followed and all others, by number.
            number: Of the one that is followed.
            direction: `minimize` or `maximize`.
            epochs: How many the trial has at most.
        """
        import optuna

        self._epochs, self._values = epochs, dict[int, float]()
        pruners: dict[str, Any] = {
            "median": lambda: optuna.pruners.MedianPruner(),
            "halving": lambda: optuna.pruners.SuccessiveHalvingPruner(
                min_resource=SMALLEST, reduction_factor=FACTOR
            ),
            "hyperband": lambda: optuna.pruners.HyperbandPruner(
                min_resource=SMALLEST, max_resource=max(epochs, SMALLEST + 1), reduction_factor=FACTOR
            ),
        }
        with quiet():
            made = pruners[search.prunes]()
            others = [trial for trial in trials if trial.number != number]
            self._study = _study(search, others, direction, optuna.samplers.RandomSampler(), made)
            self._trial = self._study.ask()

    def tell(self, epoch: int, value: float) -> bool:
        """Take the objective after an epoch, counted from 1; whether to end the trial."""
        self._values[epoch] = value
        with quiet():
            self._trial.report(value, epoch)
            return epoch < self._epochs and bool(self._trial.should_prune())

    @property
    def marks(self) -> Mapping[str, float]:
        """What the pruner will want to know of this trial when it judges later ones."""
        attributes = self._trial.storage.get_trial_system_attrs(self._trial._trial_id)
        return {key: value for key, value in attributes.items() if isinstance(value, (int, float))}


def _study(search: Search, trials: Sequence[Trial], direction: str, sampler: Any, pruner: Any) -> Any:
    """A study in memory that has these trials."""
    import optuna

    study = optuna.create_study(study_name="search", direction=direction, sampler=sampler, pruner=pruner)
    known = distributions(search)
    study.add_trials([_told(search, trial, known) for trial in trials])
    return study


def _told(search: Search, trial: Trial, known: Mapping[str, Any]) -> Any:
    """A trial as Optuna knows it; one that diverged is as bad as can be, one that failed says nothing."""
    import optuna

    states = optuna.trial.TrialState
    state = {
        "finished": states.COMPLETE,
        "pruned": states.PRUNED,
        "diverged": states.PRUNED,
        "running": states.RUNNING,
    }.get(trial.state, states.FAIL)
    return optuna.trial.create_trial(
        state=state,
        params={key: param_of(search.space[key], value) for key, value in trial.values.items()},
        distributions=dict(known),
        value=trial.value if trial.state == "finished" else None,
        intermediate_values=dict(enumerate(trial.steps, 1)),
        system_attrs=dict(trial.marks),
    )


def distributions(search: Search) -> dict[str, Any]:
    """What Optuna draws from, by the keys of the space."""
    return {key: _distribution(given) for key, given in search.space.items()}


def _distribution(given: Range) -> Any:
    """What Optuna draws from: of values that can be counted their number, in order or of a choice."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    kind = kind_of(given)
    if kind == "choice":
        return CategoricalDistribution(range(len(given.choice or ())))
    low, high = ends_of(given)
    if _is_listed(given):
        return IntDistribution(0, (count_points(given) or 1) - 1)
    if kind == "int":
        return IntDistribution(int(low), int(high))
    return FloatDistribution(low, high, log=kind == "log")


def _is_listed(given: Range) -> bool:
    """Whether the values are so few that they are known by their place among them."""
    return kind_of(given) == "choice" or given.step is not None or given.steps is not None


def _value(given: Range, param: Any) -> Any:
    """A value of the config from what Optuna drew."""
    if _is_listed(given):
        return (points(given) or ())[param]
    return param if kind_of(given) == "int" else float(f"{param:.6g}")


def param_of(given: Range, value: Any) -> Any:
    """What Optuna would have drawn for a value of the config."""
    if not _is_listed(given):
        low, high = ends_of(given)
        return min(max(value, low), high)  # six digits may lie a little beyond an end
    every = enumerate(points(given) or ())
    return next(i for i, point in every if point == value and type(point) is type(value))


@contextmanager
def quiet() -> Iterator[None]:
    """Optuna's words on what is experimental, and on each trial, are nobody's concern."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
