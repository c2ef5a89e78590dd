"""Equations A.1 to A.9 (Neural Regulatory Networks, arXiv 2002.12776).

The letters are the paper's. ``w[j][i]`` is the paper's w_ji: from neuron j to neuron i. One name
differs: the leak, w_i in A.8 and w_li in A.9, is ``w_l`` in both, as ``w`` is the synapses'.
The functions are oracles. They are written to be compared with the print, not to be fast.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ltcbook.papers.equations._activation import logistic_with_threshold as sigma
from ltcbook.papers.equations._equation import Array, Equation

_THRESHOLD = {"x": ("n",), "w": ("n", "n"), "mu": ("n",)}


def a1(y: Array, w: Array, mu: Array) -> Array:
    """One layer of artificial neurons: outputs y (n) of layer t to outputs (k) of layer t + 1."""
    n, k = w.shape
    return np.array([sigma(sum(w[j][i] * y[j] for j in range(n)), mu[i]) for i in range(k)])


A1 = Equation(
    number="A.1",
    latex=r"y_i^{t+1} = \sigma\left(\sum_{j=1}^n w_{ji}^t \, y_j^t, \mu_i^{t+1}\right) \quad "
    r"\sigma(x, \mu) = \frac{1}{1 + e^{x - \mu}}",
    correction=r"y_i^{t+1} = \sigma\left(\sum_{j=1}^n w_{ji}^t \, y_j^t, \mu_i^{t+1}\right) \quad "
    r"\sigma(x, \mu) = \frac{1}{1 + e^{-(x - \mu)}}",
    note="The print lacks the minus sign in the exponent: as printed, a neuron falls silent when "
    "its input passes the threshold. The same slip would turn every excitatory synapse of "
    r"A.2 to A.9 into one that closes. Paper B's B.1 has the sign right, with $b = -\mu$.",
    place="A §2, Artificial Neural Networks",
    chapter="artificial_neurons",
    meaning="A neuron adds up its weighted inputs and answers with a smooth step at its threshold.",
    function=a1,
    shapes={"y": ("n",), "w": ("n", "k"), "mu": ("k",)},
)


def a2(x: Array, w: Array, mu: Array) -> Array:
    """One residual layer: sums x (n) of layer t to sums (n) of layer t + 1."""
    n = range(len(x))
    y = [sigma(x[j], mu[j]) for j in n]
    return np.array([x[i] + sum(w[j][i] * y[j] for j in n) for i in n])


A2 = Equation(
    number="A.2",
    latex=r"x_i^{t+1} = x_i^t + \sum_{j=1}^n w_{ji}^t \, y_j^t \quad "
    r"y_j^t = \sigma(x_j^t, \mu_j^t)",
    place="A §3, Residual Neural Networks",
    chapter="residual_networks",
    meaning="A residual layer keeps the sum it has and adds to it; the state is the sum.",
    function=a2,
    shapes=_THRESHOLD,
)


def a3(x: Array, w: Array, mu: Array) -> Array:
    """A.2 with the weight moved into the synapse: sums x (n) to sums (n) of the next layer."""
    n = range(len(x))
    y = [[w[j][i] * sigma(x[j], mu[j]) for i in n] for j in n]
    return np.array([x[i] + sum(y[j][i] for j in n) for i in n])


A3 = Equation(
    number="A.3",
    latex=r"x_i^{t+1} = x_i^t + \sum_{j=1}^n y_{ji}^t \quad "
    r"y_{ji}^t = w_{ji}^t \, \sigma(x_j^t, \mu_j^t)",
    place="A §3, Residual Neural Networks",
    chapter="residual_networks",
    meaning="The neuron only adds; the smooth step and the weight belong to the synapse.",
    function=a3,
    shapes=_THRESHOLD,
)


def a4(t: float, x: Array, w: Callable[[float], Array], mu: Callable[[float], Array]) -> Array:
    """Rate of change of x (n) at time t, with weights w(t) (n, n) and thresholds mu(t) (n)."""
    n = range(len(x))
    y = [[w(t)[j][i] * sigma(x[j], mu(t)[j]) for i in n] for j in n]
    return np.array([sum(y[j][i] for j in n) for i in n])


A4 = Equation(
    number="A.4",
    latex=r"\dot{x}_i(t) = \sum_{j=1}^n y_{ji}(t) \quad "
    r"y_{ji}(t) = w_{ji}(t) \, \sigma(x_j(t), \mu_j(t))",
    note="The text after it says that the states and the weights change with time; so do the "
    r"thresholds $\mu_j(t)$.",
    place="A §4, Neural Ordinary Differential Equations",
    chapter="neural_odes",
    meaning="A residual network with infinitely many infinitely thin layers is a flow.",
    function=a4,
    shapes={"x": ("n",)},
)


def a5(x: Array, w: Array, mu: Array) -> Array:
    """Rate of change of the state x (n) of a NeuralODE; w (n, n) and mu (n) do not change."""
    n = range(len(x))
    y = [[w[j][i] * sigma(x[j], mu[j]) for i in n] for j in n]
    return np.array([sum(y[j][i] for j in n) for i in n])


A5 = Equation(
    number="A.5",
    latex=r"\dot{x}_i(t) = \sum_{j=1}^n y_{ji}(t) \quad "
    r"y_{ji}(t) = w_{ji} \, \sigma(x_j(t), \mu_j)",
    place="A §4, Neural Ordinary Differential Equations",
    chapter="neural_odes",
    meaning="A NeuralODE: the same synapses drive the flow at every moment.",
    function=a5,
    shapes=_THRESHOLD,
)


def a6(t: float, x: Array, w: Array, mu: Array, d: Callable[[float], float]) -> Array:
    """One Euler step of A.5 of length d(t): state x (n) at time t to the state at t + d(t)."""
    n = range(len(x))
    y = [[w[j][i] * sigma(x[j], mu[j]) for i in n] for j in n]
    return np.array([x[i] + d(t) * sum(y[j][i] for j in n) for i in n])


A6 = Equation(
    number="A.6",
    latex=r"x_i(t + d(t)) = x_i(t) + \sum_{j=1}^n y_{ji}(t) \quad "
    r"y_{ji}(t) = w_{ji} \, d(t) \, \sigma(x_j(t), \mu_j)",
    correction=r"x_i(t + d(t)) = x_i(t) + d(t) \sum_{j=1}^n y_{ji}(t) \quad "
    r"y_{ji}(t) = w_{ji} \, \sigma(x_j(t), \mu_j)",
    note="The value is right. The letter is not: $y_{ji}$ is a rate in A.5 and an increment "
    "here. With the step in front of the sum, $y_{ji}$ means the same in both.",
    place="A §4, Neural Ordinary Differential Equations",
    chapter="neural_odes",
    meaning="An adaptive solver takes Euler steps whose length depends on the moment.",
    function=a6,
    shapes=_THRESHOLD,
)


def a7(x: Array, p: int, flow: Callable[[Array], Array], S: Sequence[int]) -> Array:
    """Pad the input x (k) with p zeros, follow the flow from t0 to t1, keep the entries S."""
    x_t0 = np.concatenate([x, np.zeros(p)])
    x_t1 = flow(x_t0)
    return x_t1[list(S)]


A7 = Equation(
    number="A.7",
    latex=r"x(t_0) = [x, 0]^t \quad y = \pi_S(x(t_1))",
    correction=r"x(t_0) = \left[x^T, 0^T\right]^T \quad y = \pi_S(x(t_1))",
    note="Three letters are used twice: $t$ is the time and the transpose, $x$ the input and the "
    "state, and $S$ the size of the training set and, here, the set of entries that are "
    "kept.",
    place="A §4, Neural Ordinary Differential Equations",
    chapter="neural_odes",
    meaning="An augmented NeuralODE: put the input in a larger state, and read a part of it.",
    function=a7,
    shapes={"x": ("k",)},
)


def a8(x: Array, w_l: Array, w: Array, mu: Array) -> Array:
    """Rate of change of the state x (n) of a CT-RNN with leaks w_l (n), the paper's w_i."""
    n = range(len(x))
    y = [[w[j][i] * sigma(x[j], mu[j]) for i in n] for j in n]
    return np.array([-w_l[i] * x[i] + sum(y[j][i] for j in n) for i in n])


