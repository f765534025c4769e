"""`nntrain bench` as a user types it: one small config measured for real, and what goes wrong."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from types import SimpleNamespace

import pytest
from jsonschema import Draft202012Validator
from rich.console import Console

from nntrain.cli import bench as command
from nntrain.cli.contract import result_schema
from nntrain.run.bench.results import BenchResult, Limit, Measured
from tests.conftest import BLOBS
from tests.reliability.forks import begun

ENGINES = ["fit", "tf_data", "nntrain", "sklearn"]
FORKS = "tests.cli.bench_of_forks:main"


@pytest.fixture
def bench(tmp_path):
    """`nntrain bench` in the test's folder; its processes are forks, and import nothing anew."""

    def run(*arguments):
        going = begun(["bench", *arguments], tmp_path, what=FORKS, NO_COLOR="1", COLUMNS="100")
        code = going.wait()
        return SimpleNamespace(code=code, out=going.stdout, err=going.stderr)

    return run


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """The small config, two rounds of two epochs, with peers; the folder and the object of --json."""
    folder = tmp_path_factory.mktemp("bench")
    (folder / "blobs.yaml").write_text(BLOBS)
    options = ["--rounds", "2", "--epochs", "2", "--peers", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "nntrain", "bench", "blobs.yaml", "training.batch_size=12", *options],
        cwd=folder, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout), done.stderr


def test_every_engine_is_measured_alike(measured):
    _, told, _ = measured
    assert (told["schema"], told["ok"], told["exit"]) == ("nntrain.result/1", True, 0)
    assert (told["config"], told["rows"], told["batch_size"], told["parameters"]) == ("blobs", 72, 12, 51)
    assert (told["rounds"], told["epochs_per_round"], told["epochs_trained"]) == (2, 2, 6)
    assert [name for name in told["engines"] if name != "torch"] == ENGINES
    for engine in told["engines"].values():
        assert [len(turn) for turn in engine["epoch_seconds"]] == [2, 2]
        assert all(0 < second < 60 for turn in engine["epoch_seconds"] for second in turn)
        assert engine["first_epoch_seconds"] > 0
        assert engine["peak_memory_bytes"] > 2**20
    assert told["engines"]["fit"]["times_as_fast"] == {"median": 1, "lowest": 1, "highest": 1}


def test_the_object_is_as_the_schema_says(measured):
    told = measured[1]
    assert [error.message[:300] for error in Draft202012Validator(result_schema()).iter_errors(told)] == []


def test_engines_learn_the_same(measured):
    """Rows come in other orders, and dropout draws other units; after six epochs that hardly shows."""
    _, told, _ = measured
    losses = {name: engine["loss"] for name, engine in told["engines"].items()}
    assert losses["tf_data"] == pytest.approx(losses["fit"], abs=0.15)
    assert losses["nntrain"] == pytest.approx(losses["fit"], abs=0.15)
    assert all(0 < loss < 1 for loss in losses.values())


def test_the_limit_is_that_of_the_network_on_this_machine(measured):
    _, told, _ = measured
    limit = told["limit"]
    assert limit["operations_per_epoch"] == 72 * (4 * 2 * 8 + 6 * 8 * 3)
    assert limit["operations_per_second"] > 1e8
    assert not limit["is_lower_bound"]


def test_a_peer_says_what_it_does_otherwise_or_why_it_is_left_out(measured):
    _, told, _ = measured
    assert told["engines"]["sklearn"]["notes"] == ["without the dropout, which it does not have"]
    if find_spec("torch") is None:
        assert told["left_out"] == {"PyTorch": "it is not installed; pip install torch brings it"}
    else:
        assert told["left_out"] == {}


def test_nothing_is_written(measured):
    folder, _, _ = measured
    assert [path.name for path in folder.iterdir()] == ["blobs.yaml"]


def test_progress_goes_to_the_error_stream(measured):
    _, _, lines = measured
    said = lines.splitlines()
    assert said[0] == "reading the data, building the network"
    assert any(line.startswith("model.fit: first epoch ") for line in said)
    assert said[-1].startswith("round 2/2: model.fit ")


def engine(name, title, seconds, loss=0.25, notes=()):
    rounds = tuple((second, second) for second in seconds)
    return Measured(name, title, 1.25, rounds, loss, 800 * 2**20, None, notes)


@pytest.fixture
def done():
    return BenchResult(
        name="blobs",
        data="blobs",
        rows=72_000,
        batch_size=128,
        parameters=51,
        device="CPU",
        epochs=2,
        engines={
            "fit": engine("fit", "model.fit", [0.4, 0.5, 0.3]),
            "tf_data": engine("tf_data", "tf.data", [0.4, 0.4, 0.4]),
            "nntrain": engine("nntrain", "nntrain", [0.1, 0.1, 0.1], notes=("Keras' loop: because",)),
        },
        left_out={"PyTorch": "it is not installed; pip install torch brings it"},
        limit=Limit(10**9, 1e11, ("mine",)),
        versions={},
        machine={},
    )


def printed(done, width, monkeypatch, capsys):
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    monkeypatch.setattr(command, "console", lambda: console)
    command.print_bench(done)
    table = "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())
    return table, capsys.readouterr().out


