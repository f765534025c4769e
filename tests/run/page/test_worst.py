"""The rows that were met worst, for each task."""

from nntrain.report.page.blocks import Table, Text
from nntrain.run.page.course import Outcome
from nntrain.run.page.worst import confusions, worst


def rows(task, text, output=""):
    (block,) = worst(Outcome(output, task, {}, ["a", "b"]), text.encode())
    assert isinstance(block, Table)
    assert len(block.header) == len(block.rows[0])
    return block.rows


def test_confident_mistakes_come_first():
    text = "row,actual,predicted,p(a),p(b)\n3,a,a,0.9,0.1\n4,a,b,0.4,0.6\n7,b,a,0.99,0.01\n"
    assert rows("classification", text) == [("7", "b", "a", "0.9900"), ("4", "a", "b", "0.6000")]


def test_mistakes_without_probabilities_are_told_too():
    assert rows("classification", "row,actual,predicted\n3,a,b\n") == [("3", "a", "b", "-")]


def test_a_run_without_mistakes_says_so():
    blocks = worst(Outcome("", "classification", {}), b"row,actual,predicted\n3,a,a\n")
    assert blocks == [Text("No row was predicted wrongly.")]


def test_numbers_are_ordered_by_how_far_they_are_off():
    text = "row,actual,predicted\n1,10,10.5\n2,10,4\n3,nan,1\n"
    assert rows("regression", text) == [
        ("2", "10.0000", "4.0000", "-6"),
        ("1", "10.0000", "10.5000", "+0.5"),
    ]


def test_of_several_numbers_the_worst_is_told_and_of_several_outputs_its_own():
    text = 'row,w.actual(x),w.actual(y),w.predicted(x),w.predicted(y),other.actual\n5,1,2,1.5,"9",a\n'
    assert rows("regression", text, "w") == [("5 (y)", "2.0000", "9.0000", "+7")]


def test_labels_that_are_missed_or_added_are_named():
    text = "row,actual(red),actual(blue),predicted(red),predicted(blue)\n1,1,0,0,1\n2,1,1,1,1\n"
    assert rows("multi_label", text) == [("1", "red", "blue")]


def test_masks_and_reconstructions_are_ordered_by_their_scores():
    masks = "row,accuracy,mean_iou\n1,0.9,0.8\n2,0.5,0.3\n"
    assert [cells[0] for cells in rows("segmentation", masks)] == ["2", "1"]
    assert [cells[0] for cells in rows("reconstruction", "row,mse,mae\n1,0.9,0.8\n2,1.5,0.3\n")] == ["2", "1"]


def test_classes_taken_for_one_another_are_counted():
    found = Outcome("", "classification", {"confusion_matrix": [[8, 2], [5, 5]]}, ["a", "b"])
    (table,) = confusions(found)
    assert table.rows == [("b", "a", "5", "50.0 %"), ("a", "b", "2", "20.0 %")]
    assert confusions(Outcome("", "classification", {"confusion_matrix": [[8, 0], [0, 5]]}, ["a", "b"])) == []
