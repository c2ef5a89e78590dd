"""Check the chapters against their anatomy (CONTRIBUTING.md); part of ``make lint``.

    python -m book.lint_chapters

Each fault is one line that names the notebook and the cell. All notebooks obey the rules of
cells; those of the numbered parts of the book, its chapters, have the whole anatomy too.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from book.address import ROOT
from book.contents import numbered
from book.lint_reading import OF_FINISHED_CHAPTERS, finished
from book.notebook import PICTURES, Faults, Notebook
from book.registers import equations
from book.setup_cell import SETUP_CELL
from book.widget_state import VIEW

MOST_CELLS, MOST_STATEMENTS, MOST_LINES = 45, 15, 40
CARD = ("You need", "You will be able to", "In the papers", "Time")
SECTIONS = (
    "A question first",
    r"What .+ says?, and what we found",
    "Exercises",
    "Summary",
    "References",
)
KINDS = ("by pencil", "in code", "sealed")  # an exercise says in its title which it is
FEWEST_EXERCISES, SUMMARY_LINES, FEWEST_ALT_WORDS = 4, 5, 6
TODO = "TODO"


def beginning(notebook: Notebook) -> Faults:
    """The label and the title, then the setup cell."""
    if not notebook.cells[0].source.startswith(f"({notebook.name})=\n\n# "):
        yield 0, f"the first cell must be the label ({notebook.name})= and the title"
    first = notebook.code[0] if notebook.code else None
    if first is None or not {"setup", "remove-cell"} <= first.tags:
        yield 1, "the first code cell must have the tags `setup` and `remove-cell`"
    elif first.source != SETUP_CELL:
        yield first.number, "not the book's setup cell: `python -m book.execute` writes it"


def pictures(notebook: Notebook) -> Faults:
    """A figure has words for those who can't see it, and a caption; one in a cell."""
    for cell in notebook.code:
        # Not the still picture of a live piece.
        drawn = [data for data in cell.data if VIEW not in data and data.keys() & set(PICTURES)]
        if drawn and len(cell.alternative.split()) < FEWEST_ALT_WORDS:
            yield cell.number, "the figure lacks alternative text that says what it shows"
        if drawn and not cell.caption:
            yield cell.number, "the figure has no caption"
        if len(drawn) > 1:
            yield cell.number, f"{len(drawn)} figures in one cell"
    for number, options in notebook.find(r"\{figure\} .*\n((?::.*\n)*)"):
        words = re.search(r"^:alt: (.+)$", options, re.MULTILINE)
        if not words or len(words[1].split()) < FEWEST_ALT_WORDS:
            yield number, "the figure lacks alternative text that says what it shows"


def tags(notebook: Notebook) -> Faults:
    """Tags name equations of the register."""
    for number, tag in notebook.find(r"\\tag\{([^}]*)\}"):
        if tag not in equations():
            yield number, f"no equation {tag} in the register"


def statements(source: str) -> int:
    """Count the statements of a cell, those inside others too, but no magics and no checks."""
    python = "\n".join(line for line in source.splitlines() if not line.lstrip().startswith("%"))
    nodes = ast.walk(ast.parse(python))
    return sum(isinstance(n, ast.stmt) and not isinstance(n, ast.Assert) for n in nodes)


def lengths(notebook: Notebook) -> Faults:
    """A cell is read at one look. Columns are ruff's affair (chapters/ruff.toml)."""
    for cell in notebook.code:
        if not cell.visible_code:
            continue
        if (count := statements(cell.source)) > MOST_STATEMENTS:
            yield cell.number, f"{count} statements, at most {MOST_STATEMENTS} are read at one look"
        if (count := len(cell.source.splitlines())) > MOST_LINES:
            yield cell.number, f"{count} lines, at most {MOST_LINES} fit a screen"


def unfinished(notebook: Notebook) -> Faults:
    """What ``make new-chapter`` left to write is written."""
    for cell in notebook.cells:
        for line in [*cell.source.splitlines(), cell.alternative, cell.caption]:
            if TODO in line:
                yield cell.number, line.strip()


def order(notebook: Notebook) -> Faults:
    """The card, and the sections that every chapter has, in their order."""
    if (card := notebook.card) is None:
        yield None, "no card: an admonition `Before you start`"
    elif missing := [line for line in CARD if f"**{line}**" not in card.source]:
        yield card.number, f"the card lacks: {', '.join(missing)}"
    places = {title: notebook.heading(title) for title in SECTIONS}
    for title, place in places.items():
        if place is None:
            yield None, f"no section `## {title}`"
    found = [place for place in places.values() if place is not None]
    if found != sorted(found):
        yield None, f"the sections must come in this order: {', '.join(SECTIONS)}"
    cells = notebook.cells[: places["Exercises"]]
    body = sum(not cell.tags & {"hide-cell", "remove-cell"} for cell in cells)
    if body > MOST_CELLS:  # what is checked in a folded cell takes no room
        yield None, f"{body} cells before the exercises, at most {MOST_CELLS}"


def evidence(notebook: Notebook) -> Faults:
    """Source that is shown, output that is compared, and something to look at."""
    if not any("show(" in cell.source for cell in notebook.code):
        yield None, "shows no code of the package: `ltcbook.show(...)`"
    if not any("nbval-check-output" in cell.tags for cell in notebook.code):
        yield None, "no executable check: a cell with the tag `nbval-check-output`"
    if not any(cell.has_picture for cell in notebook.code):
        yield None, "no figure and no widget"


def practice(notebook: Notebook) -> Faults:
    """Four exercises or more, of three kinds, each with its solution; the summary."""
    exercises = notebook.exercises
    for one in exercises:
        if not one.solved:
            yield one.cell, f"the exercise {one.label} has no solution"
    if len(exercises) < FEWEST_EXERCISES:
        yield None, f"{len(exercises)} exercises, at least {FEWEST_EXERCISES}"
    said = " ".join(f"{one.title} {one.label} {'sealed' * one.sealed}".lower() for one in exercises)
    for kind in KINDS:
        if kind not in said:
            yield None, f"no exercise whose title says that it is {kind}"
    if (count := len(notebook.summary)) != SUMMARY_LINES:
        yield notebook.heading("Summary"), f"{count} lines of summary, there should be five"
    if not re.search(r"^```\{bibliography\}\n(?::.*\n)*:keyprefix: \S+-$", notebook.text, re.M):
        yield None, "no list of the chapter's references with a `:keyprefix:` of its own"


OF_NOTEBOOKS: tuple[Callable[[Notebook], Faults], ...] = (
    beginning,
    pictures,
    tags,
    lengths,
    unfinished,
)
OF_CHAPTERS = (order, evidence, practice)


def lint(notebook: Notebook) -> list[str]:
    """Return the faults of a notebook, a line each."""
    rules = [*OF_NOTEBOOKS, *(OF_CHAPTERS if notebook.name in numbered(notebook.root) else ())]
    if notebook.name in finished():
        rules += OF_FINISHED_CHAPTERS
    where = notebook.path.relative_to(notebook.root)
    return [
        f"{where}{'' if number is None else f', cell {number}'}: {message}"
        for rule in rules
        for number, message in rule(notebook)
    ]


def lint_all(root: Path = ROOT) -> Iterable[str]:
    """Yield the faults of all notebooks of the book in the folder ``root``."""
    for path in sorted((root / "chapters").glob("*.ipynb")):
        yield from lint(Notebook(path, root))


def main() -> int:
    """Print every fault; return 1 if there is one."""
    faults = list(lint_all())
    print("\n".join(faults) or "The chapters have their anatomy.")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
