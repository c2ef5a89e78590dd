"""Equations B.13 to B.18 (On the Benefits of Biophysical Synapses): LTCs.

The letters are the paper's. ``w[j][i]`` is the paper's w_ji: from neuron j to neuron i; ``v[j][i]``
is v_ji: from input j to neuron i. ``w_l`` is w_l, ``e_l`` is e_l. C may be one number or one per
neuron. The functions are oracles. They are written to be compared with the print, not to be fast.
"""

from __future__ import annotations

import numpy as np

from ltcbook.papers.equations._activation import Activation, logistic
from ltcbook.papers.equations._equation import Array, Equation

_CELL = {"x": ("n",), "w_l": ("n",), "e_l": ("n",), "C": ("n",), "w": ("n", "n")}
_SENSORY = {"u": ("m",), "v": ("m", "n")}


def b13(
    x: Array,
    w_l: Array,
    e_l: Array,
    w: Array,
    a: Array,
    b: Array,
    e: Array,
    C: Array | float = 1.0,
    sigma: Activation = logistic,
) -> Array:
    """Rate of change of the membrane potentials x (n) of an SA-ALTC; w, a, b, e (n, n)."""
    n = range(len(x))
    y = [[w[j][i] * sigma(a[j][i] * x[j] + b[j][i]) * (e[j][i] - x[i]) for i in n] for j in n]
    return np.array([w_l[i] * (e_l[i] - x[i]) + sum(y[j][i] for j in n) for i in n]) / C


B13 = Equation(
    number="B.13",
    latex=r"""\begin{aligned}
C \dot{x}_i(t) &= w_{li} (e_{li} - x_i(t)) + \sum_{j=1}^n y_{ji}(t) \\
y_{ji}(t) &= w_{ji} \sigma(a_{ji}x_j(t) + b_{ji}) (e_{ji} - x_i(t))
\end{aligned}""",
    note="$C$ has no index, but the count in the text, $4192 = 4 n^2 + 3 n$ parameters for $n = "
    "32$, has one capacitance per neuron. The text refers to it as (18), the number of its "
    "second print.",
    place="B, Liquid Time Constant Networks, Autonomous case",
    chapter="membrane_equation",
    meaning="The membrane is a capacitor; leak and synapses each pull it to their own potential.",
    function=b13,
    shapes=_CELL | {"a": ("n", "n"), "b": ("n", "n"), "e": ("n", "n")},
)


def b14(
    x: Array,
    w_l: Array,
    e_l: Array,
    w: Array,
    a: Array,
    b: Array,
    e: Array,
    C: Array | float = 1.0,
    sigma: Activation = logistic,
) -> Array:
    """Rate of change of the potentials x (n) of an NA-ALTC; a, b (n) per presynaptic neuron."""
    n = range(len(x))
    y = [[w[j][i] * sigma(a[j] * x[j] + b[j]) * (e[j][i] - x[i]) for i in n] for j in n]
    return np.array([w_l[i] * (e_l[i] - x[i]) + sum(y[j][i] for j in n) for i in n]) / C


B14 = Equation(
    number="B.14",
    latex=r"""\begin{aligned}
C \dot{x}_i(t) &= w_{li} (e_{li} - x_i(t)) + \sum_{j=1}^n y_{ji}(t) \\
y_{ji}(t) &= w_{ji} \sigma(a_j x_j(t) + b_j) (e_{ji} - x_i(t))
\end{aligned}""",
    note="Here the reversal potential $e_{ji}$ is one per synapse; in B.17, in the table of "
    "shapes and in the parameter counts of Table 1 it is one per neuron, $e_i$. Take "
    "$e_{ji} = e_i$ for those.",
    place="B, Liquid Time Constant Networks, Autonomous case, Neural activation",
    chapter="liquid_time_constants",
    meaning="All synapses that leave a neuron open together.",
    function=b14,
    shapes=_CELL | {"a": ("n",), "b": ("n",), "e": ("n", "n")},
)


