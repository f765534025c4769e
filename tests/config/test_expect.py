"""`expect:`: comparisons as they are written, and names of scores that there are."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nntrain.config import load_config
from nntrain.config.expect import COMPARE, Comparison, comparison
from nntrain.config.vocabulary.scores import SCORES, TOP
from nntrain.errors import ConfigError
from nntrain.run.changes import FREE
from nntrain.run.reading import read_data
from tests.conftest import BLOBS
from tests.run.outputs import scored

EXPECTING = f'{BLOBS}expect: {{test.accuracy: ">= 0.9", params: "< 50k"}}\n'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (">= 0.97", Comparison(">=", 0.97)),
        ("<50k", Comparison("<", 50_000.0)),
        ("== 7960", Comparison("==", 7960.0)),
        ("<= 1.5M", Comparison("<=", 1_500_000.0)),
        ("> 98.15%", Comparison(">", 0.9815, percent=True)),
        ("> -1e-3", Comparison(">", -0.001)),
        ("> baseline", Comparison(">", None)),
        ("0.95..0.99", Comparison("..", 0.95, 0.99)),
        ("1k..2k", Comparison("..", 1000.0, 2000.0)),
    ],
)
def test_a_comparison_is_read(text, found):
    assert comparison(text) == found


@given(st.sampled_from(sorted(COMPARE)), st.floats(), st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_compared_to_its_last_digit_and_no_number_misses(sign, value, limit):
    found = comparison(f"{sign} {limit!r}")
    assert found.limit == limit
    assert found.holds(value) == (math.isfinite(value) and COMPARE[sign](value, limit))
    assert not found.holds(None)
    assert not found.holds(math.nan)


def test_the_ends_of_a_range_belong_to_it():
    found = comparison("0.9..0.95")
    told = {0.9: True, 0.95: True, math.nextafter(0.9, 0): False, math.nextafter(0.95, 1): False}
    assert {value: found.holds(value) for value in told} == told
    assert (found.nearest(0.91), found.nearest(0.94)) == (0.9, 0.95)


def test_a_comparison_with_the_baseline_needs_one():
    found = comparison("> baseline")
    assert (found.holds(0.5, 0.4), found.holds(0.5, 0.5), found.holds(0.5, None)) == (True, False, False)


@pytest.mark.parametrize("text", ["> 1e999", f"> {'9' * 50}", "≥ ", ">= ٣", "1..", ">= nan", ">= inf"])
def test_what_is_no_finite_number_is_refused(text):
    with pytest.raises(ValueError, match=r"write|is one of"):
        comparison(text)


def test_the_names_of_scores_are_those_that_are_reported():
    found = scored("kind", "copy", "width", "topics")
    reported = {card.scores.model.task: set(card.scores.model.numbers()) for card in found.values()}
    tops = {name for name in SCORES["classification"] if TOP.fullmatch(name)}
    assert reported["classification"] | tops == set(SCORES["classification"])
    assert reported["regression"] | {"box_iou"} == set(SCORES["regression"])  # of targets that are a box
    assert all(reported[task] == set(SCORES[task]) for task in ("multi_label", "reconstruction"))


def test_arguments_change_what_is_expected(write_config):
    path = write_config(EXPECTING)
    changed = load_config(path, ["expect.test.accuracy=>= 95%", "expect.seconds=< 60", "~expect.params"])
    assert changed.expect == {"test.accuracy": ">= 95%", "seconds": "< 60"}
    assert load_config(path, ["~expect"]).expect == {}


def test_a_wrong_argument_is_pointed_at(write_config):
    with pytest.raises(ConfigError) as raised:
        load_config(write_config(EXPECTING), ["expect.test.accuracy=0.9"])
    assert str(raised.value) == (
        'command line: expect.test.accuracy: does not say how it is compared; write a comparison such as ">= 0.9"\n'
        "       expect.test.accuracy=0.9\n"
        "                            ^"
    )


def test_scores_that_only_the_data_rule_out_are_refused_before_training(write_config, tmp_path):
    (tmp_path / "sizes.csv").write_text("a,b\n" + "".join(f"{i},{i}.5\n" for i in range(40)))
    text = """\
data: {type: csv, path: sizes.csv, target: b, split: {validation: 0, test: 0.25}}
model: {layers: [{type: Dense, units: 1}]}
training: {loss: mse, epochs: 1}
expect:
  test.accuracy: ">= 0.9"
  training.mae: "< 1"
"""
    config = load_config(write_config(text, "sizes.yaml"))
    with pytest.raises(ConfigError) as raised:
        read_data(config)
    told = [problem.message for problem in raised.value.problems]
    assert told == [
        "regression has no score 'accuracy'; it has mae, mse, rmse, median_error, max_error, r2, mape, box_iou",
        "there are no scores of training rows; the run scores test rows",
    ]
    assert [problem.location.line for problem in raised.value.problems] == [5, 6]


def test_what_is_expected_may_change_when_a_run_goes_on():
    assert "expect" in FREE
