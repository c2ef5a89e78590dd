"""Compiles the CPU kernels, and says when, so that nobody waits in silence.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numba.core import event
from numpy.typing import NDArray

Array = NDArray[Any]
F = TypeVar("F", bound=Callable[..., Any])

FAST: set[str] = {"contract", "reassoc", "nsz", "arcp"}
"""Sums may be reordered into lanes and products fused; NaN and infinity keep their meaning."""


def compiled(function: F) -> F:
    """Compile for the types of the first call, without the interpreter's lock.

    The machine code is kept where Numba keeps it: beside the function's file, or in the user's
    cache directory where that is not writable, or in ``NUMBA_CACHE_DIR``.
    """
    try:
        cached = numba.njit(function, nogil=True, cache=True, fastmath=FAST, error_model="numpy")
        return cast(F, cached)
    except RuntimeError:  # no place to write to: compile again in every process
        return cast(F, numba.njit(function, nogil=True, fastmath=FAST, error_model="numpy"))


class _Announcer(event.Listener):
    """One line on stderr for each kernel that is compiled, not for the functions inside it.

    Numba tells of what it compiles, and keeps quiet about what it finds in its cache.
    """

    def __init__(self) -> None:
        self._inside = 0
        self._start = 0.0

    def on_start(self, event: Any) -> None:
        if not _ours(event):
            return
        self._inside += 1
        if self._inside == 1:
            self._start = time.perf_counter()
            name = event.data["dispatcher"].py_func.__name__
            text = f"ltcbook: compiling the CPU kernel {name!r} (kept for the next time) ..."
            print(text, end="", file=sys.stderr, flush=True)

    def on_end(self, event: Any) -> None:
        if not _ours(event):
            return
        self._inside -= 1
        if self._inside == 0:
            print(f" {time.perf_counter() - self._start:.1f} s", file=sys.stderr, flush=True)


def _ours(event: Any) -> bool:
    return str(event.data["dispatcher"].py_func.__module__).startswith(__package__ or "")


def announce() -> None:
    """Begin to announce; called once, where the kernels are imported."""
    event.register("numba:compile", _Announcer())  # type: ignore[no-untyped-call]
