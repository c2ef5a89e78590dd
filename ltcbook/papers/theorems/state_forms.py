"""Theorems 1 and 2 of paper B: the state as a sum of sigmoids, or as a sigmoid of a sum."""

from __future__ import annotations

import numpy as np

from ltcbook.papers.equations import Array, logistic
from ltcbook.papers.theorems._theorem import Theorem
from ltcbook.papers.theorems.flows import Rate, largest, runge_kutta


def y_form(W: Array, b: Array, w: Array | float = 0.0) -> Rate:
    """Rate of ẏ = -w * y + σ(Wy + b); W (n, n), b (n), leaks w (n) or none.

    >>> y_form(np.zeros((1, 1)), np.zeros(1))(0.0, np.ones(1))  # σ(0)
    array([0.5])
    """
    return lambda t, y: -w * y + logistic(W @ y + b)


def x_form(W: Array, b: Array, w: Array | float = 0.0) -> Rate:
    """Rate of ẋ = -w * x + Wσ(x + b); W (n, n), b (n), leaks w (n) or none.

    >>> x_form(2 * np.eye(1), np.zeros(1))(0.0, np.zeros(1))  # 2 σ(0)
    array([1.])
    """
    return lambda t, x: -w * x + W @ logistic(x + b)


def gap_of_forms(W: Array, b: Array, y0: Array, w: Array | float = 0.0) -> float:
    """Largest distance, over one unit of time, of Wy(t) from the x(t) that starts at Wy0.

    >>> W, b = np.array([[0.5, -1.0], [2.0, 0.3]]), np.array([0.1, -0.2])
    >>> gap_of_forms(W, b, np.ones(2)) < 1e-12
    True
    """
    y = runge_kutta(y_form(W, b, w), y0)
    x = runge_kutta(x_form(W, b, w), W @ y0)
    return largest(y @ W.T - x)


def gap_from_any_start(W: Array, b: Array, x0: Array, w: Array | float = 0.0) -> float:
    """Largest distance of x(t) from Wy(t) + exp(-wt) * c, with x0 = Wy0 + c and x0 arbitrary.

    y starts at the least-squares y0 and has the bias b + exp(-wt) * c.

    >>> W, b = np.array([[1.0, 0.0], [0.0, 0.0]]), np.zeros(2)
    >>> gap_from_any_start(W, b, np.array([0.0, 1.0])) < 1e-12
    True
    """
    y0 = np.linalg.lstsq(W, x0, rcond=None)[0]
    c = x0 - W @ y0

    def joint(t: float, state: Array) -> Array:
        y, rest, x = np.split(state, 3)
        y_rate = -w * y + logistic(W @ y + rest + b)
        return np.concatenate([y_rate, -w * rest, x_form(W, b, w)(t, x)])

    y, rest, x = np.split(runge_kutta(joint, np.concatenate([y0, c, x0])), 3, axis=1)
    return largest(y @ W.T + rest - x)


def distance_from_range(W: Array, x: Array) -> float:
    """Smallest distance of the states x (time, n) from the range of W.

    >>> W = np.array([[1.0, 0.0], [0.0, 0.0]])
    >>> distance_from_range(W, np.array([[3.0, 4.0]]))
    4.0
    """
    projector = W @ np.linalg.pinv(W)
    return float(np.min(np.linalg.norm(x - x @ projector.T, axis=1)))


