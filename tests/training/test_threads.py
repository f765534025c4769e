import math
import os

import pytest
import tensorflow as tf

from nntrain.training import threads
from nntrain.training.threads import Threads, threads_for, usable_cores, use_threads


@pytest.fixture(autouse=True)
def eight_granted(monkeypatch):
    monkeypatch.setattr(threads, "_granted_cores", lambda: 8)


@pytest.fixture
def tree(tmp_path):
    """Write the files of a machine, by their paths."""

    def write(**files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return lambda files: write(**files)


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({}, 8),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "300000 100000\n"}, 3),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000\n"}, 8),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "150000 100000\n"}, 2),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "5000 100000\n"}, 1),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "9900000 100000\n"}, 8),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "rubbish\n"}, 8),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "100 0\n"}, 8),
        ({"proc/self/cgroup": "nothing of the kind\n"}, 8),
        (
            {
                "proc/self/cgroup": "0::/user/job\n",
                "sys/fs/cgroup/user/job/cpu.max": "max 100000\n",
                "sys/fs/cgroup/user/cpu.max": "200000 100000\n",
            },
            2,
        ),
        (
            {"proc/self/cgroup": "0::/../../outside\n", "sys/fs/cgroup/cpu.max": "400000 100000\n"},
            4,
        ),
        (
            {
                "proc/self/cgroup": "4:cpu,cpuacct:/docker/ab\n1:name=systemd:/\n",
                "sys/fs/cgroup/cpu,cpuacct/docker/ab/cpu.cfs_quota_us": "500000\n",
                "sys/fs/cgroup/cpu,cpuacct/docker/ab/cpu.cfs_period_us": "100000\n",
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            },
            5,
        ),
        (
            {
                "proc/self/cgroup": "4:cpuacct,cpu:/docker/ab\n",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "600000\n",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            },
            6,
        ),
    ],
    ids=[
        "no files",
        "version 2",
        "no limit",
        "a part of a core counts as one",
        "never less than one",
        "never more than granted",
        "rubbish",
        "no period",
        "no groups",
        "the limit is above the group",
        "a container sees another root",
        "version 1",
        "version 1 seen from a container",
    ],
)
def test_the_cores_are_those_that_the_container_grants(tree, files, cores):
    assert usable_cores(tree(files)) == cores


def test_a_quota_that_cannot_be_read_is_none(tree, monkeypatch):
    root = tree({"proc/self/cgroup": "0::/\n"})
    (root / "sys/fs/cgroup/cpu.max").mkdir(parents=True)
    assert usable_cores(root) == 8


def test_this_machine_has_a_core():
    assert 1 <= usable_cores() <= 8


def test_granted_cores_are_those_that_the_process_may_run_on(monkeypatch):
    monkeypatch.undo()
    assert threads._granted_cores() == len(os.sched_getaffinity(0))
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert threads._granted_cores() == 1


@pytest.mark.parametrize(
    ("flops", "cores", "split", "expected"),
    [
        (12e6, 8, False, Threads(1, 1)),
        (700e6, 8, False, Threads(8, 8)),
        (700e6, 8, True, Threads(1, 8)),
        (12e6, 8, True, Threads(1, 1)),
        (700e6, 1, False, Threads(1, 1)),
        (math.inf, 2, False, Threads(2, 2)),
    ],
)
def test_tiny_steps_take_one_thread_and_larger_ones_every_core(flops, cores, split, expected):
    assert threads_for(flops, cores, split) == expected


class Pools:
    """Stands for TensorFlow's settings of its pools."""

    def __init__(self, monkeypatch, started):
        self.started, self.set = started, []
        for name in ("intra", "inter"):
            monkeypatch.setattr(tf.config.threading, f"set_{name}_op_parallelism_threads", self.take)
        monkeypatch.setattr(tf.config.threading, "get_intra_op_parallelism_threads", lambda: 3)
        monkeypatch.setattr(tf.config.threading, "get_inter_op_parallelism_threads", lambda: 0)

    def take(self, count):
        if self.started:
            raise RuntimeError("Intra op parallelism cannot be modified after initialization.")
        self.set.append(count)


def test_the_pools_are_set_before_tensorflow_computes(monkeypatch):
    pools = Pools(monkeypatch, started=False)
    assert use_threads(Threads(1, 4)) == Threads(1, 4)
    assert pools.set == [1, 4]


def test_the_pools_of_a_process_that_has_computed_are_told_as_they_are(monkeypatch):
    Pools(monkeypatch, started=True)
    assert use_threads(Threads(1, 1)) == Threads(3, 8)
