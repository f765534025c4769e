"""`evaluate --plot`: what was scored is drawn beside its scores, by what draws the pictures of a run."""

import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from nntrain import evaluate, load_config
from nntrain.errors import UsageError
from nntrain.run.insides import of_rows
from nntrain.run.verify import verify
from tests.cli.in_process import run_command

KINDS = ["confusion", "precision_recall", "reliability", "roc"]
SERIES = """\
name: s
data: {type: series, path: s.csv, target: level, window: 3%s}
model: {layers: [Flatten, {type: Dense, units: 1}]}
training: {loss: mean_squared_error, epochs: 1}
"""


def test_new_rows_are_drawn_beside_their_scores(finished_run, tmp_path, monkeypatch, capsys):
    from sklearn.datasets import make_blobs

    run = tmp_path / "run"
    shutil.copytree(finished_run.path, run)
    x, y = make_blobs(n_samples=60, centers=3, cluster_std=0.7, random_state=0)
    np.savez(tmp_path / "new.npz", x=x, y=y)
    done = run_command(
        monkeypatch, capsys, "evaluate", run, "--data", tmp_path / "new.npz", "--plot", "--quiet"
    )
    assert done.code == 0
    folder = run / "evaluations" / "new"
    assert f"drew 4 pictures in {folder}/, each as PNG and SVG" in " ".join(done.out.split()).replace(
        "\n", ""
    )
    assert sorted(file.name for file in folder.iterdir()) == [
        f"{k}.{e}" for k in KINDS for e in ("png", "svg")
    ]
    known = json.loads((run / "manifest.json").read_text())
    assert "evaluations/new/roc.png" in json.dumps(known)
    assert verify(run).error is None
    again = evaluate(run, data=tmp_path / "new.npz", plot=True)
    assert again.pictures[0] == folder / "confusion.png"
    assert again.to_json()["pictures"][0] == str(folder / "confusion.png")


def test_a_bare_model_has_no_place_for_pictures(finished_run):
    with pytest.raises(UsageError) as caught:
        evaluate(finished_run.path / "model.keras", config=load_config(finished_run.config), plot=True)
    bare = f"{finished_run.path / 'model.keras'} is a bare model"
    assert str(caught.value) == f"{bare}, and pictures are kept in a run; leave out --plot"


@pytest.mark.parametrize(
    ("group", "series", "kept", "what"),
    [
        ("", None, [0, 1, 2, 3, 4], ""),
        (", group: port", ["a", "b", "b", "a", "b"], [1, 2, 4], "'b', one of 2 series"),
    ],
)
def test_of_several_series_the_longest_is_drawn(group, series, kept, what, write_config):
    numbers = np.arange(5.0)
    scored = SimpleNamespace(
        truth=numbers, outputs=numbers[:, None], index=np.arange(5), target=SimpleNamespace(names=())
    )
    rows = SimpleNamespace(series=None if series is None else np.array(series, object))
    config = load_config(write_config(SERIES % group))
    ((kind, found),) = of_rows(config, None, {}, rows, scored)
    assert kind == "forecast"
    assert found["index"].tolist() == found["actual"].tolist() == found["predicted"].tolist() == kept
    assert found["what"] == what
