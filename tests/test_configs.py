"""The shipped configs reach what their headers say they reach."""

import os
import re
from pathlib import Path

import pytest

from nntrain import fit, load_config
from tests.conftest import CONFIGS
from tests.test_readme import header

QUICK = sorted(path for path in CONFIGS.glob("*.yaml") if not path.stem.startswith("mnist"))
SLACK = 0.03
"""Another processor or version rounds otherwise; a broken config misses by far more."""
SCORE = re.compile(r"(?:test|training) (accuracy|R2) (\d\.\d+)")


@pytest.mark.parametrize("config", QUICK, ids=lambda path: path.stem)
def test_a_config_reaches_its_figure(config, tmp_path):
    score, figure = SCORE.search(header(config)[1]).groups()
    done = fit(load_config(config), tmp_path / "runs")
    scores = done.scores["test" if "test" in done.scores else "training"]
    reached = scores.to_json()[score.lower()]
    assert reached >= float(figure) - SLACK
    assert reached > scores.to_json()["baseline"][score.lower()]


@pytest.mark.parametrize("name", ["mnist_mlp", "mnist_cnn"])
def test_mnist_is_learnt_in_one_epoch(name, tmp_path):
    home = os.environ.get("NNTRAIN_DATA_HOME")
    if not home or not (Path(home) / "mnist.npz").is_file():
        pytest.skip("needs MNIST: put mnist.npz into a folder and name that in NNTRAIN_DATA_HOME")
    config = load_config(CONFIGS / f"{name}.yaml", ["training.epochs=1"])
    done = fit(config, tmp_path / "runs")
    assert done.scores["test"].model.rows == 10_000
    assert done.scores["test"].model.accuracy > 0.95
