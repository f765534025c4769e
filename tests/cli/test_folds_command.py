"""`nntrain fit --folds` and `nntrain evaluate` of what it leaves, as a user runs them."""

import json

import pytest

from tests.conftest import BLOBS


def test_folds_end_in_a_table_and_are_scored_again(nntrain, tmp_path):
    (tmp_path / "blobs.yaml").write_text(BLOBS)
    done = nntrain("fit", "blobs.yaml", "training.epochs=2", "--folds", 2, cwd=tmp_path)
    assert done.code == 0, done.err
    told = done.err.splitlines()
    assert [line for line in told if line.startswith("fold ")] == ["fold 1 of 2", "fold 2 of 2"]
    assert [line.split() for line in told].count(["Class", "training", "validation", "test"]) == 1
    lines = done.out.splitlines()
    assert lines[0].split() == ["validation,", "2", "folds", "mean", "std", "baseline"]
    assert lines[2].split()[0] == "accuracy"
    assert any(line.startswith("test, 2 folds") for line in lines)
    (parent,) = [path for path in (tmp_path / "runs" / "blobs").iterdir() if not path.is_symlink()]
    assert lines[-1].startswith(f"wrote runs/blobs/{parent.name} (2 folds in ")

    scored = nntrain("evaluate", "runs/latest", "--json", cwd=tmp_path)
    found = json.loads(scored.out)
    assert (found["ok"], found["split"], found["folds"]) == (True, "test", 2)
    written = json.loads((parent / "metrics.json").read_text())
    assert found["metrics"]["test"] == written["splits"]["test"]
    table = nntrain("evaluate", "runs/latest", "--split", "validation", "--quiet", cwd=tmp_path)
    assert table.out.splitlines()[:3] == lines[:3]
    assert table.out.splitlines()[-1] == "wrote runs/latest/evaluations/validation.json"


def test_json_holds_every_fold(nntrain, tmp_path):
    (tmp_path / "blobs.yaml").write_text(BLOBS)
    done = nntrain("fit", "blobs.yaml", "training.epochs=1", "--folds", 2, "--json", "-q", cwd=tmp_path)
    found = json.loads(done.out)
    assert (found["ok"], found["exit"], found["run"]["name"]) == (True, 0, "blobs")
    assert [fold["epochs"] for fold in found["folds"]] == [1, 1]
    assert found["metrics"]["validation"]["accuracy"]["std"] >= 0


def test_seeds_end_in_a_table_and_name_the_median(nntrain, tmp_path):
    (tmp_path / "blobs.yaml").write_text(BLOBS)
    done = nntrain("fit", "blobs.yaml", "training.epochs=1", "--seeds", 2, cwd=tmp_path)
    assert done.code == 0, done.err
    assert [line for line in done.err.splitlines() if line.startswith("seed ")] == [
        "seed 1 of 2",
        "seed 2 of 2",
    ]
    lines = done.out.splitlines()
    assert lines[0].split() == ["validation,", "2", "seeds", "mean", "std", "baseline"]
    assert "(2 seeds in " in lines[-1]
    assert lines[-1].endswith(("; the median is seed-1)", "; the median is seed-2)"))
    scored = nntrain("evaluate", "runs/latest", "--quiet", cwd=tmp_path)
    assert scored.out.splitlines()[0].split() == ["test,", "2", "seeds", "mean", "std", "baseline"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--seeds", 2, "--smoke"], "--smoke trains with one seed; leave one of them out"),
        (
            ["--seeds", 2, "--folds", 2],
            "--folds and --seeds exclude one another; train the one, then the other",
        ),
        (
            ["--seeds", 2, "--resume", "runs/latest"],
            "--resume goes on with a run as it began, so --seeds says nothing; leave it out",
        ),
    ],
)
def test_what_does_not_go_with_seeds_is_refused(nntrain, tmp_path, options, message):
    (tmp_path / "blobs.yaml").write_text(BLOBS)
    done = nntrain("fit", "blobs.yaml", *options, cwd=tmp_path)
    assert (done.code, done.err) == (2, f"{message}\n")


def test_folds_and_smoke_exclude_one_another(nntrain, tmp_path):
    (tmp_path / "blobs.yaml").write_text(BLOBS)
    done = nntrain("fit", "blobs.yaml", "--folds", 3, "--smoke", cwd=tmp_path)
    assert (done.code, done.err) == (2, "--smoke trains no folds; leave one of them out\n")


def test_folds_of_times_are_refused_before_anything_is_read(nntrain, tmp_path):
    text = BLOBS.replace(
        "type: sklearn\n  name: make_blobs\n  n_samples: 120\n  centers: 3\n  cluster_std: 0.7",
        "type: csv\n  path: rows.csv\n  target: y",
    )
    (tmp_path / "blobs.yaml").write_text(text.replace("test: 0.25", "test: 0.25, by_time: day"))
    done = nntrain("fit", "blobs.yaml", "--folds", 3, cwd=tmp_path)
    assert done.code == 3
    assert done.err == (
        "command line: data.split.fold: would train on rows that are newer than those it is scored on, and by_time "
        "forbids that; divide by time with 'validation' and 'test', or remove by_time\n"
        "       data.split.fold=1/3\n                       ^\n"
    )
