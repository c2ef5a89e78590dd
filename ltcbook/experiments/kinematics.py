"""What the rows of the book's grid say about one task of kinematics: questions, each a comparison.

The rules, written before the runs: two boxes are compared at the rates that their own searches
chose, paired by test rollout, with seeds and rollouts resampled. One is *ahead* of the other if
the whole interval of its lead lies above zero, *behind* if it lies below, and otherwise the two
are *not apart*. What memory adds is a recurrent network's lead over the feed-forward network that
sees the present observation alone and has the parameters of the SA-LTC with synaptic input, or, at
equal parameters, its own.

Chapters: ``walker_kinematics``, ``reading_digits``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from ltcbook.experiments.claims import Claim, Finding, decide
from ltcbook.experiments.evidence import Array, Box, Evidence, Interval, Key
from ltcbook.experiments.grid import (
    CONFIGURATIONS,
    FEED_FORWARD,
    REFERENCE,
    SCALED,
    Configuration,
    as_large_as,
    parameters,
)
from ltcbook.experiments.grid import two_by_two as cells_of_two_by_two
from ltcbook.experiments.store import Store

__all__ = ["counted", "feed_forward", "verdict"]

TASK, HIDDEN = "walker2d", "walker2d-positions"
"""The paper's task, and the same with the velocities hidden, where memory can matter."""


def feed_forward(task: str, size: int) -> Key:
    """The network without memory that has the parameters of an SA-LTC of ``size`` neurons.

    >>> task, network, units = feed_forward("walker2d", 16)
    >>> network.model, units
    ('feed-forward', 69)
    """
    return task, FEED_FORWARD, as_large_as(REFERENCE, size, task)


def what_memory_adds(evidence: Evidence, task: str, size: int) -> dict[Configuration, Interval]:
    """The lead of each recurrent configuration that has rows over the feed-forward network."""
    found = {}
    for configuration in (*CONFIGURATIONS, *SCALED):
        lead = evidence.compare((task, configuration, size), feed_forward(task, size))
        if lead is not None:
            found[configuration] = lead
    return found


def ahead(evidence: Evidence, task: str, size: int) -> int:
    """How many recurrent configurations are ahead of the feed-forward network."""
    leads = what_memory_adds(evidence, task, size).values()
    return [verdict(lead) for lead in leads].count("ahead")


def at_equal_parameters(evidence: Evidence, task: str, size: int) -> dict[Configuration, Interval]:
    """The lead of each recurrent configuration over the largest feed-forward network of its size.

    The largest that has rows and no more parameters, up to two percent: units are whole.
    """
    rivals = {box.parameters: key for key, box in evidence.boxes.items()
              if key[0] == task and key[1] == FEED_FORWARD}  # fmt: skip
    found = {}
    for configuration in (*CONFIGURATIONS, *SCALED):
        allowed = 1.02 * parameters(configuration, size, task)
        fitting = [count for count in rivals if count <= allowed]
        lead = None
        if fitting:
            lead = evidence.compare((task, configuration, size), rivals[max(fitting)])
        if lead is not None:
            found[configuration] = lead
    return found


def what_the_start_does(evidence: Evidence, task: str, size: int) -> dict[Configuration, Interval]:
    """The lead of the scaled start over the papers', for each model whose currents add up."""
    found = {}
    for scaled in SCALED:
        papers = scaled._replace(init="midpoint")
        lead = evidence.compare((task, scaled, size), (task, papers, size))
        if lead is not None:
            found[papers] = lead
    return found


def keys_of_two_by_two(task: str, size: int) -> list[Key]:
    """NA-CT-RNN, SA-CT-RNN, NA-LTC and SA-LTC at the parameters of an SA-LTC of ``size``."""
    return [(task, c.configuration, c.hidden_size) for c in cells_of_two_by_two(task, size)]


def two_by_two(evidence: Evidence, task: str, size: int) -> dict[tuple[str, str], Interval]:
    """Leads of gating and of synaptic activation, all else alike, at equal parameters.

    Returns:
        Leads, named by what is added and to what; ``("gate", "NA")`` is that of the NA-LTC over the
        NA-CT-RNN, ``("synaptic", "gated")`` that of the SA-LTC over the NA-LTC.
    """
    neural, synaptic, neural_gated, synaptic_gated = keys_of_two_by_two(task, size)
    asked = {
        ("gate", "NA"): (neural_gated, neural),
        ("gate", "SA"): (synaptic_gated, synaptic),
        ("synaptic", "ungated"): (synaptic, neural),
        ("synaptic", "gated"): (synaptic_gated, neural_gated),
    }
    leads = {name: evidence.compare(*pair) for name, pair in asked.items()}
    return {name: lead for name, lead in leads.items() if lead is not None}


def by_step(store: Store, box: Box) -> Array:
    """The test error at each time step of a window, (steps,): the mean of the seeds.

    Empty if no seed of the box has a score.
    """
    steps = store.long("steps", box.task)
    errors = [[line[1] for line in steps[run]] for run in box.runs]
    return np.array(errors).mean(axis=0) if errors else np.zeros(0)


def on_the_edge(evidence: Evidence, task: str, highest: float) -> list[Key]:
    """The boxes whose chosen rate is the highest that the search may try."""
    return [
        key for key, box in sorted(evidence.boxes.items())
        if key[0] == task and math.isclose(box.learning_rate, highest)
    ]  # fmt: skip


def verdict(lead: Interval) -> str:
    """``"ahead"``, ``"behind"`` or ``"not apart"``.

    >>> verdict(Interval(0.05, 0.01, 0.09)), verdict(Interval(0.05, -0.01, 0.09))
    ('ahead', 'not apart')
    """
    return "ahead" if lead.low > 0 else "behind" if lead.high < 0 else "not apart"


def counted(leads: Iterable[Interval]) -> str:
    """How many leads have which verdict.

    >>> counted([Interval(0.05, 0.01, 0.09), Interval(-0.05, -0.09, -0.01)])
    '1 ahead, 1 behind, 0 not apart'
    """
    verdicts = [verdict(lead) for lead in leads]
    return ", ".join(f"{verdicts.count(name)} {name}" for name in ("ahead", "behind", "not apart"))


def on_one_task(claim: Claim, evidence: Evidence, task: str) -> Finding:
    """The verdict on a claim of the ledger if this task alone is looked at, without Table 1.

    Chapters: ``walker_kinematics``, ``reading_digits``.
    """
    here = tuple(c for c in claim.comparisons if c.one[0] == c.other[0] == task)
    return decide(replace(claim, comparisons=here, against_table=lambda: ""), evidence)
