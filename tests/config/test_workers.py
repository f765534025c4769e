"""Who trains together: what `cluster` and TF_CONFIG say, and what is wrong with it."""

import json

import pytest

from nntrain.config import load_config
from nntrain.config.workers import Membership, membership
from nntrain.errors import ConfigError

CONFIG = """\
name: pair
data: {type: sklearn, name: iris}
model:
  layers: [{type: Dense, units: 3, activation: softmax}]
training:
  loss: sparse_categorical_crossentropy
  epochs: 1
  batch_size: 32
  distribute: workers
"""
PAIR = ["a:5000", "b:5000"]


@pytest.fixture
def member(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def of(told=None, *overrides):
        (tmp_path / "pair.yaml").write_text(CONFIG)
        text = told if told is None or isinstance(told, str) else json.dumps(told)
        environment = {} if text is None else {"TF_CONFIG": text}
        return membership(load_config("pair.yaml", overrides), environment)

    return of


def told(cluster, kind="worker", index=0):
    return {"cluster": cluster, "task": {"type": kind, "index": index}}


def test_tf_config_says_who_the_workers_are(member):
    assert member(told({"worker": PAIR}, index=1)) == Membership(tuple(PAIR), 1, 300.0)


def test_a_chief_is_the_first_worker(member):
    cluster = {"chief": ["c:1"], "worker": PAIR}
    assert member(told(cluster, "chief", 0), "training.batch_size=33") == Membership(("c:1", *PAIR), 0, 300.0)
    assert member(told(cluster, "worker", 1), "training.batch_size=33").index == 2


def test_a_cluster_says_so_too(member):
    given = member(None, "cluster={workers: ['a:5000', 'b:5000'], index: 1, timeout: 60}")
    assert given == Membership(tuple(PAIR), 1, 60.0)
    assert not given.leads
    assert given.place(1) == ("b", 5000)


def test_cores_are_shared_by_workers_of_this_machine_alone():
    assert Membership(("127.0.0.1:1", "localhost:2", "c:3"), 0, 1.0).on_this_machine == 2
    assert Membership(("127.0.0.1:1", "localhost:2", "c:3"), 2, 1.0).on_this_machine == 1
    assert Membership(("c:1", "d:1", "c:3"), 2, 1.0).on_this_machine == 2


def test_who_trains_alone_asks_nobody(member):
    assert member("nonsense", "training.distribute=null") is None


EXAMPLE = '; it looks like {"cluster": {"worker": ["10.0.0.1:5000", "10.0.0.2:5000"]}, "task": {"type": "worker", "index": 0}}'
WRONG = {
    "{": "is no JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
    "[]": "has no cluster and task",
    '{"cluster": {}}': "has no cluster and task",
}
WRONG_PARTS = [
    (
        {"ps": ["c:1"], "worker": PAIR},
        "worker",
        0,
        "has tasks of the kind 'ps', and there are chief and worker alone",
    ),
    ({"worker": "a:1"}, "worker", 0, "has no list of addresses under 'worker'"),
    ({"worker": PAIR}, "worker", 2, "says that this process is worker 2, which is not in its cluster"),
    ({"worker": PAIR}, "worker", "1", "says that this process is worker '1', which is not in its cluster"),
    ({"worker": PAIR}, "chief", 0, "says that this process is chief 0, which is not in its cluster"),
    ({"worker": PAIR}, "worker", True, "says that this process is worker True, which is not in its cluster"),
    (
        {"worker": ["a:5000", "a:5000"]},
        "worker",
        0,
        "has a wrong address, number 1: 'a:5000' is worker 0 already; give each worker a port of its own",
    ),
    (
        {"worker": ["a:5000", "b"]},
        "worker",
        0,
        "has a wrong address, number 1: must be host:port with a port from 1 to 65535, got 'b'",
    ),
    ({"worker": ["a:1"]}, "worker", 0, "has one worker, which trains alone: set training.distribute: null"),
]


@pytest.mark.parametrize(
    ("given", "message"),
    [*WRONG.items(), *[(told(*parts), message) for *parts, message in WRONG_PARTS]],
)
def test_a_wrong_tf_config_is_explained(member, given, message):
    with pytest.raises(ConfigError) as error:
        member(given)
    assert str(error.value) == f"the environment variable TF_CONFIG {message}{EXAMPLE}"


LISTED = "cluster.workers=['a:5000', 'b:5000']"
REFUSED = [
    (
        None,
        [],
        """\
pair.yaml: 1 problem

9:15 training.distribute: nothing says which workers there are; start them all with nntrain launch --workers N CONFIG, or give each of them cluster.workers and cluster.index, or the environment variable TF_CONFIG
   9 |   distribute: workers
                     ^""",
    ),
    (
        None,
        [LISTED],
        """\
command line: cluster.workers: nothing says which of them this process is; give each its number, from 0: cluster.index=0
       cluster.workers=['a:5000', 'b:5000']
                       ^""",
    ),
    (
        told({"worker": ["a:5000", "c:5000"]}),
        [LISTED, "cluster.index=0"],
        """\
command line: cluster.workers: lists a:5000, b:5000, and TF_CONFIG lists a:5000, c:5000; remove one of them
       cluster.workers=['a:5000', 'b:5000']
                       ^""",
    ),
    (
        told({"worker": PAIR}, index=1),
        [LISTED, "cluster.index=0"],
        """\
command line: cluster.index: is 0, and TF_CONFIG says 1; remove one of them
       cluster.index=0
                     ^""",
    ),
    (
        told({"worker": [*PAIR, "c:1"]}),
        [],
        """\
pair.yaml: 1 problem

8:15 training.batch_size: is 32, which 3 workers can't share evenly; use 30 or 33
   8 |   batch_size: 32
                     ^""",
    ),
]


@pytest.mark.parametrize(("given", "overrides", "text"), REFUSED)
def test_what_does_not_go_together_is_refused(member, given, overrides, text):
    with pytest.raises(ConfigError) as error:
        member(given, *overrides)
    assert str(error.value) == text
