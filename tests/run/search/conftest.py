"""A study as its files, made without training."""

import math
from dataclasses import replace

import pytest

from nntrain import load_config
from nntrain.run.search.ledger import Worker
from nntrain.run.search.study import open_study
from tests.conftest import BLOBS

SEARCH = """
search:
  objective: validation.accuracy
  sampler: random
  trials: {trials}
  space:
    model.layers.0.activation: {{choice: [relu, tanh]}}
    training.optimizer.learning_rate: {{log: [0.0001, 0.1]}}
"""


def values_of(number):
    """What a trial of the study tries, by its number from 1."""
    rate = float(f"{1e-4 * 10 ** (3 * (0.618034 * number % 1)):.6g}")
    return {
        "model.layers.0.activation": ("relu", "tanh")[number % 2],
        "training.optimizer.learning_rate": rate,
    }


def value_of(number):
    """What it comes to: only the learning rate counts."""
    return round(0.9 - abs(math.log10(values_of(number)["training.optimizer.learning_rate"]) + 2.2) / 10, 4)


@pytest.fixture
def make_study(tmp_path):
    """Write a study with trials in these states, one after the other."""

    def make(states, trials=None):
        file = tmp_path / "blobs.yaml"
        file.write_text(BLOBS + SEARCH.format(trials=trials or len(states)))
        study = open_study(load_config(file), tmp_path / "runs")
        worker = Worker(study.path)
        for number, state in enumerate(states, 1):
            trial = study.ledger.begin(worker, lambda trials: values_of(len(trials) + 1))
            value = value_of(number) if state in {"finished", "pruned"} else None
            why = {"failed": "too many <b>parameters", "diverged": "the loss became nan"}.get(state)
            if state != "running":
                study.ledger.end(replace(trial, state=state, value=value, why=why, seconds=1.5))
        worker.close()
        return study.path

    return make
