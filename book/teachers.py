"""What the page for teachers and the sheets print from the chapters' cards."""

from docutils import nodes

from book.cards import Card, cards
from book.chapter_graph import svg
from book.registers import Generated

LINES = 3  # to write on, below an exercise


class FromCards(Generated):
    """A directive that is read again when a chapter changes."""

    shows = ("book/cards.py", "book/chapter_graph.py", "book/teachers.py")

    def run(self) -> list[nodes.Node]:
        for name in cards():
            self.env.note_dependency(str(self.env.doc2path(f"chapters/{name}")))
        return super().run()


class ChapterGraph(FromCards):
    """``{ltcbook-chapter-graph}``: which chapter builds on which, drawn."""

    def content_now(self) -> list[nodes.Node]:
        return [nodes.raw("", svg(cards()), format="html")]


class Goals(FromCards):
    """``{ltcbook-goals}``: what each chapter needs, what it is good for, how long it takes."""

    def content_now(self) -> list[nodes.Node]:
        return self.parse("\n\n".join(goal(name, c) for name, c in cards().items()))


class Sheets(FromCards):
    """``{ltcbook-sheets}``: a page to print for each chapter."""

    def content_now(self) -> list[nodes.Node]:
        found: list[nodes.Node] = []
        for name, c in cards().items():
            section = self.section(c.title, f"sheet-{name}", sheet(name, c))
            section["classes"].append("sheet")
            found.append(section)
        return found


def needed(c: Card) -> str:
    """Return the chapters that a chapter needs, those that only help in brackets."""
    links = [f"({{ref}}`{n.chapter}`)" if n.helps else f"{{ref}}`{n.chapter}`" for n in c.needs]
    return ", ".join(links) or "–"


def goal(name: str, c: Card) -> str:
    """Return a chapter and what it is good for, as an entry of a list."""
    head = f"{{ref}}`{name}`, {c.minutes} minutes"
    return f"{head}\n: {c.goals[0].upper()}{c.goals[1:]} *It needs:* {needed(c)}."


def sheet(name: str, c: Card) -> str:
    """Return what stands on the sheet of a chapter."""
    exercises = [f"1. {title}\n" + "\n".join(["   <br>"] * LINES) for title in c.exercises]
    return "\n\n".join(
        (
            f"{{ref}}`The chapter <{name}>`, {c.minutes} minutes. *It needs:* {needed(c)}.",
            f"**Afterwards you can** {c.goals}",
            "**To take home**",
            "\n".join(c.summary),
            "**Exercises** (● a quarter of an hour, ●● an hour at most, ●●● an afternoon or more)",
            "\n".join(exercises),
        )
    )
