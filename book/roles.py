r"""The colours of terms in formulas: ``\textcolor{leak}{w_l (e_l - x)}``.

A role is a word of the figures' one colour code (:mod:`ltcbook.teaching.figures`). MathJax makes of
it a class (``_config.yml``), to which the style sheet gives the tone of the light or dark page.

The command is LaTeX's own. JupyterLab, VS Code and GitHub know it, but no such colours, and show
the term in ink. Plain notebooks and the search do without it: older programs don't know it.
"""

import re

from ltcbook.teaching.figures import COLOURS, SOLVER_COLOURS

OPENING = re.compile(r"\\textcolor\{(\w+)\}(?=\{)")


def role_of_solver(solver: str) -> str:
    """Return the name in formulas of a solver: letters alone, which KaTeX asks of a colour.

    >>> role_of_solver("semi-implicit-euler")
    'semiimplicit'
    """
    return solver.removesuffix("-euler").replace("-", "")


ROLES = {**COLOURS, **{role_of_solver(name): colour for name, colour in SOLVER_COLOURS.items()}}

# How a text calls the colours.
WORDS = {"excitatory": "orange", "inhibitory": "blue", "leak": "grey", "input": "green"}


def roles_in(tex: str) -> list[str]:
    r"""Return the roles that the terms of a formula have, in their order.

    >>> roles_in(r"C\dot x = \textcolor{leak}{w_l (e_l - x)} + \textcolor{input}{u}")
    ['leak', 'input']
    """
    return OPENING.findall(tex)


def uncoloured(tex: str) -> str:
    r"""Return a formula with its terms in ink, each still a group of its own.

    >>> uncoloured(r"C\dot x = \textcolor{leak}{w_l (e_l - x)}")
    'C\\dot x = {w_l (e_l - x)}'
    """
    return OPENING.sub("", tex)
