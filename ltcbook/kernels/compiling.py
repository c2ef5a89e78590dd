"""Says when a kernel is being compiled, so that nobody waits in silence.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from numba.core import event


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
