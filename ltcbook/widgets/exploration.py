"""Controls that redraw a figure by Python: for what needs a trained network or a robot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets

from ltcbook.widgets.front_end import to_svg

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure


class Exploration(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A figure and the controls that redraw it, live where a kernel runs.

    The built page has no kernel, so it shows the figure as the controls first stand.

    Args:
        draw: makes the figure from the values of the controls, given by name. It must make a
            ``matplotlib.figure.Figure`` of its own: one of ``pyplot`` would be shown twice.
        controls: a control of ipywidgets for each argument of ``draw``. A ``Play`` button gets a
            slider beside it that moves with it.

    Raises:
        ValueError: there is no control.

    Chapter: ``liquid_time_constants``.
    """

    def __init__(self, draw: Callable[..., Figure], **controls: ipywidgets.ValueWidget) -> None:
        if not controls:
            raise ValueError("an exploration needs at least one control")
        self._draw = draw
        self._controls = controls
        self._picture = ipywidgets.Image(format="svg+xml")
        self._redraw()
        for control in controls.values():
            control.observe(self._redraw, names="value")
        rows = [_with_slider(control) for control in controls.values()]
        super().__init__([*rows, self._picture])

    def figure(self) -> Figure:
        """The figure for the present values of the controls."""
        return self._draw(**{name: control.value for name, control in self._controls.items()})

    def _redraw(self, change: object = None) -> None:
        self._picture.value = to_svg(self.figure()).encode()

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs)
        return bundle | {"image/svg+xml": to_svg(self.figure())}


def _with_slider(control: ipywidgets.ValueWidget) -> ipywidgets.Widget:
    if not isinstance(control, ipywidgets.Play):
        return control
    slider = ipywidgets.IntSlider(control.value, control.min, control.max, control.step)
    ipywidgets.jslink((control, "value"), (slider, "value"))
    return ipywidgets.HBox([control, slider])
