"""What becomes of a trial whose objective is no number, without training."""

import math
from dataclasses import replace
from types import SimpleNamespace

import pytest

from nntrain.config.search.objective import Objective
from nntrain.run.search import trial as story
from nntrain.run.search.ledger import Ledger, Worker
from nntrain.run.search.seen import Seen
from nntrain.run.search.study import join_study
from tests.run.search.conftest import values_of

NAN, INF = math.nan, math.inf
LOSS = Objective("val_loss", "minimize", "val_loss")


@pytest.fixture
def try_epochs(make_study, monkeypatch):
    """Try values whose validation loss is this, epoch by epoch."""

    def run(*losses, objective=LOSS):
        study = replace(join_study(make_study([], trials=3)), objective=objective)

        def trained(study, config, trial, watching, means):
            for epoch, loss in enumerate(losses):
                watching.epoch_ended(epoch, {"val_loss": loss}, 0.1)
            scores = {"validation": SimpleNamespace(to_json=lambda: {"roc_auc": None})}
            return SimpleNamespace(history=[{"val_loss": loss} for loss in losses], scores=scores)

        monkeypatch.setattr(story, "_trained", trained)
        stop = SimpleNamespace(asked=False, ending=False, patient=False, signum=None)
        worker = Worker(study.path)
        begun = study.ledger.begin(worker, lambda trials: values_of(1))
        ended = story.try_values(study, begun, story.Means(None, False, stop))
        worker.close()
        assert str(Ledger(study.path).trials) == str([ended])  # nan is not nan
        assert Seen.of(study.path).trials[0].state == ended.state
        return ended

    return run


def test_epochs_without_a_number_do_not_count(try_epochs):
    ended = try_epochs(NAN, 0.5, 0.25, INF)
    assert (ended.state, ended.value) == ("finished", 0.25)
    assert str(ended.steps) == "(nan, 0.5, 0.25, nan)"


def test_a_trial_whose_objective_never_is_a_number_has_diverged(try_epochs):
    ended = try_epochs(INF, NAN)
    assert (ended.state, ended.value) == ("diverged", None)
    assert ended.why == "val_loss is not a finite number after any epoch"


def test_a_trial_without_the_score_has_failed(try_epochs):
    ended = try_epochs(0.5, objective=Objective("validation.roc_auc", "maximize", None))
    assert (ended.state, ended.value) == ("failed", None)
    assert ended.why == "the validation rows give no validation.roc_auc"
