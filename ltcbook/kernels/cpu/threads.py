"""Who gets the cores: the kernels, not PyTorch's operations between them.

PyTorch's workers do not sleep after a parallel operation: they spin for some milliseconds, in
case there is another one, on the cores that the kernels' threads need by then. The operations of
these networks are too small to gain from a second thread.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from ltcbook.checks import positive_int


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """PyTorch's operations on one thread while this lasts; the kernels keep theirs.

    Sums over a batch then also have one order, whatever the number of cores.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


_chosen: list[int] = []


def kernel_threads() -> int:
    """Threads of the CPU kernels: as :func:`set_kernel_threads` said, else ``NUMBA_NUM_THREADS``.

    Where that is not set either, all cores that the process may use. No result depends on it.
    """
    if _chosen:
        return _chosen[-1]
    from numba import config  # it knows the variable and the cores

    return int(config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]


def set_kernel_threads(threads: int) -> None:
    """Choose the number of threads of the CPU kernels.

    Raises:
        ValueError: if it is not an integer above zero.
    """
    _chosen[:] = [positive_int("threads", threads)]
