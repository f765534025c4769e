import json

from nntrain.config.guide.json_schema import as_text


def test_the_schema_goes_to_stdout(nntrain):
    done = nntrain("schema")
    assert (done.code, done.err) == (0, "")
    assert done.out == as_text()


def test_the_schema_goes_to_a_file(nntrain, tmp_path):
    done = nntrain("schema", "--output", "s.json", cwd=tmp_path)
    assert (done.code, done.out, done.err) == (0, "", "wrote s.json\n")
    assert json.loads((tmp_path / "s.json").read_text())["title"] == "nntrain config"


def test_a_folder_that_is_not_there_is_named(nntrain, tmp_path):
    done = nntrain("schema", "--output", "no/s.json", cwd=tmp_path)
    assert done.code == 7
    assert done.err == "no/s.json can't be written: No such file or directory\n"
    assert list(tmp_path.iterdir()) == []
