"""What the error texts about networks advise must work, as in `test_advice`."""

import pytest

from tests.config.test_advice import follow

ADVICE = {
    "graph_backbone_classes": (
        "add a Dense layer behind it instead",
        (", classes: 10, classifier_activation: softmax", ""),
    ),
    "graph_backbone_include_top": ("so remove it", (", include_top: false", "")),
    "graph_block_without_inputs": (
        "inputs: sepal",
        ("{repeat: 2,", "{repeat: 2, inputs: sepal,"),
        (
            "    - {name: kind",
            "    - {name: b, type: Dense, units: 4}\n"
            "    - {name: p, type: Dense, units: 4, inputs: petal}\n    - {type: Add, inputs: [b, p]}\n"
            "    - {name: kind",
        ),
    ),
    "graph_call_of_block": (
        "name a layer in it",
        ("{type: Dense, units: 4}", "{name: a, type: Dense, units: 4}"),
        ("call: block", "call: a_2"),
    ),
    "graph_call_of_call": ("call 'a' itself", ("{call: b}", "{call: a}")),
    "graph_class_weight_of_several": (
        "use loss_weights",
        ("class_weight: balanced", "loss_weights: {kind: 2}"),
    ),
    "graph_cycle_of_two": (
        "read something else",
        ("inputs: b}\n    - {name: b", "inputs: features}\n    - {name: b"),
    ),
    "graph_cycle_of_itself": ("name another layer", ("inputs: a}", "inputs: features}")),
    "graph_dense_of_two": (
        "{type: Concatenate, inputs: [a, b]}",
        ("    - {name: c", "    - {type: Concatenate, inputs: [a, b]}\n    - {name: c"),
        (", inputs: [a, b]}\n    - {name: kind", "}\n    - {name: kind"),
    ),
    "graph_inputs_not_named": (
        "inputs: sepal",
        ("{name: s, type: Dense, units: 4}", "{name: s, type: Dense, units: 4, inputs: sepal}"),
    ),
    "graph_join_of_one": ("inputs: [a, b]", ("- Add", "- {type: Add, inputs: [a, a]}")),
    "graph_labels_accuracy": ("use binary_accuracy", ("[accuracy]", "[binary_accuracy]")),
    "graph_labels_index_metric": (
        "use binary_accuracy",
        ("[sparse_categorical_accuracy]", "[binary_accuracy]"),
    ),
    "graph_labels_linear": ("use sigmoid", ("activation: linear", "activation: sigmoid")),
    "graph_labels_softmax": ("use sigmoid", ("activation: softmax", "activation: sigmoid")),
    "graph_labels_sparse": (
        "use binary_crossentropy",
        ("sparse_categorical_", "binary_"),
        ("softmax", "sigmoid"),
    ),
    "graph_losses_one_for_two": (
        "{kind: ..., width: ...}",
        ("loss: mse", "loss: {kind: sparse_categorical_crossentropy, width: mse}"),
    ),
    "graph_losses_one_missing": ("add 'width: ...'", ("entropy}", "entropy, width: mse}")),
    "graph_metrics_one_list": ("{kind: [...], width: [...]}", ("[mae]", "{kind: [accuracy], width: [mae]}")),
    "graph_metrics_not_lists": (
        "write [{type: MeanAbsoluteError}]",
        ("kind: accuracy", "kind: [accuracy]"),
        ("{type: MeanAbsoluteError}}", "[{type: MeanAbsoluteError}]}"),
    ),
    "graph_monitor_prefixed": ("did you mean 'val_kind_accuracy'", ("val_accuracy", "val_kind_accuracy")),
    "graph_name_of_input": ("another name", ("name: features", "name: first")),
    "graph_output_is_block": (
        "list 'a_2'",
        ("[block, kind]", "[a_2, kind]"),
        ("{type: sklearn, name: iris}", "{type: csv, path: x.csv, targets: {a_2: a, kind: b}}"),
        ("loss: sparse_categorical_crossentropy", "loss: {a_2: sparse_categorical_crossentropy, kind: mse}"),
    ),
    "graph_rebuilt_accuracy": ("use mae", ("[accuracy]", "[mae]")),
    "graph_rebuilt_linear": ("use sigmoid", ("activation: linear", "activation: sigmoid")),
    "graph_rebuilt_softmax": ("use sigmoid", ("activation: softmax", "activation: sigmoid")),
    "graph_repeat_of_two_inputs": (
        "{type: Concatenate, inputs: [s, p]}",
        ("    - {repeat: 2, inputs: [s, p],", "    - {type: Concatenate, inputs: [s, p]}\n    - {repeat: 2,"),
    ),
    "graph_same_name": (
        "its own name",
        (
            "- {name: hidden, type: Dense, units: 4}\n    - {name: hidden",
            "- {name: hidden, type: Dense, units: 4}\n    - {name: second",
        ),
    ),
    "graph_stack_of_two_inputs": (
        "{type: Concatenate, inputs: [a, b]}",
        (
            "    - {name: tower, inputs: [a, b],",
            "    - {type: Concatenate, inputs: [a, b]}\n    - {name: tower,",
        ),
    ),
    "graph_states_of_gru": ("name 1 or 2", ("[a, b, b]", "[a, b]")),
    "graph_states_of_lstm": ("name 1 or 3", ("[a, b]", "[a, b, b]")),
    "graph_subtract_of_three": (
        "name two",
        ("inputs: [a, b, c]", "inputs: [a, b]"),
        ("    - {name: c, type: Dense, units: 4, inputs: features}\n", ""),
    ),
    "graph_targets_missing_one": (
        "name its column",
        ("{kind: species}", "{kind: species, width: petal_width}"),
    ),
    "graph_targets_without_outputs": (
        "list one for each in model.outputs",
        ("model:\n", "model:\n  outputs: [kind, width]\n"),
        ("name: a,", "name: width,"),
        (
            "loss: sparse_categorical_crossentropy",
            "loss: {kind: sparse_categorical_crossentropy, width: mse}",
        ),
        ("units: 4}", "units: 1}"),
    ),
    "graph_unread_named": (
        "or remove it",
        ("    - {name: right, type: Dense, units: 4, inputs: features}\n", ""),
    ),
    "graph_unread_unnamed": (
        "give both a name",
        (
            "{type: Dense, units: 4, inputs: features}",
            "{name: right, type: Dense, units: 4, inputs: features}",
        ),
        ("inputs: left}", "inputs: right}"),
        ("units: 4, inputs: features}\n", "units: 4, inputs: left}\n"),
    ),
    "graph_weights_of_one": ("remove it", ("  loss_weights: {kind: 1}\n", "")),
}


@pytest.mark.parametrize("name", ADVICE)
def test_advice_works(name, tmp_path):
    follow(name, ADVICE[name], tmp_path)
