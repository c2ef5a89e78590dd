"""Tiny digits that have to be kept: rows of a picture, then blank rows, and only then the question.

Chapter: ``reading_digits``.
"""

from __future__ import annotations

from dataclasses import replace

import torch

from ltcbook.data import tasks
from ltcbook.data.own import signed
from ltcbook.data.sequences import Sequences
from ltcbook.data.tasks import TaskData

__all__ = ["waiting", "waiting_digits"]

BLANKS = 8


def waiting(part: Sequences, blanks: int, span: float = 1.0) -> Sequences:
    """The same images, then so many blank rows; a row takes ``span``.

    >>> part = waiting(tasks.load("digits").test, blanks=3, span=0.1)
    >>> part.inputs.shape, float(part.inputs[:, -3:].abs().max())
    (torch.Size([250, 11, 8]), 0.0)
    """
    empty = torch.zeros(len(part), blanks, part.inputs.shape[2])
    inputs = torch.cat([part.inputs, empty], dim=1)
    clock = None if span == 1 else torch.full(inputs.shape[:2], span)
    return replace(part, inputs=inputs, timespans=clock)


def waiting_digits(span: float, name: str) -> TaskData:
    """The tiny digits, to be named after eight blank rows; by which clock says ``span``.

    >>> waiting_digits(0.1, "slow").test.inputs.shape
    torch.Size([250, 16, 8])
    """
    digits = tasks.load("digits")
    train, validation, test = (
        waiting(part, BLANKS, span) for part in (digits.train, digits.validation, digits.test)
    )
    task = replace(digits, train=train, validation=validation, test=test, name=name, provenance={})
    return signed(task, __name__)
