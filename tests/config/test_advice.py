"""What the error texts advise must work: each piece of advice is followed, and the config loads."""

import re
import shutil
from pathlib import Path

import pytest

from nntrain.config import load_config
from nntrain.errors import ConfigError

BAD = Path(__file__).with_name("bad")

ADVICE = {
    # name: the words of the advice, and the edits that follow it
    "batch_size_exponent": ("write 1000", ("1e3", "1000")),
    "bool_as_number": ("a whole number", ("false", "8"), ("true", "5")),
    "callback_monitor": (
        "watch 'loss'",
        ("[ReduceLROnPlateau]", "[{type: ReduceLROnPlateau, monitor: loss}]"),
    ),
    "callbacks_is_mapping": (
        "start each item with '- '",
        ("callbacks: {type: ReduceLROnPlateau}", "callbacks:\n    - {type: ReduceLROnPlateau}"),
    ),
    "callback_refused": (
        "set 'training.early_stopping' instead",
        ("  callbacks:\n    - {type: EarlyStopping, patience: 3}\n", "  early_stopping: {patience: 3}\n"),
        ("    - TensorBoard\n", ""),
        ("    - {type: ModelCheckpoint, filepath: best.keras}\n", ""),
    ),
    "columns_with_header": ("add 'header: false'", ("  columns", "  header: false\n  columns")),
    "columns_wrong_items": (
        "in quotes if that is the text",
        ("2, true", '"2", "true"'),
        ("drop: a", "drop: [a]"),
    ),
    "description_is_bool": ('write "true" in quotes', ("true", '"true"')),
    "expect_not_quoted": ("put it in quotes", (">= 0.97", '">= 0.97"')),
    "generator_arguments": ("it takes n_samples, noise", ("  centers: 3\n  factor: 0.5\n", "")),
    "key_of_other_source": ("not sklearn", ("  path: iris.csv\n  target: species\n", "")),
    "layer_input_shape": ("remove it", ("input_shape: [8], ", "")),
    "layer_keyed_by_name": ("{type: Dense, units: 12, activation: relu}", ("Dense: {", "{type: Dense, ")),
    "layer_missing_two": (
        "'filters', 'kernel_size'",
        ("Conv2D", "{type: Conv2D, filters: 8, kernel_size: 3}"),
    ),
    "layer_names_duplicate": ("its own name", ("name: hidden, activation: sigmoid", "activation: sigmoid")),
    "layer_units_bool_text": ("write 1 without quotes", ('"1"', "1"), ("true", "12")),
    "loss_called_otherwise": (
        "write {type: MarginHinge, power: 3}",
        ("cubed_hinge", "{type: MarginHinge, power: 3}"),
    ),
    "loss_log": ("write categorical_crossentropy", ("log_loss", "categorical_crossentropy")),
    "optimizer_called_otherwise": (
        "it is an argument: {type: SGD, momentum: 0.9, nesterov: true}",
        ("nesterov", "{type: SGD, momentum: 0.9, nesterov: true}"),
    ),
    "learning_rate_under_training": (
        "under training.optimizer",
        ("  learning_rate: 0.01", "  optimizer: {type: Adam, learning_rate: 0.01}"),
    ),
    "linear_binary": ("use sigmoid", ("units: 1}", "units: 1, activation: sigmoid}")),
    "linear_without_logits": (
        "set the loss's from_logits: true",
        ("loss: sparse_c", "loss: {type: sparse_c"),
        ("ropy\n", "ropy, from_logits: true}\n"),
    ),
    "metric_needs_indices": ("use accuracy", ("sparse_categorical_accuracy", "accuracy")),
    "metric_needs_one_hot": ("use categorical_crossentropy", ("sparse_cat", "cat")),
    "metrics_is_text": ("write [accuracy]", ("metrics: accuracy", "metrics: [accuracy]")),
    "metrics_same_name": ("remove one", ("accuracy, accuracy", "accuracy")),
    "missing_csv_keys": (
        "for example 'path: data/pima.csv'",
        ("type: csv\n", "type: csv\n  path: data/pima.csv\n  target: diabetes\n"),
    ),
    "missing_data_type": ("it is one of csv,", ("  path", "  type: csv\n  path")),
    "missing_epochs": ("'epochs: 20'", ("  loss:", "  epochs: 20\n  loss:")),
    "missing_layers": (
        "for example 'layers: [{type: Dense, activation: softmax, units: 10}]'",
        ("  {}\n", "  layers: [{type: Dense, activation: softmax, units: 10}]\n"),
        ("binary_", "sparse_categorical_"),
    ),
    "missing_loss": (
        "'loss: sparse_categorical_crossentropy'",
        ("  epochs:", "  loss: sparse_categorical_crossentropy\n  epochs:"),
        ("units: 1, activation: sigmoid", "units: 3, activation: softmax"),
    ),
    "missing_sections": (
        "'data: {type: sklearn, name: digits}'",
        (
            "name: pima\n",
            "data: {type: sklearn, name: digits}\n"
            "model: {layers: [{type: Dense, activation: softmax, units: 10}]}\n"
            "training: {epochs: 20, loss: sparse_categorical_crossentropy}\n",
        ),
    ),
    "missing_sklearn_name": ("iris, wine", ("type: sklearn", "type: sklearn\n  name: wine")),
    "monitor_without_validation": ("watch 'loss'", ("{patience: 3}", "{patience: 3, monitor: loss}")),
    "name_latest": ("another name", ("latest", "pima")),
    "null_layers": (
        "at least one item",
        ("layers:\n", "layers: [{type: Dense, units: 1, activation: sigmoid}]\n"),
    ),
    "number_for_text": ('write "2024" in quotes', ("2024", '"2024"')),
    "one_unit_sparse": ("use sigmoid and binary_crossentropy", ("sparse_categorical", "binary")),
    "optimizer_decay": (
        "a schedule",
        ("decay: 1e-3", "learning_rate: {type: CosineDecay, initial_learning_rate: 0.1, decay_steps: 9}"),
    ),
    "optimizer_quoted_number": ("write 0.001 without quotes", ('"0.001"', "0.001")),
    "own_test_rows": ("remove this", (", test: 0.2", "")),
    "own_validation_rows": ("remove this", ("  split: {validation: 0.1}\n", "")),
    "range_without_rescale": ("remove it", (", range: [0, 255]", "")),
    "regression_loss": ("use mean_squared_error", ("categorical_crossentropy", "mean_squared_error")),
    "regression_metric": (
        "use mae or R2Score",
        ("[accuracy]", "[mae, R2Score]"),
        ("  class_weight: balanced\n", ""),
    ),
    "regression_softmax": ("use linear", ("softmax", "linear"), ("units: 3", "units: 1")),
    "relu_output": ("use sigmoid", ("units: 1, activation: relu", "units: 1, activation: sigmoid")),
    "rescale_without_range": ("add 'range: [0, 255]'", ("rescale}", "rescale, range: [0, 255]}")),
    "reference_like_a_shell": ("for the text $${USER}", ("${USER}", "$${USER}")),
    "reference_never_closed": ("add '}'", ("${seed'", "${seed}'")),
    "reference_variable_not_set": ("${env:NNTRAIN_TEST_NOT_SET:-default}", ("SET}", "SET:-16}")),
    "remove_and_set": ("keep one of them", ("  ~optimizer:\n", "")),
    "remove_deep_without_extends": ("remove this line", ("  ~optimizer:\n", "")),
    "remove_in_a_new_mapping": ("remove this line", ("    ~momentum:\n", "")),
    "remove_with_value": ("write '~optimizer:' alone", ("~optimizer: adam", "~optimizer:")),
    "version_text": ("write 'version: 1'", ("'1'", "1")),
    "schedule_and_plateau": (
        "keep one of the two",
        ("  callbacks:\n    - {type: ReduceLROnPlateau, patience: 3}\n", ""),
    ),
    "set_arguments": ("remove it", ("  n_samples: 100\n", "")),
    "sigmoid_sparse": ("use softmax", ("sigmoid", "softmax")),
    "softmax_binary": ("use sparse_categorical_crossentropy", ("binary_", "sparse_categorical_")),
    "softmax_of_one": ("use sigmoid", ("softmax", "sigmoid")),
    "softmax_with_logits": ("use from_logits: false", ("from_logits: true", "from_logits: false")),
    "target_is_float": ('write "1.5" in quotes', ("1.5", '"1.5"')),
    "text_number": ("write 5 without quotes", ('"5"', "5")),
    "text_number_underscore": ("write 1000 without quotes", ("1_000", "1000")),
    "wrong_level_epochs": (
        "under training",
        ("epochs: 20\ntraining:\n", "training:\n"),
        ("epochs: 5", "epochs: 20"),
    ),
    "wrong_level_layers": ("under model", ("layers:\n", "model:\n  layers:\n")),
    "wrong_level_patience": (
        "under training.early_stopping",
        ("  patience: 3", "  early_stopping: {patience: 3}"),
    ),
    "wrong_level_scale": (
        "under data.preprocess.numeric",
        ("{scale: standard}", "{numeric: {scale: standard}}"),
    ),
    "wrong_level_seed": ("at the top level", ("  seed: 3\n", ""), ("data:", "seed: 3\ndata:")),
    "wrong_level_test": ("under data.split", ("  test: 0.2", "  split: {test: 0.2}")),
    "yaml_at_sign": ("put it in quotes", ("@pima.csv", "'@pima.csv'")),
    "yaml_backtick": ("put it in quotes", ("`pima.csv`", "'`pima.csv`'")),
    "yaml_bad_escape": ("write '\\\\' for '\\'", ('"C:\\data\\pima.csv"', '"C:\\\\data\\\\pima.csv"')),
    "yaml_duplicate_in_braces": ("keep one of them", (" units: 13,", "")),
    "yaml_duplicate_keys": ("keep one of them", ("  loss: mse\n  epochs: 6\n", "")),
    "yaml_exclamation": ("put the value in quotes", ("!pima.csv", "'!pima.csv'")),
    "yaml_indented_too_far": ("indent it as its neighbours", ("    path", "  path")),
    "yaml_missing_colon": ("write 'key: value'", ("epochs 5", "epochs: 5")),
    "yaml_missing_comma": ("a ',' is missing before its key", ("12 act", "12, act")),
    "yaml_missing_space": ("write 'key: value'", ("epochs:5", "epochs: 5")),
    "yaml_percent": ("put it in quotes", ("%HOME%/pima.csv", "'%HOME%/pima.csv'")),
    "yaml_star": ("put it in quotes", ("*.csv", "'*.csv'")),
    "yaml_tab_in_block": ("use spaces", ("  \t", "  ")),
    "yaml_tab_indent": ("use spaces", ("\t", "  ")),
    "yaml_tag": ("remove it", ("!!int ", "")),
    "yaml_text_after_quote": ("put the whole value in quotes", ('"pima".csv', '"pima.csv"')),
    "yaml_two_colons": ("put the value in quotes", ("data: pima.csv", "'data: pima.csv'")),
    "yaml_two_documents": ("remove the '---'", ("---\n", "")),
    "yes_for_true": ("write true", ("shuffle: yes", "shuffle: true"), ("header: no", "header: false")),
}


