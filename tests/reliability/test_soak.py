"""Run after run in one process: no file, no thread and no temporary file stays behind, and hardly any memory."""

from tests.reliability.soak import slope, soaked

MOST = 1
"""MiB of memory that a training may leave behind."""


def test_twenty_runs_leave_nothing_behind(tmp_path):
    found = soaked(tmp_path, 20)
    after = found["after"]
    assert found["finished"] == 20
    assert (found["left"], found["unfinished"]) == ([], [])
    for what in ("files", "threads", "processes"):
        assert after[-1][what] <= after[4][what], what
    assert slope([one["memory"] for one in after]) < MOST


def test_a_leak_would_be_seen():
    assert slope([100.0 + (MOST + 1) * i for i in range(20)]) > MOST
    assert slope([100.0 + (i < 6) * 50 for i in range(20)]) < MOST
