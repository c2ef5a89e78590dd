"""Theorem 3 of paper B made precise, and paper A's remark that NRNs alone are robust."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ltcbook.papers.equations import Array, logistic, register
from ltcbook.papers.theorems._theorem import Theorem
from ltcbook.papers.theorems.flows import largest


class ALTC(NamedTuple):
    """The numbers of an autonomous SA-LTC, B.13; matrices as [from, to]."""

    w_l: Array
    e_l: Array
    w: Array
    a: Array
    b: Array
    e: Array
    C: Array

    def rate(self, x: Array) -> Array:
        """B.13: rate of change of the potentials x (n)."""
        rate: Array = register["B.13"].function(x, *self)
        return rate

    def conductances(self, x: Array) -> Array:
        """The state-dependent coefficients g_ji = w_ji σ(a_ji x_j + b_ji), shape (n, n)."""
        return np.asarray(self.w * logistic(self.a * x[:, None] + self.b))

    def linear_form(self, x: Array) -> tuple[Array, Array]:
        """Drive p (n) and decay q (n) at the state x: the rate is (p - q * x) / C."""
        g = self.conductances(x)
        return self.w_l * self.e_l + (g * self.e).sum(0), self.w_l + g.sum(0)

    def hull(self) -> tuple[float, float]:
        """Lowest and highest of all resting and reversal potentials."""
        potentials = np.concatenate([self.e_l, self.e.ravel()])
        return float(potentials.min()), float(potentials.max())

    def lipschitz(self, low: float, high: float) -> Array:
        """Bound L_i (n) on the change of each rate per largest change of a potential, on a box."""
        pull = np.maximum(np.abs(self.e - low), np.abs(self.e - high))
        bound: Array = (self.w_l + (self.w * (1 + np.abs(self.a) / 4 * pull)).sum(0)) / self.C
        return bound


def random_altc(rng: np.random.Generator, n: int) -> ALTC:
    """Potentials normal, conductances and capacitances positive, slopes of either sign."""
    w_l, C = rng.uniform(0.1, 2, size=(2, n))
    a, b, e = rng.normal(size=(3, n, n)) * np.array([4.0, 2.0, 1.0])[:, None, None]
    return ALTC(w_l, rng.normal(size=n), rng.uniform(0, 2, size=(n, n)), a, b, e, C)


def check_theorem_3(seed: int) -> float:
    """Parts 1 to 4 of B.T3 on a random instance: what is left over of each, or exceeds it."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 6))
    altc = random_altc(rng, n)
    low, high = altc.hull()
    x, other = rng.uniform(low, high, size=(2, n))
    drive, decay = altc.linear_form(x)
    linear = altc.rate(x) - (drive - decay * x) / altc.C

    g = altc.conductances(x)
    regressors = altc.w_l * (altc.e_l - x) + (g * (altc.e - x[None, :])).sum(0)
    change = np.abs(altc.rate(x) - altc.rate(other))
    excess = change - altc.lipschitz(low, high) * np.max(np.abs(x - other))

    top, bottom = x.copy(), x.copy()
    top[0], bottom[0] = high, low
    escape = [altc.rate(top)[0], -altc.rate(bottom)[0]]
    return largest(
        linear, altc.rate(x) - regressors / altc.C, np.maximum(excess, 0), np.maximum(escape, 0)
    )


def counterexample_3() -> float:
    """One excitatory synapse from neuron 1 to neuron 2: the rate at the middle of two states,
    less the middle of the two rates. It is zero for every function that is affine in x."""
    only_from_1_to_2 = np.array([[0.0, 1.0], [0.0, 0.0]])
    one, zero = np.ones((2, 2)), np.zeros((2, 2))
    altc = ALTC(np.ones(2), np.zeros(2), only_from_1_to_2, 3 * one, zero, one, np.ones(2))
    x, other = np.array([0.0, 0.0]), np.array([2.0, 0.0])
    return float((altc.rate((x + other) / 2) - (altc.rate(x) + altc.rate(other)) / 2)[1])


def check_robustness(seed: int) -> float:
    """A.S6 on a random CT-RNN: what exceeds its bound for the states of all size."""
    rng = np.random.default_rng(seed)
    n, scale = int(rng.integers(1, 6)), 10 ** rng.uniform(-2, 4)
    w, b, w_l = rng.normal(size=(n, n)), rng.normal(size=n), rng.uniform(0, 2, size=n)
    x, other = scale * rng.normal(size=(2, n))
    rate = register["B.7"].function
    change = np.abs(rate(x, w_l, w, b) - rate(other, w_l, w, b))
    bound = (w_l + np.abs(w).sum(0) / 4) * np.max(np.abs(x - other))
    return largest(np.maximum(change - bound, 0) / scale)


def counterexample_robustness() -> float:
    """Change of an NRN's rate, over the change of its state, when the other neuron is at 1000."""
    w = np.array([[0.0, 1.0], [0.0, 0.0]])
    nothing, both = np.zeros(2), np.zeros((2, 2))
    x, other = np.array([0.0, 1000.0]), np.array([0.01, 1000.0])
    rate = register["A.9"].function
    change = rate(other, nothing, nothing, w, nothing, both)
    change -= rate(x, nothing, nothing, w, nothing, both)
    return float(np.abs(change[1]) / 0.01)


