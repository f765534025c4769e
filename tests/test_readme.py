"""The README's commands run, and what it generates is current.

`NNTRAIN_UPDATE_GOLDENS=1 pytest tests/test_readme.py` writes its generated parts again.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from sklearn.datasets import load_iris

from nntrain.config.guide.reference import inserted
from nntrain.config.vocabulary.catalogue import keras_version
from tests.conftest import CONFIGS, ROOT
from tests.course import course_table
from tests.reliability.forks import begun

README = ROOT / "README.md"
TABLE = re.compile(r"(?<=<!-- config table -->\n\n).*?(?=\n\n<!-- end)", re.DOTALL)
COURSE_TABLE = re.compile(r"(?<=<!-- course table -->\n\n).*?(?=\n\n<!-- end)", re.DOTALL)


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
    listed = COURSE_TABLE.sub(lambda _: course_table(), TABLE.sub(lambda _: config_table(), text))
    current = inserted(listed)
    if os.environ.get("NNTRAIN_UPDATE_GOLDENS"):
        README.write_text(current, encoding="utf-8")
    else:
        assert text == current
    assert f"a catalogue of Keras {keras_version()}" in text
    assert all(pattern.search(text) for pattern in (TABLE, COURSE_TABLE))


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
    (folder / "photos").symlink_to(CONFIGS / "data/digits_images")
    flowers = load_iris()
    rows = [",".join(map(str, row)) for row in flowers.data]
    kinds = flowers.target_names[flowers.target]
    header = ",".join([*flowers.feature_names, "species"])
    lines = [header, *(f"{row},{kind}" for row, kind in zip(rows, kinds, strict=True))]
    (folder / "my.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    def run(command: list[str] | str, *, anew: bool = True) -> str:
        """What a command prints: one of a shell or, where Keras need not be imported anew, a fork."""
        if not anew:
            words = shlex.split(str(command), comments=True)
            going = begun(words[1:], folder, what="nntrain.cli.main:main", COLUMNS="100")
            assert going.wait() == 0, f"{command}\n{going.stdout}\n{going.stderr}"
            return going.stdout
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
    run = [command.split()[1] for command in commands]
    # What the first command leaves.
    workplace("nntrain fit configs/digits_mlp.yaml training.epochs=1", anew=False)
    for place, command in enumerate(commands):
        workplace(command, anew=run[place] not in {"evaluate", "reproduce"} and run[place] not in run[:place])


def test_the_python_example_runs(workplace):
    example, _ = blocks("python")
    assert re.search(r"0\.\d+\n0\.\d+|1\.0", workplace([sys.executable, "-c", example]))


def test_the_yaml_examples_load(tmp_path):
    from nntrain import load_config

    (whole,) = [block for block in blocks("yaml") if "name: pima_mlp" in block]
    (part,) = [block for block in blocks("yaml") if block.startswith("- type: Bidirectional")]
    file = tmp_path / "example.yaml"
    file.write_text(whole)
    base = load_config(file)
    item = " ".join(part.strip().removeprefix("- ").split()).replace(" layer:", ", layer:", 1)
    with_part = load_config(file, ["model.layers.0={" + item + "}"])
    assert len(with_part.model.layers) == len(base.model.layers)
    assert with_part.model.layers[0].object.name == "Bidirectional"


def test_the_example_of_a_graph_builds(tmp_path):
    from nntrain import load_config
    from nntrain.run.inspect import inspect

    (graph,) = [block for block in blocks("yaml") if "repeat:" in block]
    file = tmp_path / "graph.yaml"
    file.write_text(graph)
    layers = [layer.name for layer in inspect(load_config(file)).summary.layers]
    assert layers[:3] == ["tower", "wide", "both"]
    assert [name for name in layers if name.startswith("inner")] == ["inner_1", "inner_2", "inner_3"]
    assert layers[-2:] == ["species", "width"]


def test_the_example_of_an_extended_config_loads(tmp_path):
    from nntrain import load_config

    (child,) = [block for block in blocks("yaml") if "extends:" in block]
    (tmp_path / "base.yaml").write_text((CONFIGS / "digits_mlp.yaml").read_text(encoding="utf-8"))
    (tmp_path / "child.yaml").write_text(child)
    config = load_config(tmp_path / "child.yaml")
    assert (config.seed, config.training.epochs, config.training.early_stopping) == (8, 20, None)
    assert config.training.optimizer.plain() == {"type": "Adam", "learning_rate": 1e-3}


def test_the_example_of_own_parts_builds(tmp_path):
    from nntrain import load_config
    from nntrain.run.inspect import inspect

    _, code = blocks("python")
    (use,) = [block for block in blocks("yaml") if "code:" in block]
    (tmp_path / "my_parts.py").write_text(code)
    data = "data: {type: sklearn, name: iris}\n"
    training = "training: {loss: sparse_categorical_crossentropy, epochs: 1}\n"
    (tmp_path / "own.yaml").write_text(use + data + training)
    built = inspect(load_config(tmp_path / "own.yaml"), allow_code=True)
    assert [layer.type for layer in built.summary.layers] == ["Dense", "Scale", "Dense"]


def test_the_workflow_is_yaml_and_runs_commands_that_are_there():
    import yaml

    (workflow,) = [block for block in blocks("yaml") if "runs-on" in block]
    steps = yaml.safe_load(workflow)["jobs"]["smoke"]["steps"]
    commands = "\n".join(step.get("run", "") for step in steps)
    assert "nntrain check configs/*.yaml" in commands
    assert 'nntrain fit "$config" --smoke --quiet --device cpu' in commands


def test_the_table_of_a_built_network_is_what_check_prints(workplace):
    printed = workplace("nntrain check --build configs/digits_cnn.yaml", anew=False)
    lines = "\n".join(line.rstrip() for line in printed.splitlines())
    assert f"```text\n{lines}\n```" in README.read_text(encoding="utf-8")
