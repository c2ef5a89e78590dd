"""Trials, from their recipe to their records: the only place where the grid meets training.

Chapter: ``walker_kinematics``.
"""

from __future__ import annotations

import hashlib
import json
import math
import platform
import re
import time
import warnings
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import torch

from ltcbook.data import variants
from ltcbook.data.cache import write_atomically
from ltcbook.data.tasks import TaskData
from ltcbook.experiments import baselines
from ltcbook.experiments.contenders import WITHOUT_CLOCK
from ltcbook.experiments.grid import parameters
from ltcbook.experiments.provenance import commit
from ltcbook.experiments.scores import Scores, outputs_of, score
from ltcbook.experiments.store import Record, Row, Store
from ltcbook.experiments.trials import Trial, joint_recipe, numerics
from ltcbook.kernels.cpu.threads import one_torch_thread
from ltcbook.nn.stability import NotFiniteWarning
from ltcbook.training import Run, checkpoint

Watcher = Callable[[int, float], None]
"""Told the epochs done and the seconds spent, after each epoch; may raise to stop the run."""

SPARE = 20
"""So many times as long as a checkpoint took passes before the next: it must save more than it
costs, and a disk may take longer to be sure of a file than a short epoch takes."""

_STABILITY = re.compile(r"dt·\(w_l \+ Σ wσ\)/C was ([0-9.e+-]+)")


def execute(
    trials: Sequence[Trial],
    task: TaskData,
    data: str,
    store: Store,
    watch: Watcher = lambda epoch, spent: None,
    device: str = "cpu",
) -> list[Record]:
    """Do trials at once, going on from their checkpoint if there is one; records into the store.

    Args:
        trials: one; or several trained ones that differ in seed, learning rate and start alone,
            which become the replicas of one ensemble.
        task: their data.
        data: the identity of those.
        store: where the records go.
        watch: called after each epoch.
        device: where they are trained; scores are computed on the CPU.

    Returns:
        The records. Test scores are in those of final trials and baselines only; of the time that
        an ensemble took each has its share.

    Raises:
        ValueError: for trials that cannot be trained at once, or a checkpoint of others.
    """
    runs = [trial.id(data) for trial in trials]
    with one_torch_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore", NotFiniteWarning)  # divergence is a result here
        records = (
            [_baseline(trials[0], task, runs[0], data)]
            if trials[0].purpose == "baseline"
            else _train(trials, task, data, store, watch, device)
        )
    for record in records:
        store.add(record)
    store.clear(together(runs))
    return records


def together(runs: Sequence[str]) -> str:
    """The name of work on some runs at once; of a single one it is the run's own."""
    return runs[0] if len(runs) == 1 else hashlib.sha256(" ".join(runs).encode()).hexdigest()[:16]


def _train(
    trials: Sequence[Trial],
    task: TaskData,
    data: str,
    store: Store,
    watch: Watcher,
    device: str,
) -> list[Record]:
    if trials[0].model in WITHOUT_CLOCK:
        task = variants.without_time_spans(task)
    run = Run(joint_recipe(trials), task, device)
    work = together([trial.id(data) for trial in trials])
    path, progress = store.checkpoint_path(work), store.progress_path(work)
    spent = _resume(run, path, progress)
    started = time.perf_counter()
    due = 0.0
    while not run.finished:
        run.train_epoch()
        seconds = spent + time.perf_counter() - started
        if seconds >= due:
            checkpoint.save(run, path)
            _report(progress, {"epoch": run.epoch, "epochs": trials[0].epochs, "seconds": seconds})
            cost = spent + time.perf_counter() - started - seconds
            due = seconds + SPARE * cost
        watch(run.epoch, seconds)
    records = [_record(trial, task, data, run, number) for number, trial in enumerate(trials)]
    each = round((spent + time.perf_counter() - started) / len(trials), 2)
    place = f"{device}, {platform.machine() if device == 'cpu' else torch.cuda.get_device_name()}"
    for record in records:
        record.row.update(seconds=each, device=place)
    return records


