"""A network as a stack and as a graph is one network: the same weights to the last bit."""

import keras
import numpy as np
import pytest

from nntrain import fit, load_config
from tests.conftest import CONFIGS

FOLDER = CONFIGS / "course" / "graphs"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A run of each form, trained a little."""
    folder = tmp_path_factory.mktemp("both")
    names = ["digits_sequential", "digits_functional"]
    configs = [load_config(FOLDER / f"{name}.yaml", ["training.epochs=2"]) for name in names]
    return [fit(config, folder / "runs") for config in configs]


def test_both_forms_have_the_same_history_and_the_same_scores(runs):
    stack, graph = runs
    assert stack.history == graph.history
    assert stack.scores["test"].to_json() == graph.scores["test"].to_json()


def test_both_forms_end_with_the_same_weights(runs):
    stack, graph = (keras.models.load_model(run.path / "model.keras") for run in runs)
    assert len(stack.weights) == len(graph.weights) == 6
    for one, other in zip(stack.weights, graph.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    assert [layer.name for layer in stack.layers] != [layer.name for layer in graph.layers]
