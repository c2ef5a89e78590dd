"""The interface: shapes, states that resume, spans, masks, packed sequences, saving, copying."""

import copy
import re
import warnings

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence
from torch.utils._pytree import tree_leaves, tree_map

from ltcbook import TypeDescriptor, build
from ltcbook.nn import stability
from ltcbook.nn.sequence import AutonomousNetwork
from ltcbook.nn.zoo import MODELS
from ltcbook.ode.solvers import SOLVERS

M, N, OUT = 3, 5, 2
VARIANTS = [(m.name, input_map) for m in MODELS.values() for input_map in m.input_maps]


def inputs(batch=2, time=6, seed=0, dtype=torch.float64):
    return torch.randn(batch, time, M, dtype=dtype, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(params=VARIANTS, ids=lambda v: "-".join(v))
def model(request):
    name, input_map = request.param
    return build(name, M, N, OUT, input_map=input_map, seed=0, dtype=torch.float64)


def close(found, expected):
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-14)


def of_sample(state, i):
    return tree_map(lambda part: part[i], state)


def test_shapes_and_a_state_that_resumes(model):
    u = inputs(time=7)
    whole, last = model(u)
    first, state = model(u[:, :3])
    second, resumed = model(u[:, 3:], state)
    assert whole.shape == (2, 7, OUT)
    close(torch.cat([first, second], dim=1), whole)
    close(resumed, last)


def test_a_single_sequence_without_batch_axis(model):
    u = inputs()
    batched, state = model(u[:1])
    alone, alone_state = model(u[0])
    close(alone, batched[0])
    close(alone_state, of_sample(state, 0))


def test_samples_do_not_look_at_each_other(model):
    u = inputs(batch=3)
    torch.testing.assert_close(model(u)[0][1:2], model(u[1:2])[0], rtol=1e-12, atol=1e-14)


def test_unit_timespans_are_the_default_and_the_first_output_needs_no_future(model):
    u = inputs()
    if model.cell.continuous:
        ones = torch.ones(2, 6, dtype=torch.float64)
        torch.testing.assert_close(model(u, timespans=ones)[0], model(u)[0], rtol=1e-12, atol=0)
    changed = u.clone()
    changed[:, 3:] += 1
    assert torch.equal(model(changed)[0][:, :3], model(u)[0][:, :3])
    assert not torch.equal(model(changed)[0][:, 3:], model(u)[0][:, 3:])


def test_spans_belong_to_samples_also_when_the_batch_is_as_large_as_the_layer():
    """ncps #81 to #83: a batch as large as the layer broadcast over neurons instead."""
    model = build("SA-LTC", M, N, OUT, input_map="synaptic", seed=0, dtype=torch.float64)
    u, spans = inputs(batch=N), torch.rand(N, 6, dtype=torch.float64) + 0.1
    together = model(u, timespans=spans)[0]
    for i in range(N):
        alone = model(u[i : i + 1], timespans=spans[i : i + 1])[0]
        torch.testing.assert_close(together[i : i + 1], alone, rtol=1e-12, atol=1e-14)


def test_two_half_spans_with_the_same_input_are_one_whole_span():
    model = build(
        "SA-LTC", M, N, OUT, input_map="synaptic", seed=0, solver="dopri5", dtype=torch.float64
    )
    u = inputs(time=1)
    halves = torch.full((2, 2), 0.5, dtype=torch.float64)
    _, whole = model(u)
    _, twice = model(u.expand(2, 2, M), timespans=halves)
    torch.testing.assert_close(twice, whole, rtol=1e-7, atol=1e-9)


def test_masked_steps_leave_the_state_and_are_not_looked_at(model):
    u = inputs()
    mask = torch.tensor([[1, 1, 0, 1, 0, 0], [0, 1, 1, 1, 1, 1]], dtype=torch.bool)
    u[~mask] = float("nan")
    outputs, last = model(u, mask=mask)
    for i in range(2):
        expected, state = model(u[i : i + 1, mask[i]])
        torch.testing.assert_close(outputs[i, mask[i]], expected[0], rtol=1e-12, atol=1e-14)
        close(of_sample(last, i), of_sample(state, 0))
    # The state stays to the bit; a product rounds the same row by its place in the batch.
    seen, _ = model.cell.run(u.nan_to_num(), model.cell.initial_state(2), None, mask)
    assert torch.equal(seen[0, 2], seen[0, 1])
    torch.testing.assert_close(outputs[0, 2], outputs[0, 1], rtol=1e-12, atol=1e-14)
    outputs.sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in model.parameters() if p.grad is not None)


