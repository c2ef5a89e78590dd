"""The notation table covers the register's letters and agrees with its equations."""

from __future__ import annotations

import re
from typing import Any

import pytest
from matplotlib.mathtext import MathTextParser

from ltcbook.papers.equations import register
from ltcbook.papers.notation import SYMBOLS

IN_CODE = {name for symbol in SYMBOLS for name in symbol.code.split(", ") if name}


@pytest.mark.parametrize("number", list(register))
def test_every_argument_of_every_equation_has_a_symbol(number: str) -> None:
    missing = set(register[number].arguments) - IN_CODE
    assert not missing, f"{number} uses {missing}, which the notation table does not explain"


def test_no_symbol_is_listed_twice() -> None:
    meanings = [symbol.meaning for symbol in SYMBOLS]
    assert len(set(meanings)) == len(meanings)


@pytest.mark.parametrize("symbol", SYMBOLS, ids=lambda symbol: symbol.meaning[:40])
def test_first_is_an_equation_or_a_section(symbol: Any) -> None:
    assert symbol.first in register or re.match(r"A §[1-7]$|B, [A-Z]", symbol.first)


@pytest.mark.parametrize("number", list(register))
def test_no_letter_is_used_before_the_table_says(number: str) -> None:
    order = list(register)
    for name in register[number].arguments:
        firsts = [symbol.first for symbol in SYMBOLS if name in symbol.code.split(", ")]
        assert any(first in order[: order.index(number) + 1] for first in firsts), name


@pytest.mark.parametrize("symbol", SYMBOLS, ids=lambda symbol: symbol.meaning[:40])
def test_letters_are_latex(symbol: Any) -> None:
    parser: Any = MathTextParser("path")
    for letters in (symbol.paper_a, symbol.paper_b):
        if letters:
            parser.parse(f"${letters}$")
