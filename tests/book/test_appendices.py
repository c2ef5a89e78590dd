"""The appendices: the errata, the times of the notebooks, the tags of the papers' equations."""

import json
from functools import cache
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

import ltcbook
from book import times
from book.address import version
from book.registers import linked
from ltcbook.papers.errata import errata
from tests.book.helpers import ROOT, load, notebooks

LONGEST_NOTEBOOK, ALL_NOTEBOOKS = 60, 12 * 60  # seconds on two cores
WRITTEN = {path.stem: path for path in notebooks()}


@cache
def page(path: Path) -> BeautifulSoup:
    """Return a built page, parsed."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@cache
def prose(path: Path) -> str:
    """Return the Markdown of a notebook."""
    cells = load(path)["cells"]
    return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")


@pytest.mark.parametrize("number", list(ltcbook.equations))
def test_a_written_chapter_has_its_equations_with_their_tags(number: str) -> None:
    chapter = ltcbook.equations[number].chapter
    assert chapter in WRITTEN, f"chapters/{chapter}.ipynb is missing"
    tag = f"\\tag{{{number}}}"
    assert tag in prose(WRITTEN[chapter]), f"chapters/{chapter}.ipynb lacks {tag}"


@pytest.mark.parametrize("key", list(errata))
def test_the_chapter_that_teaches_an_erratum_marks_it(key: str) -> None:
    mark = f"<register-{key.lower().replace('.', '-')}>"
    chapter = WRITTEN[errata[key].chapter]
    assert mark in prose(chapter), f"{chapter.name} does not lead to {key}"


@pytest.mark.parametrize("key", list(errata))
def test_the_errata_page_has_every_erratum(html: Path, key: str) -> None:
    name = f"register-{key.lower().replace('.', '-')}"
    entry = page(html / "chapters" / "errata.html").find(id=name)
    assert entry is not None, f"the errata page lacks {key}"
    assert errata[key].test in entry.get_text()
    assert entry.select_one(f'a[href^="{errata[key].chapter}.html"]')


def test_the_errata_page_counts_what_it_lists(html: Path) -> None:
    rows = page(html / "chapters" / "errata.html").select("table.fixed-columns tbody tr")
    numbers = [[int(cell.get_text()) for cell in row.find_all("td")[1:3]] for row in rows]
    *kinds, total = numbers
    assert total == [sum(column) for column in zip(*kinds, strict=True)]
    assert sum(total) == len(errata)


def test_numbers_are_linked_outside_formulas_only() -> None:
    assert linked("B.7 and `B.7` and $x_{B.7}$ (A.S1)") == (
        "{eq}`B.7` and `B.7` and $x_{B.7}$ ({ref}`A.S1 <register-a-s1>`)"
    )


@pytest.fixture
def own_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the times be kept in a folder of the test's own."""
    path = tmp_path / "results" / "execution_times.json"
    monkeypatch.setattr(times, "TIMES", path)
    return path


def test_a_time_is_kept_only_if_it_is_news(own_times: Path) -> None:
    assert times.note("a", 10.0)
    before = own_times.read_bytes()
    assert not times.note("a", 14.9)
    assert not times.note("a", 6.7)
    assert own_times.read_bytes() == before
    assert times.note("a", 15.1)
    assert times.note("b", 3.21)
    assert {name: t["seconds"] for name, t in times.read().items()} == {"a": 15.1, "b": 3.2}


def test_a_time_says_where_it_was_measured(own_times: Path) -> None:
    times.note("a", 1.0)
    (record,) = json.loads(own_times.read_text(encoding="utf-8")).values()
    assert record["command"] == "python -m book.execute chapters/a.ipynb"
    assert "cores" in record["machine"] and "torch" in record["versions"]
    assert str(ROOT) not in own_times.read_text(encoding="utf-8")


def test_the_notebooks_are_short_enough() -> None:
    kept = times.read()
    assert set(kept) == set(WRITTEN), "run `make chapters`, and commit results/execution_times.json"
    for name, record in kept.items():
        assert record["seconds"] < LONGEST_NOTEBOOK, name
    assert sum(record["seconds"] for record in kept.values()) < ALL_NOTEBOOKS


def test_the_page_of_times_has_every_notebook(html: Path) -> None:
    rows = page(html / "chapters" / "execution_times.html").select("table.fixed-columns tbody tr")
    *each, total = [[cell.get_text(" ", strip=True) for cell in row.find_all("td")] for row in rows]
    assert len(each) == len(times.read())
    assert total[0] == "All"
    assert [float(row[1]) for row in each] == sorted((float(row[1]) for row in each), reverse=True)


def test_the_glossary_is_in_order_and_defines_each_term_once(html: Path) -> None:
    entries = page(html / "chapters" / "glossary.html").select("dl.glossary dt")
    terms = [entry.get_text().rstrip("#") for entry in entries]
    assert 50 <= len(terms) <= 100
    assert len({term.lower() for term in terms}) == len(terms)
    assert terms == sorted(terms, key=str.lower)


def test_the_citation_is_that_of_this_version() -> None:
    assert version() == ltcbook.__version__, "pyproject.toml and ltcbook/__init__.py differ"
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == ltcbook.__version__
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"/v{ltcbook.__version__}?urlpath" in readme, "Binder would open another release"
    page_text = (ROOT / "chapters" / "how_to_cite.md").read_text(encoding="utf-8")
    assert f"title = {{{citation['title']}}}" in page_text
    assert f"Version {citation['version']}" in page_text
