"""The record of one theorem or claim of the papers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Theorem:
    """A statement as printed, what holds, its proof, and two computations that test it.

    All texts are Markdown with LaTeX between dollar signs.

    >>> from ltcbook.papers.theorems import theorems
    >>> theorem = theorems["B.T1"]
    >>> theorem.chapter
    'neural_odes'
    >>> theorem.check(0) < 1e-9, round(theorem.counterexample(), 2)
    (True, 1.0)
    """

    id: str
    """``"B.T1"`` for Theorem 1 of paper B; ``"A.S1"`` for an unnumbered statement of paper A."""
    title: str
    place: str
    """Section of the paper."""
    chapter: str
    """Slug of the chapter that teaches it."""
    equations: tuple[str, ...]
    """Numbers of the equations that it is about."""
    printed: str
    """The statement as printed."""
    conditions: str
    """What must be assumed, where the print does not say so."""
    statement: str
    """The statement that holds."""
    proof: str
    """Its proof, in full."""
    counterexample_text: str
    """What goes wrong with the statement as printed, or where the conditions fail."""
    check: Callable[[int], float]
    """Seed of a random instance -> largest violation of what holds; 0 up to rounding."""
    counterexample: Callable[[], float]
    """How far the printed statement, or the statement without its conditions, is off."""

    def _repr_markdown_(self) -> str:
        """What a notebook shows."""
        parts = [f"**{self.id}, {self.title}** ({self.place})"]
        for label, text in (
            ("As printed", self.printed),
            ("Conditions", self.conditions),
            ("What holds", self.statement),
            ("Proof", self.proof),
            ("Where it fails", self.counterexample_text),
        ):
            gap = "\n\n" if "\n" in text else " "  # lists and displayed formulas start a line
            parts.append(f"*{label}.*{gap}{text.strip()}")
        return "\n\n".join(parts)
