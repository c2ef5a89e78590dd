"""The book's own extensions and its runner of notebooks, on a small book."""

import hashlib
import json
import re
import shutil
import sys
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook

from book.address import Address, address, version
from book.execute import execute as execute_notebook
from book.execute import stabilise
from book.setup_cell import SETUP_CELL
from book.slim import known_names, slim_style
from book.widget_state import as_json
from tests.book.helpers import ROOT, STILL, load, run

ADDRESS = Address("owner", "name")
# What Binder opens, in JupyterLab.
OPENED = "urlpath=lab/tree/chapters/widgets.ipynb"
JUPYTER_BOOK = str(Path(sys.executable).with_name("jupyter-book"))


def page(small_book: Path, name: str) -> BeautifulSoup:
    """Return a built page of the small book."""
    path = small_book / "_build" / "html" / "chapters" / f"{name}.html"
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def references(soup: BeautifulSoup) -> dict[str, str]:
    """Return the text of each reference to an equation, by its target."""
    links = soup.select('a.reference.internal[href*="#equation-"]')
    return {link["href"]: link.get_text() for link in links}


def test_a_tagged_equation_is_cited_by_its_tag(small_book: Path) -> None:
    found = references(page(small_book, "home"))
    assert found["membrane_equation.html#equation-b-13"] == "(B.13)"
    assert found["membrane_equation.html#equation-a-9"] == "(A.9)"


def test_own_equations_are_counted_without_the_tagged_ones(small_book: Path) -> None:
    assert references(page(small_book, "home"))["membrane_equation.html#equation-tau"] == "(1.1)"
    assert references(page(small_book, "membrane_equation"))["#equation-tau-two"] == "(1.2)"


def test_only_the_first_of_two_equal_tags_is_the_target(small_book: Path) -> None:
    soup = page(small_book, "membrane_equation")
    targets = soup.select('[id="equation-b-13"]')
    assert len(targets) == 1
    assert "aligned" in targets[0].get_text()


def test_an_equation_away_from_home_is_no_target(small_book: Path) -> None:
    # B.2 lives in the chapter on residual networks, whatever page repeats it.
    assert not page(small_book, "membrane_equation").select('[id="equation-b-2"]')


def test_a_tag_is_never_inside_split(small_book: Path) -> None:
    for block in page(small_book, "membrane_equation").select("div.math"):
        if "\\tag" in block.get_text():
            assert "{split}" not in block.get_text()


def test_mathjax_is_copied_once_and_whole(small_book: Path) -> None:
    mathjax = small_book / "_build" / "html" / "_static" / "mathjax"
    for part in ("startup", "core", "input/tex", "output/chtml", "a11y/assistive-mml", "ui/menu"):
        assert (mathjax / f"{part}.js").is_file(), part
    assert (mathjax / "input" / "tex" / "extensions" / "boldsymbol.js").is_file()
    assert len(list((mathjax / "output" / "chtml" / "fonts" / "woff-v2").glob("*.woff2"))) > 20
    assert (mathjax / "sre" / "mathmaps" / "en.json").is_file()


def test_a_figure_has_its_alternative_text_and_caption(small_book: Path) -> None:
    figure = page(small_book, "widgets").select_one("figure#fig-line")
    assert figure.img["alt"] == "A straight line that rises from zero to one."
    assert "A line." in figure.figcaption.get_text()


def test_each_widget_has_its_still_picture_beside_it(small_book: Path) -> None:
    views = page(small_book, "widgets").select('script[type$="widget-view+json"]')
    stills = [view.find_next_sibling(class_="widget-still") for view in views]
    assert [still and still.img["alt"] for still in stills] == [STILL["image"]["alt"]] * 2 + [None]


def test_a_page_carries_no_state_of_what_it_does_not_show(small_book: Path) -> None:
    script = page(small_book, "widgets").select_one('script[type$="widget-state+json"]')
    states = [entry["state"] for entry in json.loads(script.string)["state"].values()]
    # Not that of the second counter, and not that of the slider, which can't move here.
    assert [state["count"] for state in states] == [3]
    assert not [name for name in states[0] if name.startswith(("_model", "_view", "layout"))]


