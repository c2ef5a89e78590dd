"""The ledger: what the papers claim, the test that decides each claim, and its verdict.

A claim is a set of comparisons, most between two boxes of the grid, each with the relation that
the claim asserts; a small experiment of its own brings its comparisons with it. The rule of the
verdict is the same for all, and was written before the runs:

* **confirmed**: of at least three comparisons, at least four in five hold.
* **confirmed under a condition**: not that, but it is so for at least three comparisons of one
  condition (a start, a task, an input map).
* **not reproduced**: neither.
* **contradicted by the paper's own table**: Table 1 has entries against a claim about all of them.
* **not testable**: no experiment of this kind can decide it, or the paper does not say enough.
* **open**: fewer than three comparisons can be made with the rows that there are.

Appendix: ``errata``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from ltcbook.experiments.evidence import Evidence, Interval, Key
from ltcbook.experiments.grid import Configuration

Verdict = Literal[
    "confirmed",
    "confirmed under a condition",
    "not reproduced",
    "contradicted by the paper's own table",
    "not testable",
    "open",
]
Relation = Literal["better", "not worse", "comparable", "not better"]

MARGIN = 0.05
"""How much worse, as a share of the loss, "the same accuracy" may be."""
COMPARABLE = 0.10
"""How far apart "comparable" may be."""
ENOUGH, MOST = 3, 0.8


class _Meaning(NamedTuple):
    """What a relation says of the relative difference of two losses.

    Attributes:
        rule: in words.
        holds: whether an interval shows the relation.
        opposed: whether it shows the opposite; if neither, the seeds do not decide.

    >>> barely = Interval(0.01, -0.02, 0.04)
    >>> RELATIONS["better"].holds(barely), RELATIONS["better"].opposed(barely)
    (False, False)
    """

    rule: str
    holds: Callable[[Interval], bool]
    opposed: Callable[[Interval], bool]


RELATIONS: dict[Relation, _Meaning] = {
    "better": _Meaning(
        "the interval of the difference lies above zero",
        lambda d: d.low > 0,
        lambda d: d.high < 0,
    ),
    "not worse": _Meaning(
        f"it lies above −{MARGIN:.0%}",
        lambda d: d.low > -MARGIN,
        lambda d: d.high < -MARGIN,
    ),
    "comparable": _Meaning(
        f"it lies within ±{COMPARABLE:.0%}",
        lambda d: d.low > -COMPARABLE and d.high < COMPARABLE,
        lambda d: d.low > COMPARABLE or d.high < -COMPARABLE,
    ),
    "not better": _Meaning("it does not lie above zero", lambda d: d.low <= 0, lambda d: d.low > 0),
}


class Comparison(NamedTuple):
    """One box held against another, under the conditions that name where it was made.

    >>> from ltcbook.experiments.grid import Configuration
    >>> one, other = Configuration("SA-LTC", "synaptic"), Configuration("LSTM")
    >>> Comparison(("walker2d", one, 16), ("walker2d", other, 16)).conditions
    ()
    """

    one: Key
    other: Key
    conditions: tuple[str, ...] = ()


class Outcome(NamedTuple):
    """What came of a comparison.

    Attributes:
        difference: in what is compared; infinite where one side diverged.
        holds, opposed: whether it shows what the claim says, or the opposite.
        conditions: that name where it was made.

    >>> Outcome(-0.2, holds=False, opposed=True, conditions=("walker2d",)).opposed
    True
    """

    difference: float
    holds: bool
    opposed: bool
    conditions: tuple[str, ...] = ()


class Experiment(NamedTuple):
    """A small experiment that decides a claim where the grid has no runs for it.

    Attributes:
        rule: when a comparison holds, in words.
        outcomes: of its comparisons, from the committed results; none where there are none.

    >>> found = [Outcome(1.0, True, False)] * 3
    >>> swans = Experiment("most are white", lambda: found)
    >>> claim = Claim("B.C0", "swans", "nowhere", "they are white", "so?", experiment=swans)
    >>> claim.rule
    'most are white; in at least 80% of at least 3 comparisons'
    """

    rule: str
    outcomes: Callable[[], Sequence[Outcome]]


@dataclass(frozen=True)
class Claim:
    """An empirical claim of a paper.

    Attributes:
        id: ``"B.C1"``: the paper's letter, C and a number of our own.
        title: what is claimed, in a few words of ours.
        where: section or figure.
        quote: the words of the paper.
        question: what is compared, in plain words.
        relation: that the claim asserts of each comparison.
        comparisons: all that can be made in the grid.
        experiment: that decides in their place.
        against_table: says what in Table 1 speaks against the claim; empty if nothing does.
        untestable: why no run can decide; empty if one can.
        ours: whether the question is ours, and the quoted words do not answer it. There is nothing
            to replicate then, so no heading of the ledger shows a verdict.

    >>> claim = Claim("B.C0", "swans", "nowhere", "they are white", "so?", untestable="no swans")
    >>> claim.rule
    'none'
    """

    id: str
    title: str
    where: str
    quote: str
    question: str
    relation: Relation = "better"
    comparisons: tuple[Comparison, ...] = ()
    against_table: Callable[[], str] = field(default=lambda: "")
    untestable: str = ""
    experiment: Experiment | None = None
    ours: bool = False

    @property
    def rule(self) -> str:
        """What decides, in a sentence."""
        often = f"in at least {MOST:.0%} of at least {ENOUGH} comparisons"
        if self.untestable:
            return "none"
        if self.experiment:
            return f"{self.experiment.rule}; {often}"
        if not self.comparisons:
            return "the printed table decides"
        meaning = RELATIONS[self.relation].rule
        return f"{self.relation}: {meaning}; {often}, paired by test rollout"

    def outcomes(self, evidence: Evidence) -> list[Outcome]:
        """What came of those comparisons that the rows, or the experiment's results, allow."""
        if self.experiment:
            return list(self.experiment.outcomes())
        meaning = RELATIONS[self.relation]
        pairs = [(evidence.compare(c.one, c.other), c.conditions) for c in self.comparisons]
        return [
            Outcome(d.estimate, meaning.holds(d), meaning.opposed(d), conditions)
            for d, conditions in pairs
            if d is not None
        ]


