"""A model file from elsewhere: only its numbers are taken, after its look and in a process of its own.

Keras would build what the file describes, and its HDF5 library would follow what the file says. Here the
network is built from the config alone. Another process, with little memory, reads the numbers whose names,
shapes and types are those of that network, and hands them over in a form that can hold nothing else.
"""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nntrain.config.vocabulary.user_code import UserCode
from nntrain.data.files import size
from nntrain.data.memory import available_memory
from nntrain.errors import ArtefactError, MemoryLimitError
from nntrain.run.model_files.archive import CONFIG, METADATA, NUMBERS, Archive, refused
from nntrain.run.model_files.vocabulary import wrong_config, wrong_metadata

if TYPE_CHECKING:
    import keras

    from nntrain.run.model_files.reader import Wanted

START = (
    "import sys; root = sys.argv[1]; root in sys.path or sys.path.insert(0, root); "
    "from nntrain.run.model_files.reader import main; main()"
)
"""Runs the same nntrain as this process, wherever it was imported from."""
ROOT = Path(__file__).parents[3]
KEPT = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "SYSTEMROOT", "TMPDIR")
"""What the other process gets of the environment; no plugins for HDF5 among it."""
OVERHEAD = 8 << 10
"""Bytes that HDF5 spends on an array."""
COPIES = 5
"""An optimizer keeps up to four numbers beside each weight."""
SECONDS = 120


def scan(path: Path, shown: str, code: UserCode | None) -> None:
    """Refuse a model file whose parts are not those of a .keras file, or name more than Keras' own things.

    Args:
        path: The file.
        shown: As the user wrote it.
        code: The user's own code, whose names the file may name.

    Raises:
        ArtefactError: It is something else, or was made to do harm.
        MachineError: It may not be read.
    """
    with Archive(path, shown) as archive:
        wrong = wrong_metadata(archive.read(METADATA)) or wrong_config(archive.read(CONFIG), code)
        if wrong:
            raise archive.refused(wrong)


def load_foreign(model: keras.Model, path: Path, shown: str) -> None:
    """Put the numbers of a model file into a model built from the config.

    Args:
        model: Built, with the same layers.
        path: The file, which was scanned.
        shown: As the user wrote it.

    Raises:
        ArtefactError: They are not this model's, or can't be read.
        MemoryLimitError: They do not fit into memory.
    """
    with Archive(path, shown) as archive, tempfile.TemporaryDirectory(prefix="nntrain-") as folder:
        own = Path(folder) / "own.weights.h5"
        model.save_weights(own)
        wanted = _wanted(own)
        total = _bytes_of(wanted)
        _check_size(archive, total, len(wanted))
        numbers, target = Path(folder) / "numbers.h5", Path(folder) / "numbers.safetensors"
        archive.unpack(NUMBERS, numbers)
        read_elsewhere(numbers, target, wanted, shown)
        _put_into(own, target)
        model.load_weights(own)


def _wanted(own: Path) -> Wanted:
    """Shape and type of each array in the file that Keras has written of the model itself."""
    import h5py

    found: dict[str, tuple[tuple[int, ...], str]] = {}

    def note(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset):
            found[name] = item.shape, "bfloat16" if item.dtype.str == "|V2" else item.dtype.name

    with h5py.File(own, "r") as file:
        file.visititems(note)
    return found


def _bytes_of(wanted: Wanted) -> int:
    return sum(
        math.prod(shape) * (2 if dtype == "bfloat16" else np.dtype(dtype).itemsize)
        for shape, dtype in wanted.values()
    )


def _check_size(archive: Archive, total: int, count: int) -> None:
    """Refuse numbers that are far more than the network and an optimizer have, or than the machine has.

    Raises:
        ArtefactError: The file holds too many.
        MemoryLimitError: There is no room for them.
    """
    held, most = archive.size(NUMBERS), COPIES * (total + OVERHEAD * (count + 20))
    if held > most:
        raise archive.refused(
            f"holds {size(held)} of numbers, and the config's network has {size(total)} of weights"
        )
    free = available_memory()
    if free is not None and 3 * total > free:
        raise MemoryLimitError(
            f"reading the model takes {size(3 * total)} of memory; this machine has {size(free)} available"
        )


def read_elsewhere(numbers: Path, target: Path, wanted: Wanted, shown: str) -> None:
    """Let the other process read.

    Args:
        numbers: A file in the format HDF5, which nobody vouches for.
        target: The file that its numbers are written to.
        wanted: Shape and type of each array.
        shown: What the user calls the file.

    Raises:
        ArtefactError: It refuses the file, or breaks.
    """
    total = _bytes_of(wanted)
    job = {"file": str(numbers), "target": str(target), "wanted": wanted, "bytes": total}
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", START, str(ROOT)],
            input=json.dumps(job),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            errors="replace",
            env={**environment, "OPENBLAS_NUM_THREADS": "1", "HDF5_PLUGIN_PRELOAD": "::"},
            timeout=SECONDS + total // (10 << 20),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise refused(f"keeps the process that reads its numbers busy for over {SECONDS} s", shown) from None
    if done.returncode:
        raise _ended(shown, done.returncode, done.stdout.strip())


def _ended(shown: str, code: int, said: str) -> ArtefactError:
    from nntrain.run.model_files.reader import REFUSED

    if code == REFUSED and said:
        return refused(said, shown)
    how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
    return refused(f"is damaged or made to do harm: the process that read its numbers ended {how}", shown)


def _put_into(own: Path, target: Path) -> None:
    """Write the numbers over those of the file that Keras has written."""
    import h5py

    from nntrain.run.model_files.tensors import read

    with target.open("rb") as stream, h5py.File(own, "r+") as file:
        for name, array in read(stream, str(target)).items():
            values = array.view(np.dtype("V2")) if array.dtype.name == "bfloat16" else array
            file[name][...] = values
