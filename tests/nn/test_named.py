"""The classes beside ``build``, its options, and the table that is open to others."""

import copy
import dataclasses
import inspect
import pickle
import typing

import pytest
import torch
from torch import nn

import ltcbook
from ltcbook import CTRNN, LTC, CfC, build, wirings
from ltcbook.nn import table, zoo
from ltcbook.nn.cell import RecurrentCell
from ltcbook.nn.request import Options, Request
from ltcbook.nn.zoo import MODELS, NamedModel, register_model

M, N, OUT = 3, 5, 2
U = torch.randn(4, 6, M, generator=torch.Generator().manual_seed(0))

SAME = [
    (lambda: LTC(M, N, OUT, seed=1), ("SA-LTC", {"input_map": "synaptic"})),
    (
        lambda: LTC(M, N, OUT, activation="neural", input_map="linear", unfolds=3, seed=1),
        ("NA-LTC", {"unfolds": 3}),
    ),
    (lambda: CTRNN(M, N, OUT, seed=1), ("NA-CT-RNN-T", {})),
    (
        lambda: CTRNN(M, N, OUT, activation="synaptic", function="sigmoid", seed=1),
        ("SA-CT-RNN-S", {}),
    ),
    (lambda: CfC(M, N, OUT, mode="pure", seed=1), ("CfC", {"mode": "pure"})),
]


@pytest.mark.parametrize(("make", "same"), SAME)
def test_a_class_makes_what_build_makes(make, same) -> None:
    name, options = same
    ours, built = make(), build(name, M, N, OUT, seed=1, **options)
    assert torch.equal(ours(U)[0], built(U)[0])
    assert list(ours.state_dict()) == list(built.state_dict())


@pytest.mark.parametrize(("make", "_"), SAME)
def test_parameters_are_reset_as_when_built(make, _) -> None:
    model = make()
    before = model(U)[0]
    model.reset_parameters(seed=2)
    assert not torch.allclose(model(U)[0], before)
    model.reset_parameters(seed=1)
    assert torch.equal(model(U)[0], before)


@pytest.mark.parametrize(("make", "_"), SAME[:3])
def test_copies_compute_the_same(make, _) -> None:
    model = make()
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert torch.equal(other(U)[0], model(U)[0])


def test_a_short_repr() -> None:
    assert repr(LTC(M, N, OUT, unfolds=4)) == (
        "SA-LTC(3, 5, 2, input_map='synaptic', unfolds=4; 177 parameters)"
    )
    assert repr(CTRNN(M, N)).startswith("NA-CT-RNN-T(3, 5, None, input_map='linear';")


def test_unknown_words_are_refused() -> None:
    with pytest.raises(ValueError, match="activation"):
        LTC(M, N, activation="axonal")
    with pytest.raises(ValueError, match="function"):
        CTRNN(M, N, function="relu")
    with pytest.raises(ValueError, match="mode"):
        CfC(M, N, mode="open")
    with pytest.raises(ValueError, match="output_size must be an integer of at least 1 for DNN"):
        build("DNN", M, N, None)
    with pytest.raises(ValueError, match="mixed_memory does not apply to LSTM"):
        build("LSTM", M, N, OUT, mixed_memory=True)
    with pytest.raises(ValueError, match="trainable does not apply with input_map='preactivation'"):
        build("NA-CT-RNN-T", M, N, OUT, input_map="preactivation", trainable=("C",))
    with pytest.raises(ValueError, match="backbone_units does not apply to a CfC with a wiring"):
        build("CfC", M, 8, OUT, wiring=wirings.AutoNCP(8, OUT), backbone_units=4)
    with pytest.raises(ValueError, match="wiring must have layers for a CfC"):
        build("CfC", M, 8, OUT, wiring=wirings.random(0.5))


def test_capacitance_and_rest_are_trained_where_asked() -> None:
    fixed = build("SA-LTC", M, N, OUT, seed=0)
    model = build("SA-LTC", M, N, OUT, seed=0, trainable=("C", "e_l"))
    names = {name for name, _ in model.named_parameters()}
    assert names - {name for name, _ in fixed.named_parameters()} == {"cell.C", "cell.e_l"}
    assert torch.equal(model(U)[0], fixed(U)[0])
    model(U)[0].square().mean().backward()
    assert model.cell.C.grad.abs().min() > 0
    with pytest.raises(ValueError, match="trainable"):
        build("SA-LTC", M, N, OUT, trainable=("w",))


