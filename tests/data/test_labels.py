import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nntrain.data.labels import check_trained, encode, encode_known, whole_numbers
from nntrain.errors import DataError


def texts(*values):
    return np.array(values, object)


def test_texts_are_sorted_over_all_parts():
    (train, test), classes = encode([texts("b", "c"), texts("a", "b")], None)
    assert classes == ("a", "b", "c")
    assert (train.tolist(), test.tolist()) == ([1, 2], [0, 1])
    assert train.dtype == np.int64


def test_whole_floats_are_named_without_a_fraction():
    (y,), classes = encode([np.array([3.0, -1.0, 10.0])], None)
    assert classes == ("-1", "3", "10")
    assert y.tolist() == [1, 0, 2]


def test_texts_and_numbers_of_two_parts_meet_as_texts():
    (_, test), classes = encode([texts("1", "2"), np.array([2.0])], None)
    assert classes == ("1", "2")
    assert test.tolist() == [1]


def test_given_names_keep_the_labels():
    (y,), classes = encode([np.array([2, 0])], ("a", "b", "c"))
    assert classes == ("a", "b", "c")
    assert y.tolist() == [2, 0]


@given(st.lists(st.integers(-(2**40), 2**40), min_size=2).filter(lambda v: len(set(v)) > 1))
def test_indices_and_names_give_back_the_labels(values):
    (y,), classes = encode([np.array(values, float)], None)
    assert [int(classes[i]) for i in y] == values
    known = encode_known(np.array(values, float), classes, indices=False)
    np.testing.assert_array_equal(known, y)


def test_known_labels_are_names_or_indices():
    assert encode_known(texts("b", "a"), ("a", "b"), indices=True).tolist() == [1, 0]
    assert encode_known(np.array([1.0, 0.0]), ("a", "b"), indices=True).tolist() == [1, 0]
    assert encode_known(np.array([2.0, 1.0]), ("1", "2"), indices=False).tolist() == [1, 0]


def test_whole_numbers_are_recognised():
    assert whole_numbers(np.array([1.0, -2.0]))
    assert whole_numbers(np.array([True]))
    assert not whole_numbers(np.array([1.0, 0.5]))


GOLDEN = {
    "fractions": (
        lambda: encode([np.array([0.5, 1, 2, 0.5, 1.25])], None),
        "3 of 5 labels are not whole numbers: 0.5 (2), 1.25 (1); for numbers to be predicted set "
        "data.task: regression",
    ),
    "huge": (
        lambda: encode([np.array([1e300, 1])], None),
        "the label 1e+300 is too large for a class; set data.task: regression",
    ),
    "one class": (
        lambda: encode([np.array([4, 4]), np.array([4])], None),
        "all rows have the label '4'; a classifier needs at least two classes",
    ),
    "outside the names": (
        lambda: encode([np.array([0, 1, 2, 2, -1])], ("a", "b")),
        "labels outside 0 to 1 (2 classes): -1 (1), 2 (2)",
    ),
    "texts for named classes": (
        lambda: encode([texts("u", "v", "u")], ("a", "b")),
        "the target holds texts (u (2), v (1)) where class numbers are expected",
    ),
    "unknown": (
        lambda: encode_known(texts("a", "c", "c", "d"), ("a", "b"), indices=False),
        "the target holds labels that the run does not know: c (2), d (1); it knows a, b",
    ),
    "unknown number": (
        lambda: encode_known(np.array([0.0, 3.0]), ("0", "1"), indices=False),
        "the target holds labels that the run does not know: 3 (1); it knows 0, 1",
    ),
    "unknown index": (
        lambda: encode_known(np.array([0.0, 2.0]), ("a", "b"), indices=True),
        "labels outside 0 to 1 (2 classes): 2 (1)",
    ),
    "in the test rows alone": (
        lambda: check_trained(np.array([0, 1]), np.array([2, 2, 1, 3]), "test", ("a", "b", "c", "d")),
        "labels that stand in the test rows and in no training row can't be learnt: c (2), d (1); add "
        "rows of such labels, or take them out",
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_unfit_labels_are_explained(name):
    call, expected = GOLDEN[name]
    with pytest.raises(DataError) as caught:
        call()
    assert str(caught.value) == expected


def test_texts_that_are_whole_numbers_are_sorted_as_numbers():
    targets = [np.array(["10", "2", "1", "2"], object), np.array(["1", "10"], object)]
    indices, names = encode(targets, None)
    assert names == ("1", "2", "10")
    assert [part.tolist() for part in indices] == [[2, 1, 0, 1], [0, 2]]


def test_one_word_among_them_makes_all_of_them_texts():
    assert encode([np.array(["10", "2", "many"], object)], None)[1] == ("10", "2", "many")
