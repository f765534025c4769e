import keras
import numpy as np
import pytest

from nntrain.errors import ConfigError
from nntrain.run.recipe import recipe
from nntrain.training.choice import choose
from nntrain.training.parts import obstacle
from nntrain.training.train import train

PLAIN = [
    {"type": "Dense", "units": 8, "activation": "relu", "kernel_regularizer": "l2"},
    {"type": "Dense", "units": 1, "activation": "sigmoid"},
]
DROPOUT = [PLAIN[0], {"type": "Dropout", "rate": 0.3}, PLAIN[1]]
NORMALIZED = [PLAIN[0], "BatchNormalization", PLAIN[1]]
LOOKED_UP = [
    {"type": "Discretization", "bin_boundaries": [-1, 0, 1, 2]},
    {"type": "Embedding", "input_dim": 5, "output_dim": 4},
    {"type": "Flatten"},
    PLAIN[1],
]
"""Five vectors, of which every row looks up some: their gradients have many slices of each."""


def trained(ours, parts):
    """What training with batches in parts leaves: how it was done, the history and the weights."""
    how = recipe(ours.config, "CPU", parts=parts)
    done = train(ours.model, ours.arrays, ours.held_out, how, ours.observer, ours.rows.append, lambda: False)
    return done.engine, done.history, ours.model.get_weights()


@pytest.mark.parametrize("parts", [2, 3, 4])
@pytest.mark.parametrize("weights", [None, {"a": 0.25, "b": 3.0}])
def test_parts_of_batches_give_the_same_up_to_rounding(parts, weights, lesson):
    """60 rows in batches of 16, so that the last one has 12; Adam turns rounding into 1e-6 of a weight."""
    settings = {"validation": True, "metrics": ["accuracy"], "class_weight": weights}
    whole, divided = trained(lesson(PLAIN, **settings), 1), trained(lesson(PLAIN, **settings), parts)
    assert (whole[0].parts, divided[0].parts) == (1, parts)
    for mine, theirs in zip(divided[2], whole[2], strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)
    for mine, theirs in zip(divided[1], whole[1], strict=True):
        assert mine == pytest.approx(theirs, rel=1e-5)


@pytest.mark.parametrize("optimizer", ["Adam", {"type": "SGD", "learning_rate": 0.1, "clipnorm": 0.01}])
def test_an_embedding_learns_the_same_in_parts(optimizer, lesson):
    """Adam squares, and `clipnorm` measures, every slice of its gradient by itself."""
    settings = {"validation": True, "optimizer": optimizer}
    whole, divided = trained(lesson(LOOKED_UP, **settings), 1), trained(lesson(LOOKED_UP, **settings), 3)
    for mine, theirs in zip(divided[2], whole[2], strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)


def test_nothing_is_divided_unless_that_is_asked_for(lesson):
    assert lesson(PLAIN, epochs=1).train().engine.parts == 1


def test_a_network_with_dropout_learns_in_parts_too(lesson):
    ours = lesson(DROPOUT, epochs=30)
    engine, history, _ = trained(ours, 2)
    assert engine.parts == 2
    assert history[-1]["loss"] < 0.7 * history[0]["loss"]


def refusal(lesson, network, parts=2, **settings):
    ours = lesson(network, **settings)
    with pytest.raises(ConfigError) as refused:
        choose(ours.model, recipe(ours.config, "CPU", parts=parts), len(ours.dataset.train))
    (problem,) = refused.value.problems
    assert problem.key == ("training", "split_batch")
    return problem.message


def test_statistics_of_whole_batches_are_not_divided(lesson):
    assert refusal(lesson, NORMALIZED) == (
        "batches can't be divided into 2 parts: layer 'batch_normalization' takes the statistics of whole batches"
    )


def hindrance(lesson, network, **settings):
    """What hinders two devices."""
    ours = lesson(network, **settings)
    return obstacle(ours.model, recipe(ours.config, "CPU"), len(ours.dataset.train), 2, apart=True)


def test_devices_synchronize_the_statistics_of_whole_batches_unless_steps_are_masked(lesson):
    told = "layer 'batch_normalization' takes the statistics of whole batches"
    assert hindrance(lesson, NORMALIZED) == f"{told}; add synchronized: true to it"
    synchronized = {"type": "BatchNormalization", "synchronized": True}
    assert hindrance(lesson, [PLAIN[0], synchronized, PLAIN[1]]) is None
    steps = [
        {"type": "Reshape", "target_shape": [3, 1]},
        "Masking",
        synchronized,
        {"type": "GRU", "units": 2},
    ]
    assert hindrance(lesson, [*steps, PLAIN[1]]) == (
        f"{told}, which Keras does not synchronize where steps are masked; use LayerNormalization"
    )
    assert (
        refusal(lesson, [PLAIN[0], synchronized, PLAIN[1]])
        == f"batches can't be divided into 2 parts: {told}"
    )


@pytest.mark.parametrize("name", ["Dice", "Tversky"])
def test_a_loss_of_whole_batches_is_not_divided(name, lesson):
    told = f"the loss {name} is one number for a whole batch; give it the axes of a row, such as axis: [1]"
    assert hindrance(lesson, PLAIN, loss={"type": name}) == told
    assert hindrance(lesson, PLAIN, loss={"type": name, "axis": [0, 1]}) == told
    assert hindrance(lesson, PLAIN, loss={"type": name, "axis": [1]}) is None


def test_a_sum_over_the_batch_is_not_divided(lesson):
    loss = {"type": "BinaryCrossentropy", "reduction": "sum"}
    assert refusal(lesson, PLAIN, loss=loss) == (
        "batches can't be divided into 2 parts: the loss BinaryCrossentropy has the reduction sum, "
        "which is no mean over rows"
    )


def test_a_batch_of_fewer_rows_than_parts_is_not_divided(lesson):
    assert refusal(lesson, PLAIN, batch_size=59) == (
        "batches can't be divided into 2 parts: the smallest batch of an epoch has 1 row; use another batch_size"
    )
    assert refusal(lesson, PLAIN, parts=13) == (
        "batches can't be divided into 13 parts: the smallest batch of an epoch has 12 rows; use another batch_size"
    )


def test_masked_steps_are_not_divided(lesson):
    """Of two halves of a batch the one may have more steps that count than the other."""
    ours = lesson(PLAIN)
    how = recipe(ours.config, "CPU")
    layers = [keras.layers.Embedding(5, 4, mask_zero=True), keras.layers.LSTM(3, return_sequences=True)]
    steps = keras.Sequential([keras.Input((6,)), *layers])
    assert obstacle(steps, how, 60, 2, apart=True) == (
        "steps are masked, and the loss is the mean over those of a whole batch that are not"
    )
    pooled = keras.Sequential([keras.Input((6,)), *layers, keras.layers.GlobalAveragePooling1D()])
    assert obstacle(pooled, how, 60, 2, apart=True) is None


def test_where_nothing_learns_nothing_is_divided(lesson):
    ours = lesson(PLAIN)
    ours.model.trainable = False
    with pytest.raises(ConfigError) as refused:
        choose(ours.model, recipe(ours.config, "CPU", parts=2), 60)
    (problem,) = refused.value.problems
    assert problem.message == "batches can't be divided into 2 parts: nothing in the network learns"


def test_a_frozen_normalization_is_divided(lesson):
    ours = lesson(NORMALIZED)
    for layer in ours.model.layers:
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    assert choose(ours.model, recipe(ours.config, "CPU", parts=2), 60).parts == 2
