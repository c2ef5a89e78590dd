"""The residual network that an SA-LTC is, for one given input.

Chapter: ``unrolling``. Source: A.2, A.6 and A §6; the theorem is A.S2 of the register.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from ltcbook.checks import tensor_of_shape
from ltcbook.nn.cells import ContinuousTimeCell


class ResidualLayers(NamedTuple):
    """Layers x_i + Σ_j W_ij σ(a_ij (z_j + b_ij)) over z = (x, u, 0), in the order they act.

    Attributes:
        weights: (layers, n, n + m + 1), as [layer, post, pre]; each layer has its own.
        a, b: slopes and shifts (n, n + m + 1), the same in all layers. The last source is a
            constant neuron whose sigmoid is 1/2; it carries the leak.

    >>> import ltcbook
    >>> layers, states = unroll(ltcbook.LTC(2, 3, seed=0).cell, torch.zeros(4, 2))
    >>> layers.weights.shape  # 4 time steps of 10 unfolds; 3 neurons, 2 inputs, a constant
    torch.Size([40, 3, 6])
    """

    weights: Tensor
    a: Tensor
    b: Tensor


def step_sizes(cell: ContinuousTimeCell, decay: Tensor, dt: float) -> Tensor:
    """How far one solver step follows the rate: A.6's d(t), one per neuron.

    Semi-implicit Euler divides by 1 + dt·decay, so that its step is shorter the faster the neuron.

    >>> import ltcbook
    >>> cell = ltcbook.LTC(1, 2, solver="semi-implicit-euler", seed=0).cell
    >>> step_sizes(cell, torch.tensor([0.0, 10.0]), dt=0.1)
    tensor([0.1000, 0.0500])
    """
    if cell.solver.name == "euler":
        return torch.full_like(decay, dt)
    if cell.solver.name == "semi-implicit-euler":
        return dt / (1 + dt * decay)
    raise ValueError(
        f"solver must be 'euler' or 'semi-implicit-euler' to unroll, got {cell.solver.name!r}"
    )


@torch.no_grad()
def unroll(cell: ContinuousTimeCell, u: Tensor) -> tuple[ResidualLayers, Tensor]:
    """Write what a trained SA-LTC does with one input as a residual network.

    Args:
        cell: an SA-LTC with synaptic input and an Euler solver.
        u: one input sequence, (time, input).

    Returns:
        The layers, time × unfolds of them, and the state before each and after the last,
        (layers + 1, n).

    Raises:
        ValueError: for another kind of cell or solver, or an input of another shape.

    >>> import ltcbook
    >>> cell, u = ltcbook.LTC(2, 3, seed=0).cell, torch.ones(4, 2)
    >>> layers, states = unroll(cell, u)
    >>> _, last = cell.run(u[None], cell.initial_state(1))
    >>> torch.testing.assert_close(states[-1:], last.detach())
    """
    if not (
        cell.descriptor.synaptic and cell.descriptor.factor == "+" and hasattr(cell, "sensory")
    ):
        raise ValueError(f"cell must be an SA-LTC with synaptic input, got {cell.descriptor}")
    tensor_of_shape("u", u, (len(u), cell.input_size), "(time, input)")
    recurrent, sensory = cell.recurrent.weights(), cell.sensory.weights()
    one = torch.ones_like(cell.w_l).unsqueeze(-1)  # (n, 1)
    w = torch.cat([recurrent.w, sensory.w, 2 * cell.w_l.unsqueeze(-1)], dim=-1)
    e = torch.cat([_of(recurrent.e), _of(sensory.e), cell.rest.unsqueeze(-1)], dim=-1)
    a = torch.cat([_of(recurrent.a), _of(sensory.a), one], dim=-1)
    b = torch.cat([recurrent.b, sensory.b, 0 * one], dim=-1)

    x, dt = cell.initial_state(1)[0], 1.0 / cell.unfolds
    weights, states = [], [x]
    for u_t in u:
        sensed = tuple(part[0] for part in cell.sense(u_t[None]))
        for _ in range(cell.unfolds):
            decay = cell.linear_form(x, sensed).decay
            d = step_sizes(cell, decay, dt) / cell.C
            weights.append(d.unsqueeze(-1) * w * (e - x.unsqueeze(-1)))
            x = residual_layer(weights[-1], a, b, x, u_t)
            states.append(x)
    return ResidualLayers(torch.stack(weights), a, b), torch.stack(states)


def residual_layer(weight: Tensor, a: Tensor, b: Tensor, x: Tensor, u: Tensor) -> Tensor:
    """One layer of a synaptic ResNet: A.3, with a slope and a shift for each synapse.

    >>> one = torch.ones(1, 3)  # a neuron, an input, the constant
    >>> residual_layer(one, one, 0 * one, torch.zeros(1), torch.zeros(1))  # 3 σ(0)
    tensor([1.5000])
    """
    z = torch.cat([x, u, x.new_zeros(1)])  # (n + m + 1,)
    return x + (weight * torch.sigmoid(a * (z + b))).sum(-1)


def run_layers(layers: ResidualLayers, x: Tensor, u: Tensor) -> Tensor:
    """The states of the residual network, (layers + 1, n), with the input u (time, input).

    >>> import ltcbook
    >>> u = torch.ones(4, 2)
    >>> layers, states = unroll(ltcbook.LTC(2, 3, seed=0).cell, u)
    >>> torch.testing.assert_close(run_layers(layers, states[0], u), states)
    """
    per_step = len(layers.weights) // len(u)
    states = [x]
    for k, weight in enumerate(layers.weights):
        states.append(residual_layer(weight, layers.a, layers.b, states[-1], u[k // per_step]))
    return torch.stack(states)


def _of(weight: Tensor | None) -> Tensor:
    assert weight is not None
    return weight


def mixed_derivative(
    step: Callable[[Tensor], Tensor], i: int, j: int, x: Tensor, h: float = 1e-3
) -> float:
    """∂²step_i/∂x_i∂x_j at x by central differences: zero for sums of functions of one entry.

    >>> x = torch.tensor([1.0, 2.0], dtype=torch.float64)
    >>> round(mixed_derivative(lambda z: torch.stack([z[0] * z[1], z[1]]), 0, 1, x), 6)
    1.0
    """
    total = 0.0
    for side_i, side_j in itertools.product((1, -1), repeat=2):
        moved = x.clone()
        moved[i] += side_i * h
        moved[j] += side_j * h
        total += side_i * side_j * float(step(moved)[i].detach())
    return total / (4 * h * h)
