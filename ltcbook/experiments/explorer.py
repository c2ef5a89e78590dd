"""What the results explorer of the page is given: the final runs of a profile, as plain lists.

Chapter: ``what_replicates``.
"""

from __future__ import annotations

from typing import Any

from ltcbook.experiments.evidence import Evidence, lost
from ltcbook.experiments.report import noise_floor
from ltcbook.teaching.widgets.results_explorer import BOX_FIELDS

DIGITS = 8
"""Of a run's id, which a page needs hundreds of: as many as tell all rows of the store apart."""


def points(evidence: Evidence) -> list[list[Any]]:
    """The final runs, each as ``FIELDS`` of the explorer says.

    >>> from ltcbook.experiments.evidence import Evidence
    >>> points(Evidence([], {}))
    []
    """
    names = ("task", "model", "input_map", "init", "hidden_size", "parameters", "seed")
    found: list[list[Any]] = []
    for row in sorted(evidence.rows, key=lambda row: [str(row[name]) for name in names]):
        if row["purpose"] == "final":
            diverged = lost(row, evidence.lost_above(str(row["task"])))
            loss = None if diverged else row["test_loss"]
            found.append(
                [
                    *(row[name] for name in (*BOX_FIELDS, "seed")),
                    None if loss is None else float(f"{loss:.5g}"),
                    float(f"{row['seconds'] or 0:.3g}"),
                    str(row["run"])[:DIGITS],
                ]
            )
    return found


def levels(evidence: Evidence) -> dict[str, dict[str, float]]:
    """For each task its baselines and the noise floor, where they are known.

    >>> from ltcbook import experiments
    >>> from ltcbook.experiments.profiles import find
    >>> found = levels(experiments.gather(experiments.runs(), find("book")))
    >>> "persistence" in found["walker2d"]
    True
    """
    found: dict[str, dict[str, float]] = {}
    for task in sorted({str(row["task"]) for row in evidence.rows}):
        of_task = {
            name: float(f"{row['test_loss']:.5g}")
            for name, row in evidence.baselines(task).items()
            if row["test_loss"] is not None
        }
        floor = noise_floor(evidence, task)
        if floor is not None:
            of_task["noise floor"] = floor
        found[task] = of_task
    return found
