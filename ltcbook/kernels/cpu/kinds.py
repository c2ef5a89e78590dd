"""The four kinds of layers, and which function of ``layers.py`` computes each.

Every solver's kernel asks here, so that none knows more of a layer than its kind. What they have in
common: currents are added to drive and decay; an adjoint adds to the gradients, but for those of
matrices, which for three of the kinds are products that are cheaper for a whole time step at once;
for these it leaves rows in a :data:`Notes`, and :func:`collect` multiplies them.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import numpy as np

from ltcbook.kernels.cpu.compiling import Array, inlined
from ltcbook.kernels.cpu.layers import (
    hidden_adjoint,
    hidden_currents,
    postsynaptic_adjoint,
    postsynaptic_currents,
    presynaptic_adjoint,
    presynaptic_currents,
    synaptic_adjoint,
    synaptic_currents,
)
from ltcbook.kernels.cpu.products import add_row_products

SYNAPTIC, PRESYNAPTIC, POSTSYNAPTIC, HIDDEN = range(4)
KINDS = {
    "synaptic": SYNAPTIC,
    "presynaptic": PRESYNAPTIC,
    "postsynaptic": POSTSYNAPTIC,
    "hidden": HIDDEN,
}
INSIDE = ("postsynaptic", "hidden")
"""The kinds that sum before they activate, so that what stands beside the sum varies in time."""

Notes = tuple[Array, Array, Array]
"""Rows (sources or receivers, rows, lanes): what was sent, what came back, what was activated."""


@inlined
def currents(
    kind: int, slope: Array, offset: Array, drive_weight: Array, decay_weight: Array | None,
    inside: Array, x: Array, drive: Array, decay: Array,
) -> None:  # fmt: skip
    """Add the currents of a layer at x (n, lanes) to drive and decay."""
    if kind == SYNAPTIC:
        synaptic_currents(slope, offset, drive_weight, decay_weight, x, drive, decay)
    elif kind == PRESYNAPTIC:
        presynaptic_currents(slope, offset, drive_weight, decay_weight, x, drive, decay)
    elif kind == POSTSYNAPTIC:
        postsynaptic_currents(slope, inside, drive_weight, decay_weight, x, drive, decay)
    else:
        hidden_currents(slope, inside, drive_weight, x, drive)


@inlined
def notes(senders: int, receivers: int, rows: int, like: Array) -> Notes:
    """Room for what :func:`currents_back` notes in ``rows`` calls."""
    sent = np.empty((senders, rows, like.shape[1]), like.dtype)
    received = np.empty((receivers, rows, like.shape[1]), like.dtype)
    return sent, received, np.empty_like(received)


@inlined
def currents_back(
    kind: int, slope: Array, offset: Array, drive_weight: Array, decay_weight: Array | None,
    inside: Array, x: Array, drive_bar: Array, decay_bar: Array, row: int, noted: Notes,
    x_bar: Array, slope_bar: Array, offset_bar: Array, inside_bar: Array, p_bar: Array,
    q_bar: Array | None,
) -> None:  # fmt: skip
    """Adjoint of :func:`currents`, from ``row`` of the gradients of drive and decay."""
    senders, receivers, activations = noted
    if kind == SYNAPTIC:
        synaptic_adjoint(
            slope, offset, drive_weight, decay_weight, x, drive_bar, decay_bar, row,
            x_bar, slope_bar, offset_bar, p_bar, q_bar,
        )  # fmt: skip
    elif kind == PRESYNAPTIC:
        presynaptic_adjoint(
            slope, offset, drive_weight, decay_weight, x, drive_bar, decay_bar, row,
            senders, x_bar, slope_bar, offset_bar,
        )  # fmt: skip
    elif kind == POSTSYNAPTIC:
        postsynaptic_adjoint(
            slope, inside, drive_weight, decay_weight, x, drive_bar, decay_bar, row,
            senders, receivers, x_bar, inside_bar, p_bar, q_bar,
        )  # fmt: skip
    else:
        hidden_adjoint(
            slope, inside, drive_weight, x, drive_bar, row,
            senders, receivers, activations, x_bar, inside_bar,
        )  # fmt: skip


@inlined
def collect(
    kind: int, drive_bar: Array, decay_bar: Array, noted: Notes, slope_bar: Array, p_bar: Array,
    q_bar: Array | None,
) -> None:  # fmt: skip
    """Add the gradients of matrices, from all rows that were noted."""
    senders, receivers, activations = noted
    if kind == PRESYNAPTIC:
        add_row_products(drive_bar, senders, p_bar)
        if q_bar is not None:
            add_row_products(decay_bar, senders, q_bar)
    elif kind == POSTSYNAPTIC:
        add_row_products(receivers, senders, slope_bar)
    elif kind == HIDDEN:
        add_row_products(receivers, senders, slope_bar)
        add_row_products(drive_bar, activations, p_bar)
