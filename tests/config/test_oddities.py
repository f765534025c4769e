"""What trains and is hardly meant: each warning's whole text, and what is next to it and gets none."""

import pytest

from nntrain.config import load_config

CONFIG = """
data: {{type: sklearn, name: digits}}
model:
  layers:
{layers}
training:
  loss: sparse_categorical_crossentropy
  metrics: [accuracy]
  epochs: 20
{more}
"""
OUTPUT = "{type: Dense, units: 10, activation: softmax}"
HIDDEN = "{type: Dense, units: 32, activation: relu}"


def warnings(tmp_path, layers=(HIDDEN, OUTPUT), more=""):
    file = tmp_path / "my.yaml"
    lines = "\n".join(f"    - {layer}" for layer in layers)
    file.write_text(CONFIG.format(layers=lines, more=more and f"  {more}"))
    return load_config(file).warnings


LINEAR = "{type: Dense, units: 32}"
CONV = "{type: Conv2D, filters: 8, kernel_size: 3}"
ODD_LAYERS = {
    "no_activation": (
        [LINEAR, "{type: Dropout, rate: 0.2}", OUTPUT],
        "model.layers[0] (line 5): Dense has no activation, and is one linear layer with the Dense after it "
        "(line 7): add activation: relu",
    ),
    "no_activation_written_out": (
        ["{type: Dense, units: 32, activation: linear}", OUTPUT],
        "model.layers[0] (line 5): Dense has no activation, and is one linear layer with the Dense after it "
        "(line 6): add activation: relu",
    ),
    "convolution": (
        ["{type: Reshape, target_shape: [8, 8, 1]}", CONV, "Flatten", OUTPUT],
        "model.layers[1] (line 6): Conv2D has no activation, and is one linear layer with the Dense after it "
        "(line 8): add activation: relu",
    ),
    "inside_a_block": (
        [f"{{repeat: 2, layers: [{LINEAR}, {HIDDEN}]}}", OUTPUT],
        "model.layers[0].layers[0] (line 5): Dense has no activation, and is one linear layer with the Dense "
        "after it (line 5): add activation: relu",
    ),
    "softmax_inside": (
        ["{type: Dense, units: 32, activation: softmax}", OUTPUT],
        "model.layers[0].activation (line 5): softmax in a hidden layer makes the units of Dense share a sum of 1: "
        "use relu",
    ),
    "dropout_at_the_end": (
        [HIDDEN, OUTPUT, "{type: Dropout, rate: 0.5}"],
        "model.layers[2] (line 7): Dropout after the layer that predicts changes the predictions themselves while "
        "the network trains: put it before that layer",
    ),
}
EVEN_LAYERS = {
    "a code": ["{type: Dense, units: 4}", HIDDEN, OUTPUT],
    "a code before classes that the data count": [
        "{type: Dense, units: 4}",
        "{type: Dense, units: '${data.classes}', activation: softmax}",
    ],
    "an activation behind it": [LINEAR, "BatchNormalization", "{type: Activation, activation: relu}", OUTPUT],
    "pooling of the largest": [
        "{type: Reshape, target_shape: [8, 8, 1]}",
        CONV,
        "MaxPooling2D",
        "Flatten",
        OUTPUT,
    ],
    "frozen": ["{type: Dense, units: 32, trainable: false}", OUTPUT],
    "two readers": [
        "{name: a, type: Dense, units: 32}",
        "{name: b, type: Dense, units: 8, activation: relu}",
        "{type: Concatenate, inputs: [a, b]}",
        OUTPUT,
    ],
}


@pytest.mark.parametrize("name", ODD_LAYERS)
def test_layers_that_are_hardly_meant(tmp_path, name):
    layers, warning = ODD_LAYERS[name]
    assert warnings(tmp_path, layers) == (warning,)


@pytest.mark.parametrize("name", EVEN_LAYERS)
def test_layers_that_make_sense(tmp_path, name):
    assert warnings(tmp_path, EVEN_LAYERS[name]) == ()


@pytest.mark.parametrize(
    ("optimizer", "place", "rate"),
    [
        ("{type: Adam, learning_rate: 100}", "learning_rate", "100"),
        (
            "{type: RMSprop, learning_rate: "
            "{type: ExponentialDecay, initial_learning_rate: 0.5, decay_steps: 9, decay_rate: 0.9}}",
            "learning_rate.initial_learning_rate",
            "0.5",
        ),
    ],
)
def test_a_learning_rate_that_is_far_too_large(tmp_path, optimizer, place, rate):
    name = optimizer[7:].split(",")[0]
    assert warnings(tmp_path, more=f"optimizer: {optimizer}") == (
        f"training.optimizer.{place} (line 11): {rate} is far too large: {name} moves every weight by about as much "
        "in each step; 0.001 is usual",
    )


@pytest.mark.parametrize("optimizer", ["{type: Adam, learning_rate: 0.3}", "{type: SGD, learning_rate: 10}"])
def test_a_learning_rate_that_may_be_right(tmp_path, optimizer):
    assert warnings(tmp_path, more=f"optimizer: {optimizer}") == ()


def test_training_rows_that_are_watched(tmp_path):
    assert warnings(tmp_path, more="early_stopping: {monitor: accuracy}") == (
        "training.early_stopping.monitor (line 11): 'accuracy' is that of the training rows, which gets better "
        "while they are learnt by heart: watch val_accuracy",
    )
    assert warnings(tmp_path, more="early_stopping: {monitor: val_accuracy, mode: max}") == ()


def test_check_and_fit_say_so(tmp_path, nntrain):
    warnings(tmp_path, [LINEAR, OUTPUT])
    told = "warning: model.layers[0] (line 5): Dense has no activation, "
    assert nntrain("check", "my.yaml", cwd=tmp_path).err.startswith(f"my.yaml: {told}")
    done = nntrain("fit", "my.yaml", "--smoke", cwd=tmp_path)
    assert any(line.startswith(told) for line in done.err.splitlines())
