"""Runners: the same rows however often they are killed, and however many there are."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from ltcbook.__main__ import main
from ltcbook.experiments.board import Board
from ltcbook.experiments.engine import execute
from ltcbook.experiments.profiles import SMOKE, narrowed
from ltcbook.experiments.runner import _groups, duration, work
from ltcbook.experiments.store import Store, same_result
from ltcbook.experiments.trials import trained

MODELS = ("LSTM", "SA-CT-RNN-S")
PART = narrowed(SMOKE, ("digits",), MODELS)
COMMAND = [
    sys.executable, "-m", "ltcbook", "run", "smoke", "--task", "digits", "--json",
    *(word for model in MODELS for word in ("--model", model)),
]  # fmt: skip
KILLS = int(os.environ.get("LTCBOOK_KILLS", "3"))
POSIX = pytest.mark.skipif(
    os.name == "nt", reason="Windows has no groups of processes and no limit on the size of files"
)


@pytest.fixture(scope="module")
def timed(tmp_path_factory):
    """The store of a run that nothing disturbed, and the seconds it took."""
    store, started = Store(tmp_path_factory.mktemp("undisturbed")), time.perf_counter()
    done = subprocess.run([*COMMAND, "--store", str(store.folder)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return store, time.perf_counter() - started


@pytest.fixture(scope="module")
def undisturbed(timed):
    """The store of a run that nothing disturbed."""
    return timed[0]


def differences(one: Store, other: Store) -> list[str]:
    """What two stores differ in, besides the circumstances."""
    mine, theirs = ({row["run"]: row for row in store.rows()} for store in (one, other))
    found = [f"run {run} is in one alone" for run in set(mine) ^ set(theirs)]
    for run in set(mine) & set(theirs):
        a, b = mine[run], theirs[run]
        if not same_result(a, b):
            named = [f"{k}: {a[k]!r}, {b[k]!r}" for k in a if a[k] != b[k]]
            found.append(f"{a['purpose']} {a['model']}: {'; '.join(named)}")
    for table in ("curves", "groups", "steps"):
        if not found and one.long(table, "digits") != other.long(table, "digits"):
            found.append(table)
    return found


def test_a_run_leaves_what_the_rule_asks_for(undisturbed):
    rows = undisturbed.rows()
    board = Board(PART, undisturbed)
    assert list(board.needed()) == []
    assert {row["purpose"] for row in rows} == {"baseline", "search", "final"}
    assert all((row["test_loss"] is None) == (row["purpose"] == "search") for row in rows
               if row["model"] in MODELS)  # fmt: skip
    finals = [row for row in rows if row["purpose"] == "final"]
    assert len(finals) == len(board.cells) * len(PART.seeds)
    for row in finals:
        assert row["parameters"] > 0 and 0 <= row["test_accuracy"] <= 1
        assert len(undisturbed.long("curves", "digits")[row["run"]]) == row["epochs"] == 2
        blocks = undisturbed.long("groups", "digits")[row["run"]]
        assert len(blocks) == 100
    assert board.status().missing == 0 and board.status().seconds_left == 0


def test_rates_were_chosen_on_validation(undisturbed):
    rows = undisturbed.rows()
    for final in (row for row in rows if row["purpose"] == "final"):
        tried = {
            row["learning_rate"]: row["validation_loss"]
            for row in rows
            if row["purpose"] == "search"
            and all(row[k] == final[k] for k in ("model", "input_map", "init", "hidden_size"))
        }
        assert set(tried) == set(PART.rates)
        assert final["learning_rate"] == min(tried, key=tried.get)


def test_two_workers_leave_the_rows_of_one(undisturbed, tmp_path):
    done = subprocess.run([*COMMAND, "--store", str(tmp_path), "--workers", "2"],
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["missing"] == 0
    assert differences(Store(tmp_path), undisturbed) == []


@POSIX
def test_killed_at_random_moments_it_leaves_the_same_rows(timed, tmp_path):
    undisturbed, took = timed
    moments = random.Random(KILLS)
    for number in range(KILLS):
        process = subprocess.Popen(
            [*COMMAND, "--store", str(tmp_path), "--workers", str(1 + number % 2)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            process.wait(timeout=took * moments.uniform(0.2, 1.0))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert work(PART, Store(tmp_path)) == 0
    assert differences(Store(tmp_path), undisturbed) == []
    left = [path.name for path in (tmp_path / "work").iterdir() if path.suffix != ".lock"]
    assert [name for name in left if not name.endswith(".part")] == []


def test_a_worker_ends_when_its_runner_is_killed(undisturbed, tmp_path):
    """The runner alone is killed; its worker holds the pipe open until it ends too."""
    process = subprocess.Popen(
        [*COMMAND, "--store", str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(timeout=3.0)
    except subprocess.TimeoutExpired:
        process.kill()
    assert process.communicate(timeout=60)[0] == b""
    assert len(Store(tmp_path).rows()) < len(undisturbed.rows())


def test_a_run_goes_on_at_any_epoch_to_the_bit(undisturbed, tmp_path):
    """Stopped after each of its epochs in turn, and gone on with: the row of one that was not."""

    class Stop(Exception):
        pass

    def stop(epoch, seconds):
        raise Stop

    store, board = Store(tmp_path), Board(PART, Store(tmp_path))
    wanted = next(row for row in undisturbed.rows() if row["purpose"] == "final")
    cell = next(c for c in board.cells if c.configuration.model == wanted["model"]
                and c.configuration.input_map == wanted["input_map"]
                and c.configuration.init == wanted["init"]
                and c.hidden_size == wanted["hidden_size"])  # fmt: skip
    trial = trained("final", cell, PART, wanted["seed"], wanted["learning_rate"])
    data = board.data("digits")
    for epoch in (1, 2):
        with pytest.raises(Stop):
            execute([trial], board.task("digits"), data, store, stop)
        progress = json.loads(store.progress_path(trial.id(data)).read_text())
        assert progress["epoch"] == epoch
    execute([trial], board.task("digits"), data, store)
    (row,) = store.rows()
    assert same_result(row, wanted)
    assert not store.checkpoint_path(trial.id(data)).exists()


def test_an_ensemble_of_trials_leaves_the_rows_of_each_alone(undisturbed, tmp_path):
    """As on a GPU, where all rates, seeds and starts of a model that wait are trained at once."""
    store, board = Store(tmp_path), Board(PART, Store(tmp_path))
    waiting = [(trial, trial.id(board.data(trial.task))) for trial in board.needed()]
    groups = list(_groups(iter(waiting), at_once=True))
    assert sorted(run for group in groups for _, run in group) == sorted(r for _, r in waiting)
    searched = [[t for t, _ in group] for group in groups if group[0][0].purpose == "search"]
    several = max(searched, key=len)
    assert len({(t.learning_rate, t.init) for t in several}) == len(several) > 2
    assert len({(t.model, t.input_map) for group in searched for t in group}) == len(searched)
    with pytest.raises(ValueError, match="must differ in seed, learning rate and start alone"):
        execute([several[0], searched[-1 if several is searched[0] else 0][0]],
                board.task("digits"), board.data("digits"), store)  # fmt: skip
    execute(several, board.task("digits"), board.data("digits"), store)
    theirs = {row["run"]: row for row in undisturbed.rows()}
    assert len(store.rows()) == len(several)
    for row in store.rows():
        same = theirs[row["run"]]
        differing = {k: (v, same[k]) for k, v in row.items() if v != same[k]}
        assert same_result(row, same), (row["model"], differing)
    assert list((tmp_path / "work").glob("*.safetensors")) == []


def test_a_truncated_checkpoint_is_one_clear_line_and_the_rest_is_done(tmp_path, capsys):
    store = Store(tmp_path)
    part = narrowed(SMOKE, ("digits",), ("LSTM",))
    board = Board(part, store)
    trial = next(t for t in board.needed() if t.purpose == "search")
    path = store.checkpoint_path(trial.id(board.data("digits")))
    store.check_writable()
    path.write_bytes(b"half")
    assert work(part, store) == 1
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert str(path) in lines[0] and "delete the file, and the run begins anew" in lines[0]
    assert len([row for row in store.rows() if row["purpose"] == "baseline"]) == 3
    path.unlink()
    assert work(part, store) == 0


def _little_room():
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))


@POSIX
def test_a_full_disk_is_one_clear_line_and_nothing_is_lost(undisturbed, tmp_path):
    """Files may not grow beyond 6 kB, less than a checkpoint has."""
    words = [*COMMAND, "--store", str(tmp_path)]
    full = subprocess.run(words, capture_output=True, text=True, preexec_fn=_little_room)
    assert full.returncode == 2
    lines = [line for line in full.stderr.splitlines() if line.startswith("ltcbook: ")]
    assert len(lines) == 1 and "File too large" in lines[0], full.stderr
    assert "Traceback" not in full.stderr
    assert work(PART, Store(tmp_path)) == 0
    assert differences(Store(tmp_path), undisturbed) == []


def test_divergence_is_a_row_and_not_a_crash(tmp_path):
    store, board = Store(tmp_path), Board(PART, Store(tmp_path))
    cell = next(c for c in board.cells if c.configuration.model == "SA-CT-RNN-S")
    trial = trained("final", cell, PART, 0, 1e30)
    (record,) = execute([trial], board.task("digits"), board.data("digits"), store)
    assert record.row["diverged"]
    assert record.row["stability"] is not None and "diverged in epoch" in record.row["stopped"]
    assert store.rows() == [record.row]
    assert board.find(trial) is None
    board.refresh()
    assert board.find(trial) == float("inf")


def test_other_data_never_meet_old_rows(undisturbed, monkeypatch):
    monkeypatch.setattr("ltcbook.experiments.board.data_identity", lambda task: "other data")
    board = Board(PART, undisturbed)
    assert len(list(board.needed())) == 3 + 2 * len(board.cells)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["smok"], "unknown profile 'smok'"),
        (["smoke", "--task", "mnist"], "unknown task of profile smoke"),
        (["smoke", "--workers", "0"], "workers must be an integer of at least 1"),
        (["smoke", "--address", "x"], "address applies to engine ray alone"),
        (["smoke", "--device", "cuda", "--engine", "ray"], "device cuda applies to engine local"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(words, said, capsys, tmp_path):
    assert main(["run", *words, "--store", str(tmp_path)]) == 2
    assert said in capsys.readouterr().err


def test_the_status_starts_nothing(tmp_path, capsys):
    words = ["run", "smoke", "--task", "digits", "--model", "LSTM", "--store", str(tmp_path / "s")]
    assert main([*words, "--status", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["done"], said["running"], said["missing"]) == (0, 0, 3 + 2 + 2)
    assert said["seconds_left"] > 0
    assert not (tmp_path / "s" / "rows.csv").exists()


def test_durations_read_well():
    assert [duration(s) for s in (5, 600, 9000, 400000)] == [
        "5 seconds", "10.0 minutes", "2.5 hours", "4.6 days"
    ]  # fmt: skip
