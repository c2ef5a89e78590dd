"""A controller gives what the network gives, one step at a time."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ltcbook import TypeDescriptor, build
from ltcbook.nn.controller import CompiledController, EagerController
from ltcbook.nn.zoo import MODELS
from tests.kernels.parity import normal, spans

VARIANTS = [(m.name, input_map) for m in MODELS.values() for input_map in m.input_maps]
OTHERS = [(str(d), None) for d in TypeDescriptor.all() if d.act == "sigm" and not d.lis]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize(("name", "input_map"), [*VARIANTS, *OTHERS])
def test_step_by_step_as_the_whole_sequence(name, input_map, dtype) -> None:
    model = build(name, 3, 5, 2, input_map=input_map, seed=0, dtype=dtype)
    u, lengths = normal(1, 6, 3).to(dtype), spans(1, 6).to(dtype)
    clock = {"timespans": lengths} if model.cell.continuous else {}
    expected = model(u, **clock)[0][0].detach().numpy()
    control = model.controller()
    compiled = model.cell.declared() is not None
    assert isinstance(control, CompiledController if compiled else EagerController)
    for _ in range(2):
        control.reset()
        seen = [control(one, float(span)) for one, span in zip(u[0], lengths[0], strict=True)]
        rounding = 400 * torch.finfo(dtype).eps  # steps times (n + 8), states within a few units
        np.testing.assert_allclose(np.stack(seen), expected, rtol=rounding, atol=rounding)


@pytest.mark.parametrize("solver", ["semi-implicit-euler", "rk4"])
def test_other_solvers(solver) -> None:
    model = build("SA-LTC", 3, 5, 2, solver=solver, seed=0, dtype=torch.float64)
    control = model.controller()
    assert isinstance(control, EagerController) == (solver == "rk4")
    u = normal(1, 4, 3)
    seen = np.stack([control(one) for one in u[0].numpy()])
    np.testing.assert_allclose(seen, model(u)[0][0].detach().numpy(), rtol=1e-12, atol=1e-13)


def test_training_goes_on_without_changing_what_acts() -> None:
    for name in ("SA-LTC", "CT-GRU"):
        model = build(name, 3, 5, 2, seed=0)
        control, observation = model.controller(), np.ones(3)
        before = control(observation)
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.mul_(0.5)
        control.reset()
        assert np.array_equal(control(observation), before)
        assert not np.array_equal(model.controller()(observation), before)


def test_the_state_can_be_read_and_written() -> None:
    control = build("SA-LTC", 3, 5, 2, seed=0).controller()
    control(np.ones(3))
    state = control.state.copy()
    after = control(np.ones(3))
    control.state[:] = state
    assert np.array_equal(control(np.ones(3)), after)
    with pytest.raises(ValueError, match="could not broadcast|shape"):
        control(np.ones(4))
