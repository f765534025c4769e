"""How many steps a call has."""

from itertools import pairwise

import pytest

from nntrain.training import pace as module
from nntrain.training.pace import GROWTH, SLICE, Pace


class Clock:
    """Time that goes by when a test says so."""

    def __init__(self):
        self.now = 0.0

    def perf_counter(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(module, "time", made)
    return made


def calls(pace, clock, steps, seconds, compiling=0.0):
    """The calls of an epoch whose steps take some seconds each, the first call of all some more."""
    found = []
    for start, stop in pace.calls(steps):
        clock.now += (stop - start) * seconds + (compiling if not found else 0)
        found.append((start, stop))
    return found


def sizes(found):
    return [stop - start for start, stop in found]


@pytest.mark.parametrize("steps", [1, 2, 3, 7, 100, 12345])
@pytest.mark.parametrize("seconds", [0.0, 1e-5, 1e-3, 0.05, 2.0])
def test_the_calls_make_every_step_once_and_in_order(steps, seconds, clock):
    pace = Pace()
    for _ in range(3):
        found = calls(pace, clock, steps, seconds)
        assert [start for start, _ in found] == [0, *(stop for _, stop in found[:-1])]
        assert found[-1][1] == steps
        assert all(start < stop for start, stop in found)


@pytest.mark.parametrize("seconds", [1e-4, 1e-3, 0.01, 0.09, 1.0])
def test_no_call_takes_longer_than_a_slice_unless_one_step_does(seconds, clock):
    found = sizes(calls(Pace(), clock, 5000, seconds, compiling=60))
    assert max(found) * seconds <= max(SLICE, seconds) * (1 + 1e-9)
    assert max(found) >= min(SLICE / seconds, 5000) * 0.5 or seconds > SLICE / 2


def test_what_compiling_takes_counts_for_nothing(clock):
    assert sizes(calls(Pace(), clock, 100, 1e-6, compiling=60)) == [1, 1, 8, 64, 26]


def test_calls_grow_no_faster_than_is_said(clock):
    found = sizes(calls(Pace(), clock, 10_000, 0.0))
    assert all(after <= GROWTH * before for before, after in pairwise(found[1:]))


def test_a_later_epoch_begins_with_what_is_known(clock):
    pace = Pace()
    step = 2.0**-10  # which a clock adds up without rounding
    calls(pace, clock, 1000, step)
    assert sizes(calls(pace, clock, 600, step)) == [307, 293]


def test_calls_shrink_when_steps_become_slower(clock):
    pace = Pace()
    calls(pace, clock, 1000, 1e-3)
    found = sizes(calls(pace, clock, 1000, 1e-2))
    assert found[0] <= 300
    assert set(found[1:-1]) <= {29, 30}
