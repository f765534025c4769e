"""A model file whose network is a graph, with a backbone of Keras in it, is scored like its run."""

import json

import keras
import numpy as np
import pytest

from nntrain import evaluate, fit, load_config
from nntrain.run.model_files.vocabulary import wrong_config

GRAPH = """\
data: {type: npz, path: a.npz, x: x, y: y, split: {test: 0.25, validation: 0.25}}
model:
  layers:
    - {name: scaled, type: Rescaling, scale: 0.00784, offset: -1}
    - {type: MobileNet, alpha: 0.25, weights: null, name: backbone}
    - {type: GlobalAveragePooling2D, name: seen}
    - {type: GlobalAveragePooling2D, name: mean, inputs: scaled}
    - {type: Concatenate, inputs: [seen, mean]}
    - {type: Dense, units: 2, activation: softmax}
training: {loss: sparse_categorical_crossentropy, epochs: 1, batch_size: 16}
"""


def test_a_graph_with_a_backbone_is_scored_as_its_run_is(tmp_path):
    draw = np.random.default_rng(0)
    np.savez(
        tmp_path / "a.npz", x=draw.integers(0, 255, (40, 32, 32, 3)).astype("uint8"), y=np.arange(40) % 2
    )
    (tmp_path / "graph.yaml").write_text(GRAPH)
    config = load_config(tmp_path / "graph.yaml")
    done = fit(config, tmp_path / "runs", device="cpu")
    bare = (done.path / "model.keras").rename(tmp_path / "mine.keras")
    scored = evaluate(bare, config=config, trust_model=True, device="cpu")
    assert scored.scores.to_json() == done.scores["test"].to_json()


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("keras.src.applications.convnext", "StochasticDepth"),
        ("keras.src.applications.convnext", "LayerScale"),
        ("keras.src.applications.inception_resnet_v2", "CustomScaleLayer"),
        ("keras.src.ops.numpy", "Multiply"),
    ],
)
def test_parts_of_backbones_may_be_named_where_keras_has_them(module, name):
    part = {"module": module, "class_name": name, "config": {"name": "x"}, "registered_name": name}
    text = json.dumps({"class_name": "Functional", "module": "keras", "config": {"layers": [part]}})
    assert wrong_config(text.encode(), None) is None
    elsewhere = wrong_config(text.replace(module, "keras.src.backend").encode(), None)
    assert elsewhere == (
        f"names '{name}' of the module 'keras.src.backend', which is not a part of Keras that a model file may "
        "name"
    )


def test_a_backbone_that_computes_with_plain_operators_is_made_of_keras_parts():
    model = keras.applications.MobileNetV3Small(
        weights=None, include_top=False, input_shape=(32, 32, 3), alpha=0.75
    )
    text = json.dumps(keras.saving.serialize_keras_object(model))
    assert "keras.src.ops.numpy" in text
    assert wrong_config(text.encode(), None) is None
