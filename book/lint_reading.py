"""Rules for how a finished chapter reads: picture first, code folded, numbers borne out.

``book/finished.toml`` lists the chapters that obey them, each with the numbers in its prose that
no cell can bear out, and why. Part of ``book.lint_chapters``.
"""

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from math import ceil
from pathlib import Path

from book.cards import REFERENCE
from book.contents import numbered
from book.notebook import FOLDED, PROMPT, Cell, Faults, Notebook
from book.roles import ROLES, WORDS, roles_in

LIST = Path(__file__).with_name("finished.toml")
MOST_CODE = 1 / 8
COLUMNS, FIGURE_LINES, FORMULA_LINES = 95, 15, 3  # of a page, in lines of its text
PREDICT, ANSWER = "**Predict", "**You predicted"
SOLVERS = re.compile(
    r"(?:explicit|semi-implicit|exponential)[ -]Euler|\bsolvers\.(?:\w+_)?euler\b"
    r"|\"(?:[\w-]+-)?euler\"|"
    r"\bHeun|\brk4\b|\bdopri5\b",
    re.IGNORECASE,
)
# How a caption lists them: explicit, semi-implicit and exponential Euler.
METHODS = re.compile(r"(?<!-)\b(?:explicit|semi-implicit|exponential)\b(?=[^.;:]*\bEuler\b)", re.I)
SOLUTION = re.compile(r":::\{solution-(start|end)\}")
FOLD = re.compile(r"^(:{3,})\{dropdown\}.*?^\1$", re.MULTILINE | re.DOTALL)

# What is no claim: formulas, code, names, labels, roles with their targets, options, quotations.
NO_CLAIM = re.compile(
    r"\$\$.*?\$\$(?: \([\w-]+\))?|\$[^$]*\$|\{[\w:]+\}`[^`]*`|`[^`]*`"
    r"|^:[\w-]+:[^\n]*$|^\([\w-]+\)=$"
    r"|\]\([^)]*\)|\b[AB]\.(?:[ETS])?\d+"
    r"|arXiv:? ?[\d.]+|\d+ minutes|\d+ seconds to run",  # times are measured elsewhere
    re.MULTILINE | re.DOTALL,
)
NUMBER = re.compile(r"(?<![\w.-])(\d+(?:,\d{3})*(?:\.\d+)?(?:e-?\d+)?)(?:\s?(%))?")
COUNTED, YEARS = 12, range(1800, 2100)  # small whole numbers count things in view


@cache
def finished() -> dict[str, dict[str, str]]:
    """Return the finished chapters, and for each the numbers that it excuses, with the reasons."""
    found: dict[str, dict[str, str]] = tomllib.loads(LIST.read_text(encoding="utf-8"))
    return found


def opening(notebook: Notebook) -> Faults:
    """The first thing after the title is a picture."""
    heading = notebook.heading("A question first") or len(notebook.cells)
    picture = next((cell.number for cell in notebook.cells if cell.has_picture), None)
    if picture is None or picture > heading:
        yield picture, "a chapter opens with a picture, before its question"


def in_view(notebook: Notebook) -> Iterator[Cell]:
    """Yield the cells that a page shows unasked: those of a solution are folded."""
    folded = False
    for cell in notebook.cells:
        for mark in SOLUTION.findall(cell.source) if cell.kind == "markdown" else ():
            folded = mark == "start"
        if not folded:
            yield cell


def lines_of_text(source: str) -> int:
    """Return about how many lines of a page the text takes: folded parts take one."""
    count = 0
    for part in re.split(r"(\$\$.*?\$\$)", FOLD.sub("Fold", source), flags=re.DOTALL):
        if part.startswith("$$"):
            count += FORMULA_LINES + part.count(r"\\")
        else:
            count += sum(ceil(len(line) / COLUMNS) or 1 for line in part.splitlines())
    return count


def heights(notebook: Notebook) -> tuple[int, int]:
    """Return about how many lines of the page are code in view, and how many there are in all."""
    code = rest = 0
    for cell in in_view(notebook):
        if cell.kind == "markdown":
            rest += lines_of_text(cell.source)
            continue
        if cell.tags & {"remove-cell"}:
            continue
        source = any("text/markdown" in data for data in cell.data)
        printed = len(cell.printed.splitlines()) if "hide-cell" not in cell.tags else 0
        if cell.visible_code:
            code += len(cell.source.splitlines()) + 1
        else:
            rest += 1
        if cell.has_picture:
            rest += FIGURE_LINES
        elif source and "hide-cell" not in cell.tags:
            code += printed  # the package's source, shown as an output
        else:
            rest += printed
    return code, code + rest


def code_in_view(notebook: Notebook) -> Faults:
    """Code that is not folded takes an eighth of the page at most."""
    code, total = heights(notebook)
    if code > MOST_CODE * total:
        yield None, f"code takes {code / total:.0%} of the page, at most {MOST_CODE:.0%}: fold it"


def folds(notebook: Notebook) -> Faults:
    """A folded cell says what it has: the default, how a figure was drawn, or what is checked."""
    for cell in in_view(notebook):
        folded = cell.kind == "code" and cell.tags & FOLDED
        if folded and not cell.has_picture and not cell.metadata.get("mystnb", {}).get(PROMPT):
            told = f"draws nothing: say in its `mystnb` metadata, `{PROMPT}`, what folds"
            yield cell.number, told