@pytest.mark.parametrize("name", ADVICE)
def test_advice_works(name, tmp_path):
    follow(name, ADVICE[name], tmp_path)


def follow(name, advice, folder):
    """Load the bad config as its text says to mend it."""
    words, *edits = advice
    text = (BAD / f"{name}.yaml").read_text(encoding="utf-8")
    assert words in (BAD / f"{name}.txt").read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    shutil.copytree(BAD / "bases", folder / "bases")
    file = folder / "mended.yaml"
    file.write_text(text, encoding="utf-8")
    load_config(file)


HINTED = sorted(
    p.stem for p in BAD.glob("*.txt") if "did you mean" in p.read_text() and p.with_suffix(".yaml").exists()
)


@pytest.mark.parametrize("name", HINTED)
def test_the_word_that_was_meant_is_right_where_the_caret_stands(name, tmp_path):
    shutil.copytree(BAD / "bases", tmp_path / "bases")
    file = tmp_path / f"{name}.yaml"
    shutil.copy(BAD / file.name, file)
    for (source, number, column), meant in sorted(hints(file), reverse=True):
        lines = Path(source).read_text(encoding="utf-8").split("\n")
        line, start = lines[number - 1], column - 1
        word = re.match(r"\$\{[^}]*\}|~?[\w./\u200b]+", line[start:]).group()
        lines[number - 1] = line[:start] + mended(word, meant) + line[start + len(word) :]
        Path(source).write_text("\n".join(lines), encoding="utf-8")
    assert not hints(file)


def mended(word, meant):
    """What stands there, with the word that was meant: a reference and a removal stay what they are."""
    if word.startswith("${"):
        return f"${{{meant}}}"
    before, slash, _ = word.rpartition("/")
    return f"{'~' if word.startswith('~') else ''}{before}{slash}{meant}"


def hints(file):
    """Each place where a word was meant, and the word."""
    try:
        load_config(file)
    except ConfigError as error:
        found = [(p.location, re.search(r"did you mean '(.+?)'", p.message)) for p in error.problems]
        return [((at.source, at.line, at.column), hint[1]) for at, hint in found if hint]
    return []
