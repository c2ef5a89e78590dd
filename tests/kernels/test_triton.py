"""The GPU kernels against the reference, eager PyTorch in float64: values and gradients.

On a machine with a GPU they run there. On any other they run in Triton's interpreter, which is
slow, so sizes are small. ``parity.py`` says how close they must be.
"""

from __future__ import annotations

import dataclasses
import itertools
from types import SimpleNamespace

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

import ltcbook
from ltcbook import data
from ltcbook.data.sequences import Sequences
from ltcbook.kernels import BackendWarning, select
from ltcbook.kernels import backend as backends
from ltcbook.kernels.recurrence import LayerWeights
from ltcbook.nn.sequence import AutonomousNetwork
from ltcbook.training import Recipe, Run
from ltcbook.training.ensemble import Ensemble
from tests.kernels.parity import BOTH, EULERS, check, normal, run, spans

backend = pytest.importorskip("ltcbook.kernels.triton.backend", exc_type=ImportError)
tiling = pytest.importorskip("ltcbook.kernels.triton.tiling", exc_type=ImportError)
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
KINDS = {  # of recurrent and sensory synapses: one descriptor for each kind of kernel
    "synaptic": "ctrnn_vsigm+s_synaptic",
    "presynaptic": "ctrnn_vsigm+_synaptic",
    "postsynaptic": "ctrnn_sigm+_synaptic",
}


