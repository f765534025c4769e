"""The whole config, as pydantic reads it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, Strict

from nntrain.config.data import DataSource
from nntrain.config.expect import Expectation
from nntrain.config.network.entries import Entry, EntryKind
from nntrain.config.network.expand import expand
from nntrain.config.network.graph import Graph
from nntrain.config.pretrain import Pretrain
from nntrain.config.reuse.origin import Origin
from nntrain.config.search.section import Search
from nntrain.config.section import Section
from nntrain.config.training import Training
from nntrain.config.vocabulary.user_code import UserCode
from nntrain.config.workers import Cluster
from nntrain.errors import KeyPath, Location, Problem

NAME_PATTERN = r"^\w[\w.-]*$"
NAME_LENGTH = 100


class Model(Section):
    """The network."""

    layers: Annotated[tuple[Annotated[Entry, EntryKind()], ...], Strict(False)] = Field(
        min_length=1, examples=[[{"type": "Dense", "units": 10, "activation": "softmax"}]]
    )
    """Layers of `keras.layers`, each fed by the one before it, or by those that its `inputs` name; the
    first is fed by the data."""
    outputs: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Strict(False)] = ()
    """Names of the layers whose outputs are scored; without it the last layer alone."""
    trainable: dict[str, bool] = Field(default_factory=dict)
    """Which layers learn, by patterns of their names: `{"backbone/*": false}`; a later pattern wins."""


class Evaluation(Section):
    """How the trained model is scored."""

    average: Literal["macro", "weighted"] = "macro"
    """How the precision, recall and F1 of classes or labels become one number: each class counts the same,
    or each row does."""
    threshold: Annotated[float, Field(gt=0, lt=1)] | Literal["f1", "youden"] = 0.5
    """Probability above which a row belongs to the second of two classes, or has a label. `f1` and `youden`
    choose it on the validation rows: where F1 is best, or recall less the share of false alarms."""


class Limits(Section):
    """What a network may be at most; one that is more is refused before it is built."""

    max_params: int = Field(default=100_000_000, ge=1)
    """Weights that the network may have, those that do not learn among them."""
    memory: float = Field(default=0.8, gt=0, le=1)
    """Share of the memory that is free beside the data, which training may need; the rest is TensorFlow's and
    the system's. Networks that need less than 256 MiB are always built."""


class Config(Section):
    """One experiment."""

    version: Literal[1] = 1
    """Version of the config language that the file is written in."""
    name: str = Field(default="", pattern=NAME_PATTERN, max_length=NAME_LENGTH)
    """Name of the folder under `runs/`; the file's name without `.yaml` if left out."""
    description: str = ""
    """A line for people."""
    seed: int = Field(default=0, ge=0, lt=2**32)
    """Source of all randomness: split (without `data.split.seed`), initial weights, dropout and order of
    rows."""
    extends: str | None = None
    """Another config file, relative to this one, that this one is laid over: mappings merge, lists and
    mappings of another `type` replace, `~key:` removes a key."""
    code: str | None = Field(default=None, min_length=1)
    """A Python file of your own Keras classes and functions, each under
    `@keras.saving.register_keras_serializable()`, for use by name; relative to this file. `fit` and
    `evaluate` run it only with `--allow-code`."""
    data: DataSource = Field(examples=[{"type": "sklearn", "name": "digits"}])
    """Where the rows come from, how they are split and prepared."""
    model: Model = Field(examples=[{"layers": [{"type": "Dense", "units": 10, "activation": "softmax"}]}])
    """The network."""
    pretrain: Pretrain | None = Field(default=None, examples=[{"epochs": 10, "corruption": 0.2}])
    """How the layers of a stack learn one after another, before training, to give their input back."""
    training: Training = Field(examples=[{"loss": "sparse_categorical_crossentropy", "epochs": 20}])
    """What is minimised, how, and for how long."""
    evaluation: Evaluation = Evaluation()
    """How the trained model is scored."""
    cluster: Cluster | None = None
    """The processes that train one network together with `training.distribute: workers`."""
    limits: Limits = Limits()
    """What a network may be at most; one that is more is refused before it is built."""
    expect: dict[str, Expectation] = Field(
        default_factory=dict, examples=[{"test.accuracy": ">= 0.97", "params": "< 50k", "seconds": "< 60"}]
    )
    """What the finished run has to reach; `fit` and `evaluate` leave with exit code 10 where it does not.
    Keys are a split and a score of `metrics.json`, such as `test.accuracy`, of several outputs with the
    output's name between (`test.species.f1`), or `params`, `epochs` and `seconds` (`timings.total` of
    `run.json`). Values are `>=`, `>`, `<=`, `<` or `==` with a number (`97%`, `50k`, `1.5M`) or `baseline`,
    or a range such as `0.95..0.99`. Of folds and seeds the mean counts."""

    search: Search | None = Field(
        default=None, examples=[{"space": {"training.optimizer.learning_rate": {"log": [1e-5, 1e-1]}}}]
    )
    """What `nntrain tune` looks for; `fit` trains the file as it stands."""

    _origin: Origin | None = PrivateAttr(default=None)
    _warnings: tuple[str, ...] = PrivateAttr(default=())
    _user_code: UserCode | None = PrivateAttr(default=None)
    _graph: tuple[Graph, list[Problem]] | None = PrivateAttr(default=None)

    @property
    def origin(self) -> Origin:
        """The file that the config was loaded from, and the overrides.

        Raises:
            AttributeError: The config was made in Python rather than by `load_config`.
        """
        if self._origin is None:
            raise AttributeError("this config was not loaded from a file; use nntrain.load_config")
        return self._origin

    @property
    def split_seed(self) -> int:
        """What the splits are drawn from."""
        own = self.data.split.seed
        return self.seed if own is None else own

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is hardly meant, or could not be checked without Keras; one sentence each."""
        return self._warnings

    @property
    def user_code(self) -> UserCode | None:
        """The file that `code` names, as it was read; None without one."""
        return self._user_code

    @property
    def graph(self) -> Graph:
        """The network, with blocks written out and names resolved."""
        return self.expanded[0]

    @property
    def expanded(self) -> tuple[Graph, list[Problem]]:
        """The network, and what is wrong with it."""
        if self._graph is None:
            inputs = self.data.input_names
            self._graph = expand(self.model.layers, inputs, self.model.outputs, self.line_of)
        return self._graph

    def line_of(self, path: KeyPath) -> str:
        """The line of a key, in words."""
        return self._origin.where(path) if self._origin else "another line"

    def key_location(self, path: KeyPath) -> Location | None:
        """The place of a key itself, rather than of its value; None for a config made in Python."""
        return self._origin.location(path, of_key=True) if self._origin else None

    def plain(self) -> dict[str, Any]:
        """Every value, defaults included, as it would be written in a file."""
        without = {"extends"} if self.search else {"extends", "search"}
        values = self.model_dump(mode="json", exclude=without)
        data = values["data"]
        values["data"] = {"type": data.pop("type"), **data}
        return values
