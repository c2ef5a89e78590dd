"""The two baselines of B's experiments, behind the same protocol: LSTM and CT-GRU.

Chapter: ``walker_kinematics``.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from ltcbook.cells import RecurrentCell, Sensed, Step
from ltcbook.checks import positive_int
from ltcbook.initialisation import Initialiser


class LSTMCell(RecurrentCell):
    """Long short-term memory, with PyTorch's parameters (two biases) and PyTorch's numbers.

    The state (batch, 2, n) holds h and c. It has no clock, so it takes no ``timespans``.

    Source: the baseline of B's experiments. Chapter: ``walker_kinematics``.
    """

    continuous = False

    def __init__(self, input_size: int, hidden_size: int, draw: Initialiser) -> None:
        super().__init__(input_size, hidden_size)
        n = hidden_size
        self.state_shape = (2, n)
        self.weight_ih = nn.Parameter(draw.uniform((-(n**-0.5), n**-0.5), (4 * n, input_size)))
        self.weight_hh = nn.Parameter(draw.dense(4 * n, n))
        self.bias_ih = nn.Parameter(draw.bias(4 * n, n))
        self.bias_hh = nn.Parameter(draw.bias(4 * n, n))

    def sense(self, u: Tensor) -> Sensed:
        return (u @ self.weight_ih.mT + self.bias_ih + self.bias_hh,)

    def bind(self) -> Step:
        def step(state: Tensor, sensed: Sensed, _: Tensor | float) -> Tensor:
            h, c = state.unbind(1)
            gates = sensed[0] + h @ self.weight_hh.mT
            i, f, g, o = gates.chunk(4, dim=-1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            return torch.stack([h, c], dim=1)

        return step

    def output(self, state: Tensor) -> Tensor:
        return state[..., 0, :]


class CTGRUCell(RecurrentCell):
    """The continuous-time GRU: n cells that each remember at M = 8 time scales at once.

    Scales τ_i = 10^(i/2), i = 0 .. 7. A gate emits one logarithmic scale per trace and picks
    among the fixed ones by softmax(−(ln τ̂ − ln τ)²); traces decay by exp(−Δt/τ_i), not by
    exp(−Δt/ln τ_i) as in a widely copied implementation.

    The state (batch, n, M) holds the traces.

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

    def sense(self, u: Tensor) -> Sensed:
        return (u,)

    def bind(self) -> Step:
        tau = self.log_tau.exp()

        def scale_weights(log_tau_hat: Tensor) -> Tensor:
            log_tau_hat = log_tau_hat.reshape(-1, self.hidden_size, self.scales)
            return torch.softmax(-((log_tau_hat - self.log_tau) ** 2), dim=-1)  # (B, n, M)

        def step(state: Tensor, sensed: Sensed, span: Tensor | float) -> Tensor:
            (u,) = sensed
            z = torch.cat([u, state.sum(-1)], dim=-1)  # (B, m + n)
            r = scale_weights(z @ self.w_r.mT + self.b_r)
            recalled = (r * state).sum(-1)  # (B, n)
            q = torch.tanh(torch.cat([u, recalled], dim=-1) @ self.w_q.mT + self.b_q)
            s = scale_weights(z @ self.w_s.mT + self.b_s)
            elapsed = span.unsqueeze(-1) if isinstance(span, Tensor) else span
            return ((1 - s) * state + s * q.unsqueeze(-1)) * torch.exp(-elapsed / tau)

        return step

    def output(self, state: Tensor) -> Tensor:
        return state.sum(-1)
