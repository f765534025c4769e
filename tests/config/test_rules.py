"""Each rule says the same in two ways: as a test of values and as JSON Schema."""

import random

import pytest
from jsonschema import Draft202012Validator

from nntrain.config import load_config
from nntrain.config.guide.json_schema import json_schema
from nntrain.config.text.source import decode
from nntrain.config.text.yaml_text import parse
from nntrain.config.vocabulary.bounds import BY_TYPE, COMMON, RULES
from nntrain.config.vocabulary.rules import any_case_pattern
from nntrain.errors import NntrainError
from tests.config.mutants import damaged_text
from tests.config.quick_schema import quick_validator
from tests.config.test_fuzz import SHIPPED, place_bases

VALUES = [
    *(-2, -1, 0, 1, 2, 3, 7, 100, -0.5, 0.25, 0.999, 1.5, 1e-9, True, False, None),
    *("", "a", "valid", "SAME", "Causal", "auto", "AUTO", "horizontal", "Minoring", "none", "channels_last"),
    *([], [1], [0], [-1], [1, 2], [2, 1], [1, 1], [-1, -1], [0, -1], [0.5, 0.2], [0.2, 0.5], [None, 3]),
    *([[1, 2], [3, 4]], [[1]], [[[1]]], [[]], ["a"], ["a", 1], [True], [1, None], {}, {"a": 1}),
]
TABLES = {"any kind": COMMON, "by type": BY_TYPE, **RULES}
EACH = [(kind, name, rule) for kind, table in TABLES.items() for name, rule in table.items()]
ORDERED = frozenset({"boundaries", "value_range"})
"""Arguments whose numbers must ascend, which a schema can't say."""


@pytest.mark.parametrize(
    ("kind", "name", "rule"), EACH, ids=lambda value: value if isinstance(value, str) else ""
)
def test_the_schema_of_a_rule_takes_what_the_rule_takes(kind, name, rule):
    validator = Draft202012Validator(rule.schema)
    Draft202012Validator.check_schema(rule.schema)
    differ = [value for value in VALUES if validator.is_valid(value) != bool(rule.accepts(value))]
    descending = [[2, 1], [1, 1], [-1, -1], [0, -1], [0.5, 0.2]]
    assert [value for value in differ if not (name in ORDERED and value in descending)] == []


def test_words_in_any_case():
    pattern = Draft202012Validator({"pattern": any_case_pattern(["same", "l1_l2"])})
    assert all(pattern.is_valid(word) for word in ("same", "SAME", "SaMe", "L1_l2"))
    assert not any(pattern.is_valid(word) for word in ("sam", "sames", "l1-l2"))


def test_a_damaged_config_that_loads_fits_the_schema(tmp_path):
    validator = quick_validator(json_schema())
    rng = random.Random(5)
    originals = [file.read_bytes() for file in SHIPPED]
    loaded = 0
    file = place_bases(tmp_path) / "mutant.yaml"
    for _ in range(400):
        file.write_bytes(damaged_text(rng.choice(originals), rng))
        try:
            load_config(file)
        except NntrainError:
            continue
        loaded += 1
        text = decode(file.read_bytes(), "mutant.yaml")
        assert [e.message for e in validator.iter_errors(parse(text, "mutant.yaml").value)] == [], text
    assert loaded > 30
