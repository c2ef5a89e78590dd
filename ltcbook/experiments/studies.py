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

Chapters: ``grammar``, ``liquid_time_constants``, ``what_came_after``, ``robots_and_digits``,
``ct_rnns``, ``what_replicates``.
"""

from __future__ import annotations

from dataclasses import replace

from ltcbook.experiments.contenders import CFC, TWIN, UNBOUNDED
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

STUDIES = (RESTS, FROZEN, LATER, DECISIONS, *UNBOUNDED_AT)
