"""Who gets the cores, and that nobody waits for a compiler in silence."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch
from numba.core.dispatcher import Dispatcher

import ltcbook
from ltcbook.kernels.cpu import backend, control, runge_kutta, scan, threads
from ltcbook.kernels.cpu.compiling import SOURCES

SMALL = """
from ltcbook.kernels.cpu.compiling import compiled
from ltcbook.kernels.cpu.layers import tanh


@compiled
def small(z):
    return tanh(z)
"""

STEP = """
import torch, ltcbook
u = torch.linspace(-1, 1, 64 * 8 * 8).reshape(64, 8, 8)  # whole vectors, whose sums have an order
model = ltcbook.build("SA-CT-RNN-S", 8, 4, 3, input_map="synaptic", seed=0, backend="numba")
y = model(u)[0]
y.square().sum().backward()
print([y.tolist(), *(p.grad.tolist() for p in model.parameters() if p.grad is not None)])
"""


def test_pytorch_has_one_thread_while_it_lasts_even_when_that_fails() -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        with pytest.raises(RuntimeError, match="inside"), threads.one_torch_thread():
            assert torch.get_num_threads() == 1
            raise RuntimeError("inside")
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_the_number_of_threads_is_what_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_chosen", [])
    threads.set_kernel_threads(3)
    assert threads.kernel_threads() == 3
    with pytest.raises(ValueError, match="threads must be an integer of at least 1, got 0"):
        threads.set_kernel_threads(0)


def test_one_pool_however_many_tasks_a_batch_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_chosen", [8])
    model = ltcbook.build("SA-LTC", 2, 3, 1, seed=0, backend="numba")
    for tasks in range(1, 9):
        model(torch.zeros(backend.LANES * tasks, 1, 2))
    alive = [t for t in threading.enumerate() if t.name.startswith("ltcbook-kernels")]
    assert 0 < len(alive) <= 7


def test_a_larger_pool_does_not_close_the_one_that_another_thread_is_about_to_use() -> None:
    pool, release, ends = backend._Pool(), threading.Event(), []
    running = pool.submit(lambda: release.wait(60), 1)  # type: ignore[arg-type, return-value]
    callers = [
        threading.Thread(target=lambda size=size: ends.append(pool.submit(lambda: None, size)))
        for size in range(1, 7)
        for _ in range(20)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    release.set()
    assert len(ends) == 120  # none was refused
    assert [future.result(60) for futures in ends for future in futures] == [None] * 420
    assert running[0].result(60)


def test_stale_machine_code_is_not_used(tmp_path: Path) -> None:
    """A kernel is compiled again when a file of a function that it calls has changed.

    The kernel is a small one, which compiles at once; the next test is about those there are.
    """
    package = tmp_path / "ltcbook"
    shutil.copytree(Path(ltcbook.__file__).parent, package, symlinks=True)
    folder = package / "kernels" / "cpu"
    (folder / "small.py").write_text(SMALL)
    layers = folder / "layers.py"
    program = "from ltcbook.kernels.cpu.small import small; print(small(numpy.float32(0.5)))"

    def run() -> str:
        folder = os.environ | {"PYTHONPATH": str(tmp_path), "NUMBA_CACHE_DIR": str(tmp_path / "n")}
        command = [sys.executable, "-c", f"import numpy; {program}"]
        return subprocess.run(
            command, env=folder, cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout

    first = run()
    text = layers.read_text()
    assert text.count("return z * p / q") == 1
    layers.write_text(text.replace("return z * p / q", "return 0 * z * p / q"))
    assert run() != first
    layers.write_text(text)
    assert run() == first


def test_every_kernel_is_kept_with_the_files_that_it_is_made_of() -> None:
    modules = map(vars, (control, runge_kutta, scan))
    found = {one for module in modules for one in module.values() if isinstance(one, Dispatcher)}
    kernels = [one for one in found if not one.targetoptions.get("forceinline")]
    names = sorted(kernel.py_func.__name__ for kernel in kernels)
    assert names == ["backward", "backward", "control", "forward", "forward", "sense", "sense_back"]
    for kernel in kernels:
        assert kernel._cache._cache_file._source_stamp == SOURCES, kernel


def test_compiling_is_announced_and_what_is_kept_gives_the_same_bits(tmp_path: Path) -> None:
    fresh, kept = (
        subprocess.run(
            [sys.executable, "-c", STEP],
            env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        for _ in range(2)
    )
    for kernel in ("sense", "forward", "backward", "sense_back"):
        assert fresh.stderr.count(f"ltcbook: compiling the CPU kernel '{kernel}'") == 1
    assert len(fresh.stderr.splitlines()) == 4
    assert fresh.stderr.rstrip().endswith("s")
    assert kept.stderr == ""
    assert fresh.stdout == kept.stdout
