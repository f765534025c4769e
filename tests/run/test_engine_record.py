"""What a run says of how its steps were computed, and what it asked of the machine in vain."""

import json
from types import SimpleNamespace

import pytest

from nntrain.config.load import load_config
from nntrain.run.fit import fit
from nntrain.run.observer import Silent
from nntrain.run.recipe import without_effect
from nntrain.training.threads import usable_cores

WHOLE = {"name": "compiled", "xla": False, "parts": 1, "replicas": 1, "reason": None}
COUNTING = "Counting looks at every batch, which takes Keras' own loop"
CODE = """
import keras

@keras.saving.register_keras_serializable(package="mine")
class Counting(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        self.seen = getattr(self, "seen", 0) + 1

    def get_config(self):
        return {}
"""


class Notes(Silent):
    def __init__(self):
        self.told = []

    def note(self, text):
        self.told.append(text)


def ran(write_config, tmp_path, *overrides):
    """The engine in the run's record, and the notes."""
    notes = Notes()
    config = load_config(write_config(), ["training.epochs=2", *overrides])
    result = fit(config, tmp_path / "runs", observer=notes)
    return json.loads((result.path / "run.json").read_text())["engine"], notes.told


def test_a_run_says_which_engine_it_had(write_config, tmp_path):
    assert ran(write_config, tmp_path)[0] == WHOLE
    assert ran(write_config, tmp_path, "training.engine=keras")[0] == {**WHOLE, "name": "keras"}


def test_xla_and_parts_of_batches_are_recorded(write_config, tmp_path):
    engine, _ = ran(write_config, tmp_path, "training.xla=true", "training.split_batch=true")
    assert engine == {**WHOLE, "xla": True, "parts": usable_cores()}


def test_a_callback_that_looks_at_every_batch_is_named(write_config, tmp_path):
    file = write_config()
    (file.parent / "counting.py").write_text(CODE)
    config = load_config(file, ["training.epochs=2", "code=counting.py", "training.callbacks=[Counting]"])
    notes = Notes()
    result = fit(config, tmp_path / "runs", allow_code=True, observer=notes)
    engine = json.loads((result.path / "run.json").read_text())["engine"]
    assert engine == {**WHOLE, "name": "keras", "reason": COUNTING}
    assert COUNTING in notes.told


def test_devices_that_are_not_there_are_told(write_config, tmp_path):
    engine, notes = ran(write_config, tmp_path, "training.distribute=mirrored")
    assert engine == WHOLE
    assert "distribute: mirrored finds one device here, which trains alone" in notes


@pytest.mark.parametrize(("device", "told"), [("CPU", []), ("GPU (H200)", ["GPU (H200)"])])
def test_batches_are_split_on_cpus_alone(device, told):
    training = SimpleNamespace(distribute=None, split_batch=True)
    experiment = SimpleNamespace(config=SimpleNamespace(training=training))
    expected = [f"split_batch: true is for CPUs, and has no effect on {name}" for name in told]
    assert list(without_effect(experiment, device)) == expected
