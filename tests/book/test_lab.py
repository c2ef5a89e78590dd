"""A chapter in a real JupyterLab, in a real browser: what `make lab` and Binder open."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, Page, expect

from tests.book.helpers import ROOT, give_up

CHAPTER = "membrane_equation.ipynb"
KERNEL_STARTS, CHAPTER_RUNS = 60_000, 180_000  # ms, at most
# All cells are in the page, and nothing is asked of the network.
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
# The chapter's own piece, whatever its name is.
PIECE = """\
import gc
from ltcbook.teaching.widgets import MembraneStepper
piece = [o for o in gc.get_objects() if issubclass(type(o), MembraneStepper)]
print("steps:", sum(len(one.history) for one in piece))"""
# Every live piece, a prediction and an exploration, a cell each.
PIECES = (
    "FiveNetworks()",
    "MembraneStepper('millivolt')",
    "MotifBench('mutual exclusion')",
    "SynapseExplorer('ctrnn_vsigm+s_synaptic')",
    "DescriptorExplorer('ctrnn_vsigm+s_synaptic')",
    "ResNetToODE(2)",
    "TrainHere()",
    "TugOfWar()",
    "Clicks()",
    "SigmoidStack()",
    "RobotTheatre('walker2d')",
    "Prediction()",
    "Exploration(lambda time_constant: Figure(), time_constant=FloatSlider())",
)
NEEDED = """\
from ipywidgets import FloatSlider
from matplotlib.figure import Figure
from ltcbook.teaching.widgets import *"""
# Words of a piece that are printed over others, and sliders without a name.
FAULTS = """(piece) => {
    const shown = (e) => e.checkVisibility() && !e.closest(".hidden, details:not([open]) > div");
    const words = [...piece.querySelectorAll("dt, dd, output, label, button, p")].filter(shown);
    const over = (a, b) => a.right > b.left + 2 && b.right > a.left + 2 &&
        a.bottom > b.top + 3 && b.bottom > a.top + 3;
    const found = words.flatMap((a, k) => words.slice(k + 1)
        .filter((b) => !a.contains(b) && over(a.getBoundingClientRect(), b.getBoundingClientRect()))
        .map((b) => `${a.textContent} over ${b.textContent}`));
    const nameless = [...piece.querySelectorAll("input[type=range]")]
        .filter((e) => !e.labels.length && !e.ariaLabel);
    return [...found, ...nameless.map((e) => `nameless: ${e.outerHTML}`)];
}"""
SOLVE = 'print("so it is", sealed.check(tau=tau, equilibrium=equilibrium))'


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab on a copy of a chapter, with settings of its own."""
    if not find_spec("jupyterlab") or not find_spec("jupyterlab_myst"):
        give_up("no JupyterLab here (python tools/make.py test installs it): it is NOT tested")
    home = tmp_path_factory.mktemp("lab")
    (home / "chapters").mkdir()
    shutil.copy(ROOT / "chapters" / CHAPTER, home / "chapters")
    cells = [new_code_cell(source) for source in (NEEDED, *PIECES)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    nbformat.write(new_notebook(cells=cells, metadata=kernel), home / "chapters" / "pieces.ipynb")
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    variables = {name: str(home / name) for name in folders} | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--port=0"]
    command += ["--ip=127.0.0.1", f"--ServerApp.root_dir={home / 'chapters'}"]
    settings = home / "settings" / "@jupyterlab"
    for name, value in SETTINGS.items():
        file = settings / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(value), encoding="utf-8")
    variables["JUPYTERLAB_SETTINGS_DIR"] = str(home / "settings")
    server = subprocess.Popen(
        command, cwd=home, env=os.environ | variables, stderr=subprocess.PIPE, text=True
    )
    said = []
    for line in server.stderr:
        said.append(line)
        if found := re.search(r"http://127\.0\.0\.1:\d+/lab\?token=\w+", line):
            yield found[0]
            break
    else:
        pytest.fail("".join(said))
    server.terminate()
    server.communicate(timeout=30)


@pytest.fixture(scope="module")
def chapter(lab: str, chromium: Browser) -> Iterator[Page]:
    """The chapter in JupyterLab, all of its cells run."""
    page = opened(lab, chromium, CHAPTER)
    yield page
    page.close()


@pytest.fixture(scope="module")
def pieces(lab: str, chromium: Browser) -> Iterator[Page]:
    """A notebook with every live piece in JupyterLab, all of its cells run."""
    page = opened(lab, chromium, "pieces.ipynb")
    yield page
    page.close()


