"""Input map -> cell over time -> linear readout: B's three layers, and the only time loop.

Chapter: ``ct_rnns``.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from ltcbook.cells import ContinuousTimeCell, RecurrentCell
from ltcbook.checks import finite, positive_int, same_kind, shape_of, tensor_of_shape
from ltcbook.initialisation import Initialiser, dense_layer
from ltcbook.kernels.dispatch import fast_scan, select
from ltcbook.kernels.functions import dense


class CellNetwork(nn.Module):
    """A cell and the linear readout above it: what both kinds of network are made of.

    Raises:
        ValueError: for an output size below one.
    """

    def __init__(self, cell: RecurrentCell, output_size: int, draw: Initialiser) -> None:
        super().__init__()
        self.cell = cell
        self.backend = "auto"
        self.input_size, self.hidden_size = cell.input_size, cell.hidden_size
        self.output_size = positive_int("output_size", output_size)
        self.readout = dense_layer(cell.output_size, output_size, draw)


class RecurrentNetwork(CellNetwork):
    """A recurrent cell run over time, with a linear readout; behaves as ``torch.nn.RNN`` does.

    Args:
        cell: any :class:`~ltcbook.cells.RecurrentCell`.
        output_size: o, entries of y(t).
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
    >>> bool((torch.cat([first, rest], dim=1) == whole).all())
    True

    Source: B, "Sequential model structure". Chapter: ``ct_rnns``.
    """

    def forward(
        self,
        u: Tensor | PackedSequence,
        state: Tensor | None = None,
        timespans: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> tuple[Tensor | PackedSequence, Tensor]:
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
            gives, exactly.

        Raises:
            ValueError: for a wrong shape, dtype or device, an empty batch or sequence, input that
                is not finite, a span that is not above zero, spans for a model without a clock.
        """
        if isinstance(u, PackedSequence):
            return self._forward_packed(u, state, timespans, mask)
        if isinstance(u, Tensor) and u.ndim == 2:
            return self._forward_single(u, state, timespans, mask)
        u, mask = self._check_input(u, mask)
        if timespans is not None:
            timespans = self._check_timespans(timespans, u, mask)
        if state is not None:
            axes = "(batch, " + ", ".join(["n", "M"][: len(self.cell.state_shape)]) + ")"
            state = tensor_of_shape("state", state, (u.shape[0], *self.cell.state_shape), axes)
            finite("state", same_kind("state", state, self.readout.weight))
        return self.run(u, state, timespans, mask)

    def run(
        self,
        u: Tensor,
        state: Tensor | None = None,
        timespans: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """:meth:`forward` without its checks, for batches that have passed them already.

        Nothing here looks at a value, so ``torch.vmap`` can run it.
        """
        state = self.cell.initial_state(u.shape[0]) if state is None else state
        backend = select(self.backend, self.cell, state)
        states = scan(self.cell, u, state, timespans, mask, backend)
        return self._read(states, backend), states[:, -1]

    def _read(self, states: Tensor, backend: str) -> Tensor:
        """The readout of all states; in eager step by step, as ``dense`` says."""
        if backend != "eager":
            seen = self.cell.output(states)
            return dense(backend, self.readout.weight, self.readout.bias, seen)
        outputs = [self.readout(self.cell.output(state)) for state in _steps(states)]
        return torch.stack(outputs, dim=1)

    def _forward_single(
        self, u: Tensor, state: Tensor | None, timespans: Tensor | None, mask: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        batched = [None if t is None else t.unsqueeze(0) for t in (state, timespans, mask)]
        outputs, last = self.forward(u.unsqueeze(0), *batched)
        assert isinstance(outputs, Tensor)
        return outputs[0], last[0]

    def _forward_packed(
        self,
        packed: PackedSequence,
        state: Tensor | None,
        timespans: Tensor | None,
        mask: Tensor | None,
    ) -> tuple[PackedSequence, Tensor]:
        if mask is not None:
            raise ValueError("mask must be None for a PackedSequence, whose lengths say the same")
        u, lengths = pad_packed_sequence(packed, batch_first=True)
        steps = torch.arange(u.shape[1])
        mask = (steps < lengths.unsqueeze(1)).to(u.device)  # (B, T)
        outputs, last = self.forward(u, state, timespans, mask)
        in_order = packed.sorted_indices is None
        assert isinstance(outputs, Tensor)
        repacked = pack_padded_sequence(outputs, lengths, batch_first=True, enforce_sorted=in_order)
        return repacked, last

    def _check_input(self, u: object, mask: Tensor | None) -> tuple[Tensor, Tensor | None]:
        if not isinstance(u, Tensor) or u.ndim != 3 or u.shape[-1] != self.input_size:
            raise ValueError(
                f"u must have shape (batch, time, input) with input = {self.input_size}, "
                f"got {shape_of(u)}"
            )
        if u.shape[0] == 0 or u.shape[1] == 0:
            raise ValueError(
                f"u must have at least one sequence and one time step, got {shape_of(u)}"
            )
        same_kind("u", u, self.readout.weight)
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


def scan(
    cell: RecurrentCell,
    u: Tensor,
    state: Tensor,
    timespans: Tensor | None = None,
    mask: Tensor | None = None,
    backend: str = "eager",
) -> Tensor:
    """The time loop: the state after every time step, (batch, time, \\*state_shape).

    Args:
        cell: whose step to run.
        u: inputs (batch, time, input); with no entries, (batch, time, 0), for autonomous cells.
        state: (batch, \\*state_shape).
        timespans: (batch, time); one per step by default.
        mask: (batch, time); the state stays where it is False.
        backend: who computes it; the loop below is ``"eager"``, the reference.
    """
    chosen = select(backend, cell, state)
    if chosen != "eager":
        return fast_scan(chosen, cell, u, state, timespans, mask)
    step = cell.bind()
    states = []
    for t, u_t in enumerate(_steps(u)):
        span = 1.0 if timespans is None else timespans[:, t].unsqueeze(-1)  # (B, 1)
        new = step(state, cell.sense(u_t), span)
        if mask is not None:
            keep = mask[:, t].reshape(-1, *[1] * (state.ndim - 1))
            new = torch.where(keep, new, state)
        state = new
        states.append(state)
    return torch.stack(states, dim=1)


def _steps(sequence: Tensor) -> Iterator[Tensor]:
    """One time step after the other, (batch, ...), each in memory of its own.

    How a matrix product rounds depends on strides and alignment; copies make a sequence in two
    halves give the bits that the whole gives.
    """
    return (step.clone(memory_format=torch.contiguous_format) for step in sequence.unbind(1))


class AutonomousNetwork(CellNetwork):
    """A model without input current: the input is the initial state, then it runs by itself.

    Args:
        cell: an autonomous :class:`~ltcbook.cells.ContinuousTimeCell`.
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
        if start.shape[0] == 0:
            raise ValueError(f"{name} must have at least one row, got {shape_of(start)}")
        finite(name, same_kind(name, start, self.readout.weight))
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
        states = scan(self.cell, no_input, x, timespans, backend=self.backend)
        return self.readout(states), states[:, -1]


def _check_spans(timespans: Tensor, like: Tensor) -> Tensor:
    """Spans are finite and above zero: time goes forward."""
    finite("timespans", same_kind("timespans", timespans, like))
    if not torch.compiler.is_compiling() and bool((timespans <= 0).any()):
        place = tuple((timespans <= 0).nonzero()[0].tolist())
        raise ValueError(
            "timespans must be above 0 (they are durations, not time stamps), "
            f"got {timespans[place].item()} at index {place}"
        )
    return timespans
