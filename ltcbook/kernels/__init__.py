"""Who computes a scan: PyTorch, the CPU kernels by Numba, the GPU kernels by Triton.

May import ``ode`` and ``checks``; knows a model only by its canonical form
(:mod:`ltcbook.kernels.recurrence`). Chapter: ``making_it_fast``.
"""

from ltcbook.kernels.backend import BACKENDS, BackendName, BackendWarning, check_backend, select

__all__ = ["BACKENDS", "BackendName", "BackendWarning", "check_backend", "select"]
