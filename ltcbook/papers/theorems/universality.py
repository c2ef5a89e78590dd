"""What a NeuralODE of the form B.5 can approximate, with and without augmentation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ltcbook.papers.equations import Array, register
from ltcbook.papers.theorems._theorem import Theorem
from ltcbook.papers.theorems.flows import largest, runge_kutta
from ltcbook.papers.theorems.state_forms import x_form

augmented = register["B.6"].function


def end_of_flow(w: Array, b: Array, x0: Array) -> Array:
    """State of B.5 after one unit of time; the vector form of Theorem 1, with W_ij = w_ji.

    >>> end_of_flow(np.zeros((1, 1)), np.zeros(1), np.array([0.7]))  # no synapse, no motion
    array([0.7])
    """
    return np.asarray(runge_kutta(x_form(w.T, b), x0, steps=20)[-1])


def layered(omega: Array, offsets: Array, v: Array) -> tuple[Array, Array]:
    """Weights and biases of B.5 for k input, H hidden and m output neurons.

    omega (k, H) from inputs to hidden, offsets (H) the hidden biases, v (H, m) to the outputs.

    >>> w, b = layered(np.ones((1, 2)), np.array([3.0, 4.0]), np.ones((2, 1)))
    >>> w
    array([[0., 1., 1., 0.],
           [0., 0., 0., 1.],
           [0., 0., 0., 1.],
           [0., 0., 0., 0.]])
    >>> b
    array([0., 3., 4., 0.])
    """
    (k, H), m = omega.shape, v.shape[1]
    w = np.zeros((k + H + m, k + H + m))
    w[:k, k : k + H], w[k : k + H, k + H :] = omega, v
    return w, np.concatenate([np.zeros(k), offsets, np.zeros(m)])


def fit(F: Callable[[Array], Array], samples: Array, H: int = 40, seed: int = 0) -> Array:
    """Values (S, m) at the samples (S, k) of an augmented B.5 that was made to approximate F.

    The hidden weights are drawn at random; those to the outputs solve a least-squares problem.
    Then B.6 pads each sample with zeros, the flow runs, and the last m entries are read.

    >>> samples = np.linspace(-1, 1, 21)[:, None]
    >>> values = fit(lambda x: -x, samples)
    >>> float(np.abs(values + samples).max()) < 0.01
    True
    """
    rng = np.random.default_rng(seed)
    k, wanted = samples.shape[1], np.array([F(x) for x in samples])
    m = wanted.shape[1]
    omega, offsets = rng.normal(scale=8, size=(k, H)), rng.normal(scale=4, size=H)

    def run(v: Array) -> Array:
        w, b = layered(omega, offsets, v)
        read = range(k + H, k + H + v.shape[1])
        ends = [augmented(x, len(b) - k, lambda x0: end_of_flow(w, b, x0), read) for x in samples]
        return np.array(ends)

    features = run(np.eye(H))  # one output for each hidden neuron
    v = np.linalg.lstsq(features, wanted, rcond=None)[0]
    return run(v.reshape(H, m))


def mirror(x: float) -> float:
    """Three neurons, the input, a constant and the output, that turn x into nearly -x.

    >>> [round(mirror(x), 2) for x in (-1.0, 0.0, 1.0)]
    [0.99, 0.0, -0.99]
    """
    w, gain = np.zeros((3, 3)), 4.3
    w[0, 2], w[1, 2] = -gain, gain  # the constant neuron stays at 0, where sigma is 1/2
    start = np.array([x])
    return float(augmented(start, 2, lambda x0: end_of_flow(w, np.zeros(3), x0), [2])[0])


def check_universality(seed: int) -> float:
    """Part 1 of A.S3: by how much a NeuralODE of one neuron reverses the order of inputs.

    >>> check_universality(seed=0)  # orders stay as they are
    0.0
    """
    rng = np.random.default_rng(seed)
    w, b = rng.normal(scale=3, size=(1, 1)), rng.normal(scale=2, size=1)
    starts = np.sort(rng.normal(scale=2, size=4))
    ends = [end_of_flow(w, b, np.array([x]))[0] for x in starts]
    return largest(np.minimum(np.diff(ends), 0))


def counterexample_universality() -> float:
    """Least possible error for x -> -x, at x = -1 and x = 1, of a map that keeps their order.

    The values p at -1 and q at 1 have p <= q; the errors are ``|p - 1|`` and ``|q + 1|``.

    >>> round(counterexample_universality(), 6)
    1.0
    """
    p, q = np.meshgrid(np.linspace(-2, 2, 401), np.linspace(-2, 2, 401))
    return float(np.min(np.where(p <= q, np.maximum(np.abs(p - 1), np.abs(q + 1)), np.inf)))


UNIVERSALITY = Theorem(
    id="A.S3",
    title="What a NeuralODE can approximate",
    place="A §5; B, Neural Ordinary Differential Equations and after Theorem 2",
    chapter="neural_odes",
    equations=("A.5", "A.7", "B.5", "B.6"),
    printed=r"CT-RNNs have been proven to be universal approximators, and the leading term does "
    r"not play an important role in this proof. Hence, NeuralODEs and augmented NeuralODEs are "
    r"universal approximators, too.",
    conditions=r"Augmentation: the state has more entries than input and output, and they start "
    r"at zero (A.7, B.6). The inputs come from a closed and bounded set.",
    statement=r"""
