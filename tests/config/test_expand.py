"""Whatever a network reads, calls and repeats: it is put in order, or its mistakes have places."""

from hypothesis import given, settings
from hypothesis import strategies as st

from nntrain.config.network.entries import Call, Layer, Repeat, Stack
from nntrain.config.network.expand import expand
from nntrain.config.network.graph import Graph
from nntrain.config.network.merging import check_inputs
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.errors import Problem

INPUTS = ("x", "y")


def seldom(strategy, otherwise=None):
    """Mostly nothing: a network in which everything is named at random is never right."""
    return st.integers(0, 7).flatmap(lambda n: strategy if n == 5 else st.just(otherwise))


NAMES = st.sampled_from("abcd")
MAYBE = st.integers(0, 2).flatmap(lambda n: st.sampled_from("abcdefgh") if n == 1 else st.none())
KNOWN = st.sampled_from([*"abcd", "a_1", "b_2", "x", "y", "input"])
READS = seldom(st.lists(KNOWN, min_size=1, max_size=3))
OUTPUTS = seldom(st.lists(NAMES, max_size=2), [])


@st.composite
def layers(draw):
    name, reads = draw(MAYBE), draw(READS)
    arguments = {} if name is None else {"name": name}
    kind = "Dense" if reads is None or len(reads) == 1 else "Add"
    return Layer(KerasObject(kind, arguments, "layers"), None if reads is None else tuple(reads))


def nested(entries):
    inner = st.lists(entries, min_size=1, max_size=3).map(tuple)
    reads = READS.map(lambda names: names and tuple(names))
    return (
        st.builds(Stack, inner, reads, MAYBE, st.booleans())
        | st.builds(Repeat, st.integers(1, 3), inner, reads, MAYBE, st.booleans())
        | st.builds(Call, NAMES, reads, MAYBE)
    )


ENTRIES = st.lists(st.recursive(layers(), nested, max_leaves=6), min_size=1, max_size=6)


def check_graph(graph, inputs):
    """Every step comes after what it reads and leads to an output; every name is its own."""
    seen = set(inputs)
    for step in graph.steps:
        assert step.inputs
        assert seen.issuperset(step.inputs)
        assert step.shares is None or step.shares in seen
        assert step.name not in seen
        seen.add(step.name)
        if isinstance(step.layer, Graph) and step.shares is None:
            check_graph(step.layer, ("input",))
    assert set(graph.outputs) <= seen
    leads = set(graph.outputs)
    for step in reversed(graph.steps):
        assert step.name in leads
        leads |= {*step.inputs, step.shares}
    assert inputs == ("input",) or leads.issuperset(inputs)


OUTCOMES = {"expands": 0, "explained": 0}


@settings(max_examples=1_500, deadline=None, derandomize=True)
@given(ENTRIES, st.sampled_from([("x",)] * 4 + [INPUTS]), OUTPUTS)
def tried(entries, inputs, outputs):
    graph, problems = expand(entries, inputs, outputs, lambda path: "another line")
    assert len(set(problems)) == len(problems)
    OUTCOMES["explained" if problems else "expands"] += 1
    if not problems:
        check_graph(graph, inputs)
        problems = list(check_inputs(graph))
    for problem in problems:
        assert isinstance(problem, Problem)
        assert problem.message
        assert problem.key[0] in {"model", "data"}


def test_a_network_is_put_in_order_or_its_mistakes_have_places():
    OUTCOMES.update(expands=0, explained=0)
    tried()
    assert min(OUTCOMES.values()) > 200, OUTCOMES


def test_a_name_that_looks_like_a_place_hides_no_layer():
    dense = KerasObject("Dense", {"units": 4})
    entries = [Layer(dense), Layer(KerasObject("Dense", {"name": "layers.2"})), Layer(dense)]
    graph, problems = expand(entries, ("x",), (), lambda path: "line 1")
    assert not problems
    assert [step.name for step in graph.steps] == ["layers/0", "layers.2", "layers/2"]
