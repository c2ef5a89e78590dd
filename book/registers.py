"""Directives that print the package's registers, so that no page repeats them."""

import inspect
import re
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.domains.std import StandardDomain
from sphinx.util.docutils import SphinxDirective

from book.address import ROOT


class Generated(SphinxDirective):
    """A directive whose content is Markdown written by Python.

    ``shows`` names the files and folders that decide what it says, from the root of the checkout:
    a page is read again when one of them has changed.
    """

    shows: tuple[str, ...] = ()

    def run(self) -> list[nodes.Node]:
        """Return the content, and note on what it depends."""
        for path in (Path(__file__), *map(ROOT.joinpath, self.shows)):
            for file in path.rglob("*.py") if path.is_dir() else [path]:
                self.env.note_dependency(str(file))
        return self.content_now()

    @abstractmethod
    def content_now(self) -> list[nodes.Node]:
        """Return the content."""

    def parse(self, markdown: str) -> list[nodes.Node]:
        """Return the nodes of ``markdown``."""
        holder = nodes.container()
        holder.document = self.state.document
        self.state.nested_parse(StringList(markdown.splitlines(), self.env.docname), 0, holder)
        return holder.children

    def target(self, name: str, title: str) -> str:
        """Return ``name`` in lower case and hyphens; every page can cite it so, by ``{ref}``."""
        target = nodes.make_id(name)
        standard = cast(StandardDomain, self.env.get_domain("std"))
        standard.note_hyperlink_target(target, self.env.docname, target, title)
        return target

    def section(self, title: str, name: str, markdown: str) -> nodes.section:
        """Return a section that any page can cite by its ``name``, see :meth:`target`."""
        section = nodes.section(
            ids=[self.target(name, title)], names=[nodes.fully_normalize_name(title)]
        )
        section += nodes.title("", title)
        section += self.parse(markdown)
        return section


def equations() -> Mapping[str, Any]:
    """Return the register of equations."""
    from ltcbook.papers.equations import register

    return register


def as_printed(equation: Any) -> str:
    """Return the formula, its meaning and, where the print is wrong, the correction."""
    formula = f"$$\n{equation.latex.strip()} \\tag{{{equation.number}}}\n$$\n"
    parts = [formula, equation.meaning, ""]
    if equation.correction:
        parts += [":::{admonition} Corrected", ":class: warning"]
        parts += ["$$", equation.correction.strip(), "$$", equation.note, ":::", ""]
    elif equation.note:
        parts += [":::{note}", equation.note, ":::", ""]
    return "\n".join(parts)


class EquationRegister(Generated):
    """``{ltcbook-equation-register}``: every numbered equation of both papers, a section each."""

    shows = ("ltcbook/papers/equations",)

    def content_now(self) -> list[nodes.Node]:
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

    shows = ("ltcbook/papers/theorems", "ltcbook/papers/equations")

    def content_now(self) -> list[nodes.Node]:
        from ltcbook.papers.theorems import theorems

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


class Errata(Generated):
    """``{ltcbook-errata}``: what is wrong or missing in the papers, by paper and kind."""

    shows = ("ltcbook/papers/errata", "ltcbook/papers/equations")

    def content_now(self) -> list[nodes.Node]:
        from ltcbook.papers.errata import errata

        return [
            *self.parse(errata_summary(errata.values())),
            *(self.paper(paper, errata.values()) for paper in PAPERS),
        ]

    def paper(self, paper: str, entries: Iterable[Any]) -> nodes.section:
        from ltcbook.papers.errata import KINDS

        mine = [erratum for erratum in entries if erratum.id.startswith(f"{paper}.")]
        section = self.section(PAPERS[paper], f"errata-{paper}", "")
        for kind, (title, meaning) in KINDS.items():
            some = [erratum for erratum in mine if erratum.kind == kind]
            if some:
                part = self.section(f"{title} in {paper}", f"errata-{paper}-{kind}", meaning)
                part += [self.entry(erratum) for erratum in some]
                section += part
        return section

    def entry(self, erratum: Any) -> nodes.section:
        chapter = f"{{doc}}`/chapters/{erratum.chapter}`"
        parts = [
            f"**Printed.** {erratum.printed}",
            f"**Right.** {linked(erratum.correct)}",
            f"**Why.** {linked(erratum.why)}",
            f"In this book: {chapter}. Test: `{erratum.test}`.",
        ]
        title = f"{erratum.id}: {erratum.where}"
        return self.section(title, f"register-{erratum.id}", "\n\n".join(parts))


