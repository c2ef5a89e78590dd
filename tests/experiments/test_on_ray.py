"""The grid on a Ray cluster of real processes, one of them killed on the way."""

import importlib.util
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from ltcbook.__main__ import main
from ltcbook.experiments.profiles import SMOKE, narrowed
from ltcbook.experiments.runner import work
from ltcbook.experiments.store import Store, same_result

HERE = importlib.util.find_spec("ray") is not None
MODELS = ("LSTM", "CT-GRU")
WORDS = ["run", "smoke", "--task", "digits", "--engine", "ray", "--json",
         *(word for model in MODELS for word in ("--model", model))]  # fmt: skip


def runners(token: str) -> list[int]:
    """The processes of this test's cluster that run the grid: none but those we started."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            ours = token.encode() in (folder / "environ").read_bytes()
            if ours and b"ray::_work" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except (OSError, ValueError):
            continue
    return found


@pytest.mark.skipif(not HERE, reason="ray is not installed: the engine ray is NOT tested")
def test_a_killed_runner_of_a_cluster_costs_no_row(tmp_path):
    token = uuid.uuid4().hex
    process = subprocess.Popen(
        [sys.executable, "-m", "ltcbook", *WORDS, "--workers", "2", "--store", str(tmp_path / "r")],
        env={**os.environ, "LTCBOOK_TEST_TOKEN": token},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    killed, rows = set(), tmp_path / "r" / "new"
    while process.poll() is None and not killed:
        if any(rows.glob("*.json")):  # the work has begun
            for pid in runners(token)[:1]:
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
        try:
            process.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            continue
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    assert len(killed) == 1
    undisturbed = Store(tmp_path / "u")
    assert work(narrowed(SMOKE, ("digits",), MODELS), undisturbed) == 0
    mine, theirs = Store(tmp_path / "r").rows(), undisturbed.rows()
    assert len(mine) == len(theirs) > 0
    assert all(same_result(a, b) for a, b in zip(mine, theirs, strict=True))


def test_without_ray_one_line_says_how_to_get_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    words = [word for word in WORDS if word != "--json"]
    assert main([*words, "--store", str(tmp_path)]) == 2
    assert "pip install 'ltcbook[ray]'" in capsys.readouterr().err
