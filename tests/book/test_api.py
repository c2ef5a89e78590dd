"""The reference of the package: complete, tied to the chapters both ways, its examples run."""

import ast
import doctest
import importlib
import inspect
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from book.api import GROUPS, Entry, chapters_in, entries_of, modules_of, reference
from tests.book.helpers import ROOT, documents, load, notebooks

ENTRIES = [entry for group in reference().values() for entry in group]
MODULES = [module for _, names in GROUPS.values() for module in modules_of(names)]


@pytest.fixture(scope="module")
def page(html: Path) -> BeautifulSoup:
    text = (html / "chapters" / "api.html").read_text(encoding="utf-8")
    return BeautifulSoup(text, "html.parser")


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


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_an_entry_and_its_chapters_lead_to_each_other(
    html: Path, page: BeautifulSoup, entry: Entry
) -> None:
    assert entry.chapters, f"{entry.name} names no chapter"
    described = page.find(id=entry.name)
    assert described is not None, f"the reference lacks {entry.name}"
    for chapter in entry.chapters:
        assert f"chapters/{chapter}" in documents()
        assert described.find_parent("dl").select_one(f'a[href^="{chapter}.html"]')
        if (ROOT / "chapters" / f"{chapter}.ipynb").is_file():
            text = (html / "chapters" / f"{chapter}.html").read_text(encoding="utf-8")
            assert f'href="api.html#{entry.name}"' in text, f"{chapter} does not lead back"


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_what_a_chapter_imports_is_in_the_reference(path: Path) -> None:
    names = {entry.name.rpartition(".")[2] for entry in ENTRIES}
    modules = {module.__name__ for module in MODULES}
    for module, name in imported(path):
        thing = getattr(importlib.import_module(module), name, None)
        if inspect.isclass(thing) or inspect.isroutine(thing):
            assert name in names or f"{module}.{name}" in modules, f"{module}.{name}"


def test_every_numbered_chapter_teaches_something_of_the_package() -> None:
    silent = {path.stem for path in notebooks() if not entries_of(path.stem)}
    assert silent <= {"troubleshooting"}


@pytest.mark.parametrize(
    "name", sorted({module.__name__ for module in MODULES} | {e.name for e in ENTRIES})
)
def test_its_examples_run(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    thing = getattr(importlib.import_module(module), attribute) if module else None
    thing = importlib.import_module(name) if thing is None else thing
    finder = doctest.DocTestFinder(recurse=isinstance(thing, type))
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    for test in finder.find(thing, name):
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def test_a_docstring_names_its_chapters() -> None:
    assert chapters_in("What.\n\nSource: B.7. Chapters: ``ct_rnns``, ``motifs``.") == (
        "ct_rnns",
        "motifs",
    )
    assert chapters_in("Chapters: ``a``; ``b`` for ``c``.") == ("a", "b")
    assert chapters_in("Chapter: a.") == ()
