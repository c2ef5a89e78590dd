"""Random instances for the equations and theorems: Hypothesis draws sizes and a seed."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from ltcbook.papers.equations import Array, Equation

sizes = st.integers(1, 5)
seeds = st.integers(0, 2**32 - 1)


def draw(equation: Equation, n: int, m: int, seed: int) -> dict[str, Array]:
    """Normal values for every array argument; leaks, weights and capacitances are positive."""
    rng = np.random.default_rng(seed)
    size = {"n": n, "m": m, "k": m}
    arguments: dict[str, Array] = {}
    for name, letters in equation.shapes.items():
        values: Any = rng.normal(size=[size[letter] for letter in letters])
        arguments[name] = np.abs(values) + 0.1 if name in {"w_l", "w", "v", "C"} else values
    return arguments


def pick(arguments: dict[str, Array], *names: str) -> dict[str, Array]:
    """The named arguments alone."""
    return {name: arguments[name] for name in names}
