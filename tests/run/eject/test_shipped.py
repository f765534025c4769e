"""Every shipped config is ejected, but for those that use our own parts; its script is short and formatted."""

import re
import subprocess
import sys
import warnings

import numpy as np
import pytest

from nntrain.errors import ConfigError
from nntrain.run.eject.eject import eject
from tests.conftest import CONFIGS
from tests.data.openml_site import Site, served

OWN_PARTS = {"digits_images"}
NAMES = sorted(path.stem for path in CONFIGS.glob("*.yaml") if path.stem not in OWN_PARTS)
TAKEN = re.compile(r"^(?:from|import) (\w+)", re.MULTILINE)
USED = {
    *("PIL", "keras", "numpy", "pandas", "sklearn", "tensorflow"),
    *("collections", "glob", "hashlib", "json", "pathlib", "unicodedata"),
}


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    """The script of each config, in a folder; what takes a download is stood in for."""
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("scripts")
    draw = np.random.default_rng(0)
    images, digits = draw.integers(0, 256, (400, 28, 28), np.uint8), np.arange(400) % 10
    np.savez(home / "mnist.npz", x_train=images, y_train=digits, x_test=images[:10], y_test=digits[:10])
    values = draw.normal(size=(60, 5))
    lines = [",".join([*map(str, row), str(1 + int(row[0] > 0))]) for row in values]
    names = [f"V{i}" for i in range(1, 6)]
    head = [f"@ATTRIBUTE {name} NUMERIC" for name in names] + ["@ATTRIBUTE Class {1, 2}"]
    arff = "\n".join(["@RELATION phoneme", *head, "@DATA", *lines]) + "\n"
    types = dict.fromkeys(names, "numeric") | {"Class": "nominal"}
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        patch.setenv("NNTRAIN_DATA_HOME", str(home))
        patch.chdir(CONFIGS.parent)
        served(patch, Site(arff=arff, target="Class", types=types))
        for name in NAMES:
            (folder / f"{name}.py").write_text(eject(f"configs/{name}.yaml"))
        with pytest.raises(ConfigError):
            eject("configs/digits_images.yaml")
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_a_script_compiles_and_needs_what_a_teacher_has(name, scripts):
    script = (scripts / f"{name}.py").read_text()
    assert len(script.splitlines()) < 170
    assert set(TAKEN.findall(script)) <= USED
    compile(script, name, "exec")


def test_scripts_are_formatted(scripts):
    for arguments in (["format", "--diff"], ["check", "--select", "E,F,I", "--line-length", "88"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, "--isolated", "--no-cache", str(scripts)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
