"""What one layer of synapses computes on a GPU, and its adjoint, in four kinds.

The work is a tile (samples, PRE, POST): one activation for each entry, summed over *pre* for the
currents and over *post* for the adjoint. The lanes of a warp lie along *post*, its program's warps
along *pre*. So a sum over *pre* stays in a lane for the most part, and a lane keeps the weights of
its synapses in registers from the first to the last solver step.

Tables of weights are (pre, post). One with more entries than a program can hold is read again in
every solver step, ``CHUNK`` rows at a time, out of the processor's cache. Sizes are padded to
powers of two, as Triton wants them; what is padded is 0 and stays 0. Names in capitals are known
when a kernel is compiled.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def tanh(z):
    """(1 − e)/(1 + e) with e = exp(−2|z|) ≤ 1, so nothing overflows; NaN stays NaN.

    A GPU has units of its own for exp and for the division, unlike a CPU. Their tanh of 11 bits
    would be faster still, and too coarse: its error, 5e-4, is larger than many a gradient.
    """
    e = tl.exp(-2.0 * tl.abs(z))
    s = (1.0 - e) / (1.0 + e)
    return tl.where(z < 0, -s, s)


@triton.jit
def tile(table, rows, columns, row, column, ROWS: tl.constexpr, COLUMNS: tl.constexpr):
    """A tile of a table (rows, columns) from (row, column) on; 0 beyond the table's end."""
    r = row + tl.arange(0, ROWS)[:, None]
    c = column + tl.arange(0, COLUMNS)[None, :]
    return tl.load(table + r * columns + c, mask=(r < rows) & (c < columns), other=0.0)


@triton.jit
def weights_of(
    tables, pre, post, first, KIND: tl.constexpr, GATED: tl.constexpr, CHUNK: tl.constexpr,
    POST: tl.constexpr
):  # fmt: skip
    """Slope, offset, p and q of the senders from ``first`` on; tiles that fit (CHUNK, POST).

    What a kind doesn't have is another tile of its own, and never looked at.
    """
    slope, offset, drive_weight, decay_weight = tables
    if KIND == "presynaptic":
        a = tile(slope, pre, 1, first, 0, CHUNK, 1)
        b = tile(offset, pre, 1, first, 0, CHUNK, 1)
    else:
        a = tile(slope, pre, post, first, 0, CHUNK, POST)
        b = a
        if KIND == "synaptic":
            b = tile(offset, pre, post, first, 0, CHUNK, POST)
    if KIND == "postsynaptic":
        p = tile(drive_weight, 1, post, 0, 0, 1, POST)
        q = p
        if GATED:
            q = tile(decay_weight, 1, post, 0, 0, 1, POST)
    else:
        p = tile(drive_weight, pre, post, first, 0, CHUNK, POST)
        q = p
        if GATED:
            q = tile(decay_weight, pre, post, first, 0, CHUNK, POST)
    return a, b, p, q


@triton.jit
def _chunk(
    held, tables, pre, post, first, KIND: tl.constexpr, GATED: tl.constexpr, CHUNK: tl.constexpr,
    PRE: tl.constexpr, POST: tl.constexpr
):  # fmt: skip
    """The weights of one chunk: those in registers if that is all, else read."""
    if CHUNK == PRE:
        return held
    else:
        return weights_of(tables, pre, post, first, KIND, GATED, CHUNK, POST)


@triton.jit
def _columns(x, first, CHUNK: tl.constexpr):
    """Columns ``first`` to ``first + CHUNK`` of x (samples, PRE).

    Registers have no addresses to choose one by, so a mask and a sum choose; the same below.
    """
    if x.shape[1] == CHUNK:
        return x
    else:
        parts: tl.constexpr = x.shape[1] // CHUNK
        chosen = tl.arange(0, parts)[None, :, None] * CHUNK == first
        return tl.sum(tl.where(chosen, tl.reshape(x, (x.shape[0], parts, CHUNK)), 0.0), 1)


