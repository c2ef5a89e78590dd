"""The measured results that the chapters show, wherever the package is installed.

They lie in the folder ``results`` of a checkout; an installed package has a copy of it, so that a
chapter also runs where there is no checkout.

Chapter: ``walker_kinematics``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ltcbook.checks import unknown_name
from ltcbook.data.cache import write_atomically
from ltcbook.experiments.store import Store

_INSTALLED = Path(__file__).parents[1] / "results"
FOLDER = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parents[2] / "results"


def load(name: str) -> dict[str, Any]:
    """The committed results of one experiment, with their provenance.

    >>> from ltcbook import experiments
    >>> sorted(experiments.load("divergence_start"))
    ['columns', 'provenance', 'rows']

    Args:
        name: of the file in ``results/``, without ``.json``.

    Raises:
        ValueError: for results that are not there; the message names the nearest that are.
    """
    known = sorted(path.stem for path in FOLDER.glob("*.json"))
    if name not in known:
        unknown_name("results", name, known)
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


def save(name: str, found: Mapping[str, Any]) -> None:
    """Write the results of an experiment where :func:`load` finds them, whole or not at all.

    Args:
        name: of the file, without ``.json``.
        found: what was measured, with its provenance.

    Raises:
        OSError: if nothing can be written there.
    """
    text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    write_atomically(FOLDER / f"{name}.json", lambda stream: stream.write(text.encode()))


def exist(name: str) -> bool:
    """Whether there are such results.

    >>> exist("measures"), exist("dreams")
    (True, False)
    """
    return (FOLDER / f"{name}.json").exists()


def runs() -> Store:
    """The store of all committed runs of the experiments; empty where none is committed yet.

    >>> store = runs()
    >>> store.rows()[0]["task"]
    'clicks'

    Chapter: ``walker_kinematics``.
    """
    return Store(FOLDER / "runs")
