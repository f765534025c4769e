"""Arrow takes memory from the system, unless the user chose something else."""

import os
import subprocess
import sys

import pytest

PROGRAM = "import nntrain.data, pyarrow; print(pyarrow.default_memory_pool().backend_name)"


@pytest.mark.parametrize(("chosen", "backend"), [(None, "system"), ("mimalloc", "mimalloc")])
def test_memory_comes_from_the_system(chosen, backend):
    given = {key: value for key, value in os.environ.items() if key != "ARROW_DEFAULT_MEMORY_POOL"}
    given |= {"ARROW_DEFAULT_MEMORY_POOL": chosen} if chosen else {}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, env=given
    )
    assert done.stdout.split() == [backend]
