"""One network written as another type: same outputs, and an honest error where it cannot be."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ltcbook import TypeDescriptor, build
from ltcbook.analysis.rewriting import change_coordinates, read, rewrite, write
from ltcbook.nn.sequence import RecurrentNetwork

ALL = TypeDescriptor.all()


def network(kind: TypeDescriptor | str, seed: int = 0) -> RecurrentNetwork:
    model = build(kind, 2, 3, 2, seed=seed, dtype=torch.float64, backend="eager", unfolds=2)
    assert isinstance(model, RecurrentNetwork)
    if model.cell.x0 is not None:
        with torch.no_grad():
            model.cell.x0.copy_(torch.tensor([0.3, -0.2, 0.4]))
    return model


def gap(kind: TypeDescriptor | str, target: TypeDescriptor | str, seed: int = 0) -> float:
    """Largest difference of the outputs after rewriting."""
    model = network(kind, seed)
    u = torch.randn(2, 3, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    other, start = rewrite(model, target)
    assert str(other.cell.descriptor) == str(target)
    with torch.no_grad():
        return float((model(u)[0] - other(u, start.expand(2, -1))[0]).abs().max())


def possible(kind: TypeDescriptor, target: TypeDescriptor, seed: int = 0) -> bool:
    try:
        return gap(kind, target, seed) < 1e-10
    except ValueError:
        return False


@settings(max_examples=80, deadline=None)
@given(kind=st.sampled_from(ALL), target=st.sampled_from(ALL), seed=st.integers(0, 2**31 - 1))
def test_whatever_can_be_rewritten_gives_the_same_outputs(
    kind: TypeDescriptor, target: TypeDescriptor, seed: int
) -> None:
    target = dataclasses.replace(target, in_mode=kind.in_mode, factor=kind.factor)
    try:
        found = gap(kind, target, seed)
    except ValueError:
        return
    assert found < 1e-10


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("ctrnn_vsigms_linear_lis", "ctrnn_vsigms_linear"),  # the rest is a choice of zero
        ("ctrnn_vsigm+s_synaptic_lis", "ctrnn_vsigm+s_synaptic"),
        ("ctrnn_sigm_linear_lis", "ctrnn_sigm_linear"),
        ("ctrnn_vsigm*_linear_lis", "ctrnn_vsigm*_linear"),  # rests below 1
        ("ctrnn_sigm*s_synaptic_lis", "ctrnn_sigm*s_synaptic"),
        ("ctrnn_tanh*_linear_lis", "ctrnn_tanh*_linear"),
        ("ctrnn_sigms_synaptic", "ctrnn_vsigms_synaptic"),  # two names for two letters
        ("ctrnn_vtanh*s_linear", "ctrnn_tanh*s_linear"),
        ("ctrnn_vsigm_linear", "ctrnn_rsigm_linear"),  # the slope is a choice of unit
        ("ctrnn_vsigm+_linear", "ctrnn_rsigm+_linear"),
        ("ctrnn_vsigms_linear", "ctrnn_vtanhs_linear"),  # sigmoid and tanh
        ("ctrnn_vtanh_synaptic", "ctrnn_vsigm_synaptic"),
        ("ctrnn_rtanhs_linear", "ctrnn_rsigms_linear"),
        ("ctrnn_vsigm_synaptic", "ctrnn_vsigms_synaptic"),  # inclusions
        ("ctrnn_vsigm*s_synaptic", "ctrnn_vsigm+s_synaptic"),
        ("ctrnn_sigm*_linear", "ctrnn_sigm+_linear"),
        ("ctrnn_rsigm+_synaptic", "ctrnn_vsigm+s_synaptic"),
        ("ctrnn_vsigm+s_synaptic", "ctrnn_vtanh+s_synaptic"),
        ("ctrnn_sigm+_linear", "ctrnn_tanh+_linear"),
    ],
)
def test_known_rewritings(kind: str, target: str) -> None:
    assert max(gap(kind, target, seed) for seed in range(3)) < 1e-12


@pytest.mark.parametrize(
    ("kind", "target", "reason"),
    [
        ("ctrnn_vsigm_linear", "ctrnn_vsigm_synaptic", "different functions of u"),
        ("ctrnn_sigm_linear", "ctrnn_vsigm_linear", "no sum of activations"),
        ("ctrnn_vsigms_linear", "ctrnn_vsigm_linear", "cannot share them"),
        ("ctrnn_vsigms_linear", "ctrnn_rsigms_linear", "no unit fits them all"),
        ("ctrnn_vsigm_synaptic", "ctrnn_rsigm_synaptic", "slopes of one only"),
        ("ctrnn_vsigm+_linear", "ctrnn_vsigm*_linear", "cannot be written as"),
        ("ctrnn_vsigm_linear", "ctrnn_vsigm+_linear", "cannot be written as"),
        ("ctrnn_rsigm*_linear_lis", "ctrnn_rsigm*_linear", "the anchor stands at 1"),
        ("ctrnn_vtanh+s_linear", "ctrnn_vsigm+s_linear", "one of sigmoids cannot"),
    ],
)
def test_what_cannot_be_rewritten_says_why(kind: str, target: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        rewrite(network(kind), target)


def test_a_star_with_a_rest_beyond_its_post_keeps_it() -> None:
    model = network("ctrnn_vsigm*_linear_lis")
    with torch.no_grad():
        model.cell.x0[1] = 1.5
    with pytest.raises(ValueError, match="a rest is not below the anchor at 1"):
        rewrite(model, "ctrnn_vsigm*_linear")


def test_slopes_of_zero_have_no_midpoint_and_no_unit() -> None:
    synaptic, neural = network("ctrnn_sigms_linear"), network("ctrnn_vsigm_linear")
    with torch.no_grad():
        synaptic.cell.recurrent.w[0, 0] = 0.0
        neural.cell.recurrent.a[1] = 0.0
    with pytest.raises(ValueError, match="a slope is zero"):
        rewrite(synaptic, "ctrnn_vsigms_linear")
    with pytest.raises(ValueError, match="a slope is not above zero"):
        rewrite(neural, "ctrnn_rsigm_linear")


def test_the_144_strings_are_at_most_57_families() -> None:
    """Strings that differ in one part, both ways; what hangs together is one family."""
    family = {str(kind): {str(kind)} for kind in ALL}
    for kind in ALL:
        for part, values in TypeDescriptor.ALLOWED.items():
            for value in values:
                other = dataclasses.replace(kind, **{part: value})  # type: ignore[arg-type]
                if str(kind) < str(other) and possible(kind, other) and possible(other, kind):
                    joined = family[str(kind)] | family[str(other)]
                    family |= dict.fromkeys(joined, joined)
    families = {frozenset(members) for members in family.values()}
    assert len(families) == 57
    by_factor = [
        sum(TypeDescriptor.parse(min(f)).factor == factor for f in families)
        for factor in ("", "*", "+")
    ]
    assert by_factor == [11, 28, 18]


def test_reading_and_writing_loses_nothing() -> None:
    for kind in ("ctrnn_sigms_linear_lis", "ctrnn_rtanh+_synaptic", "ctrnn_tanh*_synaptic"):
        model = network(kind)
        again = write(read(model), TypeDescriptor.parse(kind), model)
        for name, value in model.named_parameters():
            if "e_sensory" not in name:
                torch.testing.assert_close(again.get_parameter(name), value, rtol=1e-12, atol=0)


def test_a_stars_post_stays_where_it_stands() -> None:
    model = network("ctrnn_vsigm*_linear")
    one = torch.ones(3, dtype=torch.float64)
    with pytest.raises(ValueError, match="the anchor stands at 1"):
        change_coordinates(read(model), model.cell.descriptor, 2 * one, 0 * one)
