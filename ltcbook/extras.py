"""Packages that the core does without: who lacks one is told which extra brings it.

May import nothing of the package.
"""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterator
from contextlib import contextmanager

DISTRIBUTIONS = {"PIL": "pillow"}
"""Where a package is imported under another name than it is installed."""


@contextmanager
def explained() -> Iterator[None]:
    """Around the imports of a room: a missing package is named with the extra that brings it.

    >>> with explained():
    ...     import numpy
    >>> try:
    ...     with explained():
    ...         raise ModuleNotFoundError("No module named 'tqdm'", name="tqdm")
    ... except ModuleNotFoundError as error:
    ...     print(error)
    the package 'tqdm' is not installed: pip install 'ltcbook[train]'

    Raises:
        ModuleNotFoundError: in the place of the one that says no more than what is missing.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        extra = extra_of(package)
        if extra is None:
            raise
        text = f"the package {package!r} is not installed: pip install 'ltcbook[{extra}]'"
        raise ModuleNotFoundError(text, name=error.name) from error


def extra_of(package: str) -> str | None:
    """The extra that brings a package, by the metadata of ours; None if there is none."""
    wanted = DISTRIBUTIONS.get(package, package).lower()
    try:
        requirements = importlib.metadata.requires("ltcbook") or []
    except importlib.metadata.PackageNotFoundError:  # run from the source
        return None
    for requirement in requirements:
        name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower()
        extra = re.search(r"extra\s*==\s*['\"]([\w-]+)", requirement)
        if name == wanted and extra is not None:
            return extra[1]
    return None
