import keras
import pytest
import tensorflow as tf

from nntrain.training import precision
from nntrain.training.precision import set_precision

NO_ARITHMETIC = (
    "this CPU has no {} arithmetic, so training.precision: {} makes training slower here than float32 does"
)


@pytest.fixture(autouse=True)
def as_before():
    yield
    set_precision("float32", False, True)


@pytest.fixture
def cpu(tmp_path, monkeypatch):
    """Give the machine a CPU with these flags."""

    def give(line):
        file = tmp_path / "cpuinfo"
        file.write_text(f"processor\t: 0\n{line}\nprocessor\t: 1\n{line}\n")
        monkeypatch.setattr(precision, "CPU_FACTS", file)

    return give


@pytest.mark.parametrize(
    ("wanted", "line", "lacks"),
    [
        ("float32", "flags\t\t: sse avx2", None),
        ("mixed_bfloat16", "flags\t\t: sse avx512_bf16 avx2", None),
        ("mixed_bfloat16", "flags\t\t: amx_bf16", None),
        ("mixed_bfloat16", "Features\t: fp bf16", None),
        ("mixed_bfloat16", "flags\t\t: sse avx512_fp16", "bfloat16"),
        ("mixed_float16", "flags\t\t: avx512_fp16", None),
        ("mixed_float16", "flags\t\t: avx2 avx512_bf16", "float16"),
        ("mixed_float16", "model name\t: avx512_fp16", "float16"),
    ],
)
def test_a_cpu_that_lacks_the_arithmetic_is_slower_and_that_is_told(cpu, wanted, line, lacks):
    cpu(line)
    expected = [NO_ARITHMETIC.format(lacks, wanted)] if lacks else []
    assert set_precision(wanted, False, on_cpu=True) == expected
    assert set_precision(wanted, False, on_cpu=False) == []
    assert keras.config.dtype_policy().name == wanted


def test_a_machine_that_lists_nothing_has_no_such_arithmetic(tmp_path, monkeypatch):
    monkeypatch.setattr(precision, "CPU_FACTS", tmp_path / "none")
    assert set_precision("mixed_bfloat16", False, on_cpu=True) == [
        NO_ARITHMETIC.format("bfloat16", "mixed_bfloat16")
    ]


def test_tensor_float_32_is_on_where_it_is_asked_for_and_off_for_the_next_run():
    assert set_precision("float32", True, on_cpu=False) == []
    assert tf.config.experimental.tensor_float_32_execution_enabled()
    assert set_precision("float32", False, on_cpu=False) == []
    assert not tf.config.experimental.tensor_float_32_execution_enabled()


def test_tensor_float_32_does_nothing_on_a_cpu_and_that_is_told():
    assert set_precision("float32", True, on_cpu=True) == ["training.tf32 has no effect without a GPU"]