@triton.jit
def _add_columns(x, part, first):
    """x (samples, PRE) with ``part`` (samples, CHUNK) added from column ``first`` on."""
    if x.shape[1] == part.shape[1]:
        return x + part
    else:
        parts: tl.constexpr = x.shape[1] // part.shape[1]
        chosen = tl.arange(0, parts)[None, :, None] * part.shape[1] == first
        return x + tl.reshape(tl.where(chosen, part[:, None, :], 0.0), x.shape)


@triton.jit
def product(
    x, table, rows, columns, ROWS: tl.constexpr, COLUMNS: tl.constexpr, CHUNK: tl.constexpr
):
    """x (samples, ROWS) times a table (rows, columns), read in chunks of rows."""
    y = tl.zeros((x.shape[0], COLUMNS), x.dtype)
    for first in range(0, ROWS, CHUNK):
        a = tile(table, rows, columns, first, 0, CHUNK, COLUMNS)
        y += tl.sum(a[None, :, :] * _columns(x, first, CHUNK)[:, :, None], 1)
    return y


@triton.jit
def product_back(
    y_bar, table, rows, columns, ROWS: tl.constexpr, COLUMNS: tl.constexpr, CHUNK: tl.constexpr
):
    """Adjoint of :func:`product` with respect to x, (samples, ROWS)."""
    x_bar = tl.zeros((y_bar.shape[0], ROWS), y_bar.dtype)
    for first in range(0, ROWS, CHUNK):
        a = tile(table, rows, columns, first, 0, CHUNK, COLUMNS)
        x_bar = _add_columns(x_bar, tl.sum(a[None, :, :] * y_bar[:, None, :], 2), first)
    return x_bar


@triton.jit
def field(
    x, drive, decay, inside, held, tables, n, units, KIND: tl.constexpr, GATED: tl.constexpr,
    CHUNK: tl.constexpr, PRE: tl.constexpr, POST: tl.constexpr, UNITS: tl.constexpr,
    UNITS_CHUNK: tl.constexpr
):  # fmt: skip
    """Drive and decay of all neurons at x: by synapses, or by a hidden layer of ``units`` (B.6).

    A hidden layer's two tables are read in every solver step.
    """
    if KIND == "hidden":
        s = tanh(inside + product(x, tables[0], n, units, PRE, UNITS, CHUNK))
        return drive + product(s, tables[2], units, n, UNITS, POST, UNITS_CHUNK), decay
    else:
        return add_currents(
            x, drive, decay, inside, held, tables, n, n, KIND, GATED, CHUNK, PRE, POST
        )


@triton.jit
def field_adjoint(
    x, x_bar, drive_bar, decay_bar, inside, held, tables, n, units, KIND: tl.constexpr,
    GATED: tl.constexpr, CHUNK: tl.constexpr, PRE: tl.constexpr, POST: tl.constexpr,
    UNITS: tl.constexpr, UNITS_CHUNK: tl.constexpr
):  # fmt: skip
    """Adjoint of :func:`field`, as :func:`add_adjoint`; z̅ of a hidden layer is (samples, UNITS)."""
    if KIND == "hidden":
        s = tanh(inside + product(x, tables[0], n, units, PRE, UNITS, CHUNK))
        s_bar = product_back(drive_bar, tables[2], units, n, UNITS, POST, UNITS_CHUNK)
        z_bar = s_bar - s_bar * s * s
        return x_bar + product_back(z_bar, tables[0], n, units, PRE, UNITS, CHUNK), z_bar
    else:
        return add_adjoint(
            x, x_bar, drive_bar, decay_bar, inside, held, tables, n, n, KIND, GATED, CHUNK, PRE,
            POST
        )  # fmt: skip


