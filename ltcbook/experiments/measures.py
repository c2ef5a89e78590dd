"""What else was measured of the networks of the small experiments, by run.

The store keeps scores and no weights, so each network is trained again from its row, and must give
the row's test loss (``again``). ``python -m ltcbook.experiments.measures`` does so for all that
are not yet in ``results/measures.json``, and adds them there.

Chapters: ``grammar``, ``liquid_time_constants``, ``ct_rnns``, ``reading_a_network``,
``selective_state_spaces``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import torch
from tqdm import tqdm

from ltcbook.data.commands import commands
from ltcbook.data.tasks import TaskData
from ltcbook.experiments import results
from ltcbook.experiments.again import network_of
from ltcbook.experiments.plans import Profile
from ltcbook.experiments.provenance import provenance
from ltcbook.experiments.readings import readings
from ltcbook.experiments.scores import outputs_of, score
from ltcbook.experiments.small import ablate, roll, studied
from ltcbook.experiments.studies import COMMANDS, DECISIONS, FROZEN, LATER, RESTED, RESTS
from ltcbook.experiments.trials import Trial
from ltcbook.nn.sequence import RecurrentNetwork

__all__ = ["measured"]

RESULTS: Final = "measures"
Measures = dict[str, Any]


def rest(network: RecurrentNetwork, task: TaskData) -> Measures:
    """The least and the largest learned rest."""
    rests = network.continuous_cell.rest.detach()
    return {"rest": [round(float(rests.min()), 3), round(float(rests.max()), 3)]}


def frozen(network: RecurrentNetwork, task: TaskData) -> Measures:
    """Test losses under the ablations, and 5, 25, 50, 75 and 95 % of all time constants."""
    taus = 1 / roll(network, task.test.inputs)[1].numpy()
    quantiles = np.quantile(taus, (0.05, 0.25, 0.5, 0.75, 0.95))
    ablations = {rule: round(error, 5) for rule, error in ablate(network, task).items()}
    return {"ablations": ablations, "tau quantiles": [round(float(v), 4) for v in quantiles]}


def right(network: RecurrentNetwork, task: TaskData) -> Measures:
    """The share of steps at which the output has the sign of the last loud click."""
    with torch.no_grad():
        outputs = network(task.test.inputs)[0]
    known = task.test.targets != 0
    return {"right": float((outputs.sign() == task.test.targets)[known].double().mean())}


def longer(network: RecurrentNetwork, task: TaskData) -> Measures:
    """The loss on sequences that are eight times as long as those of the task."""
    part = commands(128, seed=30_000, length=8 * task.test.inputs.shape[1])
    return {"longer": score(outputs_of(network, part), part).loss}


_LEARNED = tuple(
    cell for cell in RESTS.extra if cell.configuration in (RESTED["+", True], RESTED["*", True])
)
_READ = tuple(cell for cell in LATER.extra if cell.configuration.model in ("SA-LTC", "LSTM"))
MEASURES: Mapping[str, tuple[Profile, Callable[[RecurrentNetwork, TaskData], Measures]]] = {
    profile.name: (profile, measure)
    for profile, measure in (
        (replace(RESTS, extra=_LEARNED), rest),
        (FROZEN, frozen),
        (DECISIONS, right),
        (COMMANDS, longer),
        (replace(LATER, extra=_READ), readings),
    )
}


def measured(profile: Profile, name: str) -> dict[str, Any]:
    """One measure of the networks of a study, by run.

    Args:
        profile: ``RESTS``, ``FROZEN``, ``DECISIONS``, ``COMMANDS`` or ``LATER`` of ``studies``.
        name: of the measure.

    Raises:
        ValueError: if the study has no such measure.

    >>> quantiles = measured(FROZEN, "tau quantiles")
    >>> len(quantiles), all(len(each) == 5 for each in quantiles.values())
    (5, True)
    """
    found = results.load(RESULTS)["measures"].get(profile.name, {})
    of_name = {run: each[name] for run, each in found.items() if name in each}
    if not of_name:
        raise ValueError(f"nothing called {name!r} was measured in profile {profile.name}")
    return of_name


def main() -> None:
    """Train the networks again that were not measured yet, and write what is measured of them."""
    store = results.runs()
    rows = {str(row["run"]): row for row in store.rows()}
    found: dict[str, Any] = {"measures": {}}
    if results.exist(RESULTS):
        found = results.load(RESULTS)
    found["provenance"] = provenance("python -m ltcbook.experiments.measures")
    for name, (profile, measure) in MEASURES.items():
        runs = [run for each in studied(profile, store) for run in each.runs]
        before = found["measures"].get(name, {})
        kept = found["measures"][name] = {run: before[run] for run in runs if run in before}
        task = Trial.of(rows[runs[0]]).load()
        for run in tqdm([run for run in runs if run not in kept], desc=name):
            kept[run] = measure(network_of(rows[run], task), task)
            results.save(RESULTS, found)


if __name__ == "__main__":
    main()
