"""The grammar of B's appendix."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltcbook import TypeDescriptor

ALL = TypeDescriptor.all()


def test_there_are_144_and_each_prints_and_parses_back():
    assert len({str(d) for d in ALL}) == 144
    assert [TypeDescriptor.parse(str(d)) for d in ALL] == list(ALL)


@pytest.mark.parametrize(
    ("printed", "parts"),
    [
        ("ctrnn_vtanh_linear", ("v", "tanh", "", "", "linear", False)),
        ("ctrnn_vsigm+s_synaptic", ("v", "sigm", "+", "s", "synaptic", False)),
        ("ctrrn_rsigm*-linear-lis", ("r", "sigm", "*", "", "linear", True)),
    ],
)
def test_the_papers_examples_and_its_other_spelling(printed, parts):
    d = TypeDescriptor.parse(printed)
    assert (d.w_mode, d.act, d.factor, d.rec_type, d.in_mode, d.lis) == parts


@pytest.mark.parametrize(
    ("text", "part", "allowed", "nearest"),
    [
        ("ctnn_vsigm_linear", "prefix", "'ctrnn'", "ctrnn_vsigm_linear"),
        ("ctrnn_vtnh_linear", "act", "'sigm' or 'tanh'", "ctrnn_vtanh_linear"),
        ("ctrnn_qsigm_linear", "act", "w-mode 'r' or 'v'", "ctrnn_sigm_linear"),
        ("ctrnn_vsigm/s_linear", "factor or rec-type", "'*' or '+'", "ctrnn_vsigms_linear"),
        ("ctrnn_vsigm+s_synaptc", "in-mode", "'synaptic'", "ctrnn_vsigm+s_synaptic"),
        ("ctrnn_sigm_linear_los", "lis", "'_lis'", "ctrnn_sigm_linear_lis"),
        ("ctrnn_sigm", "separator before in-mode", "'_'", "ctrnn_sigm_linear"),
    ],
)
def test_an_illegal_string_is_told_which_part_what_is_allowed_and_what_is_nearest(
    text, part, allowed, nearest
):
    with pytest.raises(ValueError) as error:
        TypeDescriptor.parse(text)
    message = str(error.value)
    assert f"the {part} is wrong" in message
    assert allowed in message.split("allowed: ")[1]
    assert message.endswith(f"the nearest legal string is {nearest!r}")


@given(st.text(max_size=30))
def test_any_text_either_parses_or_gets_the_one_error(text):
    try:
        assert TypeDescriptor.parse(text) in ALL
    except ValueError as error:
        assert "the nearest legal string is 'ctrnn_" in str(error)


@given(st.sampled_from(ALL), st.data())
def test_a_one_character_slip_is_answered_with_a_close_string(descriptor, data):
    text = str(descriptor)
    place = data.draw(st.integers(0, len(text) - 1))
    slipped = text[:place] + "?" + text[place + 1 :]
    with pytest.raises(ValueError, match=r"the nearest legal string is 'ctrnn_"):
        TypeDescriptor.parse(slipped)


def test_parts_are_checked_one_by_one():
    with pytest.raises(ValueError, match=r"w_mode='q' is not a w-mode .* allowed: '', 'r', 'v'"):
        TypeDescriptor(w_mode="q")
    with pytest.raises(ValueError, match="lis=1 is not a lis"):
        TypeDescriptor(lis=1)
    with pytest.raises(TypeError, match="must be a str, got int"):
        TypeDescriptor.parse(7)
