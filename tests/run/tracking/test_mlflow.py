"""What MLflow is told, read back by its own client."""

import json
import math
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from nntrain import fit, load_config
from nntrain.errors import ConfigError
from nntrain.run.resume import resume
from nntrain.run.signals import Interrupted
from nntrain.run.tracking import mlflow as tracker
from nntrain.run.tracking.mlflow import flat, without_password
from tests.conftest import BLOBS
from tests.run.breaker import Breaker

TRACKED = f"{BLOBS}  mlflow: {{tracking_uri: 'URI', experiment: flowers}}\n"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """A client of a store in a folder."""
    pytest.importorskip("mlflow", reason="needs the extra 'mlflow'")
    from mlflow.tracking import MlflowClient

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
        patch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        yield MlflowClient(tracking_uri=tmp_path_factory.mktemp("store").as_uri())


@pytest.fixture(scope="module")
def finished(client, tmp_path_factory):
    """A run that was interrupted in its second epoch and gone on with, from an older checkpoint than MLflow knows."""
    folder = tmp_path_factory.mktemp("tracked")
    file = folder / "blobs.yaml"
    file.write_text(TRACKED.replace("URI", client.tracking_uri))
    with pytest.raises(Interrupted):
        fit(load_config(file), folder / "runs", observer=Breaker(0))
    (path,) = (run for run in (folder / "runs" / "blobs").iterdir() if not run.is_symlink())
    told = json.loads((path / "run.json").read_text())["tracking"]["mlflow"]
    before = client.get_run(told["run_id"]).info.status
    client.log_metric(told["run_id"], "loss", 0.5, step=3)  # of an epoch that a kill took away
    return SimpleNamespace(path=path, result=resume(path), told=told, before=before)


def test_a_run_that_goes_on_goes_on_in_mlflow(finished, client):
    assert finished.before == "KILLED"
    assert finished.told["experiment"] == "flowers"
    (run,) = client.search_runs([client.get_experiment_by_name("flowers").experiment_id])
    assert (run.info.run_id, run.info.status) == (finished.told["run_id"], "FINISHED")
    record = json.loads((finished.path / "run.json").read_text())
    assert record["tracking"]["mlflow"] == finished.told


def test_each_epoch_is_told_once(finished, client):
    points = client.get_metric_history(finished.told["run_id"], "val_loss")
    rows = [row for row in finished.result.history if row["epoch"] != 3]  # which it was told already
    assert [(point.step, point.value) for point in points] == [
        (row["epoch"], row["val_loss"]) for row in rows
    ]
    assert [p.step for p in client.get_metric_history(finished.told["run_id"], "loss")] == [1, 2, 3, 4, 5]


def test_settings_scores_and_files_are_there(finished, client):
    run = client.get_run(finished.told["run_id"])
    assert run.data.params["training.optimizer.learning_rate"] == "0.05"
    assert run.data.params["model.layers.0.units"] == "8"
    scores = finished.result.scores["test"].to_json()
    assert run.data.metrics["test.accuracy"] == scores["accuracy"]
    assert math.isclose(run.data.metrics["test.log_loss"], scores["log_loss"])
    kept = Path(urlsplit(run.info.artifact_uri).path)  # MLflow 3.1 lists those of another store
    assert {file.name for file in kept.iterdir()} == {"config.yaml", "history.csv", "plots", "resolved.yaml"}
    assert (kept / "plots/history.png").is_file()


def test_a_tracked_run_has_the_bits_of_one_that_is_not(finished, finished_run):
    assert finished.result.history == finished_run.result.history


def test_a_server_that_can_not_be_reached_costs_one_note(client, tmp_path, finished_run):
    file = tmp_path / "blobs.yaml"
    file.write_text(TRACKED.replace("URI", "http://127.0.0.1:9"))
    told = Breaker()
    done = fit(load_config(file), tmp_path / "runs", observer=told)
    assert done.history == finished_run.result.history
    notes = [text for text in told.told if text.startswith("MLflow's run can't be written any more")]
    assert len(notes) == 1
    record = json.loads((done.path / "run.json").read_text())
    assert record["status"] == "finished"
    assert list(record["tracking"]["mlflow"]) == ["failed"]
    shutil.rmtree(done.path)


def test_a_missing_client_is_told_before_training(write_config, tmp_path, monkeypatch):
    monkeypatch.setattr(tracker, "find_spec", lambda name: None)
    with pytest.raises(ConfigError) as raised:
        fit(load_config(write_config(f"{BLOBS}  mlflow: true\n")), tmp_path / "runs")
    (problem,) = raised.value.problems
    assert (
        problem.message == "MLflow's client is not installed; pip install 'nntrain[mlflow]', or remove this"
    )
    assert (problem.key, problem.location.line, problem.id) == (("training", "mlflow"), 22, "missing-extra")
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_client_that_can_not_be_imported_costs_a_note(write_config, tmp_path, monkeypatch):
    package = tmp_path / "broken" / "mlflow"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("from os import nothing\n")
    monkeypatch.syspath_prepend(package.parent)
    for name in [name for name in sys.modules if name.partition(".")[0] == "mlflow"]:
        monkeypatch.delitem(sys.modules, name)
    done = fit(
        load_config(write_config(f"{BLOBS}  mlflow: true\n"), ["training.epochs=1"]), tmp_path / "runs"
    )
    said = "note: MLflow's run can't be written any more, and training goes on: cannot import name 'nothing'"
    assert said in (done.path / "log.txt").read_text()
    assert list(json.loads((done.path / "run.json").read_text())["tracking"]["mlflow"]) == ["failed"]


def test_settings_are_told_by_their_keys():
    values = {
        "a": {"b": [{"c": 1}, {"c": 2}], "d": None, "e": [1, 2]},
        "expect": {"test.f1": "> 0.9"},
        "ü": True,
    }
    assert dict(flat(values)) == {
        "a.b.0.c": "1",
        "a.b.1.c": "2",
        "a.e": "[1, 2]",
        "expect.test.f1": "> 0.9",
        "_": "True",
    }


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("https://me:secret@host:5000/x@y", "https://host:5000/x@y"),
        ("http://localhost:5000", "http://localhost:5000"),
        ("file:mlruns", "file:mlruns"),
        ("file:///a/b@c", "file:///a/b@c"),
    ],
)
def test_a_password_is_not_written_down(uri, shown):
    assert without_password(uri) == shown
