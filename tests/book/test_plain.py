"""The plain notebooks: nothing of MyST is left in them, and nothing of the chapter is missing."""

import re
from pathlib import Path

import nbformat
import pytest
import yaml
from docutils import nodes
from markdown_it import MarkdownIt

from book.plain import FOLDER
from book.plain_markdown import Writer, escaped, folded, quoted
from book.widget_state import VIEW
from tests.book.helpers import ROOT, load, notebooks

# Of MyST alone: a role, a fence of colons, a target, a directive, an inner link, a citation's key.
LEFT = re.compile(
    r"\{[a-z][\w:.-]*\}(?=`|$)|^:{3,}|^\([\w-]+\)=$|^`{3,}\{|\]\(#|^:\w+: "
    r"|[a-z_]+-[a-z]+\d{4}[a-z]+",
    re.MULTILINE,
)
BY_NAME = pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)


def plain(html: Path, path: Path) -> nbformat.NotebookNode:
    """Return the plain notebook of a chapter."""
    return nbformat.read(html / FOLDER / path.name, as_version=4)


def prose(markdown: str) -> str:
    """Return the words of Markdown, and what stands in fences, but no code of theirs."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    parts = [f"```{token.info}" for token in tokens if token.type == "fence"]
    for token in tokens:
        if token.type == "inline":
            kept = (child.content for child in token.children or [] if child.type != "code_inline")
            parts.append("".join(kept))
    return re.sub(r"\$\$[^$]*\$\$|\$[^$]*\$", "", "\n".join(parts))


def code_of(cells: list[dict]) -> list[str]:
    """Return the code of cells as it runs: without titles of Colab, set-up and places to answer."""
    found = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    lines = (re.sub(r"^# @title .*\n", "", source) for source in found)
    return [s for s in lines if s.strip() != "# Your answer" and "figures.use_style()" not in s]


@BY_NAME
def test_nothing_of_myst_is_left(html: Path, path: Path) -> None:
    for cell in plain(html, path).cells:
        if cell.cell_type == "markdown":
            assert not LEFT.findall(prose(cell.source)), cell.source


@BY_NAME
def test_no_formula_asks_for_a_command_of_the_book_alone(html: Path, path: Path) -> None:
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    macros = config["sphinx"]["config"]["mathjax3_config"]["tex"]["macros"]
    ours = re.compile(rf"\\(?:class|{'|'.join(macros)})\b")
    assert ours.search(r"\textcolor{leak}{w x}")
    for cell in plain(html, path).cells:
        if cell.cell_type == "markdown":
            assert not ours.search(cell.source), cell.source


@BY_NAME
def test_every_cell_of_code_is_there_in_its_order(html: Path, path: Path) -> None:
    wanted = [source for source in code_of(load(path)["cells"]) if source.strip()]
    assert code_of(plain(html, path).cells) == wanted


@BY_NAME
def test_every_caption_stands_in_the_text(html: Path, path: Path) -> None:
    cells = plain(html, path).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    figures = [c["metadata"].get("mystnb", {}).get("figure") for c in load(path)["cells"]]
    assert len(re.findall(r"^\*\*Fig\. [\d.]+\*\*", text, re.MULTILINE)) >= len(
        [figure for figure in figures if figure and "caption" in figure]
    )


@BY_NAME
def test_a_place_to_answer_stands_before_each_solution(html: Path, path: Path) -> None:
    cells = plain(html, path).cells
    solutions = "".join("".join(c["source"]) for c in load(path)["cells"]).count("{solution-start}")
    places = [
        number
        for number, cell in enumerate(cells)
        if cell.source.strip() in {"# Your answer", "*Your answer:*"}
    ]
    assert len(places) == solutions
    for number in places:
        assert "Solution of Exercise" in cells[number + 1].source
        assert "Exercise" in "".join(cell.source for cell in cells[number - 3 : number])
    for cell in cells:
        if cell.source.startswith("# @title Solution"):
            assert cell.outputs == [] and cell.metadata.jupyter.source_hidden


@BY_NAME
def test_a_plain_notebook_has_no_stale_widget_and_says_how_to_install(
    html: Path, path: Path
) -> None:
    notebook = plain(html, path)
    nbformat.validate(notebook)
    assert "widgets" not in notebook.metadata
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if VIEW in output.get("data", {})]
    setup = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert "%pip install" in setup.source and setup.metadata.cellView == "form"


@BY_NAME
def test_the_folds_of_the_page_are_folds_in_the_notebook(html: Path, path: Path) -> None:
    source = "".join("".join(cell["source"]) for cell in load(path)["cells"])
    cells = plain(html, path).cells
    opened = "".join(c.source for c in cells if c.cell_type == "markdown").count("<details>")
    assert opened >= source.count("{dropdown}")
    own = [c for c in cells if c.cell_type == "code" and c.source.strip() != "# Your answer"]
    code = [c for c in load(path)["cells"] if c["cell_type"] == "code" and c["source"]]
    for old, new in zip(code[1:], own[1:], strict=True):  # after the setup cell
        prompt = old["metadata"].get("mystnb", {}).get("code_prompt_show", "How this was drawn")
        title = new.source.partition("\n")[0]
        if {"hide-input", "hide-cell"}.intersection(old["metadata"].get("tags", [])):
            assert new.metadata.cellView == "form" and new.metadata.jupyter.source_hidden
            assert title == f"# @title {prompt}" or title.startswith("# @title Solution of ")
        else:
            assert "cellView" not in new.metadata or title.startswith("# @title Solution of ")


def test_text_is_shown_as_it_is() -> None:
    assert escaped("a*b [c] $d <e> f_g _h") == r"a\*b \[c\] \$d &lt;e> f_g \_h"
    assert quoted("a\n\nb") == "> a\n>\n> b"
    assert folded("Proof", "x").startswith("<details>\n<summary>Proof</summary>\n\nx")


def writer() -> Writer:
    """Return a writer that links nowhere."""
    return Writer("x", {"displaymath": {"eq": (1, 2)}}, {}, lambda _: None, lambda _: "")


def test_a_formula_has_its_number_and_a_bar_in_a_table_is_no_border() -> None:
    block = nodes.math_block("", "a = b", ids=["eq"], nowrap=False)
    assert writer().math_block(block) == "$$\na = b\n\\tag{1.2}\n$$"
    assert writer().words_of(nodes.math("", r"\textcolor{leak}{x}")) == "${x}$"
    entry = nodes.entry("", nodes.paragraph("", "", nodes.math("", "|x|"), nodes.Text(" | y")))
    table = nodes.table("", nodes.tgroup("", nodes.tbody("", nodes.row("", entry))))
    assert writer().table(table) == "| $\\vert x\\vert$ \\| y |\n| --- |"
