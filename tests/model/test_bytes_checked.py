"""What is checked of numbers is checked of the bytes that stand for them."""

import numpy as np
import pytest
import yaml

from nntrain.arrays import Scaled
from nntrain.config.load import load_config
from nntrain.config.network.outputs import outputs_of
from nntrain.errors import DataError
from nntrain.model.targets import check_range, check_tokens, encode

BYTES = np.array([[0, 3], [12, 6]], np.uint8)


@pytest.fixture
def config(tmp_path):
    def make(*layers):
        file = tmp_path / "config.yaml"
        content = {
            "data": {"type": "npz", "path": "x.npz", "task": "reconstruction"},
            "model": {"layers": list(layers)},
            "training": {"loss": "mean_squared_error", "epochs": 1},
        }
        file.write_text(yaml.safe_dump(content))
        return load_config(file)

    return make


def test_inputs_out_of_an_activations_reach_are_refused(config):
    (output,) = outputs_of(config({"type": "Dense", "units": 2, "activation": "sigmoid"}))
    with pytest.raises(DataError) as refused:
        check_range(output, Scaled(BYTES, 0, 8), reconstructed=True)
    assert str(refused.value) == (
        "model.layers[0].activation: the prepared inputs go from 0 to 1.5, and sigmoid gives 0 to 1: use linear, "
        "or scale the inputs with data.preprocess.numeric.scale: min_max"
    )
    check_range(output, Scaled(BYTES, 0, 12), reconstructed=True)


@pytest.mark.parametrize(
    ("shift", "divisor", "words", "message"),
    [
        (0, 1, 13, None),
        (0, 3, 5, None),
        (0, 2, 7, "model.layers[0]: Embedding looks up whole numbers, and the features have fractions; "),
        (
            0,
            1,
            12,
            "model.layers[0].input_dim: Embedding knows the numbers 0 to 11, and the features go from ",
        ),
        (
            3,
            1,
            12,
            "model.layers[0].input_dim: Embedding knows the numbers 0 to 11, and the features go from -3 ",
        ),
    ],
)
def test_an_embedding_reads_bytes_that_are_whole_numbers(config, shift, divisor, words, message):
    graph = config(
        {"type": "Embedding", "input_dim": words, "output_dim": 2},
        {"type": "Flatten"},
        {"type": "Dense", "units": 2},
    ).graph
    if message is None:
        check_tokens(graph, "features", Scaled(BYTES, shift, divisor))
    else:
        with pytest.raises(DataError) as refused:
            check_tokens(graph, "features", Scaled(BYTES, shift, divisor))
        assert str(refused.value).startswith(message)


def test_rows_to_be_given_back_are_no_other_array_for_the_loss():
    rows = Scaled(BYTES, 0, 255)
    assert encode(rows, "as_is", 0) is rows