def b15(
    x: Array,
    u: Array,
    w_l: Array,
    e_l: Array,
    w: Array,
    v: Array,
    a_x: Array,
    b_x: Array,
    a_u: Array,
    b_u: Array,
    e_x: Array,
    e_u: Array,
    C: Array | float = 1.0,
    sigma: Activation = logistic,
) -> Array:
    """Rate of change of the potentials x (n) of an SA-LTC with synaptic input u (m).

    Recurrent synapses w, a_x, b_x, e_x (n, n); sensory synapses v, a_u, b_u, e_u (m, n).
    """
    n, m = range(len(x)), range(len(u))
    y = [[w[j][i] * sigma(a_x[j][i] * x[j] + b_x[j][i]) * (e_x[j][i] - x[i]) for i in n] for j in n]
    z = [[v[j][i] * sigma(a_u[j][i] * u[j] + b_u[j][i]) * (e_u[j][i] - x[i]) for i in n] for j in m]
    leak = [w_l[i] * (e_l[i] - x[i]) for i in n]
    return np.array([leak[i] + sum(y[j][i] for j in n) + sum(z[j][i] for j in m) for i in n]) / C


B15 = Equation(
    number="B.15",
    latex=r"""\begin{aligned}
C \dot{x}_i(t) &= w_{li}(e_{li} - x_i(t)) + \sum_{j=1}^n y_{ji}(t) + \sum_{j=1}^m z_{ji}(t) \\
y_{ji}(t) &= w_{ji} \sigma(a_{ji}^x x_j(t) + b_{ji}^x) (e_{ji} - x_i(t)) \\
z_{ji}(t) &= v_{ji} \sigma(a_{ji}^u u_j(t) + b_{ji}^u) (e_{ji} - x_i(t))
\end{aligned}""",
    correction=r"""\begin{aligned}
C \dot{x}_i(t) &= w_{li}(e_{li} - x_i(t)) + \sum_{j=1}^n y_{ji}(t) + \sum_{j=1}^m z_{ji}(t) \\
y_{ji}(t) &= w_{ji} \sigma(a_{ji}^x x_j(t) + b_{ji}^x) (e_{ji}^x - x_i(t)) \\
z_{ji}(t) &= v_{ji} \sigma(a_{ji}^u u_j(t) + b_{ji}^u) (e_{ji}^u - x_i(t))
\end{aligned}""",
    note="The two $e_{ji}$ are different numbers: in $y$, $j$ is a neuron, in $z$, $j$ is an "
    "input. Table 1 counts $n^2 + m n$ of them. Like $a$ and $b$, $e$ needs its superscript.",
    place="B, Liquid Time Constant Networks, General case",
    chapter="liquid_time_constants",
    meaning="Inputs open synapses too, and these pull the neuron to potentials of their own.",
    function=b15,
    shapes=_CELL
    | _SENSORY
    | {"a_x": ("n", "n"), "b_x": ("n", "n"), "a_u": ("m", "n"), "b_u": ("m", "n")}
    | {"e_x": ("n", "n"), "e_u": ("m", "n")},
)


def b16(
    x: Array,
    u: Array,
    w_l: Array,
    e_l: Array,
    w: Array,
    v: Array,
    a_x: Array,
    b_x: Array,
    e: Array,
    C: Array | float = 1.0,
    sigma: Activation = logistic,
) -> Array:
    """Rate of change of the potentials x (n) of an SA-LTC with linear input u (m); v (m, n)."""
    n, m = range(len(x)), range(len(u))
    y = [[w[j][i] * sigma(a_x[j][i] * x[j] + b_x[j][i]) * (e[j][i] - x[i]) for i in n] for j in n]
    z = [[v[j][i] * u[j] for i in n] for j in m]
    leak = [w_l[i] * (e_l[i] - x[i]) for i in n]
    return np.array([leak[i] + sum(y[j][i] for j in n) + sum(z[j][i] for j in m) for i in n]) / C


