import math

import pytest

from nntrain.config.search.section import Search
from nntrain.search.draw import next_values, wanted
from nntrain.search.trial import Trial, best_of, times_lost, to_be_tried_again

RATE = {"log": [1e-5, 1e-1]}
SPACE = {"lr": RATE, "units": {"int": [32, 1024]}, "rate": {"float": [0, 0.5]}}


def tried(search, count, value=lambda values: 0.0, seed=7):
    """Trials one after the other, each with its value."""
    trials = []
    for number in range(1, count + 1):
        values = next_values(search, seed, trials, "minimize")
        trials.append(Trial(number, values, "finished", value(values)))
    return trials


@pytest.mark.parametrize("sampler", ["random", "tpe", "cmaes", "hyperband"])
def test_values_lie_in_their_ranges_and_come_again_from_the_same_seed(sampler):
    search = Search(space=SPACE, sampler=sampler)
    trials = tried(search, 15)
    for trial in trials:
        assert 1e-5 <= trial.values["lr"] <= 1e-1
        assert 32 <= trial.values["units"] <= 1024
        assert isinstance(trial.values["units"], int)
        assert 0 <= trial.values["rate"] <= 0.5
    assert tried(search, 15) == trials
    assert tried(search, 15, seed=8) != trials


@pytest.mark.parametrize("sampler", ["tpe", "cmaes"])
def test_a_sampler_learns_from_what_was_good(sampler):
    search = Search(space=SPACE, sampler=sampler)
    trials = tried(search, 36, lambda v: (math.log10(v["lr"]) + 4.6) ** 2 + v["rate"])
    early, late = ([t.value for t in part] for part in (trials[:12], trials[-12:]))
    assert sum(late) < 0.6 * sum(early)


def test_a_trial_that_runs_failed_or_diverged_is_no_obstacle_to_tpe():
    choice = {"choice": ["relu", {"type": "LeakyReLU"}]}
    search = Search(space={"lr": RATE, "activation": choice, "units": {"int": [8, 64], "step": 8}})
    trials = tried(search, 4)
    for number, state in enumerate(("running", "failed", "diverged", "pruned", "lost"), 5):
        trials.append(Trial(number, next_values(search, 7, trials, "minimize"), state))
    found = next_values(search, 7, trials, "minimize")
    assert found["activation"] in choice["choice"]
    assert found["units"] % 8 == 0


def test_a_grid_has_every_point_once():
    space = {"a": {"choice": ["x", "y"]}, "b": {"float": [0, 1], "steps": 3}, "c": {"int": [1, 9], "step": 4}}
    search = Search(space=space, sampler="grid")
    assert wanted(search) == 18
    points = [tuple(trial.values.values()) for trial in tried(search, 18)]
    assert points[:4] == [("x", 0.0, 1), ("x", 0.0, 5), ("x", 0.0, 9), ("x", 0.5, 1)]
    assert len(set(points)) == 18
    assert wanted(Search(space=space, sampler="grid", trials=5)) == 5
    assert wanted(Search(space=SPACE, sampler="random")) == 100


def test_a_grid_of_powers_has_its_ends():
    search = Search(space={"lr": {**RATE, "steps": 5}}, sampler="grid")
    assert [t.values["lr"] for t in tried(search, 5)] == [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]


@pytest.mark.parametrize("pruner", ["median", "halving", "hyperband"])
def test_a_pruner_ends_the_worst_and_lets_the_best_go_on(pruner):
    from nntrain.search.optuna_study import Pruning

    search = Search(space={"lr": RATE}, sampler="random", pruner=pruner)
    trials = []
    for number in range(1, 25):
        values = next_values(search, 7, trials, "maximize")
        height, steps, state = -abs(math.log10(values["lr"]) + 3), [], "finished"
        pruning = Pruning(search, trials, number, "maximize", 9)
        for epoch in range(1, 10):
            steps.append(height - 1 / epoch)
            if pruning.tell(epoch, steps[-1]):
                state = "pruned"
                break
        trials.append(Trial(number, values, state, steps[-1], tuple(steps), pruning.marks))
    ended = [trial for trial in trials if trial.state == "pruned"]
    assert 4 < len(ended) < 24
    assert all(len(trial.steps) < 9 for trial in ended)
    assert best_of(trials, "maximize").value == max(trial.value for trial in trials)


def test_trials_that_were_broken_off_are_tried_again_once():
    trials = [
        Trial(1, {}, "lost"),
        Trial(2, {}, "interrupted"),
        Trial(3, {}, "finished", 1.0),
        Trial(4, {}, "lost", again=1),
    ]
    assert [trial.number for trial in to_be_tried_again(trials)] == [2, 4]
    assert times_lost(trials, trials[3]) == 2
