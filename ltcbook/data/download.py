"""Fetch a public file from the first mirror that has the right one."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from ltcbook.data.cache import CACHE_VARIABLE, DATA_VARIABLE

Content = TypeVar("Content")

TIMEOUT = 30.0  # seconds without a byte
BLOCK = 1 << 16


class DownloadError(OSError):
    """No mirror gave the file."""


def read_url(url: str, limit: int) -> bytes:
    """Return what ``url`` holds, showing a bar on anything that lasts.

    Raises:
        ValueError: If it holds more than ``limit`` bytes.
    """
    request = urllib.request.Request(url, headers={"User-Agent": "ltcbook"})
    received = bytearray()
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
        size = answer.headers.get("Content-Length")
        with tqdm(
            total=int(size) if size else None,
            desc=url.rsplit("/", 1)[-1],
            unit="B",
            unit_scale=True,
            delay=2,
            disable=None,
        ) as bar:
            while block := answer.read(BLOCK):
                received += block
                bar.update(len(block))
                if len(received) > limit:
                    raise ValueError(f"longer than {limit} bytes")
    if size and len(received) != int(size):
        raise ValueError(f"cut short: {len(received)} of {size} bytes")
    return bytes(received)


def fetch(
    urls: Sequence[str],
    check: Callable[[bytes], Content],
    *,
    limit: int,
    command: str,
    kept: Path,
    place: str,
) -> tuple[bytes, Content]:
    """Download from the first of ``urls`` that answers with what ``check`` accepts.

    Args:
        urls: The mirrors, best first.
        check: Turns the bytes into what the caller wants, or raises a ValueError.
        limit: The most bytes that are read.
        command, kept, place: For the message: the command that fetches this file on a machine with
            a network, where in the cache it is kept then, and where under the data folder it may be
            put by hand.

    Returns:
        The bytes, and what ``check`` made of them.

    Raises:
        DownloadError: If no mirror gave the file.
    """
    failures = []
    for url in urls:
        try:
            content = read_url(url, limit)
            return content, check(content)
        except (OSError, ValueError, http.client.HTTPException) as error:
            failures.append(f"  {url}: {getattr(error, 'reason', None) or error}")
    raise DownloadError(
        f"cannot get {kept.name}:\n"
        + "\n".join(failures)
        + f"\nOn a machine with a network run `{command}` and copy {kept} here (or set "
        f"{CACHE_VARIABLE} to the cache that has it); or set {DATA_VARIABLE} to a folder that "
        f"has {place}."
    )
