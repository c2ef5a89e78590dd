"""What is wrong, missing or open in the two papers, each with the test that shows it.

    >>> from ltcbook.papers.errata import errata
    >>> errata["A.E1"].correct
    '$\\\\sigma(x, \\\\mu) = \\\\frac{1}{1 + e^{-(x - \\\\mu)}}$'

Appendix: ``errata``.
"""

from ltcbook.papers.equations import Register
from ltcbook.papers.errata import paper_a, paper_b_results, paper_b_text
from ltcbook.papers.errata._erratum import KINDS, Erratum, Kind

errata: Register[Erratum] = Register(
    "erratum",
    {
        erratum.id: erratum
        for part in (paper_a, paper_b_text, paper_b_results)
        for erratum in part.ERRATA
    },
)
"""Paper A's first, then paper B's; equations and letters, then results."""

__all__ = ["KINDS", "Erratum", "Kind", "errata"]
