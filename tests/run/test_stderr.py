import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def errors_of(body):
    """What a program leaves on its error stream: its body runs while native noise is held back."""
    program = f"""
import os, sys
from nntrain.errors import DataError
from nntrain.run.stderr import native_noise_held_back, own_stream
{body}
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    return done.stderr


def test_noise_is_held_back_and_our_own_words_are_not():
    body = """
with native_noise_held_back():
    os.write(2, b"noise\\n")
    print("ours", file=sys.stderr)
print("after", file=sys.stderr)
os.write(2, b"native again\\n")
"""
    assert errors_of(body) == "ours\nafter\nnative again\n"


def test_a_stream_that_was_taken_before_is_heard_too():
    body = """
own_stream()
taken = sys.stderr
with native_noise_held_back():
    os.write(2, b"noise\\n")
    print("the bar moves", file=taken)
own_stream()
assert sys.stderr is taken
"""
    assert errors_of(body) == "the bar moves\n"


def test_noise_of_two_threads_is_held_back_until_both_are_done():
    body = """
import threading
first, second = threading.Event(), threading.Event()
def hold():
    with native_noise_held_back():
        first.set()
        second.wait()
        os.write(2, b"late noise\\n")
own_stream()
thread = threading.Thread(target=hold)
thread.start()
first.wait()
with native_noise_held_back():
    os.write(2, b"noise\\n")
second.set()
thread.join()
os.write(2, b"native again\\n")
"""
    assert errors_of(body) == "native again\n"


@pytest.mark.parametrize(
    ("error", "told"), [("ValueError()", True), ("DataError('x')", False), ("KeyboardInterrupt()", False)]
)
def test_noise_is_told_with_an_error_that_it_may_explain(error, told):
    body = f"""
try:
    with native_noise_held_back():
        os.write(2, b"the library is broken\\n")
        raise {error}
except BaseException:
    pass
"""
    assert errors_of(body) == ("the library is broken\n" if told else "")


def test_without_an_error_stream_nothing_fails():
    assert errors_of("os.close(2)\nwith native_noise_held_back():\n    pass\nos._exit(0)") == ""


def test_another_stream_stays_as_it_is(capsys):
    from nntrain.run.stderr import own_stream

    before = sys.stderr
    own_stream()
    assert sys.stderr is before
    assert os.fstat(2)
