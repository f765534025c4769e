"""What an option says of a value that it does not have."""

import pytest

from nntrain.cli.main import MEANT, app
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


ELSEWHERE = {
    ("train", "x.yaml"): "No such command 'train'. Did you mean 'fit'?",
    ("eval", "runs/x/latest"): "No such command 'eval'. Did you mean 'evaluate'?",
    ("fit", "x.yaml", "--epochs", "3"): "No such option: --epochs. A config's keys are set without dashes: "
    "training.epochs=VALUE",
    (
        "fit",
        "x.yaml",
        "--batch-size=3",
    ): "No such option: --batch-size. A config's keys are set without dashes: training.batch_size=VALUE",
    ("fit", "x.yaml", "--lr", "3"): "No such option: --lr. A config's keys are set without dashes: "
    "training.optimizer.learning_rate=VALUE",
    ("fit", "x.yaml", "--bogus"): "No such option: --bogus",
}


@pytest.mark.parametrize("typed", ELSEWHERE, ids=" ".join)
def test_what_is_called_otherwise_elsewhere_is_told(typed, monkeypatch, capsys):
    done = run_command(monkeypatch, capsys, *typed)
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith(f"\n\nError: {ELSEWHERE[typed]}\n")


def test_no_line_of_the_help_is_cut(monkeypatch, capsys):
    done = run_command(monkeypatch, capsys, "--help")
    assert done.code == 0
    assert "..." not in done.out.partition("Commands:")[2]


def test_other_names_are_no_commands_and_lead_to_commands():
    commands = {command.name for command in app.registered_commands}
    assert set(MEANT.values()) <= commands
    assert not set(MEANT) & commands
