"""Files that were made to do harm are refused by the look of them: nothing in them is run or unpacked."""

import contextlib
import os
import subprocess
import sys

import pytest

from nntrain.errors import ArtefactError
from nntrain.run.model_files.foreign import scan
from tests.run.model_files.malicious import CANARY, CORPUS, CUT, archive


def refusal(file):
    with pytest.raises(ArtefactError) as raised:
        scan(file, "m.keras", None)
    return str(raised.value)


@pytest.mark.parametrize("name", CORPUS)
def test_a_file_that_was_made_to_do_harm_is_refused_and_not_run(name, tmp_path):
    make, expected = CORPUS[name]
    file = tmp_path / "m.keras"
    file.write_bytes(make(tmp_path))
    assert refusal(file) == f"m.keras: {expected}"
    assert list(tmp_path.iterdir()) == [file]


def test_the_whole_corpus_is_judged_quickly_and_with_little_memory(tmp_path):
    names = []
    for name, (make, _) in CORPUS.items():
        (tmp_path / f"{name}.keras").write_bytes(make(tmp_path))
        names.append(name)
    sparse = tmp_path / "sparse.keras"
    with sparse.open("wb") as stream:
        stream.truncate(5 << 30)
    judge = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from nntrain.errors import ArtefactError\n"
        "from nntrain.run.model_files.foreign import scan\n"
        "for file in map(Path, sys.argv[1:]):\n"
        "    began = time.process_time()\n"
        "    try:\n"
        "        scan(file, file.name, None)\n"
        "    except ArtefactError as error:\n"
        "        print(error.exit_code, round(time.process_time() - began, 3), file.name)\n"
        "status = Path('/proc/self/status').read_text()\n"
        "print(status.partition('VmHWM:')[2].split()[0])\n"
    )
    files = sorted(map(str, tmp_path.glob("*.keras")))
    done = subprocess.run([sys.executable, "-c", judge, *files], capture_output=True, text=True, check=True)
    *judged, memory = done.stdout.split("\n")[:-1]
    assert [line.split()[0] for line in judged] == ["5"] * (len(names) + 1)
    assert max(float(line.split()[1]) for line in judged) < 2
    assert int(memory) < 500 * 1024
    assert not (tmp_path / CANARY).exists()


def test_a_good_file_passes(tmp_path):
    file = tmp_path / "m.keras"
    file.write_bytes(archive())
    scan(file, "m.keras", None)


def test_a_file_that_is_cut_anywhere_is_refused(tmp_path):
    content = archive()
    file = tmp_path / "m.keras"
    for tenth in range(10):
        file.write_bytes(content[: len(content) * tenth // 10])
        assert refusal(file) == f"m.keras: {CUT}"


def test_a_flipped_bit_never_ends_in_anything_but_a_refusal(tmp_path):
    content = archive()
    file = tmp_path / "m.keras"
    for at in range(0, len(content), 7):
        broken = bytearray(content)
        broken[at] ^= 1 << at % 8
        file.write_bytes(broken)
        with contextlib.suppress(ArtefactError):  # a bit in a date changes nothing
            scan(file, "m.keras", None)


def test_a_pipe_is_not_waited_for(tmp_path):
    pipe = tmp_path / "m.keras"
    os.mkfifo(pipe)
    assert refusal(pipe) == "m.keras is no regular file; name a .keras file"
