"""Which kernels are chosen for which network, and that a user's choice stands."""

import os
import subprocess
import sys

import pytest

from nntrain.config.load import load_config
from nntrain.training.kernels import VARIABLE, choose_kernels, gains_by_onednn, onednn

START = """
import os, sys
from pathlib import Path
from nntrain.config.load import load_config
from nntrain.training.kernels import choose_kernels, onednn
choose_kernels(load_config(Path(sys.argv[1])).graph)
import tensorflow as tf
from tensorflow.python.framework.test_util import IsMklEnabled
print(IsMklEnabled(), onednn())
"""


@pytest.fixture
def graph(write_config):
    """The network of a stack of layers."""
    return lambda *layers: load_config(write_config(), [f"model.layers=[{', '.join(layers)}]"]).graph


OUTPUT = "{type: Dense, units: 3, activation: softmax}"


@pytest.mark.parametrize(
    ("layers", "gains"),
    [
        ([], False),
        (["{type: Dense, units: 4, activation: relu}", "{type: Dropout, rate: 0.1}"], False),
        (["{type: Reshape, target_shape: [2, 2, 1]}", "{type: Conv2D, filters: 2, kernel_size: 2}"], True),
        (["{type: Reshape, target_shape: [4, 1]}", "{type: GRU, units: 2}"], True),
        (["{type: Reshape, target_shape: [4, 1]}", "{type: Conv1D, filters: 2, kernel_size: 2}"], False),
        (["{layers: [{type: Reshape, target_shape: [4, 1]}, {type: LSTM, units: 2}]}"], True),
    ],
)
def test_networks_that_convolve_in_two_directions_or_remember_gain(graph, layers, gains):
    assert gains_by_onednn(graph(*layers, OUTPUT)) is gains


def test_nothing_is_chosen_once_tensorflow_is_imported(graph, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    import tensorflow  # noqa: F401

    choose_kernels(graph("{type: Reshape, target_shape: [4, 1]}", "{type: GRU, units: 2}", OUTPUT))
    assert VARIABLE not in os.environ
    assert onednn() is None


@pytest.mark.parametrize(("given", "said"), [(None, "True True"), ("0", "False False"), ("1", "True True")])
def test_tensorflow_computes_with_what_was_chosen_unless_the_user_chose(write_config, given, said):
    layers = "[{type: Reshape, target_shape: [4, 1]}, {type: GRU, units: 2}, " + OUTPUT + "]"
    file = write_config()
    file.write_text(file.read_text().partition("model:")[0] + f"model: {{layers: {layers}}}\n" + TRAINING)
    env = {k: v for k, v in os.environ.items() if k != VARIABLE} | ({VARIABLE: given} if given else {})
    ran = subprocess.run(
        [sys.executable, "-c", START, str(file)], env=env, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == said


TRAINING = "training: {loss: sparse_categorical_crossentropy, epochs: 1}\n"
