"""Do LTCs diverge when nothing keeps their conductances and slopes from becoming negative?

B's appendix says that "LTC dynamics tend to diverge rapidly if leaving the parameters
unconstrained", and enforces C ≥ 0, w ≥ 0 and a ≥ 0. Here LTCs learn the walker with these bounds
and without them, from the same starts and by the same batches: both kinds with synaptic input,
two sizes, explicit Euler with ten unfolds, five seeds. A search would choose rates at which
nothing diverges, so all networks are trained at three rates: one below those that the searches of
the same networks end at, one among them, and one at their upper end. Twenty-five passes on forty
rollouts, much as in the studies of stability. C is fixed, as Table 2 has it.

The rule, written before the runs. A network *explodes* in the first pass whose training or
validation loss is not finite, or more than ten times that of the constant guess; *soon* is within
the first five passes. At each kind, size and rate the sentence *holds* if most of the five networks
without bounds explode soon, and by more than those with bounds: the bootstrap interval of the
paired difference lies above zero. The *opposite* is shown if most of them never explode. Anything
else decides nothing. How often the sentence must hold is the ledger's rule.

    ltcbook run unbounded-0.01

and the same for ``unbounded-0.04`` and ``unbounded-0.16``. Chapter: ``what_replicates``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from ltcbook.experiments import results
from ltcbook.experiments.claims import Experiment, Outcome
from ltcbook.experiments.contenders import UNBOUNDED
from ltcbook.experiments.evidence import gather
from ltcbook.experiments.intervals import mean_interval
from ltcbook.experiments.store import Store
from ltcbook.experiments.studies import UNBOUNDED_AT

__all__ = ["Trained", "exploded", "outcomes", "trained"]

SOON: Final = 5
PASSES: Final = UNBOUNDED_AT[0].plans[0].epochs
Curve = Sequence[tuple[float, ...]]


class Trained(NamedTuple):
    """Five networks of a kind, a size and a rate, with bounds or without.

    Attributes:
        model, neurons, rate, bounds: which.
        exploded: for each seed the pass in which it exploded; None if it never did.

    >>> five = Trained("SA-LTC", 8, 0.1, True, (None, 2, 3, None, 12))
    >>> five.soon
    2
    """

    model: str
    neurons: int
    rate: float
    bounds: bool
    exploded: tuple[int | None, ...]

    @property
    def soon(self) -> int:
        """How many exploded within ``SOON`` passes."""
        return sum(at is not None and at <= SOON for at in self.exploded)


def exploded(curve: Curve, above: float) -> int | None:
    """The first pass with a loss that is not finite or above ``above``.

    Args:
        curve: (pass, training loss, validation loss) of each pass.
        above: ten times the loss of the constant guess.

    >>> exploded([(1, 0.5, 0.6), (2, 0.4, 12.0)], above=10.0)
    2
    """
    return next((int(at) for at, *losses in curve if not all(v <= above for v in losses)), None)


def trained(store: Store) -> list[Trained]:
    """What the rows of a store say of all of them; empty where there are none.

    >>> from ltcbook import experiments
    >>> {each.neurons for each in trained(experiments.runs())}
    {16, 32}
    """
    by_rate = [gather(store, profile) for profile in UNBOUNDED_AT]
    curves, found = store.long("curves", "walker2d"), dict[tuple[Any, ...], dict[int, int | None]]()
    above = by_rate[0].lost_above("walker2d")
    for row in (row for evidence in by_rate for row in evidence.rows):
        if row["purpose"] == "final" and math.isfinite(above):
            model, unbounded, _ = str(row["model"]).partition(UNBOUNDED)
            key = model, row["hidden_size"], row["learning_rate"], not unbounded
            found.setdefault(key, {})[int(row["seed"] or 0)] = exploded(
                curves.get(str(row["run"]), []), above
            )
    return [
        Trained(model, n, rate, bounds, tuple(of[seed] for seed in sorted(of)))
        for (model, n, rate, bounds), of in found.items()
    ]


def outcomes(rows: Iterable[Trained]) -> list[Outcome]:
    """What the rule makes of them, at each kind, size and rate.

    >>> rows = [Trained("SA-LTC", 8, 0.1, False, (1, 1, 2, None, 9)),
    ...         Trained("SA-LTC", 8, 0.1, True, (None,) * 5)]
    >>> outcomes(rows)[0][:3]
    (0.6, True, False)
    """
    found: Mapping[tuple[Any, ...], Trained] = {row[:4]: row for row in rows}
    made = []
    for kind, n, rate in [key[:3] for key in found if key[3] and (*key[:3], False) in found]:
        without, within = (found[kind, n, rate, bounds].exploded for bounds in (False, True))
        soon = [[at is not None and at <= SOON for at in each] for each in (without, within)]
        differences = [float(a) - float(b) for a, b in zip(*soon, strict=True)]
        ever = sum(at is not None for at in without)
        holds = sum(soon[0]) > len(without) / 2 and mean_interval(differences)[0] > 0
        share = sum(differences) / len(differences)
        named = (kind, f"n = {n}", f"rate {rate:g}")
        made.append(Outcome(share, holds, ever < len(without) / 2, named))
    return made


EXPERIMENT: Final = Experiment(
    f"most of five networks without bounds explode within {SOON} of {PASSES} passes, and more than "
    "with them, by the interval of the paired difference",
    lambda: outcomes(trained(results.runs())),
)
