"""The statistics of a bench, on fixed numbers."""

import json
import math

import pytest

from nntrain.run.bench.results import (
    BenchResult,
    Limit,
    Measured,
    Spread,
    epoch_seconds,
    epochs_a_turn,
    times_as_fast,
)

PLAIN = ((1.0, 3.0), (4.0, 4.0), (2.0, 4.0))
OWN = ((0.5, 0.5), (1.0, 1.0), (1.0, 3.0))


def test_a_spread_is_the_median_and_the_ends():
    assert Spread.of([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)
    assert Spread.of([5.0]) == Spread(5.0, 5.0, 5.0)


def test_seconds_an_epoch_are_means_of_rounds_and_then_their_median():
    assert epoch_seconds(PLAIN) == Spread(3.0, 2.0, 4.0)


def test_speed_is_compared_within_each_round():
    assert times_as_fast(PLAIN, OWN) == Spread(4.0, 1.5, 4.0)
    assert times_as_fast(PLAIN, PLAIN) == Spread(1.0, 1.0, 1.0)


def test_rounds_that_do_not_belong_together_are_no_ratio():
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        times_as_fast(PLAIN, OWN[:2])


@pytest.mark.parametrize(
    ("warm", "epochs"),
    [
        ([0.5, 0.4], 1),
        ([0.1, 0.05], 6),
        ([0.01, 0.001], 300),
        ([1.0, 0.1], 3),  # the slowest one would take longer than three seconds
        ([20.0, 0.1], 1),
        ([0.0, 0.001], 3000),
    ],
)
def test_a_turn_is_long_enough_to_be_measured_and_not_much_longer(warm, epochs):
    assert epochs_a_turn(warm) == epochs


def engine(name, rounds, loss=0.5):
    return Measured(name, name.title(), 1.5, rounds, loss, 2**20, {"intra_op": 0, "inter_op": 0})


@pytest.fixture
def done():
    return BenchResult(
        name="x",
        data="some rows",
        rows=300,
        batch_size=32,
        parameters=7,
        device="CPU",
        epochs=2,
        engines={"fit": engine("fit", PLAIN), "nntrain": engine("nntrain", OWN, math.nan)},
        left_out={"PyTorch": "is not installed"},
        limit=Limit(operations=10**9, rate=1e10, unknown=("mine",)),
        versions={"keras": "3"},
        machine={"cores": 2},
    )


def test_the_limit_is_operations_over_their_rate(done):
    assert done.limit.seconds == 0.1
    assert done.limit.share(0.4) == 0.25


def test_every_engine_trains_the_same_number_of_epochs(done):
    assert (done.rounds, done.epochs, done.trained) == (3, 2, 8)


def test_json_has_every_second_and_what_follows_from_them(done):
    told = json.loads(json.dumps(done.to_json(), allow_nan=False))
    assert told["engines"]["nntrain"] == {
        "title": "Nntrain",
        "seconds_per_epoch": {"median": 1.0, "lowest": 0.5, "highest": 2.0},
        "samples_per_second": 300.0,
        "times_as_fast": {"median": 4.0, "lowest": 1.5, "highest": 4.0},
        "share_of_limit": 0.1,
        "first_epoch_seconds": 1.5,
        "peak_memory_bytes": 2**20,
        "loss": None,
        "threads": {"intra_op": 0, "inter_op": 0},
        "epoch_seconds": [[0.5, 0.5], [1.0, 1.0], [1.0, 3.0]],
        "notes": [],
    }
    assert told["limit"] == {
        "operations_per_epoch": 10**9,
        "operations_per_second": 1e10,
        "seconds_per_epoch": 0.1,
        "is_lower_bound": True,
        "unknown_layers": ["mine"],
    }
    assert told["left_out"] == {"PyTorch": "is not installed"}
    assert (told["rounds"], told["epochs_per_round"], told["epochs_trained"]) == (3, 2, 8)
