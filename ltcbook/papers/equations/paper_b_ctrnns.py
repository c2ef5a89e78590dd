"""Equations B.7 to B.12 (On the Benefits of Biophysical Synapses): CT-RNNs.

The letters are the paper's. ``w[j][i]`` is the paper's w_ji: from neuron j to neuron i. In the
vector equations B.9 to B.11 the capital ``W`` multiplies from the left, so ``W[i][j]`` is w_ji.
One name differs: the leak, w_i or w in print, is ``w_l`` as in B.13, as ``w`` is the synapses'.
"""

from __future__ import annotations

import numpy as np

from ltcbook.papers.equations._activation import Activation, VectorActivation, logistic
from ltcbook.papers.equations._equation import Array, Equation

_LEAK = "The leak is printed $w_i$, and $w$ in vector form; in code it is `w_l`, as in B.13."


def b7(x: Array, w_l: Array, w: Array, b: Array, sigma: Activation = logistic) -> Array:
    """Rate of change of the state x (n) of an NA-ACT-RNN with leaks w_l (n)."""
    n = range(len(x))
    y = [[w[j][i] * sigma(x[j] + b[j]) for i in n] for j in n]
    return np.array([-w_l[i] * x[i] + sum(y[j][i] for j in n) for i in n])


B7 = Equation(
    number="B.7",
    latex=r"""\begin{aligned}
\dot{x}_i(t) &= -w_i x_i(t) + \sum_{j=1}^n y_{ji}(t) \\
y_{ji}(t) &= w_{ji} \sigma(x_j(t) + b_j)
\end{aligned}""",
    note=_LEAK,
    place="B, Continuous-Time Recurrent Neural Networks, Autonomous case",
    chapter="ct_rnns",
    meaning="A CT-RNN without input is a NeuralODE whose neurons leak.",
    function=b7,
    shapes={"x": ("n",), "w_l": ("n",), "w": ("n", "n"), "b": ("n",)},
)


def b8(x: Array, w_l: Array, w: Array, a: Array, b: Array, sigma: Activation = logistic) -> Array:
    """Rate of change of the state x (n) of an SA-ACT-RNN; w, a, b (n, n) are one per synapse."""
    n = range(len(x))
    y = [[w[j][i] * sigma(a[j][i] * x[j] + b[j][i]) for i in n] for j in n]
    return np.array([-w_l[i] * x[i] + sum(y[j][i] for j in n) for i in n])


B8 = Equation(
    number="B.8",
    latex=r"""\begin{aligned}
\dot{x}_i(t) &= -w_i x_i(t) + \sum_{j=1}^n y_{ji}(t) \\
y_{ji}(t) &= w_{ji} \sigma(a_{ji} x_j(t) + b_{ji})
\end{aligned}""",
    note="The text calls $a$ the variance. It is the slope: the variance of the logistic density "
    r"is $\pi^2 / (3 a^2)$, which falls as $a$ grows. " + _LEAK,
    place="B, Continuous-Time Recurrent Neural Networks, Synaptic activation",
    chapter="ct_rnns",
    meaning="Each synapse has its own slope and bias: more parameters for the same wiring.",
    function=b8,
    shapes={"x": ("n",), "w_l": ("n",), "w": ("n", "n"), "a": ("n", "n"), "b": ("n", "n")},
)


def b9(
    y: Array, u: Array, w_l: Array, W: Array, V: Array, b: Array, sigma: VectorActivation = logistic
) -> Array:
    """Rate of change of y (n) with the input u (m) inside the sigmoid; W (n, n), V (n, m)."""
    return -w_l * y + sigma(W @ y + V @ u + b)


B9 = Equation(
    number="B.9",
    latex=r"\dot{y} = -w * y + \sigma(Wy + Vu + b)",
    note="The state here is $y$, the sigmoid of a sum, where B.10 and B.11 have $x$, the sum of "
    "sigmoids. The slope $a$ of B.8 is missing, and nothing is lost: it would only scale "
    "the rows of $W$ and $V$, and $b$. " + _LEAK,
    place="B, Continuous-Time Recurrent Neural Networks, General case",
    chapter="ct_rnns",
    meaning="The input joins the sum inside each neuron's sigmoid.",
    function=b9,
    shapes={
        "y": ("n",),
        "u": ("m",),
        "w_l": ("n",),
        "W": ("n", "n"),
        "V": ("n", "m"),
        "b": ("n",),
    },
)


