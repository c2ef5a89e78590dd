"""Which synapses there are: as in ncps, and kept by models of every kind."""

import ncps.torch
import ncps.wirings
import pytest
import torch

import ltcbook
from ltcbook import build, count_parameters, wirings
from ltcbook.nn.readout import MotorReadout
from ltcbook.nn.wirings import missing_parameters

M, N, OUT = 5, 12, 2


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(("hidden", "output"), [(6, 2), (12, 2), (19, 4), (40, 7)])
@pytest.mark.parametrize("sparsity", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("seed", [0, 22222])
def test_auto_ncp_draws_the_synapses_of_ncps(hidden, output, sparsity, seed) -> None:
    theirs = ncps.wirings.AutoNCP(hidden, output, sparsity_level=sparsity, seed=seed)
    theirs.build(M)
    ours = wirings.AutoNCP(hidden, output, sparsity, seed).connect(M, hidden)
    assert ours.recurrent.mT.tolist() == theirs.adjacency_matrix.astype(int).tolist()
    assert ours.sensory.mT.tolist() == theirs.sensory_adjacency_matrix.astype(int).tolist()
    for number, (layer, neurons) in enumerate(ours.layers.items()):
        assert list(neurons) == list(theirs.get_neurons_of_layer(number)), layer


def test_ncp_draws_the_synapses_of_ncps() -> None:
    sizes = (8, 5, 3, 4, 2, 6, 3)
    theirs = ncps.wirings.NCP(*sizes, seed=3)
    theirs.build(M)
    ours = wirings.NCP(*sizes, seed=3).connect(M, 16)
    assert ours.recurrent.mT.tolist() == theirs.adjacency_matrix.astype(int).tolist()
    assert ours.sensory.mT.tolist() == theirs.sensory_adjacency_matrix.astype(int).tolist()


def test_random_and_full_wirings_have_the_synapses_asked_for() -> None:
    some = wirings.random(0.25, seed=1).connect(M, N)
    assert some.recurrent_mask.sum() == N * N // 4
    assert some.sensory_mask.sum() == N * M // 4
    again = wirings.random(0.25, seed=1).connect(M, N)
    other = wirings.random(0.25, seed=2).connect(M, N)
    assert torch.equal(some.recurrent, again.recurrent)
    assert not torch.equal(some.recurrent, other.recurrent)
    full = wirings.fully_connected().connect(M, N)
    assert full.recurrent_mask.all()
    assert full.sensory_mask.all()
    assert {1, -1} == set(full.recurrent.flatten().tolist())


@pytest.mark.parametrize("input_map", ["linear", "synaptic"])
@pytest.mark.parametrize("name", ["NA-CT-RNN-T", "SA-CT-RNN-S", "NA-LTC", "SA-LTC"])
def test_training_keeps_to_the_wiring(name, input_map) -> None:
    """An input or a neuron reaches at once those only that it has a synapse to."""
    wiring = wirings.AutoNCP(N, OUT)
    model = build(
        name, M, N, OUT, wiring=wiring, input_map=input_map, unfolds=1, seed=0, dtype=torch.float64
    )
    optimiser = torch.optim.Adam(model.parameters(), 0.05)
    u = noise(4, 6, M).double()
    for _ in range(5):
        optimiser.zero_grad()
        (model(u)[0] - 1).square().mean().backward()
        optimiser.step()
    found, x = wiring.connect(M, N), noise(1, N).double()
    by_state = torch.func.jacrev(lambda x: model.cell(x, u[:1, 0])[0])(x)[:, 0]
    by_input = torch.func.jacrev(lambda u: model.cell(x, u)[0])(u[:1, 0])[:, 0]
    apart = ~torch.eye(N, dtype=torch.bool)
    assert (by_state[apart & ~found.recurrent_mask] == 0).all()
    assert (by_input[~found.sensory_mask] == 0).all()
    assert (by_input[found.sensory_mask] != 0).any()
    assert isinstance(model.readout, MotorReadout)
    outputs, state = model(u)
    torch.testing.assert_close(
        outputs[:, -1], state[:, :OUT] * model.readout.weight + model.readout.bias
    )


@pytest.mark.parametrize("name", ["NA-LTC", "SA-LTC", "SA-CT-RNN-T"])
def test_kernels_see_the_mask(name) -> None:
    model = build(
        *(name, M, N, OUT), wiring=wirings.AutoNCP(N, OUT), input_map="synaptic", seed=0
    ).double()
    u, found = noise(2, 9, M).double(), []
    for backend in ("numba", "eager"):
        model.backend = backend
        model.zero_grad()
        y, _ = model(u)
        y.square().sum().backward()
        found.append([y, *(p.grad for p in model.parameters())])
    for fast, reference in zip(*found, strict=True):
        torch.testing.assert_close(fast, reference, rtol=1e-10, atol=1e-12)


def test_a_missing_synapse_is_zero_in_all_that_a_kernel_is_given() -> None:
    """That is how it knows what to leave out; strength zero alone stays, for its gradient."""
    model = build("SA-LTC", M, N, OUT, wiring=wirings.AutoNCP(N, OUT), input_map="synaptic")
    with torch.no_grad():
        model.cell.recurrent.w.zero_()
    recurrence = model.cell.recurrence()
    layers = (recurrence.recurrent, model.cell.recurrent), (recurrence.sensory, model.cell.sensory)
    for given, synapses in layers:
        idle = sum((part != 0).int() for part in given) == 0
        assert torch.equal(idle, synapses.mask == 0)


def test_single_synapses_have_the_polarity_of_the_wiring() -> None:
    found = wirings.AutoNCP(N, OUT).connect(M, N)
    options = {"wiring": wirings.AutoNCP(N, OUT), "input_map": "synaptic", "seed": 0}
    gated = build("SA-LTC", M, N, OUT, **options).cell
    there = found.recurrent_mask
    assert torch.equal(gated.recurrent.e[there].sign(), found.recurrent[there].float())
    ungated = build("SA-CT-RNN-T", M, N, OUT, **options).cell
    assert torch.equal(ungated.recurrent.w.sign(), found.recurrent.float())
    assert torch.equal(ungated.sensory.w.sign(), found.sensory.float())


def test_missing_synapses_are_not_counted() -> None:
    sizes = {"input_size": M, "hidden_size": N, "output_size": OUT, "input_map": "synaptic"}
    wiring = wirings.AutoNCP(N, OUT)
    found = wiring.connect(M, N)
    synapses = int(found.recurrent_mask.sum() + found.sensory_mask.sum())
    # w, a, b, e of each synapse; a leak for each neuron; two numbers for each motor neuron
    assert count_parameters("SA-LTC", wiring=wiring, **sizes) == 4 * synapses + N + 2 * OUT
    plain = count_parameters("SA-LTC", **sizes)
    assert plain == 4 * N * (N + M) + N + (N + 1) * OUT
    full = count_parameters("SA-LTC", wiring=wirings.fully_connected(), **sizes)
    assert full == plain


def test_a_neural_model_misses_one_strength_for_each_synapse() -> None:
    wiring = wirings.random(0.25)
    model = build("NA-CT-RNN-T", M, N, OUT, wiring=wiring, seed=0)
    found = wiring.connect(M, N)
    missing = int((~found.recurrent_mask).sum() + (~found.sensory_mask).sum())
    assert missing_parameters(model) == missing


def test_wrong_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="hidden_size must be 12, as many as the wiring"):
        build("SA-LTC", M, 13, OUT, wiring=wirings.AutoNCP(N, OUT))
    with pytest.raises(ValueError, match="output_size must be 2, as many as the wiring has motor"):
        build("SA-LTC", M, N, 3, wiring=wirings.AutoNCP(N, OUT))
    with pytest.raises(ValueError, match="wiring does not apply to LSTM"):
        build("LSTM", M, N, OUT, wiring=wirings.AutoNCP(N, OUT))
    with pytest.raises(ValueError, match="wiring must be one of ltcbook.wirings, got int"):
        build("SA-LTC", M, N, OUT, wiring=3)
    for density in ("half", 1.5, float("nan")):
        with pytest.raises(ValueError, match=f"density must be .* at most 1, got {density!r}"):
            wirings.random(density)
    with pytest.raises(ValueError, match="seed must be an integer of at least 0, got -1"):
        wirings.random(0.5, seed=-1)
    with pytest.raises(ValueError, match="density must be above 0 and at most 1, got 0"):
        wirings.random(0)
    with pytest.raises(ValueError, match="hidden_size must be at least output_size"):
        wirings.AutoNCP(4, 2)


