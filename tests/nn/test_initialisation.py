"""B's Table 2, by name and by seed."""

import pytest
import torch
from torch.nn.utils.rnn import pack_sequence

from ltcbook import TypeDescriptor, build, models
from ltcbook.nn.wirings import AutoNCP


def within(tensor, low, high):
    return bool((tensor >= low).all()) and bool((tensor <= high).all())


def table_2(model):
    cell = model.cell
    return [cell.recurrent.weights(), cell.sensory.weights()]


@pytest.mark.parametrize(
    ("init", "low", "high"), [("midpoint", -0.8, -0.3), ("as-printed", 0.3, 0.8)]
)
def test_ranges_of_a_large_ltc(init, low, high):
    model = build("SA-LTC", 40, 40, 2, input_map="synaptic", init=init, seed=0)
    for w, b, a, e in table_2(model):
        assert within(w, 0.01, 1.0)
        assert within(a, 3.0, 8.0)
        assert within(b, low, high)
        assert set(e.flatten().tolist()) == {-1.0, 1.0}
        # The draws fill the ranges: extremes close to the bounds, a mean close to the middle.
        assert w.min() < 0.03 < 0.97 < w.max()
        assert abs(w.mean() - 0.505) < 0.03
        assert abs(e.mean()) < 0.1
    assert within(model.cell.w_l, 0.01, 1.0)
    assert set(model.cell.C.tolist()) == {1.0}
    assert set(model.cell.e_l.tolist()) == {0.0}


def test_scaled_start_divides_ungated_strengths_by_the_root_of_the_fan_in():
    for name, factor in (("SA-CT-RNN-S", 40**-0.5), ("SA-LTC", 1.0)):
        models = [
            build(name, 10, 40, 2, input_map="synaptic", init=init, seed=0, dtype=torch.float64)
            for init in ("midpoint", "scaled")
        ]
        midpoint, scaled = (model.cell.recurrent.weights() for model in models)
        torch.testing.assert_close(scaled.w, midpoint.w * factor)
        assert torch.equal(scaled.b, midpoint.b)
        inputs = 10**-0.5 if name != "SA-LTC" else 1.0
        sensory = [model.cell.sensory.weights().w for model in models]
        torch.testing.assert_close(sensory[1], sensory[0] * inputs)


def test_fixed_parameters_are_not_trained():
    model = build("SA-LTC", 3, 4, 2, seed=0)
    names = {name.split(".")[-1] for name, _ in model.named_parameters()}
    assert not names & {"C", "e_l"}
    assert {"C", "e_l"} <= {name for name, _ in model.cell.named_buffers()}
    learnable = build("ctrnn_vsigm+s_linear_lis", 3, 4, 2, seed=0)
    assert learnable.cell.x0.requires_grad
    with torch.no_grad():
        learnable.cell.x0.fill_(0.3)
    assert torch.equal(learnable.cell.initial_state(2), torch.full((2, 4), 0.3))


@pytest.mark.parametrize(
    "descriptor", [d for d in TypeDescriptor.all() if d.act == "sigm"], ids=str
)
def test_at_the_midpoint_start_a_synapse_is_half_open_between_0_3_and_0_8(descriptor):
    """Whatever the w-mode: σ is one half where its argument is zero."""
    w, b, a, _ = build(descriptor, 3, 4, 2, seed=0).cell.recurrent.weights()
    half_open_at = -b if descriptor.w_mode or descriptor.rec_type == "" else -b / w
    assert within(half_open_at, 0.3 - 1e-6, 0.8 + 1e-6)


def test_seeds():
    def parameters(seed, **options):
        model = build("SA-LTC", 3, 4, 2, seed=seed, **options)
        return torch.cat([p.detach().double().flatten() for p in model.parameters()])

    assert torch.equal(parameters(1), parameters(1))
    assert not torch.equal(parameters(1), parameters(2))
    torch.testing.assert_close(
        parameters(1, dtype=torch.float64), parameters(1), rtol=1e-6, atol=1e-7
    )
    before = torch.get_rng_state()
    parameters(1)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(5)
    first = parameters(None)
    torch.manual_seed(5)
    assert torch.equal(parameters(None), first)


@pytest.mark.parametrize("model", models())
def test_the_default_device_is_where_a_model_is_and_not_where_it_is_drawn(model):
    """The meta device stands for a GPU; a draw on it has no numbers that could be copied."""
    expected = build(model, 3, 4, 2, seed=1).state_dict()
    with torch.device("meta"):
        elsewhere = build(model, 3, 4, 2, seed=1)
        here = build(model, 3, 4, 2, seed=1, device="cpu").state_dict()
    assert {part.device.type for part in elsewhere.state_dict().values()} == {"meta"}
    for name, part in expected.items():
        assert torch.equal(here[name], part), name


def test_a_model_runs_where_it_is_whatever_the_default_device_is():
    packed = pack_sequence([torch.ones(3, 2), torch.ones(1, 2)])
    wiring = AutoNCP(6, 1)
    with torch.device("meta"):
        model = build("CfC", 2, 6, 1, seed=0, wiring=wiring, device="cpu")
        outputs, _ = model(packed)
    assert torch.equal(outputs.data, build("CfC", 2, 6, 1, seed=0, wiring=wiring)(packed)[0].data)


def test_design_table_of_untrained_stability():
    """The start as printed crosses explicit Euler's bound at n = 32 to 64, the midpoint never.

    dt (w_l + Σwσ)/C must stay below 2; 17 normal inputs, 20 steps, one draw each.
    """
    u = torch.randn(1, 20, 17, dtype=torch.float64, generator=torch.Generator().manual_seed(0))

    def largest(init, n):
        model = build(
            "SA-LTC", 17, n, 1, input_map="synaptic", init=init, seed=0, dtype=torch.float64
        )
        cell, state, worst = model.cell, model.cell.initial_state(1), 0.0
        for t in range(20):
            _, state = model(u[:, t : t + 1], state)
            if not torch.isfinite(state).all() or state.abs().max() > 1e3:
                return float("inf")
            worst = max(
                worst, 0.1 * cell.linear_form(state, cell.sense(u[:, t])).decay.max().item()
            )
        return worst

    assert [largest("midpoint", n) < 1.6 for n in (8, 16, 32, 64)] == [True] * 4
    assert largest("as-printed", 8) < 2
    assert largest("as-printed", 64) == float("inf")
