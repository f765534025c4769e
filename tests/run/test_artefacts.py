"""The files that show what the model does: one table, and pictures of each output."""

import csv
from datetime import datetime

import numpy as np
import pytest

from nntrain.config.schema import Evaluation
from nntrain.run.artefacts import write_plots, write_predictions
from nntrain.run.directory import RunDirectory
from nntrain.run.pictured import planned
from nntrain.run.scoring import score
from nntrain.run.target import Target
from nntrain.training.choice import Engine
from nntrain.training.train import Trained
from tests.run.outputs import TARGETS, scored


@pytest.fixture
def run(tmp_path):
    return RunDirectory.create(tmp_path, "x", {}, datetime(2026, 1, 2, 3, 4, 5))


HISTORY = [{"epoch": 1, "loss": 1.0, "kind_loss": 0.5, "width_loss": 0.5, "learning_rate": 0.1}]
TRAINED = Trained(HISTORY, [0.1], best_epoch=None, stopped_early=False, engine=Engine("compiled"))


def plots(run):
    return sorted(path.name for path in run.path.glob("plots/*.png"))


def test_several_outputs_have_pictures_of_their_own(run):
    write_plots(run, planned(TRAINED, scored(*TARGETS), "test"))
    assert plots(run) == [
        "confusion_test_kind.png",
        "errors_test_copy.png",
        "history.png",
        "labels_test_topics.png",
        "predicted_actual_test_size.png",
        "predicted_actual_test_width.png",
        "residuals_test_width.png",
    ]
    assert all(f"plots/{name}" in run.record["sha256"] for name in plots(run))


def test_the_pictures_of_one_output_do_not_name_it(run):
    write_plots(run, planned(TRAINED, scored("topics"), "validation"))
    assert plots(run) == ["history.png", "labels_validation.png"]


def test_rows_that_are_pictures_are_shown(run):
    rows = np.random.default_rng(0).random((3, 8, 8, 1))
    target = Target.of("target", "reconstruction", (), (8, 8, 1), rows)
    found = score(target, rows, rows / 2, np.arange(3), evaluation=Evaluation())
    write_plots(run, planned(TRAINED, {"target": found}, "test"))
    assert plots(run) == ["history.png", "reconstruction_test.png"]


def test_predictions_are_one_table_sorted_as_the_rows_are(run):
    write_predictions(run, "predictions.csv", scored("kind", "copy"))
    with (run.path / "predictions.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [row["row"] for row in rows] == ["3", "0", "12", "7"]
    assert rows[2] == {
        "row": "12",
        "kind.actual": "wasp",
        "kind.predicted": "wasp",
        "kind.p(ant)": "0.2",
        "kind.p(bee)": "0.2",
        "kind.p(wasp)": "0.6",
        "copy.mse": "0.25",
        "copy.mae": "0.5",
    }
