"""Input map -> cell over time -> linear readout: B's three layers, and the only time loop.

Chapter: ``ct_rnns``.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence
from torch.utils._pytree import tree_map_only

from ltcbook.checks import can_look_at, finite, positive_int, same_kind, shape_of, tensor_of_shape
from ltcbook.nn.cell import RecurrentCell, State
from ltcbook.nn.cells import ContinuousTimeCell
from ltcbook.nn.controller import Controller, make_controller
from ltcbook.nn.initialisation import Initialiser
from ltcbook.nn.readout import make_readout
from ltcbook.nn.stability import warn_if_not_finite

__all__ = ["AutonomousNetwork", "RecurrentNetwork"]


class CellNetwork(nn.Module):
    """A cell and the readout above it: what both kinds of network are made of.

    Raises:
        ValueError: for an output size below one, or another one than a wiring's motor neurons.
    """

    def __init__(self, cell: RecurrentCell, output_size: int | None, draw: Initialiser) -> None:
        super().__init__()
        self.cell = cell
        self.backend = "auto"
        self.input_size, self.hidden_size = cell.input_size, cell.hidden_size
        self.readout: Any = make_readout(cell, output_size, draw)
        self.output_size = cell.output_size if output_size is None else output_size

    @property
    def weight(self) -> Tensor:
        """A parameter that tells the model's device and precision."""
        return next(self.cell.parameters())


