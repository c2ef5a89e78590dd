"""Every function against numbers worked out by hand.

L = ln 3 makes the arithmetic exact: the logistic function is 1/4, 1/2, 3/4 at -L, 0, L.
The weights are not symmetric, so a function that swaps i and j fails.
"""

from __future__ import annotations

from math import log, pi, sqrt
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit

from ltcbook.papers.equations import logistic, logistic_with_threshold, register

L = log(3)
W = [[1, 2], [3, 4]]  # w_11 = 1, w_12 = 2 (from 1 to 2), w_21 = 3, w_22 = 4
X = {"x": [0, L]}
STATE = X | {"w": W}
LEAK = {"w_l": [1, 2]}
INPUT = {"u": [L], "v": [[4, 8]]}
REST = LEAK | {"e_l": [3, L], "C": 2}
SYNAPTIC = {"a": [[1, 2], [1, -1]], "b": [[L, 0], [0, 0]]}  # sigma = 3/4, 1/2; 3/4, 1/4
SYNAPTIC_X = {"a_x": SYNAPTIC["a"], "b_x": SYNAPTIC["b"]}
SYNAPTIC_U = {"a_u": [[1, -1]], "b_u": 0}  # sigma = 3/4, 1/4
E = [[2, L + 1], [-1, L - 2]]  # e_ji - x_i = 2, 1; -1, -2

BY_HAND: list[tuple[str, dict[str, Any], list[float]]] = [
    ("A.1", {"y": [2, -1], "w": [[L, 0], [L, L]], "mu": [0, -2 * L]}, [3 / 4, 3 / 4]),
    ("A.2", STATE | {"mu": [L, 0]}, [2.5, L + 3.5]),
    ("A.3", STATE | {"mu": [L, 0]}, [2.5, L + 3.5]),
    ("A.5", STATE | {"mu": [L, 0]}, [2.5, 3.5]),
    ("A.6", STATE | {"mu": [L, 0], "t": 3.0, "d": lambda t: t / 6}, [1.25, L + 1.75]),
    ("A.8", STATE | LEAK | {"mu": [L, 0]}, [2.5, 3.5 - 2 * L]),
    ("B.1", {"y": [2, -1], "w": [[L, 0], [L, L]], "b": [0, 2 * L]}, [3 / 4, 3 / 4]),
    ("B.2", STATE | {"b": [-L, 0]}, [2.5, L + 3.5]),
    ("B.3", STATE | {"b": [-L, 0]}, [2.5, L + 3.5]),
    ("B.5", STATE | {"b": [-L, 0]}, [2.5, 3.5]),
    ("B.7", STATE | LEAK | {"b": [-L, 0]}, [2.5, 3.5 - 2 * L]),
    ("B.8", STATE | LEAK | SYNAPTIC, [3, 2 - 2 * L]),
    (
        "B.9",
        LEAK | {"y": [1, 0], "u": [1], "W": [[L, 5], [-L, 7]], "V": [[0], [2 * L]], "b": 0},
        [-1 / 4, 3 / 4],
    ),
    (
        "B.10",
        X | LEAK | {"W": [[1, 3], [2, 4]], "a_x": 1, "b_x": 0}
        | {"u": [L], "V": [[4], [8]], "a_u": -1, "b_u": 0},
        [3.75, 6 - 2 * L],
    ),
    (
        "B.11",
        X | LEAK | {"W": [[1, 3], [2, 4]], "a": 1, "b": 0, "u": [L], "V": [[4], [8]]},
        [2.75 + 4 * L, 4 + 6 * L],
    ),
    ("B.12", STATE | LEAK | INPUT | SYNAPTIC_X | SYNAPTIC_U, [6, 4 - 2 * L]),
    ("B.13", STATE | REST | SYNAPTIC | {"e": E}, [1.125, -0.5]),
    ("B.14", STATE | REST | {"a": 1, "b": [L, 0], "e": E}, [1.125, -2.25]),
    (
        "B.15",
        STATE | REST | INPUT | SYNAPTIC_X | SYNAPTIC_U | {"e_x": E, "e_u": [[1, L + 2]]},
        [2.625, 1.5],
    ),
    ("B.16", STATE | REST | INPUT | SYNAPTIC_X | {"e": E}, [1.125 + 2 * L, -0.5 + 4 * L]),
    (
        "B.17",
        STATE | REST | INPUT | {"a_x": 1, "b_x": [L, 0], "a_u": -1, "b_u": 0}
        | {"e_x": [2, L - 1], "e_u": [1, L + 2]},
        [5, -0.25],
    ),
    ("B.18", STATE | REST | SYNAPTIC | {"e": E}, [1.125, -0.5]),
]  # fmt: skip