def opened(lab: str, chromium: Browser, notebook: str) -> Page:
    """Open a notebook in JupyterLab, and nothing that was open before; run all of its cells."""
    page = chromium.new_page(viewport={"width": 1400, "height": 1000})
    page.goto(lab.replace("/lab?", f"/lab/tree/{notebook}?reset&"))
    expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=KERNEL_STARTS)
    choose(page, "Edit", "Clear Outputs of All Cells")
    prompts = page.locator(".jp-CodeCell .jp-InputPrompt")
    for patience in (10_000, 20_000, 40_000):  # a notebook that still loads drops the command
        choose(page, "Run", "Run All Cells")
        with contextlib.suppress(AssertionError):
            expect(prompts.first).not_to_have_text("[ ]:", timeout=patience)
            break
    expect(prompts.last).to_have_text(re.compile(r"\[\d+\]:"), timeout=CHAPTER_RUNS)
    return page


def choose(page: Page, menu: str, entry: str) -> None:
    """Choose an entry of a menu."""
    page.get_by_role("menuitem", name=menu, exact=True).click()
    page.get_by_role("menuitem", name=entry, exact=True).click()


def ask(page: Page, code: str, answer: re.Pattern[str]) -> str:
    """Run ``code`` in a new cell at the end; return what it prints, once it is an ``answer``."""
    cells = page.locator(".jp-CodeCell")
    count = cells.count()
    page.get_by_role("button", name="Click to add a cell.").evaluate("(e) => e.click()")
    expect(cells).to_have_count(count + 1)
    cell = cells.last
    cell.locator(".cm-content").focus()
    page.keyboard.insert_text(code)
    page.keyboard.press("Control+Enter")
    output = cell.locator(".jp-OutputArea-output").first
    expect(output).to_contain_text(answer, timeout=KERNEL_STARTS)
    return output.inner_text()


def test_the_chapter_runs_without_a_fault(chapter: Page) -> None:
    faults = chapter.locator('.jp-OutputArea-output[data-mime-type*="error"]')
    assert faults.count() == 0, faults.first.inner_text()


def test_its_words_are_shown_as_the_page_shows_them(chapter: Page) -> None:
    card = chapter.locator(".jp-MarkdownCell", has_text="Before you start").first
    card.scroll_into_view_if_needed()
    expect(card.locator("aside")).to_be_visible()
    assert ":::" not in card.inner_text() and "{ref}" not in card.inner_text()


def test_formulas_with_coloured_terms_are_set_in_ink(chapter: Page) -> None:
    card = chapter.locator(".jp-MarkdownCell", has_text="one synapse of each kind").first
    card.scroll_into_view_if_needed()
    term = card.locator(".katex-html [style*='color:excitatory']").first
    expect(term).to_be_visible()
    ink = "(e) => getComputedStyle(e).color"
    assert term.evaluate(ink) == card.locator(".katex").first.evaluate(ink)
    assert chapter.locator(".katex-error").count() == 0


def test_a_step_of_the_membrane_reaches_the_kernel(chapter: Page) -> None:
    count = re.compile(r"steps: \d+")
    before = ask(chapter, PIECE, count)
    button = chapter.get_by_role("button", name=re.compile("^Step")).first
    button.scroll_into_view_if_needed()
    button.click()
    after = ask(chapter, PIECE, count)
    assert int(after.split()[-1]) == int(before.split()[-1]) + 1


def test_a_sealed_exercise_is_solved(chapter: Page) -> None:
    assert "equilibrium: found" in ask(chapter, SOLVE, re.compile("so it is tau: "))


def test_every_piece_is_legible_and_its_sliders_have_names(pieces: Page) -> None:
    faults = pieces.locator('.jp-OutputArea-output[data-mime-type*="error"]')
    assert faults.count() == 0, faults.first.inner_text()
    found = pieces.locator(".jp-OutputArea-output .ltcbook")
    expect(found).to_have_count(len(PIECES) - 1)
    for piece in found.all():
        assert piece.evaluate(FAULTS) == [], piece.get_attribute("aria-label")
    assert pieces.locator(".widget-label").all_inner_texts() == ["time constant"]
    label = pieces.locator(".widget-label")
    assert label.evaluate("(e) => e.scrollWidth <= e.clientWidth"), "the name is cut off"
