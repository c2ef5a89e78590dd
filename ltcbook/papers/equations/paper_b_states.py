"""Equations B.1 to B.6 (On the Benefits of Biophysical Synapses): networks without a leak.

The letters are the paper's. ``w[j][i]`` is the paper's w_ji: from neuron j to neuron i.
The functions are oracles. They are written to be compared with the print, not to be fast.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ltcbook.papers.equations._activation import Activation, logistic
from ltcbook.papers.equations._equation import Array, Equation

_BIAS = {"x": ("n",), "w": ("n", "n"), "b": ("n",)}


def b1(y: Array, w: Array, b: Array, sigma: Activation = logistic) -> Array:
    """One layer of artificial neurons: outputs y (n) of layer t to outputs (k) of layer t + 1."""
    n, k = w.shape
    return np.array([sigma(sum(w[j][i] * y[j] for j in range(n)) + b[i]) for i in range(k)])


B1 = Equation(
    number="B.1",
    latex=r"y_i^{t+1} = \sigma\left(\sum_{j=1}^n w_{ji}^t y_j^t + b_i^{t+1}\right) \quad "
    r"\sigma(x) = \frac{1}{1 + e^{-x}}",
    note="The text calls the bias $b$ the threshold. The threshold is $-b$: the larger $b$, the "
    "sooner the neuron answers.",
    place="B, Artificial Neural Networks",
    chapter="artificial_neurons",
    meaning="A neuron adds up its weighted inputs and a bias, and answers with a smooth step.",
    function=b1,
    shapes={"y": ("n",), "w": ("n", "k"), "b": ("k",)},
)


def b2(x: Array, w: Array, b: Array, sigma: Activation = logistic) -> Array:
    """One residual layer: sums x (n) of layer t to sums (n) of layer t + 1."""
    n = range(len(x))
    y = [sigma(x[j] + b[j]) for j in n]
    return np.array([x[i] + sum(w[j][i] * y[j] for j in n) for i in n])


B2 = Equation(
    number="B.2",
    latex=r"x_i^{t+1} = x_i^t + \sum_{j=1}^n w_{ji}^t y_j^t \quad y_j^t = \sigma(x_j^t + b_j^t)",
    place="B, Residual Neural Networks",
    chapter="residual_networks",
    meaning="A residual layer keeps the sum it has and adds to it; the state is the sum.",
    function=b2,
    shapes=_BIAS,
)


def b3(x: Array, w: Array, b: Array, sigma: Activation = logistic) -> Array:
    """B.2 with the weight moved into the synapse: sums x (n) to sums (n) of the next layer."""
    n = range(len(x))
    y = [[w[j][i] * sigma(x[j] + b[j]) for i in n] for j in n]
    return np.array([x[i] + sum(y[j][i] for j in n) for i in n])


B3 = Equation(
    number="B.3",
    latex=r"x_i^{t+1} = x_i^t + \sum_{j=1}^n y_{ji}^t \quad "
    r"y_{ji}^t = w_{ji}^t \sigma(x_j^t + b_j^t)",
    place="B, Residual Neural Networks",
    chapter="residual_networks",
    meaning="The neuron only adds; the smooth step and the weight belong to the synapse.",
    function=b3,
    shapes=_BIAS,
)


def b4(
    t: float,
    x: Array,
    w: Callable[[float], Array],
    b: Callable[[float], Array],
    sigma: Activation = logistic,
) -> Array:
    """Rate of change of x (n) at time t, with weights w(t) (n, n) and biases b(t) (n)."""
    n = range(len(x))
    y = [[w(t)[j][i] * sigma(x[j] + b(t)[j]) for i in n] for j in n]
    return np.array([sum(y[j][i] for j in n) for i in n])


B4 = Equation(
    number="B.4",
    latex=r"\dot{x}_i(t) = \sum_{j=1}^n y_{ji}(t) \quad "
    r"y_{ji}(t) = w_{ji}(t) \sigma(x_j(t) + b_j(t))",
    place="B, Neural Ordinary Differential Equations",
    chapter="neural_odes",
    meaning="A residual network with infinitely many infinitely thin layers is a flow.",
    function=b4,
    shapes={"x": ("n",)},
)


def b5(x: Array, w: Array, b: Array, sigma: Activation = logistic) -> Array:
    """Rate of change of the state x (n) of a NeuralODE; w (n, n) and b (n) do not change."""
    n = range(len(x))
    y = [[w[j][i] * sigma(x[j] + b[j]) for i in n] for j in n]
    return np.array([sum(y[j][i] for j in n) for i in n])


B5 = Equation(
    number="B.5",
    latex=r"\dot{x}_i(t) = \sum_{j=1}^n y_{ji}(t) \quad y_{ji}(t) = w_{ji} \sigma(x_j(t) + b_j)",
    place="B, Neural Ordinary Differential Equations",
    chapter="neural_odes",
    meaning="A NeuralODE: the same synapses drive the flow at every moment.",
    function=b5,
    shapes=_BIAS,
)


def b6(x: Array, p: int, flow: Callable[[Array], Array], S: Sequence[int]) -> Array:
    """Pad the input x (k) with p zeros, follow the flow from t_0 to t_N, keep the entries S."""
    x_t0 = np.concatenate([x, np.zeros(p)])
    x_tN = flow(x_t0)
    return x_tN[list(S)]


B6 = Equation(
    number="B.6",
    latex=r"x(t_0) = [x, 0]^T \quad y = \pi_S(x(t_N))",
    correction=r"x(t_0) = \left[x^T, 0^T\right]^T \quad y = \pi_S(x(t_N))",
    note="$x$ is the input and the state, and $y$ the output and, elsewhere, a synapse. $N$, the "
    "number of hidden layers in B.1, is here the number of steps (paper A writes $t_1$). "
    "Taken at its word, the state would start anew at each sample; the paper's experiments "
    "carry it on.",
    place="B, Neural Ordinary Differential Equations",
    chapter="neural_odes",
    meaning="An augmented NeuralODE: put the input in a larger state, and read a part of it.",
    function=b6,
    shapes={"x": ("k",)},
)

EQUATIONS = (B1, B2, B3, B4, B5, B6)
