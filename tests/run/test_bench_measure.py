"""Who trains when, and what becomes of a peer that fails: with processes that only pretend."""

import pytest

from nntrain import load_config
from nntrain.errors import MemoryLimitError, NntrainError, UsageError
from nntrain.run.bench import measure

SECONDS = {"fit": 0.4, "tf_data": 0.2, "nntrain": 0.1, "sklearn": 0.8, "torch": 0.05}
FACTS = {
    "device": "CPU",
    "data": "blobs",
    "rows": 100,
    "batch_size": 10,
    "parameters": 5,
    "operations": 20,
    "unknown": [],
    "plans": {"sklearn": {"notes": ["a note"]}, "torch": {"reason": "it is too hard"}},
}


class Pretended:
    """Stands in for a child: answers at once, and keeps what was asked of all of them."""

    def __init__(self, title, job):
        self.title, self.job = title, job
        self.rate = 900.0

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.log.append(f"{self.job.what} ends")

    def receive(self):
        failure = self.failures.get(self.job.what, {}).get("start")
        if failure:
            raise failure
        answers = {"survey": FACTS, "rate": {"rate": 800.0}}
        return answers.get(self.job.what, {"ready": {"threads": {"intra_op": 1, "inter_op": 1}}})

    def ask(self, message):
        if self.job.what == "rate":
            self.rate += 100.0
            return {"rate": self.rate}
        self.log.append(self.job.what)
        failures = self.failures.get(self.job.what, {})
        failure = failures.get("train") or failures.get(self.log.count(self.job.what))
        if failure:
            raise failure
        seconds = [SECONDS[self.job.what]] * message["epochs"]
        return {"seconds": seconds, "loss": 0.5, "memory": 1, "notes": (self.job.plan or {}).get("notes", [])}


@pytest.fixture
def world(monkeypatch):
    """Processes that pretend; both peers are installed."""
    Pretended.log, Pretended.failures = [], {}
    monkeypatch.setattr(measure, "Child", Pretended)
    monkeypatch.setattr(measure, "find_spec", lambda name: name)
    return Pretended


@pytest.fixture
def config(write_config):
    return load_config(write_config())


def test_every_round_begins_with_another_engine(world, config):
    done = measure.bench(config, rounds=3, epochs=2)
    trained = [entry for entry in world.log if not entry.endswith("ends")]
    assert trained == [
        "fit", "tf_data", "nntrain",
        "fit", "tf_data", "nntrain",
        "tf_data", "nntrain", "fit",
        "nntrain", "fit", "tf_data",
    ]  # fmt: skip
    assert sorted(world.log[-4:]) == ["fit ends", "nntrain ends", "rate ends", "tf_data ends"]
    assert done.speed("nntrain").median == pytest.approx(4.0)
    assert done.engines["fit"].rounds == ((0.4, 0.4),) * 3
    assert done.limit.rate == 1200.0  # the best of all rounds
    assert done.limit.operations == 2000


def test_a_turn_takes_a_third_of_a_second_by_default(world, config):
    assert measure.bench(config, rounds=1).epochs == 3


def test_peers_take_part_or_say_why_not(world, config):
    done = measure.bench(config, rounds=2, epochs=1, peers=True)
    assert list(done.engines) == ["fit", "tf_data", "nntrain", "sklearn"]
    assert done.engines["sklearn"].notes == ("a note",)
    assert done.left_out == {"PyTorch": "it is too hard"}


def test_a_peer_that_is_not_there_is_named_with_its_package(world, config, monkeypatch):
    monkeypatch.setattr(measure, "find_spec", lambda name: None)
    done = measure.bench(config, rounds=1, epochs=1, peers=True)
    assert done.left_out == {
        "scikit-learn": "it is not installed; pip install scikit-learn brings it",
        "PyTorch": "it is not installed; pip install torch brings it",
    }


@pytest.mark.parametrize("when", ["start", "train", 2, 3])
def test_a_peer_that_fails_is_left_out(world, config, when):
    world.failures = {"sklearn": {when: NntrainError("the process of scikit-learn ended with exit code 1")}}
    done = measure.bench(config, rounds=2, epochs=1, peers=True)
    assert list(done.engines) == ["fit", "tf_data", "nntrain"]
    assert done.left_out["scikit-learn"] == "the process of scikit-learn ended with exit code 1"


@pytest.mark.parametrize("when", ["start", "train"])
def test_an_engine_that_fails_ends_the_bench_and_all_processes(world, config, when):
    world.failures = {"tf_data": {when: MemoryLimitError("no memory")}}
    with pytest.raises(MemoryLimitError):
        measure.bench(config, rounds=2, epochs=1)
    assert sorted(world.log[-4:]) == ["fit ends", "nntrain ends", "rate ends", "tf_data ends"]


def test_what_happens_is_told(world, config):
    told = []
    measure.bench(config, rounds=1, epochs=2, tell=told.append)
    assert told == [
        "reading the data, building the network",
        "starting model.fit, tf.data, nntrain",
        "model.fit: first epoch 0.4 s, second 0.4 s",
        "tf.data: first epoch 0.2 s, second 0.2 s",
        "nntrain: first epoch 0.1 s, second 0.1 s",
        "round 1/1: model.fit 0.4 s, tf.data 0.2 s, nntrain 0.1 s",
    ]


def test_no_rounds_are_refused_before_anything_starts(world, config):
    with pytest.raises(UsageError, match=r"^--rounds must be at least 1, got 0$"):
        measure.bench(config, rounds=0)
    assert world.log == []
