"""Configs made for files: they load, they say what was found, and they train at once."""

import csv
import random

import pytest
from sklearn import datasets

from nntrain import fit, load_config
from nntrain.data.load import load
from nntrain.errors import DataError
from nntrain.run.starter.start import start


def write(folder, name, *, delimiter=",", ident=False, gaps=0.0, words=None):
    """One of scikit-learn's sets as a CSV file whose last column is `class`."""
    data = getattr(datasets, f"load_{name}")()
    chance = random.Random(1)
    file = folder / f"{name}.csv"
    with file.open("w", newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter)
        names = [text.replace(" ", "_") for text in data.feature_names]
        names = [
            f"{text}_{names[:i].count(text)}" if text in names[:i] else text for i, text in enumerate(names)
        ]
        writer.writerow([*(["sample_id"] if ident else []), *names, "class"])
        for i, (row, label) in enumerate(zip(data.data, data.target, strict=True)):
            cells = ["" if chance.random() < gaps else value for value in row]
            writer.writerow([*([1000 + i] if ident else []), *cells, words[label] if words else label])
    return file


def made(folder, file, target="class"):
    """The text of a config, and the config."""
    begun = start(file, target, folder)
    path = folder / f"{begun.name}.yaml"
    path.write_text(begun.text)
    return begun, load_config(path)


def test_iris(tmp_path):
    begun, config = made(tmp_path, write(tmp_path, "iris"))
    assert begun.findings == (
        f"{tmp_path}/iris.csv: 150 rows, 4 of 4 columns as features",
        "'class' has 3 classes: 50 of 0, 50 of 1, 50 of 2",
    )
    assert config.data.path == "iris.csv"
    assert config.data.task == "classification"
    assert config.data.preprocess.numeric.impute is None
    assert "units: 3, activation: softmax" in begun.text
    assert config.training.class_weight is None


def test_breast_cancer_with_semicolons_and_numbered_rows(tmp_path):
    begun, config = made(tmp_path, write(tmp_path, "breast_cancer", delimiter=";", ident=True))
    assert config.data.delimiter == ";"
    assert config.data.drop == ("sample_id",)
    assert "    - sample_id                     # it numbers the rows\n" in begun.text
    assert "# 569 rows, 357 of 1, 212 of 0\n" in begun.text
    assert config.training.class_weight == "balanced"
    assert "# the largest class has 63% of the rows, the smallest 37%\n" in begun.text
    assert begun.findings[-1] == "left out: sample_id (it numbers the rows)"
    assert "units: 1, activation: sigmoid" in begun.text


def test_wine_with_texts_and_gaps_trains_at_once(tmp_path):
    file = write(tmp_path, "wine", gaps=0.05, words=["Barolo", "Grignolino", "Barbera: red"])
    begun, config = made(tmp_path, file)
    assert config.data.preprocess.numeric.impute == "median"
    assert "# 178 rows, 71 of Grignolino, 59 of Barolo, 48 of Barbera: red\n" in begun.text
    done = fit(load_config(tmp_path / "wine.yaml", ["training.epochs=4"]), tmp_path / "runs")
    scores = done.scores["test"].to_json()
    assert scores["accuracy"] > scores["baseline"]["accuracy"] + 0.2


def test_diabetes_trains_at_once(tmp_path):
    begun, config = made(tmp_path, write(tmp_path, "diabetes"))
    assert config.data.task == "regression"
    assert "bias_initializer: {type: Constant, value: 152.1}" in begun.text
    assert begun.findings[-1] == "'class' is a number from 25 to 346"
    done = fit(load_config(tmp_path / "diabetes.yaml", ["training.epochs=4"]), tmp_path / "runs")
    scores = done.scores["test"].to_json()
    assert scores["mae"] < scores["baseline"]["mae"]


def test_texts_words_and_odd_names_are_written_so_that_they_load(tmp_path):
    file = tmp_path / "odd rows.csv"
    lines = ["a: b,# c,mixed,wood,y"]
    for i in range(40):
        mixed = f"w{i}" if i % 5 == 0 else i % 7
        lines.append(
            f"{'unknown' if i % 9 == 0 else i * 0.7 % 3},{i * 0.3 % 2},{mixed},{'ash' if i % 3 else 'oak'},{i % 2}"
        )
    file.write_text("\n".join(lines) + "\n")
    begun, config = made(tmp_path, file, "y")
    assert begun.name == "odd_rows"
    assert config.data.path == "odd rows.csv"
    assert config.data.missing[-1] == "unknown"
    assert config.data.categorical == ("mixed",)
    assert config.data.preprocess.numeric.impute == "median"
    assert config.data.preprocess.categorical.unknown == "zeros"
    assert begun.findings[2] == "missing cells are filled in: a: b (5)"


def test_the_path_starts_at_the_config(tmp_path):
    (tmp_path / "configs").mkdir()
    begun = start(write(tmp_path, "iris"), "class", tmp_path / "configs")
    assert "  path: ../iris.csv\n" in begun.text


def test_a_file_without_anything_to_learn_from_is_explained(tmp_path):
    file = tmp_path / "ids.csv"
    file.write_text("id,y\n" + "".join(f"{i},{i % 2}\n" for i in range(40)))
    with pytest.raises(DataError) as caught:
        start(file, "y", tmp_path)
    assert str(caught.value) == f"no column of {file} is left to learn from: id (it numbers the rows)"


