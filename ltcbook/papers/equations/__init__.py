"""Every numbered equation of the two papers, in one register.

    >>> from ltcbook.papers.equations import register
    >>> register["B.13"].meaning
    'The membrane is a capacitor; leak and synapses each pull it to their own potential.'

Each entry holds the LaTeX as printed, the correction where the print is wrong, and one short
function in the paper's letters, in float64. The vectorised models are tested against these.
This package uses NumPy alone and imports nothing else of ltcbook.

Appendix: ``equation_register``.
"""

from ltcbook.papers.equations import paper_a, paper_b_ctrnns, paper_b_ltcs, paper_b_states
from ltcbook.papers.equations._activation import Activation, logistic, logistic_with_threshold
from ltcbook.papers.equations._equation import Array, Equation
from ltcbook.papers.equations._register import Register

register: Register[Equation] = Register(
    "equation",
    {
        equation.number: equation
        for paper in (paper_a, paper_b_states, paper_b_ctrnns, paper_b_ltcs)
        for equation in paper.EQUATIONS
    },
)
"""A.1 to A.9, then B.1 to B.18; also ``ltcbook.equations``."""

__all__ = [
    "Activation",
    "Array",
    "Equation",
    "Register",
    "logistic",
    "logistic_with_threshold",
    "register",
]