def test_the_graph_has_every_synapse_with_its_polarity() -> None:
    found = wirings.AutoNCP(N, OUT).connect(M, N)
    graph = found.graph()
    assert graph.number_of_edges() == found.recurrent_mask.sum() + found.sensory_mask.sum()
    for pre, post, polarity in graph.edges(data="polarity"):
        matrix = found.sensory if isinstance(pre, str) else found.recurrent
        assert matrix[post, int(str(pre).lstrip("u"))] == polarity
    assert {layer for _, layer in graph.nodes(data="layer")} == {"sensory", *found.layers}


def test_hidden_states_without_a_readout() -> None:
    model = ltcbook.LTC(M, N, wiring=wirings.AutoNCP(N, OUT), seed=0)
    y, state = model(noise(2, 3, M))
    assert y.shape == (2, 3, N)
    assert torch.equal(y[:, -1], state)


def test_a_controller_of_a_wired_network_acts_as_the_network():
    model = ltcbook.LTC(4, 9, 2, wiring=wirings.AutoNCP(9, 2), seed=0)
    u = noise(1, 6, 4)
    act = model.controller()
    actions = torch.stack([torch.as_tensor(act(row.numpy())) for row in u[0]])
    torch.testing.assert_close(actions, model(u)[0][0].detach(), rtol=1e-4, atol=1e-5)


