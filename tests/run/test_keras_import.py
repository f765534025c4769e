"""Keras is imported while the rows are read, and nobody who has nothing to train waits for it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from nntrain.config import load_config
from nntrain.data.load import is_light
from tests.conftest import BLOBS

ROOT = Path(__file__).parents[2]
SLOW = 60
"""Seconds that the import of the Keras that stands in for the real one takes."""

CSV = BLOBS.partition("data:")[0] + (
    "data: {type: csv, path: rows.csv, target: kind, split: {validation: 0.2, test: 0.25}}\n"
    "model:" + BLOBS.partition("model:")[2]
)
ROWS = "x,y,kind\n" + "".join(f"{i % 7},{i % 5},{'abc'[i % 3]}\n" for i in range(60))
SLOW_TO_IMPORT = ("keras", "tensorflow", "sklearn")


def python(program, *arguments, **environment):
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def slow_keras(tmp_path):
    """A path on which a Keras lies whose import takes a minute."""
    package = tmp_path / "slow" / "keras"
    package.mkdir(parents=True)
    begun = package / "begun"
    (package / "__init__.py").write_text(
        f"import time\nopen({str(begun)!r}, 'w').close()\ntime.sleep({SLOW})\n"
    )
    return os.pathsep.join((str(package.parent), str(ROOT)))


@pytest.fixture
def csv_config(write_config, tmp_path):
    (tmp_path / "rows.csv").write_text(ROWS)
    return write_config(CSV)


def test_what_keras_does_not_need_is_neither_imported_nor_lost():
    program = """
import gc, json, sys
from nntrain.run.keras_import import UNUSED_BY_US, is_going_on, keras_import
assert not is_going_on()
seconds = keras_import().result()
found = sorted({name.split(".")[0] for name in sys.modules} & set(UNUSED_BY_US))
import sklearn, matplotlib, scipy.stats
facts = [found, "keras" in sys.modules, is_going_on(), gc.isenabled(), gc.get_freeze_count() > 10_000]
print(json.dumps([*facts, keras_import().result() == seconds > 0]))
"""
    assert json.loads(python(program)) == [[], True, False, True, True, True]


def test_what_is_hidden_from_keras_is_there_for_other_threads():
    program = """
import sys
from nntrain.run.keras_import import keras_import, is_going_on
going = keras_import()
import scipy.stats
assert is_going_on()
going.result()
print(sorted({"sklearn", "matplotlib"} & set(sys.modules)))
print(any(type(finder).__module__.startswith("nntrain") for finder in sys.meta_path))
"""
    assert python(program).split() == ["[]", "False"]


def test_an_import_that_fails_fails_where_keras_is_needed(tmp_path):
    package = tmp_path / "keras"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('no such library')\n")
    program = """
from nntrain.run.keras_import import keras_import
try:
    keras_import().result()
except ImportError as error:
    print(error)
import sklearn
"""
    path = os.pathsep.join((str(tmp_path), str(ROOT)))
    assert python(program, PYTHONPATH=path) == "no such library\n"


def test_files_are_read_without_keras_and_scikit_learn(csv_config, write_config, tmp_path):
    rng = np.random.default_rng(0)
    np.savez(
        tmp_path / "mnist.npz", **{f"x_{p}": rng.integers(0, 9, (60, 4, 4), np.uint8) for p in PARTS}, **Y
    )
    np.savez(tmp_path / "rows.npz", x=rng.normal(size=(60, 3)), y=np.arange(60) % 3)
    npz = CSV.replace("type: csv, path: rows.csv, target: kind", "type: npz, path: rows.npz")
    mnist = CSV.replace("type: csv, path: rows.csv, target: kind", "type: keras, name: mnist").replace(
        ", test: 0.25", ""
    )
    files = [csv_config, write_config(npz, "npz.yaml"), write_config(mnist, "mnist.yaml")]
    program = f"""
import sys
sys.modules.update(dict.fromkeys({SLOW_TO_IMPORT!r}))
from nntrain.config import load_config
from nntrain.data.load import is_light
from nntrain.run.reading import read_data
for file in sys.argv[1:]:
    config = load_config(file)
    assert is_light(config.data)
    print(len(read_data(config).train))
"""
    assert python(program, *files, NNTRAIN_DATA_HOME=str(tmp_path)).split() == ["36", "36", "48"]


PARTS = ("train", "test")
Y = {f"y_{part}": np.arange(60) % 3 for part in PARTS}


@pytest.mark.parametrize("name", ["cifar10", "imdb", "reuters", "mnist"])
def test_pickles_and_what_has_to_be_downloaded_wait_for_keras(name, write_config, tmp_path, monkeypatch):
    for variable in ("NNTRAIN_DATA_HOME", "KERAS_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    data = CSV.replace("type: csv, path: rows.csv, target: kind", f"type: keras, name: {name}")
    config = load_config(write_config(data.replace(", test: 0.25", "")))
    assert not is_light(config.data)


def test_sets_of_scikit_learn_wait_for_keras(write_config):
    assert not is_light(load_config(write_config()).data)


def test_bad_data_are_told_before_keras_is_there(process, csv_config, slow_keras):
    (csv_config.parent / "rows.csv").write_text(ROWS.replace("6,", "six,", 1))
    began = time.monotonic()
    done = process("fit", csv_config, "--json", PYTHONPATH=slow_keras, cwd=csv_config.parent)
    assert time.monotonic() - began < SLOW / 2
    assert done.code == 4
    assert json.loads(done.out)["exit"] == 4
    done = process("fit", csv_config, PYTHONPATH=slow_keras, cwd=csv_config.parent)
    assert done.code == 4
    assert "rows.csv" in done.err
    assert not list((csv_config.parent / "runs").iterdir())


def test_a_bug_keeps_its_traceback_while_keras_is_imported(process, csv_config, slow_keras, tmp_path):
    (tmp_path / "slow" / "keras" / "__init__.py").write_text("import time\ntime.sleep(2)\n")
    (tmp_path / "slow" / "sitecustomize.py").write_text(
        "import nntrain.data.load\nnntrain.data.load.LOADERS = {}\n"
    )
    done = process("fit", csv_config, PYTHONPATH=slow_keras, cwd=csv_config.parent)
    assert done.code == 1
    assert done.err.splitlines()[-1].startswith("KeyError: <class 'nntrain.config.data_tables.CsvSource'>")


def test_ctrl_c_answers_while_keras_is_imported(csv_config, slow_keras):
    process = subprocess.Popen(
        [sys.executable, "-m", "nntrain", "fit", str(csv_config), "--progress", "lines"],
        cwd=csv_config.parent,
        env={**os.environ, "PYTHONPATH": slow_keras},
        stderr=subprocess.PIPE,
        text=True,
        # A test run that was started in the background ignores SIGINT, and its children would too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    begun = Path(slow_keras.partition(os.pathsep)[0]) / "keras" / "begun"
    while not begun.exists() and process.poll() is None:
        time.sleep(0.05)
    time.sleep(0.5)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    try:
        _, told = process.communicate(timeout=SLOW / 2)
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
    assert time.monotonic() - began < 5
    assert process.returncode == -signal.SIGINT
    assert told == "stopped before training; nothing was written\n"
