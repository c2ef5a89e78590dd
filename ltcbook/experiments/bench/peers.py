"""The same model as others would compute it: naive PyTorch, torchdiffeq, ncps and JAX.

The last three are optional; who is not installed does not take part.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from ltcbook.nn.sequence import RecurrentNetwork
from ltcbook.nn.synapses import Synapses

__all__ = ["naive"]

Call = Callable[[Tensor], Tensor]
"""Inputs (batch, time, input) -> outputs (batch, time, output)."""


def naive(network: RecurrentNetwork) -> Call:
    """The equations as they are printed, synapse by synapse; the parameters are looked up once.

    >>> import ltcbook
    >>> network, u = ltcbook.LTC(2, 3, 1, seed=0), torch.zeros(1, 4, 2)
    >>> torch.testing.assert_close(naive(network)(u), network(u)[0])

    Source: B.15, B.17 in the form Σ wσ(e − x), explicit Euler.
    """
    cell = network.continuous_cell
    neural = not cell.descriptor.synaptic

    def bound(synapses: Synapses) -> tuple[Any, ...]:
        w, b, a, e = synapses.weights()
        return w, b, a, e.unsqueeze(1) if neural and e is not None else e

    def current(weights: tuple[Any, ...], pre: Tensor, x: Tensor) -> Tensor:
        w, b, a, e = weights
        y = w * torch.sigmoid(a * (pre.unsqueeze(1) + b))  # (B, post, pre)
        total: Tensor = (y if e is None else y * (e - x.unsqueeze(2))).sum(2)
        return total

    def call(u: Tensor) -> Tensor:
        x, outputs = cell.initial_state(u.shape[0]), []
        recurrent, sensory = bound(cell.recurrent), bound(cell.sensory)
        for u_t in u.unbind(1):
            for _ in range(cell.unfolds):
                leak = cell.w_l * (cell.rest - x)
                total = leak + current(recurrent, x, x) + current(sensory, u_t, x)
                x = x + total / cell.C / cell.unfolds
            outputs.append(network.readout(x))
        return torch.stack(outputs, dim=1)

    return call


def with_compile(network: RecurrentNetwork) -> Call:
    """The eager dynamics, all unfolds of a time step in one function of PyTorch's compiler."""
    cell = network.continuous_cell

    def unfolds(x: Tensor, sensed: Any, weights: Any, w_l: Tensor) -> Tensor:
        for _ in range(cell.unfolds):
            x = x + cell.linear_form(x, sensed, weights, w_l, cell.C).derivative(x) / cell.unfolds
        return x

    compiled = torch.compile(unfolds, dynamic=False)

    def call(u: Tensor) -> Tensor:
        x, outputs = cell.initial_state(u.shape[0]), []
        weights, w_l = cell.recurrent.weights(), cell.value("w_l")
        for u_t in u.unbind(1):
            x = compiled(x, cell.sense(u_t), weights, w_l)
            outputs.append(network.readout(x))
        return torch.stack(outputs, dim=1)

    return call


def with_torchdiffeq(network: RecurrentNetwork) -> Call:
    """The eager dynamics in torchdiffeq's fixed-step Euler solver."""
    from torchdiffeq import odeint

    cell = network.continuous_cell
    clock = torch.linspace(0.0, 1.0, cell.unfolds + 1, device=network.readout.weight.device)

    def call(u: Tensor) -> Tensor:
        x, outputs = cell.initial_state(u.shape[0]), []
        for u_t in u.unbind(1):
            sensed = cell.sense(u_t)

            def right_hand_side(_: Tensor, x: Tensor, sensed: Any = sensed) -> Tensor:
                return cell.linear_form(x, sensed).derivative(x)

            x = odeint(right_hand_side, x, clock, method="euler")[-1]
            outputs.append(network.readout(x))
        return torch.stack(outputs, dim=1)

    return call


