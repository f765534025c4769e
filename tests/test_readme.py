"""The README's commands run, and what it generates is current.

`NNTRAIN_UPDATE_GOLDENS=1 pytest tests/test_readme.py` writes its generated parts again.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nntrain.config.guide.reference import inserted
from nntrain.config.vocabulary.catalogue import keras_version
from tests.conftest import CONFIGS, ROOT

README = ROOT / "README.md"
TABLE = re.compile(r"(?<=<!-- config table -->\n\n).*?(?=\n\n<!-- end)", re.DOTALL)


def header(config: Path) -> tuple[str, str, str]:
    """What a config is, what it reached, and its command: its first three lines."""
    lines = config.read_text(encoding="utf-8").splitlines()[:3]
    assert all(line.startswith("#") for line in lines), f"{config.name} has no header of three lines"
    return tuple(line[2:].strip() for line in lines)


def config_table() -> str:
    rows = ["| Config | What it is | Measured |", "|---|---|---|"]
    for config in sorted(CONFIGS.glob("*.yaml")):
        purpose, measured, _ = header(config)
        rows.append(f"| [{config.stem}](configs/{config.name}) | {purpose} | {measured} |")
    return "\n".join(rows)


def test_generated_parts_are_current():
    text = README.read_text(encoding="utf-8")
    current = inserted(TABLE.sub(lambda _: config_table(), text))
    if os.environ.get("NNTRAIN_UPDATE_GOLDENS"):
        README.write_text(current, encoding="utf-8")
    else:
        assert text == current
    assert f"a catalogue of Keras {keras_version()}" in text


@pytest.mark.parametrize("config", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_header_names_the_command_that_trains_its_config(config):
    _, measured, command = header(config)
    assert command == f"nntrain fit configs/{config.name}"
    assert re.search(r"\d", measured)
    assert re.search(r"seed \d+", measured)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def shell_commands() -> list[str]:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    return [line for line in lines if line.startswith("nntrain ")]


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """An empty folder with the configs, and nntrain on its PATH."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "configs").symlink_to(CONFIGS)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    def run(command: list[str] | str) -> str:
        done = subprocess.run(
            command,
            shell=isinstance(command, str),
            cwd=folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run


def test_the_tours_commands_run_as_they_stand(workplace):
    commands = shell_commands()
    assert len(commands) >= 4
    workplace("nntrain fit configs/digits_mlp.yaml training.epochs=1")  # what the first command leaves
    for command in commands:
        workplace(command)


def test_the_python_example_runs(workplace):
    (example,) = blocks("python")
    assert re.search(r"0\.\d+\n0\.\d+|1\.0", workplace([sys.executable, "-c", example]))


def test_the_yaml_examples_load(tmp_path):
    from nntrain import load_config

    whole, part = blocks("yaml")
    file = tmp_path / "example.yaml"
    file.write_text(whole)
    base = load_config(file)
    item = " ".join(part.strip().removeprefix("- ").split()).replace(" layer:", ", layer:", 1)
    with_part = load_config(file, ["model.layers.0={" + item + "}"])
    assert len(with_part.model.layers) == len(base.model.layers)
    assert with_part.model.layers[0].name == "Bidirectional"