def _record(trial: Trial, task: TaskData, data: str, run: Run, replica: int) -> Record:
    """What became of one trial in a run that is over."""
    best, stopped = run.best_epoch(replica), run.stopped[replica]
    final = trial.purpose == "final" and best is not None
    network = run.network(replica).to("cpu")
    validation = score(outputs_of(network, task.validation), task.validation)
    test = score(outputs_of(network, task.test), task.test) if final else None
    curve = run.curves[replica]
    row = _row(trial, task, trial.id(data), data)
    row |= {
        "parameters": parameters(trial.configuration, trial.hidden_size, trial.task),
        "epochs": len(curve),
        "best_epoch": best,
        "training_loss": None if best is None else _number(curve[best - 1][0]),
        "validation_loss": None if best is None else _number(curve[best - 1][1]),
        "validation_accuracy": None if best is None else validation.accuracy,
        "diverged": stopped.startswith("diverged"),
        "stability": _stability(stopped),
        "stopped": stopped,
    }
    curves: list[tuple[float, ...]] = [(epoch, *losses) for epoch, losses in enumerate(curve, 1)]
    return _with_scores(Record(row, curves), test)


def _report(path: Path, progress: dict[str, float]) -> None:
    write_atomically(path, lambda stream: stream.write(json.dumps(progress).encode()))


def _resume(run: Run, path: Path, progress: Path) -> float:
    """Go on from a checkpoint that is whole and of this run; the seconds spent on it so far."""
    if not path.exists():
        return 0.0
    try:
        checkpoint.load(run, path)
        return float(json.loads(progress.read_text(encoding="utf-8"))["seconds"])
    except FileNotFoundError:  # killed between the first checkpoint and the first report
        return 0.0
    except (ValueError, KeyError) as error:
        raise ValueError(f"{error}; delete the file, and the run begins anew") from error


def _baseline(trial: Trial, task: TaskData, run_id: str, data: str) -> Record:
    started = time.perf_counter()
    test = baselines.evaluate(trial.model, task, task.test)
    row = _row(trial, task, run_id, data)
    row |= {
        "parameters": baselines.parameters(trial.model, task),
        "seconds": round(time.perf_counter() - started, 2),
    }
    return _with_scores(Record(row), test)


def _with_scores(record: Record, test: Scores | None) -> Record:
    if test is None:
        return record
    row = {**record.row, "test_loss": _number(test.loss), "test_accuracy": test.accuracy}
    groups: list[tuple[float, ...]] = [(number, loss) for number, loss in test.groups.items()]
    steps: list[tuple[float, ...]] = list(enumerate(test.steps, 1))
    return Record(row, record.curves, groups, steps)


def _row(trial: Trial, task: TaskData, run_id: str, data: str) -> Row:
    """What is known before a run begins; the rest is empty."""
    floor = task.provenance.get("floor")
    return {
        "run": run_id,
        "purpose": trial.purpose,
        "task": trial.task,
        "model": trial.model,
        "input_map": trial.input_map,
        "init": trial.init,
        "hidden_size": trial.hidden_size or None,
        "parameters": None,
        "seed": trial.seed,
        "learning_rate": trial.learning_rate or None,
        "budget": trial.epochs or None,
        "patience": trial.patience,
        "batch_size": trial.batch_size or None,
        "solver": trial.solver,
        "unfolds": trial.unfolds or None,
        "rollouts": trial.rollouts,
        "split_seed": trial.split_seed,
        "epochs": None,
        "best_epoch": None,
        "training_loss": None,
        "validation_loss": None,
        "test_loss": None,
        "validation_accuracy": None,
        "test_accuracy": None,
        "diverged": False,
        "stability": None,
        "stopped": "",
        "floor": None if floor is None else float(floor),
        "data": data,
        "numerics": numerics(trial.model),
        "seconds": None,
        "device": f"cpu, {platform.machine()}",
        "versions": _versions(),
        "commit": commit(),
    }


def _versions() -> str:
    packages = ("torch", "numpy", "numba")
    return " ".join(
        [f"python {platform.python_version()}", *(f"{p} {version(p)}" for p in packages)]
    )


def _number(value: float) -> float | None:
    """A finite number, or nothing."""
    return value if math.isfinite(value) else None


def _stability(stopped: str) -> float | None:
    """The stability number in the words of a run that diverged."""
    found = _STABILITY.search(stopped)
    return float(found[1]) if found else None
