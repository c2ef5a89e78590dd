"""Where parameters start: the ranges of B's Table 2, reproducible by seed.

The named start ``"midpoint"`` reads Table 2's *b* as what the table calls it, the midpoint of the
sigmoid: the synapse is half open when the presynaptic potential is at 0.3 .. 0.8.
``"as-printed"`` puts the same numbers into the printed formula, where they become a bias. The
two are far apart: with the second, explicit Euler explodes from 32 neurons on.

Table 2 was made for LTCs, whose currents are weighted means. A CT-RNN adds its currents up, so the
same strengths make a sum that grows with the number of neurons. ``"scaled"`` is the midpoint start
with the strengths of ungated synapses divided by √(fan-in); for LTCs it is the midpoint start.

Chapter: ``liquid_time_constants``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn

from ltcbook.checks import unknown_name

Start = Literal["midpoint", "as-printed", "scaled"]


@dataclass(frozen=True)
class Ranges:
    """The bounds from which a recurrent layer's parameters are drawn uniformly.

    Attributes:
        strength: maximum conductance of a synapse (w in B.13).
        midpoint: presynaptic potential at which a synapse is half open.
        slope: steepness of a synapse's activation (a in B.13).
        reversal: the two reversal potentials, inhibitory and excitatory (e).
        leak: leakage conductance (w_l).
        rest: resting potential (e_l), fixed.

    >>> TABLE_2.slope, MILLIVOLTS.rest
    ((3.0, 8.0), -70.0)
    >>> Initialiser(ranges=MILLIVOLTS).ranges.reversal
    (-90.0, 0.0)
    """

    strength: tuple[float, float]
    midpoint: tuple[float, float]
    slope: tuple[float, float]
    reversal: tuple[float, float]
    leak: tuple[float, float]
    rest: float


TABLE_2 = Ranges(
    strength=(0.01, 1.0),
    midpoint=(0.3, 0.8),
    slope=(3.0, 8.0),
    reversal=(-1.0, 1.0),
    leak=(0.01, 1.0),
    rest=0.0,
)
"""B's Table 2, in the papers' unit scale."""

MILLIVOLTS = Ranges(
    strength=(0.01, 1.0),
    midpoint=(-49.0, -14.0),
    slope=(3.0 / 70.0, 8.0 / 70.0),
    reversal=(-90.0, 0.0),
    leak=(0.01, 1.0),
    rest=-70.0,
)
"""Paper A's potentials (A.9); the midpoints lie 0.3 .. 0.8 of the way from rest to 0 mV."""


class Initialiser:
    """Draws initial values in float64 on the CPU, so that a seed means the same everywhere.

    Args:
        start: ``"midpoint"``, ``"as-printed"`` or ``"scaled"``.
        seed: seeds a generator of its own; ``None`` draws from PyTorch's global generator.
        ranges: the bounds, by default ``TABLE_2``.
        dtype, device: of the returned tensors; by default PyTorch's defaults.

    Raises:
        ValueError: for an unknown start or a seed that is not an integer.

    >>> draw = Initialiser(seed=0)
    >>> draw.uniform((3.0, 8.0), (2,))
    tensor([7.8503, 6.5391])
    >>> draw.choice((-1.0, 1.0), (4,))
    tensor([-1.,  1.,  1.,  1.])
    """

    def __init__(
        self,
        start: Start = "midpoint",
        seed: int | None = None,
        ranges: Ranges = TABLE_2,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        if start not in get_args(Start):
            unknown_name("init", start, get_args(Start))
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int)):
            raise ValueError(f"seed must be an integer or None, got {seed!r}")
        self.start = start
        self.ranges = ranges
        self._dtype = torch.get_default_dtype() if dtype is None else dtype
        if not isinstance(self._dtype, torch.dtype) or not self._dtype.is_floating_point:
            raise ValueError(f"dtype must be a floating-point type of PyTorch, got {dtype!r}")
        self._device = torch.get_default_device() if device is None else device
        self._generator = None if seed is None else torch.Generator().manual_seed(seed)

    def uniform(self, bounds: tuple[float, float], shape: Sequence[int]) -> Tensor:
        """Uniform draws between two bounds."""
        low, high = bounds
        return self._place(low + (high - low) * self._unit(shape))

    def choice(self, values: tuple[float, float], shape: Sequence[int]) -> Tensor:
        """Draws of one of two values, each with probability one half."""
        coin = self._unit(shape) < 0.5
        return self._place(torch.where(coin, values[0], values[1]).to(torch.float64))

    def constant(self, value: float, shape: Sequence[int]) -> Tensor:
        """A constant tensor (fixed parameters: capacitance, resting potential)."""
        return self._place(torch.full(tuple(shape), value, dtype=torch.float64, device="cpu"))

    def dense(self, out_size: int, in_size: int) -> Tensor:
        """Weights of an ordinary dense layer, uniform within 1/√in_size (PyTorch's start)."""
        bound = in_size**-0.5
        return self.uniform((-bound, bound), (out_size, in_size))

    def bias(self, out_size: int, in_size: int) -> Tensor:
        """Bias of an ordinary dense layer, uniform within 1/√in_size (PyTorch's start)."""
        bound = in_size**-0.5
        return self.uniform((-bound, bound), (out_size,))

    def _unit(self, shape: Sequence[int]) -> Tensor:
        """Uniform draws from 0 to 1; on the CPU, whatever PyTorch's default device is."""
        options: dict[str, Any] = {"dtype": torch.float64, "device": "cpu"}
        return torch.rand(tuple(shape), generator=self._generator, **options)

    def _place(self, values: Tensor) -> Tensor:
        return values.to(self._dtype).to(device=self._device)  # not every device has float64


def dense_layer(in_size: int, out_size: int, draw: Initialiser) -> nn.Linear:
    """An ordinary dense layer (B's first and third), drawn from the model's own seed.

    >>> dense_layer(4, 2, Initialiser(seed=0))
    Linear(in_features=4, out_features=2, bias=True)
    """
    layer: nn.Linear = nn.utils.skip_init(nn.Linear, in_size, out_size)  # type: ignore[no-untyped-call]
    layer.weight = nn.Parameter(draw.dense(out_size, in_size))
    layer.bias = nn.Parameter(draw.bias(out_size, in_size))
    return layer
