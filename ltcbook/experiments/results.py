"""The measured results that the chapters show, wherever the package is installed.

In a checkout ``ltcbook/results`` is a link to the folder ``results``; an installed package has a
copy of it, so that a chapter also runs where there is no checkout.

Chapter: ``walker_kinematics``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ltcbook.checks import unknown_name

FOLDER = Path(__file__).parents[1] / "results"


def load(name: str) -> dict[str, Any]:
    """The committed results of one experiment, with their provenance.

    >>> from ltcbook import experiments
    >>> sorted(experiments.load("walker_kinematics"))
    ['provenance', 'rows']

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