def test_the_drawing_tells_the_signs_apart_and_names_the_layers():
    from matplotlib.colors import to_rgba
    from matplotlib.figure import Figure
    from matplotlib.patches import FancyArrowPatch

    c = wirings.AutoNCP(12, 2).connect(5, 12)
    axes = c.draw(Figure().subplots(), excitatory="green", inhibitory="purple")
    colours = [p.get_edgecolor() for p in axes.patches if isinstance(p, FancyArrowPatch)]
    signs = torch.cat([c.recurrent.flatten(), c.sensory.flatten()])
    assert colours.count(to_rgba("green")) == int((signs == 1).sum())
    assert colours.count(to_rgba("purple")) == int((signs == -1).sum())
    assert [t.get_text() for t in axes.texts] == ["sensory", "inter", "command", "motor"]


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((3, 2, 1, 4, 1, 1, 1), "sensory_fanout must be at most 3, got 4"),
        ((3, 2, 1, 1, 3, 1, 1), "inter_fanout must be at most 2, got 3"),
        ((3, 2, 1, 1, 1, 1, 3), "motor_fanin must be at most 2, got 3"),
        ((0, 2, 1, 1, 1, 1, 1), "inter_neurons must be an integer of at least 1, got 0"),
    ],
)
def test_fans_that_do_not_fit_are_refused(sizes, message) -> None:
    with pytest.raises(ValueError, match=message):
        wirings.NCP(*sizes)


def test_the_smallest_density_leaves_one_synapse() -> None:
    found = wirings.random(1e-6).connect(M, N)
    assert found.recurrent_mask.sum() == found.sensory_mask.sum() == 1
    for level in (0.05, 0.95):
        with pytest.raises(ValueError, match="sparsity_level must be from 0.1 to 0.9"):
            wirings.AutoNCP(N, OUT, level)
