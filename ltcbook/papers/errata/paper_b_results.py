"""Errata of paper B: theorems, claims, counts and experiments."""

from __future__ import annotations

from ltcbook.papers.errata._erratum import Erratum

_CLAIMS = "tests/papers/errata/test_claims.py"
_COUNTS = "tests/papers/errata/test_counts.py"
_FORMS = "tests/papers/theorems/test_state_forms.py"

ERRATA = (
    Erratum(
        id="B.E20",
        kind="claim",
        chapter="neural_odes",
        where="Theorem 1",
        printed=r"$\dot{y} = \sigma(Wy + b)$ is equivalent to $\dot{x} = W\sigma(x + b)$.",
        correct=r"From $y$ to $x$ always; back only from $x(0)$ in the range of $W$ (B.T1).",
        why=r"$x(t) - x(0)$ is always in the range of $W$, so $x$ never enters it.",
        test=f"{_FORMS}::test_1_outside_the_range_of_a_singular_w_there_is_no_y",
    ),
    Erratum(
        id="B.E21",
        kind="claim",
        chapter="ct_rnns",
        where="Theorem 2",
        printed=r"$\dot{y} = -w * y + \sigma(Wy + b)$ and $\dot{x} = -w * x + W\sigma(x + b)$ are "
        r"equivalent.",
        correct=r"If $W\,\mathrm{diag}(w) = \mathrm{diag}(w)\,W$ (B.T2)",
        why=r"The proof writes $W(w * y) = w * (Wy)$. It holds if synapses join neurons of equal "
        r"leak only.",
        test=f"{_FORMS}::test_2_counterexample_with_leaks_1_and_3",
    ),
    Erratum(
        id="B.E22",
        kind="claim",
        chapter="liquid_time_constants",
        where="Theorem 3",
        printed=r"Each ALTC neuron is a linear regression of its inputs; $\dot{x}_i(t)$ is a "
        r"linear regression in $x$.",
        correct=r"Linear in $e_{ji} - x_i$; with frozen coefficients, affine in $x_i$ (B.T3).",
        why="The other potentials enter through the coefficients only.",
        test="tests/papers/theorems/test_interpretability.py"
        "::test_it_is_not_a_linear_regression_in_the_state",
    ),
    Erratum(
        id="B.E23",
        kind="claim",
        chapter="liquid_time_constants",
        where="Introduction and below B.14",
        printed="Gating makes each neuron interpretable as a linear system with state-dependent "
        "coefficients.",
        correct="So is a CT-RNN. What gating adds are coefficients of known sign, which bound the "
        "state.",
        why=r"$\sigma(x_j + b_j) = \sigma(b_j) + c_j(x_j)\,x_j$ with $0 < c_j \leq \frac{1}{4}$ "
        r"makes B.7 linear in $x$ with state-dependent coefficients.",
        test=f"{_CLAIMS}::test_a_ct_rnn_has_state_dependent_coefficients_too",
    ),
    Erratum(
        id="B.E24",
        kind="claim",
        chapter="residual_networks",
        where="Below B.3, and A §4",
        printed="Since ResNets are particular DNNs, they are also universal approximators.",
        correct="It does not follow. With augmentation it is true: unfold A.S3.",
        why="A part of a universal class need not be universal: DNNs with all weights zero are "
        "particular DNNs, too.",
        test=f"{_CLAIMS}::test_a_part_of_a_universal_class_need_not_be_universal",
    ),
    Erratum(
        id="B.E25",
        kind="claim",
        chapter="membrane_equation",
        where="Below B.13",
        printed="A leaking current, which ensures the stability of the ALTC.",
        correct="Leak and gate ensure that the potentials stay in a box (B.T3, part 4). They do "
        "not ensure one equilibrium.",
        why="A neuron that excites itself can be bistable, in an LTC as in a CT-RNN.",
        test="tests/papers/theorems/test_statements.py::test_an_ltc_can_have_two_stable_states",
    ),
    Erratum(
        id="B.E26",
        kind="claim",
        chapter="liquid_time_constants",
        where="Between B.15 and B.16",
        printed="The linear-input version of SA-LTCs is very similar.",
        correct="It loses the box: a current that is not gated pushes the potential anywhere.",
        why="The input of B.16 does not vanish as the potential nears a reversal potential.",
        test=f"{_CLAIMS}::test_linear_input_leaves_the_box_of_potentials",
    ),
    Erratum(
        id="B.E27",
        kind="claim",
        chapter="ct_rnns",
        where="Introduction, below B.14, and Robotic Experiments",
        printed="With tanh instead of a gated sigmoid one loses the linear interpretation and the "
        "polarity; tanh is another model than the sigmoid.",
        correct=r"$\tanh(x) = 2\sigma(2x) - 1$: a CT-RNN with tanh is one with sigmoids, twice the "
        r"weights, slopes and biases, and a constant current $-\sum_j w_{ji}$.",
        why="So what CT-RNN-T has and CT-RNN-S lacks is a resting potential for each neuron.",
        test=f"{_CLAIMS}::test_tanh_is_a_sigmoid_and_a_constant_current",
    ),
    Erratum(
        id="B.E28",
        kind="count",
        chapter="counting_parameters",
        where="Below B.8 and below Theorem 3",
        printed="NA-ACT-RNN: 3132 parameters with 54 neurons, 4224 with 64",
        correct=r"B.7 has $n^2 + 2n$: 3024 and 4224. With a slope per neuron, $n^2 + 3n$: 3078 and "
        r"4288.",
        why=r"3132 is $n^2 + 4n$, which counts one parameter per neuron that no equation has.",
        test=f"{_COUNTS}::test_the_two_counts_of_the_na_act_rnn_disagree",
    ),
    Erratum(
        id="B.E29",
        kind="count",
        chapter="counting_parameters",
        where="Below B.12, B.15 and B.16",
        printed="NA-CT-RNN: 6102 with 54 neurons, 8253 with 63, linear input 5355 with 51",
        correct="With 32 inputs, as the text says: 4870, 6238 and 4386",
        why="The printed counts come out if there are as many inputs as neurons.",
        test=f"{_COUNTS}::test_the_na_ct_rnn_counts_have_as_many_inputs_as_neurons",
    ),
    Erratum(
        id="B.E30",
        kind="count",
        chapter="counting_parameters",
        where="Text against Table 1",
        printed="SA-LTC: 8288 parameters with 32 neurons and 32 inputs",
        correct="8224 are trained: $C$ and $e_l$ are fixed, by Table 2, and Table 1 "
        "leaves them out.",
        why=r"$8n^2 + 3n$ counts leak, resting potential and capacitance; Table 1 the leak only.",
        test=f"{_COUNTS}::test_table_1_leaves_out_what_is_fixed",
    ),
    Erratum(
        id="B.E31",
        kind="count",
        chapter="counting_parameters",
        where="Table 1, LTCs with linear input",
        printed="SA-LTC linear 947, 2379, 6779; NA-LTC linear 571, 1243, 2971, 7963",
        correct="Of these, m n (SA) or n (NA) are sensory reversal potentials that B.16 does not "
        "have: 731, 1947, 5915 and 563, 1227, 2939, 7899 take part.",
        why="A linear input is not gated. These parameters get no gradient.",
        test=f"{_COUNTS}::test_linear_ltcs_count_potentials_that_their_equation_lacks",
    ),
    Erratum(
        id="B.E32",
        kind="gap",
        chapter="counting_parameters",
        where="Table 1, ANODE, LSTM and CT-GRU",
        printed="We use a linear input mapping.",
        correct="Their counts leave no room for one.",
        why=r"The LSTM's is torch's with 27 inputs, $4(mn + n^2 + 2n)$, and the readout.",
        test=f"{_COUNTS}::test_anode_lstm_and_ct_gru_have_no_input_map",
    ),
    Erratum(
        id="B.E33",
        kind="misprint",
        chapter="counting_parameters",
        where="Table 1, caption",
        printed="Results for the INSERT experiments",
        correct="Results for the Half-Cheetah kinematics experiments",
        why="A placeholder. All counts need 27 inputs and 27 outputs; the other tasks have 17, 28 "
        "inputs, or 6, 10 outputs.",
        test=f"{_COUNTS}::test_table_1_is_half_cheetah_kinematics",
    ),
    Erratum(
        id="B.E34",
        kind="claim",
        chapter="robots_and_digits",
        where="Learning Half-Cheetah kinematics",
        printed="27-dimension observation vector generated by the MuJoCo physics engine",
        correct="MuJoCo's Half-Cheetah has 17.",
        why="26 and a time feature fit PyBullet's Half-Cheetah, as the zoo of policies trains it.",
        test=f"{_CLAIMS}::test_mujocos_half_cheetah_has_17_observations",
    ),
    Erratum(
        id="B.E35",
        kind="claim",
        chapter="walker_kinematics",
        where="Learning Walker-2D kinematics and Half-Cheetah (LTCs remain more performant)",
        printed="LTCs perform better than CT-RNNs in all instances.",
        correct="In Table 1 the SA-LTC does, in all six; the NA-LTC does in three of eight.",
        why="With synaptic input, the NA-LTC's error is higher at every size.",
        test=f"{_COUNTS}::test_ltcs_are_not_better_in_all_instances_of_table_1",
    ),
    Erratum(
        id="B.E36",
        kind="gap",
        chapter="walker_kinematics",
        where="Table 1, spreads",
        printed="± nan in nine of the 37 entries",
        correct="What software gives as the spread of a single value: of the three runs of such an "
        "entry one seems to be left.",
        why="What became of the others is not said. One of the nine is the best error of all, "
        "0.28, of the SA-LTC with synaptic input and 32 neurons.",
        test=f"{_COUNTS}::test_some_spreads_of_table_1_are_not_numbers",
    ),
    Erratum(
        id="B.E37",
        kind="claim",
        chapter="solver_primer",
        where="Experimental Evaluation",
        printed="Since the resulting system of ODEs is stiff, the choice of the ODE-solver has a "
        "strong impact on the performance. We chose the explicit Euler solver with 10 unfolds.",
        correct=r"Explicit Euler needs $dt\,(w_l + \sum w\sigma)/C < 2$. Stiff systems ask for an "
        r"implicit or semi-implicit step.",
        why="Beyond the bound the step overshoots further each time; a semi-implicit step stays "
        "between the old potential and the reversal potentials, whatever dt.",
        test=f"{_CLAIMS}::test_explicit_euler_has_a_bound_and_semi_implicit_euler_has_none",
    ),
    Erratum(
        id="B.E38",
        kind="gap",
        chapter="solver_primer",
        where="Experimental Evaluation",
        printed="explicit Euler solver with 10 unfolds",
        correct="The horizon of a time step is not printed; we take one unit, so $dt = 0.1$.",
        why="Ten steps of another horizon give another network.",
        test=f"{_CLAIMS}::test_ten_unfolds_mean_nothing_without_a_horizon",
    ),
    Erratum(
        id="B.E39",
        kind="gap",
        chapter="robots_and_digits",
        where="Learning Walker-2D kinematics",
        printed="400 rollouts of 1000 steps each",
        correct="Up to 1000 steps: in the public files that fit the description, 121 of 400 "
        "rollouts have 1000, the shortest 131.",
        why="A rollout ends when the walker falls. That these are the paper's files is very "
        "likely, not certain.",
        test="tests/data/test_public_files.py::test_the_original_walker",
    ),
    Erratum(
        id="B.E40",
        kind="count",
        chapter="counting_parameters",
        where="Robotic Experiments, and Discussion and Conclusion",
        printed="SA-CT-RNNs and SA-LTCs pack essentially as many parameters as NA-CT-RNNs and "
        "NA-LTCs, with half of the number of neurons.",
        correct="In Table 1 they have, with half the neurons, from 55 % (SA-CT-RNN, linear input) "
        "to 108 % (SA-LTC, synaptic input) of the parameters.",
        why="$3n^2$ against $(2n)^2$ for a CT-RNN, $4n^2$ against $(2n)^2$ for an LTC; and a "
        "linear input map is half as large.",
        test=f"{_COUNTS}::test_half_the_neurons_pack_between_half_and_all_of_the_parameters",
    ),
    Erratum(
        id="B.E41",
        kind="claim",
        chapter="counting_parameters",
        where="Learning Walker-2D kinematics; for Half-Cheetah: a very similar pattern",
        printed="CT-RNNs perform better for the linear input-mapping, whereas SA-LTCs for synaptic "
        "input-mapping.",
        correct="In Table 1 CT-RNNs do at 4 of 7 sizes, SA-LTCs at 2 of 3.",
        why="With 8 neurons both CT-RNNs are better with synaptic input; with 16 the SA-LTC is "
        "better with linear input.",
        test=f"{_COUNTS}::test_the_better_input_map_of_table_1_depends_on_the_size",
    ),
    Erratum(
        id="B.E42",
        kind="claim",
        chapter="ct_rnns",
        where="Robotic Experiments",
        printed="The gating benefit is exemplified by the fact that CT-RNN-Ts perform better than "
        "CT-RNN-Ss.",
        correct="Neither has a gate. They are one family of functions; what differs is the start "
        "and the parametrisation.",
        why=r"$\sigma(z) = \frac{1}{2} + \frac{1}{2}\tanh\frac{z}{2}$, and the constant currents "
        "are taken up by the input's bias, or shift the state.",
        test="tests/analysis/test_rewriting.py::test_whatever_can_be_rewritten_gives_the_same_outputs",
    ),
    Erratum(
        id="B.E43",
        kind="claim",
        chapter="robots_and_digits",
        where="Learning Walker-2D kinematics",
        printed="There is no need to include the actions in the training set, because the policy "
        "is deterministic.",
        correct="Left open. The simulator can find again the actions of the public files that fit "
        "the description. A network explains all but 17 % of their variance by the observation, "
        "and more with more examples; of actions that were drawn, as ours are, a third stays "
        "unexplained.",
        why="The files are several times harder to predict than steady walks of ours, so one may "
        "suspect noise. They may be harder because they vary more.",
        test="tests/data/test_inverse.py::test_the_original_walker_acted_by_its_observation",
    ),
    Erratum(
        id="B.E44",
        kind="claim",
        chapter="ct_rnns",
        where="Below B.9",
        printed="This form cannot be extended to synaptic activations.",
        correct=r"For equal leaks it can. By B.T2 it is $\dot{x} = -w * x + W\sigma(x + Vu + b)$, "
        r"and there each synapse may have its own $\sigma(a_{ji}x_j + \sum_k v_{kj}u_k + b_{ji})$.",
        why="In the sum form the sigmoid stands between neuron and neuron, and the input is part "
        "of what it reads.",
        test=f"{_CLAIMS}::test_b9_can_be_extended_to_synaptic_activations",
    ),
    Erratum(
        id="B.E45",
        kind="claim",
        chapter="liquid_time_constants",
        where="End of Liquid Time Constant Networks",
        printed="LTCs are universal approximators. This is true for both their autonomous and "
        "general form.",
        correct="The cited proof is about trajectories, with additional neurons. As a map from "
        "start to end an autonomous LTC is not universal in its own dimension.",
        why="It is a flow, so its paths do not cross: on the line it keeps the order, as in A.S3.",
        test=f"{_CLAIMS}::test_an_autonomous_ltc_on_the_line_keeps_the_order",
    ),
    Erratum(
        id="B.E46",
        kind="gap",
        chapter="grammar",
        where="Appendix, recurrence types and shapes",
        printed="neuronal: `(model_size)`; synaptic: `(model_size, model_size)`",
        correct="For synapses from the input: `(input_size)`, and `(model_size, input_size)`. Only "
        "$e$ has the shape `(model_size)` there, too, with neuronal recurrence.",
        why="Table 1 counts $2m$ and $3mn$ numbers for $m$ inputs.",
        test=f"{_COUNTS}::test_sensory_synapses_have_the_shapes_of_the_input",
    ),
    Erratum(
        id="B.E47",
        kind="claim",
        chapter="what_replicates",
        where="Discussion and Conclusion",
        printed="LTCs and CT-RNNs with synaptic activation achieve essentially the same accuracy "
        "and parameter packing, for half of the number of neurons, as LTCs and CT-RNNs with neural "
        "activation.",
        correct="In Table 1 it holds for 32 neurons against 64, whose errors are 0.5 to 1.0 times "
        "as large. With 16 against 32 they are 0.9 to 1.4 times, with 8 against 16 1.2 to 1.7 "
        "times as large.",
        why="Seven of the twelve pairs are worse by more than 5 %. Seven pairs have an error with "
        "the spread nan on one side (B.E36), so the table is a weak witness either way. For the "
        "parameters see B.E40.",
        test=f"{_COUNTS}::test_half_the_neurons_have_the_same_error_at_the_largest_size_only",
    ),
    Erratum(
        id="B.E48",
        kind="gap",
        chapter="why_it_diverged",
        where="Robotic Experiments, and Table 1",
        printed="CT-RNNs and LTCs with 8, 16, 32, and 64 neurons",
        correct="Seven of the 44 entries of Table 1 are dashes: all networks with synaptic "
        "activation and the LSTM at 64, the CT-GRU at 32 and 64.",
        why="Each of them would have more parameters than any that is printed. Whether they were "
        "too large, too slow or lost is not said.",
        test=f"{_COUNTS}::test_what_table_1_leaves_out_is_larger_than_all_it_prints",
    ),
)
