"""The fast paths: CPU kernels by Numba, GPU kernels by Triton, and the dispatch between them.

Chapter: ``making_it_fast``.
"""

from ltcbook.kernels.dispatch import BACKENDS, Backend, BackendWarning, check_backend, select

__all__ = ["BACKENDS", "Backend", "BackendWarning", "check_backend", "select"]
