"""The `search:` section as it is written: an objective, how to look for it, and a range for each key."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, Strict, model_validator

from nntrain.config.search.ranges import ID, range_faults
from nntrain.config.section import Section, faults

Whole = int
Ends = Annotated[tuple[float, float], Strict(False)]
WholeEnds = Annotated[tuple[int, int], Strict(False)]
Choices = Annotated[tuple[Any, ...], Strict(False)]
Positive = Annotated[float, Field(gt=0)]
Points = Annotated[int, Field(ge=2, le=1000)]
Sampler = Literal["random", "grid", "tpe", "cmaes", "hyperband"]
Pruner = Literal["none", "median", "halving", "hyperband"]


class Range(Section):
    """The values that a key may take: one of `log`, `int`, `float` and `choice`."""

    log: Ends | None = Field(default=None, examples=[[1e-5, 1e-1]])
    """Two ends above 0; every power of ten between them is as likely as any other."""
    int: WholeEnds | None = Field(default=None, examples=[[32, 1024]])
    """Two whole numbers, both of which may be drawn."""
    float: Ends | None = Field(default=None, examples=[[0, 0.5]])
    """Two numbers."""
    choice: Choices | None = Field(default=None, examples=[["relu", "linear"]])
    """Values of any kind, whole layers or lists of them among them."""
    step: Positive | None = None
    """From one value to the next, counted from the low end, of `int` and `float`."""
    steps: Points | None = None
    """How many values there are, both ends among them."""

    @model_validator(mode="after")
    def _sensible(self) -> Range:
        wrong = range_faults(self)
        if wrong:
            raise faults(*wrong)
        return self


class Search(Section):
    """What `nntrain tune` looks for; `fit` trains the file as it stands."""

    space: dict[str, Annotated[Range, Field(examples=[{"int": [1, 10]}])]] = Field(
        examples=[{"training.optimizer.learning_rate": {"log": [1e-5, 1e-1]}}]
    )
    """By key, written as on the command line, the values to try. Trials are scored on the validation rows and
    never on the test rows."""
    objective: str = Field(default="val_loss", min_length=1)
    """A score of the validation rows, such as `validation.accuracy`, of several outputs with the output's
    name between, or a quantity that training reports, such as `val_loss`: then its best epoch counts."""
    direction: Literal["minimize", "maximize"] | None = None
    """Whether less or more is better, where the objective does not tell."""
    trials: Annotated[Whole, Field(ge=1, le=100_000)] | None = None
    """How many; 100 if left out, and of a grid all of its points."""
    time_limit: Positive | None = None
    """Seconds after which no trial begins, counted from the start of the command."""
    sampler: Sampler = "tpe"
    """`random` and `grid` need nothing, the others the extra `nntrain[tune]`: `tpe` learns from what was
    good, `cmaes` moves through numbers alone, `hyperband` draws at random and gives time to what begins
    well."""
    pruner: Pruner = "none"
    """What ends a trial early by the objective after each epoch: `median` where half of the others were
    better by then, `halving` and `hyperband` all but a third at epochs 1, 3, 9, ..."""
    seed: Annotated[Whole, Field(ge=0, lt=2**32)] | None = None
    """What the trials' values are drawn from; the config's `seed` if left out."""

    @model_validator(mode="after")
    def _something(self) -> Search:
        if not self.space:
            example = "{training.optimizer.learning_rate: {log: [1e-5, 1e-1]}}"
            raise faults((f"names no key to search; for example {example}", ("space",), ID))
        return self

    @property
    def prunes(self) -> str:
        """The pruner, which is a sampler's own where that has one."""
        return "hyperband" if self.sampler == "hyperband" else self.pruner
