"""What an option says of a value that it does not have."""

import pytest

from tests.cli.in_process import run_command

CHOICES = {
    ("fit", "--progress", "off"): "'off' is not one of 'auto', 'bar', 'lines', 'none'.",
    ("fit", "--device", "gpux"): "'gpux' is not one of auto, cpu, gpu, or gpu:N with the number of a GPU.",
    ("export", "--to", "pdf"): "'pdf' is not one of 'saved_model', 'onnx', 'tflite', 'keras'.",
    ("export", "--quantize", "int4"): "'int4' is not one of 'int8', 'float16'.",
    ("evaluate", "--split", "tset"): "'tset' is not one of 'training', 'validation', 'test'.",
}


@pytest.mark.parametrize("typed", CHOICES, ids=" ".join)
def test_a_wrong_choice_is_told_with_the_right_ones(typed, monkeypatch, capsys):
    command, option, _ = typed
    done = run_command(monkeypatch, capsys, *typed, "x.yaml")
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith(f"\n\nError: Invalid value for '{option}': {CHOICES[typed]}\n")
    assert done.err.startswith(f"Usage: nntrain {command} [OPTIONS] ")