def b10(
    x: Array,
    u: Array,
    w_l: Array,
    W: Array,
    V: Array,
    a_x: Array,
    b_x: Array,
    a_u: Array,
    b_u: Array,
    sigma: VectorActivation = logistic,
) -> Array:
    """Rate of change of x (n), the input u (m) through synapses of its own; W (n, n), V (n, m)."""
    return -w_l * x + W @ sigma(a_x * x + b_x) + V @ sigma(a_u * u + b_u)


B10 = Equation(
    number="B.10",
    latex=r"\dot{x} = -w * x + W\sigma(a^x * x + b^x) + V\sigma(a^u * u + b^u)",
    note="The text says it has the same convergence properties as B.9. It is another system, not "
    r"B.9 rewritten: with $x = Wy$, B.9 becomes $W\sigma(x + Vu + b)$, where state and input "
    "share a sigmoid. " + _LEAK,
    place="B, Continuous-Time Recurrent Neural Networks, General case",
    chapter="ct_rnns",
    meaning="The input enters through sensory synapses with sigmoids of their own.",
    function=b10,
    shapes={
        "x": ("n",),
        "u": ("m",),
        "w_l": ("n",),
        "W": ("n", "n"),
        "V": ("n", "m"),
        "a_x": ("n",),
        "b_x": ("n",),
        "a_u": ("m",),
        "b_u": ("m",),
    },
)


def b11(
    x: Array,
    u: Array,
    w_l: Array,
    W: Array,
    V: Array,
    a: Array,
    b: Array,
    sigma: VectorActivation = logistic,
) -> Array:
    """Rate of change of x (n) with the input u (m) added linearly; W (n, n), V (n, m)."""
    return -w_l * x + W @ sigma(a * x + b) + V @ u


B11 = Equation(
    number="B.11",
    latex=r"\dot{x} = -w * x + W\sigma(a * x + b) + Vu",
    note="The linear map of the experiments has a bias too, $A_{in} u + b_{in}$, and Table 1 "
    "counts it. " + _LEAK,
    place="B, Continuous-Time Recurrent Neural Networks, General case",
    chapter="ct_rnns",
    meaning="The input enters as a plain current, linear in u.",
    function=b11,
    shapes={
        "x": ("n",),
        "u": ("m",),
        "w_l": ("n",),
        "W": ("n", "n"),
        "V": ("n", "m"),
        "a": ("n",),
        "b": ("n",),
    },
)


def b12(
    x: Array,
    u: Array,
    w_l: Array,
    w: Array,
    v: Array,
    a_x: Array,
    b_x: Array,
    a_u: Array,
    b_u: Array,
    sigma: Activation = logistic,
) -> Array:
    """Rate of change of the state x (n) of an SA-CT-RNN with input u (m); w (n, n), v (m, n)."""
    n, m = range(len(x)), range(len(u))
    y = [[w[j][i] * sigma(a_x[j][i] * x[j] + b_x[j][i]) for i in n] for j in n]
    z = [[v[j][i] * sigma(a_u[j][i] * u[j] + b_u[j][i]) for i in n] for j in m]
    return np.array([-w_l[i] * x[i] + sum(y[j][i] for j in n) + sum(z[j][i] for j in m) for i in n])


B12 = Equation(
    number="B.12",
    latex=r"""\begin{aligned}
\dot{x}_i(t) &= -w_i x_i(t) + \sum_{j=1}^n y_{ji}(t) + \sum_{j=1}^m z_{ji}(t) \\
y_{ji}(t) &= w_{ji} \sigma(a_{ji}^x x_j(t) + b_{ji}^x) \\
z_{ji}(t) &= v_{ji} \sigma(a_{ji}^u u_j(t) + b_{ji}^u)
\end{aligned}""",
    note=_LEAK,
    place="B, Continuous-Time Recurrent Neural Networks, General case, Synaptic activation",
    chapter="ct_rnns",
    meaning="A CT-RNN in which every synapse, sensory ones too, has its own sigmoid.",
    function=b12,
    shapes={
        "x": ("n",),
        "u": ("m",),
        "w_l": ("n",),
        "w": ("n", "n"),
        "v": ("m", "n"),
        "a_x": ("n", "n"),
        "b_x": ("n", "n"),
        "a_u": ("m", "n"),
        "b_u": ("m", "n"),
    },
)

EQUATIONS = (B7, B8, B9, B10, B11, B12)
