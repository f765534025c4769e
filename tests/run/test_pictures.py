"""`pictures`: what a finished run can show."""

import shutil

import pytest

from nntrain import fit, load_config
from nntrain.errors import ArtefactError, UsageError
from nntrain.report.gallery import GALLERY
from nntrain.run.directory import RunDirectory
from nntrain.run.drawing import DRAW, NUMBERS, Planned, pack, read_plans
from nntrain.run.pictures import pictures
from nntrain.run.verify import verify
from tests.conftest import CONFIGS

KINDS = ["history", "confusion", "roc", "precision_recall", "reliability", "class_balance", "structure"]


@pytest.fixture
def run(finished_run, tmp_path):
    return shutil.copytree(finished_run.path, tmp_path / "run")


def rewrite(path, content):
    """Change the numbers as their own run would have written them."""
    found = RunDirectory.open(path)
    found.write(NUMBERS, content)
    found.update({})


def test_every_kind_can_be_drawn_and_has_a_name():
    assert set(DRAW) == set(GALLERY)


def test_all_pictures_of_a_run_are_drawn_and_known(run):
    done = pictures(run)
    assert [shown.kind for shown in done.pictures] == KINDS
    assert done.drawn == 5
    files = verify(run).files
    for shown in done.pictures:
        assert [name.rsplit(".")[-1] for name in shown.files] == ["png", "svg"]
        assert all(files[name] == "ok" for name in shown.files)
    assert verify(run).error is None
    assert verify(run).extra == ()
    again = pictures(run)
    assert (again.drawn, again.pictures) == (0, done.pictures)
    (run / "plots/structure.svg").unlink()
    assert pictures(run).drawn == 1
    assert verify(run).error is None


def test_a_network_that_adds_noise_to_its_input_shows_what_it_makes_of_it(tmp_path):
    config = load_config(
        CONFIGS / "digits_autoencoder.yaml",
        ["training.epochs=1", "model.layers.0={type: GaussianNoise, stddev: 0.5}"],
    )
    path = fit(config, tmp_path).path
    (shown,) = (shown for shown in pictures(path).pictures if shown.kind == "denoised")
    assert shown.files == ("plots/denoised_test.png", "plots/denoised_test.svg")
    drawn = read_plans(RunDirectory.open(path))["denoised_test"].arguments
    assert drawn["actual"].shape == drawn["noisy"].shape == drawn["made"].shape == (8, 64)
    assert 0.4 < (drawn["noisy"] - drawn["actual"]).std() < 0.6


def test_the_result_says_what_each_picture_shows(run):
    content = pictures(run).to_json()
    assert content["run"] == str(run)
    assert content["pictures"][-1] == {
        "files": ["plots/structure.png", "plots/structure.svg"],
        "kind": "structure",
        "title": GALLERY["structure"].title,
        "alt": GALLERY["structure"].alt,
    }


def test_the_structure_is_that_of_the_network(run):
    arguments = read_plans(RunDirectory.open(run))["structure"].arguments
    assert [node[1:] for node in arguments["nodes"]] == [
        ["Input", [2], 0],
        ["Dense", [8], 24],
        ["Dropout", [8], 0],
        ["Dense", [3], 27],
    ]
    assert arguments["edges"] == [[0, 1], [1, 2], [2, 3]]
    assert arguments["trainable"] == 51


def test_the_class_balance_is_that_of_the_splits(run):
    classes = read_plans(RunDirectory.open(run))["class_balance"].arguments["classes"]
    assert [sum(counts[split] for _, counts in classes) for split in ("train", "validation", "test")] == [
        72,
        18,
        30,
    ]


def test_numbers_that_were_changed_are_named(run):
    (run / NUMBERS).write_bytes((run / NUMBERS).read_bytes() + b"x")
    with pytest.raises(ArtefactError, match=r"pictures\.npz: the file was changed after the run"):
        pictures(run)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        pack({"x": Planned("no such kind", {})}),
        pack({"roc_test": Planned("roc", {"lines": 3, "rows": 1})}),
        pack({"roc_test": Planned("roc", {})}),
        pack({"../roc_test": Planned("roc", {"lines": [], "rows": 1})}),
        pack({"roc_test_../../x": Planned("roc", {"lines": [], "rows": 1})}),
    ],
)
def test_numbers_that_no_run_writes_are_refused(run, content):
    rewrite(run, content)
    with pytest.raises(ArtefactError) as caught:
        pictures(run)
    assert str(caught.value) == f"{run / NUMBERS}: holds no numbers that pictures are drawn from"


def test_an_older_run_kept_nothing_to_draw_from(run):
    found = RunDirectory.open(run)
    del found.record["sha256"][NUMBERS]
    found.update({})
    with pytest.raises(ArtefactError) as caught:
        pictures(run)
    assert str(caught.value) == (
        f"the run {run} is of an older nntrain, which kept nothing to draw from; train it again with nntrain fit"
    )


def test_a_run_that_has_not_finished_has_no_pictures(run):
    RunDirectory.open(run).update({"status": "failed", "failure": {"message": "it broke"}})
    with pytest.raises(ArtefactError) as caught:
        pictures(run)
    assert str(caught.value) == f"the run {run} failed, so it has no pictures: it broke"


def test_a_run_of_several_is_refused(run):
    RunDirectory.open(run).update({"folds": 2})
    with pytest.raises(UsageError) as caught:
        pictures(run)
    assert str(caught.value) == (
        f"{run} holds a run for each fold; draw the pictures of one, such as {run}/fold-1"
    )
