"""A network that can't fit into memory is refused before Keras allocates it."""

import pytest

from nntrain.config import load_config
from nntrain.config.network.size import layer_sizes
from nntrain.errors import ConfigError, MemoryLimitError
from nntrain.run import budget
from nntrain.run.budget import check_budget, check_count

GIB = 2**30


@pytest.fixture
def free(monkeypatch):
    """The machine's free memory is what the test says."""

    def set_free(count):
        monkeypatch.setattr(budget, "_device", lambda: "CPU")
        monkeypatch.setattr(budget, "free_memory", lambda device: count)

    return set_free


@pytest.fixture
def config(tmp_path):
    def write(layers, training="", limits="limits: {max_params: 10000000000}"):
        file = tmp_path / "c.yaml"
        file.write_text(
            f"data: {{type: npz, path: x.npz, x: x, y: y}}\nmodel:\n  layers:\n{layers}\n"
            f"training: {{loss: sparse_categorical_crossentropy, epochs: 1{training}}}\n{limits}\n"
        )
        return load_config(file)

    return write


def refusal(config, shape, rows=60_000, training=True):
    with pytest.raises(MemoryLimitError) as raised:
        check_budget(config, {config.graph.inputs[0]: shape}, rows, training)
    (problem,) = raised.value.problems
    return problem.key, problem.message


def accepted(config, shape, rows=60_000):
    check_budget(config, {config.graph.inputs[0]: shape}, rows, True)


WIDE = (
    "    - Flatten\n    - {type: Dense, units: 10000000}\n    - {type: Dense, units: 10, activation: softmax}"
)


def test_a_wide_layer_is_named_with_its_weights(config, free):
    free(6 * GIB)
    key, text = refusal(config(WIDE), (28, 28))
    assert key == ("model", "layers", 1)
    assert text == (
        "training this network takes at least 119.7 GiB of memory, and 6.0 GiB are free beside the data: "
        "Dense has 7,850,000,000 weights, with gradients and what Adam keeps 117.0 GiB; use fewer units, or "
        "make what it reads smaller"
    )


def test_plain_descent_keeps_nothing_beside_gradients(config, free):
    free(6 * GIB)
    _, text = refusal(config(WIDE, ", optimizer: sgd"), (28, 28))
    assert "Dense has 7,850,000,000 weights, with gradients 58.5 GiB; use fewer units" in text


def test_scoring_needs_the_weights_alone(config, free):
    free(6 * GIB)
    assert refusal(config(WIDE), (28, 28), training=False) == (
        ("model", "layers", 1),
        "this network takes at least 29.6 GiB of memory, and 6.0 GiB are free beside the data: Dense has "
        "7,850,000,000 weights, 29.2 GiB; use fewer units, or make what it reads smaller",
    )


CONV = "    - {type: Conv2D, filters: 256, kernel_size: 3, padding: same}\n    - GlobalAveragePooling2D\n"
CONV += "    - {type: Dense, units: 10, activation: softmax}"


def test_a_large_batch_is_told_how_large_it_may_be(config, free):
    free(4 * GIB)
    large = config(CONV, ", batch_size: 4096")
    key, text = refusal(large, (64, 64, 3))
    assert key == ("model", "layers", 0)
    assert text == (
        "training this network takes at least 16.0 GiB of memory, and 4.0 GiB are free beside the data: "
        "Conv2D gives 4,294,967,296 numbers for 4,096 rows, 16.0 GiB; set training.batch_size to 819 at most"
    )
    free(4 * GIB)
    accepted(config(CONV, ", batch_size: 819"), (64, 64, 3))
    accepted(large, (64, 64, 3), 819)  # no more rows than there are


def test_a_row_that_is_too_large_alone(config, free):
    free(GIB)
    _, text = refusal(config(CONV, ", batch_size: 2"), (2048, 2048, 3))
    assert text.endswith("; one row alone is too much, so use fewer filters")


def test_numbers_of_16_bits_take_half(config, free):
    free(12 * GIB)
    refusal(config(CONV, ", batch_size: 4096"), (64, 64, 3))
    half = config(CONV, ", batch_size: 4096, precision: mixed_bfloat16")
    accepted(half, (64, 64, 3))


def test_the_share_of_the_memory_is_the_configs(config, free):
    free(6 * GIB)
    half = config(CONV, ", batch_size: 1024", "limits: {memory: 0.5}")
    _, text = refusal(half, (64, 64, 3))
    assert text.endswith("set training.batch_size to 767 at most")
    accepted(config(CONV, ", batch_size: 1024"), (64, 64, 3))


