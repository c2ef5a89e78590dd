"""The book's own small experiments as profiles: the engine, the search and the store of the grid.

Each has five seeds at least, two more for the search of the rate, which goes on while the best
lies on the edge of those tried; a chapter reads the rows, and what else was measured of their
networks lies beside them, by run (``measures``). The rules were written before the runs.

*rests*: does a learned rest help a cell whose synapses add, and one whose synapses multiply? It
helps if the bootstrap interval of the mean paired difference of test losses lies above zero. The
search has all 200 passes: one of 60 was tried and chose larger rates for two of the four, 0.16 in
place of 0.04 for the multiplying cell without a rest, which was then worse after 200.

*frozen*: an SA-LTC, trained, and then its time constant replaced by its mean, or its equilibrium
moved as the mean would move it, or both. What matters is told by the interval of the change.

*later-cells*: which cells of 12 neurons learn to predict the walker, and who is ahead? A cell
*learns* if all its seeds beat repeating the last observation. One is *ahead* of another if the
whole interval of its lead, with seeds and test rollouts resampled (``evidence.lead``), lies on its
side; otherwise the two are not apart. The network without memory has the parameters of the LRC,
the largest of the four. Fifty passes are a budget, at whose end some would learn on. The walker
asks for a map and not for a memory, so nothing follows for tasks that need one.

*decisions*: from a start, the twin (tanh, begun as the sigmoid network) learns *like* S or T if the
interval of its median error overlaps that one's and is apart from the other's, and *between* if it
is apart from both and lies between them. Else the runs do not decide.

*unbounded*: the rule of ``unconstrained``, in twenty-five passes.

*surfaces*: are neurons, sigmoids or parameters what counts? DNNs, begun with the slopes of SA-DNNs,
and SA-DNNs, each with one layer, draw two surfaces from 256 points, in 6000 steps. Three of
the DNNs have as many numbers that matter, 5 n + 2, as SA-DNNs of 4, 6 and 8 neurons. At each of
these sizes, synaptic activation *costs* accuracy if the whole bootstrap interval of the ratio of
the median test losses, its own over the ordinary network's, lies above 1; it *saves* if the
interval lies below 1; else that size does not decide.

*directions*: do shared sigmoids lack directions? The same networks at equal numbers of sigmoids
learn sixteen waves along 2 or 16 directions, three draws of each. Directions are *supported* as a
reason if the whole interval of the ratio of median losses (in its geometric mean over the draws)
at 2 directions lies below that at 16, at both sizes; *refuted* if neither is so; else the runs do
not decide. That they are the whole reason needs more: at 2 the interval reaches down to 1.

*depth*: does a deep plain network fail to learn, or learn late? 500 digits, 3000 steps, networks of
16 or 32 neurons a layer; the score is the training loss, and a network *knows* them when that lies
below 0.001. With 16 neurons plain networks *fail* if no start of 32 layers comes below 2.2, where
guessing has 2.3. Rotations *take longer* with depth if the interval of the median pass at which
they know the digits lies higher with 32 layers than with 8, and residual layers *do not* if
theirs lies lower or overlaps. The same is asked with 32 neurons. *haste-…*: the same networks, with
16 neurons, at one rate each, since the search looks at the loss and not at the time that it takes.

*commands*: the flip-flop; networks without recurrent synapses, with and without a gate, which a
scan runs. *rings*: flows in the plane, and with one more dimension, learn a disc and the ring
around it; how many of 2000 fresh points are wrong?

*reading*: the rules of the chapter *Reading digits row by row*, which committed them before its
seeds; the profile holds what the chapter trained in the page until then.

Chapters: ``artificial_neurons``, ``residual_networks``, ``neural_odes``, ``grammar``,
``selective_state_spaces``, ``liquid_time_constants``, ``what_came_after``, ``robots_and_digits``,
``ct_rnns``, ``reading_digits``, ``what_replicates``.
"""

from __future__ import annotations

from dataclasses import replace

from ltcbook.data.variants import WAVES
from ltcbook.experiments.contenders import CFC, FLOWS, SCANNED, TWIN, UNBOUNDED, layers
from ltcbook.experiments.grid import FEED_FORWARD, LTCS, REFERENCE, Cell, Configuration, as_large_as
from ltcbook.experiments.plans import Profile, TaskPlan

