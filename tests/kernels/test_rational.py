"""The rational hyperbolic tangent keeps the error it states."""

import numpy as np
import torch

from ltcbook.kernels.cpu import rational


def quotient(z):
    """z P(z²)/Q(z²) by Horner's rule in float32, as the kernels evaluate it."""
    clamped = np.clip(z, -rational.SATURATION, rational.SATURATION).astype(np.float32)
    square = clamped * clamped

    def polynomial(coefficients):
        value = np.float32(coefficients[-1])
        for coefficient in coefficients[-2::-1]:
            value = value * square + np.float32(coefficient)
        return value

    return clamped * polynomial(rational.NUMERATOR) / polynomial(rational.DENOMINATOR)


def test_float32_error_is_as_stated():
    z = np.linspace(-12, 12, 2_000_001, dtype=np.float32)
    error = np.abs(quotient(z).astype(float) - np.tanh(z.astype(float))).max()
    assert rational.FLOAT32_ERROR / 2 < error <= rational.FLOAT32_ERROR


def test_the_stored_coefficients_are_what_fit_finds():
    for stored, found in zip(
        (rational.NUMERATOR, rational.DENOMINATOR), rational.fit(), strict=True
    ):
        np.testing.assert_allclose(stored, found, rtol=2e-2)


def test_its_slope_errs_eight_times_as_much_as_the_librarys():
    """1 − s² of a saturated s keeps only the absolute error of s: the parity tests' allowance."""
    z = np.linspace(-12, 12, 2_000_001, dtype=np.float32)
    slope = 1 - np.tanh(z.astype(float)) ** 2
    ours, library = (
        np.abs((np.float32(1) - s * s).astype(float) - slope).max()
        for s in (quotient(z), torch.tanh(torch.from_numpy(z)).numpy())
    )
    assert 4 * library < ours <= 8 * library
