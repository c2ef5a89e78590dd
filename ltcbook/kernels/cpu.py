"""The CPU kernels: a whole batch of sequences forward and backward in one call, by Numba.

Arrays are (task, time, neuron, lane). A *task* is one block of up to 64 samples of one replica.
``canonical.py`` says what is computed, ``cpu_layers.py`` does it for one state, and here is the
loop over time. With λ for the gradient of a state, the chapter derives the adjoint:

    explicit       x' = x + dt (drive − decay x)        λ = λ' (1 − dt decay) + …
                   drive̅ = dt λ'                        decay̅ = −dt x λ'
    semi-implicit  x' = (x + dt drive) / (1 + dt decay) f = λ' / (1 + dt decay),  λ = f + …
                   drive̅ = dt f                         decay̅ = −dt x' f

where … is what comes back through the activations. States are stored, activations are not.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import numpy as np

from ltcbook.kernels.cpu_layers import (
    Array,
    compiled,
    postsynaptic_adjoint,
    postsynaptic_currents,
    presynaptic_adjoint,
    presynaptic_currents,
    synaptic_adjoint,
    synaptic_currents,
)

SYNAPTIC, PRESYNAPTIC, POSTSYNAPTIC = range(3)
KINDS = {"synaptic": SYNAPTIC, "presynaptic": PRESYNAPTIC, "postsynaptic": POSTSYNAPTIC}


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
    offset_input: Array,
    dt: Array,
    states: Array,
    decays: Array,
) -> None:
    """One task over all its time: fill ``states`` and ``decays`` from ``states[0]``.

    Inputs are (time, n, lanes), dt (time, lanes); where dt is 0 the state stays. ``states`` has
    time·unfolds + 1 rows, and ``decays`` time·unfolds, for a backward pass to come; or time + 1
    and one, without it.
    """
    one = dt.dtype.type(1)
    stored = (states.shape[0] - 1) // dt.shape[0]  # rows for each time step
    drive, scratch = np.empty_like(states[0]), np.empty_like(states[0])
    for t in range(dt.shape[0]):
        for k in range(unfolds):
            x = states[t * stored + min(k, stored)]
            new = states[t * stored + min(k + 1, stored)]
            decay = decays[(t * unfolds + k) % decays.shape[0]]
            for i in range(x.shape[0]):
                for lane in range(x.shape[1]):
                    drive[i, lane] = drive_input[t, i, lane]
                    decay[i, lane] = decay_input[t, i, lane]
            if kind == SYNAPTIC:
                synaptic_currents(
                    slope, offset, drive_weight, decay_weight, x, drive, decay, scratch
                )
            elif kind == PRESYNAPTIC:
                presynaptic_currents(
                    slope, offset, drive_weight, decay_weight, x, drive, decay, scratch
                )
            else:
                postsynaptic_currents(
                    slope, offset_input[t], drive_weight, decay_weight, x, drive, decay, scratch
                )
            for i in range(x.shape[0]):
                for lane in range(x.shape[1]):
                    h, old = dt[t, lane], x[i, lane]
                    if implicit:
                        stepped = (old + h * drive[i, lane]) / (one + h * decay[i, lane])
                    else:
                        stepped = old + h * (drive[i, lane] - decay[i, lane] * old)
                    new[i, lane] = old if h == 0 else stepped


@compiled
def backward(
    kind: int,
    implicit: bool,
    unfolds: int,
    slope: Array,
    offset: Array,
    drive_weight: Array,
    decay_weight: Array | None,
    offset_input: Array,
    dt: Array,
    states: Array,
    decays: Array,
    states_bar: Array,
    adjoint: Array,
    slope_bar: Array,
    offset_bar: Array,
    p_bar: Array,
    q_bar: Array,
    drive_input_bar: Array,
    decay_input_bar: Array,
    offset_input_bar: Array,
    dt_bar: Array,
) -> None:
    """Adjoint of :func:`forward`: all that ends in ``_bar`` is added to.

    ``states_bar`` (time, n, lanes) belongs to the states after the time steps; ``adjoint``
    (n, lanes) starts at 0 and ends as the gradient of the first state.
    """
    one = dt.dtype.type(1)
    drive_bar, decay_bar = np.empty_like(adjoint), np.empty_like(adjoint)
    scratch = np.empty_like(adjoint)
    for t in range(dt.shape[0] - 1, -1, -1):
        for i in range(adjoint.shape[0]):
            for lane in range(adjoint.shape[1]):
                adjoint[i, lane] += states_bar[t, i, lane]
        for step in range((t + 1) * unfolds - 1, t * unfolds - 1, -1):
            x, new, decay = states[step], states[step + 1], decays[step]
            for i in range(x.shape[0]):
                for lane in range(x.shape[1]):
                    h, f = dt[t, lane], adjoint[i, lane]
                    if implicit:
                        f = f / (one + h * decay[i, lane])
                        decay_bar[i, lane] = -h * f * new[i, lane]
                        adjoint[i, lane] = f
                    else:
                        decay_bar[i, lane] = -h * f * x[i, lane]
                        adjoint[i, lane] = f - h * f * decay[i, lane]
                    drive_bar[i, lane] = h * f
                    drive_input_bar[t, i, lane] += drive_bar[i, lane]
                    decay_input_bar[t, i, lane] += decay_bar[i, lane]
                    if h != 0:  # x' − x is dt times the slope that was taken
                        dt_bar[t, lane] += f * (new[i, lane] - x[i, lane]) / h
            if kind == SYNAPTIC:
                synaptic_adjoint(
                    slope,
                    offset,
                    drive_weight,
                    decay_weight,
                    x,
                    drive_bar,
                    decay_bar,
                    scratch,
                    adjoint,
                    slope_bar,
                    offset_bar,
                    p_bar,
                    q_bar,
                )
            elif kind == PRESYNAPTIC:
                presynaptic_adjoint(
                    slope,
                    offset,
                    drive_weight,
                    decay_weight,
                    x,
                    drive_bar,
                    decay_bar,
                    scratch,
                    adjoint,
                    slope_bar,
                    offset_bar,
                    p_bar,
                    q_bar,
                )
            else:
                postsynaptic_adjoint(
                    slope,
                    offset_input[t],
                    drive_weight,
                    decay_weight,
                    x,
                    drive_bar,
                    decay_bar,
                    scratch,
                    adjoint,
                    slope_bar,
                    offset_input_bar[t],
                    p_bar,
                    q_bar,
                )
