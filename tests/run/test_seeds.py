"""`fit --seeds`: the same config with other seeds, under a parent run."""

import json
import statistics
from types import SimpleNamespace

import numpy as np
import pytest

from nntrain import evaluate, fit, fit_seeds, load_config
from nntrain.config.folds import SEEDS
from nntrain.errors import UsageError
from nntrain.run.folds_results import median_of
from nntrain.run.observer import Silent
from nntrain.run.reading import read_data
from nntrain.run.reproduce import reproduce
from nntrain.run.resume import resume
from nntrain.run.shelf.compare import compare
from nntrain.run.shelf.stored import read_run
from nntrain.run.signals import Interrupted
from tests.conftest import BLOBS
from tests.reliability.disk import Disk
from tests.run.breaker import Breaker
from tests.run.test_folds import QUICK, record

SPLITS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Three seeds of the small config, whose own is 3; the disk refused one of the links to them."""
    folder = tmp_path_factory.mktemp("seeds")
    config = folder / "blobs.yaml"
    config.write_text(QUICK)
    observer, said = Silent(), []
    observer.note = said.append
    with Disk(folder / "runs", at=1, error="EIO", only="blobs/.latest."):
        done = fit_seeds(load_config(config), 3, folder / "runs", observer=observer)
    return SimpleNamespace(result=done, path=done.path, config=config, runs=folder / "runs", said=said)


def test_each_seed_is_a_whole_run_in_the_parent(trained):
    parent = record(trained.path)
    assert (parent["status"], parent["seeds"], parent["runs"]) == (
        "finished",
        3,
        ["seed-1", "seed-2", "seed-3"],
    )
    assert (trained.runs / "latest").resolve() == trained.path.resolve()
    for number in (1, 2, 3):
        run = record(trained.path / f"seed-{number}")
        assert (run["status"], run["seed"], run["part"]) == (
            "finished",
            2 + number,
            {"number": number, "of": 3},
        )
        assert run["config"]["overrides"] == [f"seed={2 + number}", "data.split.seed=3"]


def test_a_link_that_the_disk_refused_is_told(trained):
    note = f"{trained.runs}/blobs/latest can't be made to lead to {trained.path}: Input/output error"
    assert trained.said[-1] == trained.result.to_json()["notes"][-1]
    assert trained.said[-1] == f"{note}; the run is whole, give its own name"


def test_rows_stay_and_everything_else_is_drawn_anew(trained):
    config = load_config(trained.config)
    datasets = [read_data(SEEDS.of(config, number, 3)) for number in (1, 2, 3)]
    for name in SPLITS:
        first, *others = [dataset.splits[name].index for dataset in datasets]
        assert all(np.array_equal(first, other) for other in others)
    other = read_data(load_config(trained.config, ["seed=4"]))
    assert not np.array_equal(other.test.index, datasets[1].test.index)
    losses = [run.history[0]["loss"] for run in trained.result.runs]
    assert len(set(losses)) == 3


def test_the_first_seed_is_a_plain_fit(trained, tmp_path):
    alone = fit(load_config(trained.config), tmp_path / "runs")
    assert alone.history == trained.result.runs[0].history
    assert alone.to_json()["metrics"] == trained.result.runs[0].to_json()["metrics"]


def test_the_parent_holds_mean_deviation_and_the_median_run(trained):
    metrics = json.loads((trained.path / "metrics.json").read_text())
    assert metrics["seeds"] == 3
    values = [run.scores["test"].headline()[0][1] for run in trained.result.runs]
    found = metrics["splits"]["test"]["accuracy"]
    assert found["seeds"] == values
    assert found["std"] == pytest.approx(statistics.stdev(values), abs=1e-12)
    name = record(trained.path)["median"]
    assert values[int(name[-1]) - 1] == statistics.median(values)
    assert (trained.path / "median").resolve() == (trained.path / name).resolve()
    assert trained.result.to_json()["median"] == str(trained.path / name)


def scored(*values):
    """Results of runs with these accuracies."""
    return [
        SimpleNamespace(scores={"test": SimpleNamespace(headline=lambda v=value: [("accuracy", v, 0.5)])})
        for value in values
    ]


@pytest.mark.parametrize(
    ("values", "place"),
    [((0.1, 0.9, 0.5), 2), ((0.9, 0.1, 0.4, 0.6), 2), ((0.5, 0.5, 0.5), 1), ((None, 0.5, 0.7), 1)],
)
def test_the_median_is_a_run_that_there_is(values, place):
    assert median_of(scored(*values)) == place


def test_evaluate_gives_the_numbers_that_fit_gave(trained):
    found = evaluate(trained.path)
    assert found.metrics()["test"] == trained.result.metrics()["test"]
    assert found.to_json()["seeds"] == 3


def test_where_one_run_is_wanted_the_median_is_named(trained):
    with pytest.raises(UsageError) as caught:
        evaluate(trained.path, examples=3)
    one = f"{trained.path}/{record(trained.path)['median']}"
    assert (
        str(caught.value) == f"{trained.path} holds a run for each seed; show the rows of one, such as {one}"
    )
    with pytest.raises(UsageError) as caught:
        reproduce(trained.path)
    assert str(caught.value) == f"{trained.path} holds a run for each seed; reproduce one, such as {one}"


def test_two_seeds_can_be_compared_row_by_row(trained):
    (other,) = compare([trained.path / "seed-1", trained.path / "seed-2"]).others
    assert [str(difference) for difference in other.differences] == ["seed: 3 -> 4"]
    assert other.tests[0].paired.rows == 30


def test_the_parent_is_listed_with_mean_and_deviation(trained):
    found = read_run(trained.path)
    assert (found.parts, found.count, found.epochs) == ("seeds", 3, 3)
    assert found.main[1].std is not None


def test_an_interruption_goes_on_where_it_was(write_config, tmp_path, trained):
    with pytest.raises(Interrupted) as caught:
        fit_seeds(load_config(write_config(QUICK)), 3, tmp_path / "runs", observer=Breaker(2))
    (parent,) = (tmp_path / "runs" / "blobs").iterdir()
    assert caught.value.message == f"stopped in seed 2 of 3; go on with: nntrain resume {parent}"
    done = resume(parent)
    assert done.metrics() == trained.result.metrics()
    assert record(parent)["median"] == record(trained.path)["median"]
    assert [record(parent / f"seed-{n}")["seed"] for n in (1, 2, 3)] == [3, 4, 5]


def test_seeds_begin_anew_after_the_largest(write_config):
    config = load_config(write_config(BLOBS), ["seed=4294967295"])
    assert [SEEDS.of(config, number, 2).seed for number in (1, 2)] == [4294967295, 0]


def test_a_split_of_its_own_seed_keeps_it(write_config):
    config = load_config(write_config(BLOBS), ["data.split.seed=11"])
    assert SEEDS.of(config, 2, 2).origin.overrides == {
        ("data", "split", "seed"): "data.split.seed=11",
        ("seed",): "seed=4",
    }