@pytest.mark.parametrize("lengths", [(5, 4, 1), (2, 6, 3)])
def test_packed_sequences_go_in_and_come_out(model, lengths):
    sequences = [inputs(1, length, seed=length)[0] for length in lengths]
    packed = pack_sequence(sequences, enforce_sorted=list(lengths) == sorted(lengths)[::-1])
    outputs, last = model(packed)
    padded, got_lengths = pad_packed_sequence(outputs, batch_first=True)
    assert got_lengths.tolist() == list(lengths)
    assert torch.equal(outputs.batch_sizes, packed.batch_sizes)
    for i, sequence in enumerate(sequences):
        expected, state = model(sequence)
        torch.testing.assert_close(padded[i, : len(sequence)], expected, rtol=1e-12, atol=1e-14)
        close(of_sample(last, i), state)


def test_state_dict_round_trip_and_deepcopy(model):
    u = inputs()
    other = copy.deepcopy(model)
    assert torch.equal(other(u)[0], model(u)[0])
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.add_(0.1)
    assert not torch.equal(other(u)[0], model(u)[0])
    other.load_state_dict(model.state_dict())
    assert torch.equal(other(u)[0], model(u)[0])


def test_float32_and_float64_start_from_the_same_seed_and_agree(model):
    single = copy.deepcopy(model).float()
    u = inputs()
    torch.testing.assert_close(single(u.float())[0].double(), model(u)[0], rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize(("name", "input_map"), VARIANTS)
def test_gradcheck(name, input_map):
    model = build(
        name,
        2,
        3,
        1,
        input_map=input_map,
        unfolds=2 if "unfolds" in MODELS[name].options else None,
        seed=0,
        dtype=torch.float64,
    )
    u = torch.linspace(-1, 1, 8, dtype=torch.float64).reshape(2, 2, 2).requires_grad_()
    leaves = (u, *model.parameters())
    outputs = lambda u, *_: tree_leaves(model(u))  # noqa: E731
    assert torch.autograd.gradcheck(outputs, leaves, fast_mode=True)


@pytest.mark.parametrize("name", ["NA-ACT-RNN", "SA-ACT-RNN", "NA-ALTC", "SA-ALTC", "NRN"])
def test_gradcheck_of_autonomous_models(name):
    model = build(name, 2, 3, 1, unfolds=2, seed=0, dtype=torch.float64)
    u = torch.tensor([[-0.5, 0.2], [0.7, -0.1]], dtype=torch.float64)
    if name == "NRN":
        u = 10 * u - 40  # mV, where its synapses are half open
    inputs = (u.requires_grad_(), *model.parameters())
    assert torch.autograd.gradcheck(lambda u, *_: model(u, steps=2), inputs, fast_mode=True)


@pytest.mark.parametrize("name", ["DNN", "SA-DNN", "ResNet", "SA-ResNet", "NeuralODE"])
def test_gradcheck_of_feed_forward_networks(name):
    model = build(name, 2, 3, 1, seed=0, dtype=torch.float64)
    u = torch.tensor([[-0.5, 0.2], [0.7, -0.1]], dtype=torch.float64, requires_grad=True)
    inputs = (u, *model.parameters())
    assert torch.autograd.gradcheck(lambda u, *_: model(u), inputs, fast_mode=True)


@pytest.mark.parametrize("descriptor", TypeDescriptor.all(), ids=str)
def test_all_144_build_run_and_differentiate(descriptor):
    model = build(descriptor, M, N, OUT, seed=0, dtype=torch.float64)
    outputs, state = model(inputs())
    outputs.square().sum().backward()
    assert torch.isfinite(outputs).all()
    assert state.shape == (2, N)
    assert all(torch.isfinite(p.grad).all() for p in model.parameters())


@pytest.mark.parametrize("descriptor", TypeDescriptor.all(), ids=str)
def test_all_144_have_table_3s_shapes(descriptor):
    cell = build(descriptor, M, N, OUT, seed=0).cell
    layers = [(cell.recurrent, N)]
    if descriptor.in_mode == "synaptic":
        layers.append((cell.sensory, M))
    for layer, pre in layers:
        w, b, a, e = layer.weights()
        if descriptor.rec_type == "s":
            unit = post = (N, pre)
        else:  # the paper's (model_size): of the neuron that the activation belongs to
            unit, post = ((N,) if descriptor.w_mode == "" else (pre,)), (N,)
        assert w.shape == (N, pre)
        assert b.shape == unit
        assert (a is None) if descriptor.w_mode == "r" else (a.shape == unit)
        assert (e.shape == post) if descriptor.factor == "+" else (e is None)
    assert cell.w_l.shape == (N,)
    assert (cell.x0 is not None) == descriptor.lis


def test_mode_none_is_mode_v_with_letters_exchanged():
    """a σ(wx + b) with (a, w, b) is w σ(a(x + b)) with (w, a, b/a): the same synapse."""
    plain = build("ctrnn_sigm+s_synaptic", M, N, OUT, seed=0, dtype=torch.float64)
    v = build("ctrnn_vsigm+s_synaptic", M, N, OUT, seed=0, dtype=torch.float64)
    v.load_state_dict(plain.state_dict())
    for layer, source in (
        (v.cell.recurrent, plain.cell.recurrent),
        (v.cell.sensory, plain.cell.sensory),
    ):
        w, b, a, _ = source.weights()
        layer.w.data, layer.a.data, layer.b.data = (p.detach() for p in (a, w, b / w))
    torch.testing.assert_close(v(inputs())[0], plain(inputs())[0], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("solver", SOLVERS)
def test_every_solver_runs_every_kind_of_continuous_cell(solver):
    for name in ("SA-LTC", "NA-CT-RNN-T", "ANODE"):
        model = build(name, M, N, OUT, solver=solver, seed=0, dtype=torch.float64)
        fine = build(name, M, N, OUT, solver="rk4", unfolds=50, seed=0, dtype=torch.float64)
        torch.testing.assert_close(model(inputs())[0], fine(inputs())[0], rtol=0.05, atol=0.05)


def test_autonomous_models_start_from_their_input_and_resume():
    for name in ("NA-ACT-RNN", "SA-ACT-RNN", "NA-ALTC", "SA-ALTC", "NRN"):
        model = build(name, M, N, OUT, seed=0, dtype=torch.float64)
        assert isinstance(model, AutonomousNetwork)
        u = inputs(time=1)[:, 0] * (10 if name == "NRN" else 1)
        whole, last = model(u, steps=5)
        first, state = model(u, steps=2)
        second, resumed = model(None, state, steps=3)
        close(torch.cat([first, second], dim=1), whole)
        close(resumed, last)
        rest = -70.0 if name == "NRN" else 0.0
        expected = torch.cat([u, torch.full((2, N - M), rest, dtype=torch.float64)], dim=1)
        assert torch.equal(model.cell.embed(u), expected)


@given(st.integers(1, 4), st.integers(1, 5), st.integers(1, 6), st.integers(1, 4))
def test_any_sizes_work(m, n, time, batch):
    model = build("SA-LTC", m, n, 1, input_map="synaptic", seed=0)
    outputs, state = model(torch.zeros(batch, time, m))
    assert outputs.shape == (batch, time, 1)
    assert state.shape == (batch, n)


@pytest.mark.parametrize("name", ["SA-LTC", "CT-GRU"])
def test_torch_export_of_the_eager_path(name):
    model = build(name, M, N, OUT, seed=0).eval()
    u = inputs(dtype=torch.float32)
    exported = torch.export.export(model, (u,), strict=False)
    torch.testing.assert_close(exported.module()(u)[0], model(u)[0])


def test_states_that_are_lost_are_told_once_where_the_network_was_called(monkeypatch):
    monkeypatch.setattr(stability, "_warned", set())
    model = build("SA-LTC", 2, 32, 1, input_map="synaptic", seed=0)
    u, lengths = torch.ones(3, 20, 2), torch.full((3, 20), 10.0)
    with pytest.warns(stability.NotFiniteWarning) as told:
        y, _ = model(u, timespans=lengths)
        model(u, timespans=lengths)
    (one,) = told
    assert one.filename == __file__
    lost = int((~torch.isfinite(y)).flatten(2).any(2).any(0).nonzero()[0])
    assert re.match(
        rf"the states of ctrnn_vsigm\+s_synaptic stopped being finite at time step {lost}\. The "
        r"largest dt·\(w_l \+ Σ wσ\)/C was [1-9][0-9]*\.[0-9]{2}; .* Take solver='semi-implicit",
        str(one.message),
    )
    with warnings.catch_warnings(action="error"):
        calm = build("SA-LTC", 2, 32, 1, input_map="synaptic", seed=0, solver="semi-implicit")
        assert calm(u, timespans=lengths)[0].isfinite().all()