def test_classes_of_too_few_rows_are_explained_and_no_config_is_made(tmp_path):
    file = tmp_path / "rare.csv"
    rows = [f"{i * 0.7 % 3},{f'rare{i}' if i < 14 else 'ab'[i % 2]}\n" for i in range(60)]
    file.write_text("x,y\n" + "".join(rows))
    with pytest.raises(DataError) as caught:
        start(file, "y", tmp_path)
    assert str(caught.value) == (
        f"{file}: each class of 'y' needs 3 rows, one for each split, and 14 of 16 have fewer: "
        "'rare0' (1), 'rare1' (1), 'rare10' (1), 'rare11' (1), 'rare12' (1) and 9 more; "
        "add rows of them, leave them out of the file, or predict another column"
    )


def test_long_lists_are_cut_after_five(tmp_path):
    file = tmp_path / "many.csv"
    head = ",".join(f"same{i}" for i in range(7))
    rows = [f"{i * 0.7 % 3},{'1,' * 7}k{i % 8}\n" for i in range(80)]
    file.write_text(f"x,{head},y\n" + "".join(rows))
    told = start(file, "y", tmp_path).findings
    assert told[1] == (
        "'y' has 8 classes: 10 of k0, 10 of k1, 10 of k2, 10 of k3, 10 of k4 and 3 more classes"
    )
    assert told[2] == (
        "left out: " + ", ".join(f"same{i} (all rows hold the same)" for i in range(5)) + " and 2 more"
    )


def test_one_column_is_one_and_the_second_class_has_a_name(tmp_path):
    file = tmp_path / "one.csv"
    rows = [f"{i * 0.7 % 3:.3f},{'ab'[i % 2]},{['no', 'yes'][i % 3 == 0]}\n" for i in range(60)]
    file.write_text("x,t,y\n" + "".join(rows))
    text = start(file, "y", tmp_path).text
    assert "# 1 column of numbers\n" in text
    assert "# 1 column of texts: one-hot, unknown ones are zeros\n" in text
    assert "    # The probability of yes.\n" in text


def test_numbers_of_classes_are_sorted_as_numbers(tmp_path):
    file = tmp_path / "two.csv"
    file.write_text("x,y\n" + "".join(f"{i * 0.7 % 3:.3f},{(2, 10)[i % 3 == 0]}\n" for i in range(60)))
    assert "    # The probability of 10.\n" in start(file, "y", tmp_path).text


def test_a_first_line_that_is_a_row_is_no_header(tmp_path):
    file = tmp_path / "bare.csv"
    file.write_text("".join(f"{i * 0.7 % 3:.3f},{'ab'[i % 2]}\n" for i in range(60)))
    begun = start(file, "c1", tmp_path, header=False)
    assert (
        "  header: false                     # the first line is a row; columns are c0, c1, ...\n"
        in begun.text
    )
    assert begun.findings[0] == f"{file}: 60 rows, 1 of 1 columns as features"


def test_truth_values_dates_and_tabs_train_at_once(tmp_path):
    file = tmp_path / "t.tsv"
    chance = random.Random(3)
    lines = ["day\tmember\tclass"]
    for i in range(60):
        lines.append(f"2026-01-{i % 28 + 1:02}\t{chance.choice(['true', 'false', ''])}\t{'ab'[i % 2]}")
    file.write_text("\n".join(lines))
    begun, config = made(tmp_path, file)
    assert config.data.delimiter is None
    assert config.data.dates == ("day",)
    assert "  dates:                            # days since 1970\n    - day\n" in begun.text
    assert "# 2 columns of numbers, 1 with missing cells\n" in begun.text
    assert fit(config, tmp_path / "runs").scores["test"].model.rows > 0


def test_columns_of_many_texts_are_hashed_and_free_texts_become_words(tmp_path):
    draw = random.Random(1)
    words = ["good", "bad", "chair", "broke", "fast", "slow", "arrived"]
    file = tmp_path / "reviews.csv"
    with file.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["day", "price", "city", "shop", "review", "liked"])
        for i in range(400):
            said = " ".join(draw.choices(words, k=8)) if i % 50 else ""
            day = f"2026-{1 + i // 40:02}-{1 + i // 2 % 20:02}"
            city = f"town {draw.randint(0, 150)}" if i % 40 else ""
            writer.writerow(
                [day, i * 7 % 31, city, draw.choice("AB"), said, "no" if "bad" in said else "yes"]
            )
    begun, config = made(tmp_path, file, "liked")
    assert [line.split("  #")[0] for line in begun.text.splitlines() if line.startswith("      ")] == [
        "      city: {impute: most_frequent, encode: hashing, bins: 64}",
        "      review: {text: {output: tf_idf, vocabulary: 1000, empty: keep}}",
    ]
    assert (
        "  # The rows are in the order of day; to learn from the older ones and be\n"
        "  # scored on the newer ones, add to split: by_time: day\n" in begun.text
    )
    assert begun.findings[3].startswith("hashed, as there are many: city (")
    assert begun.findings[4].startswith("taken apart into words: review (")
    assert begun.findings[5] == "the rows are in the order of day: see the comment at data.split"
    done = fit(config, tmp_path / "runs")
    assert done.scores["test"].to_json()["accuracy"] > 0.8
    by_time = tmp_path / "by_time.yaml"
    by_time.write_text(begun.text.replace("split: {", "split: {by_time: day, "))
    data = load(load_config(by_time).data, base=tmp_path, seed=0)
    assert data.train.index.max() < data.validation.index.min() < data.test.index.min()
    assert not any(name.startswith("day") for name in data.inputs["features"])
