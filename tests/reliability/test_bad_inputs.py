"""Ninety-four bad inputs and events, each with the tests that show what a user is told.

A proof is a golden of `tests/config/bad` (`bad/name`), or a test as pytest names it, with a case in brackets.
"""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from nntrain.config import load_config
from nntrain.errors import ConfigError, dotted
from tests.conftest import BLOBS, ROOT

TESTS = ROOT / "tests"
CSV = "data/test_csv_file.py::test_a_bad_file_is_explained"
NPZ = "data/test_npz_file.py::test_unfit_arrays_are_explained"
IMAGE = "data/images/test_decode.py::test_a_file_that_is_no_image_is_named"
FOLDER = "data/images/test_folders.py::test_an_unfit_folder_is_explained"
LABELS = "data/test_labels.py::test_unfit_labels_are_explained"
SPLIT = "data/test_splits.py::test_an_impossible_split_is_explained"
NEW = "data/test_new_rows.py::test_unfit_rows_are_explained"
PREDICTED = "data/unlabelled/test_table_rows.py"
OUTPUT = "model/test_targets.py::test_outputs_that_do_not_fit_are_told_with_the_edit_and_the_edit_fits"
MISFIT = "model/test_misfit.py::test_a_misfit_names_its_layer_and_the_edit_and_the_edit_builds"
SIGNAL = "cli/test_commands.py::test_a_signal_"
VALUES = "reliability/test_bad_inputs.py::test_a_wrong_value_is_named_where_it_stands"

