"""Profiles of the grid: ``paper``, ``book``, ``smoke``, and the studies of solvers.

Chapter: ``walker_kinematics``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from ltcbook.checks import unknown_name
from ltcbook.experiments.grid import (
    FEED_FORWARD,
    LTCS,
    REFERENCE,
    TABLE_1_AT_64,
    TANH_LTCS,
    Cell,
    Configuration,
    matched_size,
    parameters,
    without_memory,
)
from ltcbook.experiments.plans import Profile, TaskPlan
from ltcbook.experiments.studies import STUDIES

__all__ = ["find", "narrowed"]


PAPERS_TASKS = ("walker2d", "halfcheetah", "halfcheetah-cloning", "mnist")
MEMORY_TASKS = (
    "walker2d-positions",
    "halfcheetah-positions",
    "walker2d-irregular",
    "halfcheetah-pushed",
    "halfcheetah-pushed-cloning",
    "halfcheetah-positions-cloning",
)

PAPER = Profile(
    "paper",
    "B's four tasks at its budget: three seeds, 200 epochs, 8 to 64 neurons",
    tuple(TaskPlan(task, (16, 8, 32, 64), 200, 40) for task in PAPERS_TASKS),
    matched_sizes=(8, 16, 32),
)

BOOK = Profile(
    "book",
    "the same and the variants, at a budget that two cores finish",
    (
        TaskPlan("walker2d", (16, 8, 32), 50, 15),
        TaskPlan("halfcheetah", (16, 8, 32), 50, 15),
        TaskPlan("halfcheetah-cloning", (16, 8, 32), 50, 15),
        TaskPlan("walker2d-positions", (16, 8, 32), 50, 15),
        TaskPlan("halfcheetah-positions", (16, 8, 32), 50, 15),
        TaskPlan("mnist", (16, 8, 32), 10, 3),
        TaskPlan("walker2d-original", (16, 32), 50, 15),
        TaskPlan("halfcheetah-pushed-cloning", (16,), 50, 15),
        TaskPlan("halfcheetah-positions-cloning", (16,), 50, 15),
        TaskPlan("walker2d-irregular", (16,), 50, 15),
        TaskPlan("halfcheetah-pushed", (16,), 50, 15),
    ),
    matched_sizes=(16,),
    extra=(
        *(Cell(task, c, 16) for task in PAPERS_TASKS[:3] for c in TANH_LTCS),
        *(Cell("halfcheetah", c, 64) for c in TABLE_1_AT_64),
        *(Cell("mnist", Configuration(name, "synaptic"), 64) for name in LTCS),  # B.C12
    ),
)

SMOKE = Profile(
    "smoke",
    "every model for two epochs on tiny data: does the engine run?",
    (
        TaskPlan("walker2d", (4,), 2, 1, rollouts=12, batch_size=32),
        TaskPlan("digits", (4,), 2, 1, batch_size=64),
    ),
    seeds=(0, 1),
    rates=(1e-2, 2e-2),
    lowest_rate=1e-2,
    highest_rate=2e-2,
    matched_sizes=(4,),
)

_SOLVED = (
    Configuration("SA-LTC", "synaptic"),
    Configuration("NA-LTC", "linear"),
    Configuration("SA-CT-RNN-T", "synaptic", "scaled"),
)


def _solver(name: str, solver: str, sizes: tuple[int, ...]) -> Profile:
    """A part of the book's grid by another solver with ten unfolds, at the book's budget."""
    return Profile(
        name,
        f"part of the book's grid by {solver}",
        tuple(TaskPlan(task, sizes, 50, 15) for task in ("walker2d", "halfcheetah")),
        configurations=_SOLVED,
        solver=solver,
        feed_forward=False,
    )


SOLVERS = (
    _solver("implicit", "semi-implicit-euler", (16, 32)),
    _solver("rk4", "rk4", (16,)),  # four evaluations a step
)
"""Is explicit Euler with ten unfolds enough, and what does a bounded step cost or gain?"""


def _small(solver: str) -> Profile:
    """The same three configurations with 8 neurons, on a part of the rollouts."""
    return Profile(
        "dopri5" if solver == "dopri5" else "dopri5-beside",
        f"the three by {solver}, small: without a kernel, dopri5 takes over 100 times as long",
        (
            TaskPlan("walker2d", (8,), 20, 5, rollouts=40, batch_size=64),
            TaskPlan("halfcheetah", (8,), 20, 5, rollouts=20, batch_size=64),
        ),
        configurations=_SOLVED,
        solver=solver,
        feed_forward=False,
    )


ADAPTIVE = (_small("dopri5"), _small("euler"))
"""The same question of an adaptive step, both at one budget that dopri5 can finish."""

BESIDE = (*SOLVERS, *ADAPTIVE)
"""Profiles whose rows stand beside those of the book's grid, as tasks of their own."""


