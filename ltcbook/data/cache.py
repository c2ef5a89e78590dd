"""Where the data live on this machine, and how a file gets there whole or not at all."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import platformdirs

CACHE_VARIABLE = "LTCBOOK_CACHE"
DATA_VARIABLE = "LTCBOOK_DATA"


class WriteError(OSError):
    """A file cannot be written; the message names it and the reason."""


class CacheWarning(UserWarning):
    """Data could not be kept in the cache, and are in memory only."""


def cache_directory() -> Path:
    """Return the folder of downloaded and generated data (it need not exist yet).

    The environment variable ``LTCBOOK_CACHE`` names it; otherwise it is the platform's user
    cache (``~/.cache/ltcbook`` on Linux).

    >>> from unittest.mock import patch
    >>> with patch.dict(os.environ, LTCBOOK_CACHE="elsewhere"):
    ...     cache_directory().name
    'elsewhere'
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


def check_writable(folder: Path, name: str) -> None:
    """Make ``folder`` and try to write into it, before work is begun that would be lost.

    Args:
        folder: to be used.
        name: what named it (an option or an environment variable), for the message.

    Raises:
        WriteError: If it is not a folder that can be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as stream:
            stream.write(b"?")
    except OSError as error:
        reason = "it is not a folder" if isinstance(error, FileExistsError) else error.strerror
        raise WriteError(
            f"{name} must be a folder that can be written to, got {folder}: {reason}"
        ) from error


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; rename it to ``path`` when the block succeeds.

    A reader never sees half a file, and a block that raises leaves nothing behind.

    Raises:
        WriteError: If the file cannot be written, as on a full disk.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        raise WriteError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_atomically(path: Path, write: Callable[[BinaryIO], Any]) -> None:
    """Call ``write`` with an open binary file that becomes ``path`` once it is complete.

    Raises:
        WriteError: If the file cannot be written, as on a full disk.
    """
    with atomic_path(path) as temporary, temporary.open("wb") as stream:
        write(stream)
        stream.flush()
        os.fsync(stream.fileno())


def keep(write: Callable[[], None]) -> None:
    """Write something into the cache, or warn that it stays in memory and how to mend that."""
    try:
        write()
    except OSError as error:
        warnings.warn(
            f"{error}; the data are in memory for this time only. {CACHE_VARIABLE} can name "
            "another folder for the cache",
            CacheWarning,
            stacklevel=3,
        )


def sha256(data: bytes) -> str:
    """Return the SHA-256 of ``data`` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
