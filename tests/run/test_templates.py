"""Every template is a config that loads, builds as Keras counts, and would learn."""

import pytest

from nntrain import load_config
from nntrain.config.guide import starting_points
from nntrain.config.reuse.facts import with_data_facts
from nntrain.run.experiment import build_network
from nntrain.run.inspect import inspect
from nntrain.run.reading import read_data
from nntrain.run.smoke import smoke

TEMPLATES = starting_points.names()


@pytest.fixture
def written(tmp_path):
    """Writes a template as `nntrain init` does, and loads it."""

    def write(name, *overrides):
        file = tmp_path / f"{name}.yaml"
        file.write_text(starting_points.text(name), encoding="utf-8")
        return load_config(file, list(overrides))

    return write


def test_every_template_is_offered():
    assert sorted(TEMPLATES) == sorted(file.stem for file in starting_points.FOLDER.rglob("*.yaml"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_builds_the_network_that_keras_counts(name, written):
    config = written(name)
    assert config.warnings == ()
    found = inspect(config)
    assert found.notes == ()
    counted = sum(layer.parameters for layer in found.summary.layers)
    assert counted == found.summary.trainable + found.summary.non_trainable
    dataset = read_data(config)
    model = build_network(with_data_facts(config, dataset.facts), dataset.train)
    assert counted == model.count_params() > 0
    assert found.summary.memory >= 4 * counted


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_passes_the_smoke_test(name, written):
    done = smoke(written(name))
    assert done.error is None
    assert [check.status for check in done.checks] == ["ok"] * 4


def test_the_template_of_a_graph_shows_what_it_promises(written):
    config = written("graph")
    assert config.graph.inputs == ("sepal", "petal")
    assert config.graph.outputs == ("species", "width")
    names = [step.name for step in config.graph.steps]
    assert len(names) == 9
    assert len(config.model.layers) == 6
