"""The letters of both papers, side by side, with the names they have in code.

The notation page of the book is made from ``SYMBOLS``. Paper A and paper B differ in a few
letters (A's threshold mu is minus B's bias b, A's E is B's e), and both use some letters twice.
Appendix: ``notation``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Symbol:
    """One quantity, however each paper writes it.

    >>> [symbol.paper_b for symbol in SYMBOLS if "state of neuron i" in symbol.meaning]
    ['x_i']
    """

    meaning: str
    """What it is, in a line of Markdown, with LaTeX between dollars."""
    paper_a: str
    """LaTeX in paper A; empty where A does not have it."""
    paper_b: str
    """LaTeX in paper B; empty where B does not have it."""
    code: str
    """Names in code with commas between; those of the register's functions come first."""
    unit: str
    """Unit; ``1`` for a pure number, empty where the question makes no sense."""
    first: str
    """Number of the first equation that has it, or the section where it stands in text only."""


SYMBOLS: tuple[Symbol, ...] = (
    # States, inputs, outputs
    Symbol(
        "state of neuron i: the sum that it holds; in an LTC its membrane potential",
        r"x_i",
        r"x_i",
        "x, state",
        "mV in A.9, 1 in B",
        "A.2",
    ),
    Symbol("output of neuron i: the sigmoid of its sum", r"y_i", r"y_i", "y", "1", "A.1"),
    Symbol(
        "what the synapse from j to i delivers; in an LTC a current",
        r"y_{ji}",
        r"y_{ji}",
        "y",
        "unit of x per unit of time, if $C = 1$",
        "A.3",
    ),
    Symbol("input signal", "", r"u_j", "u", "1", "B.9"),
    Symbol(
        "what the sensory synapse from input j to neuron i delivers",
        "",
        r"z_{ji}",
        "z",
        "as $y_{ji}$",
        "B.12",
    ),
    Symbol(
        "input of a function to be learned; put in the state at $t_0$",
        r"x",
        r"x",
        "x",
        "1",
        "A.7",
    ),
    Symbol("output of a function to be learned", r"y", r"y", "y", "1", "A.7"),
    Symbol(
        "output of layer i of the whole model; the last is the prediction",
        "",
        r"y_i(t),\ \hat{y}(t)",
        "y",
        "1",
        "B, Experimental Evaluation",
    ),
    # Synapses
    Symbol(
        "weight of the synapse from j to i; in an LTC its maximum conductance; `w[j][i]` in "
        "the register, `w[i, j]` in models",
        r"w_{ji}",
        r"w_{ji}",
        "w",
        "1 in B.1; one over time in a flow with $C = 1$",
        "A.1",
    ),
    Symbol(
        "matrix of all weights that stands left of a vector: its entry $(i, j)$ is $w_{ji}$",
        r"W",
        r"W",
        "W",
        "as $w_{ji}$",
        "B.9",
    ),
    Symbol(
        "weight of the sensory synapse from input j to neuron i", "", r"v_{ji}", "v", "as $w_{ji}$",
        "B.12",
    ),
    Symbol(
        "matrix of the sensory weights, entry $(i, j)$ is $v_{ji}$",
        "",
        r"V",
        "V",
        "as $w_{ji}$",
        "B.9",
    ),
    Symbol(
        "activation: how far a synapse is open, between 0 and 1",
        r"\sigma",
        r"\sigma",
        "sigma",
        "1",
        "A.1",
    ),
    Symbol(
        "threshold: where the activation passes one half; $b = -\\mu$",
        r"\mu_j",
        r"-b_j",
        "mu",
        "unit of x",
        "A.1",
    ),
    Symbol(
        "bias: $b = -\\mu$ where the slope is 1; called the midpoint in B's Table 2",
        r"-\mu_j",
        r"b_j,\ b_{ji}",
        "b",
        "unit of x, or 1 in $\\sigma(ax + b)$",
        "B.1",
    ),
    Symbol("bias of recurrent synapses", "", r"b^x", "b_x", "as b", "B.10"),
    Symbol("bias of sensory synapses", "", r"b^u", "b_u", "as b", "B.10"),
    Symbol(
        "slope of the activation; B's text calls it the variance",
        "",
        r"a_j,\ a_{ji}",
        "a",
        "one over the unit of x",
        "B.8",
    ),
    Symbol("slope of recurrent synapses", "", r"a^x", "a_x", "as a", "B.10"),
    Symbol("slope of sensory synapses", "", r"a^u", "a_u", "as a", "B.10"),
    Symbol(
        "reversal potential: where the current of the synapse from j to i changes sign",
        r"E_{ji}",
        r"e_{ji},\ e_i",
        "E, e",
        "mV in A.9 (0 or −90), 1 in B (−1 or +1)",
        "A.9",
    ),
    Symbol("reversal potential of recurrent synapses", "", r"e", "e_x", "as e", "B.15"),
    Symbol("reversal potential of sensory synapses", "", r"e", "e_u", "as e", "B.15"),
    # Neurons
    Symbol(
        "leak of neuron i: its conductance, or rate of return, at rest",
        r"w_i,\ w_{li}",
        r"w_i,\ w,\ w_{li}",
        "w_l",
        "one over time if $C = 1$",
        "A.8",
    ),
    Symbol(
        "resting potential of neuron i",
        r"E_{li}",
        r"e_{li}",
        "E_l, e_l",
        "mV in A.9 (−70), 1 in B (0)",
        "A.9",
    ),
    Symbol(
        "membrane capacitance; 1 in A, and fixed at 1 in B's experiments",
        r"C",
        r"C",
        "C",
        "conductance times time",
        "A.9",
    ),
    # Time, sizes, indices
    Symbol("time in a flow; the number of a layer where it is an index", r"t", r"t", "t", "time",
           "A.1"),
    Symbol("first and last moment of a flow", r"t_0,\ t_1", r"t_0,\ t_N", "", "time", "A.7"),
    Symbol("length of the solver's step at time t", r"d(t)", "", "d, dt", "time", "A.6"),
    Symbol("time horizon of a flow, $t_1 - t_0$", r"T", "", "timespans", "time", "A §4"),
    Symbol("number of solver steps, $T/dt$", r"N", r"N", "unfolds", "", "A §4"),
    Symbol("number of hidden layers of a DNN", r"N", r"N", "", "", "A §2"),
    Symbol("presynaptic neuron (or input) and postsynaptic neuron", r"j,\ i", r"j,\ i", "j, i", "",
           "A.1"),
    Symbol("number of neurons", r"n", r"n", "n, hidden_size", "", "A.1"),
    Symbol("number of inputs", "", r"m", "m, input_size", "", "B.12"),
    Symbol("number of outputs", "", "", "output_size", "", "B, Experimental Evaluation"),
    # Maps
    Symbol("number of zeros that augment the input; 10 in B", "", "", "p", "", "A.7"),
    Symbol("the map from the state at $t_0$ to the state at the end", "", "", "flow", "", "A.7"),
    Symbol("entries of the state that are read; $\\pi_S$ reads them", r"\pi_S", r"\pi_S", "S", "",
           "A.7"),
    Symbol("number of samples in the training set", r"S", "", "", "", "A §4"),
    Symbol("function to be learned, and the rate of change that leads to it", r"F,\ f", r"F", "",
           "", "A §4"),
    Symbol("claimed factor of succinctness, proportional to the number of samples", r"M", "", "",
           "", "A §6"),
    Symbol("input-dependent coefficients and features of an interpretable model",
           r"\theta(x),\ h(x)", "", "", "", "A §6"),
    Symbol("pointwise product of vectors", "", r"*", "*", "", "B.9"),
    Symbol("weight and bias of the linear input map",
           "", r"A_{in},\ b_{in};\ I,\ b_i", "linear", "", "B, Experimental Evaluation"),
    Symbol("weight and bias of the readout", "", r"A_{out},\ b_{out}", "readout", "",
           "B, Experimental Evaluation"),
    Symbol("rate of decay in the type descriptors: the leak $w_l$, not a time constant",
           "", r"\tau", "w_l", "one over time", "B, Appendix"),
    Symbol("initial state and resting potential that is learned (lis)", "", r"x_0", "x0",
           "unit of x", "B, Appendix"),
    Symbol("e, b and a once more, where the appendix gives their sizes", "", r"E,\ b,\ \alpha",
           "e, b, a", "as e, b, a", "B, Appendix"),
    Symbol("base of the exponential function; the same letter as a reversal potential",
           r"e", r"e", "exp", "1", "A.1"),
)  # fmt: skip
"""Every letter of both papers: states, synapses, neurons, time and sizes, maps."""
