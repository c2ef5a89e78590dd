"""The two baselines of B's experiments, behind the same protocol: LSTM and CT-GRU.

Chapter: ``walker_kinematics``.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ltcbook.checks import positive_int
from ltcbook.nn.cell import RecurrentCell, Sensed, Step
from ltcbook.nn.initialisation import Initialiser


class LSTMCell(RecurrentCell):
    """Long short-term memory, with PyTorch's parameters (two biases), computed by PyTorch.

    The state is (h, c), each (batch, n). It has no clock, so it takes no ``timespans``.

    >>> cell = LSTMCell(2, 3, Initialiser(seed=0))
    >>> seen, (h, c) = cell.run(torch.zeros(4, 5, 2), cell.initial_state(4))
    >>> seen.shape, h.shape, c.shape
    (torch.Size([4, 5, 3]), torch.Size([4, 3]), torch.Size([4, 3]))

    Source: the baseline of B's experiments. Chapter: ``walker_kinematics``.
    """

    continuous = False
    state_names = ("h", "c")

    def __init__(self, input_size: int, hidden_size: int, draw: Initialiser) -> None:
        super().__init__(input_size, hidden_size)
        n = hidden_size
        self.weight_ih = nn.Parameter(draw.uniform((-(n**-0.5), n**-0.5), (4 * n, input_size)))
        self.weight_hh = nn.Parameter(draw.dense(4 * n, n))
        self.bias_ih = nn.Parameter(draw.bias(4 * n, n))
        self.bias_hh = nn.Parameter(draw.bias(4 * n, n))

    def sense(self, u: Tensor) -> Sensed:
        return (functional.linear(u, self.weight_ih, self.bias_ih + self.bias_hh),)

    def bind(self) -> Step:
        def step(
            state: tuple[Tensor, Tensor], sensed: Sensed, _: Tensor | float
        ) -> tuple[Tensor, Tensor]:
            h, c = state
            gates = sensed[0] + h @ self.weight_hh.mT
            i, f, g, o = gates.chunk(4, dim=-1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            return torch.sigmoid(o) * torch.tanh(c), c

        return step

    def output(self, state: tuple[Tensor, Tensor]) -> Tensor:
        return state[0]

    def run(
        self,
        u: Tensor,
        state: Any,
        timespans: Tensor | None = None,
        mask: Tensor | None = None,
        backend: str = "auto",
    ) -> tuple[Tensor, Any]:
        transformed = torch._C._functorch.maybe_current_level() is not None
        own = not self.decides("run", "sense", "bind", "output")  # a subclass with another step
        if own or mask is not None or backend != "auto" or transformed:  # no rule for these
            return super().run(u, state, timespans, mask, backend)
        weights: list[Tensor] = [self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh]
        first = tuple(part.unsqueeze(0) for part in state)  # one layer
        bidirectional, batch_first = False, True
        seen, h, c = torch.lstm(
            u, first, weights, True, 1, 0.0, self.training, bidirectional, batch_first
        )
        return seen, (h.squeeze(0), c.squeeze(0))


class CTGRUCell(RecurrentCell):
    """The continuous-time GRU: n cells that each remember at M = 8 time scales at once.

    Scales τ_i = 10^(i/2), i = 0 .. 7. A gate emits one logarithmic scale per trace and picks
    among the fixed ones by softmax(−(ln τ̂ − ln τ)²); traces decay by exp(−Δt/τ_i), not by
    exp(−Δt/ln τ_i) as in a widely copied implementation. In the softmax (ln τ̂)² cancels, so what
    is left, 2 ln τ̂ ln τ − (ln τ)², is linear in the gate, and is computed so.

    The state (batch, n, M) holds the traces.

    >>> cell = CTGRUCell(2, 3, Initialiser(seed=0))
    >>> seen, traces = cell.run(torch.zeros(4, 5, 2), cell.initial_state(4))
    >>> seen.shape, traces.shape
    (torch.Size([4, 5, 3]), torch.Size([4, 3, 8]))
    >>> cell.log_tau.exp()[:4]
    tensor([ 1.0000,  3.1623, 10.0000, 31.6228])

    Source: Mozer, Kazakov and Lindsey 2017, in the variant with n × M log-scales that Table 1's
    counts demand. Chapter: ``walker_kinematics``.
    """

    log_tau: Tensor

    def __init__(
        self, input_size: int, hidden_size: int, draw: Initialiser, *, scales: int = 8
    ) -> None:
        super().__init__(input_size, hidden_size)
        n, fan_in = hidden_size, input_size + hidden_size
        self.scales = positive_int("scales", scales)
        self.state_shape = (n, scales)
        log_tau = torch.stack([draw.constant(0.5 * i * math.log(10.0), ()) for i in range(scales)])
        self.register_buffer("log_tau", log_tau)
        self.w_r = nn.Parameter(draw.dense(n * scales, fan_in))
        self.b_r = nn.Parameter(draw.bias(n * scales, fan_in))
        self.w_q = nn.Parameter(draw.dense(n, fan_in))
        self.b_q = nn.Parameter(draw.bias(n, fan_in))
        self.w_s = nn.Parameter(draw.dense(n * scales, fan_in))
        self.b_s = nn.Parameter(draw.bias(n * scales, fan_in))

    def _gates(self) -> tuple[Tensor, Tensor]:
        """Of both gates, weights (2·M·n, m + n), bias of their logits 2 ln τ̂ ln τ − (ln τ)².

        One product and one softmax serve both. The rows of a gate are ordered by scale first: a
        softmax over scales is then over whole rows of neurons, which is an order of magnitude
        faster than over eight neighbours in memory.
        """
        scale = 2 * self.log_tau.unsqueeze(1)  # (M, 1)
        penalty = (self.log_tau**2).unsqueeze(1)
        weights = [self._by_scale(w) * scale.unsqueeze(2) for w in (self.w_r, self.w_s)]
        biases = [self._by_scale(b) * scale - penalty for b in (self.b_r, self.b_s)]
        return torch.cat(weights).flatten(0, 1), torch.cat(biases).flatten()

    def _by_scale(self, parameter: Tensor) -> Tensor:
        """(n·M, ...) as (M, n, ...)."""
        return parameter.reshape(self.hidden_size, self.scales, *parameter.shape[1:]).transpose(
            0, 1
        )

    def sense(self, u: Tensor) -> Sensed:
        return (u,)  # a product for all time steps would be 2M times as large as the inputs

    def bind(self) -> Step:
        weight, bias = self._gates()
        gates = (-1, 2, self.scales, self.hidden_size)
        rate = (-self.log_tau).exp().unsqueeze(1)  # (M, 1)
        after = cache(lambda span: torch.exp(-span * rate))

        def step(state: Tensor, sensed: Sensed, span: Tensor | float) -> Tensor:
            (u,), traces = sensed, state.mT  # (B, m), (B, M, n)
            given = torch.cat([u, traces.sum(1)], dim=1)
            logits = functional.linear(given, weight, bias).reshape(gates)
            r, s = torch.softmax(logits, dim=2).unbind(1)  # (B, M, n)
            recalled = (r * traces).sum(1)  # (B, n)
            q = functional.linear(torch.cat([u, recalled], dim=1), self.w_q, self.b_q)
            q, s = torch.tanh(q).unsqueeze(1).to(state.dtype), s.to(state.dtype)  # for autocast
            elapsed = span.unsqueeze(-1) if isinstance(span, Tensor) else span
            kept = torch.exp(-elapsed * rate) if isinstance(span, Tensor) else after(span)
            return (torch.addcmul(traces, s, q - traces) * kept).mT

        return step

    def output(self, state: Tensor) -> Tensor:
        return state.sum(-1)
