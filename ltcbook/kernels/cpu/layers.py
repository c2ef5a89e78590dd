"""What one layer of synapses computes on the CPU, and its adjoint, in four kinds.

The innermost loop runs over samples that lie next to each other in memory and becomes vector
instructions. Each pair of functions is a layer's currents and their adjoint; ``None`` for
``decay_weight`` compiles the version without gate. With s̅ = p drive̅ + q decay̅ and z̅ = s̅ (1 − s²)
the adjoint gives slope · z̅ to the potential. Activations are computed again: one tanh costs less
than fetching it.

An adjoint gets drive̅ and decay̅ of several solver steps, (post, step, lane), and takes step k. A
layer with an activation for each neuron has few activations and many weights. There the adjoint
only keeps what is of that shape, for ``add_row_products`` to make the weights' gradients of it, for
all these steps at once: long sums, which do not need an order in time.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba.extending import overload

from ltcbook.kernels.cpu.compiling import FAST, Array, inlined
from ltcbook.kernels.cpu.products import add_product
from ltcbook.kernels.cpu.rational import DENOMINATOR, NUMERATOR, SATURATION

_LIMIT = np.float32(SATURATION)
_P0, _P1, _P2, _P3, _P4 = map(np.float32, NUMERATOR)
_Q0, _Q1, _Q2, _Q3, _Q4 = map(np.float32, DENOMINATOR)


def _rational_tanh(z: Any) -> Any:
    z = _LIMIT if z > _LIMIT else z  # in this order NaN stays NaN
    z = -_LIMIT if z < -_LIMIT else z
    t = z * z
    p = _P0 + t * (_P1 + t * (_P2 + t * (_P3 + t * _P4)))
    q = _Q0 + t * (_Q1 + t * (_Q2 + t * (_Q3 + t * _Q4)))
    return z * p / q


def _exact_tanh(z: Any) -> Any:
    return math.tanh(z)


def tanh(z: Any) -> Any:
    """The rational tanh in float32, the library's in float64."""
    return math.tanh(z)


@overload(tanh, jit_options={"fastmath": FAST, "error_model": "numpy"})
def _compile_tanh(z: Any) -> Callable[[Any], Any]:
    return _rational_tanh if z == numba.float32 else _exact_tanh


@inlined
def synaptic_currents(
    slope: Array,
    offset: Array,
    drive_weight: Array,
    decay_weight: Array | None,
    x: Array,
    drive: Array,
    decay: Array,
) -> None:
    """Add the currents of synapses that have an activation each (B.12, B.13, B.15)."""
    for i in range(slope.shape[0]):
        for j in range(slope.shape[1]):
            a, b, p = slope[i, j], offset[i, j], drive_weight[i, j]
            missing = a == 0 and b == 0 and p == 0
            if decay_weight is not None:
                q = decay_weight[i, j]
                missing = missing and q == 0
            if missing:  # by a mask: tanh(0) = 0, so nothing is left out, not even a gradient
                continue
            for lane in range(x.shape[1]):
                s = tanh(a * x[j, lane] + b)
                drive[i, lane] += p * s
                if decay_weight is not None:
                    decay[i, lane] += q * s


@inlined
def synaptic_adjoint(
    slope: Array,
    offset: Array,
    drive_weight: Array,
    decay_weight: Array | None,
    x: Array,
    drive_bar: Array,
    decay_bar: Array,
    k: int,
    x_bar: Array,
    slope_bar: Array,
    offset_bar: Array,
    p_bar: Array,
    q_bar: Array | None,
) -> None:
    """Adjoint of :func:`synaptic_currents`: one pass, one tanh for each synapse and sample."""
    zero = x.dtype.type(0)
    for i in range(slope.shape[0]):
        for j in range(slope.shape[1]):
            a, b, p = slope[i, j], offset[i, j], drive_weight[i, j]
            missing = a == 0 and b == 0 and p == 0
            if decay_weight is not None:
                q = decay_weight[i, j]
                missing = missing and q == 0
            if missing:  # by a mask: tanh(0) = 0, so nothing is left out, not even a gradient
                continue
            a_sum = b_sum = p_sum = q_sum = zero
            for lane in range(x.shape[1]):
                s = tanh(a * x[j, lane] + b)
                s_bar = p * drive_bar[i, k, lane]
                p_sum += s * drive_bar[i, k, lane]
                if decay_weight is not None:
                    s_bar += q * decay_bar[i, k, lane]
                    q_sum += s * decay_bar[i, k, lane]
                z_bar = s_bar - s_bar * s * s
                a_sum += z_bar * x[j, lane]
                b_sum += z_bar
                x_bar[j, lane] += a * z_bar
            slope_bar[i, j] += a_sum
            offset_bar[i, j] += b_sum
            p_bar[i, j] += p_sum
            if q_bar is not None:
                q_bar[i, j] += q_sum


@inlined
def presynaptic_currents(
    slope: Array,
    offset: Array,
    drive_weight: Array,
    decay_weight: Array | None,
    x: Array,
    drive: Array,
    decay: Array,
) -> None:
    """Add the currents of synapses that share their sender's activation (B.10, B.17)."""
    s = np.empty_like(x)
    for j in range(x.shape[0]):
        for lane in range(x.shape[1]):
            s[j, lane] = tanh(slope[0, j] * x[j, lane] + offset[0, j])
    add_product(drive_weight, s, drive)
    if decay_weight is not None:
        add_product(decay_weight, s, decay)


