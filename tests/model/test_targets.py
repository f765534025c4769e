import numpy as np
import pytest
import yaml

from nntrain.config.load import load_config
from nntrain.config.network.outputs import outputs_of
from nntrain.errors import ConfigError, DataError
from nntrain.model.targets import check_output, check_range, check_tokens, encode, encoding, output_kind
from tests.model.stacks import build

SPARSE, BINARY, SQUARES = "sparse_categorical_crossentropy", "binary_crossentropy", "mean_squared_error"
CLASSES = ("ant", "bee", "cat")
RETURNING = "{type: LSTM, units: 4, return_sequences: true}"


@pytest.fixture
def config(tmp_path):
    def make(stack, loss):
        file = tmp_path / "config.yaml"
        content = {
            "data": {"type": "npz", "path": "x.npz"},
            "model": {"layers": yaml.safe_load(f"[{stack}]")},
            "training": {"loss": loss, "epochs": 1},
        }
        file.write_text(yaml.safe_dump(content))
        return load_config(file)

    return make


def output_of(config):
    (only,) = outputs_of(config)
    return only


def check(config, shape, classes):
    task = "classification" if classes else "regression"
    check_output(output_of(config), shape, task, classes, ())


def dense(units, activation="linear"):
    return f"{{type: Dense, units: {units}, activation: {activation}}}"


OUTPUTS = {
    # stack, loss, input shape, classes, the whole message, the stack after the edit that it names
    "a dense end of images": (
        f"{{type: Conv2D, filters: 2, kernel_size: 3}}, {dense(9, 'relu')}, {dense(3, 'softmax')}",
        SPARSE,
        (8, 8, 1),
        CLASSES,
        "model.layers[1]: the network gives (None, 6, 6, 3), and a row has to end as one list of outputs: "
        "add {type: Flatten} before this layer",
        f"{{type: Conv2D, filters: 2, kernel_size: 3}}, Flatten, {dense(9, 'relu')}, {dense(3, 'softmax')}",
    ),
    "images all the way": (
        "{type: Conv2D, filters: 3, kernel_size: 3, activation: softmax}",
        SPARSE,
        (8, 8, 1),
        CLASSES,
        "model.layers[0]: the network gives (None, 6, 6, 3), and a row has to end as one list of outputs: "
        "add {type: Flatten} and a Dense layer after this one",
        f"{{type: Conv2D, filters: 3, kernel_size: 3}}, Flatten, {dense(3, 'softmax')}",
    ),
    "every step of a sequence": (
        f"{RETURNING}, {{type: Dropout, rate: 0.1}}, {dense(1, 'sigmoid')}",
        BINARY,
        (9, 2),
        CLASSES[:2],
        "model.layers[1]: the network gives (None, 9, 1), and a row has to end as one list of outputs: "
        "remove return_sequences: true from model.layers[0], the LSTM",
        f"{{type: LSTM, units: 4}}, {{type: Dropout, rate: 0.1}}, {dense(1, 'sigmoid')}",
    ),
    "a sequence at the end": (
        "{type: LSTM, units: 1, return_sequences: true, activation: sigmoid}",
        BINARY,
        (9, 2),
        CLASSES[:2],
        "model.layers[0]: the network gives (None, 9, 1), and a row has to end as one list of outputs: "
        "remove return_sequences: true from model.layers[0], the LSTM",
        "{type: LSTM, units: 1, activation: sigmoid}",
    ),
    "too many units": (
        f"{dense(5)}, {dense(10, 'softmax')}",
        SPARSE,
        (4,),
        CLASSES,
        "model.layers[1].units: the data have 3 classes (ant, bee, cat), and the network has 10 outputs: use 3 units",
        f"{dense(5)}, {dense(3, 'softmax')}",
    ),
    "too few units": (
        dense(2, "softmax"),
        SPARSE,
        (4,),
        CLASSES,
        "model.layers[0].units: the data have 3 classes (ant, bee, cat), and the network has 2 outputs: use 3 units",
        dense(3, "softmax"),
    ),
    "one unit for three classes": (
        dense(1, "sigmoid"),
        BINARY,
        (4,),
        CLASSES,
        "model.layers[0].units: the data have 3 classes (ant, bee, cat), and the network has 1 output: use 3 units",
        dense(3, "sigmoid"),
    ),
    "three units for two classes": (
        dense(3, "sigmoid"),
        BINARY,
        (4,),
        CLASSES[:2],
        "model.layers[0].units: the data have 2 classes (ant, bee), and the network has 3 outputs: use 2 units, "
        "or 1 with sigmoid",
        dense(1, "sigmoid"),
    ),
    "a unit too many for many classes": (
        dense(9, "softmax"),
        SPARSE,
        (4,),
        tuple("abcdefgh"),
        "model.layers[0].units: the data have 8 classes (a, b, c, d, e, ...), and the network has 9 outputs: use 8 units",
        dense(8, "softmax"),
    ),
    "three units for a number": (
        dense(3),
        SQUARES,
        (4,),
        (),
        "model.layers[0].units: the target is one number, and the network has 3 outputs: use 1 unit",
        dense(1),
    ),
}


