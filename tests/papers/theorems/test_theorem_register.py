"""The register of theorems: complete, readable, and each entry checked on random instances."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from matplotlib.mathtext import MathTextParser

from ltcbook.papers.equations import register
from ltcbook.papers.theorems import Theorem, theorems
from tests.papers.equations.instances import seeds

CHAPTERS = Path(__file__).parents[3] / "chapters"
IDS = [*(f"A.S{i}" for i in range(1, 8)), "B.T1", "B.T2", "B.T3"]


def test_every_statement_is_there() -> None:
    assert list(theorems) == IDS
    assert all(theorems[key].id == key for key in IDS)
    with pytest.raises(KeyError, match="no theorem 'T1'; the nearest is 'B.T1'; there are A.S1,"):
        theorems["T1"]


@pytest.mark.parametrize("key", IDS)
@given(seed=seeds)
def test_what_holds_holds_on_random_instances(key: str, seed: int) -> None:
    assert theorems[key].check(seed) < 1e-10


@pytest.mark.parametrize("key", IDS)
def test_the_counterexample_is_far_from_rounding(key: str) -> None:
    assert theorems[key].counterexample() > 0.1


@pytest.mark.parametrize("key", IDS)
def test_the_entry_is_filled_in(key: str) -> None:
    theorem = theorems[key]
    assert any((CHAPTERS / f"{theorem.chapter}.{ending}").exists() for ending in ("md", "ipynb"))
    assert theorem.equations and set(theorem.equations) <= set(register)
    assert r"\square" in theorem.proof
    assert all(text.strip() in theorem._repr_markdown_() for text in texts(theorem))


def texts(theorem: Theorem) -> list[str]:
    return [
        theorem.printed,
        theorem.conditions,
        theorem.statement,
        theorem.proof,
        theorem.counterexample_text,
    ]


@pytest.mark.parametrize("key", IDS)
def test_the_latex_parses(key: str) -> None:
    parser = MathTextParser("path")
    for text in texts(theorems[key]):
        for display, inline in re.findall(r"\$\$(.+?)\$\$|\$(.+?)\$", text, flags=re.DOTALL):
            formula = re.sub(r"\s+", " ", display or inline).replace(r"\square", "x")
            formula = re.sub(r"\\(begin|end)\{pmatrix\}|&|\\\\", " ", formula)
            parser.parse(f"${formula.strip()}$")
        assert text.count("$") % 2 == 0
