from pathlib import Path

import pytest

from nntrain.config import load_config
from nntrain.errors import ConfigError

BASE = """\
data:
  type: csv
  path: pima.csv
  target: diabetes
model:
  layers:
    - Flatten
    - {type: Dense, units: 12, activation: relu}
    - {type: Dense, units: 1, activation: sigmoid}
training:
  loss: binary_crossentropy
  optimizer: adam
  metrics: [accuracy, AUC]
  epochs: 5
"""


@pytest.fixture
def load(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("pima.yaml").write_text(BASE)
    return lambda *arguments: load_config("pima.yaml", arguments)


@pytest.mark.parametrize(
    ("arguments", "path", "value"),
    [
        (["training.epochs=7"], "training.epochs", 7),
        (["training.epochs=7", "training.epochs=8"], "training.epochs", 8),
        (["training={loss: mse, epochs: 1}", "training.epochs=8"], "training.epochs", 8),
        (["training.epochs=8", "training={loss: mse, epochs: 1}"], "training.epochs", 1),
        (["training.shuffle=false"], "training.shuffle", False),
        (["name=2024"], "name", "2024"),
        (["name=true"], "name", "true"),
        (["description=1e-3"], "description", "1e-3"),
        (["description=null"], "description", "null"),
        (["description="], "description", ""),
        (["description=a=b"], "description", "a=b"),
        (["description='[quoted]'"], "description", "[quoted]"),
        (["description=__import__('os')"], "description", "__import__('os')"),
        (["description=$${HOME}"], "description", "${HOME}"),
        (["data.path=a: b"], "data.path", "a: b"),
        (["data.path=&a b # c"], "data.path", "&a b # c"),
        (["training.epochs= 7 "], "training.epochs", 7),
        (["data.path=@x"], "data.path", "@x"),
        (["data.target=1.5"], "data.target", "1.5"),
        (["data.target=3"], "data.target", 3),
        (["data.delimiter=,"], "data.delimiter", ","),
        (["data.delimiter=;"], "data.delimiter", ";"),
        (["data.delimiter=="], "data.delimiter", "="),
        (["data.delimiter=#"], "data.delimiter", "#"),
        (["data.delimiter=|"], "data.delimiter", "|"),
        (["data.delimiter=\t"], "data.delimiter", "\t"),
        (["data.delimiter= "], "data.delimiter", " "),
        (["data.delimiter=:"], "data.delimiter", ":"),
        (["data.drop=[a, 3]"], "data.drop", ("a", 3)),
        (["data.preprocess.numeric.scale=standard"], "data.preprocess.numeric.scale", "standard"),
        (["evaluation.threshold=.7"], "evaluation.threshold", 0.7),
        (["training.early_stopping.patience=3"], "training.early_stopping.patience", 3),
        (
            ["training.early_stopping.patience=3", "training.early_stopping=null"],
            "training.early_stopping",
            None,
        ),
        (["training.class_weight.yes=2"], "training.class_weight", {"yes": 2}),
    ],
)
def test_a_value_is_set(load, arguments, path, value):
    found = load(*arguments)
    for part in path.split("."):
        found = getattr(found, part)
    assert found == value
    assert type(found) is type(value)


def test_a_list_item_is_named_by_its_number(load):
    layers = load("model.layers.1.units=32", "model.layers.1.use_bias=false").model.layers
    assert layers[1].object.arguments["units"] == 32
    assert layers[1].object.arguments["use_bias"] is False
    assert layers[2].object.arguments["units"] == 1


def test_a_bare_name_takes_arguments(load):
    config = load(
        "training.optimizer.learning_rate=1e-2",
        "training.loss.label_smoothing=0.1",
        "training.metrics.1.curve=PR",
        "model.layers.0.name=flat",
    )
    assert config.training.optimizer.plain() == {"type": "adam", "learning_rate": 0.01}
    assert config.training.loss.plain() == {"type": "binary_crossentropy", "label_smoothing": 0.1}
    assert config.training.metrics[1].plain() == {"type": "AUC", "curve": "PR"}
    assert config.model.layers[0].plain() == {"type": "Flatten", "name": "flat"}


def test_a_key_and_an_item_are_removed(load):
    config = load("~training.optimizer", "~model.layers.0", "model.layers.0.units=3", "~training.metrics.0")
    assert config.training.optimizer.type == "Adam"
    assert [layer.object.arguments["units"] for layer in config.model.layers] == [3, 1]
    assert [metric.type for metric in config.training.metrics] == ["AUC"]


def test_arguments_are_remembered_with_what_they_set(load):
    origin = load(
        "training.epochs=7", "training.epochs=8", "model.layers.2.units=1", "~model.layers.0"
    ).origin
    assert origin.overrides == {
        ("training", "epochs"): "training.epochs=8",
        ("model", "layers", 1, "units"): "model.layers.2.units=1",
    }


ERRORS = {
    ("training.epochs=abc",): """\
command line: training.epochs: must be a whole number of at least 1, got 'abc'
       training.epochs=abc
                       ^""",
    ("training.epochs=",): """\
command line: training.epochs: must be a whole number of at least 1, got nothing
       training.epochs=
                       ^""",
    ("training.epochs=3", "training.epochs=0"): """\
command line: training.epochs: must be a whole number of at least 1, got 0
       training.epochs=0
                       ^""",
    ("training.epochs='" + "9" * 5000 + "'",): f"""\
command line: training.epochs: must be a whole number of at least 1, got '{"9" * 56}...
       training.epochs='{"9" * 79}...
                       ^""",
    ("training.epochs=0", "training.batch_size=x"): """\
command line: 2 problems

training.epochs: must be a whole number of at least 1, got 0
       training.epochs=0
                       ^
training.batch_size: must be a whole number of at least 1, got 'x'
       training.batch_size=x
                           ^""",
    ("training.epoch=5",): """\
command line: training.epoch: there is no key 'epoch' (did you mean 'epochs'?)
       training.epoch=5
       ^""",
    ("training.optimzer.learning_rate=1",): """\
command line: training.optimzer: there is no key 'optimzer' (did you mean 'optimizer'?)
       training.optimzer.learning_rate=1
       ^""",
    ("training.optimizer.lr=1",): """\
command line: training.optimizer.lr: Adam takes no argument 'lr' (did you mean 'learning_rate'?)
       training.optimizer.lr=1
       ^""",
    ("training.epochs",): """\
command line: an override is written key=value, or ~key to remove one
       training.epochs
       ^""",
    ("=5",): """\
command line: an override starts with a key, as in training.epochs=10
       =5
       ^""",
    ("training..epochs=5",): """\
command line: an override starts with a key, as in training.epochs=10
       training..epochs=5
       ^""",
    ("model.layers.3.units=8",): """\
command line: model.layers has 3 items, 0 to 2; there is no item 3
       model.layers.3.units=8
       ^""",
    ("model.layers.dense.units=8",): """\
command line: model.layers is a list; name an item by its number, from 0, not by 'dense'
       model.layers.dense.units=8
       ^""",
    ("training.metrics=[]", "~training.metrics.0"): """\
command line: training.metrics has 0 items; there is no item 0
       ~training.metrics.0
       ^""",
    ("training.epochs.x=5",): """\
command line: training.epochs is a single value; it has no 'x'
       training.epochs.x=5
       ^""",
    ("~training.epoch",): """\
command line: training has no 'epoch' to remove (did you mean 'epochs'?)
       ~training.epoch
       ^""",
    ("~nothing.at.all",): """\
command line: the config has no 'nothing' to remove
       ~nothing.at.all
       ^""",
    ("training.loss=[a",): """\
command line: the value is not YAML: this '[' is never closed
       training.loss=[a
                     ^""",
    ("training={epochs: 3 loss: mse}",): """\
command line: the value is not YAML: a second ':' in one value; a ',' is missing before its key
       training={epochs: 3 loss: mse}
                               ^""",
    ("training.epochs=99999999999999999999",): """\
command line: the number 999999999999... is too large
       training.epochs=99999999999999999999
                       ^""",
    ("training={epochs: 3}",): """\
command line: training.loss: is missing; for example 'loss: sparse_categorical_crossentropy'
       training={epochs: 3}
                ^""",
    ("model.layers=[{type: Dense, units: 1, activation: rellu}]",): """\
command line: model.layers[0].activation: Keras has no activation named 'rellu' (did you mean 'relu'?)
       model.layers=[{type: Dense, units: 1, activation: rellu}]
                    ^""",
    ("~training.epochs",): """\
pima.yaml: 1 problem

10:1 training.epochs: is missing; for example 'epochs: 20'
  10 | training:
       ^""",
    (
        "~model.layers.0",
        "~model.layers.0",
        "~training.metrics.1",
        "training.loss=sparse_categorical_crossentropy",
    ): """\
pima.yaml: 1 problem

9:43 model.layers[0].activation: sparse_categorical_crossentropy needs a softmax unit for each class; \
for 1 unit use sigmoid and binary_crossentropy
   9 |     - {type: Dense, units: 1, activation: sigmoid}
                                                 ^""",
    ("training.epochs=!!int 3",): """\
command line: training.epochs: must be a whole number of at least 1, got '!!int 3'
       training.epochs=!!int 3
                       ^""",
    ("data.delimiter=ab",): """\
command line: data.delimiter: must be one character, got 'ab'
       data.delimiter=ab
                      ^""",
    ("training.early_stopping.monitor=val_acc", "training.epochs=0"): """\
command line: training.epochs: must be a whole number of at least 1, got 0
       training.epochs=0
                       ^""",
}


@pytest.mark.parametrize("arguments", ERRORS, ids=lambda arguments: " ".join(arguments)[:50])
def test_a_wrong_argument_is_explained(load, arguments):
    with pytest.raises(ConfigError) as caught:
        load(*arguments)
    assert str(caught.value) == ERRORS[arguments]


def test_problems_of_the_file_and_the_command_line_are_told_together(load):
    Path("pima.yaml").write_text(BASE.replace("units: 12", "units: 0"))
    with pytest.raises(ConfigError) as caught:
        load("training.epochs=0")
    assert [problem.location.source for problem in caught.value.problems] == ["pima.yaml", "command line"]


def test_the_file_is_not_changed(load):
    load("training.epochs=9")
    assert Path("pima.yaml").read_text() == BASE


def test_an_argument_is_added_to_the_default_optimizer(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text(
        "data: {type: sklearn, name: iris}\n"
        "model: {layers: [{type: Dense, units: 3, activation: softmax}]}\n"
        "training: {loss: sparse_categorical_crossentropy, epochs: 1}\n"
    )
    optimizer = load_config(file, ["training.optimizer.learning_rate=0.5"]).training.optimizer
    assert (optimizer.type, optimizer.arguments) == ("Adam", {"learning_rate": 0.5})
