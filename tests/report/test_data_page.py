"""The page of pictures and the tables of data: what is drawn, what is chosen of too much."""

from __future__ import annotations

from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from nntrain.report import data_tables as tables
from nntrain.report.balance import MOST_BARS, chosen
from nntrain.report.data_page import Histogram, Page, _bins, _edges, data_page

PNG = b"\x89PNG"
EMPTY = Page("title", (), {}, (), (), 0, (), "")
CLASSES = [(f"class {i}", {"train": 200 - i, "test": i % 3}) for i in range(100)]
RANDOM = np.random.default_rng(0)


def size(png):
    """Width and height in pixels."""
    assert png.startswith(PNG)
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


def printed(table, width=80):
    out = Console(width=width, file=StringIO())
    out.print(table)
    return [line.rstrip() for line in out.file.getvalue().splitlines()]


@pytest.mark.parametrize(
    "parts",
    [
        {"classes": CLASSES[:2]},
        {"classes": CLASSES},
        {"targets": {"train": RANDOM.normal(size=50), "test": RANDOM.normal(size=3)}},
        {"targets": {"train": np.zeros(5)}},
        {"images": [("a", RANDOM.random((8, 8))), ("$b_{", RANDOM.random((8, 8)))], "images_title": "images"},
        {"images": [("a", np.zeros((9, 30, 3), np.uint8))] * 11, "images_title": "images"},
    ],
    ids=["two classes", "100 classes", "numbers", "one number", "grey", "colour"],
)
def test_a_page_of_one_part_is_drawn(parts):
    width, _ = size(data_page(EMPTY._replace(**parts)))
    assert 1000 < width < 1600


def test_a_page_of_columns_is_drawn():
    values = np.r_[RANDOM.normal(size=48), 1e9, np.nan]
    histograms = [
        Histogram("a" * 80, "AUC 0.50", values, (), np.arange(50) % 2),
        Histogram("no value", "", np.full(50, np.nan), (), np.arange(50) % 2),
        Histogram("one value", "", np.full(50, 3.0), (), np.arange(50) % 2),
        Histogram("few", "", np.arange(50) % 3 * 1.0, (), np.arange(50) % 2),
        Histogram("text", "accuracy 0.50", None, [("long " * 9, 5), ("b", 1)]),
    ]
    page = EMPTY._replace(class_names=("no", "yes"), histograms=histograms, columns=500)
    _, tall = size(data_page(page))
    _, low = size(data_page(page._replace(histograms=histograms[:1])))
    assert tall > low


def test_of_many_classes_the_largest_and_the_smallest_are_drawn():
    kept, title = chosen(CLASSES)
    assert title == "Rows of the 15 largest and the 15 smallest of 100 classes"
    assert len(kept) == MOST_BARS + 1
    assert kept[15] is None
    assert kept[0][0] == "class 0"
    assert kept[-1][0] == "class 99"
    assert chosen(CLASSES[:30]) == (CLASSES[:30], "Rows of 30 classes")


def test_far_values_do_not_fill_a_histogram():
    edges, said = _edges(np.r_[np.linspace(0, 1, 999), 1e6])
    assert (edges[0] >= 0, edges[-1] < 2, said) == (True, True, " (far values at the ends)")
    edges, said = _edges(np.array([1.0, 2.0, 4.0]))
    np.testing.assert_array_equal(edges, [0.5, 1.5, 2.5, 3.5, 4.5])
    assert said == ""


def test_of_many_classes_those_with_the_most_rows_are_printed():
    table, said = tables.classes_table(CLASSES, {"train": 15_050, "test": 99})
    assert said == "and 70 classes more, of 101 to 170 rows: --json shows all"
    lines = printed(table)
    assert lines[2] == "class 0        200  1.3 %     0  0.0 %"
    assert lines[-1] == "all rows    15,050           99"
    assert len(lines) == 30 + 4


def test_of_many_columns_the_first_are_printed():
    rows = [tables.NumberRow(f"c{i}", 0, 9, tables.Measures(0.5, 1234.5, -2, 1e9)) for i in range(61)]
    table, said = tables.numbers_table(rows)
    assert said == "and 1 column more: --json shows all"
    lines = printed(table)
    assert lines[2] == "c0            0         9   0.5    1,234.5   -2  1e+09"
    assert len(lines) == 60 + 2


def test_long_names_and_texts_fit_a_narrow_terminal():
    rows = [tables.TextRow("n" * 90, 3, 70, [("t" * 90, 12), ("", 2)])]
    table, said = tables.texts_table(rows)
    assert said == ""
    assert max(map(len, printed(table, 60))) <= 60
    table, _ = tables.texts_table([tables.TextRow("id", 0, 70, [("a", 1), ("b", 1)])])
    assert printed(table)[-1] == "id          0        70  each text once"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (float("nan"), "-"),
        (3.0, "3"),
        (0.12345, "0.1235"),
        (99999.25, "99,999.2"),
        (-0.0, "0"),
    ],
)
def test_numbers_have_four_digits_that_matter(value, text):
    assert tables.short(value) == text


def test_whole_numbers_have_whole_ticks():
    from matplotlib.figure import Figure

    told = []
    for values in (np.arange(50) % 2 * 1.0, np.arange(50) % 2 * 0.3):
        axes = Figure().add_subplot()
        _bins(axes, Histogram("a", "", values), EMPTY)
        told.append({tick for tick in axes.get_xticks().tolist() if 0 <= tick <= 1})
    assert told[0] == {0.0, 1.0}
    assert 0.1 in {round(tick, 3) for tick in told[1]}
