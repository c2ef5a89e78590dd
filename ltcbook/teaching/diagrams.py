"""Networks drawn: neurons, and synapses with their sign and strength.

Chapters: ``motifs``, ``counting_parameters``, ``unrolling``, ``reading_a_network``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from ltcbook.teaching import figures
from ltcbook.teaching.figures import Point


class Edge(NamedTuple):
    """A synapse to be drawn: from where, to where, what it does, how strong it is.

    ``kind`` is a key of ``figures.COLOURS``, or empty for a plain arrow; ``bend`` curves the line
    to the left of its direction; ``label`` stands beside its middle.

    >>> Edge("A", "B", "inhibitory", strength=2.0).target
    'B'
    """

    source: str
    target: str
    kind: str = ""
    strength: float = 1.0
    bend: float = 0.0
    label: str = ""


def network(
    axis: Axes,
    places: Mapping[str, Point],
    edges: Sequence[Edge],
    *,
    radius: float = 0.2,
    points: Sequence[str] = (),
) -> None:
    """Draw neurons as circles and synapses as arrows (excitatory) or bars (inhibitory).

    Args:
        axis: where; its frame and ticks go, one unit is as long as the other.
        places: name of each neuron -> centre.
        edges: the synapses; one to its own neuron is a loop above it.
        radius: of a neuron, in units of ``places``.
        points: names that are drawn as text alone, without a circle: inputs, a stimulus.

    Raises:
        ValueError: for an edge of an unknown kind, or to a neuron that has no place.

    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> network(ax, {"A": (0, 0), "B": (1, 0)}, [Edge("A", "B", "excitatory")])
    >>> [text.get_text() for text in ax.texts]
    ['A', 'B']
    """
    for edge in edges:
        for name in (edge.source, edge.target):
            if name not in places:
                raise ValueError(f"edges must join neurons of places, got {name!r}")
        start, end = places[edge.source], places[edge.target]
        if edge.source == edge.target:
            figures.loop(axis, start, edge.kind, radius=radius, strength=edge.strength)
        else:
            look = {"strength": edge.strength, "bend": edge.bend, "gap": 1.2 * radius}
            figures.wire(axis, start, end, edge.kind, **look)
        if edge.label:
            axis.text(*_beside(start, end, edge.bend, radius), edge.label, ha="center", va="center")
    for name, centre in places.items():
        if name in points:
            axis.text(*centre, name, ha="center", va="center")
        else:
            figures.neuron(axis, centre, name, radius=radius)
    x, y = np.array(list(places.values())).T
    room = 2.2 * radius
    figures.canvas(axis, 1, 1)
    axis.set(xlim=(x.min() - room, x.max() + room), ylim=(y.min() - room, y.max() + 1.9 * room))


def _beside(start: Point, end: Point, bend: float, radius: float) -> Point:
    way = np.subtract(end, start)
    across = np.array([-way[1], way[0]]) / max(float(np.linalg.norm(way)), 1e-9)
    off = 0.5 * bend * float(np.linalg.norm(way)) + np.sign(bend or 1) * 0.6 * radius
    middle = np.add(start, end) / 2 + off * across
    return float(middle[0]), float(middle[1])
