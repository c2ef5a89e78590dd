"""The JavaScript of Table 3, in node, against ltcbook for all 144 descriptors."""

from __future__ import annotations

import dataclasses
import difflib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import ltcbook
from ltcbook.analysis.rewriting import rewrite
from ltcbook.nn.descriptor import TypeDescriptor
from ltcbook.papers.equations import register
from ltcbook.teaching.widgets import SynapseExplorer

Node = Callable[[str, Any], Any]
EVERY = [str(descriptor) for descriptor in TypeDescriptor.all()]


def ask(node: Node, front_ends: Path, data: Any, expression: str) -> Any:
    module = (front_ends / "table3.js").as_uri()
    script = f'import * as m from "{module}";\nconsole.log(JSON.stringify({expression}));'
    return node(script, data)


def test_every_descriptor_is_read_and_printed_as_in_python(node: Node, front_ends: Path) -> None:
    spelled = [text.replace("ctrnn_", "ctrrn-").replace("_", "-") for text in EVERY]
    for texts in (EVERY, spelled):
        parts = ask(node, front_ends, texts, "data.map(m.parse)")
        assert parts == [dataclasses.asdict(TypeDescriptor.parse(text)) for text in texts]
        assert ask(node, front_ends, texts, "data.map((t) => m.print(m.parse(t)))") == EVERY
    wrong = ["", "ctrnn_vsigm+s", "ctrnn_relu_linear", "ctrnn_s+vsigm_linear", " " + EVERY[0]]
    assert ask(node, front_ends, wrong, "data.map(m.parse)") == [None] * len(wrong)


def test_the_allowed_parts_are_those_of_the_grammar(node: Node, front_ends: Path) -> None:
    parts = ask(node, front_ends, None, "m.PARTS")
    assert {name: tuple(values) for name, values in parts.items()} == TypeDescriptor.ALLOWED


def test_one_synapse_carries_the_current_of_the_models_own_synapses(
    node: Node, front_ends: Path
) -> None:
    rng = np.random.default_rng(3)
    cases = []
    for text in EVERY:
        numbers = dict(zip("waexy", rng.uniform(0, 2, 5), strict=True))
        cases.append({"text": text, **numbers, "b": rng.uniform(-2, 2)})
    openings, currents = ask(
        node,
        front_ends,
        cases,
        "[data.map((c) => m.opening(m.parse(c.text), c, c.x)),"
        " data.map((c) => m.current(m.parse(c.text), c, c.x, c.y))]",
    )
    for case, opening, current in zip(cases, openings, currents, strict=True):
        explorer = SynapseExplorer(case.pop("text"), **case)
        assert opening == pytest.approx(float(explorer.opening()), rel=1e-12)
        assert current == pytest.approx(float(explorer.current()), rel=1e-12, abs=1e-14)


def test_the_synapse_of_an_ltc_is_the_one_of_b13(node: Node, front_ends: Path) -> None:
    rng = np.random.default_rng(4)
    s = dict(zip("wabexy", rng.uniform(0.1, 1.5, 6), strict=True))
    (got,) = ask(
        node,
        front_ends,
        [s],
        'data.map((c) => m.current(m.parse("ctrnn_vsigm+s_linear"), c, c.x, c.y))',
    )
    # Neuron 0 is postsynaptic, neuron 1 presynaptic; without a leak only the synapse is left.
    only = np.zeros((4, 2, 2))
    only[:, 1, 0] = s["w"], s["a"], s["a"] * s["b"], s["e"]
    w, a, b, e = only
    rate = register["B.13"](x=[s["y"], s["x"]], w_l=0.0, e_l=0.0, w=w, a=a, b=b, e=e)[0]
    assert got == pytest.approx(rate, rel=1e-12)


@pytest.mark.parametrize(("m", "n", "o"), [(5, 3, 2), (1, 1, 1), (27, 8, 27)])
def test_parameters_have_the_shapes_and_the_number_of_the_built_model(
    node: Node, front_ends: Path, m: int, n: int, o: int
) -> None:
    tables, counts = ask(
        node,
        front_ends,
        {"texts": EVERY, "sizes": [m, n, o]},
        "[data.texts.map((t) => m.parameterTable(m.parse(t), ...data.sizes)),"
        " data.texts.map((t) => m.countParameters(m.parse(t), ...data.sizes))]",
    )
    for text, table, count in zip(EVERY, tables, counts, strict=True):
        model = ltcbook.build(text, m, n, o)
        counted = [*model.parameters(), *model.cell.buffers()]  # with those that nothing uses
        used = {id(model.cell.C), id(model.cell.e_l)}
        counted = [part for part in counted if id(part) not in used]
        shapes = Counter(tuple(part.shape) for part in counted)
        assert Counter(tuple(row["shape"]) for row in table) == shapes, text
        assert count == sum(part.numel() for part in counted)


def test_the_explorer_accepts_many_potentials_at_once() -> None:
    explorer = SynapseExplorer("ctrnn_vsigm+s_synaptic", w=2.0, a=1.0, b=0.0, e=1.0)
    x, y = torch.tensor([0.0, 0.0]), torch.tensor([[0.0], [1.0], [2.0]])
    assert explorer.current(x, y).tolist() == [[1.0, 1.0], [0.0, 0.0], [-1.0, -1.0]]
    assert explorer.opening(x).tolist() == [1.0, 1.0]


def test_the_nearest_legal_string_is_the_one_that_python_suggests(
    node: Node, front_ends: Path
) -> None:
    rng = np.random.default_rng(7)
    known = [str(d) for d in TypeDescriptor.all()]
    wrong = ["ctrnn_relu_linear", "lstm", "", "ctrnn_vsigm+s", "CTRNN_VTANH_LINEAR", "sigm*"]
    for _ in range(40):
        letters = list(str(rng.choice(known)))
        for place in rng.integers(0, len(letters), 3):
            letters[place] = str(rng.choice(list("abcrstv*+_-")))
        wrong.append("".join(letters)[: int(rng.integers(5, 30))])
    module = (front_ends / "table3.js").as_uri()
    got = node(
        f'import * as m from "{module}";console.log(JSON.stringify(data.map(m.nearest)));', wrong
    )
    wanted = [difflib.get_close_matches(text, known, n=1, cutoff=0.0)[0] for text in wrong]
    assert got == wanted


def test_families_are_those_that_can_be_rewritten_both_ways(node: Node, front_ends: Path) -> None:
    module = (front_ends / "table3.js").as_uri()
    family = node(f'import * as m from "{module}";console.log(JSON.stringify(m.families()));', None)
    assert set(family) == {str(d) for d in TypeDescriptor.all()}
    assert len(set(family.values())) == 57
    models = {text: ltcbook.build(text, 2, 2, 1, seed=0, dtype=torch.float64) for text in family}
    for model in models.values():
        if getattr(model.cell, "x0", None) is not None:
            torch.nn.init.uniform_(model.cell.x0, 0.1, 0.4)  # at zero a learnable rest is none

    def goes(one: str, other: str) -> bool:
        try:
            rewrite(models[one], TypeDescriptor.parse(other))
        except ValueError:
            return False
        return True

    for kind in TypeDescriptor.all():
        for part, values in TypeDescriptor.ALLOWED.items():
            for value in values:
                one, other = str(kind), str(dataclasses.replace(kind, **{part: value}))
                if one < other and goes(one, other) and goes(other, one):
                    assert family[one] == family[other], (one, other)
