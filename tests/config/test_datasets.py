"""Sources of rows and named sets: each is listed, described, and its example passes the check."""

import pytest

from nntrain.config import load_config
from nntrain.config.guide.datasets import described, items
from nntrain.config.schema import Config
from nntrain.errors import UsageError

REST = """
model: {layers: [{type: Dense, units: 1}]}
training: {loss: mse, epochs: 1}
"""
NAMES = [item.name for item in items()]


def test_sources_and_their_sets_are_listed():
    names = {name: field for name, field in Config.model_json_schema()["$defs"].items() if "Source" in name}
    assert len(NAMES) > len(names) > 3
    assert {"csv", "iris", "make_moons", "mnist"} <= set(NAMES)
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.parametrize("name", NAMES)
def test_an_example_passes_the_check(name, tmp_path):
    config = tmp_path / "example.yaml"
    example = described(name).example

    config.write_text(f"{example}{REST}")
    # The folder of an image is its class, never a number.
    load_config(config, [] if name == "images" else ["data.task=regression"])


def test_a_generator_tells_its_own_arguments():
    rows = described("make_moons").arguments
    assert [row.name for row in rows] == ["random_state", "n_samples", "noise"]
    assert rows[2].holds == "a number of at least 0: Standard deviation of the noise that is added."
    assert described("iris").arguments == ()


def test_a_set_of_keras_tells_what_it_takes():
    assert [row.name for row in described("imdb").arguments] == ["num_words", "maxlen"]
    assert [row.name for row in described("cifar100").arguments] == ["label_mode"]
    assert described("mnist").arguments == ()


def test_a_source_tells_its_keys():
    rows = {row.name: row for row in described("csv").arguments}
    assert rows["path"].default == "required"
    assert rows["delimiter"].default == "nothing"
    assert rows["header"].default == "true"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("irsi", "there is no data source or set named 'irsi' (did you mean 'iris'?)"),
        ("xxxxxxx", "there is no data source or set named 'xxxxxxx'; see nntrain datasets"),
    ],
)
def test_an_unknown_name_is_explained(name, text):
    with pytest.raises(UsageError) as caught:
        described(name)
    assert str(caught.value) == text


def test_linnerud_has_several_numbers_to_predict():
    told = described("linnerud").summary
    assert told == "20 men, their weight, waist and pulse (three numbers) from 3 exercises."