class Finding(NamedTuple):
    """A verdict and what it rests on: how many comparisons hold, say the opposite, were made.

    >>> from ltcbook.experiments.evidence import Evidence
    >>> claim = Claim("B.C0", "swans", "nowhere", "they are white", "so?", untestable="no swans")
    >>> found = decide(claim, Evidence([], {}))
    >>> found.verdict, found.evidence
    ('not testable', 'no swans')
    """

    verdict: Verdict
    evidence: str
    holds: int = 0
    opposed: int = 0
    made: int = 0


def decide(claim: Claim, evidence: Evidence) -> Finding:
    """The verdict on a claim, from the rows that there are.

    >>> from ltcbook.experiments.evidence import Evidence
    >>> claim = Claim("B.C0", "swans", "nowhere", "all swans are white", "are they?")
    >>> decide(claim, Evidence([], {})).verdict
    'open'

    Chapter: ``walker_kinematics``.
    """
    if claim.untestable:
        return Finding("not testable", claim.untestable)
    found = claim.outcomes(evidence)
    numbers = sum(each.holds for each in found), sum(each.opposed for each in found), len(found)
    holds, _, made = numbers
    counted = _counted(numbers, [each.difference for each in found])
    against = claim.against_table()
    if against:
        text = f"{against} Ours: {counted}." if claim.comparisons else against
        return Finding("contradicted by the paper's own table", text, *numbers)
    if made < ENOUGH:
        return Finding("open", f"{counted}; at least {ENOUGH} are needed.", *numbers)
    if holds >= MOST * made:
        return Finding("confirmed", f"{counted}.", *numbers)
    conditions = _conditions(found)
    if conditions:
        text = f"{counted}; it holds with {', '.join(conditions)}."
        return Finding("confirmed under a condition", text, *numbers)
    return Finding("not reproduced", f"{counted}.", *numbers)


def headline(claim: Claim, finding: Finding) -> str:
    """What stands over an entry of the ledger.

    >>> ours = Claim("B.C0", "swans are white", "nowhere", "swans exist", "are they?", ours=True)
    >>> headline(ours, Finding("not reproduced", "one is black"))
    "B.C0, swans are white: our question, not the paper's claim"
    """
    said = "our question, not the paper's claim" if claim.ours else finding.verdict
    return f"{claim.id}, {claim.title}: {said}"


def answer(claim: Claim, finding: Finding) -> str:
    """What stands below an entry of the ledger, as Markdown: the verdict and what it rests on.

    >>> ours = Claim("B.C0", "swans are white", "nowhere", "swans exist", "are they?", ours=True)
    >>> answer(ours, Finding("not reproduced", "One is black."))
    '*Answer.* One is black.'
    """
    if claim.ours:
        return f"*Answer.* {finding.evidence}"
    verdict = finding.verdict if finding.verdict != "open" else "open: not enough rows yet"
    return f"*Verdict.* **{verdict}**. {finding.evidence}"


def _counted(numbers: tuple[int, int, int], differences: list[float]) -> str:
    holds, opposed, made = numbers
    if not made:
        return f"{holds} of {made} comparisons hold"
    return (
        f"{holds} of {made} comparisons hold, {opposed} show the opposite and "
        f"{made - holds - opposed} decide nothing; differences from {_share(min(differences))} to "
        f"{_share(max(differences))}"
    )


def _conditions(found: Iterable[Outcome]) -> list[str]:
    """The conditions under which most comparisons hold, with how many."""
    by: dict[str, list[bool]] = {}
    for outcome in found:
        for condition in outcome.conditions:
            by.setdefault(condition, []).append(outcome.holds)
    return [
        f"{name} ({sum(oks)} of {len(oks)})"
        for name, oks in by.items()
        if len(oks) >= ENOUGH and sum(oks) >= MOST * len(oks)
    ]


def _share(value: float) -> str:
    return f"{value:+.0%}" if math.isfinite(value) else "the other diverged" if value > 0 else (
        "it diverged"
    )  # fmt: skip


def comparisons(
    tasks: Iterable[str],
    sizes: Iterable[int],
    pairs: Iterable[tuple[Configuration, Configuration]],
    factor: int = 1,
) -> tuple[Comparison, ...]:
    """All pairs on all tasks at all sizes; the other has ``factor`` times as many neurons.

    >>> pair = Configuration("SA-LTC", "synaptic"), Configuration("NA-LTC", "synaptic")
    >>> made = comparisons(["walker2d"], [8, 16], [pair], factor=2)
    >>> [(each.one[2], each.other[2]) for each in made]
    [(8, 16), (16, 32)]
    """
    sizes = tuple(sizes)
    pairs = tuple(pairs)
    return tuple(
        Comparison(
            (task, one, n),
            (task, other, factor * n),
            (task, f"{one.input_map} input", f"the {_start(one, other)} start", f"n = {n}"),
        )
        for task in tasks
        for n in sizes
        for one, other in pairs
    )


def _start(one: Configuration, other: Configuration) -> str:
    return "scaled" if "scaled" in (one.init, other.init) else "papers'"