def with_ncps(network: RecurrentNetwork) -> tuple[nn.Module, Call]:
    """A fully connected LTC of ncps of the same size, with as many unfolds; its own equations."""
    from ncps.torch import LTC  # type: ignore[import-untyped]
    from ncps.wirings import FullyConnected  # type: ignore[import-untyped]

    cell = network.continuous_cell
    wiring = FullyConnected(cell.hidden_size, network.output_size)
    ltc = LTC(cell.input_size, wiring, ode_unfolds=cell.unfolds)
    return ltc, lambda u: ltc(u)[0]


class JaxModel(NamedTuple):
    """The same equations for XLA: parameters, and a compiled function of them and of the input."""

    parameters: dict[str, Any]
    outputs: Callable[[dict[str, Any], Any], Any]


def with_jax(network: RecurrentNetwork) -> JaxModel:
    """All in one compiled loop, with two ideas of our kernels; no ``unroll``, XLA's own sigmoid.

    The batch is the last axis, which becomes the vector lanes; and ``jax.checkpoint`` computes the
    activations of a solver step again on the way back, instead of keeping them all.
    """
    import jax
    from jax import numpy as jnp

    cell = network.continuous_cell
    neural, unfolds = not cell.descriptor.synaptic, cell.unfolds

    def array(tensor: Tensor | None) -> Any:
        return None if tensor is None else jnp.asarray(tensor.detach().numpy())[..., None]

    def layer(synapses: Synapses) -> dict[str, Any]:
        return {k: array(v) for k, v in synapses.weights()._asdict().items()}

    def currents(weights: dict[str, Any], pre: Any) -> tuple[Any, Any]:
        """Drive and decay, (post, batch)."""
        w, b, a, e = (weights[k] for k in "wbae")
        if neural:
            total = w[..., 0] @ jax.nn.sigmoid(a * (pre + b))
            return (total, 0.0) if e is None else (total * e, total)
        y = w * jax.nn.sigmoid(a * (pre + b))  # (post, pre, batch)
        return (y.sum(1), 0.0) if e is None else ((y * e).sum(1), y.sum(1))

    def outputs(p: dict[str, Any], u: Any) -> Any:
        @jax.checkpoint  # type: ignore[untyped-decorator]
        def unfold(x: Any, sensed: tuple[Any, Any]) -> Any:
            drive, decay = currents(p["recurrent"], x)
            slope = drive + sensed[0] + p["w_l"] * (p["rest"] - x) - (decay + sensed[1]) * x
            return x + slope / p["C"] / unfolds

        def step(x: Any, u_t: Any) -> tuple[Any, Any]:
            sensed = currents(p["sensory"], u_t)
            x, _ = jax.lax.scan(lambda x, _: (unfold(x, sensed), None), x, length=unfolds)
            return x, p["readout"] @ x + p["bias"]

        start = jnp.zeros((p["readout"].shape[1], u.shape[0]), u.dtype)
        return jax.lax.scan(step, start, u.transpose(1, 2, 0))[1].transpose(2, 0, 1)

    parameters = {
        "recurrent": layer(cell.recurrent),
        "sensory": layer(cell.sensory),
        **{name: array(getattr(cell, name)) for name in ("w_l", "rest", "C")},
        "readout": array(network.readout.weight)[..., 0],
        "bias": array(network.readout.bias),
    }
    return JaxModel(parameters, jax.jit(outputs))


def jax_jobs(model: JaxModel, u: Tensor) -> tuple[Callable[[], object], Callable[[], object]]:
    """One forward pass, and one with the gradients of all parameters."""
    import jax

    inputs = jax.numpy.asarray(u.numpy())
    gradient = jax.jit(jax.grad(lambda p: (model.outputs(p, inputs) ** 2).mean()))
    return (
        lambda: jax.block_until_ready(model.outputs(model.parameters, inputs)),
        lambda: jax.block_until_ready(gradient(model.parameters)),
    )


def installed(name: str) -> bool:
    """Whether a peer can take part."""
    return importlib.util.find_spec(name) is not None


def versions() -> dict[str, str]:
    """The compilers and peers that take part."""
    names = ("numba", "triton", "torchdiffeq", "ncps", "jax")
    return {name: version(name) for name in names if installed(name)}
