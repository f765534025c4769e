"""What differs in effect between two configs, and what does not."""

from pathlib import Path

import pytest

from nntrain.config import load_config
from nntrain.config.reuse.difference import differences
from tests.conftest import CONFIGS

BASE = """\
data: {type: csv, path: pima.csv, target: diabetes}
model:
  layers:
    - {type: Dense, units: 12, activation: relu}
    - {type: Dropout, rate: 0.2}
    - {type: Dense, units: 1, activation: sigmoid}
training:
  loss: binary_crossentropy
  optimizer: {type: Adam, learning_rate: 0.01}
  epochs: 20
"""
SHIPPED = sorted(CONFIGS.rglob("*.yaml"))


@pytest.fixture
def lines(tmp_path, monkeypatch):
    """The lines of the difference between the config above and an edited one."""
    monkeypatch.chdir(tmp_path)

    def compare(*edits, base=BASE):
        text = base
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        Path("a.yaml").write_text(base)
        Path("b.yaml").write_text(text)
        return [str(found) for found in differences(load_config("a.yaml"), load_config("b.yaml"))]

    return compare


@pytest.mark.parametrize(
    "edit",
    [
        ("type: Adam", "type: adam"),
        ("loss: binary_crossentropy", "loss: BinaryCrossentropy"),
        ("loss: binary_crossentropy", "loss: {type: binary_crossentropy, from_logits: false}"),
        ("epochs: 20", "epochs: 20\n  batch_size: 32\n  early_stopping: null\n  metrics: []"),
        ("rate: 0.2", "rate: 2e-1"),
        ("units: 12,", "units: 12, use_bias: true, kernel_initializer: glorot_uniform,"),
        ("units: 12,", "units: 12, kernel_initializer: {type: GlorotUniform, seed: null},"),
        ("path: pima.csv", "path: ./pima.csv"),
        ("{type: Dropout, rate: 0.2}", "{type: Dropout, rate: 0.2, name: null}"),
        ("data:", "name: other\ndescription: other\nversion: 1\nseed: 0\ndata:"),
        ("target: diabetes}", "target: diabetes, split: {validation: 0.15}}"),
    ],
)
def test_what_does_not_differ(lines, edit):
    assert lines(edit) == []


def test_no_activation_is_linear(lines):
    linear = BASE.replace("activation: relu", "activation: linear")
    assert lines((", activation: linear", ""), base=linear) == []


def test_code_is_compared_by_its_content(tmp_path):
    code = "import keras\n@keras.saving.register_keras_serializable()\ndef f(x):\n    return x\n"
    (tmp_path / "one.py").write_text(code)
    (tmp_path / "two.py").write_text(code)
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(f"code: {name}.py\n{BASE}")
    one, two = load_config(tmp_path / "one.yaml"), load_config(tmp_path / "two.yaml")
    assert differences(one, two) == []
    (tmp_path / "one.py").write_text(code + "\n")
    changed = load_config(tmp_path / "one.yaml")
    (found,) = differences(one, changed)
    shas = [config.user_code.sha256[:12] for config in (one, changed)]
    assert str(found) == f"code: one.py (SHA-256 {shas[0]}) -> one.py (SHA-256 {shas[1]})"
    (found,) = differences(load_config(tmp_path / "one.yaml", ["~code"]), changed)
    assert str(found) == f"code: null -> one.py (SHA-256 {shas[1]})"


def test_the_order_of_patterns_of_layers_counts(lines):
    frozen = BASE.replace("  layers:", "  trainable: {'dense*': false, dense: true}\n  layers:")
    assert lines(("{'dense*': false, dense: true}", "{dense: true, 'dense*': false}"), base=frozen) == [
        "model.trainable: {dense*: false, dense: true} -> {dense: true, dense*: false}"
    ]
    assert lines(("dense: true", "dense: false"), base=frozen) == ["model.trainable.dense: true -> false"]
    assert lines(("{'dense*': false, dense: true}", "{dense: true}"), base=frozen) == [
        "- model.trainable.dense*: false"
    ]


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (("  layers:", "  outputs: [b]\n  layers:"), None),
        (("name: d", "name: d, inputs: a"), None),
        (("name: b", "name: b, inputs: d"), None),
        (("name: a", "name: a, inputs: features"), None),
        (("name: d}", "name: d}\n    - {layers: [Flatten]}"), "+ model.layers[2]: {layers: [Flatten]}"),
    ],
)
def test_names_of_what_would_be_read_or_scored_anyway(lines, edit, line):
    named = BASE.replace("units: 12", "units: 12, name: a").replace("0.2}", "0.2, name: d}")
    named = named.replace("units: 1,", "units: 1, name: b,")
    assert lines(edit, base=named) == ([line] if line else [])


def test_the_input_of_a_nested_stack_is_what_its_first_layer_reads(lines):
    nested = BASE.replace("{type: Dropout, rate: 0.2}", "{layers: [{type: Dropout, rate: 0.2}]}")
    assert lines(("rate: 0.2", "rate: 0.2, inputs: input"), base=nested) == []


