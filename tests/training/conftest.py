import keras
import numpy as np
import pytest
import yaml

from nntrain.config.load import load_config
from nntrain.data.dataset import Dataset, Rows, TargetInfo
from nntrain.run.experiment import Experiment, build_for
from nntrain.run.observer import Silent
from nntrain.run.recipe import recipe, weights_of_rows
from nntrain.training.train import train

DENSE = {"type": "Dense", "units": 1, "activation": "sigmoid"}


class Recorder(Silent):
    """Notes what training says."""

    def __init__(self):
        self.steps = []
        self.reasons = []

    def step(self, epoch, step, loss):
        self.steps.append((epoch, step, loss))

    def stopped(self, reason):
        self.reasons.append(reason)


class Lesson:
    """A config and made-up data, trained as `fit` trains them."""

    def __init__(self, config, dataset):
        keras.utils.clear_session(free_memory=False)
        keras.utils.set_random_seed(config.seed)
        self.config, self.dataset = config, dataset
        self.experiment = Experiment(config, dataset, build_for(config, dataset))
        self.model = self.experiment.model
        self.rows = []
        self.observer = Recorder()

    @property
    def arrays(self):
        weights = weights_of_rows(self.config, self.dataset)
        targets = self.experiment.targets(self.dataset.train)
        return (self.dataset.train.x, targets, *(() if weights is None else (weights,)))

    @property
    def held_out(self):
        rows = self.dataset.validation
        return rows and (rows.x, self.experiment.targets(rows))

    def train(self, stop=lambda: False):
        how = recipe(self.config, "CPU")
        return train(self.model, self.arrays, self.held_out, how, self.observer, self.rows.append, stop)


def rows_of(x, y, classes):
    kind = np.int64 if classes else np.float32
    inputs, targets = {"features": np.asarray(x, np.float32)}, {"target": np.asarray(y, kind)}
    return Rows(inputs, targets, np.arange(len(y)))


@pytest.fixture
def blobs():
    """Rows `(n, 3)` of two or three classes that a line keeps apart, in turn."""

    def make(classes=2, n=60, seed=0):
        generator = np.random.default_rng(seed)
        centres = np.asarray([[2, 2, 0], [-2, -2, 1], [2, -2, -3]], float)
        y = np.arange(n) % classes
        return centres[y] + generator.normal(size=(n, 3)) * 0.5, y

    return make


@pytest.fixture
def lesson(tmp_path, blobs):
    """Makes a `Lesson`; `training`, `layers` and the data may be given."""

    def make(layers=(DENSE,), classes=2, data=None, validation=False, seed=3, **training):
        x, y = blobs(classes or 2) if data is None else data
        held_out = rows_of(x[::3], y[::3], classes) if validation else None
        names = ("a", "b", "c")[:classes]
        task = "classification" if classes else "regression"
        rows = rows_of(x, y, classes)
        target = TargetInfo("target", task, names, ())
        dataset = Dataset(rows, held_out, rows, (target,), {"features": ()}, {}, "", "made up")
        settings = {"loss": "binary_crossentropy", "epochs": 3, "batch_size": 16, **training}
        split = {"validation": 0.2 if validation else 0.0}
        content = {
            "seed": seed,
            "data": {"type": "npz", "path": "x.npz", "split": split},
            "model": {"layers": list(layers)},
            "training": settings,
        }
        file = tmp_path / "config.yaml"
        file.write_text(yaml.safe_dump(content))
        return Lesson(load_config(file), dataset)

    return make
