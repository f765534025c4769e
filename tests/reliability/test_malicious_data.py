"""Data that were made to do harm are refused at a place, in time, in little memory, and nothing in them is run."""

import json
import subprocess
import sys

import pytest

from tests.reliability.malicious_data import corpus, write
from tests.run.model_files.malicious import CANARY

JUDGE = """\
import json, sys, time
from pathlib import Path
from pydantic import TypeAdapter
from nntrain.config.data import DataSource
from nntrain.data.load import load
from nntrain.errors import NntrainError
import numpy, tensorflow  # whose own start is not what is measured
before = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
told = {}
for folder, source in json.load(sys.stdin).items():
    source = TypeAdapter(DataSource).validate_python(source)
    began = time.process_time()
    try:
        load(source, base=Path(folder), seed=0)
        said = [0, "accepted"]
    except NntrainError as error:
        said = [error.exit_code, str(error)]
    except Exception as error:
        said = [1, f"{type(error).__name__}: {error}"[:500]]
    told[Path(folder).name] = [*said, time.process_time() - began]
memory = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
print(json.dumps({"told": told, "memory": memory - before}))
"""


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    jobs = {}
    for name, (source, files) in corpus(folder).items():
        write(folder / name, files)
        jobs[str(folder / name)] = source
    done = subprocess.run(
        [sys.executable, "-c", JUDGE], input=json.dumps(jobs), capture_output=True, text=True, check=True
    )
    assert not (folder / CANARY).exists()
    return json.loads(done.stdout)


NAMES = list(corpus("."))


def test_there_are_more_than_twenty_five():
    assert len(NAMES) > 25


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_was_made_to_do_harm_is_refused(judged, name):
    code, said, _ = judged["told"][name]
    assert code == 4, said
    assert said.count("\n") < 8


def test_each_is_judged_quickly_and_all_with_little_memory(judged):
    slow = {name: seconds for name, (_, _, seconds) in judged["told"].items() if seconds > 2}
    assert slow == {}
    assert judged["memory"] < 500 << 10


def test_a_formula_is_a_text_and_no_more(tmp_path):
    from pydantic import TypeAdapter

    from nntrain.config.data import DataSource
    from nntrain.data.load import load

    (tmp_path / "d.csv").write_text("x,y\n" + "=cmd|' /C calc'!A0,1\n=1+1,0\n" * 20)
    source = TypeAdapter(DataSource).validate_python({"type": "csv", "path": "d.csv", "target": "y"})
    data = load(source, base=tmp_path, seed=0)
    assert set(map(tuple, data.train.x.tolist())) <= {(0.0, 1.0), (1.0, 0.0)}
