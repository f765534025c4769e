"""The commands that list names, as a user types them."""

import json

import pytest


def test_layers_are_listed_in_groups(nntrain):
    done = nntrain("layers", COLUMNS="72")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == "core"
    assert lines[1].split()[:2] == ["Dense", "Just"]
    assert "pooling" in lines
    assert max(map(len, lines)) <= 72


def test_one_layer_is_shown(nntrain):
    done = nntrain("layers", "Dropout")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "Dropout\n"
        "Applies dropout to the input.\n"
        "\n"
        "Argument              Default   Holds\n"
        "rate                  required  a number of at least 0 and below 1\n"
        "noise_shape           nothing\n"
        "seed                  nothing   a whole number\n"
        "activity_regularizer  nothing   a regularizer\n"
        "trainable             true      true or false\n"
        "dtype                 nothing   text, such as float32\n"
        "autocast              true      true or false\n"
        "name                  nothing   text\n"
        "\n"
        "model:\n"
        "  layers:\n"
        "    - {type: Dropout, rate: 0.2}\n"
    )


def test_a_list_as_json_is_one_object(nntrain):
    content = json.loads(nntrain("losses", "--json").out)
    assert (content["ok"], content["exit"], content["kind"]) == (True, 0, "losses")
    assert "Huber" in [entry["name"] for entry in content["entries"]]


def test_one_as_json_is_one_object(nntrain):
    content = json.loads(nntrain("metrics", "AUC", "--json").out)
    assert content["name"] == "AUC"
    assert content["arguments"][0] == {
        "name": "num_thresholds",
        "holds": "a whole number of at least 2",
        "default": "200",
    }
    assert content["example"] == "training:\n  metrics:\n    - AUC"


@pytest.mark.parametrize("command", ["datasets", "optimizers", "schedules", "activations", "callbacks"])
def test_other_kinds_are_listed(nntrain, command):
    done = nntrain(command)
    assert done.code == 0
    assert f"nntrain {command} NAME shows one" in done.out


def test_an_unknown_name_is_a_usage_error(nntrain):
    done = nntrain("optimizers", "Adm")
    assert (done.code, done.out) == (2, "")
    assert done.err == "Keras has no optimizer named 'Adm' (did you mean 'Adam'?)\n"
