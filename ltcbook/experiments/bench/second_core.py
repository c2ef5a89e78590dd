"""What a second core gains in a training step, and where the rest of it goes.

    python -m ltcbook.experiments.bench.second_core

A step's kernels run as two tasks, one for each half of the batch. A stopwatch around each task,
and around both together, tells three kinds of time apart: what one core does *alone*, what the
*tasks* themselves take, and what is *lost* around them while a thread wakes or waits. In turn, in
each round: one thread; two threads; and one thread beside another process that takes the same
steps on the other core. That process shares nothing with ours but the machine. So if the tasks
are slower beside it, too, the machine is the cause, and if only with two threads, the program is.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from unittest import mock

import torch
from tqdm import tqdm

from ltcbook.data.cache import write_atomically
from ltcbook.experiments import results
from ltcbook.experiments.bench.timing import PAUSE, Work, step
from ltcbook.experiments.provenance import provenance
from ltcbook.kernels.cpu import backend
from ltcbook.kernels.cpu.threads import one_torch_thread, set_kernel_threads

__all__ = ["account", "watched"]

RESULTS: Final = results.FOLDER / "second_core.json"
ROUNDS: Final = 40
SETTLE: Final = 0.1
"""Seconds until the other process has started, or has finished its step."""

Times = dict[str, float]


@contextmanager
def watched() -> Iterator[Times]:
    """Seconds that the kernels' tasks take while this lasts, on whichever thread.

    Yields:
        ``tasks``, the sum over all of them, and ``spread``, from the first one's begin to the
        last one's end, with what passes before and after.
    """
    found: Times = {"tasks": 0.0, "spread": 0.0}
    lock, spread = threading.Lock(), backend._spread

    def timed(run: Callable[[int], None], tasks: int) -> None:
        def one(task: int) -> None:
            begin = time.perf_counter()
            run(task)
            taken = time.perf_counter() - begin
            with lock:
                found["tasks"] += taken

        begin = time.perf_counter()
        spread(one, tasks)
        found["spread"] += time.perf_counter() - begin

    with mock.patch.object(backend, "_spread", timed):
        yield found


def _job(work: Work) -> Callable[[], Times]:
    network = work.network("numba")
    u = torch.randn(work.batch, work.time, work.input_size)
    take = step(network, lambda u: network(u)[0], u)

    def run() -> Times:
        with one_torch_thread(), watched() as found:
            begin = time.perf_counter()
            take()
            found["step"] = time.perf_counter() - begin
        return found

    return run


def _company(work: Work, core: int, wanted: Any, over: Any) -> None:
    os.sched_setaffinity(0, {core})
    set_kernel_threads(1)
    job = _job(work)
    job()
    while not over.is_set():
        if wanted.wait(0.01):
            job()


def _at(cores: set[int], threads: int, job: Callable[[], Times]) -> Times:
    os.sched_setaffinity(0, cores)
    set_kernel_threads(threads)
    time.sleep(PAUSE)
    return job()


def account(work: Work, rounds: int = ROUNDS) -> dict[str, list[Times]]:
    """The times of a step in each round: with one thread, with two, and in company.

    Raises:
        ValueError: where there are not two cores to choose from, or no way to choose them.
    """
    if not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2:
        raise ValueError("two cores must be here, on Linux")
    before = os.sched_getaffinity(0)
    first, second = sorted(before)[:2]
    spawn = multiprocessing.get_context("spawn")
    wanted, over = spawn.Event(), spawn.Event()
    other = spawn.Process(target=_company, args=(work, second, wanted, over), daemon=True)
    other.start()
    found: dict[str, list[Times]] = {"one thread": [], "two threads": [], "in company": []}
    job = _job(work)
    try:
        for k in tqdm(range(rounds + 1), desc="second core", leave=False):
            turn = {
                "one thread": _at({first}, 1, job),
                "two threads": _at({first, second}, 2, job),
            }
            wanted.set()
            time.sleep(SETTLE)
            turn["in company"] = _at({first}, 1, job)
            wanted.clear()
            time.sleep(SETTLE)
            if k:  # the first round compiles
                for name, times in turn.items():
                    found[name].append(times)
    finally:
        over.set()
        other.join()
        os.sched_setaffinity(0, before)
    return found


def main() -> None:
    """Take the account of the step of the chapter's bench, and write its medians."""
    rounds = account(Work())
    medians = {
        name: {part: statistics.median(each[part] for each in times) for part in times[0]}
        for name, times in rounds.items()
    }
    command = "python -m ltcbook.experiments.bench.second_core"
    found = {
        "provenance": provenance(command, load=[round(each, 2) for each in os.getloadavg()]),
        "rounds": ROUNDS,
        "times": medians,
        "fastest": {name: min(t["step"] for t in times) for name, times in rounds.items()},
    }
    text = json.dumps(found, indent=1) + "\n"
    write_atomically(RESULTS, lambda stream: stream.write(text.encode()))
    print(text)


if __name__ == "__main__":
    main()
