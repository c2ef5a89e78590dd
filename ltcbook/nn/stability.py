"""Where states stopped being numbers, and how stiff the model was there.

Chapter: ``membrane_equation``.
"""

from __future__ import annotations

import math
import warnings
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from ltcbook.checks import can_look_at
from ltcbook.nn.cell import RecurrentCell, Sensed
from ltcbook.nn.cells import ContinuousTimeCell
from ltcbook.ode.linear_form import LinearForm

__all__ = ["Divergence", "NotFiniteWarning", "diagnose"]


class NotFiniteWarning(UserWarning):
    """A model's states became infinite or NaN; says where, and what to do."""


class Divergence(NamedTuple):
    """What a diverging run leaves behind.

    Attributes:
        time_step: the first time step after which a state is not finite; None if all are.
        stability: the largest dt·(w_l + Σ wσ)/C up to there; None for a model without it.
            Explicit Euler is stable below 2 and does not overshoot below 1.

    >>> found = Divergence(time_step=None, stability=1.5)
    >>> str(found).partition(";")[0]
    'the states stayed finite'
    """

    time_step: int | None
    stability: float | None

    def __str__(self) -> str:
        where = (
            "the states stayed finite"
            if self.time_step is None
            else f"a state stopped being finite at time step {self.time_step}"
        )
        if self.stability is None:
            return where
        return (
            f"{where}; the largest dt·(w_l + Σ wσ)/C was {self.stability:.2f} "
            "(explicit Euler is stable below 2)"
        )


@torch.no_grad()
def diagnose(cell: RecurrentCell, u: Tensor, timespans: Tensor | None = None) -> Divergence:
    """Run a batch step by step from the initial state in plain PyTorch, and look.

    Args:
        cell: with the parameters that it had when it happened.
        u: the batch (batch, time, input) on which it happened.
        timespans: (batch, time).

    >>> import ltcbook
    >>> model = ltcbook.LTC(1, 4, seed=0)
    >>> diagnose(model.cell, torch.zeros(2, 5, 1)).time_step is None
    True

    Chapter: ``membrane_equation``.
    """
    state = cell.initial_state(u.shape[0])
    if not isinstance(cell, ContinuousTimeCell):
        seen, _ = cell.run(u, state, timespans, backend="eager")
        return Divergence(_first_not_finite(seen), None)
    numbers, sensed = [0.0], cell.sense(u)
    for t in range(u.shape[1]):
        span = 1.0 if timespans is None else timespans[:, t].unsqueeze(-1)  # (B, 1)
        now = tuple(part[:, t] for part in sensed)
        dynamics = partial(_watched, cell, now, span / cell.unfolds, numbers)
        state = cell.solver.integrate(dynamics, state, span, cell.unfolds)
        if not bool(torch.isfinite(state).all()):
            return Divergence(t, max(numbers))
    return Divergence(None, max(numbers))


def _first_not_finite(states: Tensor) -> int | None:
    """The first time step (batch, time, ...) at which some entry is not finite."""
    lost = (~torch.isfinite(states)).flatten(2).any(2).any(0).nonzero()
    return int(lost[0]) if len(lost) else None


def _watched(
    cell: ContinuousTimeCell,
    sensed: Sensed,
    dt: Tensor | float,
    numbers: list[float],
    x: Tensor,
) -> LinearForm:
    """The cell's dynamics; notes the stability number while it is one."""
    form = cell.linear_form(x, sensed)
    number = float((dt * form.decay).max())
    if math.isfinite(number):
        numbers.append(number)
    return form


_warned: set[str] = set()


def warn_if_not_finite(
    cell: RecurrentCell, states: Tensor, u: Tensor, timespans: Tensor | None
) -> None:
    """Warn once for each kind of cell whose states are not finite; where one can look."""
    if not can_look_at(states) or math.isfinite(states.detach().sum().item()):
        return
    name = str(getattr(cell, "descriptor", type(cell).__name__))
    time_step = _first_not_finite(states)
    if name in _warned or time_step is None:
        return
    _warned.add(name)
    found = diagnose(cell, u.detach(), None if timespans is None else timespans.detach())
    number = (
        ""
        if not found.stability  # 0: the parameters themselves were no numbers any more
        else (
            f" The largest dt·(w_l + Σ wσ)/C was {found.stability:.2f}; explicit Euler is stable "
            "below 2."
        )
    )
    warnings.warn(
        f"the states of {name} stopped being finite at time step {time_step}.{number} "
        "Take solver='semi-implicit-euler', which stays bounded for LTCs, or more unfolds, or "
        "shorter timespans.",
        NotFiniteWarning,
        stacklevel=5,  # who called the network, past two frames of torch.nn.Module
    )
