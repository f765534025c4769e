"""A run's settings, epochs, scores and pictures for MLflow, by its own client.

MLflow can't take back what it was told, so a run that goes on tells it the epochs that it does not know yet.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Any, ClassVar

from nntrain.config.schema import Config
from nntrain.config.training import Mlflow
from nntrain.errors import ConfigError, Problem
from nntrain.run.session import Session
from nntrain.run.tracking.track import TRACKING, Splits
from nntrain.training.observer import Logs

MOST = 100
"""Settings, or numbers, in one message."""
LONGEST = 500
"""Characters of a setting; the whole config is an artefact."""
PATIENT = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "20"}
"""A server that does not answer holds training up for a minute at most, or as the environment says."""
ENDS = {"finished": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}
DEFAULT = "file:mlruns"
FILES = ("config.yaml", "resolved.yaml", "history.csv")


def check_installed(config: Config) -> None:
    """Find out before training that MLflow's client is there.

    Raises:
        ConfigError: It is asked for, and not installed.
    """
    if config.training.mlflow and find_spec("mlflow") is None:
        message = "MLflow's client is not installed; pip install 'nntrain[mlflow]', or remove this"
        problem = Problem(message, ("training", "mlflow"), id="missing-extra")
        raise ConfigError(problem).located(config.origin.location)


class MlflowRun:
    """One run of MLflow for a run."""

    name: ClassVar[str] = "mlflow"
    what: ClassVar[str] = "MLflow's run"

    def __init__(self, session: Session) -> None:
        """Tell nothing yet; needs MLflow's client."""
        for name, value in PATIENT.items():
            os.environ.setdefault(name, value)
        os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")  # else newer releases refuse a folder
        os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")  # which is for results
        self.failures: tuple[type[Exception], ...] = (ImportError, OSError)
        asked = session.config.training.mlflow
        options = asked if isinstance(asked, Mlflow) else Mlflow()
        self.session = session
        self.uri = options.tracking_uri or os.environ.get("MLFLOW_TRACKING_URI") or DEFAULT
        self.experiment = options.experiment or session.config.name
        self.known = 0
        """Epochs that MLflow knows."""
        self._id = ""
        self._client: Any = None

    def begin(self, rows: Sequence[Logs]) -> Mapping[str, Any]:
        """Go on with the run that the record names, or make one."""
        from mlflow.exceptions import MlflowException
        from mlflow.tracking import MlflowClient

        self.failures = (MlflowException, OSError)
        self._client = MlflowClient(tracking_uri=self.uri)
        before = self.session.directory.record.get(TRACKING, {}).get(self.name, {})
        if before.get("run_id") and before.get("tracking_uri") == without_password(self.uri):
            self._id = before["run_id"]
            self._client.update_run(self._id, status="RUNNING")
            history = self._client.get_metric_history(self._id, "loss")
            self.known = max((point.step for point in history), default=0)
        else:
            self._create()
        for row in rows:
            self.epoch(row)
        uri = without_password(self.uri)
        return {"tracking_uri": uri, "experiment": self.experiment, "run_id": self._id}

    def epoch(self, row: Logs) -> None:
        """Tell an epoch, unless it is known."""
        step = int(row["epoch"])
        if step > self.known:
            self._log({name: value for name, value in row.items() if name != "epoch"}, step)
            self.known = step

    def finish(self, splits: Splits) -> None:
        """Tell the scores, and hand over config, history and pictures."""
        self._log(dict(scores_of(splits)), self.known)
        run = self.session.directory.path
        for name in FILES:
            self._client.log_artifact(self._id, str(run / name))
        for picture in sorted((run / "plots").glob("*.png")):
            self._client.log_artifact(self._id, str(picture), "plots")

    def close(self, status: str) -> None:
        """Say how training ended."""
        if self._id:
            self._client.set_terminated(self._id, ENDS[status])

    def _create(self) -> None:
        from mlflow.entities import Param

        client, run = self._client, self.session.directory
        found = client.get_experiment_by_name(self.experiment)
        experiment = found.experiment_id if found else client.create_experiment(self.experiment)
        name = f"{self.session.config.name} {run.path.name}"
        made = client.create_run(experiment, run_name=name, tags={"nntrain.run": str(run.path)})
        self._id = made.info.run_id
        settings = [Param(key, text[:LONGEST]) for key, text in flat(self.session.config.plain())]
        for start in range(0, len(settings), MOST):
            client.log_batch(self._id, params=settings[start : start + MOST])

    def _log(self, numbers: Mapping[str, float], step: int) -> None:
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        metrics = [Metric(name, float(value), now, step) for name, value in numbers.items()]
        for start in range(0, len(metrics), MOST):
            self._client.log_batch(self._id, metrics=metrics[start : start + MOST])


def without_password(uri: str) -> str:
    """An address as it may be written down."""
    scheme, mark, rest = uri.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}"


def scores_of(splits: Splits) -> Iterator[tuple[str, float]]:
    """Every score that is a number, named as in `expect`: `test.accuracy`, `test.species.accuracy`."""
    for split, outputs in splits.items():
        for output, scores in outputs.items():
            before = f"{split}.{output}" if len(outputs) > 1 else split
            for name, value in scores.model.numbers().items():
                if value is not None:
                    yield f"{before}.{name}", value


def flat(values: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every setting as a text, by its key: `training.optimizer.learning_rate`, `model.layers.0.units`."""
    if isinstance(values, Mapping) and values:
        for name, inner in values.items():
            yield from flat(inner, f"{key}.{_safe(name)}".lstrip("."))
    elif isinstance(values, list) and values and isinstance(values[0], (Mapping, list)):
        for number, inner in enumerate(values):
            yield from flat(inner, f"{key}.{number}")
    elif values not in (None, {}, []):
        yield key, str(values)


def _safe(name: object) -> str:
    """A key of MLflow takes letters, digits, and some signs."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "_-. /:") else "_" for c in str(name))