def test_the_table_and_the_lines_below_it(done, monkeypatch, capsys):
    table, lines = printed(done, 80, monkeypatch, capsys)
    assert (
        table
        == """\
Engine     s/epoch  samples/s    times model.fit   first      memory    loss
────────────────────────────────────────────────────────────────────────────
model.fit    0.400    180,000  1.00 (1.00..1.00)  1.25 s  800.00 MiB  0.2500
tf.data      0.400    180,000  1.00 (0.75..1.25)  1.25 s  800.00 MiB  0.2500
nntrain      0.100    720,000  4.00 (3.00..5.00)  1.25 s  800.00 MiB  0.2500"""
    )
    assert (
        lines
        == """\
blobs on CPU: 72,000 rows, batches of 128; medians of 3 rounds of 2 epochs, losses after 8 epochs
nntrain: Keras' loop: because
PyTorch left out: it is not installed; pip install torch brings it
limit: 0.01 s an epoch, for 1 GFLOP at the 100 GFLOP/s of large matrix products; nntrain is at 10 % of it
the limit is a lower bound: the operations of mine are not known
"""
    )


def test_a_narrow_terminal_gets_two_tables(done, monkeypatch, capsys):
    table, _ = printed(done, 60, monkeypatch, capsys)
    assert max(map(len, table.splitlines())) <= 60
    assert table.count("model.fit    0.400") == 1
    assert "Engine      first      memory    loss" in table


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--rounds", "0"], "--rounds must be at least 1, got 0\n"),
        (["--epochs", "0"], "--epochs must be at least 1, got 0\n"),
        (["--epochs", "-3"], "--epochs must be at least 1, got -3\n"),
    ],
)
def test_no_rounds_and_no_epochs_are_refused(nntrain, write_config, options, message):
    done = nntrain("bench", write_config(), *options)
    assert (done.code, done.out, done.err) == (2, "", message)


def test_a_mistake_of_the_config_is_told_before_anything_starts(nntrain, write_config):
    path = write_config(BLOBS.replace("epochs: 5", "epoch: 5"))
    done = nntrain("bench", path)
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith(f"{path}: 1 problem\n\n20:3 training.epoch: there is no key 'epoch'")


def test_a_network_that_does_not_fit_the_data_is_told_once_with_its_line(bench, write_config):
    path = write_config(BLOBS.replace("units: 3", "units: 2"))
    done = bench(path, "--quiet")
    assert (done.code, done.out) == (3, "")
    assert done.err == (
        f"{path}: 1 problem\n\n"
        "15:28 model.layers[2].units: the data have 3 classes (0, 1, 2), and the network has 2 outputs: "
        "use 3 units\n"
        "  15 |     - {type: Dense, units: 2, activation: softmax}\n"
        "                                  ^\n"
    )


def test_json_has_a_mistake_as_one_object(bench, write_config):
    done = bench(write_config(BLOBS.replace("units: 3", "units: 2")), "--json", "--quiet")
    told = json.loads(done.out)
    assert (done.code, told["ok"], told["exit"], done.err) == (3, False, 3, "")
    assert told["error"]["key"] == "model.layers[2].units"


def test_a_loss_that_is_no_number_ends_the_bench(bench, write_config):
    text = BLOBS.replace("{type: Adam, learning_rate: 0.05}", "{type: SGD, learning_rate: 1e38}")
    done = bench(write_config(text), "--rounds", 1, "--quiet")
    assert (done.code, done.out) == (6, "")
    assert done.err.startswith("the loss became nan in step ")
    assert done.err.endswith(
        " of epoch 1, at learning rate 1e+38. Lower training.optimizer.learning_rate, or set clipnorm: 1 on the "
        "optimizer\n"
    )


OWN = """\
import keras


@keras.saving.register_keras_serializable()
class Twice(keras.layers.Dense):
    def call(self, inputs):
        return 2 * super().call(inputs)
"""


def test_own_code_runs_only_when_that_is_allowed(bench, write_config, tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    path = write_config(
        "code: own.py\n" + BLOBS.replace("{type: Dense, units: 8,", "{type: Twice, units: 8,")
    )
    done = bench(path, "--quiet")
    assert (done.code, done.out) == (3, "")
    assert done.err == (
        f"{path}: 1 problem\n\n"
        "1:7 code: own.py is Python code and would run with your rights; read it, then add --allow-code\n"
        "   1 | code: own.py\n"
        "             ^\n"
    )
    done = bench(path, "--allow-code", "--quiet", "--rounds", 1, "--epochs", 1)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[-1] == ("the limit is a lower bound: the operations of twice are not known")


def children_of(process):
    """Ids of the processes that a process has started and that still run."""
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=False
    )
    return [int(pid) for pid in found.stdout.split()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_no_process_behind(write_config, tmp_path, number):
    going = begun(["bench", write_config(), "--rounds", "100000", "--epochs", "1"], tmp_path, what=FORKS)
    deadline = time.monotonic() + 120
    while "\nround 2/" not in going.stderr and time.monotonic() < deadline:
        assert going.poll() is None
        time.sleep(0.05)
    started = children_of(going)
    assert len(started) == 4
    going.send_signal(number)
    assert going.wait() == -number
    assert going.stdout == ""
    assert going.stderr.splitlines()[-1] == "stopped; a bench writes nothing"
    deadline = time.monotonic() + 20
    while any(map(is_alive, started)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_alive, started))


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
