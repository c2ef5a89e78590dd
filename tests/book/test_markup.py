"""The parser of pages, and what is changed in them by it."""

import shutil
from pathlib import Path

import pytest
from PIL import Image
from sphinx.errors import ExtensionError

from book.live import inline
from book.markup import edited, elements, without
from book.offline import compress_fonts, lighten, mathjax_folder
from book.site import without_address
from book.typography import divisible

ICONS = '<script src="../_static/vendor/fontawesome/6.5/js/all.min.js?d=1"></script>'
FONT = '<link crossorigin rel="preload" href="x.woff2" type="font/woff2" as="font"/>'
MARKS = '<script src="../_static/sphinx_highlight.js?v=1"></script>'
TABS = '<script defer="defer" src="_static/design-tabs.js?v=2"></script>'


def test_elements_stand_where_the_text_has_them() -> None:
    text = '<div class="a b">\n<p>x<br>y</p><script>if (1 < 2) "</p>"</script></div>\n<i/>z'
    found = {element.name: element for element in elements(text)}
    assert list(found) == ["div", "p", "br", "script", "i"]
    assert found["div"].classes == ["a", "b"]
    assert [child.name for child in found["div"].children] == ["p", "script"]
    assert text[found["p"].inside : found["p"].close] == "x<br>y"
    assert text[found["script"].start : found["script"].end].endswith('"</p>"</script>')
    assert found["br"].end == found["br"].inside
    assert text[found["div"].end :] == "\n<i/>z"


def test_a_tag_that_is_missing_or_too_many_ends_nothing_else() -> None:
    text = "<ul><li>a<li>b</ul></p><b>c</b>"
    names = [(element.name, text[element.start : element.end]) for element in elements(text)]
    assert names[0] == ("ul", "<ul><li>a<li>b</ul>")
    assert names[-1] == ("b", "<b>c</b>")


def test_edits_leave_everything_else_as_it_is() -> None:
    text = '<p id = "a" >&nbsp;&lt;</p>\n<hr>\n'
    first, second = elements(text)
    assert edited(text, []) == text
    assert edited(text, [without(text, second)]) == '<p id = "a" >&nbsp;&lt;</p>\n'
    assert edited(text, [(first.inside, first.close, "b")]) == '<p id = "a" >b</p>\n<hr>\n'


@pytest.mark.parametrize("needless", [FONT, ICONS, TABS, MARKS])
def test_what_a_page_does_without_goes_with_its_line(tmp_path: Path, needless: str) -> None:
    text = f'<head>\n{needless}\n<script src="a.js"></script></head>'
    assert lighten(text, tmp_path) == '<head>\n<script src="a.js"></script></head>'


def test_a_page_with_tabs_keeps_their_script(tmp_path: Path) -> None:
    text = f'{TABS}<div class="sd-tab-set docutils"></div>'
    assert lighten(text, tmp_path) == text


def test_a_picture_has_its_size_and_loads_when_it_comes_near(tmp_path: Path) -> None:
    (tmp_path / "_images").mkdir()
    Image.new("RGB", (40, 30)).save(tmp_path / "_images" / "a.png")
    once = lighten('<img alt="" src="_images/a.png"/><img src="logo.png"/>', tmp_path)
    (picture, logo) = elements(once)
    assert picture.attributes["loading"] == "lazy"
    assert (picture.attributes["width"], picture.attributes["height"]) == ("40", "30")
    assert list(logo.attributes) == ["src"]
    assert lighten(once, tmp_path) == once


def test_a_drawing_scrolls_and_is_wrapped_once(tmp_path: Path) -> None:
    once = lighten('<p><img src="../_images/a.svg" alt="b"></p>', tmp_path)
    (_, box, picture) = elements(once)
    assert (box.classes, picture.parent) == (["scrolls"], box)
    assert lighten(once, tmp_path) == once


def test_fonts_that_mathjax_names_otherwise_are_an_error(tmp_path: Path) -> None:
    output = tmp_path / "chtml"
    (output / "fonts" / "woff-v2").mkdir(parents=True)
    compress_fonts(output)  # nothing to do: no complaint
    shutil.copy(next(mathjax_folder().rglob("*.woff")), output / "fonts" / "woff-v2" / "a.woff")
    for script in (tmp_path / "chtml.js", output / "fonts" / "tex.js"):
        script.write_text('src: url("a.woff")', encoding="utf-8")
    with pytest.raises(ExtensionError, match="names its fonts otherwise"):
        compress_fonts(output)


def test_without_an_address_a_card_has_neither_link_nor_picture() -> None:
    tags = (
        '<meta property="og:title" content="a" />\n'
        '<meta content="b.png" property="og:image" />\n'
        '<meta name="twitter:card" content="c" />\n'
    )
    assert without_address(tags) == '<meta property="og:title" content="a" />\n'


def test_a_long_name_breaks_after_its_words_and_a_short_one_nowhere() -> None:
    long, short = "ltcbook.experiments.small_studies", "ltcbook.nn"
    body = f'<span class="pre">{long}</span><span class="pre">{short}</span><p>{long}</p>'
    text = divisible(body)
    assert "small_<wbr>studies</span>" in text
    assert f">{short}</span><p>{long}</p>" in text


def test_a_drawing_in_a_page_leaves_its_metadata_out() -> None:
    svg = '<?xml version="1.0"?>\n<svg a="b"><metadata>\n<rdf/></metadata><g id="c"/></svg>'
    assert inline(svg, "live") == '<svg role="img" a="b"><g id="live-c"/></svg>'
