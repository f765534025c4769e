"""The `training:` section: what is minimised, how, and for how long."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from nntrain.config.section import Section
from nntrain.config.vocabulary.by_output import LossKind, MetricsKind
from nntrain.config.vocabulary.keras_object import KerasObject, Kind

Losses = KerasObject | dict[str, KerasObject]
Metrics = tuple[KerasObject, ...] | dict[str, tuple[KerasObject, ...]]
Callback = Annotated[KerasObject, Kind("callbacks")]
GPU_BY_NUMBER = r"^gpu:[0-9]{1,3}$"
Device = Literal["auto", "cpu", "gpu"] | Annotated[str, Field(pattern=GPU_BY_NUMBER)]
Precision = Literal["float32", "mixed_bfloat16", "mixed_float16"]
EngineName = Literal["auto", "compiled", "keras"]


class EarlyStopping(Section):
    """Stop before `epochs` when nothing improves; the best weights are kept."""

    monitor: str = Field(default="val_loss", min_length=1)
    """Quantity watched after every epoch, as named in `history.csv`."""
    patience: int = Field(default=5, ge=0)
    """Epochs without improvement before training stops."""
    min_delta: float = Field(default=0.0, ge=0)
    """Smallest change that counts as an improvement."""
    mode: Literal["auto", "min", "max"] = "auto"
    """Whether less or more is better; `auto` knows Keras' losses and metrics."""
    baseline: float | None = None
    """A value that must be passed before an epoch counts as an improvement."""
    start_from_epoch: int = Field(default=0, ge=0)
    """Epochs at the start that are not watched."""


class Checkpoint(Section):
    """When the state of training is written down, so that `nntrain resume` can go on from there."""

    every: float = Field(default=10.0, gt=0)
    """Minutes from one checkpoint to the next within a long epoch."""
    epochs: int = Field(default=1, ge=1)
    """Epochs from one checkpoint to the next. Short epochs share one: there is at most one a second, and
    none before 75 times the seconds that writing one takes have passed, so that it costs some 1.3 % of a long
    training. The last epoch always has one, and so does a stop."""
    keep: int = Field(default=2, ge=1)
    """How many of the newest stay, beside that of the epoch with the lowest loss on validation rows."""


class Mlflow(Section):
    """Where MLflow is told of a run."""

    tracking_uri: str | None = Field(default=None, min_length=1)
    """A server, such as `http://localhost:5000`, or a folder, such as `file:mlruns`. If left out, what
    `MLFLOW_TRACKING_URI` says, else `file:mlruns`."""
    experiment: str | None = Field(default=None, min_length=1)
    """The experiment that the run belongs to, which is made if need be; the config's name if left out."""


class Training(Section):
    """Everything that `compile` and `fit` are told."""

    loss: Annotated[Losses, LossKind()] = Field(examples=["sparse_categorical_crossentropy"])
    """A loss of `keras.losses`: its name, or `type` and arguments; for several outputs one for each, by
    the output's name."""
    loss_weights: dict[str, Annotated[float, Field(ge=0)]] | None = None
    """What each output's loss counts in the sum, by the output's name; 1 if left out."""
    optimizer: Annotated[KerasObject, Kind("optimizers")] = KerasObject("Adam", {}, "optimizers")
    """An optimizer of `keras.optimizers`. Its `learning_rate` is a number or a schedule."""
    metrics: Annotated[Metrics, MetricsKind()] = ()
    """Metrics of `keras.metrics` that are followed during training: a list; for several outputs a list
    for each, by the output's name."""
    epochs: int = Field(ge=1, examples=[20])
    """Passes over the training rows."""
    batch_size: int = Field(default=32, ge=1)
    """Rows in one step of the optimizer."""
    shuffle: bool = True
    """Draw a new order of the training rows for every epoch, from `seed` and the epoch's number."""
    early_stopping: EarlyStopping | None = Field(
        default=None, examples=[{"monitor": "val_loss", "patience": 5}]
    )
    """When to stop before `epochs`. Without it the weights of the last epoch are kept."""
    callbacks: Annotated[tuple[Callback, ...], Strict(False)] = ()
    """Callbacks of `keras.callbacks`, such as ReduceLROnPlateau."""
    checkpoint: Checkpoint | Literal[False] = Field(default=Checkpoint(), examples=[{"every": 30}])
    """When the whole state is written into the run's `checkpoint/`; `false` for never. A run that was ended
    goes on from the newest one, and its results are those of a run that was not, to the last bit."""
    class_weight: Literal["balanced"] | dict[str, Annotated[float, Field(gt=0)]] | None = None
    """Weight of each class in the loss: `balanced` makes every class count the same, a mapping gives
    the weight by class name. Where `data.sample_weight` is given too, a row counts the product of both."""
    rows: int | None = Field(default=None, ge=1)
    """How many of the training rows, drawn by `seed`, are learnt from; all if left out. Preprocessing and
    `pretrain` still look at all of them."""
    resample: Literal["over", "under"] | None = None
    """Give every class as many training rows, drawn by `seed`: `over` repeats rows of the smaller classes,
    `under` leaves out rows of the larger ones. Held-out rows and preprocessing take no notice."""
    device: Device = "auto"
    """Where to train. `auto` takes a GPU if there is one; `gpu` is an error if there is none; `gpu:1` is the
    second GPU of the machine."""
    precision: Precision = "float32"
    """Numbers that layers compute in. The mixed ones compute in 16 bits and keep weights, and what the
    network's outputs give, in 32; `mixed_float16` scales the loss."""
    tf32: bool = False
    """Let a GPU multiply float32 numbers with the 10 binary digits of TensorFloat-32, which is faster."""
    engine: EngineName = "auto"
    """What runs the steps. `compiled` runs many steps in one call of TensorFlow; `keras` is `model.fit`'s
    own loop, a call a step; `auto` is `compiled` unless something needs a look at every batch."""
    xla: Literal["auto"] | bool = "auto"
    """Whether XLA compiles the steps. `auto` uses it where it pays: on GPUs, and on a CPU for dense layers
    that are trained long enough to make up for compiling."""
    split_batch: bool = False
    """Let each core of a CPU compute a part of every batch. The results are the same up to rounding, but for
    dropout, which draws other numbers. `nntrain bench` tells whether it pays on a machine."""
    tensorboard: bool = False
    """Write the losses, metrics and learning rate of each epoch into the run's `tensorboard/`, as event files
    for `tensorboard --logdir runs`."""
    mlflow: Mlflow | bool = Field(default=False, examples=[{"tracking_uri": "http://localhost:5000"}])
    """Tell MLflow the settings, each epoch, the scores and the pictures; needs the extra `nntrain[mlflow]`. A
    run that goes on does so there too. A server that can't be reached costs a note, and no training."""
    distribute: Literal["mirrored", "workers"] | None = None
    """`mirrored` divides each batch among all GPUs of the machine, each with a copy of the network; `workers`
    among the processes of a `cluster`, on one machine or several. A batch has `batch_size` rows in all."""
