"""What a recurrent cell is: one step, as a function and, where a kernel may compute it, as data.

A cell knows how to turn inputs into what it needs of them (:meth:`~RecurrentCell.sense`: sensory
currents do not depend on the state, so they are computed once per time step, not once per solver
step) and how to advance its state over one time step (:meth:`~RecurrentCell.bind`). It may declare
the same as data (:meth:`~RecurrentCell.recurrence`). The loop over time is in ``sequence.py``.

Chapter: ``ct_rnns``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from ltcbook.checks import positive_int
from ltcbook.kernels.backend import check_backend
from ltcbook.kernels.recurrence import Recurrence
from ltcbook.kernels.scan import scan
from ltcbook.nn.constraints import Constrained
from ltcbook.ode.solvers import SOLVERS

Sensed = tuple[Tensor, ...]
"""What a cell needs of its inputs; every tensor has the inputs' leading axes."""

State = Tensor | tuple[Tensor, ...]
"""What a cell carries from step to step: a tensor (batch, ...), or several, as an LSTM does."""

Step = Callable[[Any, Sensed, Tensor | float], Any]
"""(state, what was sensed, time span) -> state; the span is a number or (batch, 1)."""

STEP = ("sense", "bind", "linear_form", "rest")
"""The methods that make a cell's step, which :meth:`RecurrentCell.recurrence` says as data."""


class RecurrentCell(Constrained, ABC):
    """What every recurrent cell offers.

    Attributes:
        input_size: entries of one input u(t).
        hidden_size: number of neurons (or LSTM cells) n, as the papers count them.
        output_size: entries of what the readout sees.
        state_names: of the tensors that make a state; one, unless it is a tuple.
        state_shape: shape of one sample of each of them.
        motor: the neurons that a wiring makes the output; None where any may be read.
        continuous: False when the model has no clock, so that ``timespans`` mean nothing to it.

    >>> class Leaky(RecurrentCell):
    ...     def sense(self, u):
    ...         return (u,)
    ...     def bind(self):
    ...         return lambda x, sensed, span: x + 0.5 * span * (sensed[0] - x)
    >>> _, last = Leaky(1, 1).run(torch.ones(1, 3, 1), torch.zeros(1, 1))
    >>> last
    tensor([[0.8750]])
    """

    continuous = True
    motor: range | None = None
    state_names: tuple[str, ...] = ("state",)

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.input_size = positive_int("input_size", input_size)
        self.hidden_size = positive_int("hidden_size", hidden_size)
        self.output_size = hidden_size
        self.state_shape: tuple[int, ...] = (hidden_size,)

    @property
    def idle(self) -> int:
        """Numbers that B's Table 1 counts although no equation uses them."""
        return 0

    def initial_state(self, batch_size: int) -> Any:
        """The state before the first input, (batch, \\*state_shape): zero by default."""
        zero = next(self.parameters()).new_zeros((batch_size, *self.state_shape))
        return zero if len(self.state_names) == 1 else tuple(zero for _ in self.state_names)

    @abstractmethod
    def sense(self, u: Tensor) -> Sensed:
        """What the cell needs of inputs u (..., input): of one time step, or of a sequence."""

    @abstractmethod
    def bind(self) -> Step:
        """The step function with the parameters as they are now (constraints applied once)."""

    def forward(self, state: Any, u: Tensor, span: Tensor | float = 1.0) -> Any:
        """One time step: the state after input u (batch, input) was held for ``span``."""
        return self.bind()(state, self.sense(u), span)

    def recurrence(self) -> Recurrence | None:
        """The step as data that a kernel may compute; None: only :meth:`bind` knows it."""
        return None

    def declared(self) -> Recurrence | None:
        """What :meth:`recurrence` says; None if another step has been put above that declaration.

        A kernel must not compute a cell's parent: whoever changes the step, in a subclass, in a
        class mixed in or on the object itself, or brings a solver of his own, has no kernel unless
        he declares one.
        """
        solver = getattr(self, "solver", None)
        known = solver is None or SOLVERS.get(solver.name) == solver
        return self.recurrence() if known and self.decides("recurrence", *STEP) else None

    def decides(self, method: str, *others: str) -> bool:
        """Whether no other of these methods is defined nearer to this object than ``method``."""
        own, classes = vars(self), type(self).__mro__

        def distance(name: str) -> int:
            found = (k for k, each in enumerate(classes) if name in vars(each))
            return -1 if name in own else next(found, len(classes))

        return distance(method) <= min(map(distance, others))

    def output(self, state: Any) -> Tensor:
        """What the readout sees of a state: (..., output_size)."""
        seen: Tensor = state
        return seen

    def run(
        self,
        u: Tensor,
        state: Any,
        timespans: Tensor | None = None,
        mask: Tensor | None = None,
        backend: str = "auto",
    ) -> tuple[Tensor, Any]:
        """A batch of sequences: what the readout sees, (batch, time, output_size); the last state.

        A kernel computes it if the cell declares a recurrence, else its own step does.

        Args:
            u: inputs (batch, time, input); with no entries, (batch, time, 0), if autonomous.
            state: before the first step.
            timespans: (batch, time); one per step by default.
            mask: (batch, time); the state stays where it is False.
            backend: as of :func:`ltcbook.kernels.select`.

        Raises:
            ValueError: if a backend was asked for by name that cannot run this.
        """
        recurrence = self.declared()
        if recurrence is not None:
            states = scan(backend, recurrence, u, state, timespans, mask)
            return self.output(states), states[:, -1]
        if check_backend(backend) not in ("auto", "eager"):
            raise ValueError(
                f"backend={backend!r} cannot run this model: {type(self).__name__} declares no "
                "recurrence that a kernel could compute; use 'eager'"
            )
        passed = steps(self, u, state, timespans, mask)
        return torch.stack([self.output(state) for state in passed], dim=1), passed[-1]

    def letters(self) -> dict[str, Tensor]:
        """The numbers that stand in the model's equation, trained or fixed, by letter.

        This is what paper B counts in its text ("packs 8288 parameters").
        """
        return dict(self.named_parameters())


