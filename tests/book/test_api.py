"""The reference of the package: complete, tied to the chapters both ways, its examples run."""

import ast
import doctest
import importlib
import inspect
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError

import ltcbook.papers.notation
from book.contents import documents
from book.reference import (
    Entry,
    chapters_in,
    described_in,
    entries_of,
    modules,
    page_of,
    reference,
)
from tests.book.helpers import ROOT, load, notebooks

ENTRIES = [(module, entry) for module, some in reference().items() for entry in some]
NAMES = {entry.name for _, entry in ENTRIES}


@cache
def page(file: Path) -> BeautifulSoup:
    """Return a built page, read once."""
    return BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")


def imported(path: Path) -> set[tuple[str, str]]:
    """Return what the cells of a chapter import from the package, as (module, name)."""
    found = set()
    for cell in load(path)["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and "%" not in source:
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ltcbook"):
                    found |= {(node.module or "", alias.name) for alias in node.names}
    return found


@pytest.mark.parametrize(("module", "entry"), ENTRIES, ids=[e.name for _, e in ENTRIES])
def test_an_entry_and_its_chapters_lead_to_each_other(
    html: Path, module: str, entry: Entry
) -> None:
    assert entry.chapters, f"{entry.name} names no chapter"
    described = page(html / f"{page_of(module)}.html").find(id=entry.name)
    assert described is not None, f"the reference lacks {entry.name}"
    for chapter in entry.chapters:
        assert f"chapters/{chapter}" in documents()
        assert described.find_parent("dl").select_one(f'a[href^="../{chapter}.html"]')
        if (ROOT / "chapters" / f"{chapter}.ipynb").is_file():
            text = (html / "chapters" / f"{chapter}.html").read_text(encoding="utf-8")
            back = f'href="api/{module}.html#{entry.name}"', f'href="api/{module}.html"'
            assert any(link in text for link in back), f"{chapter} leads not back"


def test_the_page_of_the_reference_leads_to_every_module_and_entry(html: Path) -> None:
    links = {link["href"] for link in page(html / "chapters" / "api.html").select("article a")}
    assert {f"api/{module}.html" for module in modules()} <= links
    assert {f"api/{module}.html#{entry.name}" for module, entry in ENTRIES} <= links


def test_search_knows_the_entries(html: Path) -> None:
    index = (html / "search-texts.js").read_text(encoding="utf-8")
    for module in modules():
        assert f'"{page_of(module)}"' in index or f'"{page_of(module)}.html"' in index, module
    assert "use_style" in index


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_what_a_chapter_imports_is_in_the_reference(path: Path) -> None:
    names = {name.rpartition(".")[2] for name in NAMES}
    for module, name in imported(path):
        thing = getattr(importlib.import_module(module), name, None)
        if inspect.isclass(thing) or inspect.isroutine(thing):
            assert name in names or f"{module}.{name}" in modules(), f"{module}.{name}"


def test_every_numbered_chapter_teaches_something_of_the_package() -> None:
    silent = {path.stem for path in notebooks() if not entries_of(path.stem, reference())}
    assert silent <= {"troubleshooting"}


@pytest.mark.parametrize("name", sorted({*modules()} | NAMES))
def test_its_examples_run(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    thing = getattr(importlib.import_module(module), attribute) if module else None
    thing = importlib.import_module(name) if thing is None else thing
    finder = doctest.DocTestFinder(recurse=isinstance(thing, type))
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    for test in finder.find(thing, name):
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


@pytest.mark.parametrize("module", modules())
def test_every_entry_that_is_called_has_an_example(module: str) -> None:
    for entry in reference()[module]:
        thing = getattr(importlib.import_module(module), entry.name.rpartition(".")[2])
        if entry.directive in ("autoclass", "autofunction"):  # not what is raised, nor constants
            assert ">>>" in (inspect.getdoc(thing) or ""), entry.name


def test_a_docstring_names_its_chapters() -> None:
    assert chapters_in("What.\n\nSource: B.7. Chapters: ``ct_rnns``, ``motifs``.") == (
        "ct_rnns",
        "motifs",
    )
    assert chapters_in("Chapters: ``a``; ``b`` for ``c``.") == ("a", "b")
    assert chapters_in("Chapter: a.") == ()


def test_a_constant_without_a_docstring_is_refused() -> None:
    assert described_in(ltcbook.papers.notation, "SYMBOLS") == "ltcbook.papers.notation"
    with pytest.raises(ExtensionError, match="notation.UNHEARD_OF has no docstring"):
        described_in(ltcbook.papers.notation, "UNHEARD_OF")
