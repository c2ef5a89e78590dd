"""Digits that have to be kept: nothing but the wait is added, and both clocks see the same rows."""

import pytest
import torch

from ltcbook import data
from ltcbook.data import variants
from ltcbook.data.waiting import BLANKS, waiting


@pytest.mark.parametrize("blanks", [0, 1, 5])
def test_the_rows_are_those_of_the_picture_and_then_blank(blanks):
    part = data.load("digits").test
    longer = waiting(part, blanks)
    assert torch.equal(longer.inputs[:, :8], part.inputs)
    assert longer.inputs.shape[1] == 8 + blanks and not longer.inputs[:, 8:].any()
    assert torch.equal(longer.targets, part.targets) and longer.timespans is None


def test_the_slow_clock_sees_the_same_rows():
    fast, slow = (variants.load(name) for name in ("digits-waiting", "digits-waiting-slow"))
    assert fast.train.inputs.shape[1] == 8 + BLANKS
    for one, other in zip(
        (fast.train, fast.validation, fast.test),
        (slow.train, slow.validation, slow.test),
        strict=True,
    ):
        assert torch.equal(one.inputs, other.inputs) and one.timespans is None
        assert torch.equal(other.timespans, torch.full_like(other.inputs[..., 0], 0.1))
    assert fast.fingerprint != slow.fingerprint
