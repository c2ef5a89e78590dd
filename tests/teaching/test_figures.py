"""The figures' one colour code, and the parts of which networks are drawn."""

import re
from collections.abc import Iterator
from itertools import combinations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import Circle, FancyArrowPatch

from ltcbook.ode.solvers import SOLVERS
from ltcbook.teaching import figures
from tests.book.helpers import ROOT
from tests.teaching.eyes import VISIONS, apart, contrast

# What could be confused, in OKLab. The four roles themselves lie 10 to 30 apart for most eyes.
CONFUSED = {"normal": 12, "deuteranopia": 5, "protanopia": 5}


@pytest.fixture
def sheet() -> Iterator[Axes]:
    with mpl.rc_context():
        figure, ax = plt.subplots()
        figures.canvas(ax, 6, 3)
        yield ax
        plt.close(figure)


def test_every_solver_with_a_fixed_step_has_a_colour_of_its_own() -> None:
    named = [figures.SOLVER_COLOURS[name] for name, s in SOLVERS.items() if not s.adaptive]
    assert len(named) >= 5
    assert sorted(figures.SOLVER_COLOURS.values()) == sorted(figures.PALETTE)


@pytest.mark.parametrize("colour", [*figures.COLOURS.values(), *figures.PALETTE])
def test_a_colour_can_be_read_on_white(colour: str) -> None:
    assert contrast(colour, "#ffffff") >= 4.5


@pytest.mark.parametrize("vision", VISIONS)
def test_no_other_colour_can_be_taken_for_that_of_a_role(vision: str) -> None:
    """Nor one of the palette, and so no solver's, for another."""
    for colour in figures.PALETTE:
        for role, its in figures.COLOURS.items():
            assert apart(colour, its, vision) >= CONFUSED[vision], (colour, role)
    for one, other in combinations(range(len(figures.PALETTE)), 2):
        pair = figures.PALETTE[one], figures.PALETTE[other]
        styles = figures.LINE_STYLES[one], figures.LINE_STYLES[other]
        if vision == "normal" or styles[0] == styles[1]:
            assert apart(*pair, vision) >= (8 if vision == "normal" else 5), pair


@pytest.mark.parametrize("vision", VISIONS)
def test_no_solver_can_be_taken_for_another(vision: str) -> None:
    book = [name for name in figures.SOLVER_COLOURS if name != "trapezoidal"]  # never by gold
    for one, other in combinations(book, 2):
        pair = figures.SOLVER_COLOURS[one], figures.SOLVER_COLOURS[other]
        assert apart(*pair, vision) >= 5, (one, other)


def test_the_first_two_without_a_role_are_furthest_apart() -> None:
    def least(pair: tuple[str, str]) -> float:
        return min(apart(*pair, vision) for vision in VISIONS)

    coloured = figures.PALETTE[:3]
    assert max(combinations(coloured, 2), key=least) == coloured[:2]


def test_what_raises_is_warm_and_what_lowers_is_blue() -> None:
    ends = [to_hex(figures.diverging()(at)).upper() for at in (0.0, 1.0)]
    assert ends == [figures.COLOURS["inhibitory"], figures.COLOURS["excitatory"]]


def test_the_drawn_circuit_has_the_colours_of_its_branches() -> None:
    drawn = (ROOT / "chapters" / "images" / "membrane_circuit.svg").read_text(encoding="utf-8")
    roles = {figures.COLOURS[role].lower() for role in ("leak", "excitatory", "inhibitory")}
    assert set(re.findall(r"#\w{6}", drawn)) == roles | {"#1b1b1b", "#ffffff"}


def test_a_wire_stops_short_of_the_neurons_and_tells_its_polarity(sheet: Axes) -> None:
    figures.neuron(sheet, (1, 1), "$x$")
    figures.neuron(sheet, (5, 1), "$y$")
    figures.wire(sheet, (1, 1), (5, 1), "excitatory", strength=2, gap=0.4)
    figures.wire(sheet, (1, 1), (5, 1), "inhibitory", bend=0.3)
    circles = [patch for patch in sheet.patches if isinstance(patch, Circle)]
    up, down = (patch for patch in sheet.patches if isinstance(patch, FancyArrowPatch))
    assert [circle.center for circle in circles] == [(1, 1), (5, 1)]
    assert up.get_linewidth() == 2 * down.get_linewidth()
    assert type(up.get_arrowstyle()) is not type(down.get_arrowstyle())
    assert up.get_edgecolor()[:3] == to_rgb(figures.COLOURS["excitatory"])
    ends = up._posA_posB  # type: ignore[attr-defined]
    assert np.allclose(ends, [(1.4, 1), (4.6, 1)])


def test_a_loop_bends_away_from_its_neuron(sheet: Axes) -> None:
    figures.loop(sheet, (3, 1), "inhibitory")
    (patch,) = sheet.patches
    path = patch.get_path()
    assert path.vertices[:, 1].max() > 1.3


def test_an_unknown_role_is_named(sheet: Axes) -> None:
    with pytest.raises(ValueError, match="role must be one of excitatory.*got 'leaky'"):
        figures.wire(sheet, (1, 1), (2, 1), "leaky")