class ExecutionTimes(Generated):
    """``{ltcbook-execution-times}``: what each notebook took when its outputs were made."""

    shows = ("results/execution_times.json",)

    def content_now(self) -> list[nodes.Node]:
        from book.times import read

        times = read()
        rows = [
            (f"{{doc}}`/chapters/{name}`", f"{t['seconds']:.0f}", t["date"], machine_of(t))
            for name, t in sorted(times.items(), key=lambda item: -item[1]["seconds"])
        ]
        rows.append(("All", f"{sum(t['seconds'] for t in times.values()):.0f}", "", ""))
        titles, widths = ("Notebook", "Seconds", "Run on", "With"), (40, 12, 16, 32)
        machines = {machine_of(t) for t in times.values()}
        if len(machines) > 1:
            return self.parse(table(titles, widths, rows))
        short = table(titles[:-1], (54, 20, 26), [row[:-1] for row in rows])
        return self.parse(f"All were run with {', '.join(machines)}.\n\n{short}")


class Notation(Generated):
    """``{ltcbook-notation}``: each symbol in both papers' letters and in the code."""

    shows = ("ltcbook/papers/notation.py", "ltcbook/papers/equations")

    def content_now(self) -> list[nodes.Node]:
        from ltcbook.papers.notation import SYMBOLS

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
        return self.parse(table(head, (23, 13, 16, 17, 15, 16), rows))


PAPERS = {
    "A": "Paper A, Neural Regulatory Networks",
    "B": "Paper B, On the Benefits of Biophysical Synapses",
}


def errata_summary(entries: Iterable[Any]) -> str:
    """Return how many errata of each kind each paper has, as a table."""
    from ltcbook.papers.errata import KINDS

    found = [(erratum.id[0], erratum.kind) for erratum in entries]
    rows = [
        (title, *(str(found.count((paper, kind))) for paper in PAPERS), meaning)
        for kind, (title, meaning) in KINDS.items()
    ]
    totals = (str(sum(paper == p for p, _ in found)) for paper in PAPERS)
    rows.append(("All", *totals, ""))
    return table(("Kind", "A", "B", "What it is"), (20, 8, 8, 64), rows)


def linked(text: str) -> str:
    """Return Markdown in which the numbers of equations and theorems lead to them."""
    pieces = re.split(r"(\$[^$]*\$|`[^`]*`)", text)  # formulas and code stay as they are
    for i, piece in enumerate(pieces[::2]):
        piece = re.sub(r"\b[AB]\.\d+\b", lambda m: cite(m[0]), piece)
        theorem = r"{ref}`\g<0> <register-\1-\2\3>`"
        pieces[2 * i] = re.sub(r"\b([AB])\.([ST])(\d+)\b", theorem, piece)
    return re.sub(r"<register-\w-\w+>", lambda m: m[0].lower(), "".join(pieces))


class Claims(Generated):
    """``{ltcbook-claims}``: the papers' claims, each with its rule and the verdict of the store."""

    shows = ("ltcbook/experiments",)

    def content_now(self) -> list[nodes.Node]:
        from ltcbook.experiments import decide, report, runs
        from ltcbook.experiments.ledger import CLAIMS

        rows = ROOT / "results" / "runs" / "rows.csv"
        if rows.is_file():
            self.env.note_dependency(str(rows))
        evidence = report.book_evidence(runs())
        return [self.entry(claim, decide(claim, evidence)) for claim in CLAIMS]

    def entry(self, claim: Any, finding: Any) -> nodes.section:
        from ltcbook.experiments.claims import answer, headline

        rule = "" if claim.untestable else f" *Rule.* {claim.rule[0].upper()}{claim.rule[1:]}."
        markdown = (
            f"> {claim.quote}\n>\n> — {claim.id[0]}, {claim.where}\n\n"
            f"*Question.* {claim.question}{rule}\n\n{answer(claim, finding)}"
        )
        return self.section(headline(claim, finding), f"claim-{claim.id}", markdown)


def machine_of(time: Mapping[str, Any]) -> str:
    """Return on what a notebook was run, in a few words."""
    versions = time["versions"]
    return f"{time['machine']}, Python {versions['python']}, PyTorch {versions['torch']}"


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
