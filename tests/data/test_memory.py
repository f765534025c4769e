import subprocess
import sys

import pytest

from nntrain.data.memory import available_memory

GIB = 1 << 30


def test_memory_is_known_here():
    assert available_memory() > 1 << 20


def test_a_limit_of_the_process_counts_as_the_machines():
    limited = (
        "import resource; from nntrain.data.memory import available_memory; "
        "resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30)); print(available_memory())"
    )
    told = subprocess.run([sys.executable, "-c", limited], capture_output=True, text=True, check=True).stdout
    assert 0 < int(told) < 2**30


@pytest.fixture
def machine(tmp_path):
    """Make a machine with 8 GiB free, of the control groups that are given by the folders of their files."""

    def make(own, groups):
        (tmp_path / "proc/self").mkdir(parents=True)
        (tmp_path / "proc/meminfo").write_text(f"MemTotal: 1 kB\nMemAvailable: {8 * GIB >> 10} kB\n")
        (tmp_path / "proc/self/cgroup").write_text(own)
        for folder, files in groups.items():
            (tmp_path / "sys/fs/cgroup" / folder).mkdir(parents=True, exist_ok=True)
            for name, content in files.items():
                (tmp_path / "sys/fs/cgroup" / folder / name).write_text(f"{content}\n")
        return tmp_path

    return make


def unified(most, taken, files=0):
    stat = f"anon {taken - files}\ninactive_file {files - files // 2}\nactive_file {files // 2}"
    return {"memory.max": most, "memory.current": taken, "memory.stat": stat}


def legacy(most, taken, files=0):
    stat = f"inactive_file 7\ntotal_inactive_file {files}\ntotal_active_file 0"
    return {"memory.limit_in_bytes": most, "memory.usage_in_bytes": taken, "memory.stat": stat}


@pytest.mark.parametrize(
    ("own", "groups", "left"),
    [
        ("", {}, 8 * GIB),
        ("0::/\n", {".": unified(4 * GIB, 1 * GIB)}, 3 * GIB),
        ("0::/\n", {".": unified("max", 1 * GIB)}, 8 * GIB),
        ("0::/a/b\n", {"a": unified(4 * GIB, 2 * GIB), "a/b": unified("max", 1 * GIB)}, 2 * GIB),
        ("0::/a/b\n", {"a": unified(4 * GIB, 2 * GIB), "a/b": unified(2 * GIB, 1 * GIB)}, 1 * GIB),
        ("0::/../../other\n", {".": unified(4 * GIB, 1 * GIB)}, 3 * GIB),
        ("0::/\n", {".": unified(2 * GIB, 3 * GIB)}, 0),
        ("3:cpu:/\n4:memory:/a\n0::/\n", {"memory/a": legacy(4 * GIB, 1 * GIB)}, 3 * GIB),
        ("4:memory:/docker/x\n", {"memory": legacy(4 * GIB, 1 * GIB)}, 3 * GIB),
        ("4:memory:/\n", {"memory": legacy(9223372036854771712, 1 * GIB)}, 8 * GIB),
    ],
)
def test_what_a_control_group_may_take_is_a_limit(machine, own, groups, left):
    assert available_memory(machine(own, groups)) == left


@pytest.mark.parametrize(
    ("own", "groups"),
    [
        ("0::/\n", {".": unified(4 * GIB, 4 * GIB, files=3 * GIB)}),
        ("4:memory:/\n", {"memory": legacy(4 * GIB, 4 * GIB, files=3 * GIB)}),
    ],
)
def test_what_the_system_keeps_of_files_that_were_read_is_free(machine, own, groups):
    assert available_memory(machine(own, groups)) == 3 * GIB


def test_a_system_that_tells_nothing_is_believed(tmp_path):
    assert available_memory(tmp_path) is None