def _instance(seed: int) -> tuple[np.random.Generator, Array, Array, Array]:
    """A random W (every other one of them singular), b and start."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 6))
    rank = n if seed % 2 else int(rng.integers(0, n + 1))
    W = rng.normal(size=(n, rank)) @ rng.normal(size=(rank, n))
    return rng, W, rng.normal(size=n), rng.normal(size=n)


def check_theorem_1(seed: int) -> float:
    """Parts 1 and 3 of B.T1 on a random instance: distance of the two sides.

    >>> check_theorem_1(seed=0) < 1e-9
    True
    """
    _, W, b, start = _instance(seed)
    return largest(gap_of_forms(W, b, start), gap_from_any_start(W, b, start))


def counterexample_1() -> float:
    """W = [[1, 0], [0, 0]] and x(0) = (0, 1): how far x(t) stays from every Wy.

    >>> round(counterexample_1(), 3)
    1.0
    """
    W, b = np.array([[1.0, 0.0], [0.0, 0.0]]), np.zeros(2)
    return distance_from_range(W, runge_kutta(x_form(W, b), np.array([0.0, 1.0])))


def commuting(rng: np.random.Generator, W: Array) -> tuple[Array, Array]:
    """W without its entries between neurons of unequal leak, and two-valued leaks w (n).

    >>> W, w = commuting(np.random.default_rng(0), np.ones((3, 3)))
    >>> bool(np.all(W @ np.diag(w) == np.diag(w) @ W))
    True
    """
    w = rng.choice([0.5, 2.0], size=len(W))
    return np.where(w[:, None] == w[None, :], W, 0.0), w


def gap_of_matrix_leak(W: Array, b: Array, y0: Array, w: Array) -> float:
    """Largest distance of Wy(t) from the x(t) whose leak is W diag(w) W⁻¹; W is invertible.

    >>> W, b = np.array([[0.5, -1.0], [2.0, 0.3]]), np.array([0.1, -0.2])
    >>> gap_of_matrix_leak(W, b, np.ones(2), np.array([1.0, 3.0])) < 1e-12
    True
    """
    leak = W @ np.diag(w) @ np.linalg.inv(W)
    y = runge_kutta(y_form(W, b, w), y0)
    x = runge_kutta(lambda t, x: -leak @ x + W @ logistic(x + b), W @ y0)
    return largest(y @ W.T - x)


def check_theorem_2(seed: int) -> float:
    """Parts 1 to 4 of B.T2 on a random instance: distance of the two sides.

    >>> check_theorem_2(seed=0) < 1e-9
    True
    """
    rng, W, b, start = _instance(seed)
    block, w = commuting(rng, W)
    unequal = rng.uniform(0.5, 3.0, size=len(W))  # almost surely W diag(w) != diag(w) W
    slip = W @ y_form(W, b, unequal)(0, start) - x_form(W, b, unequal)(0, W @ start)
    predicted = (np.diag(unequal) @ W - W @ np.diag(unequal)) @ start
    return largest(
        gap_of_forms(block, b, start, w),
        gap_of_forms(W, b, start, float(unequal[0])),  # one leak for all: any W will do
        gap_from_any_start(block, b, start, w),
        slip - predicted,
        gap_of_matrix_leak(W + 20 * np.eye(len(W)), b, start / 20, unequal),
    )


def counterexample_2() -> float:
    """w = (1, 3), two neurons that excite each other: how far Wy leaves x within unit time.

    >>> round(counterexample_2(), 3)
    0.485
    """
    W, w = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([1.0, 3.0])
    return gap_of_forms(W, np.zeros(2), np.array([1.0, 0.0]), w)


THEOREM_1 = Theorem(
    id="B.T1",
    title="Two forms of a NeuralODE",
    place="B, Neural Ordinary Differential Equations",
    chapter="neural_odes",
    equations=("B.5",),
    printed=r"Let $x$ and $y$ be state vectors. Then $\dot{y} = \sigma(Wy + b)$ is equivalent to "
    r"$\dot{x} = W\sigma(x + b)$.",
    conditions=r"From $y$ to $x$: none. From $x$ to $y$: $x(0)$ lies in the range of $W$. For a "
    r"correspondence one to one: $W$ is invertible.",
    statement=r"""
1. If $y$ solves $\dot{y} = \sigma(Wy + b)$, then $x = Wy$ solves $\dot{x} = W\sigma(x + b)$.
2. If $x$ solves $\dot{x} = W\sigma(x + b)$ and $x(0) = Wy_0$ for some $y_0$, then $x = Wy$, where
   $y$ solves $\dot{y} = \sigma(Wy + b)$ with $y(0) = y_0$. If $x(0)$ is not in the range of $W$,
   then $x(t)$ is not at any time, and there is no such $y$.
3. For every $x(0) = Wy_0 + c$, $x = Wy + c$, where $y$ solves $\dot{y} = \sigma(Wy + (b + c))$ with
   $y(0) = y_0$: the part of the start that $W$ cannot reach acts as a bias.""",
    proof=r"""
1. $\dot{x} = W\dot{y} = W\sigma(Wy + b) = W\sigma(x + b)$.
2. Let $y$ solve its equation with $y(0) = y_0$. By 1, $Wy$ solves the equation of $x$, and it
   starts at $Wy_0 = x(0)$. The right-hand side is Lipschitz, so there is one solution only:
   $x = Wy$. For the other case, $x(t) - x(0) = W \int_0^t \sigma(x + b)\,ds$ is in the range of
   $W$. If $x(t)$ were too, so would be $x(0)$.
