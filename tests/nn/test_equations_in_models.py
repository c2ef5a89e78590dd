"""The vectorised models against the equation register, element by element, in float64.

The register writes w[j][i] for w_ji, the models store w[i, j]; hence the transposes.
"""

import numpy as np
import pytest
import torch

import ltcbook
from ltcbook import build, equations

N, M = 5, 3


def numpy(tensor):
    return tensor.detach().numpy()


def rate(model, x, u=None):
    """ẋ of a continuous model at one state, for one input."""
    sensed = () if u is None else model.cell.sense(u[None])
    form = model.cell.linear_form(x[None], sensed)
    return numpy(form.derivative(x[None]))[0]


@pytest.fixture
def x():
    return torch.randn(N, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def u():
    return torch.randn(M, dtype=torch.float64, generator=torch.Generator().manual_seed(2))


def model_of(name, **options):
    model = build(name, M, N, 2, seed=3, dtype=torch.float64, **options)
    with torch.no_grad():
        if getattr(model.cell, "C", None) is not None:
            model.cell.C.uniform_(0.5, 2.0)
        if getattr(model.cell, "e_l", None) is not None:
            model.cell.e_l.uniform_(-0.5, 0.5)
    return model


def act(model):
    return np.tanh if model.cell.descriptor.act == "tanh" else lambda z: 1 / (1 + np.exp(-z))


def neural_rows(vector):
    """A vector per presynaptic neuron as the matrix that synaptic activation would have."""
    return np.repeat(vector[:, None], N, axis=1)


@pytest.mark.parametrize("name", ["NA-ACT-RNN", "SA-ACT-RNN"])
def test_autonomous_ct_rnns(name, x):
    model = model_of(name)
    model.cell.e_l.zero_()
    model.cell.C.fill_(1.0)
    w, b, a, _ = model.cell.recurrent.weights()
    a, b = numpy(a), numpy(a * b)  # a (x + b) = a x + a b
    if name == "NA-ACT-RNN":
        a, b = neural_rows(a), neural_rows(b)
    else:
        a, b = a.T, b.T
    expected = equations["B.8"](numpy(x), numpy(model.cell.w_l), numpy(w).T, a, b)
    np.testing.assert_allclose(rate(model, x), expected, rtol=1e-12)


def test_ct_rnn_with_unit_slope_is_b7(x):
    model = build("ctrnn_rsigm_linear", M, N, 2, seed=3, dtype=torch.float64)
    w, b, _, _ = model.cell.recurrent.weights()
    drive, decay = model.cell.linear_form(x[None])
    expected = equations["B.7"](numpy(x), numpy(model.cell.w_l), numpy(w).T, numpy(b))
    np.testing.assert_allclose(numpy(drive - decay * x)[0], expected, rtol=1e-12)
    a8 = equations["A.8"](numpy(x), numpy(model.cell.w_l), numpy(w).T, -numpy(b))
    np.testing.assert_allclose(a8, expected, rtol=1e-12)


@pytest.mark.parametrize("letter", "ST")
def test_preactivation_input_is_b9(letter, x, u):
    model = build(
        f"NA-CT-RNN-{letter}", M, N, 2, input_map="preactivation", seed=3, dtype=torch.float64
    )
    cell = model.cell
    numbers = [numpy(t) for t in (x, u, cell.w_l, cell.w, cell.v, cell.b)]
    expected = equations["B.9"](*numbers, act(model))
    sensed = cell.sense(u[None])
    cell.unfolds = 1
    one_step = cell.bind()(x[None], sensed, 1e-3)
    np.testing.assert_allclose(numpy(one_step)[0], numpy(x) + 1e-3 * expected, rtol=1e-12)


@pytest.mark.parametrize("letter", "ST")
@pytest.mark.parametrize("input_map", ["linear", "synaptic"])
def test_neural_ct_rnns_are_b10_and_b11(letter, input_map, x, u):
    model = model_of(f"NA-CT-RNN-{letter}", input_map=input_map)
    cell = model.cell
    cell.e_l.zero_()
    cell.C.fill_(1.0)
    w, b, a, _ = cell.recurrent.weights()
    if input_map == "linear":
        numbers = (x, u, cell.w_l, w, cell.v, a, a * b)
        expected = equations["B.11"](*map(numpy, numbers), act(model)) + numpy(cell.b_in)
    else:
        v, b_u, a_u, _ = cell.sensory.weights()
        numbers = (x, u, cell.w_l, w, v, a, a * b, a_u, a_u * b_u)
        expected = equations["B.10"](*map(numpy, numbers), act(model))
    np.testing.assert_allclose(rate(model, x, u), expected, rtol=1e-12)


@pytest.mark.parametrize("letter", "ST")
def test_synaptic_ct_rnns_are_b12(letter, x, u):
    model = model_of(f"SA-CT-RNN-{letter}", input_map="synaptic")
    cell = model.cell
    cell.e_l.zero_()
    cell.C.fill_(1.0)
    w, b, a, _ = cell.recurrent.weights()
    v, b_u, a_u, _ = cell.sensory.weights()
    matrices = [numpy(t).T for t in (w, v, a, a * b, a_u, a_u * b_u)]
    expected = equations["B.12"](numpy(x), numpy(u), numpy(cell.w_l), *matrices, act(model))
    np.testing.assert_allclose(rate(model, x, u), expected, rtol=1e-12)


def test_autonomous_ltcs_are_b13_and_b14(x):
    for name, number in (("SA-ALTC", "B.13"), ("NA-ALTC", "B.14")):
        model = model_of(name)
        cell = model.cell
        w, b, a, e = cell.recurrent.weights()
        if number == "B.13":
            shaped = [numpy(t).T for t in (w, a, a * b, e)]
        else:  # one e per postsynaptic neuron, as in B.17
            shaped = [numpy(w).T, numpy(a), numpy(a * b), np.tile(numpy(e), (N, 1))]
        body = (numpy(x), numpy(cell.w_l), numpy(cell.e_l))
        expected = equations[number](*body, *shaped, C=numpy(cell.C))
        np.testing.assert_allclose(rate(model, x), expected, rtol=1e-12)


def test_ltcs_are_b15_and_b16(x, u):
    for input_map, number in (("synaptic", "B.15"), ("linear", "B.16")):
        model = model_of("SA-LTC", input_map=input_map)
        cell = model.cell
        w, b, a, e = cell.recurrent.weights()
        body = {
            "x": numpy(x),
            "u": numpy(u),
            "w_l": numpy(cell.w_l),
            "e_l": numpy(cell.e_l),
            "w": numpy(w).T,
            "a_x": numpy(a).T,
            "b_x": numpy(a * b).T,
            "C": numpy(cell.C),
        }
        if input_map == "synaptic":
            v, b_u, a_u, e_u = cell.sensory.weights()
            body |= {
                "v": numpy(v).T,
                "a_u": numpy(a_u).T,
                "b_u": numpy(a_u * b_u).T,
                "e_x": numpy(e).T,
                "e_u": numpy(e_u).T,
            }
            expected = equations[number](**body)
        else:
            body |= {"v": numpy(cell.v).T, "e": numpy(e).T}
            expected = equations[number](**body) + numpy(cell.b_in / cell.C)
        np.testing.assert_allclose(rate(model, x, u), expected, rtol=1e-12)
        np.testing.assert_allclose(
            equations["B.18"](
                numpy(x),
                numpy(cell.w_l),
                numpy(cell.e_l),
                numpy(w).T,
                numpy(a).T,
                numpy(a * b).T,
                numpy(e).T,
                C=numpy(cell.C),
            ),
            rate(model, x),
            rtol=1e-12,
        )


def test_neural_ltc_is_b17(x, u):
    model = model_of("NA-LTC", input_map="synaptic")
    cell = model.cell
    w, b, a, e = cell.recurrent.weights()
    v, b_u, a_u, e_u = cell.sensory.weights()
    expected = equations["B.17"](
        x=numpy(x),
        u=numpy(u),
        w_l=numpy(cell.w_l),
        e_l=numpy(cell.e_l),
        w=numpy(w).T,
        v=numpy(v).T,
        a_x=numpy(a),
        b_x=numpy(a * b),
        a_u=numpy(a_u),
        b_u=numpy(a_u * b_u),
        e_x=numpy(e),
        e_u=numpy(e_u),
        C=numpy(cell.C),
    )
    np.testing.assert_allclose(rate(model, x, u), expected, rtol=1e-12)


def test_nrn_is_a9_in_millivolts():
    model = build("NRN", M, N, 2, seed=3, dtype=torch.float64)
    cell = model.cell
    x = torch.tensor([-70.0, -55.0, -40.0, -30.0, -10.0], dtype=torch.float64)
    with torch.no_grad():  # A.9 has one threshold μ_j per presynaptic neuron
        cell.recurrent.b.copy_(cell.recurrent.b[:1].expand(N, N))
    w, b, _, e = cell.recurrent.weights()
    assert set(numpy(e).ravel()) == {-90.0, 0.0}
    assert set(numpy(cell.rest)) == {-70.0}
    expected = equations["A.9"](
        numpy(x), numpy(cell.w_l), numpy(cell.rest), numpy(w).T, -numpy(b)[0], numpy(e).T
    )
    np.testing.assert_allclose(rate(model, x), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "numbers"), [("DNN", ("A.1", "B.1")), ("ResNet", ("A.2", "A.3", "B.2", "B.3"))]
)
def test_layered_networks(name, numbers, x):
    model = build(name, M, N, 2, seed=3, dtype=torch.float64, depth=1)
    w, b, _, _ = model.layers[0].weights()
    after = numpy(model.trunk(x[None]))[0]
    for number in numbers:
        letters = [numpy(x), numpy(w).T, -numpy(b) if number[0] == "A" else numpy(b)]
        if name == "ResNet":
            expected = equations[number](*letters)
            np.testing.assert_allclose(after, expected, rtol=1e-12)
        else:  # B.1 carries y = σ(x + b); ours carries the sums x
            y = 1 / (1 + np.exp(-(numpy(x) + numpy(b))))
            zero = np.zeros(N)
            expected = equations[number](y, numpy(w).T, zero)
            np.testing.assert_allclose(1 / (1 + np.exp(-after)), expected, rtol=1e-12)


