"""Answerable predictions, for one short cell of a chapter.

>>> from ltcbook.teaching.predict import choose, estimate, predict
>>> predict(
...     choose("Longer or shorter?", ["longer", "shorter"], answer="shorter", why="It leaks."),
...     estimate("By what factor?", low=0, high=1, answer=0.5, within=0.1, why="Half is open."),
... )
Prediction(2 to answer)

Appendix: ``how_to_read``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from ltcbook.checks import unknown_name
from ltcbook.teaching.widgets.prediction import Prediction

Question = dict[str, Any]
"""A question as the page gets it; :func:`choose`, :func:`estimate` and :func:`draw` make it."""


def predict(*questions: Question) -> Prediction:
    """A widget with these questions, closed until each is answered or skipped.

    Raises:
        ValueError: there is no question.

    >>> question = choose("Longer?", ["yes", "no"], answer="no", why="Channels leak.")
    >>> widget = predict(question)
    >>> len(widget.questions)
    1
    """
    if not questions:
        raise ValueError("predict needs at least one question, of choose(), estimate() or draw()")
    return Prediction(list(questions))


def choose(text: str, choices: Sequence[str], *, answer: str, why: str) -> Question:
    """A question with answers to choose from.

    Args:
        text: the question; letters between asterisks are set as in formulas, here and below.
        choices: two or more.
        answer: which of them is right.
        why: one or two sentences, shown with the answer.

    Raises:
        ValueError: fewer than two choices, or an answer that is none of them.

    >>> question = choose("Longer?", ["yes", "no"], answer="no", why="Channels leak.")
    >>> question["kind"]
    'choose'
    """
    if len(choices) < 2:
        raise ValueError(f"choices must be at least two, got {len(choices)}")
    if answer not in choices:
        unknown_name("answer", answer, choices)
    at = list(choices).index(answer)
    return {"kind": "choose", "text": text, "choices": list(choices), "answer": at, "why": why}


def estimate(
    text: str, *, low: float, high: float, answer: float, within: float, why: str, unit: str = ""
) -> Question:
    """A question whose answer is a number.

    Args:
        text, why: as in :func:`choose`.
        low, high: ends of the line on which the answer is marked.
        answer: what is right; in a chapter, computed.
        within: how far off still counts as right.
        unit: written after numbers.

    Raises:
        ValueError: a number is not finite, or low is not below high.

    >>> question = estimate("How far?", low=0, high=1, answer=0.5, within=0.1, why="Half way.")
    >>> question["kind"], question["answer"]
    ('number', 0.5)
    """
    numbers = {"low": low, "high": high, "answer": answer, "within": within}
    for name, value in numbers.items():
        if not math.isfinite(value):
            raise ValueError(f"{name} must be a finite number, got {value!r}")
    if low >= high:
        raise ValueError(f"low must be below high, got {low!r} and {high!r}")
    numbers = {name: float(value) for name, value in numbers.items()}
    return {"kind": "number", "text": text, **numbers, "unit": unit, "why": why}


def draw(
    text: str,
    *,
    x: tuple[float, float],
    y: tuple[float, float],
    answer: Iterable[Sequence[float]],
    why: str,
    x_title: str = "",
    y_title: str = "",
) -> Question:
    """A question whose answer is a curve to draw.

    Args:
        text, why: as in :func:`choose`.
        x, y: limits of both axes.
        answer: points (x, y) of the right curve, x rising.
        x_title, y_title: of the axes.

    Raises:
        ValueError: fewer than two points, or an x that does not rise.

    >>> question = draw("How?", x=(0, 1), y=(0, 1), answer=[(0, 1), (1, 0)], why="It falls.")
    >>> question["kind"]
    'draw'
    """
    points = [[float(a), float(b)] for a, b in answer]
    rising = all(one[0] < other[0] for one, other in zip(points, points[1:], strict=False))
    if len(points) < 2 or not rising:
        raise ValueError("answer must be at least two points (x, y) whose x rises")
    titles = {"x_title": x_title, "y_title": y_title}
    limits = {"x": list(map(float, x)), "y": list(map(float, y))}
    return {"kind": "draw", "text": text, **limits, **titles, "answer": points, "why": why}