@pytest.mark.parametrize("case", OUTPUTS)
def test_outputs_that_do_not_fit_are_told_with_the_edit_and_the_edit_fits(case, config):
    stack, loss, shape, classes, message, edited = OUTPUTS[case]
    wrong, right = config(stack, loss), config(edited, loss)
    with pytest.raises(ConfigError) as refused:
        check(wrong, build("n", wrong.model.layers, shape, "float32").output_shape, classes)
    assert str(refused.value) == message
    check(right, build("n", right.model.layers, shape, "float32").output_shape, classes)


@pytest.mark.parametrize(("units", "activation"), [(1, "sigmoid"), (2, "sigmoid")])
def test_two_classes_have_one_unit_or_two(units, activation, config):
    check(config(dense(units, activation), BINARY), (None, units), ("no", "yes"))


RANGES = {
    "sigmoid": ([-2, 0.5], "the targets go from -2 to 0.5, and sigmoid gives 0 to 1: use linear"),
    "tanh": ([0, 50], "the targets go from 0 to 50, and tanh gives -1 to 1: use linear"),
    "relu": ([-1, 3], "the targets go from -1 to 3, and relu gives nothing below 0: use linear"),
}


@pytest.mark.parametrize("activation", RANGES)
def test_targets_out_of_reach_are_refused(activation, config):
    targets, words = RANGES[activation]
    given = config(f"{dense(4)}, {dense(1, activation)}", SQUARES)
    with pytest.raises(DataError) as refused:
        check_range(output_of(given), np.float32(targets))
    assert str(refused.value) == f"model.layers[1].activation: {words}"
    check_range(output_of(config(dense(1), SQUARES)), np.float32(targets))
    check_range(output_of(given), np.float32([0, 1]))


def test_labels_are_encoded_for_the_loss():
    labels = np.asarray([0, 2, 1])
    index, rows, column = (encode(labels, how, 3) for how in ("index", "one_hot", "column"))
    assert (index.dtype, index.tolist()) == (np.int32, [0, 2, 1])
    assert (rows.dtype, rows.tolist()) == (np.float32, [[1, 0, 0], [0, 0, 1], [0, 1, 0]])
    assert (column.dtype, column.tolist()) == (np.float32, [[0], [2], [1]])


@pytest.mark.parametrize(
    ("stack", "loss", "classes", "expected"),
    [
        (dense(3, "softmax"), SPARSE, 3, ("index", "softmax", 0.5)),
        (dense(3), {"type": "SparseCategoricalCrossentropy", "from_logits": True}, 3,
         ("index", "softmax_logits", 0.0)),
        (dense(3, "softmax"), "categorical_crossentropy", 3, ("one_hot", "softmax", 0.5)),
        (dense(3, "softmax"), {"type": "CategoricalGeneralizedCrossEntropy"}, 3, ("index", "softmax", 0.5)),
        (dense(1, "sigmoid"), BINARY, 2, ("column", "sigmoid", 0.5)),
        (dense(2, "sigmoid"), BINARY, 2, ("one_hot", "sigmoid", 0.5)),
        (dense(1), {"type": "BinaryCrossentropy", "from_logits": True}, 2, ("column", "sigmoid_logits", 0.0)),
        (dense(1, "tanh"), "hinge", 2, ("column", "scores", 0.0)),
        (dense(1), "squared_hinge", 2, ("column", "scores", 0.0)),
        (dense(1), "categorical_hinge", 2, ("column", "scores", 0.0)),
        (dense(3), "categorical_hinge", 3, ("one_hot", "scores", 0.0)),
        (dense(1, "tanh"), SQUARES, 2, ("column", "scores", 0.5)),
        (dense(1), SQUARES, 0, ("column", "scores", 0.5)),
    ],
)  # fmt: skip
def test_the_table_of_encodings_and_kinds(stack, loss, classes, expected, config):
    output = output_of(config(stack, loss))
    task = "classification" if classes else "regression"
    assert (encoding(output, output.last.units, task), *output_kind(output)) == expected


