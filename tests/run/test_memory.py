import os

import pytest

from nntrain.run import memory
from nntrain.run.memory import free_memory


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
