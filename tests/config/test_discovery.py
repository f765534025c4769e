"""Every name that a config can use is listed, described, and has an example that works."""

import pytest

from nntrain.config.guide import discovery
from nntrain.config.guide.discovery import GROUP_ORDER, Row, described, items
from nntrain.config.guide.examples import REQUIRED, USUAL, as_config, as_yaml, example
from nntrain.config.guide.json_schema import json_schema
from nntrain.config.text.yaml_text import parse
from nntrain.config.vocabulary import catalogue
from nntrain.errors import UsageError
from tests.config.quick_schema import quick_validator

EVERY = [(kind, item.name) for kind in catalogue.kinds() for item in items(kind)]


@pytest.fixture(scope="module")
def validator():
    """Accepts a part of a config: as in a config with a base, nothing is required."""
    schema = json_schema()
    schema["allOf"] = schema["allOf"][1:]
    return quick_validator(schema)


def test_every_kind_is_listed():
    assert len(EVERY) > 250
    assert {kind for kind, _ in EVERY} == set(catalogue.kinds())


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_an_example_is_yaml_that_fits_the_schema(kind, name, validator):
    text = described(kind, name).example
    config = parse(f"{text}\n", "example.yaml").value
    assert config == as_config(catalogue.entry(kind, name))
    assert [error.message for error in validator.iter_errors(config)] == []


def test_layers_are_listed_by_group():
    groups = list(dict.fromkeys(item.group for item in items("layers")))
    assert groups == list(GROUP_ORDER)
    assert [item.name for item in items("layers") if item.group == "attention"] == [
        "AdditiveAttention",
        "Attention",
        "GroupQueryAttention",
        "MultiHeadAttention",
    ]


def test_names_that_a_config_can_not_use_are_not_listed():
    assert "Lambda" not in [item.name for item in items("layers")]


def test_a_name_is_described():
    dropout = described("layers", "Dropout")
    assert dropout.summary == "Applies dropout to the input."
    assert dropout.arguments[0] == Row("rate", "a number of at least 0 and below 1", "required")
    assert Row("seed", "a whole number", "nothing") in dropout.arguments
    assert dropout.example == "model:\n  layers:\n    - {type: Dropout, rate: 0.2}"


def test_nested_objects_are_told_by_their_kind():
    adam = described("optimizers", "Adam").arguments
    assert adam[0] == Row("learning_rate", "a number above 0, or a learning-rate schedule", "0.001")
    dense = {row.name: row.holds for row in described("layers", "Dense").arguments}
    assert dense["kernel_initializer"] == "an initializer"
    assert dense["activation"] == "an activation"


def test_a_further_name_leads_to_the_same_entry():
    assert described("losses", "mse") == described("losses", "MeanSquaredError")
    assert "mse" in described("losses", "mse").aliases


@pytest.mark.parametrize(
    ("kind", "name", "text"),
    [
        ("initializers", "HeNormal", "    - {type: Dense, units: 32, kernel_initializer: HeNormal}"),
        ("activations", "relu", "    - {type: Dense, units: 32, activation: relu}"),
        ("losses", "Poisson", "  loss: Poisson"),
        ("metrics", "AUC", "  metrics:\n    - AUC"),
        ("layers", "Add", "    - {type: Add, inputs: [left, right]}"),
        ("layers", "EinsumDense", "    - {type: EinsumDense, equation: 'ab,bc->ac', output_shape: 16}"),
    ],
)
def test_an_example_stands_where_it_belongs(kind, name, text):
    assert as_yaml(as_config(catalogue.entry(kind, name))).endswith(f"\n{text}")


def test_a_type_without_needs_is_a_bare_name():
    assert example(catalogue.entry("layers", "Flatten")) == "Flatten"


@pytest.mark.parametrize(
    ("kind", "name", "text"),
    [
        ("layers", "Dens", "Keras has no layer named 'Dens' (did you mean 'Dense'?)"),
        ("layers", "qqqqq", "Keras has no layer named 'qqqqq'; see nntrain layers"),
        ("layers", "Adam", "Keras has no layer named 'Adam'; see nntrain optimizers Adam"),
        ("layers", "Lambda", "layers can't be 'Lambda': it runs code that isn't part of the config"),
        (
            "callbacks",
            "EarlyStopping",
            "callbacks can't be 'EarlyStopping': set 'training.early_stopping' instead",
        ),
    ],
)
def test_a_name_that_can_not_be_described_is_explained(kind, name, text):
    with pytest.raises(UsageError) as caught:
        discovery.described(kind, name)
    assert str(caught.value) == text


def test_no_value_of_an_example_is_for_an_argument_or_a_type_that_is_not_there():
    entries = [catalogue.entry(kind, name) for kind, name in EVERY]
    assert set(REQUIRED) == {a.name for entry in entries for a in entry.arguments.values() if a.required}
    assert set(USUAL) <= {entry.name for entry in entries}