def test_a_page_carries_the_previews_of_its_links(small_book: Path) -> None:
    previews = json.loads(page(small_book, "home").select_one("script#previews").string)
    assert previews.pop("#term-leak") == (
        "<strong>leak</strong> A conductance \\(w_l &lt; 1\\) that is always open."
    )
    assert previews.pop("membrane_equation.html#equation-tau") == "\\[\\tau = 1\\]"
    assert "\\tag{B.13}" in previews.pop("membrane_equation.html#equation-b-13")
    assert list(previews) == ["membrane_equation.html#equation-a-9"]


def test_pictures_load_when_they_come_near_and_have_a_size(small_book: Path) -> None:
    for picture in page(small_book, "widgets").article.find_all("img"):
        assert picture["loading"] == "lazy"
        assert int(picture["width"]) > int(picture["height"]) > 0


def test_styles_and_icons_that_no_page_uses_are_left_out(small_book: Path) -> None:
    static = small_book / "_build" / "html" / "_static"
    icons = static / "vendor" / "fontawesome"
    font = TTFont(next(icons.glob("*/webfonts/fa-solid-900.woff2")))
    drawn = set(font.getBestCmap())
    assert 0xF0C9 in drawn, "the button of the menu has lost its three bars"
    assert len(drawn) < 100
    assert not list(icons.glob("*/js/*"))
    bootstrap = (static / "styles" / "bootstrap.css").read_text(encoding="utf-8")
    assert ".d-flex" in bootstrap
    assert ".placeholder-glow" not in bootstrap


def test_code_has_an_element_only_where_it_has_a_colour_of_its_own(small_book: Path) -> None:
    built = small_book / "_build" / "html"
    pages = [BeautifulSoup(p.read_text("utf-8"), "html.parser") for p in built.rglob("*.html")]
    pieces = [piece for page in pages for piece in page.select(".highlight span[class]")]
    shown = {name for piece in pieces for name in piece["class"]}
    assert "k" in shown and not shown & {"n", "nn", "o", "p", "w"}
    styles = (built / "_static" / "pygments.css").read_text("utf-8")
    of_text = set(re.findall(r"\.highlight\s*{[^}]*[; ]color: (#\w+)", styles))
    of_pieces = set(re.findall(r"\.(?:nn?|p|w)\s*{color: (#\w+)", styles))
    assert len(of_text) == 2 and of_pieces <= of_text  # in light and in dark


def test_the_typefaces_hold_what_is_written_and_no_more(small_book: Path) -> None:
    fonts = small_book / "_build" / "html" / "_static" / "fonts"
    for name in ("literata", "literata-italic", "inter"):
        whole = TTFont(small_book / "book" / "assets" / "fonts" / f"{name}.woff2")
        part = TTFont(fonts / f"{name}.woff2")
        letters = set(part.getBestCmap())
        assert set(map(ord, "Az09,.")) <= letters
        assert letters < set(whole.getBestCmap())
        assert {"GPOS", "fvar"} <= set(part.keys()), "no kerning, or one weight only"


def test_names_are_those_of_elements_and_the_words_of_scripts() -> None:
    page = '<p class="used sd-1" id="here">unused words<script>add("given")</script></p>'
    formula = r'<span class="math">\(\textcolor{leak}{w x}\)</span>'
    names = known_names([page, formula], ["toggle('other')"])
    assert {"used", "sd-1", "here", "given", "other", "tooltip", "role-leak"} <= names
    assert not names & {"unused", "words", "class", "carousel", "role-input"}


def test_pieces_share_their_texts_and_leave_comments_at_home() -> None:
    shared = "/** What. */\nlet a = 1; /* b */\n"
    texts = {"one": f"{shared}let b = 2;\n", "two": f"{shared}// Why.\nlet c = 3;\n"}
    models = {name: {"state": {"_esm": text, "count": 1}} for name, text in texts.items()}
    page = json.loads(as_json(models))
    parts = [[page["texts"][n] for n in page["state"][name]["texts"]["_esm"]] for name in models]
    start = "let a = 1; /* b */\n"
    assert parts == [[start, "let b = 2;\n"], [start, "let c = 3;\n"]]
    assert len(page["texts"]) == 3
    assert models["one"]["state"]["_esm"] == texts["one"], "the notebook's own state has changed"


