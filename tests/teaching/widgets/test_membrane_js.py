"""The JavaScript arithmetic of the membrane stepper, in node, against the equation register."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ltcbook.papers.equations import register
from ltcbook.teaching.widgets.membrane_math import (
    METHODS,
    Membrane,
    Synapse,
    first_row,
    rescale,
    verdict,
)

Node = Callable[[str, Any], Any]


def random_case(rng: np.random.Generator, own: bool) -> dict[str, Any]:
    """A random neuron, its potential, and B.13's own answer for it."""
    count = int(rng.integers(0, 6))
    made = [
        Synapse(
            w=rng.uniform(0, 3),
            a=rng.uniform(0, 8),
            b=rng.uniform(-1, 1),
            e=float(rng.choice([-1.0, 1.0])),
            x=None if own and rng.random() < 0.4 else rng.uniform(-1, 1),
        )
        for _ in range(count)
    ]
    membrane = Membrane(
        C=rng.uniform(0.2, 3),
        w_l=rng.uniform(0.01, 1),
        e_l=rng.uniform(-0.5, 0.5),
        dt=rng.uniform(0.01, 2),
        synapses=tuple(made),
    )
    x = rng.uniform(-2, 2)
    return {"p": asdict(membrane), "x": x, "membrane": membrane}


def b13(membrane: Membrane, x: float) -> float:
    """B.13 from the register, called as its users call it, for a neuron with given inputs."""
    before = [x if s.x is None else s.x for s in membrane.synapses]
    n = len(before) + 1
    w, a, b, e = (np.zeros((n, n)) for _ in range(4))
    for j, s in enumerate(membrane.synapses, start=1):
        # The widget is in mode v, sigma(a (x + b)); the print has sigma(a x + b).
        w[j, 0], a[j, 0], b[j, 0], e[j, 0] = s.w, s.a, s.a * s.b, s.e
    rates = register["B.13"](
        x=[x, *before], w_l=membrane.w_l, e_l=membrane.e_l, w=w, a=a, b=b, e=e, C=membrane.C
    )
    return float(rates[0])


@pytest.fixture(scope="module", params=[False, True], ids=["given-inputs", "from-itself"])
def cases(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    rng = np.random.default_rng(13)
    return [random_case(rng, own=request.param) for _ in range(60)]


def ask(node: Node, front_ends: Path, cases: list[dict[str, Any]], expression: str) -> list[Any]:
    script = (
        f'import * as m from "{(front_ends / "membrane_math.js").as_uri()}";\n'
        f"console.log(JSON.stringify(data.map(({{p, x}}) => {expression})));"
    )
    result = node(script, [{"p": case["p"], "x": case["x"]} for case in cases])
    assert isinstance(result, list)
    return result


def test_the_derivative_is_b13(node: Node, front_ends: Path, cases: list[dict[str, Any]]) -> None:
    got = ask(node, front_ends, cases, "m.derivative(p, x)")
    np.testing.assert_allclose(got, [b13(c["membrane"], c["x"]) for c in cases], rtol=1e-11)


def test_every_method_takes_the_same_step_as_in_python(
    node: Node, front_ends: Path, cases: list[dict[str, Any]]
) -> None:
    assert ask(node, front_ends, cases[:1], "m.METHODS") == [list(METHODS)]
    got = ask(node, front_ends, cases, "m.METHODS.map((name) => m.next(p, x, name))")
    wanted = [[c["membrane"].next(c["x"], method) for method in METHODS] for c in cases]
    np.testing.assert_allclose(got, wanted, rtol=1e-11, atol=1e-12)


def test_six_rows_of_history_are_the_same_as_in_python(
    node: Node, front_ends: Path, cases: list[dict[str, Any]]
) -> None:
    some = cases[:8]
    run = "Array.from({length: 5}).reduce((r) => [...r, m.advance(p, r.at(-1))], [m.firstRow(x)])"
    got = ask(node, front_ends, some, run)
    for case, rows in zip(some, got, strict=True):
        wanted = list(case["membrane"].run(case["x"], 5))
        assert rows[0] == first_row(case["x"])
        for row, python in zip(rows, wanted, strict=True):
            assert row.keys() == python.keys()
            for name in ("t", "exact", "path", *METHODS):
                np.testing.assert_allclose(row[name], python[name], rtol=1e-9, atol=1e-10)


def test_the_pulls_add_up_to_the_way_to_the_equilibrium(
    node: Node, front_ends: Path, cases: list[dict[str, Any]]
) -> None:
    got = ask(node, front_ends, cases, "m.pulls(p, x)")
    for case, pulls in zip(cases, got, strict=True):
        rate, drive = case["membrane"].linear_form(case["x"])
        assert sum(pulls) == pytest.approx(drive / rate - case["x"], abs=1e-10)
        assert len(pulls) == 1 + len(case["membrane"].synapses)


@pytest.mark.parametrize(("old", "new"), [("unit", "millivolt"), ("millivolt", "unit")])
def test_the_scales_translate_as_in_python(
    node: Node, front_ends: Path, cases: list[dict[str, Any]], old: Any, new: Any
) -> None:
    expression = f'm.rescale({{...p, x0: x}}, "{old}", "{new}")'
    for case, got in zip(cases, ask(node, front_ends, cases, expression), strict=True):
        membrane, x0 = rescale(case["membrane"], case["x"], old, new)
        wanted = {**asdict(membrane), "x0": x0}
        for name in ("C", "w_l", "e_l", "dt", "x0"):
            assert got[name] == pytest.approx(wanted[name], rel=1e-12, abs=1e-12)
        for mine, theirs in zip(got["synapses"], wanted["synapses"], strict=True):
            assert (mine.pop("x") is None) == (theirs.pop("x") is None)
            assert mine == pytest.approx(theirs, rel=1e-12, abs=1e-12)


def test_the_words_are_those_of_python(node: Node, front_ends: Path) -> None:
    ratios = [0.0, 0.5, 1.0, 1.001, 1.999, 2.0, 2.001, 30.0]
    got = ask(node, front_ends, [{"p": None, "x": r} for r in ratios], "m.verdict(x)")
    assert got == [verdict(r) for r in ratios]


def test_an_exploding_potential_stays_a_number(node: Node, front_ends: Path) -> None:
    p = {"C": 1, "w_l": 2, "e_l": 0, "dt": 3, "synapses": []}
    run = "Array.from({length: 60}).reduce((r) => m.advance(p, r), m.firstRow(x))"
    (row,) = ask(node, front_ends, [{"p": p, "x": 1.0}], run)
    assert abs(row["explicit"]) == 1e15
    assert row["exact"] == pytest.approx(0, abs=1e-12)


def test_an_unknown_method_is_refused(node: Node, front_ends: Path) -> None:
    p = {"C": 1, "w_l": 2, "e_l": 0, "dt": 3, "synapses": []}
    attempt = '(() => { try { m.next(p, x, "leapfrog"); } catch (e) { return e.message; } })()'
    (message,) = ask(node, front_ends, [{"p": p, "x": 1.0}], attempt)
    assert message == "method leapfrog is none of explicit, semi_implicit, exponential"
