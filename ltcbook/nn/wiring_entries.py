"""Wirings as what a file can hold.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from typing import Any

from ltcbook.nn.wirings import NCP, RandomWiring, Wiring

_KINDS: dict[str, type[Wiring]] = {"RandomWiring": RandomWiring, "NCP": NCP}


def entries(wiring: Wiring) -> dict[str, Any]:
    """A wiring of ``ltcbook.wirings`` as what JSON can write; :func:`from_entries` makes it again.

    Raises:
        ValueError: for a wiring of one's own, which a file could not name without running code.
    """
    name = type(wiring).__name__
    if _KINDS.get(name) is not type(wiring) or not is_dataclass(wiring):
        raise ValueError(
            f"wiring must be one of ltcbook.wirings ({', '.join(_KINDS)}) to be written, got {name}"
        )
    return {"kind": name, **asdict(wiring)}


def from_entries(written: Mapping[str, Any]) -> Wiring:
    """The wiring that :func:`entries` wrote.

    Raises:
        ValueError: if it is something else.
    """
    sizes = dict(written)
    try:
        return _KINDS[sizes.pop("kind")](**sizes)
    except (KeyError, TypeError) as error:
        raise ValueError(f"this is no wiring of ltcbook.wirings: {error}") from error
