import numpy as np
import pytest

from nntrain.errors import DivergedError, UsageError
from nntrain.evaluation import row_errors
from nntrain.run.prediction.answers import Output, Wanted
from nntrain.run.scoring import Target


def output(task, names=(), kind="softmax", threshold=0.5, **wanted):
    return Output(Target("target", task, names, (), np.zeros(1)), kind, 0.0, threshold, Wanted(**wanted))


def table(asked, given, inputs=None):
    columns = [column for answer in asked.answers(given, inputs) for column in answer.columns()]
    return {title: values.tolist() for title, values in columns}


SOFT = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]], np.float32)


def test_a_class_has_a_name_and_a_probability():
    assert table(output("classification", ("a", "b", "c")), SOFT) == {
        "predicted": ["a", "c"],
        "probability": [0.7, 0.6],
    }


def test_the_most_likely_classes_come_first():
    found = table(output("classification", ("a", "b", "c"), top=2), SOFT)
    assert (found["top1"], found["p(top1)"]) == (["a", "c"], [0.7, 0.6])
    assert (found["top2"], found["p(top2)"]) == (["b", "b"], [0.2, 0.3])


def test_every_class_has_a_probability_if_asked_for():
    found = table(output("classification", ("a", "b", "c"), probabilities=True), SOFT)
    assert [found[f"p({name})"] for name in "abc"] == [[0.7, 0.1], [0.2, 0.3], [0.1, 0.6]]


@pytest.mark.parametrize(("threshold", "names"), [(0.5, ["no", "yes"]), (0.8, ["no", "no"])])
def test_the_threshold_decides_between_two_classes(threshold, names):
    given = np.array([[0.25], [0.75]])
    found = table(output("classification", ("no", "yes"), "sigmoid", threshold), given)
    assert found["predicted"] == names
    assert found["probability"] == [0.75, 0.75 if names[1] == "yes" else 0.25]


def test_scores_that_are_no_probabilities_rank_all_the_same():
    found = table(output("classification", ("a", "b"), "scores", top=2), np.array([[0.5], [-2.0]]))
    assert found == {"predicted": ["b", "a"], "top1": ["b", "a"], "top2": ["a", "b"]}
    with pytest.raises(UsageError) as raised:
        table(output("classification", ("a", "b"), "scores", probabilities=True), np.array([[0.5]]))
    assert str(raised.value) == (
        "what the model gives for 'target' are no probabilities: its loss makes none; leave out --probabilities"
    )


def test_labels_above_the_threshold_are_listed():
    given = np.array([[0.9, 0.2, 0.6], [0.1, 0.2, 0.3]])
    found = table(output("multi_label", ("a", "b", "c"), "sigmoid", probabilities=True), given)
    assert found["predicted"] == [["a", "c"], []]
    assert found["p(b)"] == [0.2, 0.2]
    assert table(output("multi_label", ("a", "b", "c"), "sigmoid", 0.15), given)["predicted"][1] == ["b", "c"]


def test_numbers_are_as_the_model_gives_them():
    given = np.array([[1.5], [2.5]], np.float32)
    assert table(output("regression"), given) == {"predicted": [1.5, 2.5]}
    assert table(output("regression", ("x", "y")), np.array([[1.0, 2.0]])) == {
        "predicted(x)": [1.0],
        "predicted(y)": [2.0],
    }


def test_rows_given_back_have_their_errors_and_if_asked_for_themselves():
    inputs, given = np.zeros((2, 3)), np.array([[1.0, 0, 0], [0, 0, 3.0]])
    errors = row_errors(inputs, given)
    assert table(output("reconstruction"), given, inputs) == {
        "mse": errors.mse.tolist(),
        "mae": errors.mae.tolist(),
    }
    (*_, last) = output("reconstruction", bulk=True).answers(given, inputs)
    assert (last.title, last.values.tolist()) == ("reconstruction", given.tolist())


def test_masks_have_the_pixels_of_each_class():
    given = {"labels": np.array([[[0, 1], [1, 1]]], np.uint8), "sums": np.zeros(1)}
    asked = output("segmentation", ("ground", "disc", "square"), bulk=True)
    assert table(asked, given) == {"pixels(ground)": [1], "pixels(disc)": [3], "pixels(square)": [0]}
    (*_, mask) = asked.answers(given, None)
    assert mask.values is given["labels"]


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (output("regression"), np.array([[1.0], [np.nan]])),
        (output("classification", ("a", "b")), np.array([[0.5, 0.5], [np.nan, 1]])),
        (output("segmentation", ("a", "b")), {"labels": np.zeros((2, 1, 1)), "sums": np.array([0, np.nan])}),
    ],
    ids=["numbers", "classes", "masks"],
)
def test_what_is_no_number_is_told(asked, given):
    with pytest.raises(DivergedError, match="not a finite number on 1 of 2 rows"):
        table(asked, given)


WRONG = {
    "--top is for classes, and 'target' is predicted by regression": output("regression", top=2),
    "--top 3 asks for more classes than there are: 2": output("classification", ("a", "b"), top=3),
    "--probabilities is for classes and labels, and 'target' is predicted by regression": output(
        "regression", probabilities=True
    ),
}


@pytest.mark.parametrize("text", WRONG)
def test_what_an_output_does_not_have_is_refused(text):
    with pytest.raises(UsageError) as raised:
        WRONG[text].check()
    assert str(raised.value) == text
