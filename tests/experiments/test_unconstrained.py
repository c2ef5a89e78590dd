"""LTCs without bounds: what is freed, and what the rule makes of known results."""

from dataclasses import replace

import pytest
import torch

import ltcbook
from ltcbook.data.arrays import from_arrays
from ltcbook.experiments.claims import Experiment, decide
from ltcbook.experiments.contenders import UnboundedRecipe, free
from ltcbook.experiments.evidence import Evidence
from ltcbook.experiments.ledger import CLAIMS
from ltcbook.experiments.results import runs
from ltcbook.experiments.store import Store
from ltcbook.experiments.unconstrained import SOON, Trained, exploded, outcomes, trained
from ltcbook.nn.constraints import lowest_values
from ltcbook.training import Recipe, Run

(CLAIM,) = [claim for claim in CLAIMS if claim.id == "B.C21"]
NEVER = (None,) * 5


def rows(without, within=NEVER, rates=(0.01, 0.04, 0.16)):
    return [
        Trained("SA-LTC", 16, rate, bounds, each)
        for rate in rates
        for bounds, each in ((False, without), (True, within))
    ]


@pytest.mark.parametrize(
    ("without", "within", "holds", "opposed"),
    [
        ((1, 2, SOON, None, None), NEVER, True, False),
        ((1, 1, None, None, None), NEVER, False, True),
        ((1, 1, SOON + 1, None, None), NEVER, False, False),  # not soon enough
        ((9, 9, 9, None, None), NEVER, False, False),
        ((1, 1, 1, 1, 1), (1, 1, 1, 1, 1), False, False),  # not for want of bounds
        ((1, 1, 1, 1, 1), (9, 9, 9, 9, 9), True, False),
    ],
)
def test_a_comparison_follows_the_rule(without, within, holds, opposed):
    made = outcomes(rows(without, within))
    assert [(each.holds, each.opposed) for each in made] == [(holds, opposed)] * 3
    assert made[1].conditions == ("SA-LTC", "n = 16", "rate 0.04")


@pytest.mark.parametrize(
    ("made", "verdict"),
    [
        (rows((1,) * 5), "confirmed"),
        (rows(NEVER), "not reproduced"),
        (rows((1,) * 5, rates=(0.04, 0.16)), "open"),
        ([], "open"),
    ],
)
def test_the_ledger_decides_by_what_was_found(made, verdict):
    claim = replace(CLAIM, experiment=Experiment("so", lambda: outcomes(made)))
    finding = decide(claim, Evidence([], {}))
    assert finding.verdict == verdict
    assert claim.rule == "so; in at least 80% of at least 3 comparisons"


def test_a_condition_is_found_here_too():
    mixed = rows((1,) * 5) + [row._replace(neurons=32) for row in rows(NEVER)]
    claim = replace(CLAIM, experiment=Experiment("so", lambda: outcomes(mixed)))
    finding = decide(claim, Evidence([], {}))
    assert finding.verdict == "confirmed under a condition" and finding[2:] == (3, 3, 6)
    assert "n = 16 (3 of 3)" in finding.evidence and "n = 32" not in finding.evidence


def test_a_free_network_computes_with_what_it_is_given():
    """With a negative strength: by the kernel as without it, and not as on the bound."""

    def build(backend="auto"):
        options = {"input_map": "synaptic", "seed": 0, "backend": backend}
        return ltcbook.build("SA-LTC", 2, 3, 1, **options)

    network, plain, usual = free(build()), free(build("eager")), build()
    u = torch.randn(4, 6, 2, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        network.cell.recurrent.w[0] = -0.5
    plain.load_state_dict(network.state_dict())
    with torch.no_grad():
        torch.testing.assert_close(network(u)[0], plain(u)[0])
        assert (network.cell.recurrent.w[0] == -0.5).all()
        usual.cell.recurrent.w[0] = -0.5
        assert not torch.allclose(usual(u)[0], network(u)[0])


def losses(recipe, task):
    """The run of five networks, and their losses by epoch."""
    run = Run(recipe, task)
    while not run.finished:
        run.train_epoch()
    return run, [[(k, *both) for k, both in enumerate(curve, 1)] for curve in run.curves]


@pytest.mark.filterwarnings("ignore:the states of")
def test_training_crosses_the_bounds_only_where_there_are_none():
    """And sees an explosion: at an absurd rate all networks have one at once."""
    generator = torch.Generator().manual_seed(0)
    waves = torch.randn(20, 9, 2, generator=generator).numpy()
    task = from_arrays(waves[:, :-1], waves[:, 1:])
    shared = {"hidden_size": 4, "epochs": 2, "input_map": "synaptic"}
    shared |= {"seeds": (0, 1, 2, 3, 4), "patience": None, "batch_size": 32}
    bounded = lowest_values(ltcbook.build("SA-LTC", 2, 4, 2, input_map="synaptic"))
    below = {}
    for kind in (Recipe, UnboundedRecipe):
        run, _ = losses(kind("SA-LTC", learning_rate=0.5, **shared), task)
        below[kind] = any((run.best[name] < 0).any() for name in bounded)
    assert below == {Recipe: False, UnboundedRecipe: True}
    _, wild = losses(UnboundedRecipe("NA-LTC", learning_rate=1e4, **shared), task)
    assert [exploded(curve, 10.0) for curve in wild] == [1] * 5
    assert exploded([(1, 0.5, 0.4), (2, 0.3, 0.3)], 10.0) is None


def test_every_network_of_the_study_is_in_the_store():
    found = trained(runs())
    assert len(found) == 24 and {len(each.exploded) for each in found} == {5}
    assert {each.rate for each in found} == {0.01, 0.04, 0.16}


def test_an_empty_store_has_none(tmp_path):
    assert trained(Store(tmp_path)) == []
