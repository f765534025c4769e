import pytest

from nntrain.run import changes, processor
from nntrain.run.changes import changes_of_processor

INTEL = """\
processor\t: 0
model name\t: Intel(R) Xeon(R)
flags\t\t: fpu vme sse4_2 avx512f fma avx avx2 amx_bf16 avx

processor\t: 1
model name\t: another core
flags\t\t: fpu
"""
ARM = "processor\t: 0\nFeatures\t: fp asimd crc32 sve bf16\n\n"


@pytest.mark.parametrize(
    ("text", "name", "instructions"),
    [(INTEL, "Intel(R) Xeon(R)", "amx_bf16 avx avx2 avx512f fma sse4_2"), (ARM, "armv9", "asimd bf16 sve")],
)
def test_instructions_are_those_that_kernels_are_chosen_by(tmp_path, monkeypatch, text, name, instructions):
    monkeypatch.setattr(processor, "INFO", tmp_path / "cpuinfo")
    monkeypatch.setattr(processor.platform, "processor", lambda: "armv9")
    (tmp_path / "cpuinfo").write_text(text)
    assert processor.processor() == {"cpu": name, "instructions": instructions}


def test_a_system_that_does_not_say_has_a_name_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(processor, "INFO", tmp_path / "nothing")
    monkeypatch.setattr(processor.platform, "processor", lambda: "arm")
    assert processor.processor() == {"cpu": "arm", "instructions": None}


def recorded(**machine):
    return {"device": "CPU", "machine": {"cpu": "A", "instructions": "avx avx2 fma", **machine}}


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (recorded(), []),
        (recorded(cpu="B"), ["the CPU was B and is A"]),
        (recorded(instructions="avx avx2 avx512f fma"), ["the CPU's instructions lack avx512f"]),
        (recorded(instructions="avx"), ["the CPU's instructions have avx2, fma in addition"]),
        (
            recorded(instructions="avx2 amx"),
            ["the CPU's instructions lack amx, and have avx, fma in addition"],
        ),
        (recorded(instructions=None), []),
        ({"device": "CPU", "machine": {"host": "before this was recorded"}}, []),
        ({**recorded(cpu="B"), "device": "GPU 0 (NVIDIA H200)"}, []),
    ],
)
def test_another_cpu_is_named_where_it_computes(monkeypatch, record, told):
    monkeypatch.setattr(changes, "processor", lambda: {"cpu": "A", "instructions": "avx avx2 fma"})
    assert list(changes_of_processor(record)) == told
