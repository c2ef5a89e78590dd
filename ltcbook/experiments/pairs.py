"""What claims hold against each other beside equal sizes, and what B's Table 1 says against them.

Appendix: ``errata``.
"""

from __future__ import annotations

from ltcbook.experiments.claims import Comparison
from ltcbook.experiments.grid import (
    CONFIGURATIONS,
    INPUT_MAPS,
    SCALED,
    SIZES,
    Configuration,
    matched_size,
    parameters,
)
from ltcbook.experiments.plans import Profile
from ltcbook.experiments.profiles import ADAPTIVE
from ltcbook.papers.results import TABLE_1

N = (8, 16, 32, 64)
HALVES = (8, 16, 32)
_C = Configuration


def _table(model: str, input_map: str, n: int) -> float:
    return TABLE_1[model, input_map, n].error


def ltcs_in_table() -> str:
    """The LTCs of Table 1 that are no better than the CT-RNN of their kind."""
    worse = [
        f"{kind}-LTC, {input_map}, n = {n}"
        for kind in ("NA", "SA")
        for input_map in INPUT_MAPS
        for n in N
        if (f"{kind}-LTC", input_map, n) in TABLE_1
        and _table(f"{kind}-LTC", input_map, n) >= _table(f"{kind}-CT-RNN", input_map, n)
    ]
    return f"Table 1 has {len(worse)} LTCs that are no better: {'; '.join(worse)}." if worse else ""


def packing_in_table() -> str:
    """How many parameters half the neurons with synaptic activation have in Table 1."""
    shares = [
        TABLE_1[f"SA-{kind}", input_map, n].parameters
        / TABLE_1[f"NA-{kind}", input_map, 2 * n].parameters
        for kind in ("CT-RNN", "LTC")
        for input_map in INPUT_MAPS
        for n in HALVES
    ]
    if min(shares) > 0.9:
        return ""
    return f"In Table 1 half the neurons have {min(shares):.0%} to {max(shares):.0%} of them."


def euler_against(other: Profile, n: int) -> tuple[Comparison, ...]:
    """Euler against another solver with n neurons: RK4 at the grid's budget, dopri5 at its own."""
    small = other in ADAPTIVE
    return tuple(
        Comparison(
            (ADAPTIVE[1].beside(plan.task) if small else plan.task, c, n),
            (other.beside(plan.task), c, n),
            (plan.task, str(c), other.solver),
        )
        for plan in other.plans
        for c in other.configurations
    )


def two_by_two(gated: bool) -> tuple[Comparison, ...]:
    """At equal parameters: LTC against CT-RNN (gated), or SA against NA."""
    found = []
    for task in SIZES:
        if task in ("digits",):
            continue
        for n in HALVES:
            wanted = parameters(_C("SA-LTC", "synaptic"), n, task)
            boxes = {
                (kind, gate): (task, c, matched_size(c, wanted, task))
                for kind in ("NA", "SA")
                for gate, c in (
                    (True, _C(f"{kind}-LTC", "synaptic")),
                    (False, _C(f"{kind}-CT-RNN-S", "synaptic", "scaled")),
                )
            }
            pairs = (
                [(boxes[kind, True], boxes[kind, False], kind) for kind in ("NA", "SA")]
                if gated
                else [
                    (boxes["SA", gate], boxes["NA", gate], "gated" if gate else "ungated")
                    for gate in (True, False)
                ]
            )
            found += [Comparison(one, other, (task, label)) for one, other, label in pairs]
    return tuple(found)


def best_of_all(task: str, best: tuple[Configuration, ...]) -> tuple[Comparison, ...]:
    """Each of some models against all others, S and T, inputs and starts of these being one."""
    kinds = [one.model.removesuffix("-T") for one in best]
    others = [c for c in (*CONFIGURATIONS, *SCALED) if not c.model.startswith(tuple(kinds))]
    return tuple(
        Comparison((task, one, n), (task, c, n), (str(one), *(["LTCs as the others"] * c.gated)))
        for one in best
        for n in N
        for c in others
    )
