import argparse
import json

import pytest

from ltcbook import data
from ltcbook.data.cli import NAMES, add_parser


@pytest.fixture
def run(capsys):
    """Run the command line as ``ltcbook`` would; return the exit code and what was printed."""

    def run(*words):
        parser = argparse.ArgumentParser()
        add_parser(parser.add_subparsers(required=True))
        options = parser.parse_args(["data", *words])
        code = options.run(options)
        return code, capsys.readouterr().out

    return run


def test_collect_says_what_it_has(run):
    code, out = run("collect", "walker2d", "--rollouts", "4", "--workers", "1")
    assert code == 0
    assert out.startswith("walker2d: 4 rollouts, ")
    assert "as published: all 4 rollouts" in out or "valid but different physics version" in out


def test_info_lists_the_cache(run, empty_cache):
    assert run("info")[1] == f"cache: {empty_cache} (0 files)\n"
    run("collect", "halfcheetah", "--rollouts", "1")
    listing = json.loads(run("info", "--json")[1])
    assert len(listing["files"]) == 1
    assert listing["files"][0]["bytes"] > 1000 * 23 * 4


@pytest.mark.parametrize("task", NAMES)
def test_info_only_looks(run, empty_cache, monkeypatch, task):
    def work(*_, **__):
        raise AssertionError("info makes or downloads data")

    for name in ("collect", "load_original", "load_images"):
        monkeypatch.setattr(f"ltcbook.data.cli.{name}", work)
    code, out = run("info", task)
    assert code == 0
    assert (
        out == f"{task}: not in the cache ({empty_cache}); `ltcbook data collect {task}` gets it\n"
    )
    facts = json.loads(run("info", task, "--json")[1])
    assert (facts["cached"], facts["collect"]) == (False, f"ltcbook data collect {task}")
    with pytest.raises(ValueError, match=f"{task} is not in the cache"):
        run("verify", task)
    assert not empty_cache.exists()


def test_a_cache_that_cannot_be_used_is_refused_before_the_work(run, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LTCBOOK_CACHE", str(tmp_path / "file" / "cache"))
    monkeypatch.setattr("ltcbook.data.cli.collect", lambda *_, **__: pytest.fail("simulated"))
    with pytest.raises(data.WriteError, match="LTCBOOK_CACHE must be a folder that can be written"):
        run("collect", "walker2d")


def test_collect_for_a_program(run):
    facts = json.loads(run("collect", "walker2d", "--rollouts", "4", "--json")[1])
    assert facts["rollouts"] == 4 and facts["verdict"] and facts["provenance"]["fingerprint"]


def test_verify_wants_the_data_first(run, empty_cache):
    with pytest.raises(ValueError, match="run `ltcbook data collect walker2d` first"):
        run("verify", "walker2d")


def test_info_and_verify_of_public_files(run, original_folder):
    code, out = run("verify", "mnist", "--json")
    assert (code, json.loads(out)["verdict"]) == (0, "as published")
    facts = json.loads(run("info", "walker2d-original", "--json")[1])
    assert (facts["rollouts"], facts["steps"]) == (400, 254_963)
    assert facts["provenance"]["licence"].startswith("MIT")
    assert "60,000 training and 10,000 test images" in run("info", "mnist")[1]


def test_what_does_not_apply_is_refused(run):
    with pytest.raises(ValueError, match="do not apply to mnist"):
        run("collect", "mnist", "--rollouts", "3")
    with pytest.raises(SystemExit) as stop:
        run("collect", "ant")
    assert stop.value.code == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--output", "walk.bmp"], "output must end in .gif or .png, got walk.bmp"),
        (["--output", "walk.gif", "--frames", "0"], "frames must be at least 1, got 0"),
        (["--output", __file__ + "/walk.gif"], "--output must be a folder that can be written"),
    ],
)
def test_a_picture_that_cannot_be_drawn_is_refused_before_the_rollouts_are_made(
    run, monkeypatch, words, message
):
    monkeypatch.setattr("ltcbook.data.cli.collect", lambda *_: pytest.fail("it simulates"))
    with pytest.raises((ValueError, OSError), match=message):
        run("render", "walker2d", *words)