PROOFS = {
    1: ("config file missing", "config/test_errors_in_files.py::test_a_missing_file_names_its_nearest_sibling"),
    2: (
        "config is a directory or unreadable",
        "config/test_errors_in_files.py::test_a_folder_is_no_config",
        "config/test_errors_in_files.py::test_an_unreadable_file_is_explained",
    ),
    3: ("empty file", "bad/yaml_empty"),
    4: ("comments only", "bad/yaml_comments_only"),
    5: ("top level is a list or scalar", "bad/yaml_top_list", "bad/yaml_top_scalar", "bad/yaml_null"),
    6: ("tab indent", "bad/yaml_tab_indent", "bad/yaml_tab_in_block", "bad/yaml_tab_in_list"),
    7: (
        "unclosed bracket or quote",
        *("bad/yaml_unclosed_bracket", "bad/yaml_unclosed_brace", "bad/yaml_unclosed_quote"),
        "bad/yaml_open_bracket_at_the_end",
    ),
    8: ("two documents", "bad/yaml_two_documents"),
    9: ("duplicate key", "bad/yaml_duplicate_keys", "bad/yaml_duplicate_in_braces"),
    10: ("unknown key", "bad/unknown_key_training", "bad/top_unknown_key"),
    11: ("known key at the wrong level", "bad/wrong_level_epochs", "bad/wrong_level_patience"),
    12: ("missing required key", "bad/missing_csv_keys", "bad/missing_epochs", "bad/missing_sections"),
    13: ("1e-3 unquoted", "reliability/test_bad_inputs.py::test_a_number_with_an_exponent_is_a_number"),
    14: ("a quoted number", "bad/optimizer_quoted_number", "bad/text_number"),
    15: ("learning rate", VALUES, "bad/optimizer_zero", "bad/optimizer_nan", "bad/optimizer_true"),
    16: ("epochs", VALUES, "bad/number_out_of_range"),
    17: ("batch size", VALUES, "bad/number_out_of_range"),
    18: ("units", VALUES, "bad/layer_units", "bad/layer_units_bool_text"),
    19: ("dropout", VALUES, "bad/layer_dropout_rate"),
    20: ("validation share", VALUES, "bad/split_out_of_range"),
    21: ("splits sum above 1", "bad/split_sum"),
    22: ("typo in a name of Keras", *(f"bad/{n}_typo" for n in ("activation", "loss", "optimizer", "metric"))),
    23: (
        "aliases and bombs",
        *("bad/yaml_alias_bomb", "bad/yaml_self_alias", "bad/yaml_merge_key", "bad/yaml_unknown_alias"),
    ),
    24: ("depth and size", "bad/yaml_deep", "bad/bytes_too_many"),
    25: ("bytes that are no UTF-8", "bad/bytes_latin_1", "bad/bytes_nul", "bad/bytes_utf_16", "bad/bytes_utf_16_without_mark"),
    26: ("BOM, CRLF, emoji, NFD", "reliability/test_bad_inputs.py::test_odd_but_good_text_is_accepted"),
    27: ("a tag", "bad/yaml_python_tag", "bad/yaml_tag", "bad/yaml_verbatim_tag"),
    28: ("zero-width character in a key", "bad/unknown_key_zero_width", "bad/unknown_key_non_ascii"),
    29: ("an integer of 400 digits", "bad/yaml_huge_integer", "bad/yaml_integer_over_64_bits"),
    30: ("layer names", "bad/layer_names_duplicate", "bad/layer_name_bad"),
    31: ("the run's name", "bad/name_characters", "bad/name_too_long", "bad/name_empty", "bad/bytes_nul"),
    32: ("environment variable not set", "bad/reference_variable_not_set", "bad/reference_like_a_shell"),
    33: ("softmax and binary_crossentropy", "bad/softmax_binary"),
    34: ("sigmoid and sparse_categorical_crossentropy", "bad/sigmoid_sparse"),
    35: ("linear without logits", "bad/linear_without_logits", "bad/linear_binary", "bad/graph_labels_linear"),
    36: ("softmax and from_logits", "bad/softmax_with_logits", "bad/extends_logits"),
    37: ("softmax over one unit", "bad/softmax_of_one", "bad/one_unit_sparse"),
    38: ("relu or tanh and crossentropy", "bad/relu_output", "bad/tanh_output"),
    39: ("targets out of the last activation's reach", "model/test_targets.py::test_targets_out_of_reach_are_refused"),
    40: ("kernel too large, too many poolings", f"{MISFIT}[a window larger than the image]", f"{MISFIT}[too many poolings]"),
    41: (
        "Dense on images, Conv on rows",
        *(f"{OUTPUT}[a dense end of images]", f"{MISFIT}[convolution of a square row]"),
    ),
    42: (
        "early stopping without validation rows",
        *("bad/monitor_without_validation", "bad/monitor_with_test_rows_alone", "bad/callback_monitor"),
    ),
    43: ("monitor unknown", "bad/monitor_unknown", "bad/monitor_missing_metric"),
    44: ("patience and mode", "bad/number_out_of_range", VALUES),
    45: ("a schedule and ReduceLROnPlateau", "bad/schedule_and_plateau"),
    46: (
        "more weights than allowed, or than fit into memory",
        *("bad/limits_too_many_weights", "bad/limits_embedding"),
        "run/test_budget.py::test_weights_that_the_data_make_too_many_are_refused_before_keras_is_asked",
        "run/test_budget.py::test_a_wide_layer_is_named_with_its_weights",
        "run/test_budget.py::test_a_large_batch_is_told_how_large_it_may_be",
    ),
    47: ("what would run code", "bad/layer_lambda", "bad/layer_refused", "bad/layer_import_path", "bad/layer_path_of_keras", "bad/callback_refused"),
    48: (
        "a metric for another task",
        *("bad/regression_metric", "bad/regression_index_metric", "bad/metric_needs_one_hot"),
        *("bad/metric_needs_indices", "bad/graph_labels_accuracy"),
    ),
    49: ("data file missing", "data/test_csv_file.py::test_a_missing_file_is_named_as_written_and_as_resolved"),
    50: ("empty CSV or header only", f"{CSV}[empty]", f"{CSV}[header only]", f"{CSV}[blank lines]"),
    51: ("ragged row", f"{CSV}[ragged]", f"{CSV}[ragged twice and quoted]"),
    52: ("target column missing", f"{CSV}[target missing]", f"{CSV}[target missing among many]"),
    53: ("duplicate column names", f"{CSV}[duplicate names]", f"{CSV}[duplicate numbers]"),
    54: ("a word among numbers", f"{CSV}[not a number]", f"{CSV}[not a number, two columns]"),
    55: ("missing values", "data/prepare/test_preparation.py::test_unfit_rows_are_explained[missing]", f"{NPZ}[nan]"),
    56: ("infinite, or beyond float32", f"{CSV}[infinite]", f"{CSV}[too large]", f"{NPZ}[inf]", f"{NPZ}[more than 32 bits]"),
    57: (
        "constant column",
        "data/prepare/test_preparation.py::test_constant_columns_and_features_become_zero_when_scaled",
        "data/test_load_data.py::test_digits_are_rows_of_64_numbers",
    ),
    58: ("labels out of range", f"{LABELS}[outside the names]", f"{LABELS}[fractions]", f"{NPZ}[labels from 1]"),
    59: ("class count and units", f"{OUTPUT}[too many units]", f"{OUTPUT}[too few units]"),
    60: ("one class only", f"{LABELS}[one class]", f"{FOLDER}[one class]"),
    61: ("a class of one row, stratified", f"{SPLIT}[rare classes]", f"{SPLIT}[fewer rows than classes]"),
    62: ("a split without rows", f"{SPLIT}[empty test]", f"{SPLIT}[empty validation]", f"{SPLIT}[nothing to train on]"),
    63: ("fewer rows than a batch", "reliability/test_bad_inputs.py::test_fewer_rows_than_a_batch_train_in_one"),
    64: ("x and y of other lengths", f"{NPZ}[lengths]", "data/streaming/test_npy_file.py::test_arrays_of_other_lengths"),
    65: ("targets of three numbers and one unit", "reliability/test_bad_inputs.py::test_three_numbers_are_not_predicted_by_one_unit"),
    66: ("npz without the array", f"{NPZ}[unknown array]", f"{NPZ}[two unknown arrays]"),
    67: ("pickles", f"{NPZ}[objects]", "data/streaming/test_npy_file.py::test_python_objects_are_not_unpickled"),
    68: (
        "headers that lie, bombs",
        "data/test_npz_file.py::test_a_header_that_claims_more_than_memory_allocates_nothing",
        "data/tables/test_csv_sources.py::test_a_bomb_is_stopped_while_it_is_unpacked",
    ),
    69: (
        "parquet truncated or not parquet",
        *(f"data/tables/test_parquet_file.py::test_a_file_that_is_no_whole_parquet_file_is_named[{c}]" for c in ("cut", "text")),
    ),
    70: (
        "encoding, delimiters, BOM",
        *(f"{CSV}[latin-1]", f"{CSV}[utf-16]", f"{CSV}[other delimiter]"),
        "data/test_csv_file.py::test_bom_line_ends_blank_lines_and_quotes_are_accepted",
    ),
    71: (
        "images that are none",
        *(f"{IMAGE}[{name}]" for name in ("empty.png", "text.png", "short.png", "altered.png")),
        "data/images/test_decode.py::test_bad_files_are_left_out_and_counted_where_that_is_asked_for",
    ),
    72: ("an image too large", f"{IMAGE}[huge.png]", f"{IMAGE}[large.png]"),
    73: ("folders of classes", f"{FOLDER}[empty class]", f"{FOLDER}[a folder in a class]", f"{FOLDER}[a link in a circle]"),
    74: (
        "unseen category",
        f"{NEW}[unknown category]", f"{PREDICTED}::test_unfit_rows_are_explained[unknown category]",
        "data/prepare/test_preparation.py::test_unknown_texts_may_become_zeros",
    ),
    75: (
        "columns of new rows",
        f"{NEW}[missing columns]",
        "data/test_new_rows.py::test_columns_are_found_by_name_in_any_order_and_others_ignored",
        f"{PREDICTED}::test_unfit_rows_are_explained[a column missing]",
        f"{PREDICTED}::test_columns_stand_in_any_order_and_the_target_need_not_be_there",
    ),
    76: ("rows of another run", "run/prediction/test_predict.py::test_rows_of_another_run_name_that_run"),
    77: (
        "rows in two splits",
        "data/test_load_data.py::test_rows_that_stand_in_two_splits_are_counted",
        "data/findings/test_planted.py::test_rows_in_two_splits_are_a_leak",
    ),
    79: ("a loss that is no number", "run/test_fit.py::test_a_loss_that_is_no_number_fails_the_run_and_keeps_the_last_good_weights"),
    78: (
        "resuming with other data",
        "run/test_resume.py::test_what_changed_is_named_and_refused_or_forced_and_recorded",
    ),
    80: (
        "disk full in a checkpoint",
        "run/test_checkpoint_store.py::test_a_full_disk_says_how_much_is_needed",
        "run/test_checkpoint_store.py::test_a_write_that_fails_leaves_the_checkpoint_before",
    ),
    81: (
        "disk full in the log or the history",
        "run/test_files.py::test_a_disk_that_fills_during_training_fails_the_run_and_keeps_its_history",
        "run/test_verify.py::test_a_disk_that_fills_at_the_end_leaves_no_finished_run",
    ),
    82: ("runs folder is no folder", "run/test_fit.py::test_a_runs_folder_that_is_a_file_is_found_before_anything_is_read"),
    83: (
        "memory that the system takes away",
        "run/test_evaluate.py::test_a_run_whose_process_is_gone_was_killed",
        "run/test_bench_processes.py::test_a_process_that_the_system_kills_had_no_memory",
    ),
    84: (
        "memory of a GPU",
        "run/test_memory.py::test_memory_that_runs_out_is_told_with_what_to_change[tensorflow]",
        "run/test_memory.py::test_a_run_that_memory_ran_out_for_says_so",
    ),
    85: ("Ctrl-C once", f"{SIGNAL}ends_training_after_the_step_and_keeps_the_history"),
    86: (
        "Ctrl-C twice",
        "run/test_signals.py::test_more_signals_end_training_and_tear_nothing",
        "run/test_fit.py::test_an_interruption_while_scoring_keeps_epochs_and_weights",
    ),
    87: (
        "SIGTERM and SIGHUP",
        f"{SIGNAL}ends_training_after_the_step_and_keeps_the_history",
        "run/test_signals.py::test_a_signal_that_the_parent_ignores_stays_ignored",
    ),
    88: (
        "kill -9",
        "reliability/test_kill.py::test_a_training_that_is_killed_again_and_again_ends_as_if_it_had_never_been",
        "run/test_evaluate.py::test_a_run_whose_process_is_gone_was_killed",
    ),
    89: ("stdout closed", "cli/test_commands.py::test_a_reader_that_leaves_gets_no_traceback"),
    90: ("two starts in one second", "run/test_fit.py::test_two_runs_of_one_second_get_two_directories"),
    91: (
        "two resumes of one run",
        "run/test_lock.py::test_a_second_owner_is_told_who_is_the_first",
        "run/test_lock.py::test_the_lock_of_a_killed_process_is_free_at_once",
        "run/test_resume.py::test_a_run_that_is_going_on_is_left_alone",
    ),
    92: (
        "a clock that jumps",
        "reliability/test_starts.py::test_a_clock_that_goes_back_changes_no_order_and_no_duration",
        *(f"reliability/test_starts.py::test_the_run_that_began_last_is_the_latest[{c}]" for c in ("back an hour", "summer time ends")),
    ),
    93: (
        "a worker of a search that is killed",
        "cli/test_tune_command.py::test_a_killed_search_loses_the_running_trial_alone",
        "cli/test_tune_command.py::test_trials_that_fail_or_diverge_are_told_apart",
    ),
    94: (
        "a damaged run",
        "run/test_verify.py::test_a_bit_that_flips_anywhere_in_a_file_is_found",
        "run/test_verify.py::test_a_file_that_was_cut_off_is_found",
        "run/test_verify.py::test_a_file_that_is_gone_is_missing",
        "run/test_evaluate.py::test_a_changed_artefact_is_refused",
    ),
}  # fmt: skip
"""By number: the name of the row, and what proves it."""


