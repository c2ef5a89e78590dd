"""Do LTCs diverge when nothing keeps their conductances and slopes from becoming negative?

B's appendix says that "LTC dynamics tend to diverge rapidly if leaving the parameters
unconstrained", and enforces C ≥ 0, w ≥ 0 and a ≥ 0. Here LTCs learn the walker with these bounds
and without them, from the same starts and by the same batches: both kinds with synaptic input,
two sizes, explicit Euler with ten unfolds, five seeds. A search would choose rates at which
nothing diverges, so all networks are trained at three rates: one below those that the searches of
the same networks end at, one among them, and one at their upper end. Twenty passes on forty
rollouts, as in the studies of stability. C is fixed, as Table 2 has it.

The rule, written before the runs. A network *explodes* in the first pass whose training or
validation loss is not finite, or more than ten times that of the constant guess; *soon* is within
the first five passes. At each kind, size and rate the sentence *holds* if most of the five networks
without bounds explode soon, and by more than those with bounds: the bootstrap interval of the
paired difference lies above zero. The *opposite* is shown if most of them never explode. Anything
else decides nothing. How often the sentence must hold is the ledger's rule.

    python -m ltcbook.experiments.unconstrained

writes ``results/unconstrained.json``. Chapter: ``what_replicates``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import torch
from tqdm import tqdm

from ltcbook import data
from ltcbook.data.tasks import TaskData
from ltcbook.experiments import results
from ltcbook.experiments.claims import Experiment, Outcome
from ltcbook.experiments.contenders import UnboundedRecipe
from ltcbook.experiments.evidence import LOST
from ltcbook.experiments.provenance import provenance
from ltcbook.experiments.small import bootstrap_interval
from ltcbook.nn.constraints import lowest_values
from ltcbook.training import Recipe, Run

__all__ = ["outcomes"]

KINDS: Final = ("SA-LTC", "NA-LTC")
SIZES: Final = (16, 32)
RATES: Final = (0.01, 0.04, 0.16)
SEEDS: Final = (0, 1, 2, 3, 4)
ROLLOUTS, PASSES, SOON, BATCH = 40, 20, 5, 32
RESULTS: Final = Path(__file__).parents[2] / "results" / "unconstrained.json"


def best_validation(run: Run) -> list[float]:
    """The smallest validation loss of each replica; infinite if it never had a finite one."""
    return [min((v for _, v in curve if v == v), default=float("inf")) for curve in run.curves]


def trained(task: TaskData, kind: str, n: int, rate: float, bounds: bool) -> dict[str, Any]:
    """Five networks of a kind, and in which pass each of them exploded, if it did."""
    make = Recipe if bounds else UnboundedRecipe
    recipe = make(kind, n, SEEDS, PASSES, None, BATCH, rate, "synaptic", "euler", 10)
    run = Run(recipe, task)
    guess = task.train.targets.mean((0, 1))
    too_much = LOST * float((task.validation.targets - guess).square().mean())
    exploded: list[int | None] = [None for _ in SEEDS]
    while not run.finished:
        run.train_epoch()
        for k in range(len(SEEDS)):
            if exploded[k] is None and not all(loss <= too_much for loss in run.curves[k][-1]):
                exploded[k] = len(run.curves[k])
                run.stopped[k] = run.stopped[k] or f"loss above {too_much:.1f}"
    usual = Recipe(kind, n, input_map="synaptic").build(task.input_size, task.output_size)
    bounded = lowest_values(usual)
    below = [
        torch.cat([(run.best[name][k] < 0).flatten() for name in bounded]).double().mean()
        for k in range(len(SEEDS))
    ]
    return {
        "model": kind,
        "neurons": n,
        "rate": rate,
        "bounds": bounds,
        "exploded": exploded,
        "negative": [round(float(share), 4) for share in below],
        "validation": [round(v, 5) if math.isfinite(v) else None for v in best_validation(run)],
        "stopped": run.stopped,
    }


def outcomes(rows: Iterable[Mapping[str, Any]]) -> list[Outcome]:
    """What the rule makes of the rows, at each kind, size and rate.

    >>> row = {"model": "SA-LTC", "neurons": 8, "rate": 0.1}
    >>> rows = [{**row, "bounds": False, "exploded": [1, 1, 2, None, 9]},
    ...         {**row, "bounds": True, "exploded": [None] * 5}]
    >>> outcomes(rows)[0][:3]
    (0.6, True, False)
    """
    found = {tuple(row[k] for k in ("model", "neurons", "rate", "bounds")): row for row in rows}
    made = []
    for kind, n, rate in dict.fromkeys(key[:3] for key in found):
        without, within = (found[kind, n, rate, bounds]["exploded"] for bounds in (False, True))
        soon = [[at is not None and at <= SOON for at in each] for each in (without, within)]
        differences = [float(a) - float(b) for a, b in zip(*soon, strict=True)]
        ever = sum(at is not None for at in without)
        holds = sum(soon[0]) > len(without) / 2 and bootstrap_interval(differences)[0] > 0
        share = sum(differences) / len(differences)
        named = (kind, f"n = {n}", f"rate {rate:g}")
        made.append(Outcome(share, holds, ever < len(without) / 2, named))
    return made


def _committed() -> list[Outcome]:
    there = (results.FOLDER / "unconstrained.json").is_file()
    return outcomes(results.load("unconstrained")["rows"]) if there else []


EXPERIMENT: Final = Experiment(
    f"most of five networks without bounds explode within {SOON} of {PASSES} passes, and more than "
    "with them, by the interval of the paired difference",
    _committed,
)


def main() -> None:
    """Train them all, and write what became of them."""
    torch.set_num_threads(1)
    task = data.load("walker2d", rollouts=ROLLOUTS)
    trials = [
        (kind, n, rate, bounds)
        for n in SIZES for kind in KINDS for rate in RATES for bounds in (False, True)
    ]  # fmt: skip
    command = "python -m ltcbook.experiments.unconstrained"
    origin = provenance(command, seeds=SEEDS, fingerprint=task.provenance["fingerprint"])
    found = {"provenance": origin, "rows": [trained(task, *trial) for trial in tqdm(trials)]}
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