NARROW = (
    "    - Flatten\n    - {type: Dense, units: 20000}\n    - {type: Dense, units: 10, activation: softmax}"
)


def test_weights_that_the_data_make_too_many_are_refused_before_keras_is_asked(config, free):
    free(None)
    known = config(NARROW, limits="")
    accepted(known, (28, 28))
    with pytest.raises(ConfigError) as raised:
        accepted(known, (100, 100, 3))
    (problem,) = raised.value.problems
    assert problem.key == ("model", "layers", 1)
    assert problem.message == (
        "the network has at least 600,220,010 weights, 2,290 MiB, and limits.max_params is 100,000,000: Dense "
        "has 600,020,000; use fewer units, or make what it reads smaller, or raise limits.max_params"
    )


def test_layers_whose_size_nobody_tells_are_counted_once_they_are_there(config):
    import keras

    known = config("    - {type: Dense, units: 10, activation: softmax}", limits="limits: {max_params: 90}")
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(10, name="last")])
    check_count(known, model)
    model = keras.Sequential([keras.Input((9,)), keras.layers.Dense(10, name="last")])
    with pytest.raises(ConfigError) as raised:
        check_count(known, model)
    assert str(raised.value.problems[0].message) == (
        "the network has 100 weights, 0 MiB, and limits.max_params is 90: 'last' has 100; use a smaller one, "
        "or raise limits.max_params"
    )


def test_without_a_rows_shape_a_network_is_at_least_as_large_as_its_layers_among_themselves(config):
    layers = """\
    - {type: Conv2D, filters: 6, kernel_size: 3}
    - {type: Conv2D, filters: 5, kernel_size: [1, 2]}
    - MaxPooling2D
    - {layers: [{type: DepthwiseConv2D, kernel_size: 3}, {type: SeparableConv2D, filters: 4, kernel_size: 3}]}
    - Flatten
    - {type: Dense, units: 7}
    - {type: Reshape, target_shape: [7, 1]}
    - {type: Bidirectional, layer: {type: GRU, units: 3}}
    - {type: Dense, units: 2, activation: softmax}"""
    sizes = layer_sizes(config(layers).graph, {})
    expected = [
        9 * 6 + 6,
        2 * 6 * 5 + 5,
        0,
        9 * 5,
        9 * 1 + 4,
        0,
        7 * (4 + 1),
        0,
        18 * (1 + 3 + 1),
        2 * (3 + 1),
    ]
    assert [size.weights for size in sizes] == expected


def test_where_nobody_knows_the_free_memory_nothing_is_refused(config, free):
    free(None)
    accepted(config(WIDE), (28, 28))


def test_frozen_layers_keep_their_weights_alone(config, free):
    free(6 * GIB)
    frozen = WIDE.replace("units: 10000000", "units: 10000000, trainable: false")
    assert "Dense has 7,850,000,000 weights, 29.2 GiB; use fewer" in refusal(config(frozen), (28, 28))[1]


COUNTED = """\
    - {type: Conv2D, filters: 6, kernel_size: [3, 5]}
    - {type: DepthwiseConv2D, kernel_size: 3, depth_multiplier: 2}
    - {type: SeparableConv2D, filters: 4, kernel_size: 3}
    - {type: Reshape, target_shape: [-1, 4]}
    - {type: Conv1D, filters: 8, kernel_size: 3, groups: 2, use_bias: false}
    - {type: Bidirectional, layer: {type: LSTM, units: 5, return_sequences: true}}
    - {type: SimpleRNN, units: 3}
    - {type: Dense, units: 2, activation: softmax}"""


def test_counts_are_those_of_keras(config):
    import keras

    from nntrain.model.build import InputSpec, build

    loaded = config(COUNTED)
    model = build("m", loaded.graph, {loaded.graph.inputs[0]: InputSpec((16, 16, 3), "float32")})
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    sizes = layer_sizes(loaded.graph, {loaded.graph.inputs[0]: (16, 16, 3)})
    found = {layer.name: layer.count_params() for layer in layers}
    biases = {"depthwise_conv2d": 12, "separable_conv2d": 4}  # too few to count
    expected = [count - biases.get(name, 0) for name, count in found.items()]
    assert [size.weights for size in sizes] == expected
    values = [size.values for size in sizes if size.weights]
    shapes = [layer.output.shape[1:] for layer in layers if layer.count_params()]
    from math import prod

    assert values == [prod(shape) for shape in shapes]