1. Without augmentation it is false. The map from start to end is one to one, and continuous in
   both directions. On the line it is increasing, and so no NeuralODE of one neuron comes closer
   than 1 to $x \mapsto -x$ on $[-1, 1]$.
2. With augmentation it holds, for B.5 itself. Let $F$ be continuous from a closed and bounded set
   $K$ in $\mathbb{R}^k$ to $\mathbb{R}^m$, and $\varepsilon > 0$. There are $H$, $w$ and $b$ such
   that B.5 with $k + H + m$ neurons, started at $(x, 0, 0)$, has after one unit of time its last
   $m$ entries within $\varepsilon$ of $F(x)$, for all $x$ in $K$.""",
    proof=r"""
1. Two solutions that meet at one time agree at all times, because the right-hand side is Lipschitz.
   So the map is one to one; continuity is continuity in the start, forwards and backwards. On the
   line, solutions that never meet keep their order. Let $p$ and $q$ be the values at $-1$ and $1$,
   so $p < q$. If both errors $|p - 1|$ and $|q + 1|$ were less than 1, then $p > 0 > q$, a
   contradiction.

2. Give the $k$ input neurons no incoming synapses, and no bias: they stay at $x$. Put
   $s_i = \sigma(x_i)$. Let hidden neuron $j$ have synapses from the inputs only, with weights
   $\omega_j$. It starts at 0, so it is at $t\,\omega_j \cdot s$ at time $t$. Let the outputs have
   synapses from the hidden neurons only, with weights $v_j$. They end at

   $$\sum_j v_j\,G(\omega_j \cdot s, b_j), \qquad G(r, b) = \int_0^1 \sigma(tr + b)\,dt.$$

   It remains to see that such sums come uniformly close to every continuous function of $s$. (As
   $x \mapsto s$ has a continuous inverse, $F$ is one, entry by entry.) Let $\mathcal{V}$ be the
   set of all uniform limits of such sums. It is a closed linear space. So it contains the limits
   of difference quotients in the weights: for every vector $\omega$ and every $d \geq 0$ also

   $$\left.\frac{\partial^d}{\partial\lambda^d} G(\lambda\,\omega \cdot s, b)\right|_{\lambda = 0}
   = \frac{\sigma^{(d)}(b)}{d + 1}\,(\omega \cdot s)^d.$$

   As $\sigma$ is analytic and no polynomial, there is a $b$ with $\sigma^{(d)}(b) \neq 0$. So
   $(\omega \cdot s)^d$ is in $\mathcal{V}$ for all $\omega$ and $d$. The powers of linear forms
   span all polynomials, and by Weierstrass these come close to every continuous function. $\square$

The printed argument does not show this. Funahashi and Nakamura approximate the trajectories of a
dynamical system, with hidden neurons whose start must be chosen to fit; they do not approximate
functions from start to end in the same dimension. And NeuralODEs are CT-RNNs without a leak: a
part of a universal class need not be universal.""",
    counterexample_text=r"$x \mapsto -x$ on $[-1, 1]$, in one dimension. With two more neurons, "
    r"$\dot{z} = 4.3\left(\frac{1}{2} - \sigma(x)\right)$, which is B.5, the error is 0.03.",
    check=check_universality,
    counterexample=counterexample_universality,
)