THEOREM_3 = Theorem(
    id="B.T3",
    title="Interpretability of an LTC",
    place="B, Liquid Time Constant Networks, Autonomous case",
    chapter="liquid_time_constants",
    equations=("B.13",),
    printed=r"Each ALTC neuron is interpretable as linear regression of its inputs. (And in the "
    r"proof: small perturbations of $x$ lead to small changes in $\dot{x}$.)",
    conditions=r"$w_{ji} \geq 0$, $w_{li} \geq 0$, $C > 0$. The bound of part 3 holds on a box "
    r"$\ell \leq x_i \leq h$, and so for all time if the box holds all resting and reversal "
    r"potentials.",
    statement=r"""
Write $g_{ji}(x_j) = w_{ji}\sigma(a_{ji}x_j + b_{ji})$.

1. At every state, $C\dot{x}_i = w_{li}(e_{li} - x_i) + \sum_j g_{ji}(x_j)(e_{ji} - x_i)$ is linear
   in the regressors $e_{li} - x_i$ and $e_{ji} - x_i$, with coefficients that are not negative.
2. Equivalently $C\dot{x}_i = p_i(x) - q_i(x)\,x_i$ with $p_i = w_{li}e_{li} + \sum_j g_{ji}e_{ji}$
   and $q_i = w_{li} + \sum_j g_{ji}$. With frozen coefficients it is affine in $x_i$ alone; the
   other neurons act through the coefficients only. It is not a linear regression in $x$.
3. For $x$, $x'$ in the box, $|\dot{x}_i - \dot{x}'_i| \leq L_i \max_k |x_k - x'_k|$ with
   $L_i = \frac{1}{C}\left(w_{li} + \sum_j w_{ji}\left(1 + \frac{1}{4}|a_{ji}|
   \max(|e_{ji} - \ell|, |e_{ji} - h|)\right)\right)$.
4. The box from the lowest to the highest of all $e_{li}$ and $e_{ji}$ is never left.""",
    proof=r"""
1. This is B.13 as it stands, with $w_{ji} \geq 0$ and $\sigma > 0$.
2. This is 1 with the terms in $x_i$ collected.
3. With $g = g_{ji}(x_j)$ and $g' = g_{ji}(x'_j)$,

   $$g\,(e_{ji} - x_i) - g'(e_{ji} - x'_i) = -g\,(x_i - x'_i) + (g - g')(e_{ji} - x'_i).$$

   Here $0 \leq g \leq w_{ji}$ because $\sigma < 1$. Because $\sigma' = \sigma(1 - \sigma) \leq
   \frac{1}{4}$, $|g - g'| \leq \frac{1}{4}w_{ji}|a_{ji}||x_j - x'_j|$. And $|e_{ji} - x'_i|$ is at
   most its value at the farther end of the box. Sum over $j$ and add the leak.
4. Let $x_i = h$ be the highest of all these potentials. Then every term of 1 has $e - x_i \leq 0$,
   so that $\dot{x}_i \leq 0$; at the lowest, $\dot{x}_i \geq 0$. The right-hand side is Lipschitz
   on every box, so no trajectory crosses the boundary outwards. $\square$""",
    counterexample_text=r"One excitatory synapse with $a = 3$, $b = 0$, $e = 1$ from neuron 1 to "
    r"neuron 2, and $x_2 = 0$. As $x_1$ goes from 0 over 1 to 2, $\dot{x}_2 = \sigma(3x_1)$ goes "
    r"from 0.500 over 0.953 to 0.998: not a straight line. And the bound of part 3 is no bound on "
    r"all of space: $\partial\dot{x}_i / \partial x_j$ grows with $|x_i|$.",
    check=check_theorem_3,
    counterexample=counterexample_3,
)

ROBUSTNESS = Theorem(
    id="A.S6",
    title="Small changes lead to small changes",
    place="A §6, Neural Regulatory Networks",
    chapter="reading_a_network",
    equations=("A.8", "A.9"),
    printed=r"They [the synaptic currents of NRNs] ensure robustness, too: small changes of $x$ "
    r"lead to small changes of $f(x)$. This is not the case for DNNs, ResNets, NeuralODEs, and "
    r"CT-RNNs.",
    conditions=r"For NRNs: a bounded set of states.",
    statement=r"The right-hand side of a CT-RNN (and, without the leak, of a NeuralODE) is "
    r"Lipschitz on all of space: $|\dot{x}_i - \dot{x}'_i| \leq (w_i + \frac{1}{4}\sum_j |w_{ji}|) "
    r"\max_k |x_k - x'_k|$. That of an NRN is Lipschitz on every bounded set (B.T3, part 3) and on "
    r"no more.",
    proof=r"$|\dot{x}_i - \dot{x}'_i| \leq w_i|x_i - x'_i| + \sum_j |w_{ji}| |\sigma(x_j) - "
    r"\sigma(x'_j)|$, and $\sigma' \leq \frac{1}{4}$. For the NRN, "
    r"$\partial\dot{x}_i/\partial x_j = w_{ji}\sigma'(x_j)(E_{ji} - x_i)$ for $j \neq i$, which "
    r"grows without bound with $|x_i|$. $\square$",
    counterexample_text=r"Two neurons, one synapse with $w_{12} = 1$, $\mu_1 = 0$, $E_{12} = 0$. "
    r"At $x_2 = 1000$ a change of $x_1$ by 0.01 changes $\dot{x}_2$ by about 2.5. For a CT-RNN "
    r"with the same weight it is 0.0025 at most.",
    check=check_robustness,
    counterexample=counterexample_robustness,
)
