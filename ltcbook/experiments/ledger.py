"""Every empirical claim of papers A and B, as data for :mod:`ltcbook.experiments.claims`.

Appendix: ``errata``.
"""

from __future__ import annotations

from ltcbook.experiments import unconstrained
from ltcbook.experiments.claims import Claim, Comparison, comparisons
from ltcbook.experiments.grid import INPUT_MAPS, Configuration
from ltcbook.experiments.pairs import (
    HALVES,
    N,
    best_of_all,
    euler_against,
    ltcs_in_table,
    packing_in_table,
    two_by_two,
)
from ltcbook.experiments.profiles import ADAPTIVE, PAPERS_TASKS, SOLVERS

ROBOTS = PAPERS_TASKS[:3]
STARTS = ("midpoint", "scaled")
_C = Configuration


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "A.C1",
        "M times more succinct",
        "Abstract, §1, §6",
        "This additional flexibility makes NRNs M times more succinct than NeuralODEs and CT-RNNs, "
        "where M is proportional to the size of the training set. … NRNs are in total M·N more "
        "succinct than ResNets.",
        "How many more neurons does a CT-RNN need than an NRN, and a ResNet than either?",
        untestable="No run decides it. Paper A says itself that a proof of M is under work, and "
        "gives no experiment. What can be proved is in the chapter on unrolling: N is exact "
        "against a network's own unfolding (A.S1), and for some tasks M is false (A.S7).",
    ),
    Claim(
        "A.C2",
        "examples of M",
        "§7",
        "A formal proof for the bound M is currently under work, and so are empirical examples.",
        "Which examples?",
        untestable="Announced, and not in the paper.",
    ),
    Claim(
        "B.C1",
        "half the neurons, the same accuracy",
        "Abstract, Robotic Experiments, Discussion",
        "LTCs and CT-RNNs with synaptic activation achieve essentially the same accuracy and "
        "parameter packing, for half of the number of neurons, as LTCs and CT-RNNs with neural "
        "activation.",
        "Is SA with n neurons not worse than NA with 2n?",
        "not worse",
        comparisons(
            PAPERS_TASKS,
            HALVES,
            [
                (_C(f"SA-{kind}", way, init), _C(f"NA-{kind}", way, init))
                for kind in ("CT-RNN-S", "CT-RNN-T", "LTC")
                for way in INPUT_MAPS
                for init in (STARTS if kind != "LTC" else STARTS[:1])
            ],
            factor=2,
        ),
    ),
    Claim(
        "B.C2",
        "half the neurons, as many parameters",
        "Learning Walker-2D kinematics",
        "SA-CT-RNNs and SA-LTCs pack essentially as many parameters as NA-CT-RNNs and NA-LTCs, "
        "with half of the number of neurons.",
        "How many parameters have half the neurons?",
        against_table=packing_in_table,
    ),
    Claim(
        "B.C3",
        "LTCs beat CT-RNNs in all instances",
        "Learning Walker-2D kinematics, Learning Half-Cheetah kinematics",
        "LTCs perform better than CT-RNNs in all instances. … LTCs remain more performant.",
        "Is each LTC better than both CT-RNNs of its kind, at equal units?",
        "better",
        comparisons(
            PAPERS_TASKS,
            N,
            [
                (_C(f"{kind}-LTC", way), _C(f"{kind}-CT-RNN-{letter}", way, init))
                for kind in ("NA", "SA")
                for letter in "ST"
                for way in INPUT_MAPS
                for init in STARTS
            ],
        ),
        ltcs_in_table,
    ),
    Claim(
        "B.C4",
        "tanh beats the sigmoid in CT-RNNs",
        "Learning Walker-2D kinematics",
        "The gating benefit is exemplified by the fact that CT-RNN-Ts perform better than "
        "CT-RNN-Ss.",
        "Neither has a gate (B.E42); does tanh beat the sigmoid in CT-RNNs?",
        "better",
        comparisons(
            PAPERS_TASKS,
            N,
            [
                (_C(f"{kind}-CT-RNN-T", way, init), _C(f"{kind}-CT-RNN-S", way, init))
                for kind in ("NA", "SA")
                for way in INPUT_MAPS
                for init in STARTS
            ],
        ),
    ),
    Claim(
        "B.C5",
        "linear input suits CT-RNNs",
        "Learning Walker-2D kinematics",
        "CT-RNNs perform better for the linear input-mapping …",
        "Is a CT-RNN with linear input better than with synaptic input?",
        "better",
        comparisons(
            ROBOTS,
            N,
            [
                (_C(f"{kind}-CT-RNN-{letter}", "linear", init),
                 _C(f"{kind}-CT-RNN-{letter}", "synaptic", init))
                for kind in ("NA", "SA") for letter in "ST" for init in STARTS
            ],
        ),
    ),
    Claim(
        "B.C6",
        "synaptic input suits SA-LTCs",
        "Learning Walker-2D kinematics",
        "… whereas SA-LTCs for synaptic input-mapping.",
        "Is an SA-LTC with synaptic input better than with linear input?",
        "better",
        comparisons(ROBOTS, N, [(_C("SA-LTC", "synaptic"), _C("SA-LTC", "linear"))]),
    ),
    Claim(
        "B.C7",
        "LSTM and CT-GRU are not better",
        "Learning Walker-2D kinematics",
        "LSTMs and CT-GRUs attain (even greater) parameter packing …, but not necessarily with "
        "greater accuracy, when their number of cells equals the number of neurons of SA-LTCs.",
        "Are LSTM and CT-GRU not better than the SA-LTC (synaptic input) at equal units?",
        "not better",
        comparisons(
            PAPERS_TASKS, N,
            [(_C(model), _C("SA-LTC", "synaptic")) for model in ("LSTM", "CT-GRU")],
        ),
    ),
    Claim(
        "B.C8",
        "the ANODE is comparable to the NA-LTC",
        "Learning Walker-2D kinematics",
        "ANODEs … perform comparable to NA-LTCs.",
        "Is the ANODE comparable to the NA-LTC with linear input?",
        "comparable",
        comparisons(ROBOTS, N, [(_C("ANODE"), _C("NA-LTC", "linear"))]),
    ),
    Claim(
        "B.C9",
        "tanh helps with synaptic input",
        "Learning Half-Cheetah kinematics",
        "In this case the benefits of CT-RNN-Ts are evident only for the synaptic input-mapping.",
        "With synaptic input, does tanh beat the sigmoid on the half-cheetah?",
        "better",
        comparisons(
            ROBOTS[1:],
            N,
            [
                (_C(f"{kind}-CT-RNN-T", "synaptic", i), _C(f"{kind}-CT-RNN-S", "synaptic", i))
                for kind in ("NA", "SA") for i in STARTS
            ],
        ),
    ),
    Claim(
        "B.C10",
        "in cloning, LSTM and CT-GRU are better",
        "Learning Half-Cheetah kinematics, Figure 7",
        "LSTMs and CT-GRUs have a slightly better accuracy compared to SA-LTCs, at the expense of "
        "more parameters.",
        "In cloning, are LSTM and CT-GRU better than the SA-LTC (synaptic input) at equal units?",
        "better",
        comparisons(
            ("halfcheetah-cloning",), N,
            [(_C(model), _C("SA-LTC", "synaptic")) for model in ("LSTM", "CT-GRU")],
        ),
    ),
    Claim(
        "B.C11",
        "on digits, NA-CT-RNN and LSTM are best",
        "Sequential-MNIST classification",
        "The best accuracy is attained by NA-CTRNNs and LSTMs.",
        "(Before the runs this asked of LTCs alone; since then of all, for the word is *best*.) On "
        "MNIST, are the LSTM and the NA-CT-RNN (scaled start) better than each other model?",
        "better",
        best_of_all("mnist", (_C("LSTM"), _C("NA-CT-RNN-T", "linear", "scaled"))),
    ),
    Claim(
        "B.C12",
        "on digits, LTCs fail with 64 neurons",
        "Sequential-MNIST classification",
        "LTCs with synaptic inputs are less stable, and fail to properly converge for the largest "
        "number of neurons.",
        "On MNIST, are LTCs with synaptic input better with 8, 16 and 32 neurons than with 64?",
        "better",
        tuple(
            Comparison(("mnist", c, n), ("mnist", c, N[-1]), (str(c),))
            for c in (_C("NA-LTC", "synaptic"), _C("SA-LTC", "synaptic"))
            for n in HALVES
        ),
    ),
    Claim(
        "B.C13",
        "gates help at equal parameters",
        "Discussion",
        "The linear gating of LTCs further improved this accuracy.",
        "B.C3 asks at equal units. At equal parameters, is gated better than ungated?",
        "better",
        two_by_two(gated=True),
    ),
    Claim(
        "B.C14",
        "synapses help at equal parameters",
        "Abstract",
        "[Biophysical synapses] allow to pack more parameters for a given number of neurons and "
        "synapses.",
        "The count is not in doubt, and the paper says no more. We ask besides: at equal "
        "*parameters*, is synaptic better than neural?",
        "better",
        two_by_two(gated=False),
        ours=True,
    ),
    Claim(
        "B.C15",
        "tanh CT-RNNs are comparable to LTCs",
        "Below B.14, Introduction",
        "CT-RNNs where the activation function is a hyperbolic tangent, has very similar … "
        "learning-accuracy properties with LTCs.",
        "Is a CT-RNN-T comparable to the LTC of its kind?",
        "comparable",
        comparisons(
            ROBOTS,
            N,
            [
                (_C(f"{kind}-CT-RNN-T", way, init), _C(f"{kind}-LTC", way))
                for kind in ("NA", "SA") for way in INPUT_MAPS for init in STARTS
            ],
        ),
    ),
    Claim(
        "B.C16",
        "tanh makes LTCs unstable",
        "Robotic Experiments",
        "A hyperbolic tangent … renders the network very unstable.",
        "Do LTCs with tanh diverge, or do worse than those with sigmoids?",
        "better",
        comparisons(
            ROBOTS,
            N,
            [(_C("SA-LTC", "synaptic"), _C("ctrnn_vtanh+s_synaptic", "synaptic")),
             (_C("NA-LTC", "synaptic"), _C("ctrnn_vtanh+_synaptic", "synaptic"))],
        ),
    ),
    Claim(
        "B.C17",
        "without a leak it is worse",
        "Robotic Experiments",
        "By lacking a stabilization term, the simple NeuralODEs discussed before perform worse "
        "than CT-RNNs, and we do not show them in our results.",
        "Is a CT-RNN better than one without leak?",
        untestable="The results are not shown, and how a NeuralODE without leak receives an input "
        "at each time step is not said.",
    ),
    Claim(
        "B.C18",
        "Euler with ten unfolds is enough",
        "Sequential model structure",
        "Explicit Euler solver with 10 unfolds … gave good enough accuracy with low "
        "time-complexity, compared to … rk4 or dopri5.",
        "Is Euler with 10 unfolds not worse than RK4 with 10, and than dopri5?",
        "not worse",
        (*euler_against(SOLVERS[1], N[1]), *euler_against(ADAPTIVE[0], N[0])),
    ),
    Claim(
        "B.C19",
        "synapses help any network",
        "Discussion",
        "We claimed that the benefits of biophysical synapses apply to any ANN. However, we showed "
        "them explicitly for LTCs and CT-RNNs, only.",
        "Do they apply to CNNs, LSTMs, CT-GRUs?",
        untestable="The paper leaves it to its full version.",
    ),
    Claim(
        "B.C20",
        "an LTC is as good as an LSTM's cells",
        "Discussion",
        "We also observed that the accuracy and packing benefits of LTCs is comparable to those of "
        "cells in LSTMs.",
        "(Written after the runs, and after a count of some of these comparisons had been seen.) "
        "The packing is counted: an SA-LTC with synaptic input has nearly as many parameters as an "
        "LSTM, the other LTCs have fewer. At equal units, is an LTC's accuracy comparable?",
        "comparable",
        tuple(
            Comparison(c.one, c.other, (*c.conditions, c.one[1].model))
            for c in comparisons(
                PAPERS_TASKS,
                N,
                [
                    (_C(f"{kind}-LTC", way), _C("LSTM"))
                    for kind in ("NA", "SA") for way in INPUT_MAPS
                ],
            )
        ),
    ),
    Claim(
        "B.C21",
        "LTCs diverge without bounds",
        "Appendix, below Table 2",
        "LTC dynamics tend to diverge rapidly if leaving the parameters unconstrained …: C ≥ 0, "
        "w ≥ 0, a ≥ 0.",
        "On the walker, do more LTCs (in shares of five networks) explode soon after training has "
        "begun if w, a and w_l may become negative than if they may not (C is fixed)?",
        experiment=unconstrained.EXPERIMENT,
    ),
)  # fmt: skip
"""The ledger, paper A's first."""
