"""Each chapter as a plain notebook, which reads well where there is no MyST.

They lie in ``notebooks/`` of the built pages. The download buttons give them, Colab opens them, the
zip file holds them. Their words come from the page as Sphinx has resolved it (`plain_markdown`),
their code and outputs from the chapter. Widgets have no state, for they are live; solutions have no
outputs, for a reader has not solved them yet.
"""

import base64
import mimetypes
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import nbformat
from docutils import nodes
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from sphinx.application import Sphinx

from book.address import Address, address, version
from book.execute import METADATA
from book.notebook import FOLDED, PROMPT
from book.plain_markdown import Answer, Code, Piece, Text, Writer
from book.setup_cell import TITLE, installing_cell
from book.widget_state import VIEW

FOLDER = "notebooks"
ABOUT = (
    "*A chapter of* Liquid Time-Constant Networks: An Executable Textbook{link}. *Formulas with a "
    "number such as (B.13) are the papers’. Solutions are folded: their words open at a click, and "
    "their code cells show when you unfold them.*"
)


def is_chapter(app: Sphinx, document: str) -> bool:
    """Return whether a document is a notebook."""
    return Path(app.env.doc2path(document)).suffix == ".ipynb"


class Links:
    """Where the links of a page lead from its plain notebook.

    With an address, to the published pages. Without, to the other notebooks, which lie beside it;
    there is nothing else that it could rely on.
    """

    def __init__(self, app: Sphinx, document: str, where: Address | None) -> None:
        self.app, self.document = app, document
        self.base = where and urljoin(where.pages, app.builder.get_target_uri(document))

    def target(self, reference: nodes.Element) -> str | None:
        """Return where ``reference`` leads, None if it can lead nowhere."""
        target = str(reference.get("refuri") or "")
        if urlsplit(target).netloc or target.startswith("mailto:"):
            return target
        if self.base:
            return urljoin(self.base, target or f"#{reference.get('refid', '')}")
        if not target:
            return None
        page = urljoin(self.app.builder.get_target_uri(self.document), target.partition("#")[0])
        name = page.removesuffix(".html")
        known = name in self.app.env.found_docs and is_chapter(self.app, name)
        return f"{Path(name).name}.ipynb" if known else None


class Pictures:
    """The pictures of a chapter's text: attachments, or those of the published pages."""

    def __init__(self, app: Sphinx, where: Address | None) -> None:
        self.app, self.where = app, where
        self.attached: dict[str, dict[str, str]] = {}

    def address(self, image: nodes.image) -> str:
        """Return where a notebook finds ``image``."""
        name = Path(image["uri"]).name  # as the page has it, whose images are copied last
        if self.where:
            return f"{self.where.pages}_images/{name}"
        images = self.app.builder.images
        source = Path(self.app.srcdir, next(one for one in images if images[one] == name))
        kind = mimetypes.guess_type(source.name)[0] or "image/png"
        data = base64.b64encode(source.read_bytes()).decode("ascii")
        self.attached[source.name] = {kind: data}
        return f"attachment:{source.name}"