def steps(
    cell: RecurrentCell,
    u: Tensor,
    state: Any,
    timespans: Tensor | None = None,
    mask: Tensor | None = None,
) -> list[Any]:
    """The time loop in plain PyTorch: the state after every time step; arguments as of ``run``.

    >>> import ltcbook
    >>> cell = ltcbook.build("LSTM", 1, 2, None, seed=0).cell
    >>> passed = steps(cell, torch.zeros(1, 4, 1), cell.initial_state(1))
    >>> h, c = passed[-1]
    >>> len(passed), h.shape
    (4, torch.Size([1, 2]))
    """
    step, sensed, passed = cell.bind(), cell.sense(u), []
    unbound = [part.unbind(1) for part in sensed]
    for t in range(u.shape[1]):
        span = 1.0 if timespans is None else timespans[:, t].unsqueeze(-1)  # (B, 1)
        new = step(state, tuple(part[t] for part in unbound), span)
        state = new if mask is None else _where(mask[:, t], new, state)
        passed.append(state)
    return passed


def unroll(
    cell: RecurrentCell,
    u: Tensor,
    state: Tensor,
    timespans: Tensor | None = None,
    mask: Tensor | None = None,
) -> Tensor:
    """The state after every time step, (batch, time, \\*state_shape), by the cell's own step.

    Kernels compute the same from what a cell declares; this is what they are held against.

    >>> import ltcbook
    >>> cell = ltcbook.LTC(1, 2, seed=0).cell
    >>> unroll(cell, torch.zeros(1, 4, 1), cell.initial_state(1)).shape
    torch.Size([1, 4, 2])
    """
    return torch.stack(steps(cell, u, state, timespans, mask), dim=1)


def _where(keep: Tensor, new: Any, old: Any) -> Any:
    """The new state of the samples to keep, the old one of the others."""
    if isinstance(new, tuple):
        return tuple(_where(keep, *pair) for pair in zip(new, old, strict=True))
    return torch.where(keep.reshape(-1, *[1] * (new.ndim - 1)), new, old)
