"""How a command ends that has started TensorFlow: at once, and nothing is lost."""

import json

import pytest

from tests.conftest import BLOBS

CODE = """\
import atexit, keras, threading, time
from concurrent.futures import ThreadPoolExecutor

@keras.saving.register_keras_serializable("mine")
class Scale(keras.layers.Layer):
    def call(self, x):
        return x * 2

atexit.register(lambda: print("registered for the end"))
def late():
    time.sleep(1)
    print("of a thread")
threading.Thread(target=late).start()
pool = ThreadPoolExecutor(1)
pool.submit(print, "of a pool")
"""


def test_what_own_code_leaves_for_the_end_is_done(process, write_config, tmp_path):
    (tmp_path / "mine.py").write_text(CODE)
    text = "code: mine.py\n" + BLOBS.replace("epochs: 5", "epochs: 1").replace(
        "    - {type: Dropout, rate: 0.1}", "    - {type: Scale}"
    )
    done = process("fit", write_config(text), "--smoke", "--allow-code", cwd=tmp_path)
    assert done.code == 0, done.err
    assert done.out.endswith("registered for the end\n")
    assert "of a thread\n" in done.out
    assert "of a pool\n" in done.out


def test_output_through_a_pipe_arrives_whole(process, write_config, tmp_path):
    done = process("fit", write_config(), "--json", "training.epochs=1", cwd=tmp_path)
    assert json.loads(done.out)["exit"] == done.code == 0
    assert "\nepoch 1/1  loss " in done.err


@pytest.mark.parametrize("arguments", [["--json"], []], ids=["json", "text"])
def test_a_mistake_that_is_found_after_the_start_has_its_exit_code(forked, write_config, tmp_path, arguments):
    text = BLOBS.replace("units: 3", "units: 4")
    done = forked("fit", write_config(text), *arguments, cwd=tmp_path)
    assert done.code == 3
    assert "model.layers[2]" in (done.out if arguments else done.err)
