"""Helpers of the experiments' tests: made-up rows, and a small cache."""

import pytest

from ltcbook.experiments.store import COLUMNS, Record


@pytest.fixture
def record():
    """A maker of records: ``record("id", test_loss=0.1, curves=[(1, 0.5, 0.4)])``."""

    def make(run="a" * 16, curves=(), groups=(), steps=(), **given):
        row = dict.fromkeys(COLUMNS)
        row |= {
            "run": run,
            "purpose": "final",
            "task": "digits",
            "model": "SA-LTC",
            "input_map": "synaptic",
            "init": "midpoint",
            "hidden_size": 4,
            "seed": 0,
            "learning_rate": 0.01,
            "validation_loss": 0.25,
            "diverged": False,
            "stopped": "",
            "solver": "euler",
            "data": "d",
            "numerics": 1,
            "split_seed": 0,
            "device": "cpu",
            "versions": "v",
            "commit": "c",
        }
        return Record({**row, **given}, list(curves), list(groups), list(steps))

    return make