@inlined
def presynaptic_adjoint(
    slope: Array,
    offset: Array,
    drive_weight: Array,
    decay_weight: Array | None,
    x: Array,
    drive_bar: Array,
    decay_bar: Array,
    k: int,
    senders: Array,
    x_bar: Array,
    slope_bar: Array,
    offset_bar: Array,
) -> None:
    """Adjoint of :func:`presynaptic_currents`; p̅ and q̅ need s, which ``senders`` keeps."""
    zero = x.dtype.type(0)
    s_bar = np.empty_like(x)
    for j in range(x.shape[0]):
        for lane in range(x.shape[1]):
            s_bar[j, lane] = zero
    add_product(drive_weight.T, drive_bar[:, k], s_bar)
    if decay_weight is not None:
        add_product(decay_weight.T, decay_bar[:, k], s_bar)
    for j in range(x.shape[0]):
        a_sum = b_sum = zero
        for lane in range(x.shape[1]):
            s = tanh(slope[0, j] * x[j, lane] + offset[0, j])
            z_bar = s_bar[j, lane] - s_bar[j, lane] * s * s
            senders[j, k, lane] = s
            a_sum += z_bar * x[j, lane]
            b_sum += z_bar
            x_bar[j, lane] += slope[0, j] * z_bar
        slope_bar[0, j] += a_sum
        offset_bar[0, j] += b_sum


@inlined
def postsynaptic_currents(
    slope: Array,
    inside: Array,
    drive_weight: Array,
    decay_weight: Array | None,
    x: Array,
    drive: Array,
    decay: Array,
) -> None:
    """Add the currents of neurons that sum first and activate then (B.9, w-mode None)."""
    z = np.empty_like(inside)
    for i in range(slope.shape[0]):
        for lane in range(x.shape[1]):
            z[i, lane] = inside[i, lane]
    add_product(slope, x, z)
    for i in range(slope.shape[0]):
        for lane in range(x.shape[1]):
            s = tanh(z[i, lane])
            drive[i, lane] += drive_weight[0, i] * s
            if decay_weight is not None:
                decay[i, lane] += decay_weight[0, i] * s


@inlined
def postsynaptic_adjoint(
    slope: Array,
    inside: Array,
    drive_weight: Array,
    decay_weight: Array | None,
    x: Array,
    drive_bar: Array,
    decay_bar: Array,
    k: int,
    senders: Array,
    receivers: Array,
    x_bar: Array,
    inside_bar: Array,
    p_bar: Array,
    q_bar: Array | None,
) -> None:
    """Adjoint of :func:`postsynaptic_currents`; a̅ needs x and z̅, which the rows keep."""
    zero = x.dtype.type(0)
    z = np.empty_like(inside)
    for i in range(slope.shape[0]):
        for lane in range(x.shape[1]):
            z[i, lane] = inside[i, lane]
    add_product(slope, x, z)
    for i in range(slope.shape[0]):
        p_sum = q_sum = zero
        for lane in range(x.shape[1]):
            s = tanh(z[i, lane])
            s_bar = drive_weight[0, i] * drive_bar[i, k, lane]
            p_sum += s * drive_bar[i, k, lane]
            if decay_weight is not None:
                s_bar += decay_weight[0, i] * decay_bar[i, k, lane]
                q_sum += s * decay_bar[i, k, lane]
            z_bar = s_bar - s_bar * s * s
            receivers[i, k, lane] = z_bar
            inside_bar[i, lane] += z_bar
        p_bar[0, i] += p_sum
        if q_bar is not None:
            q_bar[0, i] += q_sum
    add_product(slope.T, receivers[:, k], x_bar)
    for j in range(x.shape[0]):
        for lane in range(x.shape[1]):
            senders[j, k, lane] = x[j, lane]


@inlined
def hidden_currents(
    slope: Array, inside: Array, drive_weight: Array, x: Array, drive: Array
) -> None:
    """Add what a field with a hidden layer gives, p tanh(slope x + inside) (B.6)."""
    s = inside.copy()  # (h, lanes)
    add_product(slope, x, s)
    for i in range(s.shape[0]):
        for lane in range(s.shape[1]):
            s[i, lane] = tanh(s[i, lane])
    add_product(drive_weight, s, drive)


@inlined
def hidden_adjoint(
    slope: Array,
    inside: Array,
    drive_weight: Array,
    x: Array,
    drive_bar: Array,
    k: int,
    senders: Array,
    receivers: Array,
    activations: Array,
    x_bar: Array,
    inside_bar: Array,
) -> None:
    """Adjoint of :func:`hidden_currents`; keeps s, z̅ and x for the weights' gradients."""
    z = inside.copy()
    add_product(slope, x, z)
    s_bar = np.zeros_like(z)
    add_product(drive_weight.T, drive_bar[:, k], s_bar)
    for i in range(z.shape[0]):
        for lane in range(z.shape[1]):
            s = tanh(z[i, lane])
            z_bar = s_bar[i, lane] - s_bar[i, lane] * s * s
            activations[i, k, lane] = s
            receivers[i, k, lane] = z_bar
            inside_bar[i, lane] += z_bar
    add_product(slope.T, receivers[:, k], x_bar)
    for j in range(x.shape[0]):
        for lane in range(x.shape[1]):
            senders[j, k, lane] = x[j, lane]
