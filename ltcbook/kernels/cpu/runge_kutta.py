"""The CPU kernels of explicit Runge-Kutta methods of more than one stage.

Each stage begins at X_i = x + a_i dt k_(i-1) and gives k_i = drive(X_i) − decay(X_i) X_i; then
x' = x + dt Σ b_i k_i. So a method is its numbers a and b. Backwards, from the last stage to the
first, with λ' for the gradient of x':

    k̅_i = dt (b_i λ' + a_(i+1) X̅_(i+1))     drive̅ = k̅_i     decay̅ = −X_i k̅_i
    X̅_i = −decay k̅_i + …                     λ = λ' + Σ X̅_i

where … is what comes back through the activations. Stages are computed again and not stored: a
trajectory is then no longer than Euler's.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import numpy as np

from ltcbook.kernels.cpu.compiling import Array, compiled, inlined
from ltcbook.kernels.cpu.kinds import collect, currents, currents_back, notes
from ltcbook.kernels.cpu.scan import overwrite, overwrite_back

TABLEAUS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "heun": ((0.0, 1.0), (1 / 2, 1 / 2)),
    "rk4": ((0.0, 1 / 2, 1 / 2, 1.0), (1 / 6, 1 / 3, 1 / 3, 1 / 6)),
}
"""a and b of each method, by the name of its solver."""


@inlined
def slope_of(
    kind: int, slope: Array, offset: Array, drive_weight: Array, decay_weight: Array | None,
    drive_input: Array, decay_input: Array, inside: Array, x: Array, decay: Array, k: Array,
) -> None:  # fmt: skip
    """Fill k with ẋ at x (n, lanes), and ``decay``."""
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            k[i, lane] = drive_input[i, lane]
            decay[i, lane] = decay_input[i, lane]
    currents(kind, slope, offset, drive_weight, decay_weight, inside, x, k, decay)
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            k[i, lane] -= decay[i, lane] * x[i, lane]


@inlined
def stages(
    kind: int, a: Array, slope: Array, offset: Array, drive_weight: Array,
    decay_weight: Array | None, drive_input: Array, decay_input: Array, inside: Array, dt: Array,
    x: Array, states: Array, decays: Array, slopes: Array,
) -> None:  # fmt: skip
    """Fill X_i, decay and k_i of all stages (stage, n, lanes) of a step from x (n, lanes)."""
    for stage in range(a.shape[0]):
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                states[stage, i, lane] = x[i, lane]
                if stage > 0:
                    states[stage, i, lane] += a[stage] * dt[lane] * slopes[stage - 1, i, lane]
        slope_of(
            kind, slope, offset, drive_weight, decay_weight, drive_input, decay_input, inside,
            states[stage], decays[stage], slopes[stage],
        )  # fmt: skip


@compiled
def forward(
    kind: int,
    a: Array,
    b: Array,
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
    trajectory: Array,
) -> None:
    """As :func:`ltcbook.kernels.cpu.scan.forward`, from ``trajectory[0]``; no decays are kept."""
    x = trajectory[0].copy()
    states = np.empty((a.shape[0], *x.shape), x.dtype)
    decays, slopes = np.empty_like(states), np.empty_like(states)
    stored = (trajectory.shape[0] - 1) // dt.shape[0]  # rows for each time step
    for t in range(dt.shape[0]):
        if held is not None:
            overwrite(held[t], dt[t], x, x)
        for k in range(unfolds):
            stages(
                kind, a, slope, offset, drive_weight, decay_weight, drive_input[t], decay_input[t],
                inside[min(t, inside.shape[0] - 1)], dt[t], x, states, decays, slopes,
            )  # fmt: skip
            for stage in range(a.shape[0]):
                for i in range(x.shape[0]):
                    for lane in range(x.shape[1]):
                        if dt[t, lane] != 0:
                            x[i, lane] += b[stage] * dt[t, lane] * slopes[stage, i, lane]
            row = t * stored + min(k + 1, stored)
            for i in range(x.shape[0]):
                for lane in range(x.shape[1]):
                    trajectory[row, i, lane] = x[i, lane]


@compiled
def backward(
    kind: int,
    a: Array,
    b: Array,
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
    trajectory: Array,
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
    """Adjoint of :func:`forward`, as :func:`ltcbook.kernels.cpu.scan.backward`."""
    (n, lanes), all_stages = adjoint.shape, a.shape[0]
    drive_bar = np.empty((n, unfolds * all_stages, lanes), adjoint.dtype)  # of one time step
    decay_bar = np.empty_like(drive_bar)
    noted = notes(n, slope.shape[0], unfolds * all_stages, adjoint)
    states = np.empty((all_stages, n, lanes), adjoint.dtype)
    decays, slopes, start = np.empty_like(states), np.empty_like(states), np.empty_like(adjoint)
    stage_bar, total_bar = np.empty_like(adjoint), np.empty_like(adjoint)
    for t in range(dt.shape[0] - 1, -1, -1):
        within = min(t, inside.shape[0] - 1)
        for i in range(n):
            for lane in range(lanes):
                adjoint[i, lane] += states_bar[t, i, lane]
        for k in range(unfolds - 1, -1, -1):
            x = trajectory[t * unfolds + k]
            if held is not None and k == 0:
                overwrite(held[t], dt[t], x, start)
                x = start
            stages(
                kind, a, slope, offset, drive_weight, decay_weight, drive_input[t], decay_input[t],
                inside[within], dt[t], x, states, decays, slopes,
            )  # fmt: skip
            for stage in range(all_stages - 1, -1, -1):
                row = k * all_stages + stage
                stage_back(
                    a, b, stage, row, dt[t], states, decays, slopes, adjoint, stage_bar, total_bar,
                    drive_bar, decay_bar, dt_bar[t],
                )  # fmt: skip
                for i in range(n):
                    for lane in range(lanes):
                        drive_input_bar[t, i, lane] += drive_bar[i, row, lane]
                        decay_input_bar[t, i, lane] += decay_bar[i, row, lane]
                x = states[stage]
                currents_back(
                    kind, slope, offset, drive_weight, decay_weight, inside[within], x, drive_bar,
                    decay_bar, row, noted, stage_bar, slope_bar, offset_bar, inside_bar[within],
                    p_bar, q_bar,
                )  # fmt: skip
                for i in range(n):
                    for lane in range(lanes):
                        total_bar[i, lane] += stage_bar[i, lane]
                        if stage > 0:
                            dt_bar[t, lane] += (
                                a[stage] * slopes[stage - 1, i, lane] * stage_bar[i, lane]
                            )
            for i in range(n):
                for lane in range(lanes):
                    adjoint[i, lane] += total_bar[i, lane]
            if held_bar is not None and k == 0:
                overwrite_back(dt[t], adjoint, held_bar[t])
        collect(kind, drive_bar, decay_bar, noted, slope_bar, p_bar, q_bar)


@inlined
def stage_back(
    a: Array, b: Array, stage: int, row: int, dt: Array, states: Array, decays: Array,
    slopes: Array, adjoint: Array, stage_bar: Array, total_bar: Array, drive_bar: Array,
    decay_bar: Array, dt_bar: Array,
) -> None:  # fmt: skip
    """Adjoint of a stage, but for the activations: from X̅ of the next to its own (``stage_bar``).

    Fills ``row`` of the gradients of drive and decay. ``total_bar`` is set to 0 at the last stage.
    """
    last = stage == a.shape[0] - 1
    for i in range(adjoint.shape[0]):
        for lane in range(adjoint.shape[1]):
            k_bar = b[stage] * adjoint[i, lane]
            dt_bar[lane] += k_bar * slopes[stage, i, lane]
            if last:
                total_bar[i, lane] = 0
            else:
                k_bar += a[stage + 1] * stage_bar[i, lane]
            k_bar *= dt[lane]
            drive_bar[i, row, lane] = k_bar
            decay_bar[i, row, lane] = -states[stage, i, lane] * k_bar
            stage_bar[i, lane] = -decays[stage, i, lane] * k_bar