A8 = Equation(
    number="A.8",
    latex=r"\dot{x}_i(t) = -w_i x_i(t) + \sum_{j=1}^n y_{ji}(t) \quad "
    r"y_{ji}(t) = w_{ji} \, \sigma(x_j(t), \mu_j)",
    note="The leak $w_i$ is called `w_l` in code, as in A.9; $w$ alone is the matrix of synapses.",
    place="A §5, Continuous-Time Recurrent Neural Networks",
    chapter="ct_rnns",
    meaning="A CT-RNN is a NeuralODE whose neurons leak.",
    function=a8,
    shapes={"x": ("n",), "w_l": ("n",), "w": ("n", "n"), "mu": ("n",)},
)


def a9(x: Array, w_l: Array, E_l: Array, w: Array, mu: Array, E: Array) -> Array:
    """Rate of change of the membrane potentials x (n) of an NRN, C = 1; potentials in mV."""
    n = range(len(x))
    y = [[w[j][i] * sigma(x[j], mu[j]) * (E[j][i] - x[i]) for i in n] for j in n]
    return np.array([w_l[i] * (E_l[i] - x[i]) + sum(y[j][i] for j in n) for i in n])


A9 = Equation(
    number="A.9",
    latex=r"\dot{x}_i(t) = w_{li} \, (E_{li} - x_i(t)) + \sum_{j=1}^n y_{ji}(t) \quad "
    r"y_{ji}(t) = w_{ji} \, \sigma(x_j(t), \mu_j) \, (E_{ji} - x_i(t))",
    note=r"The threshold $\mu_j$ has one index: all synapses that leave neuron $j$ share it. So "
    r"A.9 is B.14 with $a_j = 1$ and $b_j = -\mu_j$, and B.13 only if $\mu$ may differ from "
    "synapse to synapse. The slope of 1 per mV makes each synapse open within a few "
    "millivolts.",
    place="A §6, Neural Regulatory Networks",
    chapter="membrane_equation",
    meaning="The membrane is a capacitor; leak and synapses each pull it to their own potential.",
    function=a9,
    shapes={
        "x": ("n",),
        "w_l": ("n",),
        "E_l": ("n",),
        "w": ("n", "n"),
        "mu": ("n",),
        "E": ("n", "n"),
    },
)

EQUATIONS = (A1, A2, A3, A4, A5, A6, A7, A8, A9)
