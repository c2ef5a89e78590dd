"""Layers and flows in the loop that trains all: the networks are those of the package."""

import pytest
import torch
from torch.nn.functional import mse_loss

import ltcbook
from ltcbook.analysis.residual import start_as_rotations
from ltcbook.data import variants
from ltcbook.experiments.contenders import CONTENDERS, FLOWS, layers
from ltcbook.experiments.grid import Configuration, parameters
from ltcbook.experiments.layered import FlowCell, LayeredRecipe, steep_start
from ltcbook.experiments.studies import DEEP, DEPTH, SURFACES
from ltcbook.experiments.trials import trained
from ltcbook.nn.initialisation import Initialiser
from ltcbook.training import Run


def unwrapped(start: str, seed: int) -> torch.nn.Module:
    model = ltcbook.build("DNN", 2, 5, 2, depth=1, seed=seed)
    if start == "steep":
        steep_start(model, seed)
    elif start == "rotations":
        start_as_rotations(model, seed)
    return model


@pytest.mark.parametrize("start", ["midpoint", "steep", "rotations"])
def test_a_layered_network_starts_as_that_of_the_package(start):
    recipe = LayeredRecipe("DNN", 5, init=start, options={"depth": 1})
    u = torch.randn(3, 7, 2, generator=torch.Generator().manual_seed(0))
    mine = recipe.build(2, 2, seed=4, init=start)
    torch.testing.assert_close(mine(u)[0], unwrapped(start, 4)(u))


def test_a_pass_is_fifty_steps_of_adam_on_all_points():
    task, rate = variants.load("surfaces"), 0.01
    recipe = LayeredRecipe(
        "DNN", 5, seeds=(3,), init="steep", learning_rate=rate, batch_size=1, options={"depth": 1}
    )
    run = Run(recipe, task)
    run.train_epoch()
    model = unwrapped("steep", 3)
    adam = torch.optim.Adam(model.parameters(), rate)
    for _ in range(50):
        adam.zero_grad()
        mse_loss(model(task.train.inputs[0]), task.train.targets[0]).backward()
        adam.step()
    torch.testing.assert_close(
        run.network(0)(task.test.inputs)[0], model(task.test.inputs), rtol=1e-4, atol=1e-5
    )


def test_names_say_what_is_trained():
    for cell in DEPTH.cells():
        recipe = trained("final", cell, DEPTH, 0, 0.01).recipe()
        network = recipe.build(64, 10, seed=0, init=cell.configuration.init)
        name, depth, *_ = cell.configuration.model.replace(",", "").split()
        assert (len(network.cell.body.layers), network.cell.body.residual) == (
            int(depth),
            name == "ResNet",
        )
    for kind, configuration in DEEP.items():
        deep = configuration(8)
        one = CONTENDERS[deep.model]
        assert one.options["depth"] == 8
        assert one.model == ("ResNet" if kind == "residual" else "DNN")
        assert deep.init == ("rotations" if kind == "rotations" else "midpoint")
    sigmoids = {cell.configuration.init for cell in SURFACES.cells()}
    assert sigmoids == {"steep", "midpoint"}
    assert {c.configuration.init for c in SURFACES.cells() if "SA" in c.configuration.model} == {
        "midpoint"
    }


def test_parameters_are_those_of_the_network_with_its_readout():
    model = ltcbook.build("SA-DNN", 2, 6, 2, depth=1, seed=0)
    counted = parameters(Configuration(layers("SA-DNN", 1)), 6, "surfaces")
    assert counted == sum(p.numel() for p in model.parameters())
    flat, roomy = (parameters(Configuration(name), 16, "rings") for name in FLOWS.values())
    assert (flat, roomy) == (2 * 16 + 16 + 16 * 2 + 6, 3 * 16 + 16 + 16 * 3 + 8)


@pytest.mark.parametrize("room", [0, 2])
def test_a_flow_is_the_solution_of_its_equation(room):
    from torchdiffeq import odeint

    cell = FlowCell(2, 8, room, Initialiser(seed=0, dtype=torch.float64))
    u = torch.randn(5, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    start = torch.nn.functional.pad(u, (0, room))
    times = torch.linspace(0, 1, FlowCell.STEPS + 1, dtype=torch.float64)
    with torch.no_grad():
        exact = odeint(lambda t, x: cell.velocity(x), start, times, rtol=1e-10, atol=1e-12)
        torch.testing.assert_close(torch.stack(cell.path(u)), exact, rtol=1e-4, atol=1e-5)
