"""What training is given: rows drawn anew, rows that are weighted, and what is said of them."""

import json

import numpy as np
import pytest

from nntrain import fit, load_config
from nntrain.errors import ConfigError
from nntrain.run.balance import Balance, balances
from nntrain.run.observer import Silent
from nntrain.run.reading import read_data
from nntrain.run.training_rows import training_rows

CONFIG = """\
name: rare
seed: 5
data:
  type: csv
  path: rows.csv
  target: kind
  split: {validation: 0.2, test: 0.2}
  preprocess: {numeric: {scale: standard}}
model:
  layers: [{type: Dense, units: 1, activation: sigmoid}]
training:
  loss: binary_crossentropy
  epochs: 2
  batch_size: 8
"""


@pytest.fixture
def config(tmp_path, write_config):
    """Rows of which one in five is rare, with a weight each."""
    random = np.random.default_rng(0)
    rows = [f"{random.normal():.3f},{i % 4},{'rare' if i % 5 == 0 else 'usual'}" for i in range(100)]
    (tmp_path / "rows.csv").write_text("a,w,kind\n" + "\n".join(rows) + "\n")
    path = write_config(CONFIG)
    return lambda *overrides: load_config(path, ["data.drop=[w]", *overrides])


def test_resampling_changes_the_training_rows_alone(config):
    over = config("training.resample=over")
    dataset = read_data(over)
    given = training_rows(over, dataset)
    assert np.bincount(given.rows.y).tolist() == [51, 51]
    assert set(given.rows.index) == set(dataset.train.index)
    positions = {row: i for i, row in enumerate(dataset.train.index)}
    for i, row in enumerate(given.rows.index):
        np.testing.assert_array_equal(given.rows.x[i], dataset.train.x[positions[row]])
    assert (len(dataset.validation), len(dataset.test)) == (16, 20)
    assert dataset.train.x.mean() == pytest.approx(0, abs=1e-6)  # preprocessing saw each row once


def test_a_run_says_how_its_rows_were_drawn(config, tmp_path):
    observer = Told()
    done = fit(config("training.resample=under"), tmp_path / "runs", observer=observer)
    run = json.loads((done.path / "run.json").read_text())
    assert run["resample"] == {"how": "under", "rows": 26, "before": [13, 51], "after": [13, 13]}
    assert run["targets"][0]["train_counts"] == [13, 51]
    said = "resample: under makes 26 of 64 training rows: rare 13 -> 13, usual 51 -> 13"
    assert said in observer.notes
    log = (done.path / "log.txt").read_text()
    assert f"note: {said}" in log
    assert "class rare: train 13 (20.3%), validation 3 (18.8%), test 4 (20.0%)" in log
    assert "training 26 rows" in log


def test_resampling_by_repetition_weighs_as_class_weights_do(config):
    """Rows of the rare class repeated to the same count: the same loss as weights that make them equal."""
    dataset = read_data(config("training.resample=over"))
    given = training_rows(config("training.resample=over"), dataset)
    weighted = training_rows(config("training.class_weight=balanced"), dataset)
    shares = [weighted.weights[np.asarray(dataset.train.y) == label].sum() for label in (0, 1)]
    assert shares[0] == pytest.approx(shares[1], rel=1e-5)
    assert np.bincount(given.rows.y)[0] == np.bincount(given.rows.y)[1]


def test_weights_are_multiplied_with_those_of_classes(config):
    both = config("data.drop=[]", "data.sample_weight=w", "training.class_weight={rare: 4, usual: 1}")
    dataset = read_data(both)
    expected = dataset.train.index % 4 * np.where(np.asarray(dataset.train.y) == 0, 4, 1)
    np.testing.assert_array_equal(training_rows(both, dataset).weights, expected)


def test_weights_stay_with_rows_that_are_drawn_anew(config):
    drawn = config("data.drop=[]", "data.sample_weight=w", "training.resample=over")
    given = training_rows(drawn, read_data(drawn))
    np.testing.assert_array_equal(given.weights, given.rows.index % 4)


@pytest.mark.parametrize("engine", ["compiled", "keras"])
def test_a_row_of_weight_0_teaches_nothing_and_validation_knows_no_weights(config, tmp_path, engine):
    """Rows of another world have weight 0: training must not see them, scores must."""
    rows = [
        f"{i % 7 - 3},{1 if i < 60 else 0},{'rare' if (i % 7 > 3) == (i < 60) else 'usual'}"
        for i in range(90)
    ]
    (tmp_path / "rows.csv").write_text("a,w,kind\n" + "\n".join(rows) + "\n")
    keys = ["data.drop=[]", "data.sample_weight=w", "training.epochs=30", f"training.engine={engine}"]
    optimizer = "training.optimizer={type: Adam, learning_rate: 0.1}"
    done = fit(config(*keys, optimizer), tmp_path / "runs")
    dataset = read_data(config(*keys))
    share = np.mean(dataset.test.index < 60)
    assert done.scores["test"].model.accuracy == pytest.approx(share, abs=0.01)


class Told(Silent):
    """Keeps notes."""

    def __init__(self):
        self.notes = []

    def note(self, text):
        self.notes.append(text)


def test_of_many_classes_the_commonest_and_the_rarest_are_shown():
    counts = tuple(range(1, 31))
    names = tuple(f"c{count}" for count in counts)
    balance = Balance("target", names, {"train": sum(counts)}, {"train": counts})
    texts = list(balance.texts())
    assert [text.removeprefix("class ").partition(":")[0] for text in texts] == [
        "c30", "c29", "c28", "c27", "c26", "c25", "... 18 more", "c6", "c5", "c4", "c3", "c2", "c1",
    ]  # fmt: skip
    assert texts[0] == "class c30: train 30 (6.5%)"
    assert texts[6] == "... 18 more"


def test_numbers_have_no_classes_to_count(config):
    assert len(balances(read_data(config()))) == 1
    assert balances(read_data(config("data.target=a", "data.drop=[kind]", "training.loss=mse"))) == ()


def test_some_of_the_rows_are_learnt_from(config):
    some = config("training.rows=20")
    dataset = read_data(some)
    given = training_rows(some, dataset)
    assert (len(given.rows), len(dataset.train)) == (20, 64)
    assert sorted(given.rows.index) == list(given.rows.index)
    assert given.note == "20 of 64 training rows are learnt from"
    again = training_rows(some, dataset).rows.index
    np.testing.assert_array_equal(given.rows.index, again)
    weighed = training_rows(config("training.rows=20", "training.class_weight=balanced"), dataset)
    assert len(weighed.weights) == 20


def test_more_rows_than_there_are_cannot_be_learnt_from(config):
    many = config("training.rows=65")
    with pytest.raises(ConfigError) as raised:
        training_rows(many, read_data(many))
    message = "training.rows: is 65, and there are 64 training rows; make it less, or remove it"
    assert str(raised.value) == message