def test_a_rule_stays_if_any_of_its_selectors_can_apply() -> None:
    css = """
    /*! By them. */ /* Why. */
    .used, .unused:hover > a { color: red }
    #unused { color: blue }
    a:not(.unused) { color: green }
    @media print { .unused { display: none } .used .sd-1\\/2 { width: 50% } }
    @media screen { .unused { display: none } }
    @font-face { src: url("a.woff2") }
    """
    slim = slim_style(css, known={"used", "sd-1", "2"})
    assert "".join(slim.split()) == (
        "/*!Bythem.*/.used{color:red}a:not(.unused){color:green}@mediaprint{.used.sd-1\\/2{width:50%}}"
        '@font-face{src:url("a.woff2")}'
    )


def test_running_a_notebook_writes_the_setup_cell(small_book: Path) -> None:
    cells = load(small_book / "chapters" / "widgets.ipynb")["cells"]
    assert "".join(cells[1]["source"]) == SETUP_CELL


def test_running_a_notebook_again_leaves_the_same_bytes(small_book: Path) -> None:
    path = small_book / "chapters" / "widgets.ipynb"
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    run(small_book, sys.executable, "-m", "book.execute", "chapters/widgets.ipynb")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    assert "0x0" in path.read_text(encoding="utf-8"), "the address was not zeroed"


def test_zeroing_addresses_leaves_the_code_alone() -> None:
    cell = new_code_cell("mask = 0xdeadbeef  # at 0xdeadbeef", id="a")
    cell.outputs = [nbformat.v4.new_output("stream", text="<A at 0x7f12> 0xff\n")]
    stable = stabilise(new_notebook(cells=[cell])).cells[0]
    assert stable.source == "mask = 0xdeadbeef  # at 0xdeadbeef"
    assert stable.outputs[0].text == "<A at 0x0> 0xff\n"


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        ("import warnings\n\nwarnings.warn('odd')", ValueError, "cell 0 wrote to stderr"),
        ("raise ValueError('no')", CellExecutionError, "(?s)ValueError.*no"),
    ],
)
def test_a_notebook_that_warns_or_fails_is_left_as_it_was(
    tmp_path: Path, source: str, error: type[Exception], message: str
) -> None:
    path = tmp_path / "bad.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(source, id="a")]), path)
    before = path.read_bytes()
    with pytest.raises(error, match=message):
        execute_notebook(path)
    assert path.read_bytes() == before
    assert json.loads(before)["cells"][0]["outputs"] == []
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture(scope="module")
def published(small_book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small book, built in another folder once it has an address."""
    folder = tmp_path_factory.mktemp("published") / "book"
    shutil.copytree(small_book, folder, ignore=shutil.ignore_patterns("_build"))
    for name in ("CITATION.cff", "README.md"):
        shutil.copy(ROOT / name, folder)
    run(folder, sys.executable, "-m", "book.set_repository", ADDRESS.url)
    run(folder, JUPYTER_BOOK, "build", ".", "-W", "-n")
    return folder


def buttons(page: Path) -> list[str]:
    """Return the addresses behind the buttons of a page that lead out of the book."""
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    links = [link["href"] for link in soup.select(".article-header-buttons a[href]")]
    return [href for href in links if href.startswith("http")]


def test_the_buttons_appear_with_the_address(small_book: Path, published: Path) -> None:
    """Built without an address, and with one: no button, and those of Colab and Binder."""
    page = "_build/html/chapters/widgets.html"
    if address(small_book) is None:
        assert buttons(small_book / page) == []
    found = buttons(published / page)
    assert ADDRESS.colab("widgets.ipynb") in found
    assert f"https://mybinder.org/v2/gh/owner/name/v{version(published)}?{OPENED}" in found
    assert all(ADDRESS.url in link or "owner/name" in link for link in found)


def test_a_change_of_one_chapter_writes_few_pages_again(published: Path) -> None:
    (published / "chapters" / "widgets.ipynb").touch()
    said = run(published, JUPYTER_BOOK, "build", ".")
    written = [
        line for line in said.splitlines() if "writing output" in line and "chapters" in line
    ]
    assert not [line for line in written if "membrane_equation" in line], written
    assert references(page(published, "membrane_equation"))["#equation-tau-two"] == "(1.2)"
