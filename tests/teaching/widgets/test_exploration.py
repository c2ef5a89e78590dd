"""Controls that redraw a figure: they call the drawing with their values, and leave a picture."""

import ipywidgets
import pytest
from matplotlib.figure import Figure

from ltcbook.teaching.widgets import Exploration


def bar(height: int, label: str) -> Figure:
    """Return a figure whose SVG names what it was drawn from."""
    figure = Figure(figsize=(2, 1))
    figure.text(0.1, 0.5, f"{label} of {height}")
    return figure


def made() -> tuple[Exploration, ipywidgets.IntSlider]:
    """Return an exploration of :func:`bar`, and its slider."""
    height = ipywidgets.IntSlider(3, 0, 9)
    return Exploration(bar, height=height, label=ipywidgets.Dropdown(options=["a", "b"])), height


def test_moving_a_control_redraws_the_figure() -> None:
    exploration, height = made()
    picture = exploration.children[-1]
    assert b"a of 3" in bytes(picture.value)
    height.value = 7
    assert b"a of 7" in bytes(picture.value)
    exploration.children[1].value = "b"
    assert b"b of 7" in bytes(picture.value)


def test_the_output_holds_the_figure_as_it_stands() -> None:
    exploration, height = made()
    height.value = 5
    bundle = exploration._repr_mimebundle_()
    assert "a of 5" in bundle["image/svg+xml"]
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_controls_are_labelled_by_what_they_change() -> None:
    exploration, height = made()
    assert height.description == "height"
    own = ipywidgets.IntSlider(1, 0, 3, description="metres")
    Exploration(bar, height=own, label=ipywidgets.Dropdown(options=["a"]))
    assert own.description == "metres"
    assert exploration.children[1].description == "label"


def test_an_exploration_without_controls_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one control"):
        Exploration(lambda: Figure())
