"""The command line, run as a reader runs it."""

import argparse
import json
import os
import subprocess
import sys

import pytest

import ltcbook
from ltcbook.__main__ import _parser, main


def test_models(capsys):
    assert main(["models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("DNN ")
    assert any(line.startswith("SA-LTC ") and "B.15" in line for line in lines)
    assert main(["models", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == list(ltcbook.models())
    assert len(rows) == len(lines)


def test_count_is_table_1(capsys):
    command = ["count", "SA-LTC", "--hidden-size", "8", "--input-map", "synaptic"]
    assert main([*command, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["trainable"] == 1371
    assert answer["shapes"]["cell.sensory.w"] == [8, 27]
    assert main(command) == 0
    assert "SA-LTC: 1371 trainable parameters" in capsys.readouterr().out


BAD = [
    ("count SA-LTK", "unknown model 'SA-LTK'; did you mean 'SA-LTC'?"),
    ("count QQQQ", "unknown model 'QQQQ'. Known: DNN, "),
    ("count SA-LTC --hidden-size 0", "hidden_size must be an integer of at least 1, got 0"),
    ("count ctrnn_vsigm/_linear", "the nearest legal string is"),
    ("data verify walker2d", "walker2d is not in the cache; run `ltcbook data collect walker2d`"),
]


@pytest.fixture(autouse=True)
def _no_data(tmp_path, monkeypatch):
    monkeypatch.setenv("LTCBOOK_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("LTCBOOK_DATA", raising=False)


@pytest.mark.parametrize(("command", "message"), BAD)
def test_bad_input_is_one_line_and_exit_code_2(command, message, capsys):
    assert main(command.split()) == 2
    error = capsys.readouterr().err
    assert error.startswith("ltcbook: ")
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("command", "message"), [*BAD, ("count", "required: model"), ("train A B --epochs x", "int")]
)
def test_errors_are_json_for_those_who_read_json(command, message, capsys):
    assert main([*command.split(), "--json"]) == 2
    printed = capsys.readouterr()
    error = json.loads(printed.out)["error"]
    assert message in error["message"] and error["kind"] in ("ValueError", "UsageError")
    assert printed.err == ""


def test_an_unknown_command_or_option_tells_the_usage(capsys):
    assert main(["cuont"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("usage: ltcbook ") and "invalid choice: 'cuont'" in error
    assert main(["count", "SA-LTC", "--size", "3"]) == 2
    assert "unrecognized arguments: --size 3" in capsys.readouterr().err


def test_what_is_not_installed_is_one_line(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "ltcbook.experiments.bench.timing", None)
    monkeypatch.delitem(sys.modules, "ltcbook.experiments.bench.cli", raising=False)
    assert main(["bench"]) == 2
    error = capsys.readouterr().err
    assert "ltcbook.experiments.bench.timing" in error and error.count("\n") == 1


def test_the_version(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"ltcbook {ltcbook.__version__}\n"


def commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Every parser below, by what is typed to reach it."""
    found = {parser.prog: parser}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                found |= commands(below)
    return found


PARSERS = commands(_parser())


@pytest.mark.parametrize("name", PARSERS)
def test_every_option_is_explained_and_tells_its_default(name):
    parser = PARSERS[name]
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction | argparse._HelpAction):
            continue
        label = "/".join(action.option_strings) or action.dest
        told = parser._get_formatter()._expand_help(action) if action.help else ""
        assert told, f"{name} {label} has no help"
        takes_a_value = action.nargs != 0 and action.option_strings and not action.required
        if takes_a_value:
            assert "default:" in told, f"{name} {label} does not tell its default: {told}"


def test_the_help_documents_the_variables(capsys):
    for command in (["--help"], ["data", "--help"]):
        with pytest.raises(SystemExit):
            main(command)
        text = " ".join(capsys.readouterr().out.split())
        assert "LTCBOOK_CACHE names the folder" in text and "LTCBOOK_DATA" in text


def test_it_runs_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "ltcbook", "count", "LSTM", "--json"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0 and json.loads(done.stdout)["model"] == "LSTM"