class Reading(NamedTuple):
    """A reading of B's Table 2: how the grammar writes its sigmoid, and where it starts."""

    mode: str
    init: str

    def of(self, kind: str, input_map: str = "synaptic") -> Configuration:
        """The LTC of a kind, ``"SA"`` or ``"NA"``, in this reading."""
        name = f"ctrnn_{self.mode}sigm+{'s' if kind == 'SA' else ''}_{input_map}"
        return Configuration(name, input_map, self.init)


READINGS: Mapping[str, Reading] = MappingProxyType(
    {
        "bias": Reading("", "as-printed"),
        "shift": Reading("v", "as-printed"),
        "midpoint": Reading("v", "midpoint"),
    }
)
"""σ(ax + b), σ(a(x + b)) and σ(a(x − b)), with b from 0.3 to 0.8 (see ``starts``)."""

_SHORT = {
    "euler": "explicit",
    "semi-implicit-euler": "implicit",
    "exponential-euler": "exponential",
}
_EVALUATIONS = 200
"""Unfolds times epochs of the studies of stability: the sigmoids that a training may evaluate."""


def _stability(
    solver: str,
    unfolds: int = 10,
    readings: tuple[str, ...] = tuple(READINGS),
    sizes: tuple[int, ...] = (32,),
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4),
) -> Profile:
    """SA-LTCs of some readings on 40 walks, with as many epochs as the sigmoids allow."""
    epochs = _EVALUATIONS // unfolds
    return Profile(
        f"stability-{_SHORT[solver]}-{unfolds}",
        f"readings of Table 2 by {solver} with {unfolds} unfolds: which diverge, what it costs",
        (TaskPlan("walker2d", sizes, epochs, 3 * epochs // 10, rollouts=40, batch_size=32),),
        configurations=tuple(READINGS[name].of("SA") for name in readings),
        seeds=seeds,
        solver=solver,
        unfolds=unfolds,
        feed_forward=False,
    )


STABILITY = (
    _stability("euler", sizes=(32, 64, 16)),
    _stability("semi-implicit-euler", sizes=(32, 64, 16)),
    # No kernel, so twenty times the time: where explicit Euler fails, and where it does not.
    _stability("exponential-euler", readings=("shift", "midpoint"), seeds=(0, 1, 2)),
)
"""What becomes in training of networks that explicit Euler may lose."""

PRACTICE = tuple(
    _stability(solver, unfolds, readings=("bias", "midpoint"))
    for unfolds in (5, 2, 20)
    for solver in ("euler", "semi-implicit-euler")
)
"""Which step, how many of them, and from which start, when all evaluate as many sigmoids."""

TABLE_1_READ = Profile(
    "table-1-read",
    "the LTCs of B's Table 1 in three readings of Table 2, on 20 runs of the half-cheetah",
    (TaskPlan("halfcheetah", (8, 16, 32, 64), 20, 6, rollouts=20, batch_size=32),),
    configurations=(),
    feed_forward=False,
    extra=tuple(
        Cell("halfcheetah", reading.of(kind, input_map), n)
        for n in (8, 16, 32, 64)
        for kind in ("NA", "SA")
        if (kind, n) != ("SA", 64)
        for input_map in ("synaptic", "linear")
        for reading in READINGS.values()
    ),
)
"""Which reading can have given the numbers that B prints?"""

FORGETFUL = Profile(
    "memoryless",
    "the network without memory, as large as each smaller recurrent one of 16 neurons",
    (TaskPlan("walker2d", (16,), 50, 15),),
    configurations=(),
    feed_forward=False,
    extra=tuple(without_memory("walker2d", 16)),
)
"""Is a recurrent network behind because it is recurrent, or because it is smaller?"""

CLONES: tuple[Configuration, ...] = (
    FEED_FORWARD,
    REFERENCE,
    Configuration("NA-CT-RNN-T", "linear", "scaled"),
    Configuration("LSTM"),
)
"""Who is put at the controls after three kinds of lessons."""
LESSON_TASKS = (
    "halfcheetah-pushed-cloning",
    "halfcheetah-cloning",
    "halfcheetah-positions-cloning",
)


def _clone(configuration: Configuration, task: str) -> Cell:
    """A contender with the parameters of an SA-LTC of twelve neurons."""
    wanted = parameters(REFERENCE, 12, task)
    return Cell(task, configuration, matched_size(configuration, wanted, task))


LESSONS = Profile(
    "lessons",
    "four clones of equal parameters, a bounded step, three kinds of lessons, until it stalls",
    tuple(TaskPlan(task, (12,), 400, 40, rollouts=40, batch_size=64) for task in LESSON_TASKS),
    configurations=(),
    seeds=(0, 1, 2, 3, 4),
    patience=40,
    solver="semi-implicit-euler",
    unfolds=6,
    feed_forward=False,
    extra=tuple(_clone(each, task) for task in LESSON_TASKS for each in CLONES),
)
"""Which clone runs, and what do lessons under pushes teach?"""

SINGLE = (PAPER, BOOK, SMOKE, TABLE_1_READ, FORGETFUL, LESSONS)
PROFILES: Mapping[str, Profile] = MappingProxyType(
    {each.name: each for each in (*SINGLE, *BESIDE, *STABILITY, *PRACTICE, *STUDIES)}
)


def find(name: str) -> Profile:
    """The profile of that name.

    Raises:
        ValueError: for an unknown name, with the nearest.

    >>> find("paper").seeds
    (0, 1, 2)
    """
    if name not in PROFILES:
        unknown_name("profile", name, PROFILES)
    return PROFILES[name]


def narrowed(
    profile: Profile, tasks: tuple[str, ...] = (), models: tuple[str, ...] = ()
) -> Profile:
    """The part of a profile that has to do with some tasks and models; none given is all.

    Raises:
        ValueError: for a task or a model that the profile does not have.

    >>> part = narrowed(find("book"), tasks=("walker2d",), models=("LSTM",))
    >>> [plan.task for plan in part.plans], [str(one) for one in part.configurations]
    (['walker2d'], ['LSTM'])
    """
    known = list(dict.fromkeys(cell.configuration.model for cell in profile.cells()))
    for model in models:
        if model not in known:
            unknown_name(f"model of profile {profile.name}", model, known)
    plans = tuple(profile.plan(task) for task in tasks) or profile.plans
    kept = tuple(c for c in profile.configurations if not models or c.model in models)
    extra = tuple(
        cell
        for cell in profile.extra
        if cell.task in [plan.task for plan in plans]
        and (not models or cell.configuration.model in models)
    )
    feed_forward = profile.feed_forward and (not models or "feed-forward" in models)
    return replace(
        profile, plans=plans, configurations=kept, extra=extra, feed_forward=feed_forward,
        matched_sizes=profile.matched_sizes if not models else (),
    )  # fmt: skip
