"""The shipped configs reach what their headers say they reach, and predict what they were scored with."""

import gzip
import os
import re
import runpy
import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from pyarrow import parquet

from nntrain import fit, load_config
from tests.conftest import CONFIGS
from tests.course import FOLDER, header_of
from tests.data.openml_site import Site, served
from tests.run.prediction.own_rows import check_config
from tests.test_readme import header

ELSEWHERE = {"mnist_mlp.yaml", "mnist_cnn.yaml", "phonemes_openml.yaml"}
"""Their rows are not in this repository."""
OF_THE_COURSE = [
    FOLDER / name
    for name in ("perceptron/a_greater_b.yaml", "perceptron/a_greater_b_learnt.yaml", "perceptron/xor.yaml")
]
"""Those of the course that are trained here; tests/test_course.py has a shorter look at every one."""
QUICK = [*sorted(path for path in CONFIGS.glob("*.yaml") if path.name not in ELSEWHERE), *OF_THE_COURSE]
SLACK = 0.03
"""Another processor or version rounds otherwise; a broken config misses by far more."""
SPLIT = re.compile(r"(test|training) (?=accuracy|R2|mean IoU)")
SCORE = re.compile(r"(accuracy|R2|mean IoU)(?: of (\w+))? (\d\.\d+)")
"""`accuracy 0.98`, or `accuracy of species 0.93, R2 of width 0.92` for several outputs."""


def promised(config):
    """The split, and each score that a header names with its output and its figure."""
    measured = header_of(config).measured if config in OF_THE_COURSE else header(config)[1]
    return SPLIT.search(measured)[1], SCORE.findall(measured)


@pytest.mark.parametrize("config", QUICK, ids=lambda path: path.stem)
def test_a_config_reaches_its_figures(config, tmp_path):
    split, figures = promised(config)
    done = fit(load_config(config), tmp_path / "runs")
    assert {output or next(iter(done.outputs)) for _, output, _ in figures} == set(done.outputs)
    for score, output, figure in figures:
        scores = (done.outputs[output] if output else done.scores)[split].to_json()
        key = score.lower().replace(" ", "_")
        assert scores[key] >= float(figure) - SLACK
        assert scores[key] > scores["baseline"][key]
    assert [one for one in done.expectations if not one.met and one.name != "seconds"] == []
    check_config(done.path, load_config(config), tmp_path)


def test_every_config_was_found():
    found = {path.name for path in CONFIGS.iterdir() if path.suffix in {".yaml", ".yml"}}
    assert {path.name for path in QUICK if path not in OF_THE_COURSE} == found - ELSEWHERE
    assert len(found) > 15
    assert all(load_config(path).version == 1 for path in CONFIGS.rglob("*.yaml"))
    assert all("version: 1\n" in path.read_text() for path in CONFIGS.rglob("*.yaml"))


@pytest.mark.parametrize("script", sorted((CONFIGS / "data").glob("make_*.py")), ids=lambda path: path.stem)
def test_shipped_files_are_what_their_script_writes(script, tmp_path):
    runpy.run_path(shutil.copy(script, tmp_path), run_name="__main__")
    written = [file for file in tmp_path.rglob("*") if file.is_file() and file.name != script.name]
    assert written
    for file in written:
        assert content(file) == content(CONFIGS / "data" / file.relative_to(tmp_path)), file.name


def content(file):
    """What a file says; its bytes may depend on the version of the library that wrote it."""
    if file.suffix == ".parquet":
        return parquet.read_table(file).to_pydict()
    if file.suffix == ".tfrecord":
        records = tf.data.TFRecordDataset(str(file)).as_numpy_iterator()
        return [tf.train.Example.FromString(record) for record in records]
    if file.suffix == ".png":
        return np.asarray(Image.open(file)).tolist()
    return gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()


def test_the_config_of_openml_trains_on_a_set_of_its_shape(tmp_path, monkeypatch):
    monkeypatch.setenv("NNTRAIN_DATA_HOME", str(tmp_path / "home"))
    columns = [f"V{i}" for i in range(1, 6)]
    draw = np.random.default_rng(0)
    values = draw.normal(size=(400, 5))
    kinds = 1 + (values[:, 0] * values[:, 1] > 0)  # no straight line parts them
    lines = [",".join([*map(str, row), str(kind)]) for row, kind in zip(values, kinds, strict=True)]
    head = [f"@ATTRIBUTE {name} NUMERIC" for name in columns] + ["@ATTRIBUTE Class {1, 2}"]
    arff = "\n".join(["@RELATION phoneme", *head, "@DATA", *lines]) + "\n"
    types = dict.fromkeys(columns, "numeric") | {"Class": "nominal"}
    served(monkeypatch, Site(arff=arff, target="Class", types=types))
    done = fit(load_config(CONFIGS / "phonemes_openml.yaml"), tmp_path / "runs")
    scores = done.scores["test"]
    assert [row.name for row in scores.model.per_class] == ["1", "2"]
    assert scores.model.accuracy > 0.85 > scores.baseline.accuracy + 0.2


@pytest.mark.parametrize(("name", "rows"), [("mnist_mlp", 54_000), ("mnist_cnn", 25_000)])
def test_mnist_is_learnt_in_one_epoch(name, rows, tmp_path):
    home = os.environ.get("NNTRAIN_DATA_HOME")
    if not home or not (Path(home) / "mnist.npz").is_file():
        pytest.skip("needs MNIST: put mnist.npz into a folder and name that in NNTRAIN_DATA_HOME")
    config = load_config(CONFIGS / f"{name}.yaml", ["training.epochs=1", f"training.rows={rows}"])
    done = fit(config, tmp_path / "runs")
    assert done.scores["test"].model.rows == 10_000
    assert done.scores["test"].model.accuracy > 0.95