class Maker:
    """Makes the plain notebook of one chapter."""

    def __init__(self, source: NotebookNode, pictures: Pictures, setup: str, prompt: str) -> None:
        self.source, self.pictures, self.setup, self.prompt = source, pictures, setup, prompt
        self.done = 0  # index of the first cell of the chapter that is not in the notebook yet

    def notebook(self, pieces: Iterable[Piece]) -> NotebookNode:
        """Return the notebook: neighbouring texts are one cell, unless a section begins."""
        cells: list[NotebookNode] = []
        texts: list[str] = []
        for piece in [*pieces, None]:
            if texts and not (isinstance(piece, Text) and not piece.begins_cell):
                cells.append(self.text("\n\n".join(texts)))
                texts = []
            if isinstance(piece, Text):
                texts.append(piece.markdown)
            elif isinstance(piece, Answer):
                cells.append(answer(piece))
            elif isinstance(piece, Code):
                cells += self.unseen(piece.index)
                cells.append(self.code(piece))
        for number, cell in enumerate(cells):
            cell.id = f"plain-{number:03}"  # the same in each build
        colab = {"colab": {"provenance": [], "toc_visible": True}}
        return new_notebook(cells=cells, metadata=METADATA | colab)

    def unseen(self, before: int) -> Iterator[NotebookNode]:
        """Yield the cells of code before another that the page does not show at all."""
        for index in range(self.done, before):
            old = self.source.cells[index]
            if old.cell_type == "code" and "remove-cell" in old.metadata.get("tags", []):
                yield self.code(Code(index))
        self.done = before

    def text(self, markdown: str) -> NotebookNode:
        """Return a cell of text, with the pictures that it shows."""
        shown = {k: v for k, v in self.pictures.attached.items() if f"attachment:{k}" in markdown}
        cell = new_markdown_cell(markdown)
        if shown:
            cell.attachments = shown
        return cell

    def code(self, piece: Code) -> NotebookNode:
        """Return a code cell: folded if the chapter folds it, or if it solves an exercise."""
        old = self.source.cells[piece.index]
        tags = old.metadata.get("tags", [])
        outputs = [] if piece.solution else list(still(old.outputs))
        source = self.setup if "setup" in tags else old.source
        title = f"Solution of {piece.solution}" if piece.solution else ""
        if not title and (FOLDED | {"remove-cell"}).intersection(tags):
            prompt = old.metadata.get("mystnb", {}).get(PROMPT, self.prompt)
            title = TITLE if "setup" in tags else prompt
        cell = new_code_cell(source, execution_count=old.execution_count, outputs=outputs)
        return fold(cell, title) if title else cell


def fold(cell: NotebookNode, title: str) -> NotebookNode:
    """Return ``cell`` collapsed, in the ways of JupyterLab, of VS Code and of Colab."""
    if not cell.source.startswith("# @title"):
        cell.source = f"# @title {title}\n{cell.source}"
    cell.metadata = nbformat.from_dict({"cellView": "form", "jupyter": {"source_hidden": True}})
    return cell


def answer(piece: Answer) -> NotebookNode:
    """Return the cell for a reader's answer."""
    if piece.in_code:
        return new_code_cell("# Your answer\n")
    return new_markdown_cell("*Your answer:*")


def still(outputs: Iterable[NotebookNode]) -> Iterator[NotebookNode]:
    """Yield outputs without views of widgets, whose state is not there; their pictures stay."""
    for output in outputs:
        if VIEW in output.get("data", {}):
            output = nbformat.from_dict(output)
            del output["data"][VIEW]
            if not any(kind.startswith("image/") for kind in output["data"]):
                continue
        yield output


def make(app: Sphinx, document: str, doctree: nodes.document) -> NotebookNode:
    """Return the plain notebook of a chapter, from its page's ``doctree``."""
    where = address(Path(app.srcdir))
    links, pictures = Links(app, document, where), Pictures(app, where)
    writer = Writer(
        document,
        app.env.toc_fignumbers.get(document, {}),
        app.env.toc_secnumbers.get(document, {}),
        links.target,
        pictures.address,
    )
    title, *rest = writer.pieces(doctree)
    link = f" ([its page]({links.base}))" if links.base else ""
    pieces = [title, Text(ABOUT.format(link=link)), *rest]
    source = nbformat.read(app.env.doc2path(document), as_version=4)
    setup = installing_cell(where, version(Path(app.srcdir)))
    return Maker(source, pictures, setup, app.config[f"nb_{PROMPT}"]).notebook(pieces)


def write(app: Sphinx, page: str, context: dict[str, Any], doctree: nodes.document) -> None:
    """Write the plain notebook of a page, and let its buttons lead there."""
    if not is_chapter(app, page):
        return
    path = Path(app.outdir, FOLDER, f"{Path(page).name}.ipynb")
    path.parent.mkdir(exist_ok=True)
    notebook = make(app, page, doctree)
    nbformat.validate(notebook)
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    where = address(Path(app.srcdir))
    there = {
        "download-source-button": f"{context['pathto'](FOLDER, 1)}/{path.name}",
        "Colab": where and where.colab(path.name),
    }
    for button in buttons(context.get("header_buttons", [])):
        if target := there.get(button.get("label", "")) or there.get(button.get("text", "")):
            button["url"] = target
    # No link leads to the chapter's own source any more: Sphinx lays no copy of it beside the page.
    context["sourcename"] = ""


def buttons(groups: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the buttons of the theme, those within groups too."""
    for one in groups:
        yield one
        yield from buttons(one.get("buttons", []))
