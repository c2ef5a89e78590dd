"""The list of errata: complete records, each with a test that exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

from ltcbook.papers.equations import register
from ltcbook.papers.errata import Kind, errata
from ltcbook.papers.theorems import theorems

REPOSITORY = Path(__file__).parents[3]


@cache
def functions(file: str) -> set[str]:
    tree = ast.parse((REPOSITORY / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_the_numbers_run_on() -> None:
    papers = {"A": 23, "B": 48}
    assert list(errata) == [f"{p}.E{i}" for p, last in papers.items() for i in range(1, last + 1)]


@pytest.mark.parametrize("key", list(errata))
def test_each_erratum_names_a_test_that_exists(key: str) -> None:
    file, _, function = errata[key].test.partition("::")
    assert function.startswith("test_")
    assert function in functions(file), f"{file} has no {function}"


@pytest.mark.parametrize("key", list(errata))
def test_each_erratum_is_filled_in(key: str) -> None:
    erratum = errata[key]
    assert erratum.kind in get_args(Kind)
    assert all((erratum.where, erratum.printed, erratum.correct, erratum.why))
    markdown = erratum._repr_markdown_()
    assert markdown.count("$") % 2 == 0 and markdown.count("{") == markdown.count("}")


@pytest.mark.parametrize("key", list(errata))
def test_what_it_refers_to_exists(key: str) -> None:
    erratum = errata[key]
    text = " ".join((erratum.where, erratum.correct, erratum.why))
    assert set(re.findall(r"\b[AB]\.\d+\b", text)) <= set(register)
    assert set(re.findall(r"\b[AB]\.[ST]\d+\b", text)) <= set(theorems)


def test_every_correction_in_the_register_is_in_the_list() -> None:
    listed = " ".join(erratum.where for erratum in errata.values())
    for number, equation in register.items():
        if equation.correction:
            assert re.search(rf"{re.escape(number)}\b", listed), number
