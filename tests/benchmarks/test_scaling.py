"""The model of several workers: its arithmetic, its fit, and README's table, which is what it gives."""

import importlib.util
import sys
from pathlib import Path

import pytest

spec = importlib.util.spec_from_file_location("scaling", Path(__file__).with_name("scaling.py"))
scaling = sys.modules["scaling"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(scaling)

KNOWN = scaling.Constants(step=0.002, compute=1e10, hop=0.0005, link=1e9, input=1e5)


def test_readme_has_the_table_of_the_recorded_constants():
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    assert scaling.table() in readme


def test_a_step_is_computing_and_passing_gradients_round():
    assert scaling.step_seconds(KNOWN, 1, 1e6, 100) == pytest.approx(0.002 + 0.06)
    assert scaling.step_seconds(KNOWN, 2, 1e6, 100) == pytest.approx(0.062 + 2 * 0.0005 + 0.004)
    assert scaling.step_seconds(KNOWN, 4, 1e6, 100) == pytest.approx(0.062 + 6 * 0.0005 + 0.006)
    assert scaling.step_seconds(KNOWN, 1, 1e3, 1e4) == pytest.approx(0.1)  # the input does not keep up


def test_speed_and_efficiency_are_those_of_steps():
    assert scaling.speed_up(KNOWN, 1, 1e6, 8192) == scaling.efficiency(KNOWN, 1, 1e6, 256) == 1
    one, two = (scaling.step_seconds(KNOWN, n, 1e6, 8192 / n) for n in (1, 2))
    assert scaling.speed_up(KNOWN, 2, 1e6, 8192) == one / two


def test_the_fit_finds_the_constants_that_steps_come_from():
    times = [
        {
            units: scaling.step_seconds(KNOWN, workers, scaling.weights_of(units), scaling.ROWS)
            for units in scaling.UNITS
        }
        for workers in (1, 2)
    ]
    found = scaling.fitted(*times, KNOWN.input)
    for name in ("step", "compute", "hop", "link", "input"):
        assert getattr(found, name) == pytest.approx(getattr(KNOWN, name), rel=1e-6)


def test_a_line_never_begins_below_zero():
    start, rise = scaling.line([(1.0, 0.1), (2.0, 1.2), (3.0, 2.0)])
    assert start == 0
    assert rise == pytest.approx(0.6)
