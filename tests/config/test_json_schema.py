"""The JSON Schema accepts what nntrain accepts, and refuses each mistake that a schema can express."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from nntrain.config.guide.json_schema import as_text, json_schema
from nntrain.config.text.yaml_text import parse
from nntrain.errors import ConfigError
from tests.config.quick_schema import quick_validator
from tests.config.test_errors_in_files import BAD, NAMES

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "configs").rglob("*.yaml"))

BEYOND_A_SCHEMA = {
    "keys must agree with one another": """
        callback_monitor column_text_and_more column_text_of_arrays column_tokens_among_others
        column_tokens_rebuilt column_tokens_streamed column_tokens_without_input columns_with_header engine_keras_and_more generator_arguments mirrored_and_more
        images_targets_and_masks images_targets_and_target images_targets_and_task images_targets_of_a_folder
        images_targets_twice monitor_mode_of_the_loss monitor_mode_reversed monitor_missing_metric monitor_unknown resample_and_rows
        monitor_with_test_rows_alone monitor_without_validation npz_pairs own_files_and_by_group own_test_rows
        own_validation_rows range_without_rescale resample_and_class_weight rescale_without_range
        threshold_of_a_number threshold_of_a_reconstruction threshold_of_many_outputs threshold_of_masks
        threshold_without_probabilities threshold_without_validation
        schedule_and_plateau test_path_and_share test_path_is_path validation_path_and_by_time
        validation_path_and_fold""",
    "layers that are pretrained must be there, and their decoders reach what they get": """
        pretrain_binary_loss pretrain_frozen pretrain_loss_of_classes pretrain_no_stack
        pretrain_number_beyond pretrain_of_dropout pretrain_of_output pretrain_out_of_reach pretrain_streamed
        pretrain_twice pretrain_unknown_layer pretrain_without_hidden""",
    "image kernels fill the layer": "kernel_filters kernel_of_dense kernel_ragged kernel_size",
    "rows are divided in one way": """
        by_group_and_own_rows by_group_of_a_folder by_group_of_a_lists_target by_group_of_a_number
        by_group_of_keras by_group_of_npy by_time_of_a_folder by_time_of_the_target by_time_without_columns
        split_by_group_and_time split_by_group_of_nothing
        split_by_group_of_target split_fold_beyond split_fold_of_one split_fold_of_times
        split_fold_written_otherwise""",
    "a column has one part to play": """
        sample_weight_is_array_of_features sample_weight_is_feature sample_weight_is_target""",
    "steps of preprocessing must agree": """
        columns_clash_with_their_kind columns_flag_without_filling columns_hash_of_nothing
        columns_of_both_kinds columns_range_left_out steps_bins_without_hashing steps_clip_of_nothing
        steps_flag_without_filling steps_hashing_without_bins steps_log_of_a_filling steps_log_of_negatives
        steps_texts_have_no_median steps_unknown_of_hashing steps_unknown_of_one_hot
        steps_unknown_of_ordinal""",
    "workers have places, rows and batches that go with them": """
        cluster_batch_size cluster_engine_keras cluster_host_twice cluster_index_alone
        cluster_index_beyond cluster_of_one cluster_without_workers
        cluster_wrong_address cluster_xla_and_split""",
    "what is expected must be there": """
        expect_of_outputs expect_out_of_reach expect_scores expect_top_of_few expect_without_validation""",
    "a search looks in ranges of keys that there are, for what is reported": """
        search_choice_misspelt search_choice_of_bad_layers search_choice_of_one search_choice_twice
        search_choice_with_steps search_cmaes_of_choices search_cmaes_of_one search_grid_too_large
        search_grid_without_steps search_hyperband_and_median search_key_beyond_layers
        search_key_in_a_key search_key_into_a_value search_key_is_none search_key_misspelt
        search_key_of_a_layer_misspelt search_key_twice search_key_unknown search_log_of_nothing
        search_nothing search_objective_misspelt search_objective_of_no_score
        search_objective_of_searched_loss search_objective_of_test_rows
        search_objective_of_training_rows search_pruner_sees_nothing search_range_empty
        search_range_exchanged search_range_of_no_kind search_range_of_two_kinds search_seed
        search_split search_step_and_steps search_step_of_half search_step_of_log
        search_step_too_large search_value_fractional search_value_out_of_reach
        search_without_validation""",
    "a network has a size": "limits_embedding limits_too_many_weights",
    "a folder of images or a list of them": """
        images_crop_beyond_resize images_crop_beyond_shorter_side images_list_keys_of_a_folder
        images_path_and_list images_reconstruction_target images_regression_of_folders images_without_path
        masks_class_names masks_missing masks_missing_in_list masks_number_for_a_folder masks_one_class
        masks_without_task""",
    "a class for each pixel": """
        masks_balance masks_filters masks_filters_of_two masks_ignored_by_dice masks_ignored_pixels masks_linear
        masks_metrics masks_metrics_of_one masks_metrics_one_hot masks_moved""",
    "loss, metrics, last layer and task must fit": """
        activation_layer_output linear_binary graph_labels_accuracy graph_labels_class_weight graph_labels_index_metric
        graph_labels_largest_metric graph_labels_linear graph_labels_mse_softmax graph_labels_softmax
        graph_labels_sparse graph_rebuilt_accuracy graph_rebuilt_class_weight graph_rebuilt_linear
        graph_rebuilt_softmax graph_rebuilt_sparse linear_without_logits metric_is_a_number_for_each_class
        metric_needs_indices metric_needs_one_hot metric_of_numbers_needs_one_hot one_unit_sparse
        regression_index_metric resample_of_numbers resample_of_reconstruction
        regression_loss regression_metric regression_softmax regression_units
        relu_output several_semantic sigmoid_sparse softmax_binary softmax_of_one softmax_with_logits
        tanh_output""",
    "what texts, sequences and series take": """
        sequences_lengths_and_offsets sequences_scaled sequences_unknown_alone sequences_unknown_too_high
        sequences_x_is_y series_folds series_gaps_without_time series_loss_of_classes series_of_classes series_stratified
        series_time_is_feature series_time_is_target series_units text_classes_of_a_file text_is_target
        text_length_and_percentile text_length_of_columns text_reconstruction text_steps_elsewhere
        text_steps_of_tables text_target_without_text text_vocabulary_misspelt text_without_target""",
    "rows that stay in their file, and what takes all of them": """
        npy_no_target npy_rebuilt_target streaming_masks streaming_median streaming_no_cache""",
    "numbers are compared or added up": "range_backwards split_sum steps_clip_backwards",
    "a set of OpenML is named in one of two ways": "openml_id_and_name openml_no_name openml_no_version",
    "names must differ": "dates_twice layer_names_duplicate metrics_same_name",
    "a column is read in one way": "dates_categorical dates_dropped",
    "a name of its own is refused": "name_latest",
    "JSON Schema knows no nan, and takes 1e2 for a whole number": "batch_size_exponent optimizer_nan",
    "arguments of another generator": "set_arguments set_arguments_labels",
    "inputs and targets must go together": """
        inputs_and_own_rows inputs_besides_x inputs_empty inputs_hold_the_answer inputs_hold_the_target
        inputs_name_a_column_twice inputs_of_an_array npz_without_y
        openml_target_and_targets port_names_bad reconstruction_of_a_target
        parquet_no_target reconstruction_of_targets
        reconstruction_of_two_inputs tfrecord_input_names tfrecord_label_alone tfrecord_label_bytes
        tfrecord_label_matrix tfrecord_label_missing tfrecord_label_typo tfrecord_no_features
        tfrecord_rebuilt_label tfrecord_rebuilt_two tfrecord_text_input reconstruction_of_words target_besides_targets
        target_missing target_named_twice targets_and_class_names targets_empty targets_with_task""",
    "who reads whom, and how many": """
        graph_call_of_block graph_call_of_call graph_call_of_fed graph_call_of_input
        graph_call_unknown graph_names_several graph_output_typo_of_call graph_same_name_of_call
        graph_stack_calls_outside
        graph_attention_of_four graph_block_without_inputs graph_call_of_two graph_cycle_of_calls
        graph_cycle_of_itself graph_cycle_of_many graph_cycle_of_sum graph_cycle_of_two
        graph_cycle_without_names graph_dense_of_two graph_input_outside_block graph_inputs_not_named
        graph_join_of_one graph_join_of_one_named graph_last_dense_of_two graph_name_in_list
        graph_name_input_in_block graph_name_of_input graph_name_of_second_input graph_name_typo
        graph_name_unknown graph_output_is_block graph_output_is_input graph_output_of_block
        graph_output_twice graph_output_typo graph_outputs_none graph_repeat_huge graph_repeat_of_classes
        graph_repeat_of_repeat_huge graph_repeat_of_two_inputs graph_same_name graph_same_name_as_block
        graph_same_name_as_in_block graph_same_name_as_stack graph_stack_of_two_inputs
        graph_stack_reads_data graph_stack_reads_outside graph_stack_name_typo graph_backbone_in_time
        graph_bidirectional_in_time graph_bidirectional_dense graph_states_of_gru graph_states_of_lstm
        graph_subtract_of_one graph_subtract_of_three graph_too_many_layers graph_unread_branch
        graph_unread_in_block graph_unread_in_stack graph_unread_input graph_unread_named
        graph_unread_unnamed""",
    "one for each output, and for no other": """
        graph_class_weight_of_several resample_of_several graph_losses_not_the_one graph_losses_one_for_two
        graph_losses_one_missing graph_losses_unknown_output graph_metrics_one_list
        graph_metrics_unknown_output graph_monitor_of_no_metric graph_monitor_prefixed
        graph_outputs_one_target graph_outputs_without_targets graph_targets_missing_one
        graph_targets_other_names graph_targets_without_outputs graph_weights_of_one
        graph_weights_unknown_output""",
    "the user's own types are in another file": """
        code_argument_missing code_argument_of_function code_argument_of_keras code_argument_typo
        code_bare_decorator code_callback_without_get_config code_computed_names code_is_folder
        code_metric_direction code_missing_file code_monitor_typo code_name_typo code_names_of_keras
        code_nothing_registered code_one_name_twice code_return_outside code_syntax code_wrong_kind""",
    "what is extended is in another file": """
        extends_a_list extends_cycle extends_cycle_below extends_duplicate_key extends_empty
        extends_empty_file extends_folder extends_itself extends_logits extends_missing extends_missing_below
        extends_missing_folder extends_newer_version extends_one_that_removes extends_other_type
        extends_reference extends_syntax extends_too_deep extends_wrong_reference extends_wrong_value
        remove_and_set remove_in_a_new_mapping remove_unknown remove_unknown_section remove_what_is_needed""",
    "what a reference becomes is known once it is followed": """
        reference_cycle reference_cycle_through_section reference_empty reference_empty_key
        reference_fact_as_activation reference_fact_as_type reference_fact_elsewhere reference_fact_misspelt
        reference_inside_another reference_into_a_value reference_item_by_name
        reference_item_that_is_not_there reference_itself reference_like_a_shell reference_list_in_text
        reference_literal_in_an_object reference_mapping_in_text reference_never_closed reference_to_extends
        reference_too_long reference_unknown reference_unknown_no_hint reference_unknown_section
        reference_variable_default_wrong reference_variable_name reference_variable_not_set
        reference_variable_too_large reference_wrong_type reference_wrong_value references_several""",
}
"""By reason: golden mistakes that the schema lets through. A new one needs one word here, or none."""


@pytest.fixture(scope="module")
def validator():
    return quick_validator(json_schema())


def loaded(text):
    return parse(text, "test.yaml").value


def read(path):
    """The config in a file, or None where that is not YAML."""
    try:
        return loaded(path.read_text(encoding="utf-8"))
    except ConfigError:
        return None


@pytest.fixture(scope="module")
def problem(validator):
    """Where and why a config fails, as an editor shows it; None if it does not."""

    def find(text):
        error = best_match(validator.iter_errors(loaded(text)))
        return error and (error.json_path, error.message)

    return find


MODEL = """
model:
  layers:
    - {type: Dense, units: 8, activation: relu}
