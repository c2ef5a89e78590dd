"""The CPU kernels against the reference, eager PyTorch in float64: values and gradients.

``parity.py`` says how close they must be.
"""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import ltcbook
from ltcbook.kernels.cpu import backend as numba_backend
from ltcbook.nn.initialisation import Initialiser
from ltcbook.nn.sequence import AutonomousNetwork
from tests.kernels.parity import BOTH, SOLVERS, check, normal, run, spans


@pytest.mark.parametrize("solver", SOLVERS)
def test_all_144_descriptors_agree_with_eager_float64(solver: str) -> None:
    for descriptor in ltcbook.TypeDescriptor.all():
        model = ltcbook.build(descriptor, 3, 5, 2, seed=1, solver=solver, unfolds=3)
        try:
            check(model.double(), 4, *BOTH, u=normal(11, 4, 3), timespans=spans(11, 4))
        except AssertionError as error:
            raise AssertionError(str(descriptor)) from error


@settings(max_examples=40, deadline=None)
@given(
    descriptor=st.sampled_from(ltcbook.TypeDescriptor.all()),
    solver=st.sampled_from(SOLVERS),
    batch=st.sampled_from([1, 2, 7, 8, 9, 63, 65, 130]),
    time=st.integers(1, 5),
    inputs=st.integers(1, 4),
    neurons=st.integers(1, 9),
    unfolds=st.integers(1, 4),
    masked=st.booleans(),
    state=st.booleans(),
    dtype=st.sampled_from([torch.float32, torch.float64]),
    seed=st.integers(0, 10**6),
)
def test_agrees_at_any_size_span_mask_and_state(
    descriptor, solver, batch, time, inputs, neurons, unfolds, masked, state, dtype, seed
) -> None:
    model = ltcbook.build(
        descriptor,
        inputs,
        neurons,
        2,
        seed=seed,
        solver=solver,
        unfolds=unfolds,
        dtype=torch.float64,
    )
    check(
        model,
        time,
        dtype,
        u=normal(batch, time, inputs, seed=seed),
        timespans=spans(batch, time, seed=seed + 1),
        mask=normal(batch, time, seed=seed + 2) > -0.5 if masked else None,
        state=0.5 * normal(batch, neurons, seed=seed + 3) if state else None,
    )


def test_saturated_synapses_with_a_denominator_near_zero() -> None:
    """Found by the test above: the error of a saturated tanh, times a factor of 1e5."""
    model = ltcbook.build(
        "ctrnn_vtanh+s_synaptic",
        1,
        5,
        2,
        seed=111,
        solver="semi-implicit-euler",
        unfolds=1,
        dtype=torch.float64,
    )
    check(model, 2, *BOTH, u=normal(9, 2, 1, seed=111), timespans=spans(9, 2, seed=112))


@pytest.mark.parametrize("name", ["NA-CT-RNN-S", "NA-CT-RNN-T"])
def test_input_inside_the_activation(name: str) -> None:
    model = ltcbook.build(
        name, 3, 6, 2, input_map="preactivation", seed=0, unfolds=4, dtype=torch.float64
    )
    check(model, 5, *BOTH, u=normal(10, 5, 3), timespans=spans(10, 5))


@given(
    n=st.integers(1, 9),
    m=st.integers(1, 5),
    batch=st.integers(1, 70),
    time=st.integers(1, 4),
    solver=st.sampled_from(SOLVERS),
)
@settings(max_examples=15)
def test_a_hidden_layer_and_inputs_that_overwrite_the_state(
    n: int, m: int, batch: int, time: int, solver: str
) -> None:
    """The ANODE; where the mask is False the state is not overwritten either."""
    model = ltcbook.build("ANODE", m, n, 2, solver=solver, unfolds=3, seed=0)
    mask = normal(batch, time, seed=7) > -1
    data = {"u": normal(batch, time, m), "timespans": spans(batch, time), "mask": mask}
    check(model.double(), time, *BOTH, state=normal(batch, m + 10), **data)


@pytest.mark.parametrize("name", ["NA-ACT-RNN", "SA-ACT-RNN", "NA-ALTC", "SA-ALTC", "NRN"])
def test_autonomous_models(name: str) -> None:
    model = ltcbook.build(name, 3, 6, 2, seed=0, unfolds=4, dtype=torch.float64)
    assert isinstance(model, AutonomousNetwork)
    start = normal(10, 3) if name != "NRN" else -50 + 10 * normal(10, 3)
    check(model, 5, torch.float64, u=start, timespans=spans(10, 5))


@pytest.mark.parametrize("name", ["SA-LTC", "NA-LTC"])
def test_trained_capacitance_and_resting_potential_get_their_gradients(name) -> None:
    model = ltcbook.build(name, 3, 5, 2, seed=0, dtype=torch.float64)
    cell = type(model.cell)
    draw = Initialiser(seed=0, dtype=torch.float64)
    model.cell = cell(model.cell.descriptor, 3, 5, draw, trainable=("C", "e_l"))
    with torch.no_grad():
        for letter in ("C", "e_l"):
            getattr(model.cell, letter).add_(normal(5, seed=9).abs())
    check(model, 3, *BOTH, u=normal(4, 3, 3))


