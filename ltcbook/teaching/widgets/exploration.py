"""Controls that redraw a figure by Python: for what needs a trained network or a robot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets

from ltcbook.teaching.widgets.front_end import to_svg

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure


class Exploration(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A figure and the controls that redraw it, live where a kernel runs.

    The built page has no kernel, so it shows the figure as the controls first stand.

    Args:
        draw: makes the figure from the values of the controls, given by name. It must make a
            ``matplotlib.figure.Figure`` of its own: one of ``pyplot`` would be shown twice.
        controls: a control of ipywidgets for each argument of ``draw``. Choose menus and number
            fields: the handle of an ipywidgets slider has no name for screen readers.

    Raises:
        ValueError: there is no control.

    >>> import ipywidgets
    >>> from matplotlib.figure import Figure
    >>> def draw(w: float) -> Figure:
    ...     figure = Figure()
    ...     figure.subplots().plot([0, w])
    ...     return figure
    >>> live = Exploration(draw, w=ipywidgets.FloatSlider(2.0))
    >>> live.figure().axes[0].lines[0].get_ydata()
    array([0., 2.])

    Chapter: ``liquid_time_constants``.
    """

    def __init__(self, draw: Callable[..., Figure], **controls: ipywidgets.ValueWidget) -> None:
        if not controls:
            raise ValueError("an exploration needs at least one control")
        for name, control in controls.items():
            if not control.description:
                control.description = name.replace("_", " ")
            if hasattr(control.style, "description_width"):
                control.style.description_width = "initial"  # the whole name, not "time cons…"
        self._draw = draw
        self._controls = controls
        self._picture = ipywidgets.Image(format="svg+xml")
        self._redraw()
        for control in controls.values():
            control.observe(self._redraw, names="value")
        super().__init__([*controls.values(), self._picture])

    def figure(self) -> Figure:
        """The figure for the present values of the controls."""
        return self._draw(**{name: control.value for name, control in self._controls.items()})

    def _redraw(self, change: object = None) -> None:
        self._picture.value = to_svg(self.figure()).encode()

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs)
        return bundle | {"image/svg+xml": to_svg(self.figure())}
