"""Where the data live on this machine, and how a file gets there whole or not at all."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import platformdirs

CACHE_VARIABLE = "LTCBOOK_CACHE"
DATA_VARIABLE = "LTCBOOK_DATA"


def cache_directory() -> Path:
    """Return the folder of downloaded and generated data (it need not exist yet).

    The environment variable ``LTCBOOK_CACHE`` names it; otherwise it is the platform's user
    cache (``~/.cache/ltcbook`` on Linux).
    """
    named = os.environ.get(CACHE_VARIABLE)
    return Path(named).expanduser() if named else Path(platformdirs.user_cache_dir("ltcbook"))


def data_directory() -> Path | None:
    """Return the folder that ``LTCBOOK_DATA`` names, or None when the variable is not set.

    Raises:
        ValueError: If the variable names something that is not a folder.
    """
    named = os.environ.get(DATA_VARIABLE)
    if not named:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise ValueError(f"{DATA_VARIABLE} names {named}, which is not a folder")
    return folder


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; rename it to ``path`` when the block succeeds.

    A reader never sees half a file, and a block that raises leaves nothing behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_atomically(path: Path, write: Callable[[BinaryIO], Any]) -> None:
    """Call ``write`` with an open binary file that becomes ``path`` once it is complete."""
    with atomic_path(path) as temporary, temporary.open("wb") as stream:
        write(stream)
        stream.flush()
        os.fsync(stream.fileno())


def sha256(data: bytes) -> str:
    """Return the SHA-256 of ``data`` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