class RecurrentNetwork(CellNetwork):
    """A recurrent cell run over time, with a linear readout; behaves as ``torch.nn.RNN`` does.

    Args:
        cell: any :class:`~ltcbook.nn.cell.RecurrentCell`.
        output_size: o, entries of y(t); None gives what the readout would see, the hidden states.
        draw: where the readout starts.

    Attributes:
        backend: who computes the time loop, see :func:`ltcbook.kernels.select`; ``"auto"``, to be
            set to ``"eager"``, ``"numba"`` or ``"triton"``.

    >>> import ltcbook, torch
    >>> model = ltcbook.build("NA-CT-RNN-T", 2, 5, 1, seed=0)
    >>> u = torch.ones(3, 10, 2)
    >>> whole, _ = model(u)
    >>> first, state = model(u[:, :4])
    >>> rest, _ = model(u[:, 4:], state)
    >>> torch.testing.assert_close(torch.cat([first, rest], dim=1), whole)

    Source: B, "Sequential model structure". Chapter: ``ct_rnns``.
    """

    def forward(
        self,
        u: Tensor | PackedSequence,
        state: State | None = None,
        timespans: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> tuple[Any, Any]:
        """Run over a batch of sequences.

        Args:
            u: inputs, (batch, time, input), or (time, input) for a single sequence, or a
                ``PackedSequence`` of sequences of different lengths.
            state: where to go on, (batch, \\*state_shape), as a former call returned it; by default
                the cell's initial state.
            timespans: (batch, time), how long each step lasts, above zero; by default one.
            mask: (batch, time) of bool; where it is False the step is skipped: the state stays,
                the input is not looked at, the output is the readout of the old state.

        Returns:
            The outputs, (batch, time, output) or packed as the input was, and the last state.
            A sequence in two halves, the second with the first's state, gives what the whole
            gives, to rounding.

        Raises:
            ValueError: for a wrong shape, dtype or device, an empty sequence, input that is not
                finite, a span that is not above zero, spans for a model without a clock. Values
                are looked at on the CPU only: on a GPU each look would wait for it.
        """
        if isinstance(u, PackedSequence):
            return self._forward_packed(u, state, timespans, mask)
        if isinstance(u, Tensor) and u.ndim == 2:
            return self._forward_single(u, state, timespans, mask)
        u, mask = self._check_input(u, mask)
        if timespans is not None:
            timespans = self._check_timespans(timespans, u, mask)
        state = self._check_state(state, u.shape[0])
        seen, last = self.cell.run(u, state, timespans, mask, self.backend)
        warn_if_not_finite(self.cell, seen, u, timespans)
        return self.readout(seen), last

    @property
    def continuous_cell(self) -> ContinuousTimeCell:
        """The cell of a CT-RNN or LTC.

        Raises:
            ValueError: for a network of another kind.
        """
        if not isinstance(self.cell, ContinuousTimeCell):
            raise ValueError(
                "model must be a CT-RNN or LTC with a type descriptor, "
                f"got one with a {type(self.cell).__name__}"
            )
        return self.cell

    def controller(self) -> Controller:
        """This network for a control loop: one observation in, one action out, the state kept.

        The parameters are those of now; neither tensors nor autograd are in the way.

        >>> import ltcbook, numpy
        >>> control = ltcbook.build("SA-LTC", 3, 8, 2, seed=0).controller()
        >>> control(numpy.zeros(3)).shape
        (2,)
        >>> control.reset()
        """
        return make_controller(self)

    def _check_state(self, state: State | None, batch: int) -> Any:
        if state is None:
            return self.cell.initial_state(batch)
        names, shape = self.cell.state_names, (batch, *self.cell.state_shape)
        parts = (state,) if len(names) == 1 else state
        if not isinstance(parts, tuple) or len(parts) != len(names):
            raise ValueError(f"state must be a tuple ({', '.join(names)}), got {shape_of(state)}")
        axes = "(batch, " + ", ".join(["n", "M"][: len(shape) - 1]) + ")"
        for name, part in zip(names, parts, strict=True):
            finite(name, same_kind(name, tensor_of_shape(name, part, shape, axes), self.weight))
        return state

    def _forward_single(
        self,
        u: Tensor,
        state: State | None,
        timespans: Tensor | None,
        mask: Tensor | None,
    ) -> tuple[Tensor, Any]:
        batched = tree_map_only(Tensor, lambda part: part.unsqueeze(0), (state, timespans, mask))
        outputs, last = self.forward(u.unsqueeze(0), *batched)
        return outputs[0], tree_map_only(Tensor, lambda part: part[0], last)

    def _forward_packed(
        self,
        packed: PackedSequence,
        state: State | None,
        timespans: Tensor | None,
        mask: Tensor | None,
    ) -> tuple[PackedSequence, Any]:
        if mask is not None:
            raise ValueError("mask must be None for a PackedSequence, whose lengths say the same")
        u, lengths = pad_packed_sequence(packed, batch_first=True)
        steps = torch.arange(u.shape[1], device=lengths.device)
        mask = (steps < lengths.unsqueeze(1)).to(u.device)  # (B, T)
        outputs, last = self.forward(u, state, timespans, mask)
        in_order = packed.sorted_indices is None
        repacked = pack_padded_sequence(outputs, lengths, batch_first=True, enforce_sorted=in_order)
        return repacked, last

    def _check_input(self, u: object, mask: Tensor | None) -> tuple[Tensor, Tensor | None]:
        if not isinstance(u, Tensor) or u.ndim != 3 or u.shape[-1] != self.input_size:
            raise ValueError(
                f"u must have shape (batch, time, input) with input = {self.input_size}, "
                f"got {shape_of(u)}"
            )
        if u.shape[1] == 0:
            raise ValueError(f"u must have at least one time step, got {shape_of(u)}")
        same_kind("u", u, self.weight)
        if mask is not None:
            tensor_of_shape("mask", mask, tuple(u.shape[:2]), "(batch, time)")
            if mask.dtype != torch.bool:
                raise ValueError(f"mask must be of dtype torch.bool, got {mask.dtype}")
            u = torch.where(mask.unsqueeze(-1), u, torch.zeros_like(u))
        return finite("u", u), mask

    def _check_timespans(self, timespans: Tensor, u: Tensor, mask: Tensor | None) -> Tensor:
        if not self.cell.continuous:
            raise ValueError(
                f"timespans must be None for {type(self.cell).__name__}, which has no clock; "
                "give it the time step as one more input"
            )
        tensor_of_shape("timespans", timespans, tuple(u.shape[:2]), "(batch, time)")
        if mask is not None:
            timespans = torch.where(mask, timespans, torch.ones_like(timespans))
        return _check_spans(timespans, u)


class AutonomousNetwork(CellNetwork):
    """A model without input current: the input is the initial state, then it runs by itself.

    Args:
        cell: an autonomous :class:`~ltcbook.nn.cells.ContinuousTimeCell`.
        output_size: o.
        draw: where the readout starts.

    Attributes:
        backend: as of :class:`RecurrentNetwork`.

    >>> import ltcbook, torch
    >>> model = ltcbook.build("SA-ALTC", 2, 6, 2, seed=0)
    >>> y, state = model(torch.zeros(1, 2), steps=50)
    >>> y.shape
    torch.Size([1, 50, 2])

    Source: B.7, B.8, B.13, B.14; A.8, A.9. Chapters: ``ct_rnns``, ``motifs``.
    """

    cell: ContinuousTimeCell

    def forward(
        self,
        u: Tensor | None,
        state: Tensor | None = None,
        *,
        steps: int = 1,
        timespans: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Run from the initial state that ``u`` gives, or on from ``state``.

        Args:
            u: (batch, input), embedded as the state's first entries; None when going on.
            state: (batch, n); None when starting.
            steps: how many time steps of length one.
            timespans: (batch, time), instead of ``steps``: how long each step lasts.

        Returns:
            Outputs (batch, time, output) and the last state (batch, n).

        Raises:
            ValueError: unless exactly one of ``u`` and ``state`` is given, or for a wrong shape,
                dtype or device, values that are not finite, spans that are not above zero.
        """
        if (u is None) == (state is None):
            raise ValueError("exactly one of u (to start) and state (to go on) must be given")
        start, name, width = (
            (u, "u", self.input_size) if state is None else (state, "state", self.hidden_size)
        )
        if not isinstance(start, Tensor) or start.ndim != 2 or start.shape[1] != width:
            raise ValueError(f"{name} must have shape (batch, {width}), got {shape_of(start)}")
        finite(name, same_kind(name, start, self.weight))
        x = self.cell.embed(start) if state is None else start
        if timespans is None:
            timespans = x.new_ones((1, positive_int("steps", steps))).expand(x.shape[0], -1)
        elif timespans.ndim != 2 or timespans.shape[0] != x.shape[0] or timespans.shape[1] == 0:
            raise ValueError(
                f"timespans must have shape (batch, time) with batch = {x.shape[0]} and time of "
                f"at least 1, got {shape_of(timespans)}"
            )
        _check_spans(timespans, x)
        no_input = x.new_empty((*timespans.shape, 0))
        states, last = self.cell.run(no_input, x, timespans, backend=self.backend)
        return self.readout(states), last


def _check_spans(timespans: Tensor, like: Tensor) -> Tensor:
    """Spans are finite and above zero: time goes forward."""
    finite("timespans", same_kind("timespans", timespans, like))
    if can_look_at(timespans) and bool((timespans <= 0).any()):
        place = tuple((timespans <= 0).nonzero()[0].tolist())
        raise ValueError(
            "timespans must be above 0 (they are durations, not time stamps), "
            f"got {timespans[place].item()} at index {place}"
        )
    return timespans
