"""Runners: each takes the next run that nobody does, does it, and looks again.

Runners agree through the store alone, so that two of them, or a killed one and its successor,
are as good as one: which runs there are follows from the rows, and a claim on a run ends with the
process that holds it. One process does one run at a time, on one thread, or on a GPU all runs at
a time that differ in seed, learning rate and start.

Chapter: ``walker_kinematics``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from ltcbook.experiments.board import Board
from ltcbook.experiments.contenders import NO_INPUT_MAP, WITHOUT_SOLVER, contender
from ltcbook.experiments.engine import Watcher, execute
from ltcbook.experiments.plans import Profile
from ltcbook.experiments.store import Store
from ltcbook.experiments.trials import Trial, alike
from ltcbook.nn.zoo import build

COMPACT_AT = 100
"""Records in files of their own before a runner moves them into the tables."""
POLL = 0.5
"""Seconds between two looks at the store, while others do all that can be done."""
SPARE = 20
"""So many times as long as it looked the bar waits, for workers need the core."""
LIBRARIES = ("OMP", "MKL", "OPENBLAS", "NUMBA")
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in LIBRARIES}


Named = tuple[Trial, str]
"""A trial and its run's id."""


class Orphaned(Exception):
    """The process that started this runner is gone, so this one stops too."""


def work(profile: Profile, store: Store, parent: int | None = None, device: str = "cpu") -> int:
    """Do all that a profile lacks, until nothing is left that this process could do.

    Args:
        profile: what shall be done.
        store: where the rows go.
        parent: the process that this one serves; when it ends, so does this.
        device: where networks are trained. On another than the CPU all seeds, learning rates and
            starts of a model that wait are the replicas of one ensemble.

    Returns:
        0, or 1 if a run could not be done (a line says why, and the others were done).
    """
    board, given_up = Board(profile, store), set[str]()

    def watch(epoch: int, seconds: float) -> None:
        if parent is not None and os.getppid() != parent:
            raise Orphaned

    while True:
        watch(0, 0.0)
        board.refresh()
        state = _do_some(board, given_up, watch, device)
        if state == "done":
            store.compact()
            return 1 if given_up else 0
        if store.waiting() >= COMPACT_AT:
            store.compact()
        if state == "wait":
            time.sleep(POLL)


def _do_some(board: Board, given_up: set[str], watch: Watcher, device: str) -> str:
    """Do the first that is free; ``"wait"`` if others hold all, ``"done"`` if none is left."""
    needed = ((trial, trial.id(board.data(trial.task))) for trial in board.needed())
    waiting = ((trial, run) for trial, run in needed if run not in given_up)
    left = False
    for group in _groups(waiting, at_once=device != "cpu"):
        left = True
        with ExitStack() as claims:
            mine = [(t, run) for t, run in group if claims.enter_context(board.store.claim(run))]
            if not mine:
                continue
            mine = [(t, run) for t, run in mine if not board.store.has(run)]  # done since we looked
            if mine:
                _do(board, mine, given_up, watch, device)
            return "again"
    return "wait" if left else "done"


def _groups(waiting: Iterable[Named], at_once: bool) -> Iterator[list[Named]]:
    """One by one; or those together that can be replicas of one ensemble."""
    if not at_once:
        yield from ([each] for each in waiting)
        return
    rest = list(waiting)
    while rest:
        first = rest[0][0]
        group = [each for each in rest if first.purpose != "baseline" and alike(first, each[0])]
        yield group or rest[:1]
        rest = [each for each in rest if each not in (group or rest[:1])]


def _do(
    board: Board, group: Sequence[Named], given_up: set[str], watch: Watcher, device: str
) -> None:
    trials = [trial for trial, _ in group]
    task = trials[0].task
    try:
        execute(trials, board.task(task), board.data(task), board.store, watch, device)
    except ValueError as error:
        print(f"ltcbook: {describe(trials[0])}: {error}", file=sys.stderr)
        given_up.update(run for _, run in group)


def compile_kernels(profile: Profile) -> None:
    """Run each kind of model of a profile once, so that its kernels are compiled and cached.

    A process of its own compiles, so that workers do not all compile the same at once, and no
    run's time has it inside.
    """
    for configuration in {cell.configuration for cell in profile.cells()}:
        if configuration.model in WITHOUT_SOLVER:
            continue
        name = contender(configuration.model).model
        input_map: Any = None if name in NO_INPUT_MAP else configuration.input_map
        clock: Any = {"solver": profile.solver, "unfolds": profile.unfolds}
        network: Any = build(name, 3, 2, 2, input_map=input_map, seed=0, **clock)
        for spans in (None, torch.ones(2, 3)):
            network(torch.zeros(2, 3, 3), timespans=spans)[0].sum().backward()
            with torch.no_grad():
                network(torch.zeros(2, 3, 3), timespans=spans)


def describe(trial: Trial) -> str:
    """A trial in a few words."""
    if trial.purpose == "baseline":
        return f"{trial.task}, {trial.model}"
    return (
        f"{trial.task}, {trial.configuration}, n = {trial.hidden_size}, "
        f"rate {trial.learning_rate:g}, seed {trial.seed} ({trial.purpose})"
    )


def run(
    profile: Profile,
    store: Store,
    *,
    tasks: Sequence[str] = (),
    models: Sequence[str] = (),
    workers: int = 1,
    device: str = "cpu",
    progress: bool = True,
) -> int:
    """Start worker processes and wait for them, showing how far they are.

    Args:
        profile: already narrowed to ``tasks`` and ``models``, which the workers are told.
        store: where the rows go.
        tasks, models: as on the command line.
        workers: processes, one run each at a time.
        device: where they train, as of :func:`work`.
        progress: show a bar with the time left.

    Returns:
        The exit code: that of the worker that fared worst.
    """
    options = [f"--store={store.folder}", f"--parent={os.getpid()}", f"--device={device}"]
    options += [f"--task={task}" for task in tasks] + [f"--model={model}" for model in models]
    command = [sys.executable, "-m", "ltcbook.experiments.worker", profile.name, *options]
    environment = {**os.environ, **ONE_THREAD}
    subprocess.run([*command, "--compile"], env=environment, check=False)
    running = [subprocess.Popen(command, env=environment) for _ in range(workers)]
    try:
        _show(profile, store, running, progress)
        codes = [worker.wait() for worker in running]
    except BaseException:
        for worker in running:
            worker.terminate()
        raise
    # A worker that was killed leaves work; the caller must not take that for success.
    return max((code if code >= 0 else 1 for code in codes), default=0)


def _show(
    profile: Profile, store: Store, running: Sequence[subprocess.Popen[bytes]], progress: bool
) -> None:
    if not progress:
        return
    board = Board(profile, store)
    with tqdm(desc=profile.name, unit="run", file=sys.stderr, bar_format=_BAR) as bar:
        while any(worker.poll() is None for worker in running):
            began = time.perf_counter()
            board.refresh()
            status = board.status()
            bar.total = status.done + status.running + status.missing
            bar.n = status.done
            bar.set_postfix_str(f"about {duration(status.seconds_left / len(running))} left")
            time.sleep(max(POLL, SPARE * (time.perf_counter() - began)))


_BAR = "{desc}: {n_fmt}/{total_fmt} runs |{bar}| {elapsed}, {postfix}"


def duration(seconds: float) -> str:
    """Seconds in words."""
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} seconds"


def default_store(profile: str) -> Path:
    """Where the rows of a profile go unless told: all in one store, but for trying out."""
    return Path("runs/smoke") if profile == "smoke" else Path("results/runs")