_WALKER = "walker2d"
_STUDY = Profile(
    "study",
    "",
    (TaskPlan(_WALKER, (12,), 200, 200, rollouts=20, batch_size=32),),
    configurations=(),
    seeds=(0, 1, 2, 3, 4),
    search_seeds=(100, 101),
    rates=(5e-3, 1e-2, 2e-2, 4e-2),
    lowest_rate=1.25e-3,
    highest_rate=1.28,
    patience=20,
    feed_forward=False,
)

RESTED = {
    (factor, rests): Configuration(
        f"ctrnn_vsigm{factor}s_synaptic{'_lis' if rests else ''}", "synaptic"
    )
    for factor in "+*"
    for rests in (False, True)
}
"""An SA-LTC (``+``) and its multiplying sibling, without and with a learned rest."""

RESTS = replace(
    _STUDY,
    name="rests",
    summary="four cells of 12 neurons with and without a learned rest, until it stalls",
    extra=tuple(Cell(_WALKER, each, 12) for each in RESTED.values()),
)

FROZEN = replace(
    _STUDY,
    name="frozen",
    summary="an SA-LTC of 16 neurons, whose time constant is then frozen",
    extra=(Cell(_WALKER, REFERENCE, 16),),
)

_LRC = Configuration("LRC", "synaptic")
LATER = replace(
    _STUDY,
    name="later-cells",
    summary="an SA-LTC beside cells that came after, an LSTM, and a network without memory",
    plans=(TaskPlan(_WALKER, (12,), 50, 15, rollouts=40, batch_size=64),),
    patience=None,
    extra=(
        Cell(_WALKER, FEED_FORWARD, as_large_as(_LRC, 12, _WALKER)),
        *(
            Cell(_WALKER, each, 12)
            for each in (REFERENCE, Configuration(CFC), _LRC, Configuration("LSTM"))
        ),
    ),
)

DECISIONS = replace(
    _STUDY,
    name="decisions",
    summary="sigmoid, tanh, and tanh begun as the sigmoid: hold the sign of the last loud click",
    plans=(TaskPlan("clicks", (8,), 300, 300, batch_size=64),),
    seeds=tuple(range(20)),
    search_seeds=(100, 101, 102, 103),
    rates=(1e-2, 3e-2),
    unfolds=3,
    extra=tuple(
        Cell("clicks", Configuration(model, "linear", init), 8)
        for init in ("midpoint", "scaled")
        for model in ("NA-CT-RNN-S", TWIN, "NA-CT-RNN-T")
    ),
)

UNBOUNDED_AT = tuple(
    replace(
        _STUDY,
        name=f"unbounded-{rate:g}",
        summary=f"LTCs with bounds and without them, at a rate of {rate:g}",
        plans=(TaskPlan(_WALKER, (16, 32), 25, 25, rollouts=40, batch_size=32),),
        rates=(rate,),
        lowest_rate=rate,
        highest_rate=rate,
        patience=None,
        extra=tuple(
            Cell(_WALKER, Configuration(f"{kind}{bounds}", "synaptic"), n)
            for n in (16, 32)
            for kind in LTCS
            for bounds in ("", UNBOUNDED)
        ),
    )
    for rate in (0.01, 0.04, 0.16)
)


def drawing(neurons: int, model: str = "DNN") -> tuple[Configuration, int]:
    """A network of one layer, and how many neurons it has; a DNN starts with an SA-DNN's slopes.

    >>> drawing(8)
    (Configuration(model='DNN, 1 layer', input_map='linear', init='steep'), 8)
    """
    init = "steep" if model == "DNN" else "midpoint"
    return Configuration(layers(model, 1), init=init), neurons


_DRAWN = Profile(
    "drawn",
    "",
    (),
    configurations=(),
    seeds=(0, 1, 2, 3, 4),
    search_seeds=(100, 101),
    rates=(3e-3, 1e-2, 3e-2, 1e-1),
    lowest_rate=1e-4,
    feed_forward=False,
)

SURFACES = replace(
    _DRAWN,
    name="surfaces",
    summary="two surfaces from 256 points: neurons, sigmoids or parameters?",
    plans=(TaskPlan("surfaces", (8,), 120, 120, batch_size=1),),
    extra=tuple(
        Cell("surfaces", *drawing(n, model))
        for model, sizes in (("DNN", (4, 8, 11, 16, 24, 32, 41, 64)), ("SA-DNN", (2, 4, 6, 8)))
        for n in sizes
    ),
)

