"""Errata of paper A (Neural Regulatory Networks, arXiv 2002.12776, version 3)."""

from __future__ import annotations

from ltcbook.papers.errata._erratum import Erratum

_PRINTS = "tests/papers/errata/test_prints.py"
_CLAIMS = "tests/papers/errata/test_claims.py"
_STATEMENTS = "tests/papers/theorems/test_statements.py"

ERRATA = (
    Erratum(
        id="A.E1",
        kind="misprint",
        chapter="artificial_neurons",
        where="A.1",
        printed=r"$\sigma(x, \mu) = \frac{1}{1 + e^{x - \mu}}$",
        correct=r"$\sigma(x, \mu) = \frac{1}{1 + e^{-(x - \mu)}}$",
        why="As printed, the neuron falls silent when its input passes the threshold.",
        test=f"{_PRINTS}::test_a1_as_printed_falls",
    ),
    Erratum(
        id="A.E2",
        kind="claim",
        chapter="residual_networks",
        where="A §3, below A.3; the same sentence in B, below B.3",
        printed=r"$w_{ji}$ can be thought of as a maximum conductance.",
        correct=r"Only where $w_{ji} \geq 0$. In A.3 the weight carries the sign as well; in A.9 "
        r"the difference of potential does, and $w_{ji}$ is a conductance.",
        why="A conductance is not negative. With weights that are not negative, no residual layer "
        "can ever lower a state.",
        test=f"{_PRINTS}::test_with_conductances_for_weights_a_residual_layer_only_raises",
    ),
    Erratum(
        id="A.E3",
        kind="notation",
        chapter="neural_odes",
        where="A.4, text below",
        printed=r"Not only $x_i(t)$ and $y_i(t)$ change, but so do the weights $w_{ji}(t)$.",
        correct=r"$y_{ji}(t)$, and the thresholds $\mu_j(t)$ change too.",
        why="A.4 writes both with their time.",
        test="tests/papers/equations/test_values.py::test_parameters_that_change_with_time",
    ),
    Erratum(
        id="A.E4",
        kind="notation",
        chapter="neural_odes",
        where="A.6",
        printed=r"$y_{ji}(t) = w_{ji} \, d(t) \, \sigma(x_j(t), \mu_j)$",
        correct=r"$y_{ji}(t) = w_{ji} \, \sigma(x_j(t), \mu_j)$, and $d(t)$ in front of the sum",
        why="In A.5 the same letter is a rate; here it is an increment. The value of A.6 is right.",
        test=f"{_PRINTS}::test_a6_has_the_same_value_with_the_step_inside_or_outside",
    ),
    Erratum(
        id="A.E5",
        kind="notation",
        chapter="neural_odes",
        where="A.7, and B.6",
        printed=r"$x(t_0) = [x, 0]^t$, $y = \pi_S(x(t_1))$",
        correct=r"$x(t_0) = [x^T, 0^T]^T$: input above, zeros below, in one column",
        why=r"$t$ is the time and the transpose; $x$ the input and the state; $S$ the number of "
        r"samples and the entries that are read; in B, $N$ is the number of hidden layers and the "
        r"last step.",
        test="tests/papers/equations/test_values.py::test_augmentation_pads_flows_and_projects",
    ),
    Erratum(
        id="A.E6",
        kind="claim",
        chapter="unrolling",
        where="A §4, below A.5",
        printed=r"The NeuralODE requires only $W$ parameters instead of $W \cdot N$.",
        correct="The factor N is exact against its own unfolding (A.S1), not against every ResNet.",
        why="Where one layer computes the same flow, the factor is 1. Of the thresholds the same "
        "holds as of the weights.",
        test=f"{_CLAIMS}::test_the_factor_n_is_against_its_own_unfolding",
    ),
    Erratum(
        id="A.E7",
        kind="claim",
        chapter="neural_odes",
        where="A §4 and §5; the same in B, below B.5 and below Theorem 2",
        printed="CT-RNNs are universal approximators and the leading term does not matter. Hence, "
        "NeuralODEs and augmented NeuralODEs are universal approximators, too.",
        correct="False without augmentation, true with it (A.S3).",
        why=r"Trajectories do not cross, so a NeuralODE of one neuron cannot come closer than 1 to "
        r"$x \mapsto -x$ on $[-1, 1]$.",
        test=f"{_STATEMENTS}::test_no_flow_on_the_line_mirrors",
    ),
    Erratum(
        id="A.E8",
        kind="claim",
        chapter="ct_rnns",
        where="A §5, below A.8; the same in B, below B.7",
        printed="A small perturbation is forgotten, that is, the system is stable.",
        correct=r"If $w_i > \frac{1}{4}\sum_j |w_{ji}|$ for every $i$ (A.S4); not in general.",
        why=r"$\dot{x} = -x + 10\,\sigma(x - 5)$ has two stable states; from $x = 5$ every "
        r"perturbation grows.",
        test=f"{_STATEMENTS}::test_a_ct_rnn_can_have_two_stable_states",
    ),
    Erratum(
        id="A.E9",
        kind="misprint",
        chapter="membrane_equation",
        where="A §6, below A.9",
        printed=r"Excitatory synapses: potential $x_j$ is negative so the current is positive.",
        correct=r"$x_i$ is negative",
        why=r"The difference of potential is $E_{ji} - x_i$: the potential of the neuron that "
        r"receives. Paper B has it right.",
        test=f"{_PRINTS}::test_the_receiving_potential_decides_the_sign_of_the_current",
    ),
    Erratum(
        id="A.E10",
        kind="misprint",
        chapter="membrane_equation",
        where="A §6, twice",
        printed=r"The actual weight of the synapse is $w_{ji}(t) = w_{ji}\,d(t)\,x_i(t)$.",
        correct=r"$w_{ji}(t) = w_{ji}\,d(t)\,(E_{ji} - x_i(t))$",
        why="The reversal potential and the sign are lost. With $E = 0$, excitation turns into "
        "inhibition; and at a low potential the synapse is not less important, but more.",
        test=f"{_STATEMENTS}::test_with_the_printed_weight_excitation_turns_into_inhibition",
    ),
    Erratum(
        id="A.E11",
        kind="misprint",
        chapter="membrane_equation",
        where="A §6, last paragraph but one",
        printed=r"$f(x) = \sum_j w_{ji}\,\sigma(x_j, \mu_j)\,x_i$ are precisely the synaptic "
        r"currents.",
        correct=r"$\sum_j w_{ji}\,\sigma(x_j, \mu_j)\,(E_{ji} - x_i)$",
        why=r"$E_{ji}$ and the sign are lost. And the feature is $x_i$ alone, the same in every "
        r"term: it is no weighted sum of the features $x_j$.",
        test=f"{_PRINTS}::test_the_printed_synaptic_current_of_a_section_6_is_another",
    ),
    Erratum(
        id="A.E12",
        kind="claim",
        chapter="reading_a_network",
        where="A §6, last paragraph",
        printed="Small changes of x lead to small changes of f(x). This is not the case for DNNs, "
        "ResNets, NeuralODEs, and CT-RNNs.",
        correct="It is the case for all of these, on all of space. For NRNs it holds on bounded "
        "sets only (A.S6, B.T3).",
        why=r"The slope of $\sigma$ is at most 1/4; but the NRN multiplies it by $E_{ji} - x_i$.",
        test="tests/papers/theorems/test_interpretability.py"
        "::test_there_is_no_lipschitz_bound_on_all_of_space",
    ),
    Erratum(
        id="A.E13",
        kind="claim",
        chapter="membrane_equation",
        where="A, Abstract and §7",
        printed="ResNets, NeuralODEs, and CT-RNNs are particular NRNs.",
        correct="They are limits of NRNs, for reversal potentials that go to infinity (A.S5).",
        why="The gate depends on the state for every finite reversal potential.",
        test=f"{_STATEMENTS}::test_the_distance_of_an_nrn_from_its_ct_rnn_falls_as_one_over_e",
    ),
    Erratum(
        id="A.E14",
        kind="claim",
        chapter="unrolling",
        where="A §1, §6 and §7",
        printed="NRNs are M times more succinct than CT-RNNs, where M is proportional to the size "
        "of the training set.",
        correct="No proof is given, as the paper itself says; for some tasks it is false (A.S7).",
        why="Samples of a fixed CT-RNN are fitted by its own parameters, however many they are.",
        test=f"{_CLAIMS}::test_m_cannot_grow_with_the_samples_of_a_ct_rnn",
    ),
    Erratum(
        id="A.E15",
        kind="gap",
        chapter="membrane_equation",
        where="A.9",
        printed=r"$\sigma(x_j(t), \mu_j)$ with potentials in mV",
        correct=r"$\sigma(a_{ji}(x_j - \mu_{ji}))$, as in B.13 with $b = -a\mu$",
        why="Without a slope, every synapse opens from a tenth to nine tenths within 4.4 mV. With "
        "one index, all synapses that leave a neuron share a threshold: by B's words, that is "
        "neural, not synaptic activation.",
        test=f"{_PRINTS}::test_a9_has_one_threshold_per_neuron_and_a_slope_of_one_per_millivolt",
    ),
    Erratum(
        id="A.E16",
        kind="claim",
        chapter="residual_networks",
        where="A §3",
        printed="The deeper network could have been obtained by simply extending the second with "
        "identity layers.",
        correct="A layer of sigmoids is never the identity; it can only come close to it.",
        why="Even a chain of layers of slope one loses its message with depth. With the skip "
        "connection, an idle layer is the identity exactly.",
        test="tests/analysis/test_residual.py::test_at_slope_one_a_message_fades_as_the_bound_says",
    ),
    Erratum(
        id="A.E17",
        kind="claim",
        chapter="neural_odes",
        where="A §4, approximation as control",
        printed="Can W(t) steer x to y? Affirmative, as ANNs with one layer are universal "
        "approximators, and consequently their ODE version.",
        correct="Any one point can be steered to any other. A map cannot, in its own dimension: "
        "trajectories do not cross, however W changes with time.",
        why="On the line a flow keeps the order of the points; $x$ to $-x$ turns it round.",
        test="tests/papers/theorems/test_statements.py::test_no_flow_on_the_line_mirrors",
    ),
    Erratum(
        id="A.E18",
        kind="claim",
        chapter="reading_a_network",
        where="A §6",
        printed="If the value $x_i(t)$ is low, the synapse is regarded as less important, and if "
        "the value is high, as more important.",
        correct="What counts is the distance $|E_{ji} - x_i|$ from the reversal potential.",
        why="For an excitatory synapse, 0 mV, a low potential is far from it: it counts most then.",
        test=f"{_STATEMENTS}::test_with_the_printed_weight_excitation_turns_into_inhibition",
    ),
    Erratum(
        id="A.E19",
        kind="claim",
        chapter="unrolling",
        where="A §6",
        printed="An NRN generates for every input a ResNet, even though there might be no single "
        "ResNet that would be appropriate for all inputs.",
        correct="None of the same width and form, exactly. Wider ones come as close as one likes.",
        why="The gate is a product of two potentials; a sum of sigmoids of single potentials has "
        "no mixed derivative. Universal approximation needs more neurons, not more inputs.",
        test="tests/analysis/test_unrolling.py::test_the_mixed_derivative_is_the_gate",
    ),
    Erratum(
        id="A.E20",
        kind="claim",
        chapter="neural_odes",
        where="A §4, function approximation with ODEs",
        printed=r"One learns the derivative $f$ of $F$, such that $\dot{x}(t) = f(x(t), W(t))$, "
        "$x(t_0) = x$ and $y = x(t_1)$. In general, the derivative is simpler.",
        correct="$f$ is the velocity of a flow that ends at $F(x)$. It is not the derivative of "
        "$F$, and there may be no such $f$.",
        why="For $f(x) = x$ the flow ends at $F(x) = ex$ after one unit of time, and $F'(x) = e$. "
        "On the line $F(x) = -x$, as simple as can be, has no velocity at all.",
        test=f"{_CLAIMS}::test_the_velocity_of_a_flow_is_not_the_derivative_of_its_end",
    ),
    Erratum(
        id="A.E21",
        kind="claim",
        chapter="neural_odes",
        where="A §4, between A.5 and A.6",
        printed="Could this work? One intuitive explanation: with an adaptive step the actual "
        "weights $W d(t)$ are time dependent.",
        correct="They are multiples of one $W$, and the flow that the steps approach does not "
        "depend on $d(t)$.",
        why="Steps are chosen so that the answer hardly depends on them. They buy accuracy, and no "
        "new functions. The freedom that is lost with $W(t)$ comes back with more neurons (A.S3).",
        test=f"{_CLAIMS}::test_the_lengths_of_the_steps_add_no_functions",
    ),
    Erratum(
        id="A.E22",
        kind="claim",
        chapter="membrane_equation",
        where="A §6, below A.9; the same in B, below B.13",
        printed="−90 mV is smaller than any potential, so the inhibitory current is negative; "
        "potentials are negative, so the excitatory current is positive.",
        correct="If every neuron starts between its reversal potentials, and all currents are "
        "gated (B.T3, part 4)",
        why="A current without a gate, such as the external ones that A.9 ignores or the linear "
        "input of B.16, takes a potential past a reversal potential. There the sign turns round.",
        test=f"{_CLAIMS}::test_beyond_its_reversal_potential_a_synapse_changes_sign",
    ),
    Erratum(
        id="A.E23",
        kind="claim",
        chapter="reading_a_network",
        where="A §6, last paragraph",
        printed=r"In $f(x) = \theta(x)^t h(x)$ with $h$ the identity, $\theta(x)$ becomes "
        r"$w^t\sigma(x, \mu)$. But $f(x) = \sum_j w_{ji}\,\sigma(x_j, \mu_j)\,x_i$ are precisely "
        "the synaptic currents.",
        correct="With $h$ the identity it would be "
        r"$\sum_j w_{ji}\,\sigma(x_j, \mu_j)\,x_j$, with $x_j$ for $x_i$.",
        why="In the reference every feature $x_j$ has a coefficient of its own. In the synaptic "
        "currents of neuron $i$ all coefficients multiply one feature, $x_i$ (B.T3, part 2).",
        test=f"{_CLAIMS}::test_the_synaptic_currents_of_a_neuron_have_one_feature",
    ),
)
