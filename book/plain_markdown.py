"""From a page, as Sphinx has resolved it, to Markdown that any notebook program shows.

What MyST adds becomes what all of them know: boxes become quotations, folded parts HTML details,
references the words and numbers that the page shows. The input is the doctree, never text, so that
a role or a label can't be overlooked.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging
from sphinx_design.dropdown import dropdown_main, dropdown_title
from sphinx_exercise.nodes import exercise_enumerable_node, exercise_node, solution_node
from sphinx_proof.nodes import NODE_TYPES, proof_node

from book.previews import formula
from book.roles import uncoloured

logger = logging.getLogger(__name__)
SPECIAL = re.compile(r"[\\`*$\[\]<]|(?<!\w)_|_(?!\w)")
BEGINS_A_BLOCK = re.compile(r"^(#+ |[-+>] |\d+[.)] )")
THEOREMS = tuple(NODE_TYPES.values())
BOXES = (nodes.admonition, nodes.note, nodes.warning, nodes.tip, nodes.important, nodes.sidebar)
UNSEEN = (nodes.target, nodes.raw, nodes.comment, addnodes.index, nodes.substitution_definition)
WRAPPERS = (nodes.container, nodes.compound, nodes.section, nodes.inline, proof_node)


@dataclass(frozen=True)
class Text:
    """A block of Markdown."""

    markdown: str
    begins_cell: bool = False


@dataclass(frozen=True)
class Code:
    """A code cell of the chapter; ``solution`` names the exercise that it solves."""

    index: int
    solution: str = ""


@dataclass(frozen=True)
class Answer:
    """A place for the reader's own answer, before the solution."""

    in_code: bool


Piece = Text | Code | Answer


def escaped(text: str) -> str:
    """Return ``text`` so that Markdown shows it as it is."""
    return SPECIAL.sub(lambda found: "&lt;" if found[0] == "<" else "\\" + found[0], text)


def indented(text: str, first: str, others: str) -> str:
    """Return ``text`` with ``first`` before its first line, ``others`` before the others."""
    lines = text.split("\n")
    return "\n".join([first + lines[0], *((others + line).rstrip() for line in lines[1:])])


def quoted(text: str) -> str:
    """Return ``text`` as a quotation."""
    return indented(text, "> ", "> ")


def folded(title: str, text: str) -> str:
    """Return ``text`` under a title that opens it."""
    return f"<details>\n<summary>{title}</summary>\n\n{text}\n\n</details>"


def cell_of(node: nodes.Node) -> bool:
    """Return whether ``node`` is a code cell."""
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


