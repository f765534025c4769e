"""TensorFlow's libraries are loaded before Python asks for them, and the process ends well whatever comes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="libraries are loaded ahead on Linux alone")


def run(program, *arguments, **environment):
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
    assert not done.stderr
    return json.loads(done.stdout)


@LINUX
def test_the_libraries_are_in_memory_before_tensorflow_is_imported(write_config):
    program = """
import json, sys
from pathlib import Path
from nntrain.config import load_config
from nntrain.run import libraries
from nntrain.run.stderr import native_noise_held_back
mapped = lambda: [name in Path("/proc/self/maps").read_text() for name in libraries.NAMES]
facts = [libraries.is_begun(), any(mapped())]
libraries.load_ahead(load_config(sys.argv[1]).graph)
libraries.wait()
facts += [libraries.is_begun(), all(mapped()), "tensorflow" in sys.modules]
print(json.dumps(facts), flush=True)
with native_noise_held_back():
    import tensorflow as tf
    assert int(tf.add(20, 22)) == 42
import os; os._exit(0)
"""
    assert run(program, write_config()) == [False, False, True, True, False]


@LINUX
@pytest.mark.parametrize("there", [True, False])
def test_another_tensorflow_or_none_is_left_to_the_import(there, tmp_path, write_config):
    if there:
        (tmp_path / "tensorflow").mkdir()
        (tmp_path / "tensorflow" / "__init__.py").write_text("")
    program = f"""
import importlib.util, json, sys
from nntrain.config import load_config
from nntrain.run import libraries
if not {there}:
    libraries.find_spec = lambda name: None
libraries.load_ahead(load_config(sys.argv[1]).graph)
libraries.wait()
print(json.dumps("libtensorflow" in open("/proc/self/maps").read()))
"""
    path = os.pathsep.join((str(tmp_path), str(ROOT)))
    assert run(program, write_config(), PYTHONPATH=path) is False


@LINUX
def test_kernels_are_chosen_before_the_libraries_ask(write_config):
    program = """
import json, os, sys
from nntrain.config import load_config
from nntrain.run.keras_import import keras_import
from nntrain.run.libraries import load_ahead
from nntrain.run.stderr import native_noise_held_back
load_ahead(load_config(sys.argv[1], ["model.layers=[{type: Conv2D, filters: 2, kernel_size: 2}]"]).graph)
with native_noise_held_back():
    keras_import().result()
    from tensorflow.python.util import _pywrap_util_port
print(json.dumps([os.environ["TF_ENABLE_ONEDNN_OPTS"], _pywrap_util_port.IsMklEnabled()]), flush=True)
os._exit(0)
"""
    assert run(program, write_config()) == ["1", True]


def test_bad_data_end_a_process_whose_libraries_are_half_loaded(process, write_config):
    done = process("fit", write_config(), "training.epochs=0")
    assert done.code == 3
    done = process("fit", write_config(), "--runs-dir", os.devnull)
    assert done.code == 7
    assert os.devnull in done.err