def test_neural_ode_right_hand_side_is_b5_and_its_euler_step_b3(x):
    model = build("NeuralODE", M, N, 2, seed=3, dtype=torch.float64, unfolds=1)
    w, b, _, _ = model.synapses.weights()
    after = numpy(model.trunk(x[None]))[0]
    for number, sign in (("B.5", 1), ("A.5", -1)):
        field = equations[number](numpy(x), numpy(w).T, sign * numpy(b))
        np.testing.assert_allclose(after, numpy(x) + field, rtol=1e-12)
    np.testing.assert_allclose(after, equations["B.3"](numpy(x), numpy(w).T, numpy(b)), rtol=1e-12)


def test_anode_embeds_the_input_as_b6(u):
    model = build("ANODE", M, N, 2, seed=3, dtype=torch.float64)
    cell = model.cell
    w1, b1, w2, b2 = (numpy(p) for p in (cell.w1, cell.b1, cell.w2, cell.b2))

    def flow(x):
        for _ in range(cell.unfolds):
            x = x + 0.1 * (w2 @ np.tanh(w1 @ x + b1) + b2)
        return x

    size = M + cell.augment
    _, state = model(u[None, None])
    for number in ("A.7", "B.6"):
        expected = equations[number](numpy(u), size - M, flow, range(size))
        np.testing.assert_allclose(numpy(state)[0], expected, rtol=1e-12)


def test_every_recurrent_equation_has_a_model_in_the_register_of_models():
    named = " ".join(ltcbook.nn.zoo.MODELS[name].source for name in ltcbook.models())
    for number in ("B.7", "B.8", "B.9", "B.10", "B.11", "B.12", "B.13", "B.14", "B.15", "B.17"):
        assert number in named