@dataclass
class Writer:
    """Writes one document.

    ``numbers`` are those of its figures, theorems, exercises and formulas, by kind and name;
    ``headings`` those of its sections; ``link`` says where a link leads from a notebook, and
    ``image`` where a picture is.
    """

    document: str
    numbers: Mapping[str, Mapping[str, tuple[int, ...]]]
    headings: Mapping[str, tuple[int, ...]]
    link: Callable[[nodes.Element], str | None]
    image: Callable[[nodes.image], str]
    exercises: dict[str, str] = field(default_factory=dict)  # the title of each, by its label

    def number(self, kind: str, node: nodes.Element) -> str:
        """Return the number of a figure or its like, as the page shows it."""
        found = (self.numbers.get(kind, {}).get(name) for name in node["ids"])
        return ".".join(map(str, next(filter(None, found), ())))

    # -- a document, as pieces ---------------------------------------------------------------

    def pieces(self, node: nodes.Node, level: int = 0) -> Iterator[Piece]:
        """Yield what ``node`` holds, in order."""
        if cell_of(node):
            yield Code(node["cell_index"])
            yield from (Text(self.caption(figure)) for figure in node.findall(nodes.figure))
        elif isinstance(node, solution_node):
            yield from self.solution(node)
        elif isinstance(node, nodes.section) and isinstance(node.parent, nodes.Structural):
            yield from self.section(node, level + 1)
        elif isinstance(node, nodes.document) or any(map(cell_of, node.findall(nodes.container))):
            for child in node.children:
                yield from self.pieces(child, level)
        elif text := self.block(node):
            yield Text(text)

    def section(self, section: nodes.section, level: int) -> Iterator[Piece]:
        """Yield a section, which begins a cell."""
        names = ["", *(f"#{name}" for name in section["ids"])] if level == 1 else []
        names += [f"#{name}" for name in section["ids"]]
        number = next((self.headings[name] for name in names if name in self.headings), ())
        title, *rest = section.children
        head = "".join(f"{part}." for part in number) + " " if number else ""
        yield Text(f"{'#' * level} {head}{self.words(title)}", begins_cell=True)
        for child in rest:
            yield from self.pieces(child, level)

    def solution(self, solution: solution_node) -> Iterator[Piece]:
        """Yield a place for an answer, then the solution: words folded, code in folded cells."""
        title = self.exercises.get(solution["target_label"], "the exercise")
        content = [piece for child in solution.children[1:] for piece in self.pieces(child)]
        yield Answer(any(isinstance(piece, Code) for piece in content))
        words: list[str] = []
        for piece in [*content, None]:
            if isinstance(piece, Text):
                words.append(piece.markdown)
                continue
            if words:
                yield Text(folded(f"Solution of {title}", "\n\n".join(words)))
                words = []
            if isinstance(piece, Code):
                yield Code(piece.index, title)

    # -- blocks ------------------------------------------------------------------------------

    def blocks(self, parent: nodes.Element, but: int = 0) -> str:
        """Return the children of ``parent`` as Markdown, without the first ``but``."""
        return "\n\n".join(filter(None, map(self.block, parent.children[but:])))

    def block(self, node: nodes.Node) -> str:
        """Return a block as Markdown."""
        if isinstance(node, UNSEEN):
            return ""
        for kind, write in RULES:
            if isinstance(node, kind):
                return write(self, node)
        if isinstance(node, WRAPPERS):
            return self.blocks(node)
        if isinstance(node, (nodes.Inline, nodes.Text)):
            return self.words_of(node)
        logger.warning("%s: plain notebooks have no rule for %s", self.document, node.tagname)
        return escaped(node.astext())

    def paragraph(self, node: nodes.Element) -> str:
        return BEGINS_A_BLOCK.sub(r"\\\1", self.words(node))

    def math_block(self, node: nodes.math_block) -> str:
        tex = uncoloured(formula(node))
        number = self.number("displaymath", node)
        if number and r"\tag" not in tex:
            tex = f"{tex}\n\\tag{{{number}}}"
        return tex if node.get("nowrap") else f"$$\n{tex}\n$$"

    def literal_block(self, node: nodes.literal_block) -> str:
        language = node.get("language", "").replace("default", "").replace("ipython3", "python")
        return f"```{language}\n{node.astext().rstrip()}\n```"

    def bullets(self, node: nodes.Element) -> str:
        ordered = isinstance(node, nodes.enumerated_list)
        marks = (f"{i}. " if ordered else "- " for i in range(node.get("start", 1), 10_000))
        items = (
            indented(self.blocks(item), mark, " " * len(mark))
            for mark, item in zip(marks, node.children, strict=False)
        )
        return "\n".join(items)

    def definitions(self, node: nodes.Element) -> str:
        lines = []
        for item in node.children:
            terms = " or ".join(self.words(term) for term in item.findall(nodes.term))
            meaning = "\n\n".join(self.blocks(part) for part in item.findall(nodes.definition))
            lines.append(indented(f"**{terms}**: {meaning}", "- ", "  "))
        return "\n".join(lines)

    def table(self, node: nodes.table) -> str:
        # A bar in a formula would be a border.
        for written in node.findall(nodes.math):
            tex = written.astext().replace(r"\|", r"\Vert ").replace("|", r"\vert ")
            written.children = [nodes.Text(tex)]
        rows = [[self.entry(entry) for entry in row.children] for row in node.findall(nodes.row)]
        rows.insert(1, ["---"] * len(rows[0]))
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)

    def entry(self, node: nodes.Element) -> str:
        """Return a cell of a table: one line, in which a bar is no border."""
        text = self.blocks(node).replace("\n\n", "<br>").replace("\n", " ")
        return re.sub(r"(?<!\\)\|", r"\\|", text)

    def box(self, node: nodes.Element) -> str:
        """Return an admonition or a note in the margin as a quotation."""
        if isinstance(node.children[0], nodes.title):
            title, but = self.words(node.children[0]), 1
        else:
            title, but = ("Proof" if "proof" in node["classes"] else node.tagname.title()), 0
        return quoted(f"**{title}**\n\n{self.blocks(node, but)}")

    def theorem(self, node: nodes.Element) -> str:
        number = self.number(node["countertype"], node)
        title = f"{node['realtype'].title()} {number}{self.subtitle(node.children[0])}"
        return quoted(f"**{title}**\n\n{self.blocks(node, 1)}")

    def exercise(self, node: nodes.Element) -> str:
        title = f"Exercise {self.number('exercise', node)}{self.subtitle(node.children[0])}"
        self.exercises[node["label"]] = title.partition(" (")[0]
        return quoted(f"**{title}**\n\n{self.blocks(node, 1)}")

    def subtitle(self, title: nodes.Element) -> str:
        """Return what a title adds to its number, with a space before it."""
        words = self.words(title).strip()
        return f" {words}" if words else ""

    def dropdown(self, node: nodes.Element) -> str:
        title, body = node.children
        proofs = [child for child in body.children if isinstance(child, proof_node)]
        if len(proofs) == len(body.children) == 1:  # it says so already
            body = proofs[0].children[0]
        return folded(self.words(title), self.blocks(body))

    def figure(self, node: nodes.figure) -> str:
        images = [self.picture(image) for image in node.findall(nodes.image)]
        return "\n\n".join([*images, self.caption(node)])

    def picture(self, node: nodes.image) -> str:
        return f"![{escaped(node.get('alt', ''))}]({self.image(node)})"

    def caption(self, figure: nodes.figure) -> str:
        """Return the caption of a figure, with its number."""
        words = next((self.words(c) for c in figure.findall(nodes.caption)), "")
        number = self.number("figure", figure)
        return f"**Fig. {number}.** {words}" if number else words

    def bibliography(self, node: nodes.Element) -> str:
        """Return an entry of the list of references."""
        return f"- {self.words(node.children[1])}"

    def see_also(self, node: nodes.Element) -> str:
        """Return links into the reference, where they can lead there."""
        links = list(node.findall(nodes.reference))
        return quoted(self.blocks(node, 1)) if links and self.link(links[0]) else ""

    # -- words -------------------------------------------------------------------------------

    def words(self, parent: nodes.Element) -> str:
        """Return the inline children of ``parent`` as Markdown, without space at the ends."""
        return "".join(map(self.words_of, parent.children)).strip()

    def words_of(self, node: nodes.Node) -> str:
        """Return an inline node as Markdown."""
        match node:
            case nodes.Text():
                return escaped(node.astext())
            case nodes.math():
                return f"${uncoloured(node.astext().strip())}$"
            case nodes.literal():
                return self.literal(node.astext())
            case nodes.emphasis():
                return f"*{self.words(node)}*"
            case nodes.strong():
                return f"**{self.words(node)}**"
            case nodes.reference() | addnodes.number_reference():
                words, target = self.words(node), self.link(node)
                return f"[{words}](<{target}>)" if target else words
            case nodes.image():
                return self.picture(node)
            case nodes.target() | nodes.raw() | addnodes.index():
                return ""
            case nodes.Element():
                return "".join(map(self.words_of, node.children))
        return ""

    @staticmethod
    def literal(code: str) -> str:
        """Return inline code, between more backticks than it holds in a row."""
        most = max(map(len, re.findall("`+", code)), default=0)
        mark, space = "`" * (most + 1), " " if most else ""
        return f"{mark}{space}{code}{space}{mark}"


RULES: tuple[tuple[Any, Callable[[Writer, Any], str]], ...] = (
    (nodes.citation, Writer.bibliography),
    (nodes.math_block, Writer.math_block),
    ((exercise_node, exercise_enumerable_node), Writer.exercise),
    (dropdown_main, Writer.dropdown),
    (dropdown_title, Writer.paragraph),
    (addnodes.seealso, Writer.see_also),
    (THEOREMS, Writer.theorem),
    (BOXES, Writer.box),
    (nodes.figure, Writer.figure),
    (nodes.image, Writer.picture),
    (nodes.literal_block, Writer.literal_block),
    ((nodes.bullet_list, nodes.enumerated_list), Writer.bullets),
    (nodes.definition_list, Writer.definitions),
    (nodes.table, Writer.table),
    (nodes.block_quote, lambda self, node: quoted(self.blocks(node))),
    ((nodes.paragraph, nodes.rubric, nodes.caption), Writer.paragraph),
)