B16 = Equation(
    number="B.16",
    latex=r"""\begin{aligned}
C \dot{x}_i(t) &= w_{li}(e_{li} - x_i(t)) + \sum_{j=1}^n y_{ji}(t) + \sum_{j=1}^m z_{ji}(t) \\
y_{ji}(t) &= w_{ji} \sigma(a_{ji}^x x_j(t) + b_{ji}^x)(e_{ji} - x_i(t)) \\
z_{ji}(t) &= v_{ji} u_j(t)
\end{aligned}""",
    note="The linear map of the experiments has a bias too, $A_{in} u + b_{in}$, and Table 1 "
    "counts it. Table 1 also counts $m n$ sensory reversal potentials, which this equation "
    "does not have.",
    place="B, Liquid Time Constant Networks, General case",
    chapter="liquid_time_constants",
    meaning="The input is a current that is added whatever the potential of the neuron.",
    function=b16,
    shapes=_CELL | _SENSORY | {"a_x": ("n", "n"), "b_x": ("n", "n"), "e": ("n", "n")},
)


def b17(
    x: Array,
    u: Array,
    w_l: Array,
    e_l: Array,
    w: Array,
    v: Array,
    a_x: Array,
    b_x: Array,
    a_u: Array,
    b_u: Array,
    e_x: Array,
    e_u: Array,
    C: Array | float = 1.0,
    sigma: Activation = logistic,
) -> Array:
    """Rate of change of the potentials x (n) of an NA-LTC with synaptic input u (m).

    a_x, b_x (n) per neuron and a_u, b_u (m) per input, presynaptic; e_x, e_u (n) postsynaptic.
    """
    n, m = range(len(x)), range(len(u))
    y = [[w[j][i] * sigma(a_x[j] * x[j] + b_x[j]) * (e_x[i] - x[i]) for i in n] for j in n]
    z = [[v[j][i] * sigma(a_u[j] * u[j] + b_u[j]) * (e_u[i] - x[i]) for i in n] for j in m]
    leak = [w_l[i] * (e_l[i] - x[i]) for i in n]
    return np.array([leak[i] + sum(y[j][i] for j in n) + sum(z[j][i] for j in m) for i in n]) / C


B17 = Equation(
    number="B.17",
    latex=r"""\begin{aligned}
C \dot{x}_i(t) &= w_{li}(e_{li} - x_i(t)) + \sum_{j=1}^n y_{ji}(t) + \sum_{j=1}^m z_{ji}(t) \\
y_{ji}(t) &= w_{ji} \sigma(a_j^x x_j(t) + b_j^x)(e_i - x_i(t)) \\
z_{ji}(t) &= v_{ji} \sigma(a_j^y u_j(t) + b_j^y)(e_i - x_i(t))
\end{aligned}""",
    correction=r"""\begin{aligned}
C \dot{x}_i(t) &= w_{li}(e_{li} - x_i(t)) + \sum_{j=1}^n y_{ji}(t) + \sum_{j=1}^m z_{ji}(t) \\
y_{ji}(t) &= w_{ji} \sigma(a_j^x x_j(t) + b_j^x)(e_i^x - x_i(t)) \\
z_{ji}(t) &= v_{ji} \sigma(a_j^u u_j(t) + b_j^u)(e_i^u - x_i(t))
\end{aligned}""",
    note="The print has $a^y$ and $b^y$ where B.12 and B.15 have $a^u$ and $b^u$; there is no "
    "$y$ to refer to. It has $e_i$ where B.14 and the sentence below it have $e_{ji}$: "
    "Table 1's counts ($2 n$ more than the NA-CT-RNN) say one $e$ per postsynaptic neuron "
    "for the recurrent synapses and another for the sensory ones, so the index $i$ is right "
    "and the superscripts are missing.",
    place="B, Liquid Time Constant Networks, General case, Neural activation",
    chapter="liquid_time_constants",
    meaning="All synapses that leave a neuron or an input open together, and each neuron is pulled "
    "to one potential by its neurons and to one by its inputs.",
    function=b17,
    shapes=_CELL
    | _SENSORY
    | {"a_x": ("n",), "b_x": ("n",), "a_u": ("m",), "b_u": ("m",), "e_x": ("n",), "e_u": ("n",)},
)

B18 = Equation(
    number="B.18",
    latex=B13.latex,
    note="It is B.13, printed again under a second number; the text refers to both by (18).",
    place="B, Appendix",
    chapter="membrane_equation",
    meaning="The membrane equation once more, as the source of the constraints on w, a and C.",
    function=b13,
    shapes=B13.shapes,
)

EQUATIONS = (B13, B14, B15, B16, B17, B18)
