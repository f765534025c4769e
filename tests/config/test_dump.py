from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nntrain.config import load_config
from nntrain.config.dump import to_yaml
from nntrain.config.reuse.difference import differences
from nntrain.config.schema import Evaluation
from nntrain.config.text.yaml_text import parse

PARTS = """\
import keras
@keras.saving.register_keras_serializable()
class Scale(keras.layers.Layer):
    def call(self, x):
        return x
"""
SHIPPED = sorted((Path(__file__).parents[2] / "configs").rglob("*.yaml"))
AWKWARD = [
    *(
        "on",
        "no",
        "y",
        "true",
        "null",
        "~",
        "",
        " x",
        "x ",
        "a: b",
        "a #b",
        "#",
        "- a",
        "-",
        "?",
        "? a",
        "*a",
        "&a",
    ),
    *(
        "!a",
        "%a",
        "@a",
        "`a",
        "'",
        '"',
        "[",
        "]",
        "{",
        "}",
        ",",
        "|",
        ">",
        "=",
        "<<",
        "\\",
        "\t",
        "\n",
        "a\nb\n",
    ),
    *(
        "1",
        "-1",
        "+1",
        "1e-3",
        "1E-3",
        "1e3",
        ".5",
        "5.",
        "0x1f",
        "0o17",
        "010",
        "0b1",
        "1_000",
        "3:30",
        "1:2:3",
    ),
    *(".inf", "-.INF", ".nan", "2024-01-01", "12:30:45", "2001-12-14t21:59:43.10-05:00", "\u00e9", "e\u0301"),
    *(
        "\u4f53\u91cd",
        "\U0001f600",
        "\u200b",
        "\u00a0",
        "\ufeff",
        "\u2028",
        "\x85",
        "\x7f",
        "x" * 300,
        "---",
        "...",
    ),
]


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_config_survives_being_written(file, tmp_path):
    config = load_config(file)
    copy = tmp_path / "resolved.yaml"
    copy.write_text(to_yaml(config), encoding="utf-8")
    again = load_config(copy)
    assert differences(again, config) == []
    assert (again.name, again.description) == (config.name, config.description)
    assert to_yaml(again) == to_yaml(config)


def test_a_set_with_rows_of_its_own_survives_being_written(tmp_path):
    file = tmp_path / "npz.yaml"
    file.write_text(
        "data: {type: npz, path: a.npz, x_validation: xv, y_validation: yv, x_test: xt, y_test: yt}\n"
        "model: {layers: [{type: Dense, units: 3, activation: softmax}]}\n"
        "training: {loss: sparse_categorical_crossentropy, epochs: 1}\n"
    )
    config = load_config(file)
    file.write_text(to_yaml(config))
    assert differences(load_config(file), config) == []


def test_a_config_may_be_saved_in_another_folder(tmp_path):
    (tmp_path / "parts.py").write_text(PARTS)
    (tmp_path / "here.yaml").write_text(
        "code: parts.py\ndata: {type: npz, path: $${a}.npz}\n"
        "model:\n  layers: [{type: MobileNetV2, weights: m.h5}, Flatten, {type: Scale}, {type: Dense, units: 1}]\n"
        "training: {loss: mse, epochs: 1}\n"
    )
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "copy.yaml").write_text(to_yaml(load_config(tmp_path / "here.yaml")))
    here, there = load_config(tmp_path / "here.yaml"), load_config(tmp_path / "there" / "copy.yaml")
    assert differences(here, there) == []
    assert (there.data.path, there.code) == (f"{tmp_path}/${{a}}.npz", f"{tmp_path}/parts.py")
    assert there.model.layers[0].object.arguments["weights"] == f"{tmp_path}/m.h5"


BASE = load_config(SHIPPED[0])


def described(text):
    """What a description is after it was written and read, and what was written."""
    written = to_yaml(BASE.model_copy(update={"description": text}))
    return parse(written, "resolved.yaml").value["description"], written


@pytest.mark.parametrize("text", AWKWARD)
def test_text_that_looks_like_something_else_stays_text(text):
    read, written = described(text)
    assert read == text
    assert yaml.safe_load(written)["description"] == text, "other YAML readers see the same text"


@settings(max_examples=80, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
@example("0" * 50)
def test_any_text_stays_text(text):
    assert described(text)[0] == text


@settings(max_examples=120, deadline=None)
@given(st.from_regex(r"[-+]?(0[xob])?[0-9_.:eE+-]{1,12}", fullmatch=True))
def test_what_resembles_a_number_stays_text(text):
    assert described(text)[0] == text


@settings(max_examples=60, deadline=None)
@given(st.floats(min_value=1e-300, max_value=1e300))
@example(1e-3)
@example(1e16)
@example(1e22)
def test_numbers_stay_the_same_to_the_last_bit(number):
    written = to_yaml(BASE.model_copy(update={"evaluation": Evaluation.model_construct(threshold=number)}))
    assert parse(written, "resolved.yaml").value["evaluation"]["threshold"] == number


def test_what_is_written_starts_with_version_and_name_and_has_every_default():
    text = to_yaml(load_config(SHIPPED[0]))
    value = parse(text, "resolved.yaml").value
    assert list(value)[:2] == ["version", "name"]
    assert "extends" not in value
    assert value["training"]["shuffle"] is True
    assert value["data"]["split"]["stratify"] is True