def predictions(notebook: Notebook) -> Faults:
    """Every prediction is answered later, in a paragraph that begins with ``You predicted``."""
    asked, waiting = False, []
    for number, mark in notebook.find(rf"^(?:\d\. )?({re.escape(PREDICT)}|{re.escape(ANSWER)})"):
        if mark == PREDICT:
            asked = True
            waiting.append(number)
        elif not asked:
            yield number, "answers a prediction that nobody was asked for"
        elif waiting:  # one prediction may have several parts, each answered in its place
            waiting.pop(0)
    for number in waiting:
        yield number, "this prediction is never answered: `**You predicted** ...`"


def values(notebook: Notebook) -> set[float]:
    """Return the numbers that the code of the cells sets or asserts.

    A number that is only printed is none of them: it could change under the text, unseen.
    """
    trees = (ast.parse(cell.source) for cell in notebook.code)
    constants = (n.value for t in trees for n in ast.walk(t) if isinstance(n, ast.Constant))
    return {float(value) for value in constants if type(value) in (int, float)}


def borne_out(number: str, percent: bool, produced: set[float]) -> bool:
    """Return whether a produced number, rounded as the prose rounds it, is this one."""
    plain = number.replace(",", "")
    value = float(plain)
    if not percent and value == int(value) and (value <= COUNTED or int(value) in YEARS):
        return True
    mantissa, _, exponent = plain.partition("e")
    digits = len(mantissa.partition(".")[2])
    half = 0.5 * 10.0 ** (int(exponent or 0) - digits) * (1 + 1e-9)
    scaled = [value, value / 100] if percent else [value]
    return any(
        abs(other - wanted) <= half * (wanted / value if value else 1)
        for wanted in scaled
        for other in produced
    )


def numbers_in_prose(notebook: Notebook) -> Faults:
    """A number in the text is set or asserted by the code of a cell, or is excused."""
    produced = values(notebook)
    excused = finished()[notebook.name]
    unused = set(excused)
    for cell in notebook.cells:
        text = cell.source if cell.kind == "markdown" else cell.caption
        for number, sign in NUMBER.findall(NO_CLAIM.sub(" ", text)):
            if number + sign in excused:
                unused.discard(number + sign)
            elif not borne_out(number, bool(sign), produced):
                yield cell.number, f"no cell sets or asserts the {number}{sign} of the text"
    for number in sorted(unused):
        yield None, f"book/finished.toml excuses {number}, which the text does not have"


def solver_colours(notebook: Notebook) -> Faults:
    """A figure that compares solvers draws each in its colour, the same in all chapters."""
    for cell in notebook.code:
        named = {
            name.lower().replace("_", "-").replace(" ", "-")
            for name in SOLVERS.findall(cell.source)
        }
        said = METHODS.findall(f"{cell.caption}; {cell.alternative}")
        named |= {name.lower() for name in said}
        if "plt.show()" in cell.source and len(named) > 1 and "SOLVER_COLOURS" not in cell.source:
            yield cell.number, f"take the colours of {sorted(named)} from figures.SOLVER_COLOURS"


def formula_colours(notebook: Notebook) -> Faults:
    """A coloured term of a formula has a role, and the text beside the first says what it means."""
    met, said = set[str](), ""
    for cell in notebook.prose:
        if roles := dict.fromkeys(roles_in(cell.source)):
            said += cell.source
        for role in roles:
            if role not in ROLES:
                yield cell.number, f"no role has the name {role!r}; see book/roles.py"
            elif role not in met and WORDS.get(role, "colour") not in said:
                word = WORDS.get(role, "colour")
                yield cell.number, f"say `{word}` beside the first term with the role {role!r}"
        met.update(roles)


def exercises(notebook: Notebook) -> Faults:
    """Each exercise says what it asks for; one is an experiment to design, one is open."""
    for one in notebook.exercises:
        if not re.search(r" ●{1,3}$", one.title):
            yield one.cell, f"end the title of the exercise {one.title!r} with ●, ●● or ●●●"
    titles = [one.title for one in notebook.exercises]
    for kind in ("Design", "Open"):
        if not any(t.startswith(f"{kind}: ") and t.endswith("●●●") for t in titles):
            yield None, f"an exercise must be called `{kind}: ... ●●●`"


def next_chapter(notebook: Notebook) -> Faults:
    """The line ``**Next:**`` names first the chapter that comes next in ``_toc.yml``."""
    order = numbered(notebook.root)
    if notebook.name not in order[:-1]:  # after the last chapter the reader is free
        return
    following = order[order.index(notebook.name) + 1]
    lines = list(notebook.find(r"^\*\*Next:\*\*.*$"))
    if not lines:
        yield None, f"end with a line `**Next:**` that leads to {following}"
    for number, line in lines:
        if REFERENCE.findall(line)[:1] != [following]:
            yield number, f"`**Next:**` must name {following} first, which comes next"


OF_FINISHED_CHAPTERS: tuple[Callable[[Notebook], Faults], ...] = (
    opening,
    code_in_view,
    folds,
    predictions,
    numbers_in_prose,
    solver_colours,
    formula_colours,
    exercises,
    next_chapter,
)
