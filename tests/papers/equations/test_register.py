"""The register as a whole: complete, ordered, closed to change, clear when misused."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.mathtext import MathTextParser

from ltcbook.papers.equations import register

REPOSITORY = Path(__file__).parents[3]
NUMBERS = [f"A.{i}" for i in range(1, 10)] + [f"B.{i}" for i in range(1, 19)]


def test_every_number_is_there_in_the_papers_order() -> None:
    assert list(register) == NUMBERS
    assert len(register) == 27
    assert all(register[number].number == number for number in NUMBERS)


def test_the_register_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        register["B.13"] = register["A.9"]  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        register["B.13"].latex = ""  # type: ignore[misc]


@pytest.mark.parametrize(
    ("asked", "nearest"), [("B13", "B.13"), ("b.9", "B.9"), ("A.10", "A.1"), (13, "B.13")]
)
def test_an_unknown_number_names_the_nearest_and_lists_all(asked: Any, nearest: str) -> None:
    with pytest.raises(KeyError) as error:
        register[asked]
    message = error.value.args[0]
    assert message.startswith(f"no equation {asked!r}; the nearest is {nearest!r}; there are A.1, ")
    assert message.endswith("B.18")


def test_membership_does_not_raise() -> None:
    assert "B.15" in register
    assert "C.1" not in register
    assert register.get("C.1") is None


@pytest.mark.parametrize("number", NUMBERS)
def test_each_function_is_short_and_documented(number: str) -> None:
    function = register[number].function
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(tree, ast.FunctionDef)
    after_docstring = tree.body[1:]
    lines = {line for node in after_docstring for line in range(node.lineno, node.end_lineno + 1)}
    assert len(lines) <= 10
    assert inspect.getdoc(function)


@pytest.mark.parametrize("number", NUMBERS)
def test_each_entry_is_filled_in(number: str) -> None:
    equation = register[number]
    assert equation.place.startswith(f"{number[0]}")
    assert equation.meaning.endswith(".") and "\n" not in equation.meaning
    assert set(equation.shapes) <= set(equation.arguments)
    assert not equation.correction or equation.note  # a correction says why
    assert equation.correction != equation.latex
    pages = [REPOSITORY / "chapters" / f"{equation.chapter}.{ending}" for ending in ("md", "ipynb")]
    assert any(page.exists() for page in pages), f"no chapter {equation.chapter!r}"


def latex_of_all() -> list[Any]:
    texts = [(e.number, e.latex) for e in register.values()]
    texts += [(f"{e.number} corrected", e.correction) for e in register.values() if e.correction]
    return [pytest.param(text, id=name) for name, text in texts]


@pytest.mark.parametrize("latex", latex_of_all())
def test_latex_parses(latex: str) -> None:
    environments = re.findall(r"\\(begin|end)\{(\w+)\}", latex)
    assert environments in ([], [("begin", "aligned"), ("end", "aligned")])
    body = re.sub(r"\\(begin|end)\{aligned\}", "", latex)
    parser: Any = MathTextParser("path")
    for row in body.split(r"\\"):
        assert row.count("&") <= 1
        parser.parse(f"${row.replace('&', '').strip()}$")  # raises on unbalanced or unknown input


def test_the_prints_that_are_wrong_are_marked() -> None:
    corrected = [number for number in register if register[number].correction]
    assert corrected == ["A.1", "A.6", "A.7", "B.6", "B.15", "B.17"]


def test_a_notebook_shows_number_print_and_correction() -> None:
    markdown = register["B.17"]._repr_markdown_()
    assert r"\tag{B.17}" in markdown
    assert register["B.17"].correction in markdown and register["B.17"].note in markdown
    assert "Corrected" not in register["B.13"]._repr_markdown_()


def test_lists_and_plain_numbers_are_accepted() -> None:
    rate = register["B.7"]([0.0, 1.0], w_l=2, w=[[0, 0], [0, 0]], b=0)
    assert rate.dtype == np.float64
    np.testing.assert_array_equal(rate, [0.0, -2.0])


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"w": [[1, 2, 3]]}, ValueError, "argument 'w' has shape (1, 3), but shape (n, n) is"),
        ({"b": [1, 2, 3]}, ValueError, "argument 'b' has shape (3,), but shape (n) is needed, and"),
        ({"w": [1, 2]}, ValueError, "argument 'w' has shape (2,), but shape (n, n) is needed"),
        ({"b": [np.nan, 0]}, ValueError, "argument 'b' has values that are not finite"),
        ({"b": "high"}, ValueError, "argument 'b' is not an array of numbers"),
        ({"x": object()}, TypeError, "argument 'x' is not an array of numbers"),
        ({"bias": 0}, TypeError, "got an unexpected keyword argument 'bias'"),
    ],
)
def test_bad_input_is_named(change: dict[str, Any], error: type[Exception], message: str) -> None:
    good: dict[str, Any] = {"x": [0, 1], "w_l": [1, 1], "w": [[0, 1], [1, 0]], "b": [0, 0]}
    register["B.7"](**good)
    with pytest.raises(error) as raised:
        register["B.7"](**good | change)
    assert str(raised.value).startswith("equation B.7") and message in str(raised.value)


def test_a_missing_argument_is_named() -> None:
    with pytest.raises(TypeError, match=r"equation B\.7\(x, w_l, w, b, sigma\): missing.*'b'"):
        register["B.7"]([0.0], [1.0], [[1.0]])


def test_a_plain_number_needs_another_argument_to_set_its_size() -> None:
    with pytest.raises(ValueError, match="argument 'x' is a plain number, and no other"):
        register["B.7"](x=0, w_l=1, w=1, b=0)
