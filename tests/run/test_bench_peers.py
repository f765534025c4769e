"""What other engines are told of a network, and what they can't express."""

import keras
import numpy as np
import pytest

from nntrain.run.bench import sklearn_peer, torch_peer
from nntrain.run.bench.stack import CannotExpressError, read_stack
from nntrain.training.recipe import Recipe

k = keras.layers
ROWS = (np.zeros((4, 2)), np.zeros(4))


def recipe(loss=None, optimizer=None):
    return Recipe(
        loss=loss or keras.losses.SparseCategoricalCrossentropy(),
        loss_weights=None,
        optimizer=optimizer or keras.optimizers.Adam(0.01),
        metrics=[],
        callbacks=[],
        early_stopping=None,
        epochs=1,
        batch_size=16,
        shuffle=True,
        seed=7,
        device="CPU",
        engine="auto",
        xla=False,
    )


def stack(*layers, shape=(6,), rows=ROWS, **how):
    return read_stack(keras.Sequential([keras.Input(shape), *layers]), recipe(**how), rows)


def dense(units, activation=None, **how):
    return k.Dense(units, activation=activation, **how)


def test_a_stack_is_read_layer_by_layer():
    found = stack(dense(8, "relu"), k.Dropout(0.2), dense(3, "softmax"))
    assert found["stages"] == [
        {"kind": "dense", "inputs": 6, "units": 8, "bias": True, "activation": "relu", "output": [8], "weight": 0},
        {"kind": "dropout", "rate": 0.2, "output": [8], "weight": 2},
        {"kind": "dense", "inputs": 8, "units": 3, "bias": True, "activation": "softmax", "output": [3], "weight": 2},
    ]  # fmt: skip
    assert (found["loss"], found["logits"]) == ("sparse_categorical_crossentropy", False)
    assert found["optimizer"]["type"] == "Adam"
    assert found["optimizer"]["learning_rate"] == pytest.approx(0.01)
    assert (found["batch_size"], found["shuffle"], found["seed"]) == (16, True, 7)


def last():
    return dense(3, "softmax")


@pytest.mark.parametrize(
    ("layers", "how", "reason"),
    [
        ([k.BatchNormalization(name="b")], {}, "BatchNormalization 'b' is not translated"),
        (
            [dense(3, kernel_regularizer="l2", name="d")],
            {},
            "Dense 'd' has a kernel_regularizer",
        ),
        ([dense(3, "mish", name="d")], {}, "the activation of Dense 'd' is not translated"),
        ([dense(3, trainable=False, name="d")], {}, "Dense 'd' does not learn"),
        ([last()], {"loss": keras.losses.Huber()}, "the loss Huber is not translated"),
        (
            [last()],
            {"loss": keras.losses.CategoricalCrossentropy(label_smoothing=0.1)},
            "the loss has arguments that are not translated",
        ),
        ([last()], {"optimizer": keras.optimizers.Nadam()}, "the optimizer Nadam is not translated"),
        ([last()], {"optimizer": keras.optimizers.Adam(clipnorm=1)}, "the optimizer has clipnorm"),
        (
            [last()],
            {"optimizer": keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 5, 0.9))},
            "the learning rate follows a schedule",
        ),
        ([last()], {"rows": (*ROWS, np.ones(4))}, "rows are weighted"),
        ([last()], {"rows": ({"a": ROWS[0]}, ROWS[1])}, "the network has several inputs or outputs"),
    ],
)
def test_what_can_not_be_said_is_named(layers, how, reason):
    with pytest.raises(CannotExpressError) as raised:
        stack(*layers, **how)
    assert str(raised.value) == reason


def test_branches_are_no_stack():
    features = keras.Input((6,))
    model = keras.Model(features, k.Add()([dense(3)(features), dense(3)(features)]))
    with pytest.raises(CannotExpressError, match=r"^the network is no plain stack of layers$"):
        read_stack(model, recipe(), ROWS)