def test_one_and_one_point_nothing_are_the_same(lines):
    clipped = BASE.replace("0.01}", "1.0, clipnorm: 1}")
    assert lines(("clipnorm: 1", "clipnorm: 1.0"), base=clipped) == []


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (("epochs: 20", "epochs: 30"), "training.epochs: 20 -> 30"),
        (("epochs: 20", "epochs: 20\n  shuffle: false"), "training.shuffle: true -> false"),
        (("0.01", "0.02"), "training.optimizer.learning_rate: 0.01 -> 0.02"),
        ((", learning_rate: 0.01", ""), "training.optimizer.learning_rate: 0.01 -> 0.001"),
        (("{type: Adam, learning_rate: 0.01}", "sgd"), "training.optimizer: {type: Adam, learning_rate: 0.01} -> SGD"),
        (("learning_rate: 0.01", "learning_rate: {type: CosineDecay, initial_learning_rate: 0.1, decay_steps: 9}"),
         "training.optimizer.learning_rate: 0.01 -> {type: CosineDecay, initial_learning_rate: 0.1, decay_steps: 9}"),
        (("0.01}", "0.01, clipnorm: 2}"), "+ training.optimizer.clipnorm: 2"),
        (("target: diabetes", "target: 3"), "data.target: diabetes -> 3"),
        (("target: diabetes", "target: '3'"), "data.target: diabetes -> '3'"),
        (("target: diabetes", "target: diabetes, drop: [a, b]"), "data.drop: [] -> [a, b]"),
        (("    - {type: Dropout, rate: 0.2}\n", ""), "- model.layers[1]: {type: Dropout, rate: 0.2}"),
        (("  layers:\n", "  layers:\n    - Flatten\n"), "+ model.layers[0]: Flatten"),
        (("{type: Dropout, rate: 0.2}", "BatchNormalization"),
         "model.layers[1]: {type: Dropout, rate: 0.2} -> BatchNormalization"),
        (("epochs: 20", "epochs: 20\n  early_stopping: {patience: 3}"),
         "+ training.early_stopping: {patience: 3}"),
        (("epochs: 20", "epochs: 20\n  class_weight: {a: 1, b: 2.5}"),
         "+ training.class_weight: {a: 1.0, b: 2.5}"),
        (("epochs: 20", "epochs: 20\n  metrics: [accuracy]"), "+ training.metrics[0]: accuracy"),
    ],
)  # fmt: skip
def test_one_line_a_key(lines, edit, line):
    assert lines(edit) == [line]


def test_layers_that_have_moved_are_compared_with_what_they_were(lines):
    assert lines(("  layers:\n", "  layers:\n    - Flatten\n"), ("units: 12", "units: 16")) == [
        "+ model.layers[0]: Flatten",
        "model.layers[0 -> 1].units: 12 -> 16",
    ]


def test_an_object_inside_an_object_is_compared_by_its_arguments(lines):
    nested = BASE.replace("units: 12,", "units: 12, kernel_regularizer: {type: l2, l2: 0.1},")
    assert lines(("l2: 0.1", "l2: 0.2"), base=nested) == ["model.layers[0].kernel_regularizer.l2: 0.1 -> 0.2"]
    assert lines(("{type: l2, l2: 0.1}", "l1"), base=nested) == [
        "model.layers[0].kernel_regularizer: {type: L2, l2: 0.1} -> L1"
    ]


def test_another_source_is_one_difference(lines):
    assert lines(("{type: csv, path: pima.csv, target: diabetes}", "{type: sklearn, name: make_moons}")) == [
        "data: {type: csv, path: pima.csv, target: diabetes} -> {type: sklearn, name: make_moons}"
    ]


def test_the_same_path_in_another_folder_is_another_file(tmp_path):
    (tmp_path / "sub").mkdir()
    for folder in (tmp_path, tmp_path / "sub"):
        (folder / "a.yaml").write_text(BASE)
    (found,) = differences(load_config(tmp_path / "a.yaml"), load_config(tmp_path / "sub" / "a.yaml"))
    assert str(found) == f"data.path: {tmp_path}/pima.csv -> {tmp_path}/sub/pima.csv"
    (tmp_path / "sub" / "a.yaml").write_text(BASE.replace("pima.csv", "../pima.csv"))
    assert differences(load_config(tmp_path / "a.yaml"), load_config(tmp_path / "sub" / "a.yaml")) == []


def test_differences_for_programs(lines):
    lines(
        ("epochs: 20", "epochs: 30"),
        ("0.01}", "0.01, clipnorm: 2}"),
        ("    - {type: Dropout, rate: 0.2}\n", ""),
    )
    found = differences(load_config("a.yaml"), load_config("b.yaml"))
    assert [one.as_json() for one in found] == [
        {"key": "model.layers[1]", "change": "removed", "old": {"type": "Dropout", "rate": 0.2}},
        {"key": "training.optimizer.clipnorm", "change": "added", "new": 2},
        {"key": "training.epochs", "change": "changed", "old": 20, "new": 30},
    ]


def test_masks_and_arrays_that_are_named_from_another_folder_are_the_same():
    masks, extended = CONFIGS / "shapes_masks.yaml", CONFIGS / "course/applications/unet_shapes.yaml"
    assert differences(load_config(masks), load_config(extended)) == []
    elsewhere = load_config(masks, ["data.masks=elsewhere"])
    assert [found.key for found in differences(load_config(masks), elsewhere)] == ["data.masks"]


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_config_does_not_differ_from_itself_extended(file, tmp_path):
    child = tmp_path / "child.yaml"
    child.write_text(f"extends: {file}\n")
    assert differences(load_config(file), load_config(child)) == []


@pytest.mark.parametrize("file", SHIPPED[1:], ids=lambda file: file.stem)
def test_two_configs_differ_both_ways_in_the_same_keys(file):
    one, other = load_config(SHIPPED[0]), load_config(file)
    back = {"added": "removed", "removed": "added", "changed": "changed"}
    there = [(d.change, d.key) for d in differences(one, other) if "layers" not in d.key]
    again = [(back[d.change], d.key) for d in differences(other, one) if "layers" not in d.key]
    assert sorted(there) == sorted(again) != []