"""
DATA = "data: {type: sklearn, name: iris}\n"
TRAINING = "training: {loss: mse, epochs: 3}\n"


def with_layer(layer):
    return f"{DATA}{TRAINING}model:\n  layers:\n    - {layer}\n"


def with_training(training):
    return f"{DATA}{MODEL}training: {training}\n"


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(json_schema())


def test_the_text_is_the_schema_and_small_enough_for_an_editor():
    assert json.loads(as_text()) == json_schema()
    assert len(as_text()) < 400_000


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_config_fits(path, validator):
    assert [error.message for error in validator.iter_errors(read(path))] == []


def test_the_mistakes_that_a_schema_can_not_express_are_these(validator):
    configs = {name: read(BAD / f"{name}.yaml") for name in NAMES}
    let_through = {name for name, c in configs.items() if c is not None and validator.is_valid(c)}
    assert let_through == {name for names in BEYOND_A_SCHEMA.values() for name in names.split()}


def test_a_mistake_in_one_place_of_one_file_is_found():
    found = [name for name in NAMES if read(BAD / f"{name}.yaml") is not None]
    assert len(found) > 1.5 * sum(len(names.split()) for names in BEYOND_A_SCHEMA.values())


@pytest.mark.parametrize(
    "layer",
    [
        "Flatten",
        "{type: MaxPool2D, name: pool}",
        "{type: Dense, units: '${data.classes}', use_bias: '${model.bias}'}",
        "{type: Conv2D, filters: 4, kernel_size: [3, 3], padding: SAME, data_format: null}",
        "{type: Bidirectional, layer: {type: LSTM, units: 8, kernel_regularizer: {type: L2, l2: 0.1}}}",
        "{type: RNN, cell: [{type: LSTMCell, units: 4}, {type: GRUCell, units: 4}]}",
        "{name: a, type: Add, inputs: [b, c]}",
        "{call: a, inputs: b, name: again}",
        "{call: a}",
        "{repeat: 3, name: block, layers: [{type: Dense, units: 2}, {type: Add, inputs: [a, input]}]}",
        "{repeat: '${model.depth}', layers: [Flatten]}",
        "{name: tower, layers: [{type: Dense, units: 2}, {layers: [Flatten]}], inputs: a, trainable: false}",
    ],
)
def test_what_may_stand_in_layers(layer, problem):
    assert problem(with_layer(layer)) is None


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("{type: Dense, units: 2, activaton: relu}", "'activaton' was unexpected"),
        ("{type: Dense, units: 0}", "0 is less than the minimum of 1"),
        ("{type: Dense, units: many}", "'many' does not match"),
        ("{type: Dense}", "'units' is a required property"),
        ("{type: Dense, units: 2, kernel_initializer: {type: HeNormal, sed: 1}}", "'sed' was unexpected"),
        ("{type: Bidirectional, layer: {type: LSTM, unit: 2, units: 2}}", "'unit' was unexpected"),
        ("{call: a, inputs: b, nam: c}", "'nam' was unexpected"),
        ("{repeat: 2, layers: [{type: Dense, unit: 2, units: 2}]}", "'unit' was unexpected"),
        ("{layers: [Flatten], units: 3}", "'units' was unexpected"),
        ("{call: 5}", "5 is not of type 'string'"),
        ("{repeat: 2}", "'layers' is a required property"),
        ("{repeat: 0, layers: [Flatten]}", "0 is less than the minimum of 1"),
        ("{name: a}", "'type' is a required property"),
    ],
)
def test_a_mistake_in_a_layer_is_named(layer, message, validator):
    errors = list(leaves(validator.iter_errors(loaded(with_layer(layer)))))
    assert any(message in error for error in errors), errors


def leaves(errors):
    for error in errors:
        if error.context:
            yield from leaves(error.context)
        else:
            yield error.message


@pytest.mark.parametrize("layer", ["Dense", "Lambda", "{type: Lambda}", "Dens", "{type: Dens, units: 2}"])
def test_a_name_that_can_not_stand_alone_or_at_all_is_refused(layer, problem):
    assert problem(with_layer(layer)) is not None


@pytest.mark.parametrize(
    "training",
    [
        "{loss: mse, epochs: '${model.e}', shuffle: '${env:S:-true}'}",
        "{loss: {a: mse, b: {type: Huber, delta: 2}}, metrics: {a: [mae], b: []}, epochs: 1}",
        "{loss: mse, epochs: 1, optimizer: ADAM, metrics: [mae, {type: R2Score, name: r2}]}",
        "{loss: mse, epochs: 1, optimizer: {type: SGD, learning_rate: {type: CosineDecay,"
        " initial_learning_rate: 0.1, decay_steps: 10}}}",
    ],
)
def test_what_may_stand_in_training(training, problem):
    assert problem(with_training(training)) is None


@pytest.mark.parametrize(
    "training",
    [
        "{loss: {a: msee}, epochs: 1}",
        "{loss: {a: {delta: 1}}, epochs: 1}",
        "{loss: mse, epochs: 1, metrics: {a: [maee]}}",
        "{loss: mse, epochs: 1, optimizer: {learning_rate: 0.1}}",
        "{loss: mse, epochs: 1, optimizer: {type: SGD, learning_rate: {type: CosineDecay}}}",
        "{loss: mse, epochs: 1, ~metrics: }",
        "{loss: mse}",
    ],
)
def test_a_mistake_in_training_is_found(training, problem):
    assert problem(with_training(training)) is not None


def test_a_config_with_a_base_needs_nothing_and_may_remove(validator):
    config = {
        "extends": "base.yaml",
        "~evaluation": None,
        "data": {"split": {"test": 0.2}, "~drop": None},
        "training": {"optimizer": {"learning_rate": 0.1}, "~metrics": None},
        "model": {"layers": ["MyLayer"]},
    }
    assert validator.is_valid(config)
    assert not validator.is_valid(config | {"data": {"splti": {}}})
    assert not validator.is_valid(config | {"~evaluation": 1})
    assert not validator.is_valid({name: part for name, part in config.items() if name != "extends"})


def test_types_of_the_users_own_are_possible_with_code(validator):
    text = with_layer("{type: MyLayer, depth: 3}") + "code: parts.py\n"
    assert validator.is_valid(loaded(text))
    assert not validator.is_valid(loaded(text.replace("MyLayer", "Lambda")))
    assert not validator.is_valid(loaded(text.replace("MyLayer", "Flatten")))
    assert not validator.is_valid(loaded(text.replace("code: parts.py\n", "")))


def test_every_field_that_holds_keras_objects_has_its_own_schema():
    generic = '"properties": {"type": {"type": "string"}}'
    assert generic not in json.dumps(json_schema())