MORE = {
    # stack, loss, task, names, shape of a target, output shape, the whole message
    "too few labels": (
        dense(2, "sigmoid"), BINARY, "multi_label", ("wet", "dry", "hot"), (3,), (None, 2),
        "model.layers[0].units: the data have 3 labels (wet, dry, hot), and the network has 2 outputs: use 3 units",
    ),
    "too many numbers": (
        dense(3), SQUARES, "regression", ("a", "b"), (2,), (None, 3),
        "model.layers[0].units: the target is 2 numbers, and the network has 3 outputs: use 2 units",
    ),
    "a row that is not given back": (
        f"{dense(8)}, {dense(32, 'sigmoid')}", SQUARES, "reconstruction", (), (64,), (None, 32),
        "model.layers[1].units: the target is the input itself, (None, 64), and the network gives (None, 32): "
        "use 64 units",
    ),
    "an image that comes back flat": (
        f"Flatten, {dense(64, 'sigmoid')}", SQUARES, "reconstruction", (), (8, 8), (None, 64),
        "model.layers[1]: the target is the input itself, (None, 8, 8), and the network gives (None, 64): "
        "end with {type: Reshape, target_shape: [8, 8]}",
    ),
    "an image that comes back smaller": (
        "{type: Conv2D, filters: 1, kernel_size: 3}", SQUARES, "reconstruction", (), (8, 8, 1), (None, 6, 6, 1),
        "model.layers[0]: the target is the input itself, (None, 8, 8, 1), and the network gives (None, 6, 6, 1): "
        "end with layers that give (None, 8, 8, 1) again",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MORE)
def test_an_output_that_does_not_fit_another_kind_of_target_is_told(case, config):
    stack, loss, task, names, target, shape, message = MORE[case]
    output = output_of(config(stack, loss))
    with pytest.raises(ConfigError) as refused:
        check_output(output, shape, task, names, target)
    assert str(refused.value) == message
    check_output(output, (None, *target), task, names, target)


def test_inputs_that_an_autoencoder_can_not_give_back_are_refused(config):
    given = output_of(config(f"{dense(4)}, {dense(9, 'sigmoid')}", SQUARES))
    with pytest.raises(DataError) as refused:
        check_range(given, np.float32([[-1, 2]]), reconstructed=True)
    assert str(refused.value) == (
        "model.layers[1].activation: the prepared inputs go from -1 to 2, and sigmoid gives 0 to 1: use linear, "
        "or scale the inputs with data.preprocess.numeric.scale: min_max"
    )


def test_a_loss_of_shares_refuses_other_numbers(config):
    loss = {"type": "BinaryCrossentropy", "from_logits": True}
    given = output_of(config(dense(9), loss))
    with pytest.raises(DataError) as refused:
        check_range(given, np.float32([[0, 16]]), reconstructed=True)
    assert str(refused.value) == (
        "training.loss: BinaryCrossentropy takes targets from 0 to 1, and the prepared inputs go from 0 to 16: "
        "use mean_squared_error, or scale the inputs with data.preprocess.numeric.scale: min_max"
    )
    check_range(given, np.float32([[0, 1]]), reconstructed=True)


EMBEDDED = (
    "data: {type: npz, path: x.npz}\n"
    "model: {layers: [{type: Embedding, input_dim: 10, output_dim: 2}, Flatten, {type: Dense, units: 1}]}\n"
    "training: {loss: mean_squared_error, epochs: 1}\n"
)


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (
            [[0.5, 1.0]],
            "model.layers[0]: Embedding looks up whole numbers, and the features have fractions; "
            "remove the scaling, or start with another layer",
        ),
        (
            [[3, 12]],
            "model.layers[0].input_dim: Embedding knows the numbers 0 to 9, and the features go from "
            "3 to 12: use input_dim: 13",
        ),
        (
            [[-1, 3]],
            "model.layers[0].input_dim: Embedding knows the numbers 0 to 9, and the features go from "
            "-1 to 3: number them from 0",
        ),
    ],
)
def test_an_embedding_refuses_what_it_can_not_look_up(tmp_path, features, message):
    file = tmp_path / "c.yaml"
    file.write_text(EMBEDDED)
    config = load_config(file)
    with pytest.raises(DataError) as raised:
        check_tokens(config.graph, "features", np.asarray(features))
    assert str(raised.value) == message
    check_tokens(config.graph, "features", np.asarray([[0, 9], [1.0, 2.0]]))


@pytest.mark.parametrize("target", [(), (3,)])
def test_a_metric_of_boxes_needs_a_box(config, target):
    found = config(dense(target[0] if target else 1), SQUARES)
    boxed = load_config(found.origin.file, ["training.metrics=[BoxIoU]"])
    with pytest.raises(ConfigError) as raised:
        check_output(output_of(boxed), (None, 1), "regression", (), target)
    (problem,) = raised.value.problems
    assert problem.message == (
        "'BoxIoU' compares boxes of four numbers, and the target is no box; let its four columns, from left to "
        "bottom, be the target, or remove the metric"
    )
    assert problem.key == ("training", "metrics", 0)
