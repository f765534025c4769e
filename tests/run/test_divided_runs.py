"""Runs on rows that are divided by group, weighted, or read from several files, from `fit` to `evaluate`."""

import json

import numpy as np
import pytest

from nntrain import evaluate, fit, fit_folds, load_config

CONFIG = """\
name: people
seed: 2
data:
  type: csv
  path: rows.csv
  target: y
  sample_weight: w
  validation_path: more/val.csv
  test_path: more/test.csv
model:
  layers: [{type: Dense, units: 1, activation: sigmoid}]
training:
  loss: binary_crossentropy
  epochs: 3
  early_stopping: {monitor: val_loss, patience: 1}
"""
SPLIT = CONFIG.replace(
    "  validation_path: more/val.csv\n  test_path: more/test.csv", "  split: {by_group: who}"
)


@pytest.fixture
def config(tmp_path, write_config):
    """A file of 60 rows of 12 people, and two of 10 rows without weights."""
    random = np.random.default_rng(1)
    rows = [f"p{i % 12},{random.normal():.3f},{i % 3},{i % 2}" for i in range(60)]
    (tmp_path / "rows.csv").write_text("who,a,w,y\n" + "\n".join(rows) + "\n")
    (tmp_path / "more").mkdir()
    for name in ("val", "test"):
        held = [f"q{i},{random.normal():.3f},{i % 2}" for i in range(10)]
        (tmp_path / "more" / f"{name}.csv").write_text("who,a,y\n" + "\n".join(held) + "\n")
    return lambda text, *overrides: load_config(write_config(text), overrides)


def test_files_of_their_own_are_found_again_from_anywhere(config, tmp_path, monkeypatch):
    done = fit(config(CONFIG, "data.drop=[who]"), tmp_path / "runs")
    record = json.loads((done.path / "run.json").read_text())
    assert record["data"]["rows"] == {"train": 60, "validation": 10, "test": 10}
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    for split in ("validation", "test"):
        assert evaluate(done.path, split=split).scores.to_json() == done.scores[split].to_json()


def test_a_base_config_s_files_lie_beside_it(config, tmp_path):
    config(CONFIG, "data.drop=[who]")
    (tmp_path / "lower").mkdir()
    child = tmp_path / "lower" / "child.yaml"
    child.write_text("extends: ../blobs.yaml\ndata: {drop: [who]}\n")
    found = load_config(child).data
    assert (found.path, found.validation_path) == ("../rows.csv", "../more/val.csv")
    assert len(fit(load_config(child), tmp_path / "runs").history) >= 2


def test_a_run_by_group_is_scored_again_and_on_new_rows(config, tmp_path):
    done = fit(config(SPLIT), tmp_path / "runs")
    assert any(note.startswith("groups of 'who', each in one split: ") for note in done.notes)
    assert evaluate(done.path).scores.to_json() == done.scores["test"].to_json()
    (tmp_path / "new.csv").write_text("a,y\n0.1,0\n0.2,1\n")
    assert evaluate(done.path, data=tmp_path / "new.csv").scores.model.rows == 2


def test_folds_keep_groups_whole_and_all_score_new_rows(config, tmp_path):
    done = fit_folds(config(SPLIT, "training.early_stopping=null"), 3, tmp_path / "runs")
    seen = []
    for run in done.runs:
        log = (run.path / "log.txt").read_text()
        assert "note: groups of 'who', each in one split: " in log
        rows = json.loads((run.path / "run.json").read_text())["data"]["rows"]
        seen.append(rows["validation"])
    assert sum(seen) == 60 - rows["test"]
    assert all(count % 5 == 0 for count in [*seen, rows["test"]])  # five rows a person
    (tmp_path / "new.csv").write_text("a,y\n0.1,0\n0.2,1\n-1,1\n")
    scored = evaluate(done.path, data=tmp_path / "new.csv")
    (name,) = scored.metrics()
    assert name == str(tmp_path / "new.csv")
    assert scored.metrics()[name]["rows"]["folds"] == [3, 3, 3]
    assert scored.written == done.path / "evaluations/new.json"
