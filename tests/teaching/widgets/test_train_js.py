"""The JavaScript of "Train one here" against the package's models and PyTorch's autograd."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ltcbook.nn.initialisation import TABLE_2
from ltcbook.teaching.widgets import TrainHere

Node = Callable[[str, Any], Any]

networks = pytest.mark.parametrize("name", ["LTC", "CT-RNN"])
solvers = pytest.mark.parametrize("solver", ["explicit", "semi-implicit"])


def raw_letters(model: torch.nn.Module) -> dict[str, torch.nn.Parameter]:
    """The model's raw parameters under the names of the page."""
    names = {}
    for name, parameter in model.named_parameters():
        letter = name.replace("parametrizations.", "").removesuffix(".original")
        names[letter.removeprefix("cell.")] = parameter
    return names


def as_lists(tensors: dict[str, torch.Tensor]) -> dict[str, list[float]]:
    return {name: t.detach().flatten().tolist() for name, t in tensors.items()}


def given(
    widget: TrainHere, name: Any, noise_size: float, **more: Any
) -> tuple[torch.nn.Module, dict[str, Any]]:
    """A model of the package with noise on its raw parameters, and what node gets of it."""
    model = widget.network(name)
    letters = raw_letters(model)
    with torch.no_grad():
        for parameter in letters.values():
            noise = torch.randn(
                parameter.shape, generator=torch.manual_seed(3), dtype=torch.float64
            )
            parameter += noise_size * noise
    data = {
        "kind": {"gated": name == "LTC", "n": widget.hidden_size, "m": 2},
        "solver": {"implicit": widget.solver == "semi-implicit", "unfolds": widget.unfolds},
        "letters": as_lists(dict(letters)),
        "target": list(widget.target),
        **more,
    }
    return model, data


SCRIPT = """
const m = await import(data.module);
const letters = Object.fromEntries(
  Object.entries(data.letters).map(([name, values]) => [name, Float64Array.from(values)]));
const inputs = m.clock(data.target.length);
const plain = (all) => Object.fromEntries(Object.entries(all).map(([n, v]) => [n, [...v]]));
"""


@networks
@solvers
@pytest.mark.parametrize("unfolds", [1, 3])
def test_loss_outputs_and_gradient_are_those_of_the_package(
    node: Node, front_ends: Path, name: str, solver: Any, unfolds: int
) -> None:
    widget = TrainHere(solver=solver, unfolds=unfolds, seed=2)
    module = (front_ends / "train_math.js").as_uri()
    model, data = given(widget, name, 0.2, module=module)
    outputs, _ = model(widget.inputs())
    target = torch.tensor(widget.target, dtype=torch.float64)
    loss = ((outputs.flatten() - target) ** 2).mean()
    loss.backward()
    found = node(
        SCRIPT
        + """
        const r = m.lossAndGradient(data.kind, letters, data.solver, inputs, data.target);
        const alone = m.outputs(data.kind, letters, data.solver, inputs);
        console.log(JSON.stringify({...r, alone, gradient: plain(r.gradient),
            names: m.parameterSizes(data.kind).map(([n]) => n)}));
        """,
        data,
    )
    letters = raw_letters(model)
    assert found["loss"] == pytest.approx(loss.item(), rel=1e-12)
    assert found["outputs"] == found["alone"]
    seen = outputs.detach().flatten().numpy()
    # Explicit steps that are too long make states, and rounding errors, grow: sizes are relative.
    np.testing.assert_allclose(found["outputs"], seen, rtol=0, atol=1e-11 * np.abs(seen).max())
    assert set(found["names"]) == set(letters)
    some = False
    for letter, parameter in letters.items():
        assert parameter.grad is not None, letter
        wanted = parameter.grad.flatten().numpy()
        np.testing.assert_allclose(
            found["gradient"][letter],
            wanted,
            rtol=0,
            atol=1e-10 * np.abs(wanted).max() + 1e-13,
            err_msg=letter,
        )
        some = some or bool((parameter < 0).any() and "w" in letter)
    assert some  # the projection was at work


@networks
def test_thirty_steps_of_adam_are_pytorchs(node: Node, front_ends: Path, name: str) -> None:
    widget = TrainHere(seed=1)
    module = (front_ends / "train_math.js").as_uri()
    model, data = given(widget, name, 0.0, module=module)
    target = torch.tensor(widget.target, dtype=torch.float64)
    optimiser, losses = torch.optim.Adam(model.parameters(), 0.01), []
    for _ in range(30):
        optimiser.zero_grad()
        loss = ((model(widget.inputs())[0].flatten() - target) ** 2).mean()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    found = node(
        SCRIPT
        + """
        const memory = {mean: m.zeros(data.kind), square: m.zeros(data.kind), count: 0};
        const losses = [];
        for (let k = 0; k < 30; k += 1) {
          const r = m.lossAndGradient(data.kind, letters, data.solver, inputs, data.target);
          losses.push(r.loss);
          m.adamStep(letters, r.gradient, memory, 0.01);
        }
        console.log(JSON.stringify({losses, letters: plain(letters)}));
        """,
        data,
    )
    np.testing.assert_allclose(found["losses"], losses, rtol=1e-9)
    for letter, parameter in raw_letters(model).items():
        np.testing.assert_allclose(
            found["letters"][letter], parameter.detach().flatten(), rtol=1e-7, atol=1e-9
        )


@networks
def test_the_start_is_table_2_and_scaling_divides_by_the_root_of_the_fan_in(
    node: Node, front_ends: Path, name: str
) -> None:
    widget = TrainHere()
    kind = {"gated": name == "LTC", "n": 8, "m": 2}
    script = """
        const m = await import(data.module);
        const plain = (all) => Object.fromEntries(Object.entries(all).map(([n, v]) => [n, [...v]]));
        console.log(JSON.stringify(["midpoint", "scaled"].map((start) =>
          plain(m.begin(data.kind, start, data.ranges, 5)))));
        """
    data = {
        "module": (front_ends / "train_math.js").as_uri(),
        "kind": kind,
        "ranges": widget.ranges,
    }
    midpoint, scaled = node(script, data)
    for layer, senders in (("recurrent", 8), ("sensory", 2)):
        strengths = np.abs(midpoint[f"{layer}.w"])
        assert strengths.min() >= TABLE_2.strength[0] and strengths.max() <= TABLE_2.strength[1]
        ratio = np.array(midpoint[f"{layer}.w"]) / np.array(scaled[f"{layer}.w"])
        np.testing.assert_allclose(ratio, 1 if kind["gated"] else senders**0.5)
        assert (min(midpoint[f"{layer}.w"]) < 0) == (not kind["gated"])
        b = -np.array(midpoint[f"{layer}.b"])
        assert b.min() >= TABLE_2.midpoint[0] and b.max() <= TABLE_2.midpoint[1]
        a = midpoint[f"{layer}.a"]
        assert min(a) >= TABLE_2.slope[0] and max(a) <= TABLE_2.slope[1]
        if kind["gated"]:
            assert set(midpoint[f"{layer}.e"]) == set(TABLE_2.reversal)
    for other in set(midpoint) - {"recurrent.w", "sensory.w"}:
        assert midpoint[other] == scaled[other]
    assert min(midpoint["w_l"]) >= TABLE_2.leak[0] and max(midpoint["w_l"]) <= TABLE_2.leak[1]
    largest = np.abs(midpoint["readout.weight"]).max()
    assert 0 < largest <= 8**-0.5
