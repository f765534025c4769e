import threading

import pytest

from nntrain.data.by_twos import PARALLEL, by_twos


def test_few_numbers_are_handled_in_this_thread():
    seen = by_twos(lambda _: threading.get_ident(), range(3), PARALLEL - 1)
    assert seen == [threading.get_ident()] * 3


def test_many_are_handled_by_two_threads_and_keep_their_order():
    both = threading.Barrier(2, timeout=30)

    def task(i):
        both.wait()  # one thread alone would wait here for ever
        return i, threading.get_ident()

    numbers, threads = zip(*by_twos(task, range(6), PARALLEL), strict=True)
    assert numbers == (0, 1, 2, 3, 4, 5)
    assert len({*threads}) == 2


def test_an_error_of_a_column_is_raised():
    with pytest.raises(ZeroDivisionError):
        by_twos(lambda i: 1 / i, [1, 0], PARALLEL)
