"""The figures' one colour code, and the parts of which networks are drawn."""

import re
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Circle, FancyArrowPatch

from ltcbook.ode.solvers import SOLVERS
from ltcbook.teaching import figures, widgets


@pytest.fixture
def sheet() -> Iterator[Axes]:
    with mpl.rc_context():
        figure, ax = plt.subplots()
        figures.canvas(ax, 6, 3)
        yield ax
        plt.close(figure)


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def test_every_solver_with_a_fixed_step_has_a_colour_of_its_own() -> None:
    named = [figures.SOLVER_COLOURS[name] for name, s in SOLVERS.items() if not s.adaptive]
    assert len(set(figures.SOLVER_COLOURS.values())) == len(figures.SOLVER_COLOURS)
    assert len(named) >= 5


@pytest.mark.parametrize("role", figures.COLOURS)
def test_a_role_can_be_seen_on_white(role: str) -> None:
    assert 1.05 / (luminance(figures.COLOURS[role]) + 0.05) >= 4.5


def test_the_interactive_pieces_have_the_colours_of_the_figures() -> None:
    text = Path(widgets.__file__).with_name("stage.css").read_text(encoding="utf-8")
    for role, colour in figures.COLOURS.items():
        found = re.search(rf"--{role}: light-dark\((#\w+),", text)
        assert found and found[1] == colour.lower()


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
