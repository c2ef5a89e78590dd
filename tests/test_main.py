"""The command line, run as a reader runs it."""

import json

import pytest

from ltcbook.__main__ import main


def test_models(capsys):
    assert main(["models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("DNN ")
    assert any(line.startswith("SA-LTC ") and "B.15" in line for line in lines)
    assert main(["models", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == len(lines) == 19


def test_count_is_table_1(capsys):
    command = ["count", "SA-LTC", "--hidden-size", "8", "--input-map", "synaptic"]
    assert main([*command, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["trainable"] == 1371
    assert answer["shapes"]["cell.sensory.w"] == [8, 27]
    assert main(command) == 0
    assert "SA-LTC: 1371 trainable parameters" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("count SA-LTK", "unknown model 'SA-LTK'; did you mean 'SA-LTC'?"),
        ("count SA-LTC --hidden-size 0", "hidden_size must be an integer of at least 1, got 0"),
        ("count ctrnn_vsigm/_linear", "the nearest legal string is"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(command, message, capsys):
    assert main(command.split()) == 2
    error = capsys.readouterr().err
    assert error.startswith("ltcbook: ")
    assert message in error
    assert error.count("\n") == 1


def test_unknown_command_is_exit_code_2(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["cuont"])
    assert stop.value.code == 2
    assert "invalid choice: 'cuont'" in capsys.readouterr().err