def test_scikit_learn_gets_a_classifier():
    found = sklearn_peer.plan(stack(dense(8, "tanh"), dense(4, "tanh"), last()))
    assert found["predicts"] == "classes"
    assert found["arguments"]["hidden_layer_sizes"] == [8, 4]
    assert (found["arguments"]["activation"], found["arguments"]["solver"]) == ("tanh", "adam")
    assert (found["arguments"]["batch_size"], found["arguments"]["alpha"]) == (16, 0.0)
    assert found["notes"] == []


def test_scikit_learn_gets_a_regressor_by_sgd():
    optimizer = keras.optimizers.SGD(0.1, momentum=0.5, nesterov=True)
    found = sklearn_peer.plan(
        stack(dense(8, "relu"), dense(1), loss=keras.losses.MeanSquaredError(), optimizer=optimizer)
    )
    assert found["predicts"] == "numbers"
    assert found["arguments"]["solver"] == "sgd"
    assert (found["arguments"]["momentum"], found["arguments"]["nesterovs_momentum"]) == (0.5, True)


def test_scikit_learn_says_what_it_does_otherwise():
    found = sklearn_peer.plan(
        stack(k.Flatten(), dense(8), k.ReLU(), k.Dropout(0.2), last(), optimizer=keras.optimizers.RMSprop())
    )
    assert found["arguments"]["activation"] == "relu"
    assert found["notes"] == [
        "without the dropout, which it does not have",
        "by Adam: it has no RMSprop",
    ]


@pytest.mark.parametrize(
    ("layers", "how", "reason"),
    [
        ([dense(8, "relu"), dense(8, "tanh"), last()], {}, "it has no hidden layers of relu and tanh"),
        ([dense(8, "selu"), last()], {}, "it has no hidden layers of selu"),
        ([dense(3, "relu")], {}, "it has no sparse_categorical_crossentropy of 3 relu outputs"),
        ([dense(8, use_bias=False), last()], {}, "it has no Dense without bias"),
        ([k.Conv2D(2, 3), k.Flatten(), last()], {"shape": (8, 8, 1)}, "it has no convolution"),
        ([k.Dropout(0.1), k.Flatten()], {}, "the network has no Dense layer"),
    ],
)
def test_what_scikit_learn_has_not_is_named(layers, how, reason):
    with pytest.raises(CannotExpressError) as raised:
        sklearn_peer.plan(stack(*layers, **how))
    assert str(raised.value) == reason


def test_pytorch_gets_the_last_activation_within_the_loss():
    found = torch_peer.plan(stack(dense(8, "relu"), last()))
    assert (found["loss"], found["whole"]) == ("CrossEntropyLoss", True)
    assert found["stages"][-1]["activation"] == "linear"
    logits = keras.losses.BinaryCrossentropy(from_logits=True)
    found = torch_peer.plan(stack(dense(1), loss=logits))
    assert (found["loss"], found["whole"]) == ("BCEWithLogitsLoss", False)


@pytest.mark.parametrize(
    ("layers", "how", "reason"),
    [
        (
            [dense(3, "relu")],
            {},
            "sparse_categorical_crossentropy of other outputs than softmax is not translated",
        ),
        ([dense(3, "softmax"), last()], {}, "softmax within the network is not translated"),
        (
            [dense(4), k.Reshape((2, 2)), k.Flatten(), last()],
            {},
            "reshape within the network is not translated",
        ),
        (
            [k.Conv2D(1, 3)],
            {"shape": (8, 8, 1), "loss": keras.losses.MeanSquaredError()},
            "outputs that are no row of numbers are not translated",
        ),
    ],
)
def test_what_pytorch_is_not_told_is_named(layers, how, reason):
    with pytest.raises(CannotExpressError) as raised:
        torch_peer.plan(stack(*layers, **how))
    assert str(raised.value) == reason


