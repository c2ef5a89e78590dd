"""Products of matrices with lanes: right values, and the same bits anywhere."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ltcbook.kernels.cpu.products import add_product, add_row_products


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.integers(1, 7),
    count=st.integers(1, 9),
    eights=st.integers(1, 20),
    transposed=st.booleans(),
    single=st.booleans(),
    seed=st.integers(0, 10**6),
)
def test_a_product_is_numpys_for_any_number_of_lanes(
    rows, count, eights, transposed, single, seed
) -> None:
    dtype = np.float32 if single else np.float64
    weights = numbers(rows, count, seed=seed).astype(dtype)
    # one step out of three, as in a backward pass
    given_ = numbers(count, 3, 8 * eights, seed=seed + 1).astype(dtype)[:, 1]
    total = numbers(rows, 8 * eights, seed=seed + 2).astype(dtype)
    expected = total.astype(float) + weights.astype(float) @ given_.astype(float)
    add_product(np.ascontiguousarray(weights.T).T if transposed else weights, given_, total)
    # count + 1 roundings, each of half a unit of at most the sum of absolute values
    scale = np.abs(weights) @ np.abs(given_) + np.abs(expected)
    assert (np.abs(total - expected) <= (count + 1) * np.finfo(dtype).eps * scale).all()


def test_a_lane_gets_the_same_bits_in_a_vector_of_any_width() -> None:
    weights = numbers(5, 7).astype(np.float32)
    given_ = numbers(7, 120, seed=1).astype(np.float32)  # 64 + 32 + 16 + 8 lanes
    together = np.zeros((5, 120), np.float32)
    add_product(weights, given_, together)
    for first in range(0, 120, 8):
        alone = np.zeros((5, 8), np.float32)
        add_product(weights, np.ascontiguousarray(given_[:, first : first + 8]), alone)
        assert np.array_equal(alone, together[:, first : first + 8])


@pytest.mark.parametrize("post", [1, 2, 5])
def test_products_of_rows_are_summed_over_steps_and_lanes(post: int) -> None:
    receivers, senders = numbers(post, 3, 8), numbers(4, 3, 8, seed=1)
    total = np.ones((post, 4))
    add_row_products(receivers, senders, total)
    np.testing.assert_allclose(total, 1 + np.einsum("isl,jsl->ij", receivers, senders), rtol=1e-12)
