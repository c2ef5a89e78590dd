"""``ltcbook train`` as a reader types it: what it writes, resumes, and refuses before it begins."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import torch

import ltcbook
from ltcbook import data
from ltcbook.__main__ import main

POSIX = pytest.mark.skipif(
    os.name == "nt", reason="Windows has no masks of rights and no limit on the size of files"
)
QUICK = ["--hidden-size", "4", "--epochs", "1", "--batch-size", "256"]


@pytest.fixture
def run(capfd, monkeypatch, tmp_path):
    """Run the command in a folder of its own; the exit code, standard output and error."""
    monkeypatch.chdir(tmp_path)
    threads = torch.get_num_threads()

    def run(*words: str):
        code = main(["train", *words])
        printed = capfd.readouterr()
        return code, printed.out, printed.err

    yield run
    torch.set_num_threads(threads)


def refused(answer) -> str:
    """The one line of a refusal; nothing was printed, and no bar had begun."""
    code, out, err = answer
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert err.startswith("ltcbook: ")
    return err.removeprefix("ltcbook: ").strip()


def test_it_trains_writes_and_resumes(run, tmp_path) -> None:
    command = ["LSTM", "digits", *QUICK, "--seeds", "0", "1", "--output", "run", "--json"]
    code, out, _ = run(*command)
    report = json.loads(out)
    assert code == 0
    assert [row["epochs"] for row in report["seeds"]] == [1, 1]
    assert {path.name for path in (tmp_path / "run").iterdir()} == set(report["files"])
    code, out, err = run(*command, "--epochs", "2")
    assert [row["epochs"] for row in json.loads(out)["seeds"]] == [2, 2]
    assert "2/2" in err and "validation" in err
    assert (tmp_path / "run" / "learning_curve.csv").read_text().count("\n") == 5
    assert "is of another run: hidden_size" in refused(
        run("LSTM", "digits", "--output", "run", *QUICK, "--hidden-size", "5", "--seeds", "0", "1")
    )


def test_json_tells_all_that_a_program_needs(run) -> None:
    _, out, _ = run("LSTM", "digits", *QUICK, "--json")
    report = json.loads(out)
    digits = data.load("digits")
    assert (report["task"], report["folder"]) == ("digits", os.path.join("runs", "LSTM-digits-4"))
    assert report["data"] == {
        "fingerprint": digits.fingerprint,
        "provenance": json.loads(json.dumps(dict(digits.provenance))),
    }
    assert report["recipe"]["hidden_size"] == 4 and report["versions"]["torch"]
    assert report["seconds"] > 0
    (row,) = report["seeds"]
    assert 0 <= row["validation_accuracy"] <= 1
    assert not any(key.startswith("test") for key in row)


def test_test_scores_are_hidden_until_they_are_asked_for(run) -> None:
    _, out, _ = run("LSTM", "digits", *QUICK)
    assert "validation" in out and "right" in out and "test" not in out
    _, out, _ = run("LSTM", "digits", *QUICK, "--test")
    assert "test" in out
    _, out, _ = run("LSTM", "digits", *QUICK, "--test", "--json")
    assert {"test_loss", "test_accuracy"} <= set(json.loads(out)["seeds"][0])


def test_a_saved_network_is_the_one_that_was_scored(run) -> None:
    _, out, _ = run("LSTM", "digits", *QUICK, "--json", "--test")
    report = json.loads(out)
    found = ltcbook.load(os.path.join(report["folder"], "seed-0.safetensors"))
    test = data.load(found.task).test
    with torch.no_grad():
        loss = torch.nn.functional.cross_entropy(found.model(test.inputs)[0][:, -1], test.targets)
    assert report["seeds"][0]["test_loss"] == pytest.approx(loss.item(), rel=1e-6)
    assert found.scores["validation_loss"] == report["seeds"][0]["validation_loss"]


def test_own_data_from_a_file(run, tmp_path) -> None:
    wave = np.sin(0.3 * np.arange(11) + np.arange(40)[:, None])[..., None]
    np.savez(tmp_path / "waves.npz", inputs=wave[:, :-1], targets=wave[:, 1:])
    code, out, _ = run("SA-LTC", "waves.npz", *QUICK, "--json")
    report = json.loads(out)
    assert code == 0 and report["task"] == "waves.npz" and report["loss"] == "mse"
    assert report["folder"].endswith("SA-LTC-waves-4")
    assert "is of other data: split_seed is 1 here and 0 there" in refused(
        run("SA-LTC", "waves.npz", *QUICK, "--split-seed", "1")
    )
    assert "--length does not apply to a file" in refused(
        run("SA-LTC", "waves.npz", *QUICK, "--length", "3")
    )
    assert refused(run("SA-LTC", "absent.npz", *QUICK)) == "absent.npz: no such file"
    (tmp_path / "text.npz").write_text("1, 2, 3")
    assert "text.npz: cannot be read" in refused(run("SA-LTC", "text.npz", *QUICK))
    assert not (tmp_path / "runs" / "SA-LTC-text-4").exists()
    assert refused(run("SA-LTC", "waves.npz", *QUICK, "--seed", "-1")).startswith("seeds must be")


def test_options_of_the_data_reach_the_data(run, monkeypatch) -> None:
    asked = []

    def load(task, **options):
        asked.append((task, options))
        return plain("digits")

    plain = data.load
    monkeypatch.setattr(data, "load", load)
    window = ["--length", "30", "--stride", "7", "--rollouts", "12", "--source", "original"]
    run("LSTM", "walker2d", *QUICK, *window, "--split-seed", "5")
    run("LSTM", "walker2d", *QUICK, "--output", "other")
    options = {"length": 30, "stride": 7, "rollouts": 12, "source": "original", "seed": 5}
    assert asked == [("walker2d", options), ("walker2d", {"seed": 0})]


def test_threads_are_those_of_the_kernels(run, monkeypatch) -> None:
    asked = []
    monkeypatch.setattr("ltcbook.training.cli.set_kernel_threads", asked.append)
    run("LSTM", "digits", *QUICK, "--threads", "2")
    assert asked == [2]


def test_fewer_epochs_than_a_finished_run_has_are_refused(run) -> None:
    run("LSTM", "digits", *QUICK, "--epochs", "3")
    assert "has trained for 3 epochs already: epochs must be at least 3" in refused(
        run("LSTM", "digits", *QUICK, "--epochs", "2")
    )


@pytest.fixture
def no_data(monkeypatch):
    """Fail when data are asked for: what is refused is refused before."""

    def load(*_, **__):
        raise AssertionError("data were loaded first")

    monkeypatch.setattr(data, "load", load)


@pytest.mark.skipif(torch.cuda.is_available(), reason="Triton may run here")
def test_a_backend_that_cannot_run_is_refused_first(run, no_data, monkeypatch) -> None:
    monkeypatch.setattr("ltcbook.kernels.backend.CompiledBackend._interpreted", lambda self: False)
    message = refused(run("SA-LTC", "walker2d", *QUICK, "--backend", "triton"))
    assert "backend='triton' cannot run this model" in message


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["LSTK", "walker2d"], "unknown model 'LSTK'; did you mean 'LSTM'?"),
        (["DNN", "walker2d"], "model must be recurrent to learn sequences, got 'DNN'"),
        (["LSTM", "walker"], "unknown task 'walker'; did you mean 'walker2d'?"),
        (["LSTM", "walker2d", "--hidden-size", "0"], "hidden_size must be an integer of at least"),
        (["LSTM", "walker2d", "--unfolds", "3"], "unfolds does not apply to LSTM"),
        (["LSTM", "walker2d", "--threads", "0"], "threads must be an integer of at least 1"),
        (["LSTM", "walker2d", "--output", ""], "--output must name a folder, got ''"),
        (["LSTM", "walker2d", "--output", "file"], "--output must be a folder that can be written"),
        (["LSTM", "walker2d", "--output", "file/run"], "--output must be a folder that can be"),
    ],
)
def test_bad_input_is_refused_before_data_are_made(run, no_data, tmp_path, words, message) -> None:
    (tmp_path / "file").write_text("mine")
    assert message in refused(run(*words))
    assert (tmp_path / "file").read_text() == "mine"


@POSIX
def test_all_files_have_the_rights_of_the_user_s_mask(run, tmp_path) -> None:
    run("LSTM", "digits", *QUICK, "--output", "run")
    mask = os.umask(0)
    os.umask(mask)
    rights = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "run").iterdir()}
    assert set(rights.values()) == {0o666 & ~mask}, rights


FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from ltcbook.__main__ import main
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, resource.RLIM_INFINITY))
sys.exit(main(sys.argv[1:]))
"""


