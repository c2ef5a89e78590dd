"""Who gets the cores, and that nobody waits for a compiler in silence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from ltcbook.kernels import threads

DENSE = """
import torch
from ltcbook.kernels import numba_backend
one = torch.ones(1, 2, 2)
numba_backend.dense_forward(one, one[:, 0], one)
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


def test_compiling_is_announced_once_and_what_is_kept_is_not(tmp_path: Path) -> None:
    told = [
        subprocess.run(
            [sys.executable, "-c", DENSE],
            env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        ).stderr
        for _ in range(2)
    ]
    assert told[0].count("ltcbook: compiling the CPU kernel 'add_product'") == 1
    assert told[0].rstrip().endswith("s")
    assert told[1] == ""
