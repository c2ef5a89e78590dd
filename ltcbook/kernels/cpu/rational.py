"""A hyperbolic tangent made of additions, multiplications and one division.

exp is a library call that most compilers cannot put into vector lanes; a quotient of two
polynomials is eight multiply-adds, two multiplications and a division, in every lane at once. The
logistic sigmoid comes for free: σ(z) = (1 + tanh(z/2)) / 2.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

SATURATION = 9.0
"""Beyond it we say ±1: 1 − tanh(9) = 3.0e-8 is about half of float32's last digit there."""

DEGREE = 4
"""Of both polynomials in z²."""

NUMERATOR = (9.999999064e-01, 1.337318790e-01, 3.486570090e-03, 2.047163316e-05, 1.318395134e-08)
DENOMINATOR = (1.000000000e00, 4.670648478e-01, 2.584193470e-02, 3.271365900e-04, 7.702551409e-07)
"""tanh z ≈ z·P(z²)/Q(z²): P and Q from the constant upwards, as :func:`fit` finds them."""

FLOAT32_ERROR = 4e-7
"""Bound of |rational − tanh| in float32, rounding of the evaluation included (3.5e-7 measured)."""


def fit(degree: int = DEGREE, saturation: float = SATURATION) -> tuple[Array, Array]:
    """Coefficients of P and Q, so that the largest error on [0, saturation] is nearly minimal.

    The quotient is made linear in its coefficients by multiplying with the last denominator
    (Sanathanan and Koerner 1963); weights grow where the error is large until it is equally large
    everywhere (Lawson 1961).

    Returns:
        P and Q, each (degree + 1,), from the constant upwards; Q starts with 1.

    >>> p, q = fit()
    >>> bool(np.allclose(p, NUMERATOR, rtol=1e-4)), float(q[0])
    (True, 1.0)

    Chapter: ``making_it_fast``.
    """
    nodes = np.arange(4000)
    z = saturation / 2 * (1 - np.cos(np.pi * (nodes + 0.5) / nodes.size))
    target, t = np.tanh(z), (z / saturation) ** 2
    powers = t[:, None] ** np.arange(degree + 1)
    columns = np.hstack([z[:, None] * powers, -target[:, None] * powers[:, 1:]])
    weight, q_last = np.ones_like(z), np.ones_like(z)
    best_error: float = np.inf
    best_p: Array = powers
    best_q: Array = powers
    for _ in range(200):
        scale = np.sqrt(weight) / np.abs(q_last)
        solution = np.linalg.lstsq(columns * scale[:, None], target * scale, rcond=None)[0]
        p, q = solution[: degree + 1], np.append(1.0, solution[degree + 1 :])
        q_last = powers @ q
        error = np.abs(z * (powers @ p) / q_last - target)
        if error.max() < best_error:
            best_error, best_p, best_q = float(error.max()), p, q
        weight = np.maximum(weight * error / (weight @ error), 1e-14)
    rescale = saturation ** (2.0 * np.arange(degree + 1))
    return best_p / rescale, best_q / rescale
