"""Workers on a Ray cluster of this machine; what is only asked of Ray is answered by a stand-in without it."""

import json
import os
import subprocess
import sys
import time
from importlib.util import find_spec
from types import SimpleNamespace

import pytest

from nntrain.distribution import by_ray
from nntrain.distribution.by_ray import Needs, OnRay, _lacking
from nntrain.distribution.seat import Seat
from nntrain.errors import MachineError
from tests.run.test_workers import CONFIG

NNTRAIN = [sys.executable, "-m", "nntrain"]


@pytest.mark.parametrize(
    ("count", "needs", "message"),
    [
        (2, Needs(), None),
        (2, Needs(0.5, 1), None),
        (
            5,
            Needs(),
            "5 workers need 5 CPUs, and the Ray cluster has 4; start fewer, or ask for less with --cpus and --gpus",
        ),
        (
            2,
            Needs(1, 2),
            "2 workers need 4 GPUs, and the Ray cluster has 2; start fewer, or ask for less with --cpus and --gpus",
        ),
    ],
)
def test_too_small_a_cluster_is_told_at_once(count, needs, message):
    assert _lacking({"CPU": 4.0, "GPU": 2.0}, count, needs) == message


class Later:
    """A call of a seat: `remote` gives what `get` computes."""

    def __init__(self, function):
        self.remote = lambda *given: lambda: function(*given)


class StandIn:
    """Ray's `get`, and seats of this process in the place of actors."""

    exceptions = SimpleNamespace(RayError=TimeoutError)

    def __init__(self, seats):
        self.seats = seats

    def get(self, calls, timeout):
        if isinstance(calls, list):
            return [call() for call in calls]
        return calls()


@pytest.fixture
def followed(monkeypatch, tmp_path):
    """What comes of seats that run small programs instead of nntrain."""
    monkeypatch.setattr(by_ray, "LOOK", 0.01)
    monkeypatch.setattr(by_ray, "PATIENCE", 0.3)
    monkeypatch.setattr(by_ray, "LAST_WORD", 0.3)

    def run(*news):
        said, given = [], []
        seats = [
            SimpleNamespace(news=Later(iter(one).__next__), end=Later(lambda number: None)) for one in news
        ]
        ray = OnRay(StandIn(seats), len(news), Needs(), said.append, given.append)
        return ray._follow(seats), said, given

    return run


def test_results_are_those_of_the_first_worker(followed):
    running = ([(False, "epoch 1"), (True, "no")], None)
    code, said, given = followed([([(False, "a"), (True, "{}")], None), ([], 0)], [running, ([], 0)])
    assert (code, given) == (0, ["{}"])
    assert said == ["a", "worker 1: epoch 1"]


class Gone:
    """The news of a machine that does not answer."""

    def __iter__(self):
        return self

    def __next__(self):
        raise ConnectionError


def test_a_worker_whose_machine_is_gone_is_a_loss(followed):
    code, said, _ = followed([([], None)] * 1000, Gone())
    assert code == 7
    assert said == ["worker 1 is lost: ConnectionError"]


def test_the_code_of_the_first_worker_counts(followed):
    assert followed([([], 6)], [([], 9)])[0] == 6


def test_a_folder_that_is_not_there_is_told(tmp_path):
    missing = str(tmp_path / "missing")
    assert Seat().start([], {}, missing) == f"there is no folder {missing}"


def test_a_seat_starts_nntrain_and_tells_what_it_writes(tmp_path):
    seat = Seat()
    assert seat.news() == ([], None)
    assert seat.start(["--version"], {}, str(tmp_path)) is None
    lines, code = [], None
    while code is None:
        found, code = seat.news()
        lines += found
        time.sleep(0.02)
    assert code == 0
    ((is_result, text),) = lines
    assert is_result
    assert text.startswith("nntrain ")


def test_a_cluster_that_is_not_there_is_told(monkeypatch):
    def init(**options):
        assert options["address"] == "auto"
        raise ConnectionError("Could not reach 10.0.0.9:6379\nmore")

    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(init=init))
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.9:6379")
    with pytest.raises(MachineError) as error, by_ray.connected(2, Needs()):
        pass
    assert str(error.value) == (
        "the Ray cluster at 10.0.0.9:6379 (RAY_ADDRESS) can't be reached: Could not reach 10.0.0.9:6379"
    )


@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install 'nntrain[ray]'")
def test_ray_starts_workers_again_that_go_on_to_the_end(tmp_path):
    """Worker 1 dies after its sixth epoch, and has four to do when it is started again."""
    (tmp_path / "pair.yaml").write_text(CONFIG)
    environment = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    done = subprocess.run(
        [*NNTRAIN, "launch", "--engine", "ray", "pair.yaml", "training.epochs=10", "--json"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**environment, "NNTRAIN_FAILPOINT": "worker.epoch:6"},
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    (record,) = tmp_path.glob("runs/pair/2*/run.json")
    again = f"all workers are started again (start 2 of 4) and go on with runs/pair/{record.parent.name}"
    assert again in done.stderr.splitlines()
    assert (printed["ok"], printed["epochs"]) == (True, 10)
    (leg,) = json.loads(record.read_text())["resumed"]
    assert leg["after_epoch"] in {5, 6}
