"""What a grid of runs is made of: tasks with their budgets, configurations, seeds and rates.

What the paper leaves open is listed with what we chose, and why.

Chapter: ``walker_kinematics``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ltcbook.checks import unknown_name
from ltcbook.experiments.grid import CONFIGURATIONS, SCALED, Cell, Configuration, cells, two_by_two

__all__ = ["Profile", "TaskPlan"]


class Choice(NamedTuple):
    """Something that the paper leaves open."""

    what: str
    choice: str
    why: str


CHOICES: tuple[Choice, ...] = (
    Choice("horizon of a time step", "one unit, so dt = 0.1", "not printed; see B.E38"),
    Choice(
        "learning rate",
        "searched per model, size and task on validation",
        "not printed, and no one rate suits all models",
    ),
    Choice("batch size", "128", "not printed; the package's default"),
    Choice(
        "rollouts to sequences of length 20",
        "windows that do not overlap and never cross a rollout",
        "the stride is not printed; overlapping windows would repeat the data",
    ),
    Choice("scaling", "each channel standardised by the training part", "not printed"),
    Choice(
        "where the loss is taken",
        "at every time step of a window (classes: after the last)",
        "not printed; the last step alone would use a twentieth of the data",
    ),
    Choice("split", "by rollout, every policy in all parts", "a window's neighbour would leak"),
    Choice(
        "reading of Table 2",
        "midpoint, in mode v: σ(a(x + b)), b from −0.8 to −0.3",
        "as printed, explicit Euler explodes from 32 neurons on",
    ),
    Choice("policy's actions", "drawn for the walkers, mean for the cheetah", "see B.E43"),
    Choice("half-cheetah", "MuJoCo's, 17 observations", "27 is PyBullet's; see B.E34"),
    Choice(
        "which epoch is reported",
        "the one of the smallest validation loss",
        "not printed; the last one would reward luck",
    ),
)
"""What B does not say about its experiments."""


class TaskPlan(NamedTuple):
    """A task in a profile.

    Attributes:
        task: its name.
        sizes: numbers of neurons.
        epochs, search_epochs: passes over the training part, at the end and while searching.
        rollouts: only the first so many; None is all.
        batch_size: sequences in a batch.

    >>> TaskPlan("walker2d", sizes=(8, 16), epochs=50, search_epochs=15).batch_size
    128
    """

    task: str
    sizes: tuple[int, ...]
    epochs: int
    search_epochs: int
    rollouts: int | None = None
    batch_size: int = 128


@dataclass(frozen=True)
class Profile:
    """A grid with its budget.

    Attributes:
        name: for the command line.
        summary: in a line.
        plans: the tasks, most important first.
        configurations: of every task.
        seeds: of the final runs.
        search_seeds: of the search; its first seed alone, if none is named.
        rates: where the search for the learning rate begins, ascending.
        lowest_rate, highest_rate: how far it may widen.
        patience: a final run stops after so many epochs without a better validation loss.
        solver, unfolds: of the models that have them.
        feed_forward: whether the feed-forward network is trained beside them.
        matched_sizes: sizes of the SA-LTC to whose parameters the 2 x 2 is matched.
        extra: further cells, run last.

    >>> plan = TaskPlan("walker2d", sizes=(8,), epochs=5, search_epochs=2, rollouts=12)
    >>> mine = Profile("mine", "one model", (plan,), (Configuration("LSTM"),), feed_forward=False)
    >>> [(cell.task, cell.hidden_size) for cell in mine.cells()]
    [('walker2d', 8)]
    """

    name: str
    summary: str
    plans: tuple[TaskPlan, ...]
    configurations: tuple[Configuration, ...] = (*CONFIGURATIONS, *SCALED)
    seeds: tuple[int, ...] = (0, 1, 2)
    search_seeds: tuple[int, ...] = ()
    rates: tuple[float, ...] = (5e-3, 1e-2, 2e-2)
    lowest_rate: float = 6.25e-4
    highest_rate: float = 1.28  # half of the searches end above 0.08, one above 0.32
    patience: int | None = None
    solver: str = "euler"
    unfolds: int = 10
    feed_forward: bool = True
    matched_sizes: tuple[int, ...] = ()
    extra: tuple[Cell, ...] = ()

    @property
    def searching(self) -> tuple[int, ...]:
        """The seeds of the search."""
        return self.search_seeds or self.seeds[:1]

    @property
    def fixed_rate(self) -> float | None:
        """The one learning rate of a profile that leaves nothing to search; None for others."""
        rate, *others = self.rates
        nothing = not others and self.lowest_rate == rate == self.highest_rate
        return rate if nothing else None

    def plan(self, task: str) -> TaskPlan:
        """The plan of a task.

        Raises:
            ValueError: if the profile has no such task.
        """
        for plan in self.plans:
            if plan.task == task:
                return plan
        unknown_name(f"task of profile {self.name}", task, [plan.task for plan in self.plans])

    def beside(self, task: str) -> str:
        """The name of a task's rows where they stand beside those of another profile.

        >>> from ltcbook.experiments.profiles import find
        >>> find("rk4").beside("walker2d"), find("dopri5").beside("walker2d")
        ('walker2d by rk4', 'walker2d by dopri5, 40 rollouts')
        """
        rollouts = self.plan(task).rollouts
        return f"{task} by {self.solver}" + ("" if rollouts is None else f", {rollouts} rollouts")

    def cells(self) -> Iterator[Cell]:
        """All cells, in the order in which they are run.

        By size, so that each size is complete on all tasks before the next begins; sizes in the
        order of the first plan. When time ends, sizes are missing and not seeds.
        """
        seen = set()
        for cell in self._cells():
            if cell not in seen:
                seen.add(cell)
                yield cell

    def _cells(self) -> Iterator[Cell]:
        sizes = dict.fromkeys(size for plan in self.plans for size in plan.sizes)
        for size in sizes:
            for plan in self.plans:
                if size in plan.sizes:
                    yield from cells(
                        plan.task, self.configurations, size, feed_forward=self.feed_forward
                    )
                    if size in self.matched_sizes:
                        yield from two_by_two(plan.task, size)
        yield from self.extra
