"""Every leak that is planted in a clean set is found, and nothing is found in the set as it is."""

import numpy as np
import pytest

from nntrain.data.findings.find import thorough
from tests.data.findings.planting import (
    CLASSES,
    TABLES,
    changed,
    found,
    pictures,
    rows_of,
    rows_of_train_in,
    split,
    with_column,
)

SEEDS = range(3)
tables = pytest.mark.parametrize("name", TABLES)
classes = pytest.mark.parametrize("name", CLASSES)
seeds = pytest.mark.parametrize("seed", SEEDS)


def planted(name, seed, make, column="planted"):
    """What is found where a column is made of the target."""
    table, target, names = rows_of(name)
    values = make(target, names, np.random.default_rng(seed))
    view = split(with_column(table, column, values), target, names, seed)
    return {f.id: f.severity for f in thorough(view) if f.columns == (column,)}


@tables
@pytest.mark.parametrize("seed", range(10))
def test_no_leak_and_no_odd_column_is_found_in_a_clean_table(name, seed):
    expected = {"rows_in_two_splits", "duplicated_rows"} if name == "iris" else set()
    seen = found(split(*rows_of(name), seed))
    assert "leak" not in seen.values()
    assert set(seen) <= expected


@pytest.mark.parametrize("seed", range(5))
def test_no_leak_is_found_in_digits(seed):
    assert set(found(split(*pictures(), seed))) == set()
    images, target, names = pictures()
    assert set(found(split(images.reshape(len(images), -1), target, names, seed))) == set()
    small = images[:, ::2, ::2].reshape(len(images), -1).astype(float)
    assert set(found(split(small, target, names, seed))) <= {"constant_columns"}


@tables
@seeds
def test_a_copy_of_the_target_is_a_leak(name, seed):
    assert planted(name, seed, lambda y, names, r: y) == {"target_copy": "leak"}


@classes
def test_the_names_of_the_classes_are_a_copy(name):
    assert planted(name, 0, lambda y, names, r: np.array(names, object)[y]) == {"target_copy": "leak"}


@classes
@seeds
def test_a_code_of_the_classes_is_a_leak(name, seed):
    text = planted(name, seed, lambda y, names, r: np.array(["x7", "q", "zz"], object)[y])
    number = planted(name, seed, lambda y, names, r: np.array([40.0, -3.0, 7.0])[y])
    assert text == number == {"target_code": "leak"}


@tables
@seeds
def test_a_noisy_copy_is_a_leak(name, seed):
    noisy = planted(name, seed, lambda y, names, r: y + r.normal(0, 0.02 * y.std(), len(y)))
    assert noisy == {"target_giveaway": "leak"}


@classes
@seeds
def test_many_texts_of_which_each_belongs_to_one_class_are_a_leak(name, seed):
    def city(y, names, random):
        return np.array(
            [f"{label}-{number}" for label, number in zip(y, random.integers(0, 2, len(y)), strict=True)],
            object,
        )

    assert planted(name, seed, city) == {"target_giveaway": "leak"}


@classes
def test_a_gap_that_tells_the_class_is_a_leak(name):
    given = planted(name, 0, lambda y, names, r: np.where(y == 0, np.nan, y * 1.0))
    assert given["target_code"] == "leak"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_curve_of_a_number_is_a_leak(seed):
    assert planted("diabetes", seed, lambda y, names, r: np.exp(y / 60)) == {"target_giveaway": "leak"}


@classes
@seeds
def test_a_weak_hint_is_no_finding(name, seed):
    hint = planted(name, seed, lambda y, names, r: y + r.normal(0, 0.8, len(y)))
    assert hint == {}


@tables
@seeds
def test_columns_that_name_the_rows_are_found(name, seed):
    number = planted(name, seed, lambda y, names, r: r.permutation(len(y)) + 1000, "id")
    text = planted(name, seed, lambda y, names, r: np.array([f"p{i}" for i in r.permutation(len(y))], object))
    assert number == text == {"identifier_column": "warning"}


@pytest.mark.parametrize("name", ["wine", "breast_cancer", "diabetes"])
@pytest.mark.parametrize("part", ["validation", "test"])
@seeds
def test_rows_in_two_splits_are_a_leak(name, part, seed):
    view = rows_of_train_in(split(*rows_of(name), seed), part, 5)
    (finding,) = [f for f in thorough(view) if f.id == "rows_in_two_splits"]
    assert (finding.severity, finding.figures["rows"]) == ("leak", 5)


@pytest.mark.parametrize("name", ["breast_cancer", "diabetes"])
@seeds
def test_rounded_rows_in_two_splits_are_a_leak(name, seed):
    def rounded(values):
        scale = 10.0 ** np.floor(np.log10(np.abs(values) + 1e-12))
        return np.round(values / scale, 3) * scale * (1 + 1e-6)

    view = rows_of_train_in(split(*rows_of(name), seed), "test", 5, rounded)
    (finding,) = [f for f in thorough(view) if f.id == "near_rows_in_two_splits"]
    assert finding.severity == "leak"
    assert finding.figures["rows"] >= 4


CHANGES = {
    "noise": lambda x: np.clip(x + np.random.default_rng(0).normal(0, 4, x.shape), 0, 255),
    "brightness": lambda x: x * 0.7 + 20,
    "fewer shades": lambda x: x // 8 * 8,
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("flat", [False, True])
@seeds
def test_pictures_that_are_nearly_the_same_are_a_leak(change, flat, seed):
    images, target, names = pictures()
    images = images.reshape(len(images), -1) if flat else images
    view = rows_of_train_in(
        split(images, target, names, seed),
        "test",
        10,
        lambda x: CHANGES[change](x.astype(float)).astype(np.uint8),
    )
    (finding,) = [f for f in thorough(view) if f.id == "near_rows_in_two_splits"]
    assert (finding.severity, finding.figures["rows"]) == ("leak", 10)


@classes
@seeds
def test_identical_rows_of_different_labels_are_counted(name, seed):
    table, target, names = rows_of(name)
    copies = np.r_[np.arange(len(table)), np.arange(4)]
    wrong = np.r_[target, (target[:4] + 1) % len(names)]
    (finding,) = [f for f in thorough(split(table.take(copies), wrong, names, seed)) if f.id == "label_noise"]
    assert (finding.severity, finding.figures["rows"]) == ("warning", 4)


@tables
@seeds
def test_another_unit_in_the_test_rows_is_found(name, seed):
    table, target, names = rows_of(name)
    metres = 160 + 10 * np.random.default_rng(seed).normal(size=len(target))
    view = split(with_column(table, "planted", metres), target, names, seed)

    def in_metres(rows):
        return with_column(rows.select(rows.order[:-1]), "planted", rows.numeric["planted"] / 100)

    assert found(changed(view, "test", in_metres))["shifted_columns"] == "warning"


@seeds
def test_labels_in_another_order_are_found(seed):
    images, target, names = pictures()
    view = split(images, target, names, seed, own=("test",))
    assert "class_order" not in found(view)
    held = view.parts["test"]
    held.targets["target"][:] = (held.targets["target"] + 1) % 10
    assert found(view)["class_order"] == "warning"
