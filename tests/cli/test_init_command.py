"""`nntrain init`: what is written, what is said, and what is never overwritten."""

import json

import pytest

from nntrain.config.guide import starting_points
from nntrain.config.guide.json_schema import as_text

ROWS = "width,kind\n" + "".join(f"{i * 0.7 % 3:.2f},{'ab'[i % 2]}\n" for i in range(40))


@pytest.fixture
def rows(tmp_path):
    (tmp_path / "rows.csv").write_text(ROWS)
    return tmp_path


def test_templates_are_listed(nntrain):
    done = nntrain("init")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == "mlp          Classes from a table of numbers, by a network of dense layers."
    assert len(lines) == 11
    assert json.loads(nntrain("init", "--json").out)["templates"]["cnn"].startswith("Classes of small")


def test_a_template_is_written_with_the_schema_beside_it(nntrain, tmp_path):
    done = nntrain("init", "cnn", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.out == "wrote cnn.yaml and nntrain.schema.json\nnext: nntrain fit cnn.yaml\n"
    assert (tmp_path / "cnn.yaml").read_text() == starting_points.text("cnn")
    assert (tmp_path / "nntrain.schema.json").read_text() == as_text()


def test_a_config_that_is_there_is_kept(nntrain, tmp_path):
    file = tmp_path / "mlp.yaml"
    file.write_text("mine")
    done = nntrain("init", "mlp", cwd=tmp_path)
    assert (done.code, done.out) == (9, "")
    assert done.err == "mlp.yaml is there already; add --force to replace it, or name another --output\n"
    assert file.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [file]
    assert nntrain("init", "mlp", "--force", cwd=tmp_path).code == 0
    assert file.read_text() == starting_points.text("mlp")


@pytest.mark.parametrize("content", ["mine", "[]", '{"title": "something else"}'])
def test_a_schema_of_somebody_else_is_kept(nntrain, tmp_path, content):
    file = tmp_path / "nntrain.schema.json"
    file.write_text(content)
    done = nntrain("init", "mlp", cwd=tmp_path)
    assert (done.code, done.out) == (9, "")
    assert done.err == (
        "nntrain.schema.json is there already and is no schema of nntrain; "
        "add --force to replace it, or name an --output in another folder\n"
    )
    assert [file.read_text() for file in tmp_path.iterdir()] == [content]
    assert nntrain("init", "mlp", "--force", cwd=tmp_path).code == 0
    assert file.read_text() == as_text()


def test_a_schema_of_an_older_release_is_replaced(nntrain, tmp_path):
    (tmp_path / "nntrain.schema.json").write_text('{"title": "nntrain config"}')
    assert nntrain("init", "mlp", cwd=tmp_path).code == 0
    assert (tmp_path / "nntrain.schema.json").read_text() == as_text()


def test_a_file_without_names_of_columns_gets_them(nntrain, rows):
    (rows / "bare.csv").write_text(ROWS.partition("\n")[2])
    done = nntrain("init", "--from", "bare.csv", "--no-header", "--target", "-1", "-o", "-", cwd=rows)
    assert done.err.startswith("bare.csv: 40 rows, 1 of 1 columns as features\n'c1' has 2 classes")
    assert "  target: c1 " in done.out


def test_a_template_goes_to_another_file_or_to_stdout(nntrain, tmp_path):
    done = nntrain("init", "rnn", "--output", "a.yaml", "--json", cwd=tmp_path)
    assert json.loads(done.out)["wrote"] == ["a.yaml", "nntrain.schema.json"]
    assert (tmp_path / "a.yaml").read_text() == starting_points.text("rnn")
    done = nntrain("init", "rnn", "--output", "-", cwd=tmp_path)
    assert (done.code, done.out, done.err) == (0, starting_points.text("rnn"), "")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.yaml", "nntrain.schema.json"]


def test_a_config_is_made_for_a_file(nntrain, rows):
    done = nntrain("init", "--from", "rows.csv", "--target", "kind", cwd=rows)
    assert done.code == 0
    assert done.err == (
        "rows.csv: 40 rows, 1 of 1 columns as features\n'kind' has 2 classes: 20 of a, 20 of b\n"
    )
    assert done.out == "wrote rows.yaml and nntrain.schema.json\nnext: nntrain fit rows.yaml\n"
    assert "  path: rows.csv\n" in (rows / "rows.yaml").read_text()


def test_a_config_made_for_a_file_is_one_object_under_json(nntrain, rows):
    content = json.loads(
        nntrain("init", "--from", "rows.csv", "--target", "kind", "-o", "-", "--json", cwd=rows).out
    )
    assert content["found"][1] == "'kind' has 2 classes: 20 of a, 20 of b"
    assert "loss: binary_crossentropy" in content["config"]


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["mpl"], 2, "there is no template 'mpl' (did you mean 'mlp'?)"),
        (["mlp", "--from", "rows.csv"], 2, "name a template ('mlp') or a file with --from, not both"),
        (["--target", "kind"], 2, "--target names a column of a file; add --from FILE"),
        (["--no-header"], 2, "--no-header is about the first line of a file; add --from FILE"),
        (
            ["--from", "rows.csv", "--target", "kind", "--target", "width"],
            2,
            "name one --target; for several outputs write data.targets into the config",
        ),
        (
            ["--from", "."],
            4,
            ".: '.' holds 1 file and no folders; put the images of each class into a folder that is called "
            "like it",
        ),
        (["--from", "rows.csv"], 2, "say with --target which column to predict; rows.csv has width, kind"),
        (
            ["--from", "rows.csv", "--target", "kid"],
            2,
            "--target: rows.csv has no column 'kid' (did you mean 'kind'?); it has width, kind",
        ),
        (["mlp", "-o", "no/a.yaml"], 7, "no/a.yaml can't be written: No such file or directory"),
    ],
)
def test_what_can_not_be_done_is_explained(nntrain, rows, arguments, code, text):
    done = nntrain("init", *arguments, cwd=rows)
    assert (done.code, done.out, done.err) == (code, "", f"{text}\n")
    assert [file.name for file in rows.iterdir()] == ["rows.csv"]