def test_images_get_their_channels_first():
    pixels = np.arange(2 * 4 * 4 * 3, dtype=np.float32).reshape(2, -1)
    stages = stack(k.Reshape((4, 4, 3)), k.Conv2D(2, 3), k.Flatten(), last(), shape=(48,))["stages"]
    found = torch_peer.features_of(stages, pixels)
    assert found.shape == (2, 3, 4, 4)
    assert found[1, 2, 3, 0] == pixels.reshape(2, 4, 4, 3)[1, 3, 0, 2]


def test_images_are_rescaled_before_training():
    stages = stack(k.Rescaling(0.5, offset=1.0), dense(3))["stages"]
    assert torch_peer.features_of(stages, np.array([[2, 4]], np.uint8)).tolist() == [[2.0, 3.0]]


@pytest.mark.parametrize(
    ("layers", "shape"),
    [
        ([dense(8, "relu"), k.Dropout(0.5), last()], (6,)),
        ([k.Flatten(), dense(8, "gelu", use_bias=False), dense(3)], (4, 5)),
        (
            [
                k.Reshape((9, 8, 2)),
                k.Conv2D(5, 3, padding="same", activation="relu"),
                k.MaxPooling2D(2),
                k.Conv2D(4, 2, strides=2, groups=1),
                k.Flatten(),
                k.Dropout(0.2),
                dense(7, "elu"),
                dense(3, "softmax"),
            ],
            (144,),
        ),
        ([k.Conv2D(4, (2, 3), dilation_rate=2, use_bias=False), k.Flatten(), dense(3)], (7, 8, 2)),
    ],
)
def test_pytorchs_network_computes_what_keras_does(layers, shape):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    model = keras.Sequential([keras.Input(shape), *layers])
    features = np.random.default_rng(0).normal(size=(5, *shape)).astype(np.float32)
    linear = layers[-1].activation is keras.activations.linear
    loss = keras.losses.MeanSquaredError() if linear else keras.losses.SparseCategoricalCrossentropy()
    plan = torch_peer.plan(read_stack(model, recipe(loss=loss), ROWS))
    arrays = {f"w{i}": weight for i, weight in enumerate(model.get_weights())}
    network = torch_peer.network_of(plan["stages"], arrays).eval()
    with torch.no_grad():
        found = network(torch.from_numpy(torch_peer.features_of(plan["stages"], features)))
        if plan["whole"]:
            found = found.softmax(dim=1)
    np.testing.assert_allclose(found.numpy(), model.predict(features, verbose=0), atol=1e-5)


@pytest.mark.parametrize(
    "optimizer",
    [
        keras.optimizers.Adam(0.01),
        keras.optimizers.SGD(0.1, momentum=0.9),
        keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
        keras.optimizers.RMSprop(0.01),
    ],
    ids=["adam", "momentum", "nesterov", "rmsprop"],
)
def test_pytorch_learns_as_keras_does(optimizer):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    generator = np.random.default_rng(0)
    x = generator.normal(size=(40, 6)).astype(np.float32)
    y = generator.integers(0, 3, 40)
    model = keras.Sequential([keras.Input((6,)), dense(8, "tanh"), dense(3, "softmax")])
    plan = torch_peer.plan(read_stack(model, recipe(optimizer=optimizer), ROWS))
    arrays = {f"w{i}": weight for i, weight in enumerate(model.get_weights())}
    network = torch_peer.network_of(plan["stages"], arrays)
    steps = torch_peer.optimizer_of(plan["optimizer"], network.parameters())
    model.compile(loss="sparse_categorical_crossentropy", optimizer=optimizer)
    theirs = model.fit(x, y, batch_size=16, epochs=5, shuffle=False, verbose=0).history["loss"]
    ours = [
        torch_peer.epoch(
            network, torch.from_numpy(x), torch.from_numpy(y), torch.nn.CrossEntropyLoss(), steps, 16, False
        )
        for _ in range(5)
    ]
    np.testing.assert_allclose(ours, theirs, rtol=1e-3)
