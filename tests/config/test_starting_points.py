"""The templates: each is there, says what it is, fits the schema, and loads."""

import pytest

from nntrain.config import load_config
from nntrain.config.guide.json_schema import COMMENT, json_schema
from nntrain.config.guide.starting_points import FOLDER, names, summary, text
from nntrain.config.text.yaml_text import parse
from nntrain.errors import UsageError
from tests.config.quick_schema import quick_validator


@pytest.fixture(scope="module")
def validator():
    return quick_validator(json_schema())


def test_every_file_is_a_template_and_every_template_a_file():
    assert sorted(names()) == sorted(file.stem for file in FOLDER.glob("*.yaml"))
    assert len(names()) == 8


@pytest.mark.parametrize("name", names())
def test_a_template_begins_with_the_line_for_editors_and_says_what_it_is(name):
    lines = text(name).splitlines()
    assert lines[0] == COMMENT
    assert summary(name).endswith(".")
    assert lines[2] == "version: 1"
    assert len(lines) < 45
    assert max(map(len, lines)) <= 110


@pytest.mark.parametrize("name", names())
def test_a_template_fits_the_schema_and_passes_the_check(name, validator, tmp_path):
    config = parse(text(name), f"{name}.yaml").value
    assert [f"{e.json_path}: {e.message}"[:300] for e in validator.iter_errors(config)] == []
    file = tmp_path / f"{name}.yaml"
    file.write_text(text(name))
    assert load_config(file).warnings == ()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cn", "there is no template 'cn' (did you mean 'cnn'?)"),
        (
            "vgg",
            "there is no template 'vgg'; the templates are mlp, cnn, rnn, regression, multi-label, "
            "autoencoder, graph, transfer",
        ),
    ],
)
def test_an_unknown_template_is_explained(name, message):
    with pytest.raises(UsageError) as caught:
        text(name)
    assert str(caught.value) == message
