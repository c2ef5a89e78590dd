"""How the equations hang together, on random instances, and against matrix forms."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from scipy.special import expit

from ltcbook.papers.equations import Array, register
from tests.papers.equations.instances import draw, pick, seeds, sizes


def same(left: Array, right: Array) -> None:
    np.testing.assert_allclose(left, right, rtol=1e-11, atol=1e-12)


@given(n=sizes, m=sizes, seed=seeds)
def test_b2_is_b3(n: int, m: int, seed: int) -> None:
    given_ = draw(register["B.2"], n, m, seed)
    same(register["B.2"](**given_), register["B.3"](**given_))


@given(n=sizes, m=sizes, seed=seeds)
def test_an_euler_step_of_one_of_b4_is_b3(n: int, m: int, seed: int) -> None:
    layer = draw(register["B.3"], n, m, seed)
    x, w, b = layer["x"], layer["w"], layer["b"]
    euler = x + 1.0 * register["B.4"](0.0, x, lambda t: w, lambda t: b)
    same(euler, register["B.3"](x, w, b))


@given(n=sizes, m=sizes, seed=seeds)
def test_a6_with_a_step_of_one_is_a3(n: int, m: int, seed: int) -> None:
    layer = draw(register["A.3"], n, m, seed)
    same(register["A.6"](t=0.0, d=lambda t: 1.0, **layer), register["A.3"](**layer))


@given(n=sizes, m=sizes, seed=seeds)
def test_b7_without_leak_is_b5(n: int, m: int, seed: int) -> None:
    given_ = draw(register["B.7"], n, m, seed) | {"w_l": np.zeros(n)}
    same(register["B.7"](**given_), register["B.5"](**pick(given_, "x", "w", "b")))


@given(n=sizes, m=sizes, seed=seeds)
def test_b8_with_slope_one_and_shared_biases_is_b7(n: int, m: int, seed: int) -> None:
    given_ = draw(register["B.7"], n, m, seed)
    spread = given_ | {"a": np.ones((n, n)), "b": np.tile(given_["b"][:, None], n)}
    same(register["B.8"](**spread), register["B.7"](**given_))


@given(n=sizes, m=sizes, seed=seeds)
def test_b13_with_shared_activations_is_b14(n: int, m: int, seed: int) -> None:
    """Equal a and b for all synapses that leave a neuron: rows of the [from, to] matrix."""
    given_ = draw(register["B.14"], n, m, seed)
    spread = given_ | {name: np.tile(given_[name][:, None], n) for name in ("a", "b")}
    same(register["B.13"](**spread), register["B.14"](**given_))


@given(n=sizes, m=sizes, seed=seeds)
def test_b15_without_input_is_b13(n: int, m: int, seed: int) -> None:
    given_ = draw(register["B.15"], n, m, seed) | {"v": np.zeros((m, n))}
    alone = pick(given_, "x", "w_l", "e_l", "w", "C")
    alone |= {"a": given_["a_x"], "b": given_["b_x"], "e": given_["e_x"]}
    same(register["B.15"](**given_), register["B.13"](**alone))


@given(n=sizes, m=sizes, seed=seeds)
def test_b15_with_shared_activations_and_potentials_is_b17(n: int, m: int, seed: int) -> None:
    given_ = draw(register["B.17"], n, m, seed)
    spread = given_ | {k: np.tile(given_[k][:, None], n) for k in ("a_x", "b_x", "a_u", "b_u")}
    spread |= {"e_x": np.tile(given_["e_x"], (n, 1)), "e_u": np.tile(given_["e_u"], (m, 1))}
    same(register["B.15"](**spread), register["B.17"](**given_))


@given(n=sizes, m=sizes, seed=seeds)
def test_b16_is_b13_plus_a_current(n: int, m: int, seed: int) -> None:
    given_ = draw(register["B.16"], n, m, seed)
    alone = pick(given_, "x", "w_l", "e_l", "w", "e", "C")
    alone |= {"a": given_["a_x"], "b": given_["b_x"]}
    current = given_["u"] @ given_["v"] / given_["C"]
    same(register["B.16"](**given_), register["B.13"](**alone) + current)


@given(n=sizes, m=sizes, seed=seeds)
def test_b12_is_b10_with_shared_activations(n: int, m: int, seed: int) -> None:
    """The scalar w_ji is entry (i, j) of the matrix W that stands left of the vector."""
    given_ = draw(register["B.10"], n, m, seed)
    spread = pick(given_, "x", "u", "w_l") | {"w": given_["W"].T, "v": given_["V"].T}
    spread |= {k: np.tile(given_[k][:, None], n) for k in ("a_x", "b_x", "a_u", "b_u")}
    same(register["B.12"](**spread), register["B.10"](**given_))


@given(n=sizes, m=sizes, seed=seeds)
def test_b10_with_no_inputs_leaves_b11_without_its_input(n: int, m: int, seed: int) -> None:
    given_ = draw(register["B.11"], n, m, seed) | {"u": np.zeros(m)}
    autonomous = pick(given_, "x", "u", "w_l", "W") | {"V": np.zeros((n, m))}
    autonomous |= {"a_x": given_["a"], "b_x": given_["b"], "a_u": np.ones(m), "b_u": np.zeros(m)}
    same(register["B.11"](**given_), register["B.10"](**autonomous))


@given(n=sizes, m=sizes, seed=seeds)
def test_b9_and_b7_differ_by_which_is_done_first(n: int, m: int, seed: int) -> None:
    """With W = identity the order of sum and sigmoid does not matter."""
    given_ = draw(register["B.7"], n, m, seed) | {"w": np.eye(n)}
    inside = {"y": given_["x"], "u": np.zeros(m), "V": np.zeros((n, m)), "W": np.eye(n)}
    same(register["B.9"](**inside, **pick(given_, "w_l", "b")), register["B.7"](**given_))


@given(n=sizes, m=sizes, seed=seeds)
def test_a_and_b_agree_under_b_is_minus_mu(n: int, m: int, seed: int) -> None:
    for a, b in (("A.1", "B.1"), ("A.2", "B.2"), ("A.3", "B.3"), ("A.5", "B.5"), ("A.8", "B.7")):
        given_ = draw(register[a], n, m, seed)
        translated = {name: value for name, value in given_.items() if name != "mu"}
        same(register[a](**given_), register[b](**translated, b=-given_["mu"]))


@given(n=sizes, m=sizes, seed=seeds)
def test_a9_is_b13_with_slope_one_and_b_is_minus_mu(n: int, m: int, seed: int) -> None:
    given_ = draw(register["A.9"], n, m, seed)
    translated = pick(given_, "x", "w_l", "w") | {"e_l": given_["E_l"], "e": given_["E"]}
    bias = np.tile(-given_["mu"][:, None], n)
    same(register["A.9"](**given_), register["B.13"](**translated, a=np.ones((n, n)), b=bias))


@given(n=sizes, m=sizes, seed=seeds)
def test_b13_against_a_matrix_form_in_post_pre_order(n: int, m: int, seed: int) -> None:
    """Weights stored as [post, pre], the sums split: the form that the fast code uses."""
    g = draw(register["B.13"], n, m, seed)
    w, a, b, e = (g[name].T for name in ("w", "a", "b", "e"))
    conductance = w * expit(a * g["x"] + b)
    drive = g["w_l"] * g["e_l"] + (conductance * e).sum(1)
    decay = g["w_l"] + conductance.sum(1)
    same(register["B.13"](**g), (drive - decay * g["x"]) / g["C"])


@given(n=sizes, m=sizes, seed=seeds)
def test_b15_against_a_matrix_form_in_post_pre_order(n: int, m: int, seed: int) -> None:
    g = draw(register["B.15"], n, m, seed)
    y = g["w"].T * expit(g["a_x"].T * g["x"] + g["b_x"].T)
    z = g["v"].T * expit(g["a_u"].T * g["u"] + g["b_u"].T)
    gated = (y * g["e_x"].T).sum(1) + (z * g["e_u"].T).sum(1) - (y.sum(1) + z.sum(1)) * g["x"]
    same(register["B.15"](**g), (g["w_l"] * (g["e_l"] - g["x"]) + gated) / g["C"])
