"""`reproduce`: training again gives the same bits, or says what is different and what changed."""

import json
import shutil

import numpy as np
import pytest

from nntrain import fit, load_config
from nntrain.errors import ArtefactError, UsageError
from nntrain.run.reproduce import Compared, ReproduceResult, _changed, _numbers, reproduce
from nntrain.run.shelf.show import show
from nntrain.run.verify import verify
from tests.conftest import BLOBS


def test_a_run_is_the_same_again_to_the_last_bit(finished_run, tmp_path):
    done = reproduce(finished_run.path, tmp_path / "runs")
    assert done.outcome == "identical"
    assert {name: one.outcome for name, one in done.compared.items()} == dict.fromkeys(
        ("weights", "history", "scores"), "identical"
    )
    assert done.compared["weights"].count > 3 * (2 * 8 + 8 + 8 * 3 + 3)  # Adam has two more of each
    assert done.compared["history"].count == 5 * 5
    assert (done.changed, done.error) == ((), None)
    record = json.loads((done.path / "run.json").read_text())
    assert record["reproduces"] == str(finished_run.path)
    assert verify(done.path).error is None


def test_other_data_give_another_run_and_are_named(write_config, tmp_path):
    file = tmp_path / "rows.npz"
    x = np.random.default_rng(0).normal(size=(60, 2)).astype("float32")
    y = (x[:, 0] > 0).astype(int)
    np.savez(file, x=x, y=y)
    text = BLOBS.partition("data:")[0] + "data: {type: npz, path: rows.npz, task: classification}\n"
    config = text + BLOBS[BLOBS.index("model:") :].replace("units: 3", "units: 2")
    run = fit(load_config(write_config(config), ["training.epochs=1"]), tmp_path / "runs")
    np.savez(file, x=-x, y=y)
    done = reproduce(run.path, tmp_path / "again")
    assert done.outcome == "different"
    assert [what for what, _, _ in done.changed] == ["data"]
    assert done.error.exit_code == 9
    assert str(done.error) == (
        f"{run.path} was not reproduced: {done.path} has other weights, history and scores; "
        "changed since: data"
    )


def test_a_link_is_followed_before_it_leads_to_the_new_run(finished_run, tmp_path):
    runs = tmp_path / "runs"
    original = runs / "blobs" / "2026-01-01_10-00-00"
    shutil.copytree(finished_run.path, original)
    latest = runs / "blobs" / "latest"
    latest.symlink_to(original.name, target_is_directory=True)
    done = reproduce(latest, runs)
    assert latest.resolve() == done.path.resolve()
    assert (done.original, done.outcome) == (original, "identical")
    assert show(done.path).facts["config"] == str(original / "resolved.yaml")


def test_another_cpu_and_other_kernels_are_among_what_changed():
    machine = {"host": "a", "cpu": "A", "instructions": "avx avx2"}
    old = {"data": {}, "device": "CPU", "deterministic": True, "machine": machine}
    new = {**old, "deterministic": False, "machine": {"host": "b", "cpu": "B", "instructions": "avx"}}
    assert list(_changed(old, new)) == [
        ("deterministic", True, False),
        ("machine.cpu", "A", "B"),
        ("machine.instructions", "avx avx2", "avx"),
    ]
    assert list(_changed({"data": {}, "device": "CPU", "machine": {"host": "a"}}, old)) == []


def test_a_changed_run_is_not_trained_again(finished_run, tmp_path):
    shutil.copytree(finished_run.path, tmp_path / "run")
    (tmp_path / "run/history.csv").write_text("")
    with pytest.raises(ArtefactError, match=r"history\.csv: the file was changed after the run"):
        reproduce(tmp_path / "run", tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_of_folds_one_is_to_be_named(finished_run, tmp_path):
    shutil.copytree(finished_run.path, tmp_path / "run")
    record = json.loads((tmp_path / "run/run.json").read_text())
    (tmp_path / "run/run.json").write_text(json.dumps(record | {"folds": 2}))
    with pytest.raises(UsageError) as caught:
        reproduce(tmp_path / "run", tmp_path / "runs")
    one = tmp_path / "run/fold-1"
    assert str(caught.value) == f"{tmp_path / 'run'} holds a run for each fold; reproduce one, such as {one}"


@pytest.mark.parametrize(
    ("old", "new", "outcome", "difference"),
    [
        ({"a": "0.5"}, {"a": "0.5"}, "identical", 0.0),
        ({"a": "0.5"}, {"a": "0.5005"}, "within tolerance", 0.0005),
        ({"a": "1000"}, {"a": "1000.5"}, "within tolerance", 0.0005),
        ({"a": "0.5"}, {"a": "0.6"}, "different", 0.1),
        ({"a": "x"}, {"a": "y"}, "different", None),
        ({"a": "1"}, {"b": "1"}, "different", None),
        ({"a": "1"}, {"a": "nan"}, "different", None),
    ],
)
def test_numbers_are_compared_by_a_tolerance(old, new, outcome, difference):
    found = _numbers(old, new)
    assert found.outcome == outcome
    assert found.difference == pytest.approx(difference)


def test_weights_may_differ_where_scores_and_losses_are_near(tmp_path):
    near = {n: Compared("within tolerance", 1, 1e-6) for n in ("history", "scores")}
    apart = {"weights": Compared("different", 9, 0.1), **near}
    assert ReproduceResult(tmp_path, tmp_path, "a", apart, ()).outcome == "within tolerance"
    other = {"weights": Compared("different", 9, None), **near}
    assert ReproduceResult(tmp_path, tmp_path, "a", other, ()).outcome == "different"


def test_the_command_prints_a_table(finished_run, nntrain, tmp_path):
    done = nntrain("reproduce", finished_run.path, "--runs-dir", tmp_path / "r", "-q")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0].split() == ["Compared", "numbers", "difference", "outcome"]
    assert [line.split()[::3] for line in lines[1:4]] == [
        ["weights", "identical"], ["history", "identical"], ["scores", "identical"],
    ]  # fmt: skip
    assert lines[-1].startswith("identical: ")
