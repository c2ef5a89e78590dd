"""Sphinx extension: directives that print the package's registers, so that no page repeats them."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata


class Generated(SphinxDirective):
    """A directive whose content is Markdown written by Python."""

    def parse(self, markdown: str) -> list[nodes.Node]:
        """Return the nodes of ``markdown``."""
        holder = nodes.container()
        holder.document = self.state.document
        self.state.nested_parse(StringList(markdown.splitlines(), self.env.docname), 0, holder)
        return holder.children

    def section(self, title: str, name: str, markdown: str) -> nodes.section:
        """Return a section with its own link target ``name``."""
        target = nodes.make_id(name)
        section = nodes.section(ids=[target], names=[nodes.fully_normalize_name(title)])
        section += nodes.title("", title)
        section += self.parse(markdown)
        return section


def equations() -> Mapping[str, Any]:
    """Return the register of equations."""
    from ltcbook.equations import register

    return register


def display(equation: Any) -> str:
    """Return ``equation`` as a tagged display formula."""
    return f"$$\n{equation.latex.strip()} \\tag{{{equation.number}}}\n$$\n"


def as_printed(equation: Any) -> str:
    """Return the formula, its meaning and, where the print is wrong, the correction."""
    parts = [display(equation), equation.meaning, ""]
    if equation.correction:
        parts += [":::{admonition} Corrected", ":class: warning"]
        parts += ["$$", equation.correction.strip(), "$$", equation.note, ":::", ""]
    elif equation.note:
        parts += [":::{note}", equation.note, ":::", ""]
    return "\n".join(parts)


class Equations(Generated):
    """``{ltcbook-equations} A.9 B.13``: these equations as printed, with what they mean."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        register = equations()
        wanted = self.arguments[0].split()
        return self.parse("\n".join(as_printed(register[number]) for number in wanted))


class EquationRegister(Generated):
    """``{ltcbook-equation-register}``: every numbered equation of both papers, a section each."""

    def run(self) -> list[nodes.Node]:
        return [self.entry(equation) for equation in equations().values()]

    def entry(self, equation: Any) -> nodes.section:
        markdown = (
            f"{as_printed(equation)}\n"
            f"In the paper: {equation.place}. "
            f"In this book: {{doc}}`/chapters/{equation.chapter}`. "
            f'In Python: `ltcbook.equations["{equation.number}"]`.\n\n'
            f"{dropdown('The function', listing(equation.function))}\n"
        )
        return self.section(equation.number, f"register-{equation.number}", markdown)


class TheoremRegister(Generated):
    """``{ltcbook-theorem-register}``: every theorem and claim, its conditions, proof and checks."""

    def run(self) -> list[nodes.Node]:
        from ltcbook.theorems import theorems

        return [self.entry(theorem) for theorem in theorems.values()]

    def entry(self, theorem: Any) -> nodes.section:
        cited = ", ".join(f"{{eq}}`{number}`" for number in theorem.equations)
        parts = [
            f"In the paper: {theorem.place}. In this book: {{doc}}`/chapters/{theorem.chapter}`."
            + (f" About {cited}." if cited else ""),
            admonition("As printed", "note", theorem.printed),
            admonition("Conditions", "important", theorem.conditions) if theorem.conditions else "",
            f"**What holds.** {theorem.statement}",
            dropdown("Proof", theorem.proof),
            f"**Where it fails.** {theorem.counterexample_text}"
            if theorem.counterexample_text
            else "",
            dropdown(
                "The check, and the counter-example", listing(theorem.check, theorem.counterexample)
            ),
        ]
        title = f"{theorem.id}: {theorem.title}"
        return self.section(title, f"register-{theorem.id}", "\n\n".join(filter(None, parts)))


class Notation(Generated):
    """``{ltcbook-notation}``: each symbol in both papers' letters and in the code."""

    def run(self) -> list[nodes.Node]:
        from ltcbook.notation import SYMBOLS

        rows = [
            (
                s.meaning,
                math(s.paper_a),
                math(s.paper_b),
                code(s.code),
                s.unit or "–",
                cite(s.first),
            )
            for s in SYMBOLS
        ]
        head = ("Meaning", "Paper A", "Paper B", "In the code", "Unit", "First in")
        return self.parse(table(head, (29, 12, 15, 14, 16, 14), rows))


def admonition(title: str, style: str, text: str) -> str:
    """Return ``text`` in a box."""
    return f":::::{{admonition}} {title}\n:class: {style}\n{text}\n:::::"


def dropdown(title: str, text: str) -> str:
    """Return ``text`` folded under ``title``."""
    return f":::::{{dropdown}} {title}\n{text}\n:::::"


def listing(*functions: Callable[..., object]) -> str:
    """Return the source of functions, as code."""
    sources = "\n\n\n".join(inspect.getsource(function).rstrip() for function in functions)
    return f"```python\n{sources}\n```"


def math(letters: str) -> str:
    """Return LaTeX as inline mathematics; a dash where a paper has no letter."""
    return f"${letters.strip('$')}$" if letters else "–"


def code(names: str) -> str:
    """Return names, separated by commas, as inline code."""
    return ", ".join(f"`{name.strip()}`" for name in names.split(",")) if names else "–"


def cite(place: str) -> str:
    """Return the number of an equation as a link; any other place as it is."""
    return f"{{eq}}`{place}`" if place in equations() else place


def table(head: Iterable[str], widths: Iterable[int], rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown; ``widths`` are the relative widths of its columns."""
    options = [":header-rows: 1", f":widths: {' '.join(map(str, widths))}", ":class: fixed-columns"]
    lines = ["```{list-table}", *options, ""]
    for row in (head, *rows):
        first, *others = row
        lines += [f"* - {first}", *(f"  - {cell}" for cell in others)]
    return "\n".join([*lines, "```"])


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directives with Sphinx."""
    app.add_directive("ltcbook-equations", Equations)
    app.add_directive("ltcbook-equation-register", EquationRegister)
    app.add_directive("ltcbook-theorem-register", TheoremRegister)
    app.add_directive("ltcbook-notation", Notation)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
