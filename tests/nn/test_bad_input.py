"""Bad input gets one clear ValueError that names the argument, what came and what is needed."""

import re

import pytest
import torch

from ltcbook import build, show
from ltcbook.nn.wirings import AutoNCP

NAN, INF = float("nan"), float("inf")


def ltc(**options):
    return build("SA-LTC", 3, 5, 2, input_map="synaptic", seed=0, **options)


def u(*shape):
    return torch.zeros(shape or (2, 4, 3))


def poisoned(value):
    tensor = u()
    tensor[1, 2, 0] = value
    return tensor


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"u": u(2, 4, 7)},
            "u must have shape (batch, time, input) with input = 3, got shape (2, 4, 7)",
        ),
        ({"u": u(3)}, "with input = 3, got shape (3,)"),
        ({"u": u(2, 4, 3, 1)}, "with input = 3, got shape (2, 4, 3, 1)"),
        ({"u": [[1.0]]}, "with input = 3, got list"),
        (
            {"u": u(2, 0, 3)},
            "u must have at least one time step, got shape (2, 0, 3)",
        ),
        ({"u": u().double()}, "u must be torch.float32 on cpu as the model is, got torch.float64"),
        ({"u": u().long()}, "u must be torch.float32 on cpu as the model is, got torch.int64"),
        ({"u": poisoned(NAN)}, "u must be finite, got nan at index (1, 2, 0)"),
        ({"u": poisoned(-INF)}, "u must be finite, got -inf at index (1, 2, 0)"),
        (
            {"state": torch.zeros(2, 4)},
            "state must have shape (batch, n) = (2, 5), got shape (2, 4)",
        ),
        (
            {"state": torch.zeros(1, 5)},
            "state must have shape (batch, n) = (2, 5), got shape (1, 5)",
        ),
        ({"state": torch.zeros(5)}, "state must have shape (batch, n) = (2, 5), got shape (5,)"),
        ({"state": torch.full((2, 5), NAN)}, "state must be finite, got nan at index (0, 0)"),
        (
            {"timespans": torch.ones(2, 3)},
            "timespans must have shape (batch, time) = (2, 4), got shape (2, 3)",
        ),
        (
            {"timespans": torch.ones(4)},
            "timespans must have shape (batch, time) = (2, 4), got shape (4,)",
        ),
        ({"timespans": 0.5}, "timespans must have shape (batch, time) = (2, 4), got float"),
        (
            {"timespans": -torch.ones(2, 4)},
            "must be above 0 (they are durations, not time stamps), got -1.0 at index (0, 0)",
        ),
        ({"timespans": torch.arange(8.0).reshape(2, 4)}, "got 0.0 at index (0, 0)"),
        ({"timespans": torch.full((2, 4), INF)}, "timespans must be finite, got inf"),
        (
            {"mask": torch.ones(2, 5, dtype=torch.bool)},
            "mask must have shape (batch, time) = (2, 4), got shape (2, 5)",
        ),
        ({"mask": torch.ones(2, 4)}, "mask must be of dtype torch.bool, got torch.float32"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_forward(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        ltc()(**{"u": u()} | arguments)


def test_masked_values_may_be_anything():
    mask = torch.ones(2, 4, dtype=torch.bool)
    mask[1, 2] = False
    outputs, _ = ltc()(poisoned(NAN), mask=mask)
    assert torch.isfinite(outputs).all()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("LSTM", "state must be a tuple (h, c), got shape (2, 5)"),
        ("CT-GRU", "state must have shape (batch, n, M) = (2, 5, 8), got shape (2, 5)"),
    ],
)
def test_states_of_other_shapes(name, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        build(name, 3, 5, 2, seed=0)(u(), torch.zeros(2, 5))


def test_spans_mean_nothing_to_an_lstm_and_are_not_ignored():
    with pytest.raises(ValueError, match="timespans must be None for LSTMCell, which has no clock"):
        build("LSTM", 3, 5, 2)(u(), timespans=torch.ones(2, 4))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("SA-LTK", 3, 5, 2), "unknown model 'SA-LTK'; did you mean 'SA-LTC'? Known: DNN, SA-DNN"),
        (("sa-ltc", 3, 5, 2), "did you mean 'SA-LTC'?"),
        (("ctrnn_vsigm/_linear", 3, 5, 2), "the factor or rec-type is wrong"),
        (("SA-LTC", 0, 5, 2), "input_size must be an integer of at least 1, got 0"),
        (("SA-LTC", 3, 0, 2), "hidden_size must be an integer of at least 1, got 0"),
        (("SA-LTC", 3, 5, -1), "output_size must be an integer of at least 1, got -1"),
        (("SA-LTC", 3, 5.0, 2), "hidden_size must be an integer of at least 1, got 5.0"),
        (("SA-LTC", 3, AutoNCP(8, 2), 2), "2 motor); a wiring is given as wiring=..."),
        (("SA-ALTC", 6, 5, 2), "input_size must be at most hidden_size = 5 in an autonomous model"),
    ],
)
def test_build(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        build(*arguments)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("SA-LTC", {"solver": "eular"}, "unknown solver 'eular'; did you mean 'euler'?"),
        ("SA-LTC", {"unfolds": 0}, "unfolds must be an integer of at least 1, got 0"),
        ("SA-LTC", {"init": "zeros"}, "unknown init 'zeros'"),
        ("SA-LTC", {"seed": 0.5}, "seed must be an integer or None, got 0.5"),
        ("SA-LTC", {"dtype": torch.int32}, "dtype must be a floating-point type of PyTorch"),
        ("SA-LTC", {"dtype": "float32"}, "must be a floating-point type of PyTorch, got 'float32'"),
        ("SA-LTC", {"trainable": "e_l"}, "as ('C', 'e_l'), got 'e_l'"),
        ("SA-LTC", {"trainable": True}, "trainable must be a collection of names"),
        (
            "SA-LTC",
            {"depth": 3},
            "depth does not apply to SA-LTC (got 3); it takes: solver, unfolds",
        ),
        (
            "SA-LTC",
            {"input_map": "preactivation"},
            "input_map must be one of 'linear', 'synaptic' for SA-LTC",
        ),
        (
            "LSTM",
            {"input_map": "synaptic"},
            "input_map must be one of 'linear' for LSTM, got 'synaptic'",
        ),
        ("LSTM", {"solver": "rk4"}, "solver does not apply to LSTM"),
        ("DNN", {"depth": 0}, "depth must be an integer of at least 1, got 0"),
        ("NRN", {"input_map": "linear"}, "input_map does not apply to NRN"),
        (
            "ctrnn_vsigm_linear",
            {"input_map": "synaptic"},
            "input_map must be one of 'linear' for ctrnn_vsigm_linear",
        ),
    ],
)
def test_options(name, options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        build(name, 3, 5, 2, **options)


@pytest.mark.parametrize("name", ["DNN", "SA-ResNet", "NeuralODE"])
def test_feed_forward(name):
    model = build(name, 3, 5, 2, seed=0)
    assert model(u(7, 3)).shape == (7, 2)
    assert model(u(2, 4, 3)).shape == (2, 4, 2)
    for bad, message in (
        (u(2, 4), "u must have shape (..., input) with input = 3, got shape (2, 4)"),
        (poisoned(NAN), "u must be finite, got nan at index (1, 2, 0)"),
        (u().double(), "u must be torch.float32"),
    ):
        with pytest.raises(ValueError, match=re.escape(message)):
            model(bad)


def test_autonomous():
    model = build("SA-ALTC", 3, 5, 2, seed=0)
    with pytest.raises(ValueError, match="exactly one of u .* and state .* must be given"):
        model(None)
    for arguments, message in (
        ((u(2, 4),), "u must have shape (batch, 3), got shape (2, 4)"),
        ((None, u(2, 4)), "state must have shape (batch, 5), got shape (2, 4)"),
    ):
        with pytest.raises(ValueError, match=re.escape(message)):
            model(*arguments)
    with pytest.raises(ValueError, match="steps must be an integer of at least 1, got 0"):
        model(u(2, 3), steps=0)
    with pytest.raises(
        ValueError, match=r"timespans must have shape \(batch, time\) with batch = 2"
    ):
        model(u(2, 3), timespans=torch.ones(3, 1))


def test_a_packed_sequence_says_its_own_mask():
    packed = torch.nn.utils.rnn.pack_sequence([u(4, 3)])
    with pytest.raises(ValueError, match="mask must be None for a PackedSequence"):
        ltc()(packed, mask=torch.ones(1, 4, dtype=torch.bool))


def test_a_state_of_a_larger_batch_never_broadcasts():
    for model in (ltc(), build("ANODE", 3, 5, 2, seed=0)):
        with pytest.raises(ValueError, match="state must have shape"):
            model(u(), torch.zeros(1, *model.cell.state_shape))
    h = torch.zeros(2, 5)
    with pytest.raises(ValueError, match=r"c must have shape \(batch, n\) = \(2, 5\)"):
        build("LSTM", 3, 5, 2, seed=0)(u(), (h, h[:1]))


@pytest.mark.parametrize("name", ["SA-LTC", "NA-CT-RNN-T", "LSTM", "CT-GRU", "ANODE"])
def test_an_empty_batch_gives_empty_outputs(name):
    model = build(name, 3, 5, 2, seed=0)
    y, _ = model(u(0, 4, 3))
    assert y.shape == (0, 4, 2)
    y.sum().backward()


@pytest.mark.parametrize("name", ["SA-LTC", "NA-CT-RNN-T", "LSTM", "CT-GRU", "ANODE"])
def test_meta_tensors_give_shapes(name):
    model = build(name, 3, 5, 2, device="meta")
    y, _ = model(torch.empty(2, 4, 3, device="meta"))
    assert y.shape == (2, 4, 2) and y.is_meta


def test_show_needs_source():
    with pytest.raises(TypeError, match="obj must have Python source to show, got 3"):
        show(3)
    assert "def show(" in repr(show(show))


def test_large_finite_inputs_pass_though_their_sum_overflows() -> None:
    large = torch.full((2, 4, 3), 3e38)
    assert large.sum().isinf()
    outputs, _ = ltc()(large)
    assert torch.isfinite(outputs).all()
