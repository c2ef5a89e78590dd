"""One step of each recurrent model, all behind the same small protocol.

A cell knows how to turn one input into what it needs of it (:meth:`~RecurrentCell.sense`: sensory
currents do not depend on the state, so they are computed once per time step, not once per solver
step) and how to advance its state over one time step (:meth:`~RecurrentCell.bind`). The loop over
time is elsewhere: ``sequence.py`` has the only one.

Chapters: ``ct_rnns``, ``liquid_time_constants``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor, nn

from ltcbook.checks import positive_int
from ltcbook.constraints import constrain
from ltcbook.descriptor import TypeDescriptor
from ltcbook.initialisation import Initialiser
from ltcbook.linear_form import LinearForm
from ltcbook.solvers import Solver, get_solver
from ltcbook.synapses import Synapses, SynapseWeights, activate, currents

Sensed = tuple[Tensor, ...]
"""What a cell needs of one input; every tensor is (batch, ...)."""

Step = Callable[[Tensor, Sensed, Tensor | float], Tensor]
"""(state, what was sensed, time span) -> state; the span is a number or (batch, 1)."""


class RecurrentCell(nn.Module, ABC):
    """What every recurrent cell offers.

    Attributes:
        input_size: entries of one input u(t).
        hidden_size: number of neurons (or LSTM cells) n, as the papers count them.
        output_size: entries of what the readout sees.
        state_shape: shape of one sample's state.
        continuous: False when the model has no clock, so that ``timespans`` mean nothing to it.
    """

    continuous = True

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.input_size = positive_int("input_size", input_size)
        self.hidden_size = positive_int("hidden_size", hidden_size)
        self.output_size = hidden_size
        self.state_shape: tuple[int, ...] = (hidden_size,)

    def initial_state(self, batch_size: int) -> Tensor:
        """The state before the first input, (batch, \\*state_shape): zero by default."""
        like = next(self.parameters())
        return like.new_zeros((batch_size, *self.state_shape))

    @abstractmethod
    def sense(self, u: Tensor) -> Sensed:
        """What the cell needs of one input u (batch, input)."""

    @abstractmethod
    def bind(self) -> Step:
        """The step function with the parameters as they are now (constraints applied once)."""

    def output(self, state: Tensor) -> Tensor:
        """What the readout sees of a state: (..., output_size)."""
        return state

    def letters(self) -> dict[str, Tensor]:
        """The numbers that stand in the model's equation, trained or fixed, by letter.

        This is what paper B counts in its text ("packs 8288 parameters").
        """
        return dict(self.named_parameters())


class ContinuousTimeCell(RecurrentCell):
    """The CT-RNN and LTC family: every descriptor of B's appendix, and the autonomous models.

    C ẋ_i = w_li (e_li − x_i) + Σ_j y_ji + input_i, with y_ji from Table 3.

    Args:
        descriptor: which formula.
        input_size: m.
        hidden_size: n.
        draw: where the parameters start.
        solver, unfolds: how one time step is integrated.
        autonomous: the input is the initial state and there is no input current (B.7, B.8, B.13,
            B.14); it is embedded as [u, 0] (B.6).

    Parameters: ``recurrent`` and, when the input is synaptic, ``sensory``
    (:class:`~ltcbook.synapses.Synapses`); ``linear`` when it is linear (B.11, B.16); ``w_l``;
    ``x0`` with ``lis``. Fixed: ``C``, ``e_l``.
    An LTC with linear input also has ``e_sensory``, reversal potentials that no equation uses:
    B's Table 1 counts them, so they are here, and never get a gradient.

    Raises:
        ValueError: for sizes below one, an unknown solver, or an autonomous model with more
            inputs than neurons.

    Source: B.7 to B.18. Chapters: ``ct_rnns``, ``liquid_time_constants``, ``grammar``.
    """

    C: Tensor
    e_l: Tensor

    def __init__(
        self,
        descriptor: TypeDescriptor,
        input_size: int,
        hidden_size: int,
        draw: Initialiser,
        *,
        solver: str = "euler",
        unfolds: int = 10,
        autonomous: bool = False,
    ) -> None:
        super().__init__(input_size, hidden_size)
        self.descriptor = descriptor
        self.solver: Solver = get_solver(solver)
        self.unfolds = positive_int("unfolds", unfolds)
        self.autonomous = autonomous
        n = hidden_size
        if autonomous and input_size > n:
            raise ValueError(
                f"input_size must be at most hidden_size = {n} in an autonomous model, whose "
                f"input is its initial state, got {input_size}"
            )
        self.recurrent = Synapses(descriptor, n, n, draw)
        self.w_l = nn.Parameter(draw.uniform(draw.ranges.leak, (n,)))
        self.register_buffer("C", draw.constant(1.0, (n,)))
        rest = draw.constant(draw.ranges.rest, (n,))
        self.x0 = nn.Parameter(rest.clone()) if descriptor.lis else None
        self.register_buffer("e_l", None if descriptor.lis else rest)
        if descriptor.gated:
            constrain(self, "w_l")
        if not autonomous:
            self._add_input_map(descriptor, draw)

    def _add_input_map(self, descriptor: TypeDescriptor, draw: Initialiser) -> None:
        m, n = self.input_size, self.hidden_size
        if descriptor.in_mode == "synaptic":
            self.sensory = Synapses(descriptor, m, n, draw)
            return
        self.v = nn.Parameter(draw.dense(n, m))
        self.b_in = nn.Parameter(draw.bias(n, m))
        if descriptor.factor == "+":
            shape = (n, m) if descriptor.synaptic else (n,)
            self.e_sensory = nn.Parameter(draw.choice(draw.ranges.reversal, shape))

    @property
    def rest(self) -> Tensor:
        """Resting potential (n,), ``x0`` where it is learnable, else the fixed ``e_l``."""
        return self.e_l if self.x0 is None else self.x0

    def initial_state(self, batch_size: int) -> Tensor:
        """Every neuron at its resting potential."""
        return self.rest.expand(batch_size, -1)

    def embed(self, u: Tensor) -> Tensor:
        """The initial state of an autonomous model: [u, rest], (batch, n) (A.7, B.6)."""
        padding = self.rest[self.input_size :].expand(u.shape[0], -1)
        return torch.cat([u, padding], dim=-1)

    def sense(self, u: Tensor) -> Sensed:
        if self.autonomous:
            return ()
        if self.descriptor.in_mode == "synaptic":
            drive, decay = self.sensory(u)
            return (drive, decay) if self.descriptor.gated else (drive,)
        return (u @ self.v.mT + self.b_in,)

    def bind(self) -> Step:
        weights, w_l, rest = self.recurrent.weights(), self.w_l, self.rest
        tensors = tuple(t for t in (*weights, w_l, rest) if t is not None)

        def step(state: Tensor, sensed: Sensed, span: Tensor | float) -> Tensor:
            def dynamics(x: Tensor) -> LinearForm:
                return self.linear_form(x, sensed, weights, w_l, rest)

            return self.solver.integrate(dynamics, state, span, self.unfolds, (*tensors, *sensed))

        return step

    def linear_form(
        self,
        x: Tensor,
        sensed: Sensed = (),
        weights: SynapseWeights | None = None,
        w_l: Tensor | None = None,
        rest: Tensor | None = None,
    ) -> LinearForm:
        """ẋ = drive − decay·x at state x (batch, n), with one time step's sensed input.

        1/decay is the liquid time constant. The weights may be handed in when the same ones
        are used many times.

        Source: B.15 divided by C; Theorem 3.
        """
        weights = self.recurrent.weights() if weights is None else weights
        w_l = self.w_l if w_l is None else w_l
        drive, decay = currents(self.descriptor, weights, x)
        drive, decay = drive + w_l * (self.rest if rest is None else rest), decay + w_l
        if sensed:
            drive = drive + sensed[0]
        if len(sensed) > 1:
            decay = decay + sensed[1]
        return LinearForm(drive / self.C, decay / self.C)

    def letters(self) -> dict[str, Tensor]:
        found = {k: v for k, v in self.recurrent.weights()._asdict().items() if v is not None}
        found["w_l"] = self.w_l
        if self.descriptor.gated:
            found |= {"C": self.C, "e_l": self.rest}
        if not self.autonomous and self.descriptor.in_mode == "linear":
            found["v"] = self.v
        elif not self.autonomous:
            names = {"w": "v", "a": "a_u", "b": "b_u", "e": "e_u"}
            sensory = self.sensory.weights()._asdict().items()
            found |= {names[k]: t for k, t in sensory if t is not None}
        return found


class PreactivationCell(RecurrentCell):
    """The CT-RNN whose input is added inside the activation: ẏ = −w∗y + σ(Wy + Vu + b).

    This form has no synaptic version, since one activation serves all synapses of a neuron.

    Args: as :class:`ContinuousTimeCell`; ``act`` is ``"sigm"`` or ``"tanh"``.

    Parameters: ``w_l`` (n,), ``w`` (n, n), ``v`` (n, m), ``b`` (n,).

    Source: B.9. Chapter: ``ct_rnns``.
    """

    def __init__(
        self,
        descriptor: TypeDescriptor,
        input_size: int,
        hidden_size: int,
        draw: Initialiser,
        *,
        solver: str = "euler",
        unfolds: int = 10,
    ) -> None:
        super().__init__(input_size, hidden_size)
        self.descriptor = descriptor
        self.solver = get_solver(solver)
        self.unfolds = positive_int("unfolds", unfolds)
        self.w_l = nn.Parameter(draw.uniform(draw.ranges.leak, (hidden_size,)))
        self.w = nn.Parameter(draw.dense(hidden_size, hidden_size))
        self.v = nn.Parameter(draw.dense(hidden_size, input_size))
        self.b = nn.Parameter(draw.bias(hidden_size, input_size))

    def sense(self, u: Tensor) -> Sensed:
        return (u @ self.v.mT + self.b,)

    def bind(self) -> Step:
        def step(state: Tensor, sensed: Sensed, span: Tensor | float) -> Tensor:
            def dynamics(y: Tensor) -> LinearForm:
                drive = activate(self.descriptor, y @ self.w.mT + sensed[0])
                return LinearForm(drive, self.w_l)

            depends_on = (self.w_l, self.w, *sensed)
            return self.solver.integrate(dynamics, state, span, self.unfolds, depends_on)

        return step


class AugmentedNeuralODECell(RecurrentCell):
    """The recurrent augmented NeuralODE of B's experiments: the input overwrites part of the state.

    At each time step the first m entries of the state become the input, the ``augment`` others
    are carried on; then ẋ = W₂ tanh(W₁ x + b₁) + b₂ runs for one time span. Table 1's count leaves
    room for nothing else.

    Args: as :class:`ContinuousTimeCell`; ``hidden_size`` is the width of the field's hidden
    layer, ``augment`` the number of added dimensions (10 in B).

    Source: B.6, "ANODE" in Table 1. Chapter: ``neural_odes``.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        draw: Initialiser,
        *,
        augment: int = 10,
        solver: str = "euler",
        unfolds: int = 10,
    ) -> None:
        super().__init__(input_size, hidden_size)
        self.augment = positive_int("augment", augment)
        self.solver = get_solver(solver)
        self.unfolds = positive_int("unfolds", unfolds)
        self.output_size = dimensions = input_size + augment
        self.state_shape = (dimensions,)
        self.w1 = nn.Parameter(draw.dense(hidden_size, dimensions))
        self.b1 = nn.Parameter(draw.bias(hidden_size, dimensions))
        self.w2 = nn.Parameter(draw.dense(dimensions, hidden_size))
        self.b2 = nn.Parameter(draw.bias(dimensions, hidden_size))

    def sense(self, u: Tensor) -> Sensed:
        return (u,)

    def bind(self) -> Step:
        w1, b1, w2, b2 = self.w1, self.b1, self.w2, self.b2

        def dynamics(x: Tensor) -> LinearForm:
            return LinearForm(torch.tanh(x @ w1.mT + b1) @ w2.mT + b2, x.new_zeros(()))

        def step(state: Tensor, sensed: Sensed, span: Tensor | float) -> Tensor:
            x = torch.cat([sensed[0], state[:, self.input_size :]], dim=-1)  # (B, m + augment)
            return self.solver.integrate(dynamics, x, span, self.unfolds, (w1, b1, w2, b2))

        return step
