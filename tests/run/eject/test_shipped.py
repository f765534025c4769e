"""Shipped configs are ejected, but for those that use our own parts; each script is short and formatted."""

import re
import subprocess
import sys
import warnings

import numpy as np
import pytest

from nntrain.errors import ConfigError
from nntrain.run.eject.eject import eject
from tests.conftest import CONFIGS
from tests.course_sets import write_sets
from tests.data.openml_site import Site, served

REFUSED = {
    "digits_images": "ElasticDeformation, which is none of Keras' own",
    "course/autoencoders/stacked": "pretrain",
    "course/mnist/deep_big_simple": "ElasticDeformation, which is none of Keras' own",
    "course/mnist/deep_simple_laptop": "ElasticDeformation, which is none of Keras' own",
}
"""Configs with parts of our own, and the first of these."""
FOUND = {path.relative_to(CONFIGS).with_suffix("").as_posix(): path for path in CONFIGS.rglob("*.yaml")}
NAMES = sorted(
    name
    for name, path in FOUND.items()
    if name not in REFUSED
    and not name.startswith("tune/")
    and ("/" not in name or "\nextends:" not in path.read_text(encoding="utf-8"))
)
"""Of the course those that others extend; searches learn from more rows than stand-ins have."""
TAKEN = re.compile(r"^(?:from|import) (\w+)", re.MULTILINE)
USED = {
    *("PIL", "keras", "numpy", "pandas", "sklearn", "tensorflow"),
    *("collections", "glob", "hashlib", "json", "pathlib", "unicodedata"),
}


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    """The script of each config, in a folder; what takes a download is stood in for."""
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("scripts")
    write_sets(home)
    draw = np.random.default_rng(0)
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
            script_of(folder, name).write_text(eject(f"configs/{name}.yaml"))
        yield folder


def script_of(folder, name):
    return folder / f"{name.rpartition('/')[2]}.py"


@pytest.mark.parametrize("name", NAMES)
def test_a_script_compiles_and_needs_what_a_teacher_has(name, scripts):
    script = script_of(scripts, name).read_text()
    assert len(script.splitlines()) < 170
    assert set(TAKEN.findall(script)) <= USED
    compile(script, name, "exec")


@pytest.mark.parametrize("name", REFUSED)
def test_parts_of_our_own_are_refused_by_name(name, scripts):
    with pytest.raises(ConfigError) as caught:
        eject(f"configs/{name}.yaml")
    sentence = f"a plain script has no short way for {REFUSED[name]}, so this config stays with nntrain"
    assert sentence in str(caught.value)


def test_scripts_are_formatted(scripts):
    for arguments in (["format", "--diff"], ["check", "--select", "E,F,I", "--line-length", "88"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, "--isolated", "--no-cache", str(scripts)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