@triton.jit
def add_currents(
    x, drive, decay, inside, held, tables, pre, post, KIND: tl.constexpr, GATED: tl.constexpr,
    CHUNK: tl.constexpr, PRE: tl.constexpr, POST: tl.constexpr
):  # fmt: skip
    """Add a layer's currents at x (samples, PRE) to drive and decay (samples, POST)."""
    if KIND == "postsynaptic":
        z = inside
        for first in range(0, PRE, CHUNK):
            a, _, _, _ = _chunk(held, tables, pre, post, first, KIND, GATED, CHUNK, PRE, POST)
            z += tl.sum(a[None, :, :] * _columns(x, first, CHUNK)[:, :, None], 1)
        s = tanh(z)
        drive += held[2] * s
        if GATED:
            decay += held[3] * s
    else:
        for first in range(0, PRE, CHUNK):
            a, b, p, q = _chunk(held, tables, pre, post, first, KIND, GATED, CHUNK, PRE, POST)
            s = tanh(a[None, :, :] * _columns(x, first, CHUNK)[:, :, None] + b[None, :, :])
            drive += tl.sum(p[None, :, :] * s, 1)
            if GATED:
                decay += tl.sum(q[None, :, :] * s, 1)
    return drive, decay


@triton.jit
def add_adjoint(
    x, x_bar, drive_bar, decay_bar, inside, held, tables, pre, post, KIND: tl.constexpr,
    GATED: tl.constexpr, CHUNK: tl.constexpr, PRE: tl.constexpr, POST: tl.constexpr
):  # fmt: skip
    """Add to ``x_bar`` what comes back through a layer's activations.

    Returns x̅ and z̅, the gradient inside the activations, (samples, PRE or POST); z̅ is 0 for the
    synaptic kind, which has too many to keep.
    """
    z_bar = tl.zeros_like(x_bar)
    if KIND == "postsynaptic":
        z = inside
        for first in range(0, PRE, CHUNK):
            a, _, _, _ = _chunk(held, tables, pre, post, first, KIND, GATED, CHUNK, PRE, POST)
            z += tl.sum(a[None, :, :] * _columns(x, first, CHUNK)[:, :, None], 1)
        s = tanh(z)
        s_bar = held[2] * drive_bar
        if GATED:
            s_bar += held[3] * decay_bar
        z_bar = s_bar - s_bar * s * s
        for first in range(0, PRE, CHUNK):
            a, _, _, _ = _chunk(held, tables, pre, post, first, KIND, GATED, CHUNK, PRE, POST)
            x_bar = _add_columns(x_bar, tl.sum(a[None, :, :] * z_bar[:, None, :], 2), first)
    else:
        for first in range(0, PRE, CHUNK):
            a, b, p, q = _chunk(held, tables, pre, post, first, KIND, GATED, CHUNK, PRE, POST)
            s = tanh(a[None, :, :] * _columns(x, first, CHUNK)[:, :, None] + b[None, :, :])
            s_bar = p[None, :, :] * drive_bar[:, None, :]
            if GATED:
                s_bar += q[None, :, :] * decay_bar[:, None, :]
            if KIND == "presynaptic":
                s_bar = tl.sum(s_bar, 2, keep_dims=True)
            z_part = s_bar - s_bar * s * s  # (samples, CHUNK, POST or 1)
            x_bar = _add_columns(x_bar, tl.sum(a[None, :, :] * z_part, 2), first)
            if KIND == "presynaptic":
                z_bar = _add_columns(z_bar, tl.sum(z_part, 2), first)
    return x_bar, z_bar


@triton.jit
def replica_tables(
    slope, offset, drive_weight, decay_weight, replica, pre, post, KIND: tl.constexpr
):
    """The four tables of one replica."""
    own = pre if KIND == "presynaptic" else pre * post
    weighted = post if KIND == "postsynaptic" else pre * post
    return (
        slope + replica * own,
        offset + replica * own,
        drive_weight + replica * weighted,
        decay_weight + replica * weighted,
    )
