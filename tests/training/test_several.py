"""A network with several inputs and outputs is trained as `model.fit` trains it."""

import keras
import numpy as np

from nntrain import load_config
from nntrain.run.experiment import prepare
from nntrain.run.observer import Silent
from nntrain.run.reading import read_data
from nntrain.run.recipe import recipe
from nntrain.training.recipe import EVALUATION_BATCH
from nntrain.training.train import train

CONFIG = """\
seed: 4
data:
  type: sklearn
  name: iris
  inputs: {sepal: [sepal length (cm), sepal width (cm)], petal: [petal length (cm)]}
  targets: {species: target, width: petal width (cm)}
model:
  layers:
    - {name: s, type: Dense, units: 4, activation: relu, inputs: sepal}
    - {name: p, type: Dense, units: 4, activation: relu, inputs: petal}
    - {type: Concatenate, inputs: [s, p]}
    - {name: drop, type: Dropout, rate: 0.2}
    - {name: species, type: Dense, units: 3, activation: softmax, inputs: drop}
    - {name: width, type: Dense, units: 1, inputs: drop}
  outputs: [species, width]
training:
  loss: {species: sparse_categorical_crossentropy, width: mse}
  loss_weights: {species: 1.0, width: 0.3}
  metrics: {species: [accuracy], width: [mae]}
  epochs: 3
  batch_size: 16
  shuffle: false
"""


def test_without_shuffling_several_outputs_are_model_fit_bit_for_bit(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text(CONFIG)
    config = load_config(file)
    keras.utils.set_random_seed(config.seed)
    ours = prepare(config, read_data(config))
    data = ours.dataset
    arrays = (dict(data.train.inputs), ours.targets(data.train))
    held_out = (dict(data.validation.inputs), ours.targets(data.validation))
    done = train(
        ours.model, arrays, held_out, recipe(config, "CPU"), Silent(), lambda row: None, lambda: False
    )

    keras.utils.clear_session(free_memory=False)
    keras.utils.set_random_seed(config.seed)
    twin = ours.fresh_model()
    before = twin.get_weights()
    twin.compile(
        "adam",
        loss={"species": "sparse_categorical_crossentropy", "width": "mse"},
        loss_weights={"species": 1.0, "width": 0.3},
        metrics={"species": ["accuracy"], "width": ["mae"]},
    )
    told = twin.fit(
        *arrays,
        epochs=3,
        batch_size=16,
        shuffle=False,
        verbose=0,
        validation_data=held_out,
        validation_batch_size=EVALUATION_BATCH,
    ).history
    pairs = list(zip(ours.model.get_weights(), twin.get_weights(), before, strict=True))
    assert all(np.array_equal(mine, theirs) for mine, theirs, _ in pairs)
    assert not any(np.array_equal(mine, first) for mine, _, first in pairs)
    for name, values in told.items():
        assert np.float32([row[name] for row in done.history]).tolist() == values, name
