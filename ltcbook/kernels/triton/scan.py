"""The GPU kernels: whole sequences forward and backward in one call, by Triton.

A *program* is what runs on one processor of the GPU: a few warps of 32 lanes that share registers
and a small fast memory. Here it has one or a few samples of one replica, and keeps their potentials
for the whole sequence; nothing goes back to PyTorch between two solver steps. ``recurrence.py``
says what is computed, ``layers.py`` does it for one state, and ``cpu/scan.py`` shows the adjoint
that is taken here too.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import triton
import triton.language as tl

from ltcbook.kernels.triton.layers import (
    add_adjoint,
    add_currents,
    field,
    field_adjoint,
    replica_tables,
    tanh,
    tile,
    weights_of,
)


@triton.jit(do_not_specialize=["batch", "time", "unfolds"])
def scan_forward(
    slope, offset, drive_weight, decay_weight,
    state, drive, decay, inside, given, dt,
    states, decays,
    batch, time, unfolds, n, units, m,
    KIND: tl.constexpr, GATED: tl.constexpr, IMPLICIT: tl.constexpr, KEEP: tl.constexpr,
    OVERWRITES: tl.constexpr, SAMPLES: tl.constexpr, CHUNK: tl.constexpr, PRE: tl.constexpr,
    POST: tl.constexpr, UNITS: tl.constexpr, UNITS_CHUNK: tl.constexpr
):  # fmt: skip
    """All time steps of SAMPLES samples of one replica; the grid is (sample tiles, replicas).

    Inputs are (R, batch, time, n), but ``inside`` is (R, batch, time, units), as many as there are
    activations inside which it adds; ``dt`` (R, batch, time); where it is 0 the state stays. If
    OVERWRITES, a time step begins with the first m potentials set to ``given`` (R, batch, time, m).
    ``states`` has time·unfolds + 1 rows a sample, and ``decays`` one less, for a backward pass to
    come (KEEP); else ``states`` has time + 1, and ``decays`` is not written.
    """
    replica = tl.program_id(1).to(tl.int64)
    sample = tl.program_id(0) * SAMPLES + tl.arange(0, SAMPLES)[:, None]
    i = tl.arange(0, POST)[None, :]
    here = sample < batch
    real = here & (i < n)
    row = replica * batch + sample
    unit = tl.arange(0, UNITS)[None, :]
    tables = replica_tables(slope, offset, drive_weight, decay_weight, replica, n, units, KIND)
    held = tables
    if KIND != "hidden":
        held = weights_of(tables, n, n, 0, KIND, GATED, CHUNK, POST)

    steps = time * unfolds
    stored = (steps if KEEP else time) + 1
    x = tl.load(state + row * n + i, mask=real, other=0.0)
    tl.store(states + row * stored * n + i, x, mask=real)
    for t in range(time):
        at = row * time + t
        h = tl.load(dt + at, mask=here, other=0.0)
        drive_t = tl.load(drive + at * n + i, mask=real, other=0.0)
        decay_t = tl.load(decay + at * n + i, mask=real, other=0.0)
        inside_t = drive_t
        if KIND == "postsynaptic" or KIND == "hidden":
            inside_t = tl.load(inside + at * units + unit, mask=here & (unit < units), other=0.0)
        if OVERWRITES:
            first = tl.load(given + at * m + i, mask=here & (i < m), other=0.0)
            x = tl.where((i < m) & (h != 0), first, x)
        for k in range(unfolds):
            now_drive, now_decay = field(
                x, drive_t, decay_t, inside_t, held, tables, n, units, KIND, GATED, CHUNK, PRE,
                POST, UNITS, UNITS_CHUNK
            )  # fmt: skip
            if IMPLICIT:
                stepped = (x + h * now_drive) / (1.0 + h * now_decay)
            else:
                stepped = x + h * (now_drive - now_decay * x)
            x = tl.where(real & (h != 0), stepped, x)
            if KEEP:
                step = t * unfolds + k
                tl.store(decays + (row * steps + step) * n + i, now_decay, mask=real)
                tl.store(states + (row * stored + step + 1) * n + i, x, mask=real)
        if not KEEP:
            tl.store(states + (row * stored + t + 1) * n + i, x, mask=real)


@triton.jit(do_not_specialize=["batch", "time", "unfolds"])
def scan_adjoint(
    slope, offset, drive_weight, decay_weight,
    drive, inside, given, dt, states, decays, states_bar,
    state_bar, drive_bar, decay_bar, inside_bar, given_bar, dt_bar,
    batch, time, unfolds, n, units, m,
    KIND: tl.constexpr, GATED: tl.constexpr, IMPLICIT: tl.constexpr, SPANS: tl.constexpr,
    OVERWRITES: tl.constexpr, SAMPLES: tl.constexpr, CHUNK: tl.constexpr, PRE: tl.constexpr,
    POST: tl.constexpr, UNITS: tl.constexpr, UNITS_CHUNK: tl.constexpr
):  # fmt: skip
    """Adjoint of :func:`scan_forward` with respect to the state and all inputs; the same grid.

    ``states_bar`` (R, batch, time, n) belongs to the states after the time steps. Written are
    ``state_bar`` (R, batch, n), and for every solver step ``drive_bar``, ``decay_bar``
    (R, batch, time·unfolds, n) and, but for the synaptic kind, ``inside_bar`` (..., units); if
    OVERWRITES ``given_bar`` (R, batch, time, m); and if SPANS ``dt_bar``, for which ``drive`` is
    read. The gradients of the weights follow from these without regard to time, so they are not
    made here.
    """
    replica = tl.program_id(1).to(tl.int64)
    sample = tl.program_id(0) * SAMPLES + tl.arange(0, SAMPLES)[:, None]
    i = tl.arange(0, POST)[None, :]
    here = sample < batch
    real = here & (i < n)
    row = replica * batch + sample
    unit = tl.arange(0, UNITS)[None, :]
    tables = replica_tables(slope, offset, drive_weight, decay_weight, replica, n, units, KIND)
    held = tables
    if KIND != "hidden":
        held = weights_of(tables, n, n, 0, KIND, GATED, CHUNK, POST)

    steps = time * unfolds
    last = (row * (steps + 1) + steps) * n + i
    new = tl.load(states + last, mask=real, other=0.0)
    adjoint = tl.zeros_like(new)
    for back in range(time):
        t = time - 1 - back
        at = row * time + t
        adjoint += tl.load(states_bar + at * n + i, mask=real, other=0.0)
        h = tl.load(dt + at, mask=here, other=0.0)
        inside_t = adjoint
        if KIND == "postsynaptic" or KIND == "hidden":
            inside_t = tl.load(inside + at * units + unit, mask=here & (unit < units), other=0.0)
        overwritten = (i < m) & (h != 0)
        for k in range(unfolds):
            step = t * unfolds + unfolds - 1 - k
            cell = (row * steps + step) * n + i
            before = tl.load(states + (row * (steps + 1) + step) * n + i, mask=real, other=0.0)
            x = before
            if OVERWRITES:
                first = tl.load(given + at * m + i, mask=here & (i < m), other=0.0)
                x = tl.where(overwritten & (k == unfolds - 1), first, before)
            decay = tl.load(decays + cell, mask=real, other=0.0)
            f = adjoint
            if IMPLICIT:
                f = f / (1.0 + h * decay)
                now_decay_bar = -h * f * new
                adjoint = f
            else:
                now_decay_bar = -h * f * x
                adjoint = f - h * f * decay
            now_drive_bar = h * f
            if SPANS:  # the slope anew, since x' − x loses its digits where dt is small
                drive_t = tl.load(drive + at * n + i, mask=real, other=0.0)
                now_drive, _ = field(
                    x, drive_t, drive_t, inside_t, held, tables, n, units, KIND, GATED, CHUNK, PRE,
                    POST, UNITS, UNITS_CHUNK
                )  # fmt: skip
                there = x
                if IMPLICIT:
                    there = new
                now_dt_bar = tl.sum(f * (now_drive - decay * there), 1, keep_dims=True)
                tl.store(dt_bar + row * steps + step, now_dt_bar, mask=here)
            adjoint, z_bar = field_adjoint(
                x, adjoint, now_drive_bar, now_decay_bar, inside_t, held, tables, n, units,
                KIND, GATED, CHUNK, PRE, POST, UNITS, UNITS_CHUNK
            )  # fmt: skip
            tl.store(drive_bar + cell, now_drive_bar, mask=real)
            tl.store(decay_bar + cell, now_decay_bar, mask=real)
            if KIND != "synaptic":
                place = (row * steps + step) * units + unit
                tl.store(inside_bar + place, z_bar, mask=here & (unit < units))
            new = before
        if OVERWRITES:
            tl.store(given_bar + at * m + i, tl.where(overwritten, adjoint, 0.0),
                     mask=here & (i < m))  # fmt: skip
            adjoint = tl.where(overwritten, 0.0, adjoint)
    tl.store(state_bar + row * n + i, adjoint, mask=real)


@triton.jit(do_not_specialize=["rows"])
def layer_forward(
    slope, offset, drive_weight, decay_weight, x, drive, decay, rows, pre, post,
    KIND: tl.constexpr, GATED: tl.constexpr, SAMPLES: tl.constexpr, CHUNK: tl.constexpr,
    PRE: tl.constexpr, POST: tl.constexpr
):  # fmt: skip
    """Currents (R, rows, post) of a layer without time at x (R, rows, pre); grid (tiles, R)."""
    replica = tl.program_id(1).to(tl.int64)
    sample = tl.program_id(0) * SAMPLES + tl.arange(0, SAMPLES)[:, None]
    i, j = tl.arange(0, POST)[None, :], tl.arange(0, PRE)[None, :]
    here = sample < rows
    row = replica * rows + sample
    tables = replica_tables(slope, offset, drive_weight, decay_weight, replica, pre, post, KIND)
    held = weights_of(tables, pre, post, 0, KIND, GATED, CHUNK, POST)
    potential = tl.load(x + row * pre + j, mask=here & (j < pre), other=0.0)
    none = tl.zeros((SAMPLES, POST), potential.dtype)
    driven, decayed = add_currents(
        potential, none, none, none, held, tables, pre, post, KIND, GATED, CHUNK, PRE, POST
    )
    tl.store(drive + row * post + i, driven, mask=here & (i < post))
    tl.store(decay + row * post + i, decayed, mask=here & (i < post))


@triton.jit(do_not_specialize=["rows"])
def layer_adjoint(
    slope, offset, drive_weight, decay_weight, x, drive_bar, decay_bar, x_bar, inside_bar,
    rows, pre, post,
    KIND: tl.constexpr, GATED: tl.constexpr, SAMPLES: tl.constexpr, CHUNK: tl.constexpr,
    PRE: tl.constexpr, POST: tl.constexpr
):  # fmt: skip
    """Adjoint of :func:`layer_forward` with respect to x; the same grid.

    ``inside_bar`` (R, rows, pre) is written for the presynaptic kind.
    """
    replica = tl.program_id(1).to(tl.int64)
    sample = tl.program_id(0) * SAMPLES + tl.arange(0, SAMPLES)[:, None]
    i, j = tl.arange(0, POST)[None, :], tl.arange(0, PRE)[None, :]
    here = sample < rows
    row = replica * rows + sample
    tables = replica_tables(slope, offset, drive_weight, decay_weight, replica, pre, post, KIND)
    held = weights_of(tables, pre, post, 0, KIND, GATED, CHUNK, POST)
    potential = tl.load(x + row * pre + j, mask=here & (j < pre), other=0.0)
    driven = tl.load(drive_bar + row * post + i, mask=here & (i < post), other=0.0)
    decayed = tl.load(decay_bar + row * post + i, mask=here & (i < post), other=0.0)
    back, z_bar = add_adjoint(
        potential, tl.zeros_like(potential), driven, decayed, driven, held, tables, pre, post,
        KIND, GATED, CHUNK, PRE, POST
    )  # fmt: skip
    tl.store(x_bar + row * pre + j, back, mask=here & (j < pre))
    if KIND == "presynaptic":
        tl.store(inside_bar + row * pre + j, z_bar, mask=here & (j < pre))


@triton.jit(do_not_specialize=["rows", "steps", "gap", "slice_rows"])
def synapse_gradients(
    slope, offset, drive_weight, decay_weight, x, drive_bar, decay_bar, sums,
    rows, steps, gap, slice_rows, pre, post,
    GATED: tl.constexpr, ROWS: tl.constexpr, PRE: tl.constexpr, POST: tl.constexpr
):  # fmt: skip
    """Gradients of the weights of a (PRE, POST) tile of synapses, summed over a slice of rows.

    A row is one sample at one solver step. Order does not matter any more, so slices run side by
    side; each writes its own ``sums`` (R, slices, 4, pre, post). The grid is (tiles, slices, R).
    ``x`` has ``gap`` more rows than ``drive_bar`` after every ``steps`` of them.
    """
    replica = tl.program_id(2).to(tl.int64)
    across = tl.cdiv(post, POST)
    first_pre = tl.program_id(0) // across * PRE
    first_post = tl.program_id(0) % across * POST
    j, i = first_pre + tl.arange(0, PRE)[None, :], first_post + tl.arange(0, POST)[None, :]
    slope, offset, drive_weight, decay_weight = replica_tables(
        slope, offset, drive_weight, decay_weight, replica, pre, post, "synaptic"
    )
    a = tile(slope, pre, post, first_pre, first_post, PRE, POST)
    b = tile(offset, pre, post, first_pre, first_post, PRE, POST)
    p = tile(drive_weight, pre, post, first_pre, first_post, PRE, POST)
    q = p
    if GATED:
        q = tile(decay_weight, pre, post, first_pre, first_post, PRE, POST)
    a_bar, b_bar = tl.zeros_like(a), tl.zeros_like(a)
    p_bar, q_bar = tl.zeros_like(a), tl.zeros_like(a)

    start = tl.program_id(1) * slice_rows
    for first in range(start, tl.minimum(start + slice_rows, rows), ROWS):
        r = first + tl.arange(0, ROWS)[:, None]
        row = replica * rows + r
        here, there = (r < rows) & (i < post), (r < rows) & (j < pre)
        potential = tl.load(x + (row + row // steps * gap) * pre + j, mask=there, other=0.0)
        potential = potential[:, :, None]
        driven = tl.load(drive_bar + row * post + i, mask=here, other=0.0)[:, None, :]
        s = tanh(a[None, :, :] * potential + b[None, :, :])
        s_bar = p[None, :, :] * driven
        p_bar += tl.sum(s * driven, 0)
        if GATED:
            decayed = tl.load(decay_bar + row * post + i, mask=here, other=0.0)[:, None, :]
            s_bar += q[None, :, :] * decayed
            q_bar += tl.sum(s * decayed, 0)
        z_bar = s_bar - s_bar * s * s
        a_bar += tl.sum(z_bar * potential, 0)
        b_bar += tl.sum(z_bar, 0)

    j, i = first_pre + tl.arange(0, PRE)[:, None], first_post + tl.arange(0, POST)[None, :]
    size = pre * post
    sums += (replica * tl.num_programs(1) + tl.program_id(1)) * 4 * size + j * post + i
    inside = (j < pre) & (i < post)
    tl.store(sums, a_bar, mask=inside)
    tl.store(sums + size, b_bar, mask=inside)
    tl.store(sums + 2 * size, p_bar, mask=inside)
    tl.store(sums + 3 * size, q_bar, mask=inside)
