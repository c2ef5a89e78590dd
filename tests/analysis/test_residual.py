"""Plain layers forget, residual ones need not: the statements of the chapter."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import ltcbook
from ltcbook.analysis.residual import as_residual, deepen, pass_on, start_as_rotations
from ltcbook.nn.feedforward import LayeredNetwork
from ltcbook.nn.zoo import build

numbers = st.floats(-50, 50).filter(lambda x: abs(x) > 1e-3)
layers = st.integers(0, 300)


@given(x=numbers, t=layers)
def test_at_slope_one_a_message_fades_as_the_bound_says(x: float, t: int) -> None:
    assert abs(pass_on(x, t)) <= (1 / x**2 + t / 6) ** -0.5 * (1 + 1e-9)


@given(x=numbers, t=layers, w=st.floats(-3.99, 3.99))
def test_below_slope_one_it_fades_exponentially(x: float, t: int, w: float) -> None:
    assert abs(pass_on(x, t, w)) <= (abs(w) / 4) ** t * abs(x) * (1 + 1e-9)


@given(x=numbers, w=st.floats(4.5, 40))
def test_above_slope_one_only_its_sign_is_left(x: float, w: float) -> None:
    end = pass_on(x, 400, w)
    assert np.sign(end) == np.sign(x)
    np.testing.assert_allclose(end, np.sign(x) * pass_on(1.0, 400, w), rtol=1e-9)


@given(seed=st.integers(0, 1000), extra=st.integers(1, 5))
def test_idle_layers_change_nothing(seed: int, extra: int) -> None:
    model = ltcbook.build("ResNet", 3, 5, 2, depth=2, seed=seed)
    u = torch.randn(7, 3, generator=torch.Generator().manual_seed(seed))
    deeper = deepen(model, extra)
    assert len(deeper.layers) == 2 + extra and len(model.layers) == 2
    assert torch.equal(deeper(u), model(u))


@given(seed=st.integers(0, 1000), scale=st.floats(1, 1e6))
def test_a_residual_layer_repeats_a_plain_one(seed: int, scale: float) -> None:
    plain = ltcbook.build("DNN", 2, 6, 3, depth=1, seed=seed, dtype=torch.float64)
    u = torch.randn(7, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    added = plain.input_layer(u) @ (plain.readout.weight @ plain.layers[0].w).mT / scale
    gap = as_residual(plain, scale)(u) - plain(u)
    torch.testing.assert_close(gap, added, atol=1e-9, rtol=1e-9)


def test_bad_input_is_named() -> None:
    plain = ltcbook.build("DNN", 2, 3, 1, depth=1, seed=0)
    with pytest.raises(ValueError, match="model must have skip connections"):
        deepen(plain, 1)
    with pytest.raises(ValueError, match="model must be a plain network of one layer"):
        as_residual(ltcbook.build("DNN", 2, 3, 1, depth=2, seed=0), 1.0)
    with pytest.raises(ValueError, match="scale must be a finite number above 0, got -1.0"):
        as_residual(plain, -1.0)


def test_a_start_as_rotations_turns_small_states_and_keeps_their_length() -> None:
    model = build("DNN", 4, 6, 2, depth=3, seed=0, dtype=torch.float64)
    assert isinstance(model, LayeredNetwork)
    start_as_rotations(model, seed=1)
    x = 1e-3 * torch.randn(20, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        zero = model.trunk(torch.zeros(1, 6, dtype=torch.float64))
        length = (model.trunk(x) - zero).norm(dim=1)
    torch.testing.assert_close(length, x.norm(dim=1), rtol=1e-5, atol=0.0)


def test_only_plain_networks_start_as_rotations() -> None:
    model = build("ResNet", 4, 6, 2, depth=3, seed=0)
    assert isinstance(model, LayeredNetwork)
    with pytest.raises(ValueError, match="must be a plain network"):
        start_as_rotations(model)
