"""What the light commands import, seen from a process of their own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHIPPED = sorted(str(file.relative_to(ROOT)) for file in (ROOT / "configs").rglob("*.yaml"))
BAD = "tests/config/bad/several_sorted.yaml"
HEAVY = ["tensorflow", "keras", "numpy", "sklearn", "pyarrow", "matplotlib", "pandas", "scipy", "h5py", "PIL"]

PROGRAM = """
import json, sys
sys.argv = ["nntrain", *sys.argv[1:]]
code = None
try:
    from nntrain.cli.main import main
    main()
except SystemExit as leave:
    code = leave.code
sys.stdout.flush()
print(json.dumps({"code": code or 0, "imported": sorted(sys.modules)}))
"""


def run(*arguments, program=PROGRAM):
    """The printed text, the exit code and the heavy packages that were imported."""
    ended = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    printed, _, last = ended.stdout.rstrip("\n").rpartition("\n")
    facts = json.loads(last)
    return printed, facts["code"], sorted(set(HEAVY) & set(facts["imported"]))


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--help"], 0, "Usage"),
        (["--version"], 0, "nntrain "),
        (["fit", "--help"], 0, "CONFIG"),
        (["evaluate", "--help"], 0, "RUN"),
        (["check", "--help"], 0, "CONFIG"),
        (["schema"], 0, "2020-12"),
        (["init"], 0, "autoencoder"),
        (["layers"], 0, "Conv2D"),
        (["optimizers", "Adam"], 0, "learning_rate"),
        (["datasets"], 0, "make_moons"),
        (["check", *SHIPPED], 0, "configs/iris_mlp.yaml: ok"),
        (["check", BAD], 3, ""),
        (["check", "--json", BAD], 3, '"unknown-key"'),
        (["check", "--why", SHIPPED[0]], 0, "# default"),
        (["check", "nowhere.yaml"], 2, ""),
        (["diff", *SHIPPED[:2]], 0, "training."),
        (["diff", "--help"], 0, "training.epochs: 20 -> 30"),
        (["check"], 2, ""),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else None,
)
def test_light_commands_do_not_import_heavy_packages(arguments, code, words):
    printed, left_with, heavy = run(*arguments)
    assert heavy == []
    assert left_with == code
    assert words in printed


def test_all_shipped_configs_were_checked():
    printed, _, _ = run("check", *SHIPPED)
    assert len(SHIPPED) > 8
    assert printed.splitlines() == [f"{file}: ok" for file in SHIPPED]


def test_importing_the_package_costs_nothing():
    program = 'import json, sys, nntrain\nprint(json.dumps({"code": 0, "imported": sorted(sys.modules)}))'
    assert run(program=program)[2] == []


def test_a_heavy_import_would_be_seen():
    assert "numpy" in run("--version", program=f"import numpy\n{PROGRAM}")[2]