def test_gradients_are_those_of_finite_differences() -> None:
    model = ltcbook.build(
        "SA-LTC",
        2,
        3,
        2,
        input_map="synaptic",
        seed=0,
        unfolds=2,
        dtype=torch.float64,
        backend="numba",
    )
    u, lengths = normal(2, 3, 2).requires_grad_(), spans(2, 3).requires_grad_()
    state = normal(2, 3, seed=7).requires_grad_()
    assert torch.autograd.gradcheck(lambda *a: model(a[0], a[1], a[2]), (u, state, lengths))


def test_a_time_step_lasts_one_unless_told() -> None:
    model = ltcbook.build("SA-LTC", 3, 5, 2, seed=0, backend="numba")
    u = normal(7, 6, 3).float()
    assert torch.equal(model(u)[0], model(u, timespans=torch.ones(7, 6))[0])


def test_without_gradients_the_same_numbers_in_less_memory() -> None:
    model = ltcbook.build("SA-LTC", 3, 5, 2, seed=0, backend="numba")
    u = normal(70, 6, 3).float()
    with torch.no_grad():
        y, state = model(u)
    y_kept, state_kept = model(u)
    assert y_kept.requires_grad
    assert torch.equal(y, y_kept) and torch.equal(state, state_kept)


@pytest.mark.parametrize("name", ["SA-LTC", "NA-LTC", "SA-CT-RNN-T", "ctrnn_sigm_linear"])
@pytest.mark.parametrize("batch", [1, 5, 20, 100])
def test_two_halves_give_the_whole(name: str, batch: int) -> None:
    maps = {} if name.startswith("ctrnn") else {"input_map": "synaptic"}
    model = ltcbook.build(name, 3, 5, 2, seed=0, backend="numba", **maps)
    u = normal(batch, 7, 3).float()
    y, state = model(u)
    y_first, middle = model(u[:, :3])
    y_second, last = model(u[:, 3:], middle)
    assert torch.equal(state, last)
    # the kernel gives the same bits; the readout is a product of another number of rows
    eps = 2 * (5 + 1) * torch.finfo(torch.float32).eps
    torch.testing.assert_close(torch.cat([y_first, y_second], dim=1), y, rtol=eps, atol=eps)


def test_number_of_threads_does_not_change_a_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    model = ltcbook.build("SA-LTC", 3, 5, 2, seed=0)
    monkeypatch.setattr(numba_backend, "kernel_threads", lambda: 1)
    one = run(model, "numba", torch.float32, u=normal(200, 4, 3))
    monkeypatch.setattr(numba_backend, "kernel_threads", lambda: 4)
    four = run(model, "numba", torch.float32, u=normal(200, 4, 3))
    assert all(one[k] is None or torch.equal(one[k], four[k]) for k in one)


def test_nan_in_a_parameter_comes_out_where_it_does_in_eager() -> None:
    model = ltcbook.build("SA-LTC", 3, 5, 2, seed=0)
    with torch.no_grad():
        model.cell.recurrent.b[2, 1] = float("nan")
    u = normal(4, 3, 3).float()
    model.backend = "eager"
    expected = model(u)[0].isnan()
    model.backend = "numba"
    assert torch.equal(model(u)[0].isnan(), expected) and expected.any()


def test_divergence_overflows_as_in_eager() -> None:
    model = ltcbook.build("SA-LTC", 3, 64, 2, init="as-printed", input_map="synaptic", seed=0)
    u = normal(4, 60, 3).float()
    ends = []
    for backend in ("eager", "numba"):
        model.backend = backend
        ends.append(torch.isfinite(model(u)[0]).all(dim=-1).all(dim=0))
    first = [int((~finite).nonzero()[0]) for finite in ends]
    assert abs(first[0] - first[1]) <= 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("name", ["SA-LTC", "NA-LTC", "NA-CT-RNN-T", "ctrnn_tanh_linear", "ANODE"])
def test_a_single_sample_without_gradients_is_one_of_a_batch(name, solver, dtype) -> None:
    """It is computed by the controller's kernel; masked steps leave it where it is."""
    model = ltcbook.build(name, 3, 5, 2, solver=solver, unfolds=4, seed=0, dtype=dtype)
    u, lengths = normal(2, 6, 3).to(dtype), spans(2, 6).to(dtype)
    mask = torch.tensor([[True, True, False, True, False, True]]).expand(2, -1)
    state = model(u)[1].detach()
    expected, last = model(u, state, lengths, mask)
    with torch.no_grad():
        found = model(u[:1], state[:1], lengths[:1], mask[:1])
    rounding = 400 * torch.finfo(dtype).eps  # steps times (n + 8), states within a few units
    torch.testing.assert_close(found[0], expected[:1].detach(), rtol=rounding, atol=rounding)
    torch.testing.assert_close(found[1], last[:1].detach(), rtol=rounding, atol=rounding)
