"""The theorems of paper B and the unnumbered statements of both papers, with what holds of them.

    >>> from ltcbook.papers.theorems import theorems
    >>> theorems["B.T2"].check(0) < 1e-12       # the statement that holds, on a random instance
    True
    >>> theorems["B.T2"].counterexample() > 0.1  # the statement as printed
    True

Each entry has the print, the conditions, the statement that holds and its proof in full, a check
on random instances and a counter-example. Appendix: ``theorem_register``.
"""

from ltcbook.papers.equations import Register
from ltcbook.papers.theorems import interpretability, state_forms, statements, universality
from ltcbook.papers.theorems._theorem import Theorem

theorems: Register[Theorem] = Register(
    "theorem",
    {
        theorem.id: theorem
        for theorem in (
            statements.UNFOLDING,
            statements.NRN_UNFOLDING,
            universality.UNIVERSALITY,
            statements.STABILITY,
            statements.SPECIAL_CASE,
            interpretability.ROBUSTNESS,
            statements.SUCCINCTNESS,
            state_forms.THEOREM_1,
            state_forms.THEOREM_2,
            interpretability.THEOREM_3,
        )
    },
)
"""A.S1 to A.S7, then B.T1 to B.T3."""

__all__ = ["Theorem", "theorems"]
