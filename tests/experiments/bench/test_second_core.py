"""The account of a step: its parts are disjoint, and add up."""

import os
import time

import pytest

from ltcbook.experiments.bench.second_core import account, watched
from ltcbook.experiments.bench.timing import Work
from ltcbook.kernels.cpu import backend
from ltcbook.kernels.cpu import threads as of_kernels
from ltcbook.kernels.cpu.threads import set_kernel_threads


@pytest.fixture(autouse=True)
def _threads_as_before(monkeypatch):
    monkeypatch.setattr(of_kernels, "_chosen", [])


@pytest.mark.parametrize("threads", [1, 2])
def test_tasks_are_timed_on_whichever_thread_they_run(threads: int) -> None:
    set_kernel_threads(threads)
    with watched() as found:
        backend._spread(lambda task: time.sleep(0.05), 2)
    assert found["tasks"] >= 0.1
    alone = 0.1 / threads
    assert alone <= found["spread"] < alone + 0.05
    assert backend._spread.__module__ == backend.__name__


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="cores are chosen on Linux")
def test_what_is_shared_is_a_part_of_the_step() -> None:
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("needs two cores")
    cores = os.sched_getaffinity(0)
    work = Work(hidden_size=4, batch=128, time=3, unfolds=2)
    found = account(work, rounds=2)
    assert [len(times) for times in found.values()] == [2, 2, 2]
    for name, times in found.items():
        for each in times:
            busy = each["tasks"] if name != "two threads" else each["tasks"] / 2
            assert 0 < busy <= each["spread"] < each["step"]
    assert os.sched_getaffinity(0) == cores
