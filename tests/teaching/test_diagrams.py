"""Networks drawn: each neuron and synapse is there, and wrong names are refused."""

import matplotlib.pyplot as plt
import pytest
from matplotlib.patches import Circle, FancyArrowPatch

from ltcbook.teaching.diagrams import Edge, network

PLACES = {"A": (0.0, 0.0), "B": (1.0, 0.0), "u": (-1.0, 0.0)}


def test_a_drawing_has_a_circle_for_each_neuron_and_an_arrow_for_each_synapse() -> None:
    figure, axis = plt.subplots()
    edges = [
        Edge("A", "B", "excitatory"),
        Edge("B", "A", "inhibitory", 2.0, 0.3),
        Edge("A", "A", "excitatory"),
    ]
    network(axis, PLACES, [*edges, Edge("u", "A", "input")], points=("u",))
    circles = [patch for patch in axis.patches if isinstance(patch, Circle)]
    arrows = [patch for patch in axis.patches if isinstance(patch, FancyArrowPatch)]
    assert len(circles) == 2 and len(arrows) == 4
    assert {text.get_text() for text in axis.texts} >= set(PLACES)
    plt.close(figure)


@pytest.mark.parametrize(
    ("edge", "message"),
    [
        (Edge("A", "B", "glial"), "role must be one of"),
        (Edge("A", "Z"), "edges must join neurons of places, got 'Z'"),
    ],
)
def test_an_edge_that_cannot_be_drawn_is_refused(edge: Edge, message: str) -> None:
    figure, axis = plt.subplots()
    with pytest.raises(ValueError, match=message):
        network(axis, PLACES, [edge])
    plt.close(figure)
