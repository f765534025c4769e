"""Where rows can come from, for people who look for it: the sources of `data:` and the sets they name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nntrain.config.data import GENERATOR_ARGUMENTS, KERAS_SETS, SKLEARN_SETS
from nntrain.config.field_schema import config_schema
from nntrain.config.guide.discovery import Described, Item, Row
from nntrain.config.guide.examples import as_yaml
from nntrain.config.problems import describe
from nntrain.config.spelling import spelled
from nntrain.errors import UsageError, did_you_mean

SUMMARIES = {
    "boston_housing": "Prices of homes in Boston from 13 numbers.",
    "breast_cancer": "569 tumours, malignant or benign, from 30 measurements.",
    "california_housing": "Prices of homes in California from 8 numbers.",
    "cifar10": "60,000 colour pictures of 32x32 pixels in 10 classes.",
    "cifar100": "60,000 colour pictures of 32x32 pixels in 100 classes.",
    "diabetes": "442 patients, the progression of diabetes (a number) from 10 measurements.",
    "digits": "1,797 handwritten digits of 8x8 pixels.",
    "fashion_mnist": "70,000 pictures of clothes of 28x28 pixels in 10 classes.",
    "imdb": "50,000 film reviews as numbered words, good or bad.",
    "iris": "150 flowers of 3 kinds from 4 measurements.",
    "linnerud": "20 men, their weight, waist and pulse (three numbers) from 3 exercises.",
    "make_blobs": "Round clouds of points, one for each class.",
    "make_circles": "Two circles of points, one inside the other.",
    "make_classification": "Clusters of points in many dimensions, some of them uninformative.",
    "make_moons": "Two interleaved half circles of points.",
    "make_multilabel_classification": "Counts of words in documents that have several labels at once.",
    "make_regression": "A number that depends linearly on some of the columns.",
    "mnist": "70,000 handwritten digits of 28x28 pixels.",
    "reuters": "11,228 newswires as numbered words in 46 topics.",
    "wine": "178 wines of 3 growers from 13 measurements.",
}
"""What each named set holds."""

EXAMPLES: dict[str, dict[str, Any]] = {
    "csv": {"target": "diabetes"},
    "parquet": {"path": "data/pima.parquet", "target": "diabetes"},
    "tfrecord": {"label": "digit"},
}
"""By source: what its example sets besides the fields that have an example."""
ANYWHERE = ("task", "split", "preprocess")
"""Keys of every source, which are told in the config's reference."""


def items() -> list[Item]:
    """The sources, then the sets of each source that has named ones."""
    sources = [Item(name, _sentence(part["description"]), "sources") for name, part in _sources().items()]
    sets = [
        Item(name, _summary(source, name), f"data: {{type: {source}, name: ...}}")
        for source, part in _sources().items()
        for name in _names(part)
    ]
    return [*sources, *sets]


def described(name: str) -> Described:
    """A source or a named set.

    Raises:
        UsageError: There is neither of that name.
    """
    for source, part in _sources().items():
        if name == source:
            rows = tuple(_rows(part, set(part["properties"]) - {"type"}))
            return Described(name, part["description"], rows, (), as_yaml({"data": _example(source, part)}))
        if name in _names(part):
            rows = tuple(_rows(part, _keys_of_set(source, part, name)))
            data = {"type": source, "name": name}
            return Described(name, _summary(source, name), rows, (), as_yaml({"data": data}))
    known = [item.name for item in items()]
    hint = did_you_mean(name, known)
    more = "" if hint else "; see nntrain datasets"
    raise UsageError(f"there is no data source or set named {spelled(name)}{hint}{more}")


def _sources() -> dict[str, Any]:
    schema = config_schema()
    mapping = schema["properties"]["data"]["discriminator"]["mapping"]
    return {name: schema["$defs"][path.rsplit("/", 1)[1]] for name, path in mapping.items()}


def _sentence(text: str) -> str:
    return " ".join(text.split())


def _names(part: dict[str, Any]) -> list[str]:
    """The sets that a source can be told to use."""
    return list(part["properties"].get("name", {}).get("enum", ()))


def _summary(source: str, name: str) -> str:
    task = {"sklearn": SKLEARN_SETS, "keras": KERAS_SETS}.get(source, {}).get(name)
    target = "a number to predict" if task == "regression" else "classes to tell apart"
    return SUMMARIES.get(name, f"Rows with {target}.")


def _keys_of_set(source: str, part: dict[str, Any], name: str) -> set[str]:
    """The source's keys that mean something for this set."""
    if source == "sklearn":
        taken = GENERATOR_ARGUMENTS.get(name, frozenset())
        return {*taken, "random_state"} if taken else set()
    others = set(_names(part)) - {name}
    return {
        key
        for key, field in part["properties"].items()
        if key not in {"type", "name"} and not _belongs_to(field.get("description", ""), name, others)
    }


def _belongs_to(description: str, name: str, others: set[str]) -> bool:
    """Whether a field's docstring begins with the names of other sets: `imdb and reuters: ...`."""
    owners = set(description.partition(":")[0].replace(",", " ").split()) - {"and"}
    return bool(owners & others) and name not in owners


def _rows(part: dict[str, Any], keys: set[str]) -> Iterator[Row]:
    for key, field in part["properties"].items():
        if key in keys and key not in ANYWHERE:
            default = "required" if key in part.get("required", ()) else spelled(field.get("default"))
            yield Row(key, f"{describe(field)}: {_sentence(field.get('description', ''))}", default)


def _example(source: str, part: dict[str, Any]) -> dict[str, Any]:
    names = _names(part)
    values = {key: field["examples"][0] for key, field in part["properties"].items() if field.get("examples")}
    return {"type": source, **({"name": names[0]} if names else {}), **values, **EXAMPLES.get(source, {})}
