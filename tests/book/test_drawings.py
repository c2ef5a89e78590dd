"""A drawing made light: the same picture, in half the bytes."""

import io
import re
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from playwright.sync_api import Browser, Page

from book.drawings import MARK, light, light_path, lighten_drawing

SEEN = 80  # of 255 steps of grey: more than the soft edge of a line changes


@pytest.fixture
def drawing() -> str:
    figure = Figure(figsize=(5, 3))
    axes = figure.add_subplot()
    x = np.linspace(0, 3, 400)
    axes.plot(x, np.sin(7 * x), label="a wave")
    axes.plot(x[::40], np.cos(x[::40]), "o--", label="and points")
    axes.fill_between(x, -0.5, np.exp(-x), alpha=0.3, hatch="/")
    axes.imshow(np.eye(3), extent=(2, 3, -1, 0), aspect="auto")
    axes.annotate("here", (1, 0.5), (2, 0.9), arrowprops={"arrowstyle": "->"}, rotation=20)
    axes.set_xlabel(r"time $\tau_{sys}$")
    axes.legend()
    text = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "a"}):
        figure.savefig(text, format="svg")
    return text.getvalue()


def pixels(page: Page, svg: str, folder: Path) -> np.ndarray:
    """Return what a browser draws of ``svg``, as grey."""
    file = folder / "drawing.svg"
    file.write_text(svg, encoding="utf-8")
    page.goto(file.as_uri())
    return np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("L"), dtype=int)


def test_a_light_drawing_looks_the_same(drawing: str, chromium: Browser, tmp_path: Path) -> None:
    page = chromium.new_page(viewport={"width": 500, "height": 300})
    before, after = (pixels(page, svg, tmp_path) for svg in (drawing, light(drawing)))
    page.close()
    assert before.std() > 10, "nothing was drawn"
    assert np.abs(before - after).max() < SEEN


def test_a_light_drawing_has_half_the_bytes_and_every_name_it_asks_for(drawing: str) -> None:
    slim = light(drawing)
    assert len(slim) < 0.6 * len(drawing)
    root = ElementTree.fromstring(slim)
    names = [element.get("id") for element in root.iter() if "id" in element.attrib]
    assert len(names) == len(set(names))
    asked = {e.get("href") for e in root.iter() if str(e.get("href")).startswith("#")}
    assert asked and asked <= {f"#{name}" for name in names}


def test_errors_do_not_add_up() -> None:
    path = "M 0 0 " + " ".join(f"L {0.004 * n} 0.3" for n in range(1, 1001))
    steps = re.sub("[lhv-]", lambda found: f" {found[0].strip('lhv')}", light_path(path)[4:])
    assert sum(map(float, steps.split())) == pytest.approx(0.3 + 4, abs=0.02)


def test_what_is_no_drawing_of_matplotlib_stays(tmp_path: Path, drawing: str) -> None:
    file = tmp_path / "own.svg"
    file.write_text('<svg xmlns="http://www.w3.org/2000/svg"><path d="m1 1a2 2"/></svg>')
    before = file.read_bytes()
    lighten_drawing(file)
    assert file.read_bytes() == before
    file.write_text(drawing, encoding="utf-8")
    lighten_drawing(file)
    once = file.read_bytes()
    lighten_drawing(file)
    assert file.read_bytes() == once and MARK.encode() not in once
    with pytest.raises(ValueError, match="no path of Matplotlib: A"):
        light_path("M 1 1 A 2 2")