3. Put $x = Wy + c$. Then $\dot{x} = W\dot{y} = W\sigma(Wy + c + b) = W\sigma(x + b)$, and
   $x(0) = Wy_0 + c$. Again there is one solution only. $\square$

If $Wk = 0$, the starts $y_0$ and $y_0 + k$ give the same $x$: then $y \mapsto x$ forgets $k$.""",
    counterexample_text=r"Take $W = \begin{pmatrix} 1 & 0 \\ 0 & 0 \end{pmatrix}$ and "
    r"$x(0) = (0, 1)^T$. The second entry of every $Wy$ is 0, that of $x(t)$ is 1 for ever.",
    check=check_theorem_1,
    counterexample=counterexample_1,
)

THEOREM_2 = Theorem(
    id="B.T2",
    title="Two forms of a CT-RNN",
    place="B, Continuous-Time Recurrent Neural Networks, Autonomous case",
    chapter="ct_rnns",
    equations=("B.7", "B.9"),
    printed=r"Let $x$ and $y$ be state vectors. Then $\dot{y} = -w * y + \sigma(Wy + b)$ and "
    r"$\dot{x} = -w * x + W\sigma(x + b)$ are equivalent ODEs where $*$ is the pointwise product "
    r"of vectors.",
    conditions=r"$W\,\mathrm{diag}(w) = \mathrm{diag}(w)\,W$, that is, $W_{ij} = 0$ wherever "
    r"$w_i \neq w_j$: synapses join neurons of equal leak only. One leak for all neurons will do, "
    r"and that is the case in Funahashi and Nakamura. From $x$ to $y$, also that $x(0)$ lies in "
    r"the range of $W$.",
    statement=r"""
1. If $W\,\mathrm{diag}(w) = \mathrm{diag}(w)\,W$ and $y$ solves its equation, then $x = Wy$ solves
   the other one. If $x$ solves its equation and $x(0) = Wy_0$, then $x = Wy$, where $y$ solves its
   equation with $y(0) = y_0$.
2. If $W\,\mathrm{diag}(w) \neq \mathrm{diag}(w)\,W$, there is a $y(0)$ for which $Wy$ does not
   solve the equation of $x$: at $t = 0$ the two rates differ by
   $(\mathrm{diag}(w)W - W\mathrm{diag}(w))\,y(0)$.
3. Under the condition of 1, for every $x(0) = Wy_0 + c$: $x = Wy + e^{-wt} * c$, where
   $\dot{y} = -w * y + \sigma(Wy + e^{-wt} * c + b)$ and $y(0) = y_0$. The part of the start that
   $W$ cannot reach is forgotten.
4. If $W$ is invertible and $w$ is arbitrary, $x = Wy$ solves
   $\dot{x} = -W\mathrm{diag}(w)W^{-1}x + W\sigma(x + b)$: the leak becomes a matrix.""",
    proof=r"""
Write $D = \mathrm{diag}(w)$, so that $w * y = Dy$. Let $y$ solve its equation and $x = Wy$. Then

$$\dot{x} = W\dot{y} = -WDy + W\sigma(x + b) = -Dx + W\sigma(x + b) + (DW - WD)\,y.$$

1. If $WD = DW$, the last term vanishes. The converse is part 2 of B.T1, word for word.
2. If $DW - WD \neq 0$, some vector $y(0)$ is not in its kernel. Its entries are
   $(w_i - w_j)W_{ij}$, and so the condition is the one above.
3. $\frac{d}{dt}(Wy + e^{-Dt}c) = -WDy + W\sigma(x + b) - De^{-Dt}c
   = -D(Wy + e^{-Dt}c) + W\sigma(x + b)$, with $WD = DW$ in the last step. The start is $x(0)$, and
   there is one solution only.
4. $-WDy = -WDW^{-1}x$. $\square$

The printed proof writes $W(-w * y) = -w * (Wy)$. That is where the condition is used.""",
    counterexample_text=r"Take $w = (1, 3)$, $W = \begin{pmatrix} 0 & 1 \\ 1 & 0 \end{pmatrix}$, "
    r"$b = 0$ and $y(0) = (1, 0)^T$. Then $x(0) = (0, 1)^T$; the equation of $x$ makes its second "
    r"entry decay at the rate 3, but $Wy$ makes it decay at the rate 1.",
    check=check_theorem_2,
    counterexample=counterexample_2,
)
