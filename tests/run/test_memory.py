import json
import os

import pytest

from nntrain.errors import MemoryLimitError
from nntrain.run import memory
from nntrain.run.memory import free_memory, told_as_memory


def gpus(tmp_path, monkeypatch, script):
    """Put an nvidia-smi of our own first on the path."""
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin{os.pathsep}/usr/bin")


def test_a_cpu_has_the_memory_of_the_machine(monkeypatch):
    monkeypatch.setattr(memory, "available_memory", lambda: 123)
    assert memory.free_memory("CPU") == 123


def test_the_fullest_of_several_gpus_counts(tmp_path, monkeypatch):
    gpus(tmp_path, monkeypatch, '[ "$1" = --query-gpu=memory.free ] && echo 80000 && echo 1500')
    assert free_memory("GPU (NVIDIA H200)") == 1500 * 2**20


@pytest.mark.parametrize("script", ["exit 9", "echo N/A", "true"])
def test_nobody_knows_where_the_driver_does_not_say(script, tmp_path, monkeypatch):
    gpus(tmp_path, monkeypatch, script)
    assert free_memory("GPU") is None


def test_nobody_knows_without_the_drivers_tools(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert free_memory("GPU") is None


@pytest.mark.parametrize("kind", ["python", "tensorflow"])
def test_memory_that_runs_out_is_told_with_what_to_change(kind):
    import tensorflow as tf

    error = MemoryError() if kind == "python" else tf.errors.ResourceExhaustedError(None, None, "OOM")
    with pytest.raises(MemoryLimitError) as raised, told_as_memory(4096, "training"):
        raise error
    assert str(raised.value) == (
        "the memory was used up while training; lower training.batch_size, which is 4,096, or use a smaller "
        "network"
    )
    assert raised.value.exit_code == 8


def test_a_run_that_memory_ran_out_for_says_so(write_config, tmp_path, monkeypatch):
    from nntrain import fit, load_config
    from nntrain.training import train

    def hungry(*arguments, **options):
        raise MemoryError

    monkeypatch.setattr(train, "train", hungry)
    with pytest.raises(MemoryLimitError):
        fit(load_config(write_config()), tmp_path / "runs")
    (record,) = (tmp_path / "runs" / "blobs").glob("2*/run.json")
    told = json.loads(record.read_text())
    assert told["status"] == "failed"
    assert told["failure"] == {
        "exit": 8,
        "message": "the memory was used up while training; lower training.batch_size, which is 16, or use a "
        "smaller network",
    }
