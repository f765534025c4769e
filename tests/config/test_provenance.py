"""Where each value came from, beside it."""

from pathlib import Path

import pytest

from nntrain.config import load_config
from nntrain.config.reuse.provenance import annotated, causes
from tests.conftest import CONFIGS

BASE = """\
data: {type: sklearn, name: iris}
model:
  layers:
    - &hidden {type: Dense, units: 8}
    - *hidden
    - {type: Dense, units: 3, activation: softmax}
training:
  loss: sparse_categorical_crossentropy
  optimizer: adam
  epochs: ${env:NNTRAIN_TEST_EPOCHS}
  batch_size: ${env:NNTRAIN_TEST_NOT_SET:-16}
"""
CHILD = """\
extends: base.yaml
seed: ${training.epochs}
training:
  optimizer: {learning_rate: 0.1}
  callbacks: []
"""


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NNTRAIN_TEST_EPOCHS", "7")
    Path("base.yaml").write_text(BASE)
    Path("child.yaml").write_text(CHILD)
    return load_config(
        "child.yaml",
        ["training.early_stopping.patience=3", "training.metrics=[accuracy, SparseCategoricalAccuracy]"],
    )


@pytest.mark.parametrize(
    ("key", "cause"),
    [
        ("version", "default"),
        ("name", "default"),
        ("seed", "child.yaml:2"),
        ("data.name", "base.yaml:1"),
        ("data.split.validation", "default"),
        ("model.layers[0].units", "base.yaml:4"),
        ("model.layers[1].units", "base.yaml:4"),
        ("model.layers[2].activation", "base.yaml:6"),
        ("training.loss", "base.yaml:8"),
        ("training.optimizer.type", "base.yaml:9"),
        ("training.optimizer.learning_rate", "child.yaml:4"),
        ("training.epochs", "$NNTRAIN_TEST_EPOCHS, base.yaml:10"),
        ("training.batch_size", "$NNTRAIN_TEST_NOT_SET is not set, base.yaml:11"),
        ("training.metrics[1]", "command line"),
        ("training.early_stopping.patience", "command line"),
        ("training.early_stopping.monitor", "default"),
        ("training.callbacks", "child.yaml:5"),
        ("training.device", "default"),
    ],
)
def test_the_cause_of_a_value(config, key, cause):
    assert str(causes(config)[key]) == cause


def test_causes_for_programs(config):
    found = causes(config)
    assert found["training.epochs"].as_json() == {
        "kind": "environment", "file": "base.yaml", "line": 10, "words": "$NNTRAIN_TEST_EPOCHS",
    }  # fmt: skip
    assert found["seed"].as_json() == {"kind": "file", "file": "child.yaml", "line": 2}
    assert found["training.device"].as_json() == {"kind": "default"}
    assert found["training.metrics[0]"].as_json() == {"kind": "command line", "words": "command line"}


def test_comments_stand_in_one_column_beside_every_value(config):
    lines = annotated(config).splitlines()
    columns = {line.index("  # ") for line in lines if "  # " in line}
    assert len(columns) == 1
    assert all(line.endswith(":") or "  # " in line for line in lines)


def test_a_long_value_does_not_move_the_others(config, tmp_path):
    long = load_config("child.yaml", [f"description={'x' * 300}"])
    lines = annotated(long).splitlines()
    assert len(next(line for line in lines if line.startswith("seed"))) < 60
    assert next(line for line in lines if line.startswith("description")).endswith("xxx  # command line")


@pytest.mark.parametrize("text", ["a\nb", "a # b", "it's", 'a "b"', "\u2028", "x: y", "", "$${seed}"])
def test_an_awkward_text_keeps_its_comment(tmp_path, config, text):
    odd = load_config("child.yaml", [f"description={text}"])
    copied = tmp_path / "copy.yaml"
    copied.write_text(annotated(odd), encoding="utf-8")
    assert load_config(copied).plain() == odd.plain()


def test_a_file_name_can_not_break_the_comment(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = Path("a\nb.yaml")
    file.write_bytes((CONFIGS / "iris_mlp.yaml").read_bytes())
    text = annotated(load_config(file))
    assert "# a\\nb.yaml:" in text
    Path("copy.yaml").write_text(text)
    assert load_config("copy.yaml").plain() == load_config(file).plain()
