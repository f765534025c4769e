"""What a config may say, and the values that it becomes."""

from pathlib import Path

import pytest

from nntrain.config import load_config
from nntrain.config.text.yaml_text import parse, parse_value
from nntrain.config.vocabulary.keras_object import KerasObject

SHIPPED = sorted((Path(__file__).parents[2] / "configs").rglob("*.yaml"))

BASE = """\
data:
  type: csv
  path: pima.csv
  target: diabetes
model:
  layers:
    - {type: Dense, units: 1, activation: sigmoid}
training:
  loss: binary_crossentropy
  epochs: 5
"""


@pytest.fixture
def load(tmp_path):
    def read(*edits, base=BASE, name="experiment.yaml"):
        text = base
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        file = tmp_path / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_config(file)

    return read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1E-3", 0.001),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-.5", -0.5),
        ("+7", 7),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("y", "y"),
        ("3:30", "3:30"),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        ("2024-01-01", "2024-01-01"),
        ("1.2.3", "1.2.3"),
        ("nan", "nan"),
        ("0x", "0x"),
        ("0b11", "0b11"),
        ("1e", "1e"),
        ("=", "="),
        ("'5'", "5"),
        ('"1e-3"', "1e-3"),
        ("'null'", "null"),
        ("[1, no, 1e-3]", [1, "no", 0.001]),
        ("{on: off, 5: 6}", {"on": "off", "5": 6}),
        ("9223372036854775807", 2**63 - 1),
    ],
)
def test_scalars_follow_yaml_1_2(text, value):
    read = parse_value(text)
    assert read == value
    assert type(read) is type(value)


def test_infinity_and_nan_are_numbers():
    assert parse_value("-.inf") == float("-inf")
    assert parse_value(".nan") != parse_value(".nan")


def test_defaults():
    config = parse_and_load = load_config(SHIPPED[0])
    assert parse_and_load.origin.file.name == SHIPPED[0].name
    assert config.evaluation.average == "macro"
    assert config.warnings == ()


def test_numbers_keep_their_type(load):
    config = load(("epochs: 5", "epochs: 5\n  optimizer: {type: Adam, learning_rate: 1E-3, clipnorm: 1}"))
    arguments = config.training.optimizer.arguments
    assert arguments == {"learning_rate": 0.001, "clipnorm": 1}
    assert isinstance(config.training.epochs, int)


def test_a_whole_learning_rate_becomes_a_float(load):
    config = load(("epochs: 5", "epochs: 5\n  optimizer: {type: SGD, learning_rate: 1}"))
    assert type(config.training.optimizer.arguments["learning_rate"]) is float


def test_words_that_yaml_1_1_takes_for_something_else_are_text(load):
    config = load(("target: diabetes", "target: on\n  missing: [no, 3:30, 2024-01-01, '']\n  drop: [y, 3]"))
    assert config.data.target == "on"
    assert config.data.missing == ("no", "3:30", "2024-01-01", "")
    assert config.data.drop == ("y", 3)


@pytest.mark.parametrize("before", ["\ufeff", "---\n", "# comment\n\n", "%YAML 1.1\n---\n"])
def test_what_may_stand_before_the_config(load, before):
    assert load(("data:", f"{before}data:")).training.epochs == 5


@pytest.mark.parametrize("line_break", ["\r\n", "\r"])
def test_line_breaks_of_other_systems(load, line_break):
    assert load(("\n", line_break)).training.epochs == 5


def test_text_in_any_script(load):
    config = load(
        ("target: diabetes", "target: gro\u0308\u00dfe"),
        ("data:", "name: \u4f53\u91cd\ndescription: '\U0001f600 \u00bd'\ndata:"),
    )
    assert config.data.target == "gro\u0308\u00dfe"
    assert config.name == "\u4f53\u91cd"
    assert config.description == "\U0001f600 \u00bd"


def test_anchors_and_aliases(load):
    config = load(
        (
            "    - {type: Dense, units: 1, activation: sigmoid}",
            "    - &hidden {type: Dense, units: &n 12, activation: relu}\n    - *hidden\n"
            "    - {type: Dense, units: *n}\n    - {type: Dense, units: 1, activation: sigmoid}",
        )
    )
    layers = config.model.layers
    assert (
        layers[0].object
        == layers[1].object
        == KerasObject("Dense", {"units": 12, "activation": layers[0].object.argument("activation")})
    )
    assert layers[2].object.arguments == {"units": 12}


