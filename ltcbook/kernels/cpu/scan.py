"""The CPU kernels: a whole batch of sequences forward and backward in one call, by Numba.

Arrays are (time, neuron, lane). One call does one *task*, a block of up to 64 samples of one
replica. ``canonical.py`` says what is computed, ``layers.py`` does it for one state, and here is
the loop over time. With λ for the gradient of a state, the chapter derives the adjoint:

    explicit       x' = x + dt (drive − decay x)        λ = λ' (1 − dt decay) + …
                   drive̅ = dt λ'                        decay̅ = −dt x λ'
    semi-implicit  x' = (x + dt drive) / (1 + dt decay) f = λ' / (1 + dt decay),  λ = f + …
                   drive̅ = dt f                         decay̅ = −dt x' f

where … is what comes back through the activations. States are stored, activations are not.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import numpy as np

from ltcbook.kernels.cpu.compiling import Array, compiled, inlined
from ltcbook.kernels.cpu.kinds import collect, currents, currents_back, notes


@compiled
def sense(
    kind: int,
    slope: Array,
    offset: Array,
    drive_weight: Array,
    decay_weight: Array | None,
    u: Array,
    drive: Array,
    decay: Array,
) -> None:
    """Add the currents of sensory synapses at u (time, m, lanes) to drive and decay.

    Of the kinds of layers it is given two, those with activations of u alone: they do not look at
    what stands in the place of ``inside``.
    """
    for t in range(u.shape[0]):
        currents(kind, slope, offset, drive_weight, decay_weight, offset, u[t], drive[t], decay[t])


@compiled
def sense_back(
    kind: int,
    slope: Array,
    offset: Array,
    drive_weight: Array,
    decay_weight: Array | None,
    u: Array,
    drive_bar: Array,
    decay_bar: Array,
    u_bar: Array,
    slope_bar: Array,
    offset_bar: Array,
    p_bar: Array,
    q_bar: Array | None,
) -> None:
    """Adjoint of :func:`sense`: adds to ``u_bar`` and the gradients of the weights."""
    lanes = u.shape[2]
    noted = notes(u.shape[1], 1, 1, u[0])
    for t in range(u.shape[0]):
        drive_step = drive_bar[t].reshape(-1, 1, lanes)
        decay_step = decay_bar[t].reshape(-1, 1, lanes)
        currents_back(
            kind, slope, offset, drive_weight, decay_weight, offset, u[t], drive_step, decay_step,
            0, noted, u_bar[t], slope_bar, offset_bar, offset_bar, p_bar, q_bar,
        )  # fmt: skip
        collect(kind, drive_step, decay_step, noted, slope_bar, p_bar, q_bar)


@compiled
def forward(
    kind: int,
    implicit: bool,
    unfolds: int,
    slope: Array,
    offset: Array,
    drive_weight: Array,
    decay_weight: Array | None,
    drive_input: Array,
    decay_input: Array,
    inside: Array,
    held: Array | None,
    dt: Array,
    states: Array,
    decays: Array,
) -> None:
    """One task over all its time: fill ``states`` and ``decays`` from ``states[0]``.

    Inputs are (time, n, lanes), dt (time, lanes); where dt is 0 the state stays. ``inside`` is
    looked at for the kinds of ``INSIDE`` alone, ``offset`` for the others. ``held`` (time, m,
    lanes) overwrites the first entries of the state as a time step begins. For a backward pass to
    come ``states`` has time·unfolds + 1 rows, and ``decays`` time·unfolds, or time where no gate
    changes them; without it time + 1, and one.
    """
    one = dt.dtype.type(1)
    steps = dt.shape[0] * unfolds
    stored = (states.shape[0] - 1) // dt.shape[0]  # rows for each time step
    drive, start = np.empty_like(states[0]), np.empty_like(states[0])
    for t in range(dt.shape[0]):
        within = min(t, inside.shape[0] - 1)
        for k in range(unfolds):
            x = states[t * stored + min(k, stored)]
            if held is not None and k == 0:
                overwrite(held[t], dt[t], x, start)
                x = start
            new = states[t * stored + min(k + 1, stored)]
            decay = decays[(t * unfolds + k) * decays.shape[0] // steps]
            for i in range(x.shape[0]):
                for lane in range(x.shape[1]):
                    drive[i, lane] = drive_input[t, i, lane]
                    decay[i, lane] = decay_input[t, i, lane]
            currents(
                kind, slope, offset, drive_weight, decay_weight, inside[within], x, drive, decay
            )
            for i in range(x.shape[0]):
                for lane in range(x.shape[1]):
                    h, old = dt[t, lane], x[i, lane]
                    if implicit:
                        stepped = (old + h * drive[i, lane]) / (one + h * decay[i, lane])
                    else:
                        stepped = old + h * (drive[i, lane] - decay[i, lane] * old)
                    drive[i, lane] = old if h == 0 else stepped
            for i in range(x.shape[0]):  # x and new may be one row: then no loop has both
                for lane in range(x.shape[1]):
                    new[i, lane] = drive[i, lane]


@compiled
def backward(
    kind: int,
    implicit: bool,
    unfolds: int,
    slope: Array,
    offset: Array,
    drive_weight: Array,
    decay_weight: Array | None,
    drive_input: Array | None,
    inside: Array,
    held: Array | None,
    dt: Array,
    states: Array,
    decays: Array,
    states_bar: Array,
    adjoint: Array,
    slope_bar: Array,
    offset_bar: Array,
    p_bar: Array,
    q_bar: Array | None,
    drive_input_bar: Array,
    decay_input_bar: Array,
    inside_bar: Array,
    held_bar: Array | None,
    dt_bar: Array,
) -> None:
    """Adjoint of :func:`forward`: all that ends in ``_bar`` is added to.

    ``states_bar`` (time, n, lanes) belongs to the states after the time steps; ``adjoint``
    (n, lanes) starts at 0 and ends as the gradient of the first state. The gradient of dt is f
    times the slope of the step; the drive in it is computed again, from ``drive_input``, since
    x' − x loses its digits where dt is small. With None for it there is no gradient of dt.
    """
    (n, lanes), steps = adjoint.shape, dt.shape[0] * unfolds
    drive_bar = np.empty((n, unfolds, lanes), adjoint.dtype)  # of one time step
    decay_bar, noted = np.empty_like(drive_bar), notes(n, slope.shape[0], unfolds, adjoint)
    drive, start = np.empty_like(adjoint), np.empty_like(adjoint)
    for t in range(dt.shape[0] - 1, -1, -1):
        within = min(t, inside.shape[0] - 1)
        for i in range(n):
            for lane in range(lanes):
                adjoint[i, lane] += states_bar[t, i, lane]
        for k in range(unfolds - 1, -1, -1):
            step = t * unfolds + k
            x, new = states[step], states[step + 1]
            if held is not None and k == 0:
                overwrite(held[t], dt[t], x, start)
                x = start
            decay = decays[step * decays.shape[0] // steps]
            if drive_input is not None:
                for i in range(n):
                    for lane in range(lanes):
                        drive[i, lane] = drive_input[t, i, lane]
                currents(kind, slope, offset, drive_weight, None, inside[within], x, drive, drive)
                span_back(implicit, dt[t], x, new, drive, decay, adjoint, dt_bar[t])
            step_back(implicit, dt[t], x, new, decay, adjoint, drive_bar, decay_bar, k)
            for i in range(n):
                for lane in range(lanes):
                    drive_input_bar[t, i, lane] += drive_bar[i, k, lane]
                    decay_input_bar[t, i, lane] += decay_bar[i, k, lane]
            currents_back(
                kind, slope, offset, drive_weight, decay_weight, inside[within], x, drive_bar,
                decay_bar, k, noted, adjoint, slope_bar, offset_bar, inside_bar[within], p_bar,
                q_bar,
            )  # fmt: skip
            if held_bar is not None and k == 0:
                overwrite_back(dt[t], adjoint, held_bar[t])
        collect(kind, drive_bar, decay_bar, noted, slope_bar, p_bar, q_bar)


@inlined
def overwrite(held: Array, dt: Array, x: Array, start: Array) -> None:
    """Fill ``start`` with x, its first entries with ``held`` (m, lanes), where time passes."""
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            start[i, lane] = x[i, lane]
    for i in range(held.shape[0]):
        for lane in range(x.shape[1]):
            if dt[lane] != 0:
                start[i, lane] = held[i, lane]


@inlined
def overwrite_back(dt: Array, adjoint: Array, held_bar: Array) -> None:
    """Adjoint of :func:`overwrite`: what was overwritten had no effect."""
    for i in range(held_bar.shape[0]):
        for lane in range(dt.shape[0]):
            if dt[lane] != 0:
                held_bar[i, lane] += adjoint[i, lane]
                adjoint[i, lane] = 0


@inlined
def step_back(
    implicit: bool,
    dt: Array,
    x: Array,
    new: Array,
    decay: Array,
    adjoint: Array,
    drive_bar: Array,
    decay_bar: Array,
    k: int,
) -> None:
    """Adjoint of a solver step, but for the activations: fills step k of the gradients."""
    one = dt.dtype.type(1)
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            h, f = dt[lane], adjoint[i, lane]
            if implicit:
                f = f / (one + h * decay[i, lane])
                decay_bar[i, k, lane] = -h * f * new[i, lane]
                adjoint[i, lane] = f
            else:
                decay_bar[i, k, lane] = -h * f * x[i, lane]
                adjoint[i, lane] = f - h * f * decay[i, lane]
            drive_bar[i, k, lane] = h * f


@inlined
def span_back(
    implicit: bool,
    dt: Array,
    x: Array,
    new: Array,
    drive: Array,
    decay: Array,
    adjoint: Array,
    dt_bar: Array,
) -> None:
    """Add the gradient of a solver step's length: ẋ at x, or, if implicit, at x'."""
    one = dt.dtype.type(1)
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            f = adjoint[i, lane]
            if implicit:
                f = f / (one + dt[lane] * decay[i, lane])
                dt_bar[lane] += f * (drive[i, lane] - decay[i, lane] * new[i, lane])
            else:
                dt_bar[lane] += f * (drive[i, lane] - decay[i, lane] * x[i, lane])