def test_softplus_starts_where_the_clamp_does_and_stays_above_zero() -> None:
    clamped = build("SA-LTC", M, N, OUT, seed=0, dtype=torch.float64)
    smooth = build("SA-LTC", M, N, OUT, seed=0, dtype=torch.float64, constraint="softplus")
    torch.testing.assert_close(smooth(U.double())[0], clamped(U.double())[0])
    with torch.no_grad():
        for parameter in smooth.parameters():
            parameter.sub_(100.0)
    assert (smooth.cell.recurrent.value("w") >= 0).all()
    with pytest.raises(ValueError, match="constraint"):
        build("SA-LTC", M, N, OUT, constraint="hope")


class Echo(RecurrentCell):
    """Keeps a fading copy of the input."""

    def __init__(self, input_size, hidden_size, draw):
        super().__init__(input_size, hidden_size)
        self.w = nn.Parameter(draw.dense(hidden_size, input_size))

    def sense(self, u):
        return (u @ self.w.mT,)

    def bind(self):
        return lambda state, sensed, span: 0.5 * state + sensed[0]


def make_echo(entry, request, draw):
    return Echo(request.input_size, request.hidden_size, draw)


@pytest.fixture
def echo():
    entry = register_model(NamedModel("Echo", "an echo", "", "", make_echo))
    yield entry
    ltcbook.nn.table._models.pop("Echo")


def test_a_users_own_entry(echo) -> None:
    assert "Echo" in ltcbook.models()
    model = build("Echo", M, N, OUT, seed=0)
    y, _ = model(U)
    assert y.shape == (4, 6, OUT)
    assert (
        ltcbook.count_parameters("Echo", input_size=M, hidden_size=N, output_size=OUT)
        == M * N + (N + 1) * OUT
    )
    with pytest.raises(ValueError, match="solver does not apply to Echo"):
        build("Echo", M, N, OUT, solver="euler")
    with pytest.raises(ValueError, match="name must be new, got 'Echo'"):
        register_model(echo)


def test_the_table_itself_cannot_be_written() -> None:
    with pytest.raises(TypeError):
        MODELS["SA-LTC"] = MODELS["LSTM"]  # type: ignore[index]


def test_the_lists_of_options_and_names_agree():
    """The options of ``build`` stand in three places, the names in the table and in types."""
    signature = inspect.signature(zoo.build).parameters
    sizes = ["model", "input_size", "hidden_size", "output_size"]
    assert list(signature) == sizes + list(typing.get_type_hints(Options))
    fields = {field.name: field.default for field in dataclasses.fields(Request)}
    assert list(fields) == list(signature)[1:]
    assert {k: p.default for k, p in signature.items() if k not in sizes} == {
        k: v for k, v in fields.items() if k not in sizes
    }
    kinds = (zoo.FeedForwardName, zoo.AutonomousName, zoo.RecurrentName)
    names = [name for kind in kinds for name in typing.get_args(kind)]
    assert sorted(names) == sorted(entry.name for entry in table._TABLE)
    for kind, base in zip(
        kinds, (zoo.FeedForwardNetwork, zoo.AutonomousNetwork, zoo.RecurrentNetwork), strict=True
    ):
        for name in typing.get_args(kind):
            assert isinstance(ltcbook.build(name, 2, 4, 2), base)


def test_defaults_are_those_that_the_documentation_tells():
    """No other test would notice another one: they ask for what they need."""
    for name in ("NA-CT-RNN-T", "SA-LTC", "ANODE"):
        cell = ltcbook.build(name, 2, 4, 1).cell
        assert (cell.solver.name, cell.unfolds) == ("euler", 10)
    inside = ltcbook.CTRNN(2, 4, input_map="preactivation").cell
    assert (inside.solver.name, inside.unfolds) == ("euler", 10)
    flow = ltcbook.build("NeuralODE", 2, 4, 1)
    assert (flow.solver.name, flow.unfolds, flow.span) == ("euler", 10, 1.0)
    for name in ("DNN", "SA-DNN", "ResNet", "SA-ResNet"):
        assert len(ltcbook.build(name, 2, 4, 1).layers) == 4
    assert ltcbook.LTC(2, 4).cell.constraint == "clamp"
    closed = ltcbook.CfC(2, 4).cell
    assert closed.mode == "default"
    assert [type(part).__name__ for part in closed.backbone] == ["Linear", "LeCunTanh"]
    assert closed.backbone[0].out_features == 128
    assert ltcbook.wirings.AutoNCP(12, 2) == ltcbook.wirings.AutoNCP(12, 2, 0.5, 22222)
