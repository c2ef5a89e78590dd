"""Compiles the CPU kernels, and says when, so that nobody waits in silence.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import event
from numpy.typing import NDArray

Array = NDArray[Any]
F = TypeVar("F", bound=Callable[..., Any])

FAST: set[str] = {"contract", "reassoc", "nsz", "arcp"}
"""Sums may be reordered into lanes and products fused; NaN and infinity keep their meaning."""


def _sources() -> str:
    """A digest of all files that kernels are made of."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


SOURCES = _sources()


def compiled(function: F) -> F:
    """Compile for the types of the first call, without the interpreter's lock.

    The machine code is kept where Numba keeps it: beside the function's file, or in the user's
    cache directory where that is not writable, or in ``NUMBA_CACHE_DIR``. Numba drops it when the
    function's own file changes; here, when any file of this folder does, since a kernel is made of
    functions of several.
    """
    options: dict[str, Any] = {"nogil": True, "fastmath": FAST, "error_model": "numpy"}
    try:
        cached: Any = numba.njit(function, cache=True, **options)
        cached._cache._cache_file._source_stamp = SOURCES
        return cast(F, cached)
    except RuntimeError:  # no place to write to: compile again in every process
        return cast(F, numba.njit(function, **options))


def inlined(function: F) -> F:
    """Compile as a part of every kernel that calls it, and of none but those.

    A function that is called would be compiled twice, by itself and into its caller, to machine
    code that sums in another order; a process that has just compiled would run the first, and one
    that reads its kernels from the cache the second.
    """
    return cast(F, numba.njit(function, forceinline=True, fastmath=FAST, error_model="numpy"))


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
