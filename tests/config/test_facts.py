"""`${data.classes}`: text until the data are read, then a number."""

import pytest

from nntrain.config import load_config
from nntrain.config.dump import to_yaml
from nntrain.config.reuse.facts import data_facts_used, with_data_facts
from nntrain.errors import ConfigError

TEXT = """\
seed: 3
data: {type: sklearn, name: iris}
model:
  layers:
    - {type: Dense, units: ${data.features}, name: first, activation: relu}
    - {type: Dense, units: ${model.layers[2].units}}
    - {type: Dense, units: ${data.classes}, activation: softmax}
training:
  loss: sparse_categorical_crossentropy
  epochs: 5
  metrics: [{type: TopKCategoricalAccuracy, k: 2, name: top}]
"""
TEXT = TEXT.replace("{type: TopKCategoricalAccuracy, k: 2, name: top}", "accuracy")


@pytest.fixture
def load(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def read(text=TEXT, *arguments):
        (tmp_path / "iris.yaml").write_text(text)
        return load_config("iris.yaml", arguments)

    return read


def units(config):
    return [layer.object.arguments["units"] for layer in config.model.layers]


def test_facts_are_text_until_the_data_are_read(load):
    config = load()
    assert units(config) == ["${data.features}", "${data.classes}", "${data.classes}"]
    assert all(type(text) is str for text in units(config))
    assert data_facts_used(config) == {
        "data.features": ("model", "layers", 0, "units"),
        "data.classes": ("model", "layers", 1, "units"),
    }


def test_facts_are_put_in(load):
    config = load(TEXT, "training.epochs=7")
    done = with_data_facts(config, {"data.classes": 3, "data.features": 4, "data.other": 5})
    assert units(done) == [4, 3, 3]
    assert (done.origin.file, done.origin.overrides) == (config.origin.file, config.origin.overrides)
    assert (done.warnings, done.training.epochs) == (config.warnings, 7)
    assert data_facts_used(done) == {}
    assert units(config) == ["${data.features}", "${data.classes}", "${data.classes}"], "it is another config"


def test_a_config_that_waits_for_nothing_stays_as_it_is(load):
    config = load(TEXT.replace("${data.features}", "4").replace("${data.classes}", "3"))
    assert with_data_facts(config, {}).plain() == config.plain()


def test_facts_of_one_output(load):
    config = load(TEXT.replace("${data.classes}", "${data.classes.species}"))
    assert units(with_data_facts(config, {"data.classes.species": 3, "data.features": 4})) == [4, 3, 3]


def test_facts_inside_text(load):
    config = load(TEXT, "model.layers.0.dtype=float${data.features}x${data.classes}")
    done = with_data_facts(config, {"data.classes": 3, "data.features": 4})
    assert done.model.layers[0].object.arguments["dtype"] == "float4x3"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("${data.classes}0", "a reference to the data must be the whole value where a number is wanted"),
        ("${data.features} * 2", "a config does no arithmetic; write the number"),
        ("2*(${data.features} + ${data.classes})", "a config does no arithmetic; write the number"),
    ],
)
def test_a_number_is_made_of_a_whole_reference(load, text, said):
    with pytest.raises(ConfigError) as caught:
        load(TEXT, f"model.layers.0.units={text}")
    assert str(caught.value) == (
        f"command line: model.layers[0].units: {said}\n       model.layers.0.units={text}\n{' ' * 28}^"
    )


def test_a_fact_that_the_data_lack_is_explained_at_each_place(load):
    with pytest.raises(ConfigError) as caught:
        with_data_facts(load(), {"data.features": 4, "data.classes.kind": 2})
    assert str(caught.value) == (
        "iris.yaml: 1 problem\n\n"
        "6:28 model.layers[1].units: the data have no data.classes; they have data.classes.kind, data.features\n"
        "   6 |     - {type: Dense, units: ${model.layers[2].units}}\n"
        "                                  ^"
    )


def test_data_without_facts(load):
    with pytest.raises(ConfigError) as caught:
        with_data_facts(load(TEXT.replace("${data.features}", "4")), {})
    assert caught.value.problems[0].message == "the data have no data.classes"


def test_a_fact_that_does_not_fit_is_explained_where_it_is_referred_to(load):
    config = load(
        TEXT.replace("name: first", "activity_regularizer: l2"), "model.layers.0.units=${data.features}"
    )
    with pytest.raises(ConfigError) as caught:
        with_data_facts(config, {"data.classes": 3, "data.features": 0})
    assert str(caught.value) == (
        "command line: model.layers[0].units: must be a whole number of at least 1, got 0\n"
        "       model.layers.0.units=${data.features}\n"
        "                            ^"
    )


def test_one_class_is_too_few_for_softmax(load):
    with pytest.raises(ConfigError, match="softmax over 1 unit is always 1"):
        with_data_facts(load(), {"data.classes": 1, "data.features": 4})


def test_a_waiting_config_is_written_and_read_as_it_is(load, tmp_path):
    config = load(TEXT, "description=$${data.classes} and $$${seed}")
    written = tmp_path / "resolved.yaml"
    written.write_text(to_yaml(config))
    again = load_config(written)
    assert again.plain() == config.plain()
    assert again.description == "${data.classes} and $${seed}"
    assert data_facts_used(again) == data_facts_used(config)


def test_the_count_of_words_is_a_fact(load):
    text = """\
data: {type: text, path: reviews}
model:
  layers:
    - {type: Embedding, input_dim: "${data.vocabulary}", output_dim: 4}
    - {type: GlobalAveragePooling1D}
    - {type: Dense, units: 1, activation: sigmoid}
training: {loss: binary_crossentropy, epochs: 1}
"""
    config = load(text)
    assert data_facts_used(config) == {"data.vocabulary": ("model", "layers", 0, "input_dim")}
    done = with_data_facts(config, {"data.vocabulary": 120, "data.features": 4})
    assert done.model.layers[0].object.arguments["input_dim"] == 120
    with pytest.raises(ConfigError) as caught:
        with_data_facts(config, {"data.features": 4})
    assert str(caught.value) == (
        "iris.yaml: 1 problem\n\n4:37 model.layers[0].input_dim: the data have no data.vocabulary; they have "
        'data.features\n   4 |     - {type: Embedding, input_dim: "${data.vocabulary}", output_dim: 4}\n'
        + " " * 43
        + "^"
    )
