"""What the tests of the book share: the built pages, a small book of its own, a browser."""

import shutil
import sys
from pathlib import Path

import nbformat
import pytest
from filelock import FileLock
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.book.helpers import ROOT, STILL, run

COUNTER = '''\
import traitlets
from matplotlib.figure import Figure

from ltcbook.teaching.widgets.front_end import BookWidget


class Counter(BookWidget):
    _esm = """
    export default {
      initialize({ model }) { model.set("started", model.get("started") + 1); },
      render({ model, el }) {
        const button = document.createElement("button");
        const show = () => {
          const bytes = new Uint8Array(model.get("raw").buffer);
          button.textContent = `${model.get("count")} ${model.get("started")} ${bytes.join("-")}`;
        };
        button.addEventListener("click", () => {
          model.set("count", model.get("count") + 1);
          model.save_changes();
        });
        model.on("change:count change:started", show);
        show();
        el.append(button);
      },
    };
    """
    _css = "button { border: 3px solid rgb(1, 2, 3); }"
    count = traitlets.Int(3).tag(sync=True)
    started = traitlets.Int(0).tag(sync=True)
    raw = traitlets.Bytes(bytes([7, 8])).tag(sync=True)

    def figure(self):
        return Figure(figsize=(2, 1))


unseen = Counter()
counter = Counter()
counter'''

PAGES = {
    "chapters/home.md": r"""# Home

See {eq}`B.13`, {eq}`A.9`, {eq}`tau` and {numref}`fig-line`, and the {term}`leak`.

:::{glossary}
leak
    A conductance $w_l < 1$ that is *always* open.
:::
""",
    "chapters/membrane_equation.md": r"""# The membrane equation

$$
\tau = 1
$$ (tau)

$$
\begin{aligned}
C \dot{x} &= w (e - x) \\
y &= 0
\end{aligned}
\tag{B.13}
$$

Again $$ a = b \tag{B.13} $$ and one that lives elsewhere: $$ x = y \tag{B.2} $$

\begin{equation}
\dot{x} = 0 \tag{A.9}
\end{equation}

$$
\tau = 2
$$ (tau-two)

See {eq}`tau-two`.
""",
}
TOC = """\
format: jb-book
root: chapters/home
parts:
  - numbered: true
    chapters:
      - file: chapters/membrane_equation
      - file: chapters/widgets
"""


def widget_notebook() -> nbformat.NotebookNode:
    """Return a notebook with a plot, a widget shown twice, a plain slider and an address."""
    figure = {
        "image": {"alt": "A straight line that rises from zero to one."},
        "figure": {"name": "fig-line", "caption": "A line."},
    }
    return new_notebook(
        cells=[
            new_markdown_cell("# Widgets", id="title"),
            new_code_cell("", id="setup", metadata={"tags": ["setup", "hide-input"]}),
            new_code_cell(
                "import matplotlib.pyplot as plt\n\nplt.plot([0, 1]);",
                id="plot",
                metadata={"mystnb": figure},
            ),
            new_code_cell(COUNTER, id="counter", metadata={"mystnb": STILL}),
            new_code_cell("counter", id="again", metadata={"mystnb": STILL}),
            new_code_cell("import ipywidgets\n\nipywidgets.IntSlider()", id="slider"),
            new_code_cell("object()", id="address"),
        ]
    )


def make_book(folder: Path) -> None:
    """Build a book of three pages in ``folder``, with the real configuration."""
    for name in (
        "_config.yml",
        "pyproject.toml",
        "THIRD_PARTY.md",
        "book",
        "chapters/references.bib",
    ):
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    for name, text in PAGES.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "_toc.yml").write_text(TOC, encoding="utf-8")
    nbformat.write(widget_notebook(), folder / "chapters" / "widgets.ipynb")
    run(folder, sys.executable, "-m", "book.execute", "chapters/widgets.ipynb")
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    run(folder, str(jupyter_book), "build", ".", "-W", "-n", "--keep-going")


@pytest.fixture(scope="session")
def small_book(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return the folder of a small book; it is built once, by the first process that wants it."""
    own = tmp_path_factory.getbasetemp()
    folder = (own if worker_id == "master" else own.parent) / "small_book"
    made = folder.with_suffix(".made")
    with FileLock(folder.with_suffix(".lock")):
        if not made.exists():
            make_book(folder)
            made.touch()
    return folder
