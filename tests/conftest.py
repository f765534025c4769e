"""What several test modules share: small configs, one finished run, commands as a user runs them."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before any test module imports Keras

ROOT = Path(__file__).parents[1]
CONFIGS = ROOT / "configs"

BLOBS = """\
name: blobs
seed: 3
data:
  type: sklearn
  name: make_blobs
  n_samples: 120
  centers: 3
  cluster_std: 0.7
  split: {validation: 0.2, test: 0.25}
  preprocess: {numeric: {scale: standard}}
model:
  layers:
    - {type: Dense, units: 8, activation: relu}
    - {type: Dropout, rate: 0.1}
    - {type: Dense, units: 3, activation: softmax}
training:
  loss: sparse_categorical_crossentropy
  optimizer: {type: Adam, learning_rate: 0.05}
  metrics: [accuracy]
  epochs: 5
  batch_size: 16
"""


def pytest_configure():
    """Take signals as in a terminal, also where the tests run in the background, which ignores them."""
    for number, usual in {signal.SIGINT: signal.default_int_handler, signal.SIGHUP: signal.SIG_DFL}.items():
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Import all that tests need without a look for garbage in it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.set_threshold(20_000, 20, 10)
        gc.enable()


@pytest.fixture(scope="module", autouse=True)
def what_stays():
    """No later look for garbage goes through it: Keras takes one at each `clear_session`, through all modules."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def write_config(tmp_path):
    """Write a config into the test's folder; the default one is learnt in a second."""

    def write(text: str = BLOBS, name: str = "blobs.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def nntrain(monkeypatch, capfd):
    """Run the command line in the tests' own process: `process` is for what a process of its own shows."""
    from tests.cli.in_process import run_command

    def run(*arguments: object, cwd: Path | None = None, **environment: str) -> SimpleNamespace:
        with monkeypatch.context() as place:
            place.chdir(cwd or Path.cwd())
            for name, value in {"NO_COLOR": "1", **environment}.items():
                place.setenv(name, value)
            return run_command(place, capfd, *arguments, columns=int(environment.get("COLUMNS", 100)))

    return run


@pytest.fixture
def process():
    """Run the command line in a process of its own: where its start, its end or its own code is what is tested."""

    def run(*arguments: object, cwd: Path | None = None, **environment: str) -> SimpleNamespace:
        done = subprocess.run(
            [sys.executable, "-m", "nntrain", *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=cwd,
            env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100", **environment},
            timeout=300,
            check=False,
        )
        return SimpleNamespace(code=done.returncode, out=done.stdout, err=done.stderr)

    return run


@pytest.fixture
def forked():
    """Run the command line in a process that has Keras already: where not the start of the process counts."""
    from tests.reliability.forks import begun

    def run(*arguments: object, cwd: Path | None = None, **environment: str) -> SimpleNamespace:
        said = {"NO_COLOR": "1", "COLUMNS": "100", **environment}
        going = begun(arguments, cwd or Path.cwd(), what="nntrain.cli.main:main", **said)
        return SimpleNamespace(code=going.wait(), out=going.stdout, err=going.stderr)

    return run


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory):
    """A run of the small config, trained once; tests that change it copy it first."""
    from nntrain import fit, load_config

    folder = tmp_path_factory.mktemp("finished")
    config = folder / "blobs.yaml"
    config.write_text(BLOBS, encoding="utf-8")
    result = fit(load_config(config), folder / "runs")
    return SimpleNamespace(path=result.path, result=result, config=config, runs=folder / "runs")
