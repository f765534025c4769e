"""What is imported while a network trains."""

import subprocess
import sys

from nntrain.run import imports_ahead
from nntrain.run.imports_ahead import NEEDED_LATER, import_ahead

LIST = """
import sys
from nntrain.run.imports_ahead import NEEDED_LATER, import_ahead
before = [name for name in NEEDED_LATER if name in sys.modules]
import_ahead().join()
print(before, all(name in sys.modules for name in NEEDED_LATER))
"""


def test_scores_and_pictures_find_their_packages_imported():
    done = subprocess.run([sys.executable, "-c", LIST], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] True"


def test_a_package_that_is_not_there_is_left_to_whoever_needs_it(monkeypatch, capfd):
    monkeypatch.setattr(imports_ahead, "NEEDED_LATER", ("no_such_package", *NEEDED_LATER))
    thread = import_ahead()
    thread.join()
    assert not thread.is_alive()
    assert capfd.readouterr() == ("", "")
