"""The sealed exercises of the first three chapters can be solved from their black boxes."""

from __future__ import annotations

import numpy as np
import pytest

from ltcbook.papers.theorems.flows import runge_kutta
from ltcbook.teaching.exercises import sealed_artificial_neuron, sealed_flow, sealed_residual_layer


@pytest.mark.parametrize("seed", range(5))
def test_an_artificial_neuron_is_found_by_three_probes(seed: int) -> None:
    respond, sealed = sealed_artificial_neuron(seed)
    y = respond(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    base, one, two = np.log(y / (1 - y))
    answer = sealed.check(w1=one - base, w2=two - base, threshold=-base)
    assert answer == "w1: found, w2: found, threshold: found"


@pytest.mark.parametrize("seed", range(5))
def test_a_residual_layer_is_found_by_two_probes(seed: int) -> None:
    layer, sealed = sealed_residual_layer(seed)
    weight = layer(np.array([50.0]))[0] - 50.0
    opening = layer(np.array([0.0]))[0] / weight
    answer = sealed.check(weight=weight, midpoint=-np.log(opening / (1 - opening)))
    assert answer == "weight: found, midpoint: found"


@pytest.mark.parametrize("seed", range(5))
def test_a_sealed_flow_solves_its_equation(seed: int) -> None:
    flow, sealed = sealed_flow(seed)
    weight, low, high = flow(np.array([50.0]), 1.0)[0] - 50.0, 0.5, 4.0
    for _ in range(40):  # the later the sigmoid opens, the less is gained from 0 in unit time
        midpoint = (low + high) / 2
        end = runge_kutta(
            lambda t, x, m=midpoint: weight / (1 + np.exp(m - x)), np.zeros(1), 1.0, 200
        )[-1, 0]
        low, high = (midpoint, high) if end > flow(np.zeros(1), 1.0)[0] else (low, midpoint)
    assert sealed.check(weight=weight, midpoint=low) == "weight: found, midpoint: found"
    starts = np.linspace(-20, 20, 9)
    exact = runge_kutta(lambda t, x: weight / (1 + np.exp(low - x)), starts, 1.0, 400)[-1]
    np.testing.assert_allclose(flow(starts, 1.0), exact, atol=1e-8)