@cache
def what_it_tests(file):
    """The names of a file's tests, and its text."""
    text = file.read_text(encoding="utf-8")
    names = {n.name for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef)}
    return {name for name in names if name.startswith("test_")}, text


def is_there(proof):
    if proof.startswith("bad/"):
        return (TESTS / "config" / f"{proof}.txt").is_file()
    file, _, rest = proof.partition("::")
    test, _, case = rest.removesuffix("]").partition("[")
    if not (TESTS / file).is_file():
        return False
    names, text = what_it_tests(TESTS / file)
    return test in names and (not case or f'"{case}"' in text)


def test_every_row_is_proved():
    assert sorted(PROOFS) == list(range(1, 95))


@pytest.mark.parametrize("number", PROOFS)
def test_the_proofs_of_a_row_are_there(number):
    name, *proofs = PROOFS[number]
    assert proofs, name
    assert [proof for proof in proofs if not is_there(proof)] == []


def test_a_proof_that_is_not_there_is_seen():
    wrong = ["bad/no_such_golden", "run/no.py::test_x", f"{CSV}[no such case]", "test_errors.py::test_x"]
    assert [proof for proof in wrong if is_there(proof)] == []


def test_wrong_combinations_are_found_before_tensorflow_is_imported():
    names = [proof[4:] for n in range(33, 49) for proof in PROOFS.get(n, ()) if proof.startswith("bad/")]
    assert len(names) > 20
    script = (
        "import sys\n"
        "from nntrain.config import load_config\n"
        "from nntrain.errors import ConfigError\n"
        "for name in sys.argv[1:]:\n"
        "    try: load_config(f'{name}.yaml')\n"
        "    except ConfigError: pass\n"
        "    else: print(name, 'is accepted')\n"
        "print(*{'numpy', 'keras', 'tensorflow', 'sklearn'} & set(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *names],
        cwd=TESTS / "config/bad", capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "\n"


WRONG = {
    "training.optimizer.learning_rate": ("0.05", ["0", "-1", ".nan", ".inf", "true"], "must be above 0 and finite"),
    "training.epochs": ("5", ["0", "-1", "2.5", "true", '"3"'], "must be a whole number of at least 1|is text"),
    "training.batch_size": ("16", ["0", "-1", "2.5", "true"], "must be a whole number of at least 1"),
    "model.layers[0].units": ("8", ["0", "-1", "2.5", "true", '"32"'], "must be a whole number of at least 1|is text"),
    "model.layers[1].rate": ("0.1", ["1.0", "1.5", "-0.1"], "must be at least 0 and below 1"),
    "data.split.validation": ("0.2", ["1.5", "1.0", "-0.2"], "must be a number of at least 0 and below 1"),
    "training.early_stopping.patience": (None, ["-1", "2.5", "true"], "must be a whole number of at least 0"),
    "training.early_stopping.mode": (None, ["mni", "3"], "must be one of auto, min, max"),
}  # fmt: skip
"""By key: the value that the config has, wrong ones, and how the message may begin."""


@pytest.mark.parametrize(
    ("key", "value"), [(key, value) for key, (_, bad, _) in WRONG.items() for value in bad]
)
def test_a_wrong_value_is_named_where_it_stands(key, value, write_config):
    old, _, beginnings = WRONG[key]
    name = key.rpartition(".")[2]
    if old is None:
        text = f"{BLOBS}  early_stopping: {{{name}: {value}}}\n"
    else:
        assert BLOBS.count(f"{name}: {old}") == 1
        text = BLOBS.replace(f"{name}: {old}", f"{name}: {value}")
    with pytest.raises(ConfigError) as caught:
        load_config(write_config(text))
    (problem,) = caught.value.problems
    assert dotted(problem.key) == key
    assert problem.message.startswith(tuple(beginnings.split("|")))
    assert problem.location.text[problem.location.column - 1 :].startswith(value)


@pytest.mark.parametrize("value", ["1e-3", "1E-3", "1.0e-3", "0.001"])
def test_a_number_with_an_exponent_is_a_number(value, write_config):
    config = load_config(write_config(BLOBS.replace("0.05", value)))
    assert config.training.optimizer.argument("learning_rate") == 0.001


@pytest.mark.parametrize(
    ("before", "after"),
    [("\ufeff", ""), ("", "# \U0001f600\n"), ("", "description: cafe\u0301 \U0001f600\n")],
    ids=["byte order mark", "emoji in a comment", "decomposed accents"],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_odd_but_good_text_is_accepted(before, after, ending, tmp_path):
    file = Path(tmp_path, "odd.yaml")
    file.write_bytes((before + BLOBS + after).replace("\n", ending).encode())
    assert load_config(file).training.epochs == 5


def test_fewer_rows_than_a_batch_train_in_one(write_config, tmp_path):
    from nntrain import fit

    told = fit(load_config(write_config(), ["training.batch_size=4096", "training.epochs=1"]), tmp_path / "r")
    log = (told.path / "log.txt").read_text()
    assert "training 72 rows, 1 steps an epoch" in log
    note = "training.batch_size is 4,096 and there are 72 training rows: every epoch is one step"
    assert f"note: {note}\n" in log


def test_three_numbers_are_not_predicted_by_one_unit(write_config, tmp_path):
    import numpy as np

    from nntrain.run.inspect import inspect

    np.savez(
        tmp_path / "a.npz", x=np.ones((20, 2)) * np.arange(20)[:, None], y=np.arange(60.0).reshape(20, 3)
    )
    text = BLOBS.replace("units: 3, activation: softmax", "units: 1").replace("[accuracy]", "[]")
    text = text.replace("sparse_categorical_crossentropy", "mse")
    start, end = text.index("data:"), text.index("model:")
    file = write_config(f"{text[:start]}data: {{type: npz, path: a.npz, task: regression}}\n{text[end:]}")
    with pytest.raises(ConfigError) as caught:
        inspect(load_config(file))
    assert "units" in str(caught.value)
    assert "3" in str(caught.value)
