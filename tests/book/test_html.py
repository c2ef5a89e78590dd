"""How pages are written where Sphinx, docutils and the theme leave a stumble."""

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.errors import ExtensionError

from book.drawings import light
from book.html import divisible, drop_scripts, name_folds
from book.offline import compress_fonts, mathjax_folder


def built(small_book: Path) -> dict[str, str]:
    """Return the text of each built page of the small book, by its name."""
    html = small_book / "_build" / "html"
    pages = [*html.glob("*.html"), *html.glob("chapters/**/*.html")]
    return {page.stem: page.read_text(encoding="utf-8") for page in pages}


def test_a_page_asks_for_nothing_that_it_does_without(small_book: Path) -> None:
    for name, text in built(small_book).items():
        page = BeautifulSoup(text, "html.parser")
        assert not page.select('link[as="font"]'), f"{name} preloads a font"
        asked = " ".join(script["src"] for script in page.select("script[src]"))
        for script in ("fontawesome", "sphinx_highlight", "design-tabs"):
            assert script not in asked, f"{name} asks for {script}"


@pytest.mark.parametrize(
    ("body", "kept"),
    [('<div class="sd-tab-set docutils">', ["design-tabs.js", "a.js"]), ("<p>", ["a.js"])],
)
def test_a_page_with_tabs_keeps_their_script(body: str, kept: list[str]) -> None:
    names = ["sphinx_highlight.js", "doctools.js", "design-tabs.js", "a.js"]
    scripts = [SimpleNamespace(filename=f"_static/{name}") for name in names]
    context: dict[str, Any] = {"script_files": scripts, "body": body}
    drop_scripts(None, "", "", context, nodes.document(None, None))
    assert [Path(one.filename).name for one in scripts] == kept
    assert context["script_files"] is scripts, "what is added later would be lost"


def test_a_fold_of_the_contents_without_words_has_a_name() -> None:
    mark = '<span class="toctree-toggle"></span>'
    told = f"<summary>{mark}</summary><summary><p>Part one</p>{mark}</summary>"
    context: dict[str, Any] = {
        "generate_toctree_html": lambda kind: BeautifulSoup(told, "html.parser")
    }
    name_folds(None, "", "", context, None)
    silent, speaking = context["generate_toctree_html"]("sidebar").find_all("summary")
    assert silent["aria-label"] == "Pages below"
    assert not speaking.attrs


def test_a_drawing_scrolls_and_knows_its_shape(small_book: Path) -> None:
    picture = BeautifulSoup(built(small_book)["widgets"], "html.parser").select_one("#fig-line img")
    shape, drawn = (told.split(": ")[1] for told in picture.parent["style"].split("; "))
    assert picture.parent["class"] == ["scrolls"] and drawn == picture["width"] + "px"
    assert float(shape) == pytest.approx(int(picture["width"]) / int(picture["height"]), abs=0.01)


def test_a_long_name_breaks_after_its_words_and_a_short_one_not_at_all() -> None:
    said = '<span class="pre">{}</span>'
    long = said.format("tests/test_a.py::test_a_name_of_many_words")
    broken = "tests/<wbr>test_<wbr>a.py::<wbr>test_<wbr>a_<wbr>name_<wbr>of_<wbr>many_<wbr>words"
    assert divisible(long) == said.format(broken)
    for other in (said.format("hidden_size"), " ", "&#160;&#160; "):
        assert divisible(other) == other


def test_the_lines_of_a_long_signature_are_no_definitions(html: Path) -> None:
    text = (html / "chapters" / "api" / "ltcbook.html").read_text(encoding="utf-8")
    for signature in BeautifulSoup(text, "html.parser").select("dt.sig"):
        assert not signature.select("dl, dd")
        lines = signature.select(".sig-line")
        assert len(lines) == (len(signature.select(".sig-param")) if lines else 0)
    assert "sig-line" in text


def test_an_entry_of_a_bibliography_is_an_item_of_a_list(html: Path) -> None:
    text = (html / "chapters" / "ct_rnns.html").read_text(encoding="utf-8")
    entries = BeautifulSoup(text, "html.parser").select(".citation-list > .citation")
    assert entries and {entry["role"] for entry in entries} == {"listitem"}


def test_two_drawings_in_a_page_share_no_name_and_have_no_metadata() -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg"><metadata>a</metadata>'
        '<g id="c"><path d="M 0 0 L 1 1"/></g><use href="#c"/></svg>'
    )
    for name in ("one-", "two-"):
        drawn = light(svg, names=name)
        assert f'id="{name}0"' in drawn and f'href="#{name}0"' in drawn
        assert "metadata" not in drawn


def test_fonts_that_mathjax_names_otherwise_are_an_error(tmp_path: Path) -> None:
    output = tmp_path / "chtml"
    (output / "fonts" / "woff-v2").mkdir(parents=True)
    compress_fonts(output)  # nothing to do: no complaint
    shutil.copy(next(mathjax_folder().rglob("*.woff")), output / "fonts" / "woff-v2" / "a.woff")
    for script in (tmp_path / "chtml.js", output / "fonts" / "tex.js"):
        script.write_text('src: url("a.woff")', encoding="utf-8")
    with pytest.raises(ExtensionError, match="names its fonts otherwise"):
        compress_fonts(output)
