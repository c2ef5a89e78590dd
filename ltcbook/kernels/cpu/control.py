"""One time step of one sample on the CPU: what a control loop calls a hundred times a second.

The other kernels put samples beside each other in vector registers. Here there is one sample, so
the presynaptic neurons lie beside each other, and a neuron's currents are sums over them. All
numbers of the model come in one array: a call then costs little more than the arithmetic.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import numpy as np

from ltcbook.kernels.cpu.compiling import Array, compiled, inlined
from ltcbook.kernels.cpu.layers import tanh

SYNAPTIC, PRESYNAPTIC, POSTSYNAPTIC, HIDDEN, LINEAR, INSIDE, OVERWRITING, NOTHING = range(8)
"""Kinds of layers; of inputs also a product, added to the drive or inside; in place of the first
entries of the state; or no input."""


@inlined
def add_currents(
    kind: int, table: Array, at: int, post: int, gated: bool, x: Array, inside: Array,
    drive: Array, decay: Array,
) -> int:  # fmt: skip
    """Add a layer's currents at x (pre,) to drive and decay (post,); where its numbers end.

    ``table[at:]`` holds slope, offset, p and, if gated, q, each row by row.
    """
    pre = x.shape[0]
    if kind == SYNAPTIC:
        size: int = post * pre
        slope = table[at : at + size].reshape(post, pre)
        offset = table[at + size : at + 2 * size].reshape(post, pre)
        p = table[at + 2 * size : at + 3 * size].reshape(post, pre)
        q = table[at + 3 * size : at + 4 * size].reshape(post, pre) if gated else p
        for i in range(post):
            p_sum = q_sum = x.dtype.type(0)
            for j in range(pre):
                s = tanh(slope[i, j] * x[j] + offset[i, j])
                p_sum += p[i, j] * s
                q_sum += q[i, j] * s
            drive[i] += p_sum
            if gated:
                decay[i] += q_sum
        return at + (4 if gated else 3) * size
    if kind == PRESYNAPTIC:
        s = np.empty_like(x)
        for j in range(pre):
            s[j] = tanh(table[at + j] * x[j] + table[at + pre + j])
        at = add_product(table, at + 2 * pre, s, drive)
        return add_product(table, at, s, decay) if gated else at
    z = np.empty_like(drive)
    for i in range(post):
        z[i] = inside[i] + table[at + post * pre + i]
    add_product(table, at, x, z)
    at += post * pre + post
    for i in range(post):
        s = tanh(z[i])
        drive[i] += table[at + i] * s
        if gated:
            decay[i] += table[at + post + i] * s
    return at + (2 if gated else 1) * post


@inlined
def add_hidden(table: Array, at: int, units: int, x: Array, drive: Array) -> int:
    """The same for a field with a hidden layer: slope, offset and p begin at ``table[at]``."""
    start: int = at + units * x.shape[0]
    s = table[start : start + units].copy()
    add_product(table, at, x, s)
    for k in range(units):
        s[k] = tanh(s[k])
    return add_product(table, start + units, s, drive)


@inlined
def add_product(table: Array, at: int, x: Array, total: Array) -> int:
    """Add a matrix (total, x) that begins at ``table[at]`` times x to total; where it ends."""
    size: int = total.shape[0] * x.shape[0]
    weights = table[at : at + size].reshape(total.shape[0], x.shape[0])
    for i in range(total.shape[0]):
        part = x.dtype.type(0)
        for j in range(x.shape[0]):
            part += weights[i, j] * x[j]
        total[i] += part
    return at + size


@compiled
def control(
    form: tuple[int, int, int, int, int, int, int], table: Array, span: float, u: Array, x: Array,
    y: Array,
) -> None:  # fmt: skip
    """One time step: x (n,) is advanced under the input u (m,), y (o,) is the readout.

    ``form`` is kind, input kind, gated, implicit, unfolds, units of a hidden layer, whether there
    is a readout. ``table`` holds own drive and decay (n each), the input layer, the recurrent
    layer, the readout.
    """
    kind, input_kind, gated, implicit, unfolds, units, reads = form
    n, number = x.shape[0], x.dtype.type
    given_drive, given_decay, inside = table[:n].copy(), table[n : 2 * n].copy(), np.zeros_like(x)
    at = 2 * n
    if input_kind == LINEAR:
        at = add_product(table, at, u, given_drive)
    elif input_kind == INSIDE:
        at = add_product(table, at, u, inside)
    elif input_kind == OVERWRITING:
        x[: u.shape[0]] = u
    elif input_kind != NOTHING:
        at = add_currents(input_kind, table, at, n, gated == 1, u, inside, given_drive, given_decay)
    h, one, end = number(span) / number(unfolds), number(1), at
    drive, decay = np.empty_like(x), np.empty_like(x)
    for _ in range(unfolds):
        drive[:], decay[:] = given_drive, given_decay
        if kind == HIDDEN:
            end = add_hidden(table, at, units, x, drive)
        else:
            end = add_currents(kind, table, at, n, gated == 1, x, inside, drive, decay)
        for i in range(n):
            if implicit == 1:
                x[i] = (x[i] + h * drive[i]) / (one + h * decay[i])
            else:
                x[i] += h * (drive[i] - decay[i] * x[i])
    if reads == 1:
        y[:] = table[end + y.shape[0] * n : end + y.shape[0] * (n + 1)]
        add_product(table, end, x, y)
    else:
        y[:] = x
