"""`evaluate` refuses what it can't vouch for, and scores runs, models and new rows alike."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from nntrain import evaluate, fit, load_config
from nntrain.errors import ArtefactError, ConflictError, DataError, UsageError
from nntrain.run.directory import RunDirectory
from nntrain.run.lock import RunLock


@pytest.fixture
def copied_run(finished_run, tmp_path):
    """A copy that a test may damage."""
    path = tmp_path / "run"
    shutil.copytree(finished_run.path, path)
    return path


def change_record(path, **changes):
    file = path / "run.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def text_of(error, call, *arguments, **options):
    with pytest.raises(error) as raised:
        call(*arguments, **options)
    return str(raised.value)


def test_a_bare_model_scores_as_its_run_did(finished_run):
    scored = evaluate(
        finished_run.path / "model.keras", config=load_config(finished_run.config), trust_model=True
    )
    assert scored.scores.to_json() == finished_run.result.scores["test"].to_json()
    assert scored.written is None


def test_examples_show_actual_and_predicted(finished_run):
    scored = evaluate(finished_run.path, split="training", examples=4)
    assert scored.split == "training"
    assert [set(row) for row in scored.examples] == [{"row", "actual", "predicted"}] * 4


def test_a_file_of_new_rows_is_scored_with_the_runs_own_preprocessing(finished_run, tmp_path):
    from sklearn.datasets import make_blobs

    x, y = make_blobs(n_samples=120, centers=3, cluster_std=0.7, random_state=0)
    file = tmp_path / "new.npz"
    np.savez(file, x=x, y=y)
    scored = evaluate(finished_run.path, data=file)
    assert scored.scores.model.rows == 120
    assert scored.scores.model.accuracy > 0.9
    assert scored.written.name == "new.json"


def test_new_rows_need_nothing_but_the_run(finished_run, copied_run, tmp_path):
    from sklearn.datasets import make_blobs

    change_record(copied_run, config={"file": "/gone/blobs.yaml", "overrides": []}, data={"fingerprint": "?"})
    x, y = make_blobs(n_samples=120, centers=3, cluster_std=0.7, random_state=0)
    file = tmp_path / "new.npz"
    np.savez(file, x=x, y=y)
    moved, own = evaluate(copied_run, data=file), evaluate(finished_run.path, data=file)
    assert moved.scores.to_json() == own.scores.to_json()
    assert moved.scores.baseline.accuracy == pytest.approx(1 / 3)


def test_a_regression_run_knows_its_mean_baseline_without_its_data(tmp_path):
    config = tmp_path / "c.yaml"
    config.write_text(
        "data: {type: sklearn, name: make_regression, n_samples: 60, n_features: 2, n_informative: 2}\n"
        "model: {layers: [{type: Dense, units: 1}]}\n"
        "training: {loss: mse, epochs: 1}\n"
    )
    run = fit(load_config(config), tmp_path / "runs")
    data = {"fingerprint": "of other rows"}
    change_record(run.path, data=data)
    with (run.path / "predictions.csv").open() as stream:
        test = [row["row"] for row in csv.DictReader(stream)]
    from sklearn.datasets import make_regression

    x, y = make_regression(n_samples=60, n_features=2, n_informative=2, random_state=0)
    rows = np.asarray(test, int)
    np.savez(tmp_path / "test.npz", x=x[rows], y=y[rows])
    again = evaluate(run.path, data=tmp_path / "test.npz")
    assert again.scores.to_json() == run.scores["test"].to_json()
    assert again.written == run.path / "evaluations/test.npz.json"  # the test split's scores stay


def test_the_file_that_was_trained_on_is_told(tmp_path):
    random = np.random.default_rng(0)
    np.savez(tmp_path / "rows.npz", x=random.normal(size=(60, 2)), y=random.normal(size=60))
    shutil.copy(tmp_path / "rows.npz", tmp_path / "other.npz")
    config = tmp_path / "c.yaml"
    config.write_text(
        "data: {type: npz, path: rows.npz}\nmodel: {layers: [{type: Dense, units: 1}]}\n"
        "training: {loss: mse, epochs: 1}\n"
    )
    run = fit(load_config(config), tmp_path / "runs")
    told = (
        "the network was trained on rows of rows.npz, which flatter the scores; without --data the rows that it "
        "has not seen are scored"
    )
    assert evaluate(run.path, data=tmp_path / "rows.npz").notes[0] == told
    assert told not in evaluate(run.path, data=tmp_path / "other.npz").notes


def test_a_missing_run_names_the_nearest(finished_run):
    found = text_of(ArtefactError, evaluate, finished_run.runs / "blubs")
    assert found == f"there is no run at {finished_run.runs / 'blubs'} (did you mean 'blobs'?)"


def test_a_name_alone_names_the_latest_run_of_that_name(finished_run, monkeypatch):
    monkeypatch.chdir(finished_run.runs.parent)
    assert finished_run.runs.name == "runs"
    found = text_of(ArtefactError, evaluate, Path("blobs"))
    assert found == "there is no run at blobs (did you mean 'runs/blobs/latest'?)"
    with pytest.raises(ArtefactError) as caught:
        RunDirectory.open(finished_run.config)
    assert str(caught.value) == (
        f"{finished_run.config} is a file; name a run's directory, or a .keras file (did you mean "
        "'runs/blobs/latest'?)"
    )
    found = text_of(ArtefactError, evaluate, Path("moons/latest"))
    assert found == "there is no run at moons/latest; nntrain runs lists those that there are"


def test_a_folder_of_runs_is_no_run(finished_run):
    folder = finished_run.runs / "blobs"
    found = text_of(ArtefactError, evaluate, folder)
    names = sorted({finished_run.path.name, "latest"})
    assert found == f"{folder} is no run: it has no run.json; it holds the runs {', '.join(names)}"


def test_a_damaged_record_is_named(copied_run):
    (copied_run / "run.json").write_text("{")
    found = text_of(ArtefactError, evaluate, copied_run)
    assert found.startswith(f"{copied_run}/run.json: the record is damaged: Expecting property name")


def test_a_record_of_something_else_is_refused(copied_run):
    change_record(copied_run, schema="other/1")
    found = text_of(ArtefactError, evaluate, copied_run)
    assert (
        found == f"{copied_run}/run.json: is not the record of a run: schema 'other/1', not 'nntrain.run/1'"
    )


@pytest.mark.parametrize("name", ["weights.safetensors", "resolved.yaml"])
def test_a_changed_artefact_is_refused(copied_run, name):
    file = copied_run / name
    file.write_bytes(file.read_bytes() + b" ")
    found = text_of(ArtefactError, evaluate, copied_run)
    assert found.startswith(f"{file}: the file was changed after the run: its SHA-256 is ")


def test_missing_weights_are_named(copied_run):
    (copied_run / "weights.safetensors").unlink()
    found = text_of(ArtefactError, evaluate, copied_run)
    assert (
        found
        == f"{copied_run}/weights.safetensors: the file is missing from the run; bring back what was written, or train again"
    )


def test_a_run_is_scored_without_the_file_for_other_programs(copied_run):
    (copied_run / "model.keras").write_bytes(b"whatever stands here is never read")
    assert evaluate(copied_run).split == "test"


def test_a_run_of_an_older_nntrain_says_how_its_model_can_be_scored(copied_run):
    record = json.loads((copied_run / "run.json").read_text())
    (copied_run / "weights.safetensors").unlink()
    del record["sha256"]["weights.safetensors"]
    change_record(copied_run, sha256=record["sha256"])
    assert text_of(ArtefactError, evaluate, copied_run) == (
        f"the run was made by an older nntrain and has no weights.safetensors; score its model with nntrain "
        f"evaluate {copied_run}/model.keras --config {copied_run}/resolved.yaml --trust-model"
    )


def test_a_failed_run_says_why(copied_run):
    change_record(copied_run, status="failed", failure={"exit": 6, "message": "the loss became nan"})
    found = text_of(ArtefactError, evaluate, copied_run)
    assert found == f"the run {copied_run} failed, so it has no scores: the loss became nan"


def test_a_run_whose_process_is_gone_was_killed(copied_run):
    change_record(copied_run, status="running", process=2**22 + 12345)
    found = text_of(ArtefactError, evaluate, copied_run)
    assert found == (
        f"the run {copied_run} was killed after epoch 5, so it has no scores; "
        f"go on with: nntrain resume {copied_run}"
    )


def test_a_run_that_goes_on_is_left_alone(copied_run):
    change_record(copied_run, status="running")
    with RunLock(copied_run, copied_run):
        found = text_of(ConflictError, evaluate, copied_run)
    assert found == f"the run {copied_run} is still going; wait until it has finished"


def test_changed_data_are_a_conflict(tmp_path):
    data = tmp_path / "rows.csv"
    rows = [f"{i % 7},{i % 5},{int(i % 7 > i % 5)}" for i in range(60)]
    data.write_text("a,b,y\n" + "\n".join(rows) + "\n")
    config = tmp_path / "c.yaml"
    config.write_text(
        "data: {type: csv, path: rows.csv, target: y}\n"
        "model: {layers: [{type: Dense, units: 1, activation: sigmoid}]}\n"
        "training: {loss: binary_crossentropy, epochs: 1}\n"
    )
    run = fit(load_config(config), tmp_path / "runs").path
    assert evaluate(run).split == "test"
    data.write_text(data.read_text().replace("6,1,1", "6,1,0", 1))
    found = text_of(ConflictError, evaluate, run)
    recorded = json.loads((run / "run.json").read_text())["data"]["fingerprint"]
    assert found.startswith(f"the data are not those that {run} was trained on: their SHA-256 is ")
    assert found.endswith(
        f"..., recorded is {recorded[:12]}...; bring those data back, or score new rows with --data"
    )


def test_a_model_of_other_layers_is_refused(finished_run, write_config):
    config = load_config(write_config(), ["model.layers.0.units=4"])
    file = finished_run.path / "model.keras"
    found = text_of(ArtefactError, evaluate, file, config=config, trust_model=True)
    assert found == (
        f"{file}: holds 'layers/dense/vars/0' (2, 8) float32, and the config's layers have (2, 4) float32"
    )


def test_a_model_that_nobody_vouches_for_is_not_opened(finished_run, tmp_path):
    config = load_config(finished_run.config)
    file = tmp_path / "model.keras"
    file.write_bytes(b"not even looked at")
    found = text_of(ArtefactError, evaluate, file, config=config)
    vouch = (
        f"{file} is a model file that no run vouches for; if you know where it comes from, add --trust-model"
    )
    assert found == vouch
    file = finished_run.path / "model.keras"
    found = text_of(ArtefactError, evaluate, file, config=config)
    assert found == (
        f"{file} is a model file that no run vouches for; if you know where it comes from, add "
        f"--trust-model; for the run's own scores, name {finished_run.path}"
    )


def test_a_file_that_is_no_model_is_refused(tmp_path, write_config):
    file = tmp_path / "broken.keras"
    file.write_bytes(b"PK\x03\x04 cut off")
    found = text_of(ArtefactError, evaluate, file, config=load_config(write_config()), trust_model=True)
    assert found == f"{file}: is not a .keras file, or was cut off"
    missing = tmp_path / "gone.keras"
    found = text_of(ArtefactError, evaluate, missing, config=load_config(write_config()))
    assert found == f"there is no file {missing}"


def test_arguments_that_exclude_one_another(finished_run, write_config):
    config = load_config(write_config())
    path = finished_run.path
    assert text_of(UsageError, evaluate, path, split="test", data="x.npz") == (
        "--split and --data exclude one another: a file is scored as a whole"
    )
    assert text_of(UsageError, evaluate, path, config=config) == (
        "--config goes with a .keras file; a run has its own config"
    )
    assert text_of(UsageError, evaluate, path / "model.keras") == (
        f"{path}/model.keras is a bare model; add --config FILE, the config that it was trained with, and "
        "--trust-model if you know where it comes from"
    )


def test_a_split_that_is_not_there(write_config, tmp_path):
    config = load_config(write_config(), ["data.split.test=0", "training.epochs=1"])
    run = fit(config, tmp_path / "runs").path
    assert evaluate(run).split == "validation"
    assert text_of(UsageError, evaluate, run, split="test") == (
        "the config holds out no test rows; it has training, validation"
    )


def test_new_rows_of_another_shape_are_refused(finished_run, tmp_path):
    file = tmp_path / "new.npz"
    np.savez(file, x=np.zeros((4, 3)), y=np.zeros(4, int))
    assert str(file) in text_of(DataError, evaluate, finished_run.path, data=file)
