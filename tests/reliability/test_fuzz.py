"""Thousands of damaged configs, and hundreds with one wrong value: each is told where it is wrong, or is good."""

import random

import pytest
from jsonschema import Draft202012Validator

from nntrain.config.guide.json_schema import json_schema
from tests.config.quick_schema import quick_validator
from tests.reliability.fuzz import damaged_texts, one_mutation, valid, valid_values, wrong_values

TEXTS, PARTS = 20_000, 8
VALUES = 250


@pytest.mark.parametrize("part", range(PARTS))
def test_a_damaged_text_loads_or_every_mistake_has_its_line_and_column(part, tmp_path):
    counts = damaged_texts(TEXTS // PARTS, part, tmp_path)
    assert min(counts["loads"], counts["explained"]) > 100


@pytest.mark.parametrize("part", range(2))
def test_one_wrong_value_is_named_where_it_stands(part, tmp_path):
    assert wrong_values(VALUES // 2, part, tmp_path) == VALUES // 2


@pytest.mark.parametrize("part", range(2))
def test_a_good_config_that_nobody_wrote_fits_the_schema_and_loads(part, tmp_path):
    valid_values(VALUES // 2, part, tmp_path)


def test_the_quick_validator_says_what_any_other_does():
    rng, schema = random.Random(3), json_schema()
    quick, usual = quick_validator(schema), Draft202012Validator(schema)
    for config in [valid(rng), *(one_mutation(valid(rng), rng)[0] for _ in range(8)), {"model": 3}]:
        assert told(quick, config) == told(usual, config)


def told(validator, config):
    return [
        (error.message, error.absolute_path, error.schema_path) for error in validator.iter_errors(config)
    ]


def test_good_configs_build(tmp_path):
    from nntrain.run.inspect import inspect

    valid_values(8, 99, tmp_path, inspect)
