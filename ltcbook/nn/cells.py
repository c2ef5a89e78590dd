"""The cells of the CT-RNN and LTC family, and the recurrent NeuralODE.

Chapters: ``ct_rnns``, ``liquid_time_constants``.
"""

from __future__ import annotations

from collections.abc import Collection

import torch
from torch import Tensor, nn

from ltcbook.checks import positive_int, unknown_name
from ltcbook.kernels.eager import overwritten
from ltcbook.kernels.recurrence import LayerWeights, LinearInput, Recurrence
from ltcbook.nn.canonical import canonical_layer
from ltcbook.nn.cell import RecurrentCell, Sensed, Step
from ltcbook.nn.constraints import Constraint, check_constraint
from ltcbook.nn.descriptor import TypeDescriptor
from ltcbook.nn.initialisation import Initialiser
from ltcbook.nn.synapses import Synapses, SynapseWeights, activate, currents
from ltcbook.ode.linear_form import LinearForm
from ltcbook.ode.solvers import Solver, get_solver

SMALLEST_CAPACITANCE = 1e-3
"""Where a trained capacitance stops: C divides."""


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
        constraint: how conductances and slopes of an LTC are kept from becoming negative.
        trainable: which of the fixed ``"C"`` and ``"e_l"`` are trained as well.
        recurrent_mask: (n, n), [post, pre], which synapses between neurons there are.
        sensory_mask: (n, m), which from the inputs.

    Parameters: ``recurrent`` and, when the input is synaptic, ``sensory``
    (:class:`~ltcbook.nn.synapses.Synapses`); ``v`` and ``b_in`` when it is linear (B.11, B.16);
    ``w_l``; ``x0`` with ``lis``. Fixed, unless asked: ``C``, ``e_l``.
    An LTC with linear input also has the buffer ``e_sensory``, reversal potentials that no equation
    uses: B's Table 1 counts them.

    Raises:
        ValueError: for sizes below one, an unknown solver, a mask of a wrong shape, or an
            autonomous model with more inputs than neurons.

    >>> kind = TypeDescriptor.parse("ctrnn_vsigm+s_synaptic")
    >>> cell = ContinuousTimeCell(kind, 1, 2, Initialiser(seed=0))
    >>> states, last = cell.run(torch.ones(1, 50, 1), cell.initial_state(1))
    >>> bool((last.abs() <= 1).all())  # between the reversal potentials
    True

    Source: B.7 to B.18. Chapters: ``ct_rnns``, ``liquid_time_constants``, ``grammar``.
    """

    C: Tensor
    e_l: Tensor
    recurrent: Synapses
    sensory: Synapses
    sensory_mask: Tensor | None

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
        constraint: Constraint = "clamp",
        trainable: Collection[str] = (),
        recurrent_mask: Tensor | None = None,
        sensory_mask: Tensor | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size)
        self.descriptor = descriptor
        self.solver: Solver = get_solver(solver)
        self.unfolds = positive_int("unfolds", unfolds)
        self.autonomous = autonomous
        self.constraint = check_constraint(constraint)
        n = hidden_size
        if autonomous and input_size > n:
            raise ValueError(
                f"input_size must be at most hidden_size = {n} in an autonomous model, whose "
                f"input is its initial state, got {input_size}"
            )
        self.recurrent = Synapses(
            descriptor, n, n, draw, constraint=constraint, mask=recurrent_mask
        )
        self.w_l = nn.Parameter(draw.uniform(draw.ranges.leak, (n,)))
        self._add_fixed(draw, trainable)
        if descriptor.gated:
            self.constrain("w_l")
        if not autonomous:
            self._add_input_map(draw, sensory_mask)

    def _add_fixed(self, draw: Initialiser, trainable: Collection[str]) -> None:
        """C and e_l, which the papers do not train, and x0, the resting potential of ``lis``."""
        for name in trainable:
            if name not in ("C", "e_l"):
                unknown_name("fixed parameter in trainable", name, ("C", "e_l"))
        capacitance = draw.constant(1.0, (self.hidden_size,))
        rest = draw.constant(draw.ranges.rest, (self.hidden_size,))
        if "C" in trainable:
            self.C = nn.Parameter(capacitance)
            self.constrain("C", lowest=SMALLEST_CAPACITANCE)
        else:
            self.register_buffer("C", capacitance)
        self.x0 = nn.Parameter(rest.clone()) if self.descriptor.lis else None
        if "e_l" in trainable and self.x0 is None:
            self.e_l = nn.Parameter(rest)
        else:
            self.register_buffer("e_l", rest if self.x0 is None else None)

    def _add_input_map(self, draw: Initialiser, mask: Tensor | None) -> None:
        m, n, descriptor = self.input_size, self.hidden_size, self.descriptor
        if descriptor.in_mode == "synaptic":
            self.sensory = Synapses(descriptor, m, n, draw, constraint=self.constraint, mask=mask)
            return
        self.v = nn.Parameter(draw.dense(n, m))
        self.b_in = nn.Parameter(draw.bias(n, m))
        self.register_buffer("sensory_mask", None if mask is None else mask.to(self.v))
        if descriptor.factor == "+":
            shape = (n, m) if descriptor.synaptic else (n,)
            self.register_buffer("e_sensory", draw.choice(draw.ranges.reversal, shape))

    @property
    def idle(self) -> int:
        """The sensory reversal potentials of an LTC with linear input."""
        unused = getattr(self, "e_sensory", None)
        return 0 if unused is None else int(unused.numel())

    @property
    def missing(self) -> int:
        """Numbers of a linear input map that its mask leaves out."""
        if getattr(self, "sensory_mask", None) is None:
            return 0
        assert self.sensory_mask is not None
        unused = getattr(self, "e_sensory", None)
        matrices = 2 if unused is not None and unused.ndim == 2 else 1
        return matrices * int((self.sensory_mask == 0).sum())

    @torch.no_grad()
    def start_with_polarity(
        self, recurrent: Tensor, sensory: Tensor, reversal: tuple[float, float]
    ) -> None:
        """Signs of all synapses (post, pre), see :meth:`Synapses.start_with_polarity`."""
        self.recurrent.start_with_polarity(recurrent, reversal)
        if self.descriptor.in_mode == "synaptic":
            self.sensory.start_with_polarity(sensory, reversal)
        else:
            self.v.copy_(self.v.abs() * sensory.to(self.v))

    @property
    def rest(self) -> Tensor:
        """Resting potential (n,), ``x0`` where it is learnable, else ``e_l``."""
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
        return (nn.functional.linear(u, self._input_weights(), self.b_in),)

    def _input_weights(self) -> Tensor:
        return self.v if self.sensory_mask is None else self.v * self.sensory_mask

    def bind(self) -> Step:
        weights, w_l, capacitance = self.recurrent.weights(), self.value("w_l"), self.value("C")

        def step(state: Tensor, sensed: Sensed, span: Tensor | float) -> Tensor:
            def dynamics(x: Tensor) -> LinearForm:
                return self.linear_form(x, sensed, weights, w_l, capacitance)

            return self.solver.integrate(dynamics, state, span, self.unfolds)

        return step

    def linear_form(
        self,
        x: Tensor,
        sensed: Sensed = (),
        weights: SynapseWeights | None = None,
        w_l: Tensor | None = None,
        capacitance: Tensor | None = None,
    ) -> LinearForm:
        """ẋ = drive − decay·x at state x (batch, n), with one time step's sensed input.

        1/decay is the liquid time constant. The weights, leaks and capacitances may be handed in
        when the same ones are used many times.

        Source: B.15 divided by C; Theorem 3.
        """
        weights = self.recurrent.weights() if weights is None else weights
        w_l = self.value("w_l") if w_l is None else w_l
        capacitance = self.value("C") if capacitance is None else capacitance
        drive, decay = currents(self.descriptor, weights, x)
        drive, decay = drive + w_l * self.rest, decay + w_l
        if sensed:
            drive = drive + sensed[0]
        if len(sensed) > 1:
            decay = decay + sensed[1]
        return LinearForm(drive / capacitance, decay / capacitance)

    def recurrence(self) -> Recurrence | None:
        capacitance = self.value("C")
        recurrent = self.recurrent
        layer = canonical_layer(self.descriptor, recurrent.weights(), capacitance, recurrent.mask)
        leak = self.value("w_l") / capacitance
        found = Recurrence(
            layer.kind,
            layer.weights,
            leak * self.rest + layer.drive_constant,
            leak + layer.decay_constant,
            self.solver.name,
            self.unfolds,
        )
        if self.autonomous:
            return found
        if self.descriptor.in_mode == "linear":
            v = self._input_weights() / capacitance.unsqueeze(1)
            return found._replace(linear=LinearInput(v, self.b_in / capacitance, inside=False))
        if type(self.sensory).forward is not Synapses.forward:
            return None
        weights, mask = self.sensory.weights(), self.sensory.mask
        sensory = canonical_layer(self.descriptor, weights, capacitance, mask)
        return found._replace(
            drive=found.drive + sensory.drive_constant,
            decay=found.decay + sensory.decay_constant,
            sensory_kind=sensory.kind,
            sensory=sensory.weights,
        )

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

    >>> kind = TypeDescriptor.parse("ctrnn_tanh_linear")
    >>> cell = PreactivationCell(kind, 2, 3, Initialiser(seed=0))
    >>> {name: tuple(p.shape) for name, p in cell.named_parameters()}
    {'w_l': (3,), 'w': (3, 3), 'v': (3, 2), 'b': (3,)}

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
        return (nn.functional.linear(u, self.v, self.b),)

    def bind(self) -> Step:
        def step(state: Tensor, sensed: Sensed, span: Tensor | float) -> Tensor:
            def dynamics(y: Tensor) -> LinearForm:
                drive = activate(self.descriptor, y @ self.w.mT + sensed[0])
                return LinearForm(drive, self.w_l)

            return self.solver.integrate(dynamics, state, span, self.unfolds)

        return step

    def recurrence(self) -> Recurrence:
        """B.9: nothing multiplies the activation, and the bias comes with the input."""
        form = TypeDescriptor(w_mode="", act=self.descriptor.act)
        ones = self.b.new_ones(self.b.shape)
        letters = SynapseWeights(self.w, self.b.new_zeros(self.b.shape), ones, None)
        layer = canonical_layer(form, letters, ones)
        half = 1.0 if self.descriptor.act == "tanh" else 0.5  # σ(z) = ½ + ½ tanh(z/2)
        return Recurrence(
            layer.kind,
            layer.weights,
            layer.drive_constant,
            self.w_l,
            self.solver.name,
            self.unfolds,
            linear=LinearInput(half * self.v, half * self.b, inside=True),
        )


class AugmentedNeuralODECell(RecurrentCell):
    """The recurrent augmented NeuralODE of B's experiments: the input overwrites part of the state.

    At each time step the first m entries of the state become the input, the ``augment`` others
    are carried on; then ẋ = W₂ tanh(W₁ x + b₁) + b₂ runs for one time span. Table 1's count leaves
    room for nothing else.

    Args: as :class:`ContinuousTimeCell`; ``hidden_size`` is the width of the field's hidden
    layer, ``augment`` the number of added dimensions (10 in B).

    >>> cell = AugmentedNeuralODECell(2, 8, Initialiser(seed=0), augment=3)
    >>> states, last = cell.run(torch.zeros(4, 5, 2), cell.initial_state(4))
    >>> states.shape  # 2 entries that the input sets, and 3 that are carried on
    torch.Size([4, 5, 5])

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
        no_decay = b2.new_zeros(())

        def dynamics(x: Tensor) -> LinearForm:
            return LinearForm(torch.tanh(x @ w1.mT + b1) @ w2.mT + b2, no_decay)

        def step(state: Tensor, sensed: Sensed, span: Tensor | float) -> Tensor:
            x = overwritten(state, sensed[0])  # (B, m + augment)
            return self.solver.integrate(dynamics, x, span, self.unfolds)

        return step

    def recurrence(self) -> Recurrence:
        """B.6: a hidden layer, no decay, and the input in place of the state's first entries."""
        field = LayerWeights(self.w1, self.b1.unsqueeze(0), self.w2, None)
        no_decay = self.b2.new_zeros(self.b2.shape)
        return Recurrence(
            "hidden", field, self.b2, no_decay, self.solver.name, self.unfolds, overwrites=True
        )