def test_an_alias_is_a_copy():
    value = parse("a: &a [1]\nb: *a\n", "x").value
    value["a"].append(2)
    assert value["b"] == [1]


@pytest.mark.parametrize("name", ["adam", "Adam", "ADAM"])
def test_an_optimizer_in_any_case(load, name):
    assert load(("epochs: 5", f"epochs: 5\n  optimizer: {name}")).training.optimizer.name == "Adam"


@pytest.mark.parametrize(
    ("loss", "name"), [("mse", "MeanSquaredError"), ("MeanSquaredError", "MeanSquaredError")]
)
def test_a_loss_by_its_short_name(load, loss, name):
    read = load(("loss: binary_crossentropy", f"loss: {loss}")).training.loss
    assert (read.type, read.name, read.kind, read.arguments) == (loss, name, "losses", {})


def test_bare_names_and_mappings_may_be_mixed(load):
    config = load(
        ("epochs: 5", "epochs: 5\n  metrics: [accuracy, {type: AUC, name: area}, Precision]"),
        ("    - {type: Dense, units: 1,", "    - Flatten\n    - {type: Dense, units: 1,"),
    )
    assert [metric.type for metric in config.training.metrics] == ["accuracy", "AUC", "Precision"]
    assert config.model.layers[0].object == KerasObject("Flatten")


def test_nested_objects(load):
    config = load(
        (
            "    - {type: Dense, units: 1,",
            "    - type: Bidirectional\n"
            "      layer:\n"
            "        type: LSTM\n"
            "        units: 8\n"
            "        kernel_initializer: {type: Orthogonal, gain: 2}\n"
            "        recurrent_regularizer: l2\n"
            "      merge_mode: null\n"
            "    - {type: Dense, units: 1,",
        )
    )
    outer = config.model.layers[0].object
    inner = outer.arguments["layer"]
    assert outer.arguments["merge_mode"] is None
    assert (inner.type, inner.kind, inner.arguments["units"]) == ("LSTM", "layers", 8)
    assert inner.arguments["kernel_initializer"].kind == "initializers"
    assert inner.arguments["kernel_initializer"].arguments["gain"] == 2
    assert inner.arguments["recurrent_regularizer"] == KerasObject("l2", {}, "regularizers")


def test_a_schedule(load):
    rate = "{type: CosineDecay, initial_learning_rate: 1e-1, decay_steps: 1000, warmup_target: 0.2}"
    config = load(("epochs: 5", f"epochs: 5\n  optimizer: {{type: SGD, learning_rate: {rate}}}"))
    schedule = config.training.optimizer.arguments["learning_rate"]
    assert (schedule.kind, schedule.name, schedule.argument("decay_steps")) == (
        "schedules",
        "CosineDecay",
        1000,
    )


def test_early_stopping_may_be_null_and_empty_metrics(load):
    config = load(
        ("epochs: 5", "epochs: 5\n  early_stopping: null\n  metrics: []\n  class_weight: {on: 2, off: 0.5}")
    )
    assert config.training.early_stopping is None
    assert config.training.metrics == ()
    assert config.training.class_weight == {"on": 2, "off": 0.5}


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("experiment.yaml", "experiment"),
        ("my run (2).yaml", "my_run__2_"),
        ("-x.yaml", "config-x"),
        ("é.v2.yml", "é.v2"),
    ],
)
def test_the_file_names_the_run(load, file, name):
    assert load(name=file).name == name


def test_a_config_is_frozen_and_knows_its_folder(load, tmp_path):
    config = load()
    with pytest.raises(ValueError, match="frozen"):
        config.seed = 3
    assert config.origin.folder == tmp_path
    assert config.origin.file_bytes == BASE.encode()


def test_relative_paths_may_start_elsewhere(tmp_path):
    (tmp_path / "resolved.yaml").write_text(BASE)
    elsewhere = tmp_path / "configs"
    assert load_config(tmp_path / "resolved.yaml", folder=elsewhere).origin.folder == elsewhere


def test_every_shipped_config_was_found():
    assert len(SHIPPED) > 8


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_shipped_config_loads(file):
    config = load_config(file)
    assert config.warnings == ()
    assert config.name in (file.stem, f"{file.stem}_search")
