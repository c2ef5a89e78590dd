"""What holds for the front end of every interactive piece."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ltcbook.teaching import widgets
from ltcbook.teaching.widgets.front_end import BookWidget

# An exploration is no piece of the page: it needs a kernel, and has no front end of its own.
ALL: list[type[BookWidget]] = [
    kind
    for kind in (getattr(widgets, name) for name in widgets.__all__)
    if isinstance(kind, type) and issubclass(kind, BookWidget)
]
every_widget = pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)


@every_widget
def test_the_front_end_is_one_valid_module_without_imports(
    kind: type[BookWidget], tmp_path: Path
) -> None:
    text = str(kind._esm)
    assert re.search(r"^import\b", text, re.MULTILINE) is None
    assert len(re.findall(r"^export default\b", text, re.MULTILINE)) == 1
    program = shutil.which("node")
    if program is None:
        pytest.skip("node is not installed: the front ends are NOT parsed here")
    file = tmp_path / "front_end.mjs"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run([program, "--check", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@every_widget
def test_the_front_end_asks_no_other_host(kind: type[BookWidget]) -> None:
    for text in (str(kind._esm), str(kind._css)):
        addresses = set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s\"')]*", text))
        assert addresses <= {"http://www.w3.org/2000/svg"}
        assert "@import" not in text and "url(" not in text.replace("url(#$", "")


@every_widget
def test_every_control_has_a_name_and_every_picture_a_text(
    kind: type[BookWidget], mounted: Callable[..., Any]
) -> None:
    page = mounted(kind())
    unnamed = page.evaluate(
        """[...document.querySelectorAll("button, input, select, output, [role=img], [role=group]")]
            .filter((node) => !node.closest("[hidden]"))
            .filter((node) => !(node.ariaLabel || node.labels?.length || node.textContent.trim()))
            .map((node) => node.outerHTML)"""
    )
    assert unnamed == []
    pictures = page.evaluate(
        """[...document.querySelectorAll("svg")]
            .filter((node) => !node.closest("[aria-hidden=true]") && !node.ariaLabel)
            .map((node) => node.outerHTML.slice(0, 80))"""
    )
    assert pictures == []
    assert page.complaints == []


@every_widget
def test_focus_is_visible_on_everything_that_can_have_it(
    kind: type[BookWidget], mounted: Callable[..., Any]
) -> None:
    page = mounted(kind())
    seen = 0
    for _ in range(60):
        page.keyboard.press("Tab")
        style = page.evaluate(
            """(() => {
                const at = document.activeElement;
                if (at === document.body) return null;
                const shown = at.type === "radio" ? at.nextElementSibling : at;
                return getComputedStyle(shown).outlineStyle + getComputedStyle(shown).outlineWidth;
            })()"""
        )
        if style is None:
            break
        assert style == "solid3px"
        seen += 1
    assert seen >= 2  # at most four controls are in view at first


@every_widget
def test_the_books_theme_leaves_the_piece_as_it_is(
    kind: type[BookWidget], mounted: Callable[..., Any]
) -> None:
    """The theme styles lists, tables and Bootstrap's class names; colours and room are our own."""
    packages = Path(pytest.importorskip("sphinx_book_theme").__file__).parent.parent
    pydata = packages / "pydata_sphinx_theme/theme/pydata_sphinx_theme/static/styles"
    book = packages / "sphinx_book_theme/theme/sphinx_book_theme/static/styles"
    sheets = [
        *(pydata / name for name in ("bootstrap.css", "theme.css", "pydata-sphinx-theme.css")),
        book / "sphinx-book-theme.css",
    ]
    page = mounted(kind(), theme="dark")
    looks = """() => [...document.querySelectorAll(".ltcbook, .ltcbook *")]
        .filter((node) => !node.closest("svg, .hidden, [hidden]"))
        .map((node) => {
            const style = getComputedStyle(node);
            const names = ["color", "backgroundColor", "marginTop", "marginBottom", "marginLeft",
                "paddingLeft", "borderTopWidth", "borderLeftWidth"];
            return [node.tagName + "." + node.className, ...names.map((name) => style[name])];
        })"""
    bare = page.evaluate(looks)
    page.evaluate(
        """(texts) => {
            document.getElementById("widget").classList.add("bd-article");
            const first = document.head.firstChild;
            for (const text of texts) {
                const style = document.createElement("style");
                style.textContent = text;
                first.before(style);
            }
        }""",
        [sheet.read_text(encoding="utf-8") for sheet in sheets],
    )
    primary = "getComputedStyle(document.body).getPropertyValue('--pst-color-primary')"
    assert page.evaluate(primary) != ""  # the theme is in force
    themed = page.evaluate(looks)
    assert [pair for pair in zip(bare, themed, strict=True) if pair[0] != pair[1]] == []


@every_widget
def test_jupyterlab_floats_no_facts(kind: type[BookWidget], mounted: Callable[..., Any]) -> None:
    """JupyterLab's style sheet floats the terms and descriptions of lists in an output."""
    page = mounted(kind())
    page.evaluate(
        """() => {
            document.getElementById("widget").classList.add("jp-RenderedHTMLCommon");
            const style = document.createElement("style");
            style.textContent = `
                .jp-RenderedHTMLCommon dt { float: left; clear: left; width: 20%; }
                .jp-RenderedHTMLCommon dd { float: left; width: 80%; }`;
            document.head.append(style);
        }"""
    )
    floating = page.evaluate(
        """[...document.querySelectorAll("dt, dd")]
            .filter((node) => getComputedStyle(node).float !== "none").length"""
    )
    assert floating == 0
