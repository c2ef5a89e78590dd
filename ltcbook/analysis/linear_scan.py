"""An LTC without recurrent synapses: a diagonal linear recurrence whose coefficients the input
sets, so that one parallel scan gives all of its states.

``python -m ltcbook.experiments.scan_times`` times the scan against loops.
Chapter: ``selective_state_spaces``.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from ltcbook.nn.cell import RecurrentCell, Sensed, Step
from ltcbook.nn.cells import ContinuousTimeCell
from ltcbook.nn.initialisation import Initialiser
from ltcbook.nn.sequence import RecurrentNetwork


class Affine(NamedTuple):
    """The maps x -> a x + b of every time step, one for each neuron; both (..., time, n).

    >>> steps = Affine(a=torch.full((3, 1), 0.5), b=torch.ones(3, 1))
    >>> states(steps, torch.zeros(1)).flatten()
    tensor([1.0000, 1.5000, 1.7500])
    """

    a: Tensor
    b: Tensor


def combine(first: Affine, second: Affine) -> Affine:
    """``second`` after ``first``: x -> a₂(a₁ x + b₁) + b₂, an associative product of maps.

    >>> first = Affine(torch.tensor(2.0), torch.tensor(1.0))
    >>> second = Affine(torch.tensor(3.0), torch.tensor(0.0))
    >>> combine(first, second)  # 3(2x + 1)
    Affine(a=tensor(6.), b=tensor(3.))
    """
    return Affine(second.a * first.a, second.a * first.b + second.b)


def scan(steps: Affine) -> Affine:
    """All products of the first 1, 2, ..., T maps, in ⌈log₂ T⌉ rounds (Hillis and Steele 1986).

    In round k every map is combined with the one 2^k places before it: no place waits for another
    of the same round.

    >>> scan(Affine(torch.full((3, 1), 2.0), torch.ones(3, 1))).a.flatten()
    tensor([2., 4., 8.])
    """
    maps, shift = steps, 1
    while shift < maps.a.shape[-2]:
        earlier = Affine(*(part[..., :-shift, :] for part in maps))
        later = Affine(*(part[..., shift:, :] for part in maps))
        joined = combine(earlier, later)
        maps = Affine(
            *(
                torch.cat([part[..., :shift, :], new], dim=-2)
                for part, new in zip(maps, joined, strict=True)
            )
        )
        shift *= 2
    return maps


def states(steps: Affine, x0: Tensor) -> Tensor:
    """States after every time step (..., time, n), from x0 (..., n), by :func:`scan`.

    >>> states(Affine(torch.full((3, 1), 2.0), torch.ones(3, 1)), torch.zeros(1)).flatten()
    tensor([1., 3., 7.])
    """
    a, b = scan(steps)
    return a * x0.unsqueeze(-2) + b


def states_by_loop(steps: Affine, x0: Tensor) -> Tensor:
    """The same, one time step after the other.

    >>> steps = Affine(torch.full((3, 1), 2.0), torch.ones(3, 1))
    >>> states_by_loop(steps, torch.zeros(1)).flatten()
    tensor([1., 3., 7.])
    """
    x, found = x0, []
    for a, b in zip(steps.a.unbind(-2), steps.b.unbind(-2), strict=True):
        x = a * x + b
        found.append(x)
    return torch.stack(found, dim=-2)


def affine_steps(cell: ContinuousTimeCell, u: Tensor, span: float = 1.0) -> Affine:
    """The maps of a cell without recurrent synapses, for inputs u (batch, time, m).

    With frozen input the equation ẋ = p − q x is linear, and one step of length ``span`` is
    exactly x -> e^(−q span) x + (1 − e^(−q span)) p/q. It does not depend on the state, so it is
    computed for all times at once.

    Raises:
        ValueError: if a recurrent synapse is not zero.

    >>> import ltcbook
    >>> cell = ltcbook.LTC(1, 2, seed=0).cell
    >>> without_recurrence(cell)
    >>> steps = affine_steps(cell, torch.zeros(1, 5, 1))
    >>> steps.a.shape, bool((steps.a < 1).all())
    (torch.Size([1, 5, 2]), True)
    """
    if bool((cell.recurrent.weights().w != 0).any()):
        raise ValueError("the cell must have no recurrent synapses: set their w to zero")
    return _steps(cell, u, span)


def _steps(cell: ContinuousTimeCell, u: Tensor, span: float = 1.0) -> Affine:
    flat = u.reshape(-1, u.shape[-1])
    nowhere = cell.w_l.new_zeros(len(flat), cell.hidden_size)  # the state does not matter
    p, q = cell.linear_form(nowhere, cell.sense(flat))
    z = span * q.expand_as(nowhere)
    held = torch.exp(-z)
    slope = torch.where(z > 1e-6, -torch.expm1(-z) / z.clamp(min=1e-6), 1 - z / 2)
    shape = (*u.shape[:-1], cell.hidden_size)
    return Affine(held.reshape(shape), (span * p * slope).reshape(shape))


def without_recurrence(cell: ContinuousTimeCell) -> None:
    """Take a cell's recurrent synapses away: their w becomes zero and is not trained.

    >>> import ltcbook
    >>> cell = ltcbook.LTC(1, 2, seed=0).cell
    >>> without_recurrence(cell)
    >>> cell.recurrent.w.detach()
    tensor([[0., 0.],
            [0., 0.]])
    """
    with torch.no_grad():
        cell.recurrent.w.zero_()
    for parameter in cell.recurrent.parameters():
        parameter.requires_grad_(False)


class ScannedCell(RecurrentCell):
    """A CT-RNN or LTC without recurrent synapses, all time steps by the scan.

    Args:
        cell: of the descriptor family; its recurrent synapses are taken away.

    >>> import ltcbook
    >>> model = by_scan(ltcbook.LTC(1, 4, 2, seed=0))
    >>> model(torch.zeros(3, 5, 1))[0].shape
    torch.Size([3, 5, 2])
    """

    continuous = False

    def __init__(self, cell: ContinuousTimeCell) -> None:
        super().__init__(cell.input_size, cell.hidden_size)
        without_recurrence(cell)
        self.cell = cell

    def initial_state(self, batch_size: int) -> Tensor:
        return self.cell.initial_state(batch_size)

    def sense(self, u: Tensor) -> Sensed:
        return tuple(_steps(self.cell, u))

    def bind(self) -> Step:
        return lambda state, sensed, span: sensed[0] * state + sensed[1]

    def run(
        self,
        u: Tensor,
        state: Tensor,
        timespans: Tensor | None = None,
        mask: Tensor | None = None,
        backend: str = "auto",
    ) -> tuple[Tensor, Tensor]:
        """By one scan; a mask, which skips steps, needs the loop."""
        if mask is not None:
            return super().run(u, state, timespans, mask, backend)
        passed = states(_steps(self.cell, u), state)
        return passed, passed[:, -1]


def by_scan(network: RecurrentNetwork) -> RecurrentNetwork:
    """The network without its recurrent synapses, run by the scan; its cell and readout are kept.

    Raises:
        ValueError: for a network that is no CT-RNN or LTC.

    >>> import ltcbook
    >>> by_scan(ltcbook.LTC(1, 4, 2, seed=0)).hidden_size
    4
    """
    scanned = RecurrentNetwork(ScannedCell(network.continuous_cell), None, Initialiser(seed=0))
    scanned.readout, scanned.output_size = network.readout, network.output_size
    return scanned
