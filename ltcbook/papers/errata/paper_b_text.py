"""Errata of paper B: equations, references and letters."""

from __future__ import annotations

from ltcbook.papers.errata._erratum import Erratum

_PRINTS = "tests/papers/errata/test_prints.py"
_COUNTS = "tests/papers/errata/test_counts.py"

ERRATA = (
    Erratum(
        id="B.E1",
        kind="misprint",
        chapter="membrane_equation",
        where="Below B.13, twice, and the appendix",
        printed="Equations (18) are very similar to Equations (7) of an SA-ACT-RNN.",
        correct="(13), and (8)",
        why="B.18 is B.13, printed a second time in the appendix. The SA-ACT-RNN is B.8; B.7 is "
        "the NA-ACT-RNN.",
        test=f"{_PRINTS}::test_b18_is_b13_and_the_sa_act_rnn_is_b8",
    ),
    Erratum(
        id="B.E2",
        kind="notation",
        chapter="artificial_neurons",
        where="B.1 and below",
        printed="the bias b is the condition for the neuron to fire; bias (threshold)",
        correct="The threshold is -b.",
        why="The larger b, the sooner the neuron answers.",
        test=f"{_PRINTS}::test_the_threshold_of_b1_is_minus_b",
    ),
    Erratum(
        id="B.E3",
        kind="notation",
        chapter="ct_rnns",
        where="B.8 and B.10, text",
        printed="a variance a",
        correct="a slope a (as in Table 2)",
        why=r"The logistic density with slope $a$ has the variance $\pi^2 / (3a^2)$.",
        test="tests/papers/equations/test_values.py::test_the_slope_a_is_not_the_variance",
    ),
    Erratum(
        id="B.E4",
        kind="notation",
        chapter="ct_rnns",
        where="B.7 to B.12 against B.9 to B.11",
        printed=r"$w_{ji}$ in scalar form, $W$ in vector form; $w_i$ and $w$ for the leak",
        correct=r"The entry $(i, j)$ of $W$ is $w_{ji}$. The leak is $w_{li}$, as in B.13.",
        why=r"$(Wy)_i = \sum_j W_{ij} y_j$. And $w$, $w_i$, $w_{ji}$ are three different things.",
        test="tests/papers/equations/test_relations.py::test_b12_is_b10_with_shared_activations",
    ),
    Erratum(
        id="B.E5",
        kind="claim",
        chapter="ct_rnns",
        where="Between B.9 and B.10",
        printed="We prefer the following form, which has the same convergence properties.",
        correct=r"B.10 is another system. B.9 in the sum form is $\dot{x} = -w * x + "
        r"W\sigma(x + Vu + b)$, for equal leaks.",
        why="State and input share a sigmoid in B.9, and have one each in B.10. No argument or "
        "figure for the convergence is given.",
        test=f"{_PRINTS}::test_b10_is_not_b9_in_other_coordinates",
    ),
    Erratum(
        id="B.E6",
        kind="misprint",
        chapter="grammar",
        where="B.11 and B.16",
        printed=r"$Vu$; $z_{ji} = v_{ji}u_j$",
        correct=r"$Vu + b_{in}$, as in the experiments and in Table 3",
        why="The linear map of the experiments has a bias, and Table 1 counts it.",
        test=f"{_COUNTS}::test_the_linear_map_has_a_bias",
    ),
    Erratum(
        id="B.E7",
        kind="gap",
        chapter="liquid_time_constants",
        where="B.13 to B.18",
        printed=r"$C\dot{x}_i$",
        correct=r"$C_i\dot{x}_i$ in the counts; one fixed $C = 1$ in Table 2",
        why=r"The text counts $4192 = 4n^2 + 3n$ for the ALTC: leak, resting potential and "
        r"capacitance per neuron.",
        test=f"{_COUNTS}::test_counts_in_the_text_are_the_letters_of_the_equations",
    ),
    Erratum(
        id="B.E8",
        kind="claim",
        chapter="liquid_time_constants",
        where="Below B.14",
        printed=r"If $e_{li}$ is zero and $a_j$ is one, NA-ALTCs are the same as NA-ACT-RNNs "
        r"except for the gating term.",
        correct=r"$C = 1$ is needed, too.",
        why="B.7 has no capacitance.",
        test=f"{_PRINTS}::test_na_altc_without_gate_is_na_act_rnn_if_c_is_one",
    ),
    Erratum(
        id="B.E9",
        kind="notation",
        chapter="liquid_time_constants",
        where="B.15",
        printed=r"$e_{ji}$ in $y_{ji}$ and in $z_{ji}$",
        correct=r"$e^x_{ji}$ and $e^u_{ji}$",
        why=r"$j$ is a neuron in one and an input in the other; Table 1 counts $n^2 + mn$ of them.",
        test=f"{_COUNTS}::test_the_reversal_potentials_in_table_1",
    ),
    Erratum(
        id="B.E10",
        kind="misprint",
        chapter="liquid_time_constants",
        where="B.17",
        printed=r"$\sigma(a_j^y u_j(t) + b_j^y)$",
        correct=r"$\sigma(a_j^u u_j(t) + b_j^u)$",
        why=r"There is no $y$ for them to belong to; B.12 and B.15 have $a^u$, $b^u$.",
        test=f"{_PRINTS}::test_b17_prints_y_where_b15_prints_u",
    ),
    Erratum(
        id="B.E11",
        kind="misprint",
        chapter="liquid_time_constants",
        where="B.14, B.17 and the sentence below it",
        printed=r"$e_{ji} - x_i$ in B.14 and in the sentence, $e_i - x_i$ in B.17",
        correct=r"With neural activation: $e^x_i$ and $e^u_i$, one each per postsynaptic neuron",
        why=r"Table 1 has exactly $2n$ more parameters for an NA-LTC than for an NA-CT-RNN, and "
        r"the table of shapes gives $e$ the shape `(model_size)`.",
        test=f"{_COUNTS}::test_the_reversal_potentials_in_table_1",
    ),
    Erratum(
        id="B.E12",
        kind="gap",
        chapter="membrane_equation",
        where="Table 2 and Table 3 against B.8 to B.18",
        printed=r"$\sigma(ax + b)$; midpoint $b$ from 0.3 to 0.8; mode v: $\sigma(a(x + b))$",
        correct=r"Three sigmoids share one range. Half open at $-b/a$, at $b$, or at $-b$; a "
        r"midpoint of 0.3 to 0.8 means $\sigma(a(x - b))$.",
        why="The readings differ in how many synapses are open at rest, and so in the largest "
        "network that explicit Euler survives.",
        test=f"{_PRINTS}::test_three_sigmoids_and_their_midpoints",
    ),
    Erratum(
        id="B.E13",
        kind="gap",
        chapter="membrane_equation",
        where="Table 2 against the text below B.13",
        printed="synaptic potentials 0 mV and −90 mV, resting potential −70 mV (A); −1, +1 and 0",
        correct="Two models, not two units.",
        why="At −70 mV the resting potential lies at two ninths of the way from −90 to 0; in "
        "Table 2, in the middle. No change of unit and zero takes one to the other.",
        test=f"{_PRINTS}::test_no_change_of_units_leads_from_millivolts_to_table_2",
    ),
    Erratum(
        id="B.E14",
        kind="claim",
        chapter="liquid_time_constants",
        where="Below Table 2",
        printed=r"$C \geq 0$, $w \geq 0$, $a \geq 0$ are a direct consequence of the capacitor "
        r"equation.",
        correct=r"$C > 0$ and $w \geq 0$ are. $a \geq 0$ is a convention.",
        why=r"The equation divides by $C$. A negative slope only makes a synapse close as its "
        r"presynaptic neuron rises; the potentials stay in their box all the same (B.T3, part 4).",
        test=f"{_PRINTS}::test_a_negative_slope_is_harmless_and_a_negative_conductance_is_not",
    ),
    Erratum(
        id="B.E15",
        kind="misprint",
        chapter="grammar",
        where="Appendix, Type-descriptors",
        printed="`ctrrn_[w-mode]act[factor][rec-type]-in-mode-[lis]`",
        correct="`ctrnn_[w-mode]act[factor][rec-type]_in-mode[_lis]`",
        why="The paper's own examples are `ctrnn_vtanh_linear` and `ctrnn_vsigm+s_synaptic`.",
        test=f"{_PRINTS}::test_the_examples_do_not_follow_the_printed_grammar",
    ),
    Erratum(
        id="B.E16",
        kind="notation",
        chapter="grammar",
        where="Table 3, w-mode None",
        printed=r"$a\,\sigma(wx + b)$",
        correct=r"In the letters of B.13: $w\,\sigma(ax + b)$",
        why="In this mode a and w change places: a is the strength, w the slope. With neural "
        "activation it is not B.7 either, as the sum stands inside the sigmoid.",
        test=f"{_PRINTS}::test_in_w_mode_none_a_and_w_change_places",
    ),
    Erratum(
        id="B.E17",
        kind="claim",
        chapter="grammar",
        where="Appendix, recurrence type neuronal",
        printed="All incoming synapses of a particular cell share the same bias and summation "
        "happens before applying the activation function.",
        correct="True of w-mode None and of B.9. In B.7, B.14 and B.17 all *outgoing* synapses "
        "share the bias, and summation comes after.",
        why=r"$b_j$ has the index of the presynaptic neuron.",
        test=f"{_PRINTS}::test_outgoing_synapses_share_the_bias_in_b7_and_incoming_ones_in_b9",
    ),
    Erratum(
        id="B.E18",
        kind="notation",
        chapter="grammar",
        where="Table 3, decay, and the line on shapes",
        printed=r"$\tau x$, $\tau(x - x_0)$; sizes of $E$, $b$ and $\alpha$",
        correct=r"$w_l x$, $w_l(x - e_l)$; $e$, $b$ and $a$",
        why=r"A time constant would divide: the potential decays to $1/e$ in the time $1/\tau$. "
        r"The other letters are those of the main text; $C_m$ in the appendix is $C$.",
        test=f"{_PRINTS}::test_tau_in_table_3_is_a_rate",
    ),
    Erratum(
        id="B.E19",
        kind="gap",
        chapter="neural_odes",
        where="Experimental Evaluation, B.6",
        printed=r"$x(t_0) = [x, 0]^T$, and: the RNN cells in our model retain a state.",
        correct="The input must enter again at every time step. The count leaves no room for an "
        "input map, so it overwrites the first entries of the state.",
        why="A flow that starts anew from $[x, 0]$ at each sample retains nothing.",
        test=f"{_COUNTS}::test_anode_lstm_and_ct_gru_have_no_input_map",
    ),
)
