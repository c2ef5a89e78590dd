"""Answerable predictions: the place where a reader answers before reading on."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from ltcbook.teaching.widgets.front_end import BookWidget, join_modules, join_styles

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Prediction(BookWidget):
    """Questions to answer before reading on, in the page and in the notebook.

    Made by :func:`ltcbook.teaching.predict.predict`. The answers stay closed until the reader has
    answered or skipped. What a reader answers is kept nowhere.

    Args:
        questions: as :mod:`ltcbook.teaching.predict` makes them; three to look at, if not given.

    >>> from ltcbook.teaching.predict import choose, predict
    >>> made = predict(choose("Up?", ["up", "down"], answer="up", why="It is driven."))
    >>> type(made).__name__, len(made.questions)
    ('Prediction', 1)

    Appendix: ``how_to_read``.
    """

    _esm: ClassVar[str] = join_modules("kit.js", "prediction.js")
    _css: ClassVar[str] = join_styles("kit.css", "prediction.css")

    questions = traitlets.List(traitlets.Dict()).tag(sync=True)

    def __init__(self, questions: list[dict[str, Any]] | None = None) -> None:
        super().__init__(questions=_EXAMPLES if questions is None else questions)

    def __repr__(self) -> str:
        return f"Prediction({len(self.questions)} to answer)"

    def figure(self) -> Figure:
        """A still picture: the questions, and what there is to choose."""
        import matplotlib as mpl  # here, for importing the package shall stay quick
        from matplotlib.figure import Figure

        from ltcbook.teaching.figures import use_style

        lines: list[str] = []
        for question in self.questions:
            lines += textwrap.wrap(question["text"].replace("*", ""), 84)
            lines += [f"    ○  {choice.replace('*', '')}" for choice in question.get("choices", ())]
            lines.append("")
        with mpl.rc_context():
            use_style()
            figure = Figure(figsize=(7.0, 0.3 + 0.22 * len(lines)))
            figure.text(0.01, 0.97, "\n".join(lines), va="top", fontsize=10, parse_math=False)
        return figure


_EXAMPLES: list[dict[str, Any]] = [
    {
        "kind": "choose",
        "text": "Which of the two?",
        "choices": ["the first", "the second"],
        "answer": 0,
        "why": "",
    },
    {
        "kind": "number",
        "text": "How many?",
        "low": 0.0,
        "high": 1.0,
        "answer": 0.5,
        "within": 0.1,
        "unit": "",
        "why": "",
    },
    {
        "kind": "draw",
        "text": "Which curve?",
        "x": [0.0, 1.0],
        "y": [0.0, 1.0],
        "x_title": "x",
        "y_title": "y",
        "answer": [[0.0, 0.0], [1.0, 1.0]],
        "why": "",
    },
]
