"""What holds together on a line, in small documents."""

import pytest
from docutils import nodes
from docutils.utils import new_document

from book.typography import GLUED, UNIT, Typography, glue


def paragraph(*parts: str) -> nodes.paragraph:
    """A paragraph whose parts are text and, between dollars, formulas."""
    made = nodes.paragraph()
    for part in parts:
        made += nodes.math("", part.strip("$")) if part.startswith("$") else nodes.Text(part)
    return made


@pytest.mark.parametrize(
    ("parts", "boxes"),
    [
        (("Put ", "$z$", "; then"), ["z;"]),
        (("so ", "$x$", ", and ", "$y$", ", too"), ["x,", "y,"]),
        (("far (", "$x$", ")."), ["(x)."]),
        (("neuron ", "$j$", "’s leak"), ["j’"]),
        (("from ", "$x$", " to", " x"), []),
        (("$x$", "-fold, ", "$x$", "–", "$y$"), ["x-"]),
        (("$x$", "(t)"), []),
    ],
)
def test_a_formula_keeps_its_punctuation(parts: tuple[str, ...], boxes: list[str]) -> None:
    made = paragraph(*parts)
    said = made.astext()
    for formula in list(made.findall(nodes.math)):
        glue(formula)
    found = [box.astext() for box in made.findall(nodes.inline) if GLUED in box["classes"]]
    assert found == boxes
    assert made.astext() == said


def test_a_number_keeps_its_unit_and_code_is_left_alone() -> None:
    assert (
        UNIT.sub("_", "3 % of 70 mV in 5 ms, 8 msec, 2 of") == "3_% of 70_mV in 5_ms, 8 msec, 2 of"
    )


def test_a_folded_proof_says_once_what_it_is() -> None:
    document = new_document("")
    fold = nodes.container(design_component="dropdown")
    fold += [nodes.rubric("", "Proof"), nodes.paragraph("", "Proof. By hand: 3 %.")]
    other = nodes.container(design_component="dropdown")
    other += [
        nodes.rubric("", "Why"),
        nodes.paragraph("", "Proof. By hand."),
        nodes.literal("", "3 %"),
    ]
    document += [fold, other]
    Typography(document).apply()
    assert fold[1].astext() == "By hand: 3\N{NO-BREAK SPACE}%."
    assert other[1].astext() == "Proof. By hand."
    assert other[2].astext() == "3 %"
