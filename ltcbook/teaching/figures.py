"""The look of the book's figures: readable, and safe for colour-blind readers and both themes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from ltcbook.extras import explained

with explained():
    import matplotlib as mpl
    from cycler import cycler
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Point = tuple[float, float]

# What a synapse, a leak or an input is drawn in, in figures and in the interactive pieces
# (``widgets/kit.css``) alike: warm excites, blue inhibits, grey leaks, green comes in.
COLOURS: Final[dict[str, str]] = {
    "excitatory": "#C65300",
    "inhibitory": "#0072B2",
    "leak": "#5F6B78",
    "input": "#00805D",
}

# For everything else. None of these can be taken for one of the four above, nor under the common
# forms of colour blindness, and all are dark enough for letters; tests measure both. The first two
# lie further apart than either from the third, for every eye.
PALETTE: Final[tuple[str, ...]] = (
    "#6C35C4",  # violet
    "#6B5800",  # gold
    "#98106B",  # magenta
    "#385600",  # moss
    "#6E1A58",  # plum
    "#5E2C08",  # brown
    "#000000",  # black
)

# One of them for each solver, in figures, formulas and interactive pieces alike. Explicit methods
# go from magenta to black as their order rises.
SOLVER_COLOURS: Final[dict[str, str]] = {
    "euler": "#98106B",
    "heun": "#6E1A58",
    "rk4": "#000000",
    "semi-implicit-euler": "#6B5800",
    "exponential-euler": "#6C35C4",
    "implicit-euler": "#5E2C08",
    "trapezoidal": "#385600",
}

# Colour never carries a meaning alone: the line style changes with it.
LINE_STYLES: Final[tuple[str, ...]] = ("-", "--", "-.", ":", "-", "--", "-.")


def use_style() -> None:
    """Give all figures drawn from now on the book's look.

    ``PALETTE`` with a line style per colour, type that is readable at the width of the page. In a
    notebook figures are SVG without a background: the dark theme of the book turns their lightness
    round and keeps their hues (``book.css``). Changes matplotlib's
    ``rcParams``; call it once, in a chapter's first cell.

    >>> with mpl.rc_context():
    ...     use_style()
    ...     mpl.rcParams["axes.spines.top"]
    False

    Appendix: ``how_to_read``.
    """
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None:
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        # No date, and names of parts that are the same in every run: the same bytes.
        set_matplotlib_formats(  # type: ignore[no-untyped-call]
            "svg", metadata={"Date": None}, facecolor="none"
        )
    mpl.rcParams.update(
        {
            "axes.prop_cycle": cycler(color=PALETTE, linestyle=LINE_STYLES),
            "axes.facecolor": "none",
            "axes.grid": True,
            "axes.labelsize": 9.5,
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlelocation": "left",
            "axes.titlesize": 9.5,
            "figure.constrained_layout.use": True,
            "figure.dpi": 120,
            "figure.facecolor": "white",
            "figure.figsize": (7.0, 3.5),
            "font.size": 9,
            "grid.alpha": 0.35,
            "legend.frameon": False,
            "lines.linewidth": 1.6,
            "savefig.facecolor": "white",
            "savefig.transparent": False,
            "svg.hashsalt": "ltcbook",
        }
    )


def diverging() -> LinearSegmentedColormap:
    """Return the colours of what may raise or lower a neuron: blue below zero, orange above.

    >>> from matplotlib.colors import to_hex
    >>> to_hex(diverging()(1.0)).upper() == COLOURS["excitatory"]
    True

    Appendix: ``how_to_read``.
    """
    ends = COLOURS["inhibitory"], "white", COLOURS["excitatory"]
    return LinearSegmentedColormap.from_list("diverging", ends)


def canvas(ax: Axes, width: float, height: float) -> None:
    """Make of ``ax`` a sheet for drawing, with equal units and no axes.

    Args:
        ax: the axes to draw on.
        width: the sheet reaches from 0 to this.
        height: and from 0 to this.

    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> canvas(ax, 4, 2)
    >>> ax.get_aspect(), ax.axison
    (1.0, False)

    Appendix: ``how_to_read``.
    """
    ax.set(xlim=(0, width), ylim=(0, height), aspect="equal")
    ax.axis("off")


def neuron(
    ax: Axes, at: Point, label: str = "", *, radius: float = 0.3, colour: str = "black"
) -> None:
    """Draw a neuron: a circle with a label in it.

    Args:
        ax: the axes, best made by :func:`canvas`.
        at: its centre.
        label: what stands in it; formulas are allowed.
        radius: its radius.
        colour: of its rim, one of ``COLOURS`` where it has a role.

    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> neuron(ax, (1, 1), "$x_1$")
    >>> ax.texts[0].get_text()
    '$x_1$'

    Appendix: ``how_to_read``.
    """
    ax.add_patch(Circle(at, radius, fc="white", ec=colour, lw=2, zorder=3))
    ax.text(*at, label, ha="center", va="center", zorder=4)


def box(ax: Axes, at: Point, label: str, *, width: float = 1.0, height: float = 0.6) -> None:
    """Draw a part of a network that is no neuron: a box with a label in it.

    Args:
        ax: the axes, best made by :func:`canvas`.
        at: its centre.
        label: what stands in it.
        width: its width.
        height: its height.

    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> box(ax, (1, 1), "LSTM", width=2)
    >>> ax.patches[0].get_width()
    2

    Appendix: ``how_to_read``.
    """
    corner = (at[0] - width / 2, at[1] - height / 2)
    style = "round,pad=0,rounding_size=0.1"
    ax.add_patch(
        FancyBboxPatch(corner, width, height, boxstyle=style, fc="white", ec="black", zorder=3)
    )
    ax.text(*at, label, ha="center", va="center", zorder=4)


def wire(
    ax: Axes,
    start: Point,
    end: Point,
    role: str = "",
    *,
    strength: float = 1.0,
    bend: float = 0.0,
    gap: float = 0.34,
) -> None:
    """Draw what leads from one point to another; a synapse has a polarity and a strength.

    An excitatory synapse ends in an arrow, an inhibitory one in a bar, so that colour is not the
    only sign of it; the stronger it is, the thicker the line.

    Args:
        ax: the axes, best made by :func:`canvas`.
        start: where it begins.
        end: where it leads.
        role: a key of ``COLOURS``; left out, a plain black arrow.
        strength: 1 for a line of ordinary width.
        bend: how far the line bends to the left, as a fraction of its length.
        gap: how much of either end is left free, for the neurons there.

    Raises:
        ValueError: ``role`` has no colour.

    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> wire(ax, (0, 0), (2, 0), "excitatory")
    >>> wire(ax, (2, 0), (0, 0), "inhibitory", bend=0.2)
    >>> len(ax.patches)
    2

    Appendix: ``how_to_read``.
    """
    if role and role not in COLOURS:
        raise ValueError(f"role must be one of {', '.join(COLOURS)} or empty, got {role!r}")
    head = "|-|,widthA=0,widthB=4" if role == "inhibitory" else "-|>"
    length = ((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5
    along = ((end[0] - start[0]) / length, (end[1] - start[1]) / length)
    ax.add_patch(
        FancyArrowPatch(
            (start[0] + gap * along[0], start[1] + gap * along[1]),
            (end[0] - gap * along[0], end[1] - gap * along[1]),
            arrowstyle=head,
            mutation_scale=12 if head == "-|>" else 1.5,
            connectionstyle=f"arc3,rad={-bend}",
            color=COLOURS.get(role, "black"),
            lw=1.6 * strength,
            shrinkA=0,
            shrinkB=0,
            zorder=2,
        )
    )


def loop(ax: Axes, at: Point, role: str, *, radius: float = 0.3, strength: float = 1.0) -> None:
    """Draw a synapse of a neuron onto itself, above it.

    Args:
        ax: the axes, best made by :func:`canvas`.
        at: the neuron's centre.
        role: a key of ``COLOURS``.
        radius: the neuron's radius.
        strength: 1 for a line of ordinary width.

    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> loop(ax, (1, 1), "inhibitory")
    >>> len(ax.patches)
    1

    Appendix: ``how_to_read``.
    """
    left = (at[0] - 0.6 * radius, at[1] + 0.9 * radius)
    right = (at[0] + 0.6 * radius, at[1] + 0.9 * radius)
    wire(ax, left, right, role, strength=strength, bend=1.9, gap=0.0)
