"""The robot theatre: a recorded walk, and a trained network that listens to it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import traitlets

from ltcbook.teaching import recordings
from ltcbook.teaching.widgets.front_end import BookWidget, join_modules, join_styles

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SCALE = 1000  # numbers travel as int16 thousandths
_SHOWN = ("rods", "ends", "distance")
_ROUND = [4, 3, 2, 1, 0, 1, 5, 6, 7]  # a walker's ends in one line, from foot to head to foot


class RobotTheatre(BookWidget):
    """A robot moves as it was recorded; above it a trained network predicts its next report.

    Nothing is simulated: the rods are recorded, and the network's potentials, conductances and
    liquid time constants are computed by the package when the piece is made. No network is
    shown beside the half-cheetah, since the package's predictors have heard the walker; but one
    recording shows it *driven* by a cloned SA-LTC, with what that network did recorded too.
    Another shows four walkers at once, driven by the policies of the four stages of training: the
    first rollout of each in the walker's data.

    Args:
        robot: ``"walker2d"``, ``"halfcheetah"``, ``"halfcheetah-cloned"`` or
            ``"walker2d-stages"``.
        network: show the network too, where there is one.
        autoplay: move as soon as the piece is seen, except for readers who ask for less motion.

    Raises:
        ValueError: for a robot that is not recorded.

    >>> theatre = RobotTheatre("halfcheetah")
    >>> theatre
    RobotTheatre('halfcheetah', 5 s)

    Source: the trained SA-LTC, B.13. Chapters: ``robots_and_digits``, ``reading_a_network``,
    ``closing_the_loop``.
    """

    _esm: ClassVar[str] = join_modules(
        "kit.js", "keeper.js", "theatre_views.js", "robot_theatre.js"
    )
    _esm_of_stages: ClassVar[str] = join_modules(
        "kit.js", "keeper.js", "theatre_views.js", "theatre_stages.js", "robot_theatre.js"
    )
    _css: ClassVar[str] = join_styles("kit.css", "robot_theatre.css")
    _css_of_stages: ClassVar[str] = join_styles(
        "kit.css", "robot_theatre.css", "theatre_stages.css"
    )

    robot = traitlets.Unicode(read_only=True).tag(sync=True)
    autoplay = traitlets.Bool(False).tag(sync=True)
    time_step = traitlets.Float(read_only=True).tag(sync=True)
    radii = traitlets.List(traitlets.Float(), read_only=True).tag(sync=True)
    synapses = traitlets.List(traitlets.List(traitlets.Int()), read_only=True).tag(sync=True)
    # What the network does: it "listens" and predicts, or it "drives".
    role = traitlets.Unicode("listens", read_only=True).tag(sync=True)
    pushes = traitlets.List(traitlets.Int(), read_only=True).tag(sync=True)
    # Of several walkers: after how many seconds each of them fell, if it did.
    falls = traitlets.List(traitlets.Float(allow_none=True), read_only=True).tag(sync=True)
    # What is recorded, each as [the shape of one step, base64 of little-endian int16].
    tracks = traitlets.Dict(read_only=True).tag(sync=True)

    def __init__(
        self,
        robot: Literal[
            "walker2d", "halfcheetah", "halfcheetah-cloned", "walker2d-stages"
        ] = "walker2d",
        *,
        network: bool = True,
        autoplay: bool = False,
    ) -> None:
        recorded, card = recordings.load(robot)
        super().__init__(autoplay=autoplay)
        tracks = {
            name: values if values.ndim > 1 else values[:, None]
            for name, values in recorded.items()
            if name.startswith(_SHOWN)
        }
        synapses: list[list[int]] = []
        if network and card.get("network") == "drives":
            tracks |= {
                name: recorded[name] for name in ("potentials", "tau", "conductances", "errors")
            }
            synapses = recorded["synapses"].tolist()
            self.set_trait("role", "drives")
            self.set_trait("pushes", card["pushes"])
        elif network and "mean" in recorded:
            mean, std = recorded["mean"], recorded["std"]
            heard = recordings.listen(recorded["observations"], mean, std)
            tracks["predicted"] = recorded["predicted_rods"]
            tracks |= {
                name: recordings.thousandths(values)
                for name, values in {
                    "potentials": heard.potentials,
                    "tau": heard.tau,
                    "conductances": heard.conductances,
                    "errors": _errors(recorded["observations"], heard.predictions, std),
                }.items()
            }
            synapses = heard.synapses
        if not synapses:
            # Full pages can't carry more: a piece with a network has no script for four walkers.
            self.set_trait("_esm", self._esm_of_stages)
            self.set_trait("_css", self._css_of_stages)
        self.set_trait("robot", robot)
        self.set_trait("time_step", card["time_step"])
        self.set_trait("radii", card["radii"])
        self.set_trait("falls", card.get("falls", []))
        self.set_trait("synapses", synapses)
        self.set_trait("tracks", {name: _packed(values) for name, values in tracks.items()})

    @property
    def seconds(self) -> float:
        """How long the recording is."""
        lengths = [len(self.track(name)) for name in self.tracks if name.startswith("distance")]
        return max(lengths) * self.time_step

    def track(self, name: str) -> np.ndarray[Any, np.dtype[np.int16]]:
        """A track as the page reads it, int16: the steps first."""
        shape, text = self.tracks[name]
        return np.frombuffer(base64.b64decode(text), dtype="<i2").reshape(-1, *shape)

    def __repr__(self) -> str:
        return f"RobotTheatre({self.robot!r}, {self.seconds:g} s)"

    def figure(self) -> Figure:
        """A still picture: six poses, one after the other; of several walkers, where they come."""
        import matplotlib as mpl  # here, for importing the package shall stay quick
        from matplotlib.figure import Figure

        from ltcbook.teaching.figures import PALETTE, use_style

        if self.falls:
            return self._figure_of_stages()
        rods = self.track("rods") / _SCALE
        steps = np.linspace(0, len(rods) * 0.4, 6).astype(int)
        with mpl.rc_context():
            use_style()
            figure = Figure(figsize=(7.0, 2.4))
            axes = figure.subplots()
            for place, step in enumerate(steps):
                for rod, radius in zip(rods[step], self.radii, strict=True):
                    axes.plot(
                        rod[[0, 2]] + 1.7 * place,
                        rod[[1, 3]],
                        color=PALETTE[0],
                        linestyle="-",
                        linewidth=90 * radius,
                        solid_capstyle="round",
                    )
            axes.axhline(0, color="0.5", linestyle="-")
            axes.set(aspect="equal", ylim=(-0.1, 1.6), xticks=[], ylabel="height (m)")
            axes.set_xlabel(f"every {1000 * self.time_step * (steps[1] - steps[0]):.0f} ms")
        return figure

    def _figure_of_stages(self) -> Figure:
        """Poses of each walker at the places where it takes them."""
        import matplotlib as mpl
        from matplotlib.figure import Figure

        from ltcbook.teaching.figures import PALETTE, use_style

        every = 12  # rows of the recording
        first = min(fell for fell in self.falls if fell is not None)
        steps = np.arange(0, int(first / self.time_step), every)
        with mpl.rc_context():
            use_style()
            figure = Figure(figsize=(7.0, 2.9))
            panels = figure.subplots(2, 2, sharex=True)
            for k, axes in enumerate(panels.flat, start=1):
                poses = self.track(f"ends{k}")[steps][:, _ROUND] / _SCALE
                poses[:, :, 0] += self.track(f"distance{k}")[steps] / 100
                lines = np.insert(poses, len(_ROUND), np.nan, axis=1).reshape(-1, 2)
                axes.plot(*lines.T, color=PALETTE[0], linestyle="-", linewidth=4)
                axes.axhline(0, color="0.5", linestyle="-")
                axes.set(aspect="equal", ylim=(-0.1, 1.7), title=f"stage {k}")
                axes.set(xticks=[0, 3, 6], yticks=[])
            for axes in panels[1]:
                axes.set_xlabel(f"metres; every {1000 * self.time_step * every:.0f} ms")
        return figure


def _errors(observations: Any, predictions: Any, std: Any) -> Any:
    """Root mean squares over the 17 numbers, in deviations: of the prediction of each report that
    was made one step before, and of repeating the report before; zero for the first."""
    errors = np.zeros((len(observations), 2))
    for k, guess in enumerate((predictions, observations)):
        errors[1:, k] = np.sqrt((((guess[:-1] - observations[1:]) / std) ** 2).mean(axis=1))
    return errors


def _packed(values: Any) -> list[Any]:
    text = base64.b64encode(values.astype("<i2").tobytes()).decode()
    return [list(values.shape[1:]), text]