SIGMOIDS = {16: {"DNN": 16, "SA-DNN": 4}, 64: {"DNN": 64, "SA-DNN": 8}}
"""Neurons of either kind that have so many sigmoids."""
DIRECTED = replace(
    _DRAWN,
    name="directions",
    summary="sixteen waves along 2 or 16 directions, at equal numbers of sigmoids",
    plans=tuple(TaskPlan(task, (8,), 120, 120, batch_size=1) for task in WAVES.values()),
    extra=tuple(
        Cell(task, *drawing(n, model))
        for task in WAVES.values()
        for sizes in SIGMOIDS.values()
        for model, n in sizes.items()
    ),
)

DEEP = {
    "plain": lambda depth: Configuration(layers("DNN", depth)),
    "rotations": lambda depth: Configuration(layers("DNN", depth), init="rotations"),
    "residual": lambda depth: Configuration(layers("ResNet", depth)),
}
"""Three kinds of deep network, by their depth."""
_HASTY = (("plain", 32), *((k, d) for k in ("rotations", "residual") for d in (8, 32)))
DEPTH = replace(
    _DRAWN,
    name="depth",
    summary="500 digits by plain, rotated and residual networks of 2, 8 and 32 layers",
    plans=(TaskPlan("digits-whole", (16, 32), 150, 150, batch_size=25),),
    rates=(1e-3, 3e-3, 1e-2),
    extra=(
        *(Cell("digits-whole", DEEP[kind](d), 16) for kind in DEEP for d in (2, 8, 32)),
        *(Cell("digits-whole", DEEP[kind](d), 32) for kind, d in _HASTY),
    ),
)
HASTE = {
    rate: replace(
        DEPTH,
        name=f"haste-{rate:g}",
        summary=f"the deeper of them with 16 neurons, at a rate of {rate:g}",
        rates=(rate,),
        lowest_rate=rate,
        highest_rate=rate,
        extra=tuple(Cell("digits-whole", DEEP[kind](d), 16) for kind, d in _HASTY),
    )
    for rate in (1e-3, 3e-3, 1e-2)
}

COMMANDS = replace(
    _DRAWN,
    name="commands",
    summary="remember the last command, with a time constant that the input sets or a fixed one",
    plans=(TaskPlan("commands", (8,), 40, 40, batch_size=32),),
    extra=tuple(
        Cell("commands", Configuration(f"{model}{SCANNED}", "synaptic"), 8)
        for model in ("SA-LTC", "SA-CT-RNN-S")
    ),
)

RINGS = replace(
    _DRAWN,
    name="rings",
    summary="a disc and a ring, by flows in the plane and with one more dimension",
    plans=(TaskPlan("rings", (16,), 300, 300, batch_size=20),),
    extra=tuple(Cell("rings", Configuration(name), 16) for name in FLOWS.values()),
)

_READERS = (
    Cell("digits", REFERENCE, 16),
    Cell("digits", Configuration("NA-CT-RNN-T", "linear", "scaled"), 16),
    Cell("digits", Configuration("LSTM"), 16),
    Cell("digits", FEED_FORWARD, as_large_as(REFERENCE, 16, "digits")),
)
READING = replace(
    _STUDY,
    name="reading",
    summary="three networks of 16 neurons, and one without memory, read tiny digits row by row",
    plans=tuple(
        TaskPlan(task, (16,), 25, 12, batch_size=32)
        for task in ("digits", "digits-waiting", "digits-waiting-slow")
    ),
    seeds=(10, 11, 12, 13, 14),
    search_seeds=(200,),
    rates=(1e-2, 2e-2, 4e-2),
    lowest_rate=2.5e-3,
    highest_rate=0.08,
    patience=None,
    solver="semi-implicit-euler",
    unfolds=3,
    extra=(
        *_READERS,
        Cell("digits-waiting", REFERENCE, 16),
        Cell("digits-waiting-slow", REFERENCE, 16),
        Cell("digits-waiting", Configuration("LSTM"), 16),
    ),
)
READING_BEFORE = replace(
    READING,
    name="reading-before",
    summary="the round before, of the two whose order it left open",
    seeds=(0, 1, 2, 3, 4),
    search_seeds=(100,),
    extra=_READERS[:2],
)

_DRAWN_ALL = (SURFACES, DIRECTED, DEPTH, *HASTE.values(), COMMANDS, RINGS)
STUDIES = (
    *(RESTS, FROZEN, LATER, DECISIONS, *UNBOUNDED_AT),
    *_DRAWN_ALL,
    *(READING, READING_BEFORE),
)
