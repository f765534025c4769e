"""Operations of training, against numbers worked out by hand."""

import keras
import pytest

from nntrain.model.operations import operations
from tests.model.stacks import build_graph

DENSE = "{type: Dense, units: 10}"


def of(text, *shape, **options):
    return operations(build_graph(text, x=shape, **options))


def test_a_multiplication_with_an_addition_is_two_operations():
    assert of(DENSE, 784).forward == 2 * 784 * 10


def test_the_first_layer_needs_no_gradient_of_its_inputs():
    found = of(f"{DENSE}, {DENSE}", 784)
    assert found.forward == 2 * (784 * 10 + 10 * 10) == 15_880
    assert found.backward == 2 * 784 * 10 + 2 * (2 * 10 * 10) == 16_080
    assert found.total == 31_960
    assert found.unknown == ()


def test_activations_dropout_and_pooling_count_as_nothing():
    text = (
        "{type: Dense, units: 512, activation: relu}, {type: Dropout, rate: 0.2}, {type: BatchNormalization}, "
        "{type: Dense, units: 512}, {type: ReLU}, {type: Dense, units: 10, activation: softmax}"
    )
    assert of(text, 784).total == 4 * 784 * 512 + 6 * (512 * 512 + 512 * 10)


@pytest.mark.parametrize(
    ("layer", "shape", "forward"),
    [
        ("{type: Conv2D, filters: 32, kernel_size: 5}", (28, 28, 1), 2 * 24 * 24 * 5 * 5 * 1 * 32),
        (
            "{type: Conv2D, filters: 4, kernel_size: 3, strides: 2, padding: same}",
            (9, 9, 3),
            2 * 5 * 5 * 9 * 3 * 4,
        ),
        ("{type: Conv2D, filters: 4, kernel_size: 3, groups: 2}", (8, 8, 6), 2 * 36 * 9 * 3 * 4),
        ("{type: Conv1D, filters: 8, kernel_size: 3}", (10, 2), 2 * 8 * 3 * 2 * 8),
        ("{type: DepthwiseConv2D, kernel_size: 3}", (8, 8, 6), 2 * 36 * 9 * 6),
        (
            "{type: SeparableConv2D, filters: 5, kernel_size: 3}",
            (8, 8, 6),
            2 * 36 * 9 * 6 + 2 * 36 * 6 * 5,
        ),
        (
            "{type: Conv2DTranspose, filters: 3, kernel_size: 2, strides: 2}",
            (4, 4, 6),
            2 * 16 * 4 * 3 * 6,
        ),
        ("{type: Dense, units: 3}", (7, 5), 2 * 7 * 5 * 3),
        ("{type: SimpleRNN, units: 4}", (7, 5), 2 * 7 * (5 * 4 + 4 * 4)),
        ("{type: LSTM, units: 4}", (7, 5), 2 * 7 * (5 * 16 + 4 * 16)),
        ("{type: GRU, units: 4, return_sequences: true}", (7, 5), 2 * 7 * (5 * 12 + 4 * 12)),
        (
            "{type: Bidirectional, layer: {type: LSTM, units: 4}}",
            (7, 5),
            2 * 2 * 7 * (5 * 16 + 4 * 16),
        ),
        ("{type: TimeDistributed, layer: {type: Dense, units: 3}}", (7, 5), 2 * 7 * 5 * 3),
        ("{type: Attention}", (7, 5), 2 * (2 * 7 * 7 * 5)),
        (
            "{type: MultiHeadAttention, num_heads: 2, key_dim: 3}",
            (7, 5),
            2 * (4 * 7 * 5 * 6) + 2 * (2 * 7 * 7 * 6),
        ),
    ],
)
def test_products_of_layers(layer, shape, forward):
    found = of(layer, *shape)
    assert (found.forward, found.unknown) == (forward, ())


def test_a_recurrent_layer_sends_a_gradient_back_through_its_own_steps():
    assert of("{type: SimpleRNN, units: 4}", 7, 5).backward == 2 * 7 * 5 * 4 + 2 * (2 * 7 * 4 * 4)


def test_scores_of_attention_have_two_gradients_where_something_learns_below():
    scores = 2 * (2 * 7 * 7 * 4)
    assert of("{type: Attention}", 7, 4).backward == 0
    below = "{type: Dense, units: 4}, {type: Attention}"
    assert of(below, 7, 4).backward == 2 * 7 * 4 * 4 + 2 * scores


def test_what_does_not_learn_has_no_gradient_of_its_own():
    frozen = of(f"{{type: Dense, units: 8, trainable: false}}, {DENSE}", 6)
    assert frozen.backward == 2 * 8 * 10
    between = of(f"{DENSE}, {{type: Dense, units: 8, trainable: false}}", 6)
    assert between.backward == 2 * 6 * 10 + 2 * 10 * 8


def test_a_shared_layer_counts_at_each_call():
    text = "{name: a, type: Dense, units: 6}, {call: a}"
    assert of(text, 6).forward == 2 * (2 * 6 * 6)


def test_branches_and_nested_models_are_followed():
    inner = keras.Sequential([keras.Input((6,)), keras.layers.Dense(4), keras.layers.Dense(3)])
    features = keras.Input((6,))
    first = keras.layers.Dense(6)(features)
    joined = keras.layers.Concatenate()([inner(first), keras.layers.Dense(2)(features)])
    found = operations(keras.Model(features, joined))
    assert found.forward == 2 * (6 * 6 + 6 * 4 + 4 * 3 + 6 * 2)
    assert found.backward == 2 * (6 * 6 + 6 * 2) + 4 * (6 * 4 + 4 * 3)
    assert found.unknown == ()


class Own(keras.layers.Dense):
    """May do whatever it likes."""


def test_a_layer_that_is_not_known_is_named():
    model = keras.Sequential([keras.Input((6,)), Own(4, name="mine"), keras.layers.Dense(2)])
    found = operations(model)
    assert found.unknown == ("mine",)
    assert found.forward == 2 * 4 * 2


def test_steps_of_unknown_number_are_not_counted():
    model = keras.Sequential([keras.Input((None, 6)), keras.layers.LSTM(4, name="r"), keras.layers.Dense(2)])
    assert operations(model).unknown == ("r",)