@pytest.mark.parametrize(("number", "arguments", "by_hand"), BY_HAND, ids=[r[0] for r in BY_HAND])
def test_against_hand_computed_values(
    number: str, arguments: dict[str, Any], by_hand: list[float]
) -> None:
    np.testing.assert_allclose(register[number](**arguments), by_hand, rtol=1e-13, atol=1e-13)


def test_a9_in_millivolts() -> None:
    """Neuron 2 inhibits neuron 1; neuron 1 excites neuron 2; both half open."""
    rate = register["A.9"](
        x=[-70, -60],
        w_l=1,
        E_l=-70,
        w=[[0, 2], [4, 0]],
        mu=[-70, -60],
        E=[[0, 0], [-90, 0]],
    )
    np.testing.assert_allclose(rate, [4 / 2 * (-90 + 70), -10 + 2 / 2 * 60])


@pytest.mark.parametrize(("number", "offset"), [("A.4", {"mu": [L, 0]}), ("B.4", {"b": [-L, 0]})])
def test_parameters_that_change_with_time(number: str, offset: dict[str, list[float]]) -> None:
    """Weights that grow with t, thresholds that vanish at t = 0 and stand at t = 1."""
    ((letter, values),) = offset.items()
    moving = {"w": lambda t: (t + 1) * np.array(W), letter: lambda t: t * np.array(values)}
    np.testing.assert_allclose(register[number](0.0, [0, L], **moving), [2.75, 4.0])
    np.testing.assert_allclose(register[number](1.0, [0, L], **moving), [5.0, 7.0])


@pytest.mark.parametrize("number", ["A.7", "B.6"])
def test_augmentation_pads_flows_and_projects(number: str) -> None:
    seen = []

    def flow(state: np.ndarray) -> np.ndarray:
        seen.append(state)
        return state[::-1] + 10

    np.testing.assert_array_equal(register[number]([1, 2], 2, flow, (3, 0)), [11, 10])
    np.testing.assert_array_equal(seen[0], [1, 2, 0, 0])


def test_logistic_is_the_logistic_function() -> None:
    x = np.linspace(-800, 800, 4001)  # far enough out for exp to overflow
    np.testing.assert_allclose(logistic(x), expit(x), rtol=1e-14)
    assert logistic(L) == pytest.approx(3 / 4)


def test_threshold_is_where_the_corrected_sigma_of_a1_passes_one_half() -> None:
    assert logistic_with_threshold(2.5, 2.5) == 0.5
    assert logistic_with_threshold(2.5 + L, 2.5) == pytest.approx(3 / 4)


@pytest.mark.parametrize("a", [0.5, 1.0, 4.0])
def test_the_slope_a_is_not_the_variance(a: float) -> None:
    """The density whose distribution is sigma(ax) has the variance pi^2 / (3 a^2)."""

    def weighted_density(x: float) -> float:
        opening = float(logistic(a * x))
        return x * x * a * opening * (1 - opening)

    variance, _ = quad(weighted_density, -80 / a, 80 / a, limit=200)
    assert sqrt(variance) == pytest.approx(pi / (sqrt(3) * a), rel=1e-8)
    assert abs(variance - a) > 1e-2  # nowhere near a, at any of these slopes