@POSIX
def test_a_full_disk_is_one_line_and_loses_nothing(run, tmp_path) -> None:
    """A limit on the size of files stands for the disk: the write fails in the middle."""
    command = ["LSTM", "digits", *QUICK, "--hidden-size", "16", "--output", "run"]
    run(*command)
    checkpoint = tmp_path / "run" / "checkpoint.safetensors"
    before = checkpoint.read_bytes()
    small = [sys.executable, "-c", FULL.format(size=len(before) // 2), "train", *command]
    answer = subprocess.run(
        [*small, "--epochs", "2"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert answer.returncode == 2
    last = answer.stderr.replace("\r", "\n").splitlines()[-1]
    assert last == (
        "ltcbook: cannot write run/checkpoint.safetensors: File too large; "
        "make room, and the same command goes on"
    )
    assert "Traceback" not in answer.stderr
    assert checkpoint.read_bytes() == before
    assert not list((tmp_path / "run").glob(".*"))
    code, out, _ = run(*command, "--epochs", "2")
    assert code == 0 and "of 2" in out


def test_a_real_full_disk(run, tmp_path) -> None:
    """The same on a file system of 40 kB, where one may be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", str(disk)]
    root = hasattr(os, "geteuid") and os.geteuid() == 0  # Windows has no such user
    if not root or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("only root may mount a small disk")
    try:
        message = run("LSTM", "digits", *QUICK, "--hidden-size", "32", "--output", "disk/run")[2]
        assert message.splitlines()[-1] == (
            "ltcbook: cannot write disk/run/checkpoint.safetensors: No space left on device; "
            "make room, and the same command goes on"
        )
        assert not list((disk / "run").iterdir())
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_an_interrupted_command_says_how_to_go_on(run, monkeypatch) -> None:
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("ltcbook.training.cli.train", interrupted)
    code, _, err = run("LSTM", "digits", *QUICK, "--output", "run")
    assert (code, err) == (130, "ltcbook: interrupted: the same command goes on from run\n")