@pytest.fixture(autouse=True)
def _several_samples_in_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a large batch."""
    monkeypatch.setattr(tiling, "PROGRAMS", 1)


def test_all_144_descriptors_agree_with_eager_float64() -> None:
    solvers = itertools.cycle(EULERS)
    for descriptor, solver in zip(ltcbook.TypeDescriptor.all(), solvers, strict=False):
        model = ltcbook.build(descriptor, 2, 3, 2, seed=1, solver=solver, unfolds=1)
        inputs = {"u": normal(3, 2, 2), "timespans": spans(3, 2)}
        try:
            check(model.double(), 2, torch.float32, backend="triton", **inputs)
        except AssertionError as error:
            raise AssertionError(str(descriptor)) from error


@pytest.mark.parametrize("solver", EULERS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kernel_in_both_precisions(kind: str, solver: str) -> None:
    for gate in ("+", ""):
        name = KINDS[kind].replace("+", gate)
        model = ltcbook.build(name, 3, 5, 2, seed=2, solver=solver, unfolds=3)
        inputs = {"u": normal(5, 2, 3), "timespans": spans(5, 2)}
        check(
            model.double(), 2, *BOTH, backend="triton", **inputs, state=0.5 * normal(5, 5, seed=7)
        )


@settings(max_examples=12, deadline=None)
@given(
    kind=st.sampled_from(list(KINDS)),
    solver=st.sampled_from(EULERS),
    batch=st.sampled_from([1, 2, 3, 5, 9]),
    time=st.integers(1, 3),
    inputs=st.integers(1, 5),
    neurons=st.integers(1, 9),
    unfolds=st.integers(1, 3),
    masked=st.booleans(),
    seed=st.integers(0, 10**6),
)
@example("synaptic", "euler", 1, 1, 1, 1, 1, False, 0)
@example("presynaptic", "euler", 1, 1, 1, 1, 1, False, 0)
@example("postsynaptic", "euler", 1, 1, 1, 1, 1, True, 0)
def test_agrees_at_any_size_span_and_mask(
    kind, solver, batch, time, inputs, neurons, unfolds, masked, seed
) -> None:
    sizes = inputs, neurons, 2
    model = ltcbook.build(KINDS[kind], *sizes, seed=seed, solver=solver, unfolds=unfolds)
    check(
        model.double(),
        time,
        torch.float32,
        backend="triton",
        u=normal(batch, time, inputs, seed=seed),
        timespans=spans(batch, time, seed=seed + 1),
        mask=normal(batch, time, seed=seed + 2) > -0.5 if masked else None,
    )


@pytest.mark.parametrize("held", [8, 32])
@pytest.mark.parametrize("kind", KINDS)
def test_weights_that_do_not_fit_into_a_program(kind: str, held: int, monkeypatch) -> None:
    monkeypatch.setattr(tiling, "HELD", held)  # chunks of 1 and of 4 senders
    monkeypatch.setattr(tiling, "GRADIENT_TILE", 4)
    monkeypatch.setattr(tiling, "SLICE_ROWS", 4)
    model = ltcbook.build(KINDS[kind], 5, 7, 2, seed=3, unfolds=2, dtype=torch.float64)
    check(model, 2, torch.float64, backend="triton", u=normal(3, 2, 5), timespans=spans(3, 2))


def test_more_neurons_than_a_program_holds() -> None:
    model = ltcbook.build(KINDS["synaptic"], 2, 70, 2, seed=3, unfolds=2, dtype=torch.float64)
    cut = tiling.Tiling.of_scan(70, 2)
    assert cut.chunk < cut.pre
    check(model, 1, torch.float32, backend="triton", u=normal(2, 1, 2), timespans=spans(2, 1))


def test_input_inside_the_activation_and_autonomous_models() -> None:
    options = {"seed": 0, "unfolds": 2, "dtype": torch.float64}
    model = ltcbook.build("NA-CT-RNN-S", 3, 4, 2, input_map="preactivation", **options)
    check(model, 2, torch.float32, backend="triton", u=normal(3, 2, 3), timespans=spans(3, 2))
    for name in ("SA-ALTC", "NA-ALTC"):
        model = ltcbook.build(name, 3, 4, 2, **options)
        assert isinstance(model, AutonomousNetwork)
        check(model, 2, torch.float32, backend="triton", u=normal(3, 3), timespans=spans(3, 2))


@settings(max_examples=12, deadline=None)
@given(
    solver=st.sampled_from(EULERS),
    sizes=st.tuples(st.integers(1, 4), st.integers(1, 9)),
    batch=st.sampled_from([1, 2, 3, 5]),
    time=st.integers(1, 3),
    unfolds=st.integers(1, 3),
    held=st.sampled_from([16, 64, 4096]),
    dtype=st.sampled_from([torch.float32, torch.float64]),
)
def test_a_hidden_layer_and_inputs_that_overwrite_the_state(
    solver, sizes, batch, time, unfolds, held, dtype
) -> None:
    """The ANODE, its tables whole or in chunks; a masked step is not overwritten either."""
    (m, n), mask = sizes, normal(batch, time, seed=7) > -1
    model = ltcbook.build("ANODE", m, n, 2, solver=solver, unfolds=unfolds, seed=0)
    inputs = {"u": normal(batch, time, m), "timespans": spans(batch, time), "mask": mask}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiling, "HELD", held)
        start = normal(batch, m + 10, seed=9)
        check(model.double(), time, dtype, backend="triton", state=start, **inputs)


def small(name: str = "SA-LTC", **options) -> torch.nn.Module:
    model = ltcbook.build(name, 3, 5, 2, seed=0, unfolds=2, backend="triton", **options)
    return model.to(DEVICE)


def numbers(*shape: int, seed: int = 2) -> torch.Tensor:
    return normal(*shape, seed=seed).float().to(DEVICE)


def test_a_masked_step_keeps_the_state_to_the_bit() -> None:
    model, state = small(), 0.3 * numbers(3, 5)
    mask = torch.tensor([[True, False], [False, False], [True, True]], device=DEVICE)
    y, last = model(numbers(3, 2, 3), state, mask=mask)
    assert torch.equal(last[1], state[1])
    assert torch.equal(y[0, 0], y[0, 1]) and not torch.equal(y[2, 0], y[2, 1])


def test_without_gradients_the_same_numbers() -> None:
    model, u = small(), numbers(5, 3, 3)
    with torch.no_grad():
        y, state = model(u)
    kept, kept_state = model(u)
    assert kept.requires_grad
    assert torch.equal(y, kept) and torch.equal(state, kept_state)


def test_twice_the_same_gradients_to_the_bit() -> None:
    model = small(input_map="synaptic")
    one, two = (run(model, "triton", torch.float32, u=normal(5, 2, 3)) for _ in range(2))
    assert all(one[name] is None or torch.equal(one[name], two[name]) for name in one)


@pytest.mark.parametrize("input_map", ["synaptic", "linear"])
def test_replicas_in_one_launch_give_what_each_gives_alone(input_map: str) -> None:
    options = {"seed": 0, "unfolds": 2, "input_map": input_map, "backend": "triton"}
    networks = [
        ltcbook.build("SA-LTC", 3, 5, 2, **(options | {"seed": seed})).to(DEVICE)
        for seed in range(3)
    ]
    ensemble = Ensemble(networks)
    batches = [
        Sequences(numbers(4, 2, 3, seed=s), numbers(4, 2, 2), None, torch.arange(4))
        for s in range(3)
    ]
    outputs = ensemble.outputs_at_once(batches, range(3))
    torch.stack(outputs).square().sum().backward()
    for replica, (network, batch) in enumerate(zip(networks, batches, strict=True)):
        alone = network(batch.inputs)[0]
        alone.square().sum().backward()
        torch.testing.assert_close(outputs[replica], alone, rtol=1e-6, atol=1e-6)
        for name, parameter in network.named_parameters():
            together = ensemble.parameters[name].grad
            if parameter.grad is not None:
                scale = parameter.grad.abs().max().item()
                torch.testing.assert_close(
                    together[replica], parameter.grad, rtol=0, atol=1e-5 * max(scale, 1)
                )


def test_a_training_run_learns_what_it_learns_with_numba() -> None:
    task = data.load("digits")
    parts = {"train": task.train[:12], "validation": task.validation[:4], "test": task.test[:4]}
    task = dataclasses.replace(task, **parts)
    recipe = Recipe("SA-LTC", 4, (0, 1), epochs=1, batch_size=6, unfolds=1)
    curves = []
    for device, name in ((DEVICE, "triton"), ("cpu", "numba")):
        training = Run(recipe, task, device, name)
        training.train_epoch()
        curves.append(torch.tensor(training.curves))
    torch.testing.assert_close(*curves, rtol=1e-5, atol=0)


def test_replicas_do_not_touch_each_other() -> None:
    networks = [ltcbook.build("SA-LTC", 3, 5, 2, seed=seed, unfolds=2) for seed in range(2)]
    for network in networks:
        network.to(DEVICE).backend = "triton"
    batch = Sequences(numbers(4, 2, 3), numbers(4, 2, 2), None, torch.arange(4))
    with torch.no_grad():
        expected = Ensemble(networks).outputs_at_once([batch] * 2, range(2))
        networks[0].cell.recurrent.b.fill_(float("nan"))
        found = Ensemble(networks).outputs_at_once([batch] * 2, range(2))
    assert found[0].isnan().any() and torch.equal(found[1], expected[1])


def test_nan_in_a_parameter_comes_out_where_it_does_in_eager() -> None:
    model, u = small(), numbers(4, 1, 3)
    with torch.no_grad():
        model.cell.recurrent.b[2, 1] = float("nan")
    found = model(u)[1].isnan()
    model.backend = "eager"
    assert torch.equal(found, model(u)[1].isnan()) and found.any()


def test_tanh_is_within_three_units_and_keeps_its_limits() -> None:
    one = torch.ones(1, 1, 1, device=DEVICE)
    z = torch.linspace(-12, 12, 201).reshape(1, -1, 1)
    weights = LayerWeights(one, 0 * one, one, None)
    drive, _ = backend.layer_forward("synaptic", weights, z.to(DEVICE))
    error = (drive.cpu().double() - torch.tanh(z.double())).abs().max()
    assert error <= 3 * torch.finfo(torch.float32).eps
    ends = torch.tensor([float("inf"), -float("inf"), float("nan"), 1e38]).reshape(1, -1, 1)
    drive, _ = backend.layer_forward("synaptic", weights, ends.to(DEVICE))
    assert torch.equal(drive[0, [0, 1, 3], 0].cpu(), torch.tensor([1.0, -1.0, 1.0]))
    assert drive[0, 2, 0].isnan()


def on(device: str, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """What the dispatch asks of a tensor, on a device that need not be here."""
    return SimpleNamespace(device=SimpleNamespace(type=device), dtype=dtype)


def test_auto_takes_triton_on_a_gpu_and_nowhere_else() -> None:
    assert select("auto", "euler", on("cuda")) == "triton"
    assert select("auto", "euler", on("cpu")) == "numba"


def test_auto_falls_back_with_one_warning_that_says_why(monkeypatch) -> None:
    monkeypatch.setattr(backends, "_warned", set())
    monkeypatch.setattr(backends.importlib.util, "find_spec", lambda name: None)
    with pytest.warns(BackendWarning, match="the package 'triton' is not installed") as caught:
        assert [select("auto", "euler", on("cuda")) for _ in range(2)] == ["eager"] * 2
    assert len(caught) == 1


def test_by_name_it_runs_on_a_cpu_only_in_the_interpreter(monkeypatch) -> None:
    monkeypatch.setattr(backend, "INTERPRETED", True)
    assert select("triton", "euler", on("cpu")) == "triton"
    monkeypatch.setattr(backend, "INTERPRETED", False)
    with pytest.raises(ValueError, match="the triton kernels run on cuda, not on cpu"):
        select("triton", "euler", on("cpu"))
    with pytest.raises(ValueError, match="compute in torch.float32 or torch.float64, not in"):
        select("triton", "euler", on("cuda", torch.bfloat16))
