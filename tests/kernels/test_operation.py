"""The operation ``ltcbook::scan`` as PyTorch sees it: every transform, for every model and backend.

Where Triton has no GPU it runs in its interpreter.
"""

from __future__ import annotations

import copy

import pytest
import torch
from torch.func import functional_call, grad, jacrev, vmap
from torch.utils._pytree import tree_leaves, tree_map

import ltcbook
from ltcbook.kernels import backend as backends
from ltcbook.kernels import scan as operation
from ltcbook.nn.cell import steps, unroll
from ltcbook.nn.cells import ContinuousTimeCell
from ltcbook.nn.zoo import MODELS, find
from ltcbook.ode.solvers import SOLVERS, Solver
from tests.kernels.parity import normal, spans

M, N, OUT = 2, 3, 1
VARIANTS = [(m.name, input_map) for m in MODELS.values() for input_map in m.input_maps]
TRITON = [variant for variant in VARIANTS if "CT-RNN" in variant[0] or "LTC" in variant[0]]
KERNELS = [*TRITON, ("ANODE", "linear")]


def build(name: str, input_map: str | None = None, backend: str = "auto", **options):
    options = {"seed": 0, "dtype": torch.float64, "backend": backend} | options
    if "unfolds" in find(name).options:
        options = {"unfolds": 2} | options
    return ltcbook.build(name, M, N, OUT, input_map=input_map, **options)


def usable(backend: str) -> None:
    if backend == "triton":
        pytest.importorskip("triton")
        if torch.cuda.is_available():
            pytest.skip("with a GPU the kernels do not run on a CPU; test_triton.py runs there")


@pytest.fixture(autouse=True)
def _nothing_compiled_before() -> None:
    torch._dynamo.reset()


@pytest.fixture(params=VARIANTS, ids="-".join)
def model(request):
    return build(*request.param)


def test_a_gradient_penalty_is_that_of_eager(model) -> None:
    """Gradients of gradients, which the kernels have not: the operation takes PyTorch's."""
    results = []
    for backend in ("eager", "auto"):
        network = copy.deepcopy(model)
        network.backend = backend
        u = normal(4, 3, M).requires_grad_()
        y, _ = network(u)
        (slope,) = torch.autograd.grad(y.sum(), u, create_graph=True)
        (y.square().mean() + 100 * slope.square().mean()).backward()
        results.append([p.grad for p in network.parameters()])
    torch.testing.assert_close(*results, rtol=1e-10, atol=1e-12)
    assert any(bool((g != 0).any()) for g in results[0])


@pytest.mark.parametrize("backend", ["eager", "numba"])
@pytest.mark.parametrize("name", ["SA-LTC", "NA-CT-RNN-T", "ctrnn_sigm+_synaptic"])
def test_gradgradcheck(name: str, backend: str) -> None:
    network = build(name, backend=backend, unfolds=1)
    u, lengths = normal(2, 2, M).requires_grad_(), spans(2, 2).requires_grad_()
    parameters = tuple(network.parameters())

    def outputs(u, lengths, *_):
        return network(u, timespans=lengths)

    leaves = (u, lengths, *parameters)
    assert torch.autograd.gradgradcheck(outputs, leaves, fast_mode=True)


def test_transforms_of_torch_func(model) -> None:
    parameters = {name: p.detach() for name, p in model.named_parameters()}
    u = normal(3, 4, M)

    def loss(values, u):
        return functional_call(model, values, (u,))[0].square().sum()

    model(u)[0].square().sum().backward()
    slopes = grad(loss)(parameters, u)
    for name, p in model.named_parameters():
        torch.testing.assert_close(slopes[name], p.grad, rtol=1e-10, atol=1e-12)
    each = vmap(grad(loss), (None, 0))(parameters, u.unsqueeze(1))
    for name, slope in slopes.items():
        torch.testing.assert_close(each[name].sum(0), slope, rtol=1e-10, atol=1e-12)
    jacobian = jacrev(lambda u: model(u)[0].sum((0, 2)))(u)
    torch.testing.assert_close(
        jacobian[2], grad(lambda u: model(u)[0][:, 2].sum())(u), rtol=1e-10, atol=1e-12
    )
    assert not jacobian[1, :, 2].any(), "an output does not depend on a later input"


@pytest.mark.parametrize(
    ("name", "input_map", "backend"),
    [*((*variant, "numba") for variant in KERNELS), *((*variant, "triton") for variant in TRITON)],
)
def test_opcheck(name: str, input_map: str, backend: str, monkeypatch) -> None:
    usable(backend)
    calls = []
    forward = operation._forward
    monkeypatch.setattr(operation, "_forward", lambda *a: (calls.append(a), forward(*a))[1])
    network = build(name, input_map, "numba", unfolds=1)
    network(normal(2, 2, M).requires_grad_(), timespans=spans(2, 2).requires_grad_())
    (arguments,) = calls
    arguments = (backend, *arguments[1:])
    checks = ("test_schema", "test_autograd_registration", "test_faketensor")
    if backend == "numba":
        checks += ("test_aot_dispatch_dynamic",)
    torch.library.opcheck(forward, arguments, test_utils=checks)
    states, *kept = forward(*arguments)
    given = [None if part is None else part.detach() for part in arguments[6:]]
    backwards = (*arguments[:5], True, *given, *(k.detach() for k in kept), states.detach())
    torch.library.opcheck(operation._backward, backwards, test_utils=checks[:3])


def test_the_compiled_model_runs_the_kernel(monkeypatch) -> None:
    """Nothing is unrolled: the graph has one node for all time steps, and it is the operation."""
    graphs = []

    def look(graph, inputs):
        graphs.append([node.target for node in graph.graph.nodes])
        return graph.forward

    network = build("SA-LTC", "synaptic", dtype=torch.float32, unfolds=10)
    compiled = torch.compile(network, fullgraph=True, backend=look)
    u = normal(4, 20, M).float()
    torch.testing.assert_close(compiled(u)[0], network(u)[0], rtol=1e-6, atol=1e-6)
    (targets,) = graphs
    assert sum("ltcbook.scan" in str(target) for target in targets) == 1
    assert len(targets) < 150


@pytest.mark.parametrize(("name", "input_map"), KERNELS)
def test_compile_with_gradients(name: str, input_map: str) -> None:
    network = build(name, input_map)
    compiled = torch.compile(copy.deepcopy(network), fullgraph=True, backend="aot_eager")
    u = normal(2, 3, M)
    for one in (network, compiled):
        one(u)[0].square().sum().backward()
    for ours, theirs in zip(network.parameters(), compiled.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-10, atol=1e-12)


def test_a_compiled_model_keeps_to_its_bounds() -> None:
    network = build("SA-LTC", "synaptic")
    compiled = torch.compile(network, fullgraph=True, backend="aot_eager")
    with torch.no_grad():
        network.cell.recurrent.w[0, 1] = -1.0
        compiled(normal(2, 3, M))
    assert network.cell.recurrent.w[0, 1] == 0


@pytest.mark.parametrize(("name", "input_map"), VARIANTS)
def test_autocast_touches_the_layers_around_and_not_the_scan(name: str, input_map: str) -> None:
    network = build(name, input_map, dtype=torch.float32)
    u = normal(4, 5, M).float()
    exact = network(u)[0]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y, state = network(u)
    y.sum().backward()
    assert y.dtype == torch.bfloat16
    assert {part.dtype for part in tree_leaves(state)} == {torch.float32}
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert network(u, state)[0].dtype == torch.bfloat16, "it goes on from there"
    torch.testing.assert_close(y.float(), exact, rtol=0.1, atol=0.1)
    assert all(p.grad.dtype == torch.float32 for p in network.parameters())


def test_forward_mode_derivatives_name_the_backend_that_has_them() -> None:
    network, u = build("SA-LTC", "synaptic"), normal(2, 3, M)
    with pytest.raises(NotImplementedError, match="take backend='eager', or jacrev"):
        torch.func.jacfwd(lambda u: network(u)[1])(u)
    network.backend = "eager"
    forwards = torch.func.jacfwd(lambda u: network(u)[1])(u)
    network.backend = "numba"
    torch.testing.assert_close(torch.func.jacrev(lambda u: network(u)[1])(u), forwards)


def test_the_warning_of_a_missing_kernel_points_at_the_line_that_called() -> None:
    network = build("SA-LTC", solver="exponential-euler", backend="auto")
    backends._warned.clear()
    with pytest.warns(backends.BackendWarning, match="no numba kernel") as caught:
        network(normal(2, 3, M))
    assert caught[0].filename == __file__


@pytest.mark.parametrize("span", [1e-6, 1e-4, 1e-2])
@pytest.mark.parametrize("solver", ["euler", "semi-implicit-euler"])
@pytest.mark.parametrize("name", ["SA-LTC", "NA-LTC", "ctrnn_sigm+_linear"])
def test_gradients_of_short_spans_do_not_cancel(name: str, solver: str, span: float) -> None:
    network = build(name, solver=solver, unfolds=3)
    found = []
    for dtype, backend in ((torch.float64, "eager"), (torch.float32, "numba")):
        model = copy.deepcopy(network).to(dtype)
        model.backend = backend
        lengths = torch.full((4, 3), span, dtype=dtype, requires_grad=True)
        model(normal(4, 3, M).to(dtype), timespans=lengths)[0].square().sum().backward()
        found.append(lengths.grad.double())
    torch.testing.assert_close(found[1], found[0], rtol=2e-5, atol=1e-6 * found[0].abs().max())


class Saturating(ContinuousTimeCell):
    """An LTC with another physics: it says so by overriding the linear form, and nothing else."""

    def linear_form(self, *arguments):
        form = super().linear_form(*arguments)
        return form._replace(drive=torch.tanh(form.drive))


def test_a_subclass_with_another_step_is_not_computed_as_its_parent() -> None:
    network = build("SA-LTC", "synaptic")
    cell = network.cell
    cell.__class__ = Saturating
    u = normal(4, 6, M)
    x = unroll(cell, u, cell.initial_state(4))
    torch.testing.assert_close(network(u)[1], x[:, -1])
    cell.__class__ = ContinuousTimeCell
    assert (network(u)[1] - x[:, -1]).abs().max() > 1e-3
    cell.__class__ = Saturating
    network.backend = "numba"
    with pytest.raises(ValueError, match="Saturating declares no recurrence .* use 'eager'"):
        network(u)


class Doubling:
    """To be mixed in: another step, whatever the cell's is."""

    def bind(self):
        step = super().bind()
        return lambda state, sensed, span: tree_map(lambda x: 2 * x, step(state, sensed, span))


def mixed_in(cell) -> None:
    cell.__class__ = type("Mixed", (Doubling, type(cell)), {})


def assigned_to_the_class(cell) -> None:
    parent = type(cell)
    cell.__class__ = type("Late", (parent,), {})
    cell.__class__.sense = lambda self, u: parent.sense(self, 3 * u)


def an_output_of_its_own(cell) -> None:
    parent = type(cell)
    cell.__class__ = type("Loud", (parent,), {"output": lambda self, x: 2 * parent.output(self, x)})


def a_solver_of_its_own(cell) -> None:
    cell.solver = Solver("euler", 1, lambda f, x, dt: x + 2 * dt * f(x).derivative(x), "twice")


@pytest.mark.parametrize(
    "change",
    [mixed_in, assigned_to_the_class, an_output_of_its_own, a_solver_of_its_own],
)
@pytest.mark.parametrize("backend", ["auto", "eager"])
def test_a_step_that_is_changed_in_any_way_is_the_one_that_is_run(model, change, backend) -> None:
    u, cell = normal(2, 3, M), model.cell
    if change is a_solver_of_its_own and not cell.declared():
        pytest.skip("it is solved in its own way, or not at all")
    before = model(u)[0]
    change(cell)
    expected = [cell.output(state) for state in steps(cell, u, cell.initial_state(2))]
    seen, _ = cell.run(u, cell.initial_state(2), backend=backend)
    torch.testing.assert_close(seen, torch.stack(expected, dim=1))
    assert not torch.allclose(model.readout(seen), before), "the change changes nothing"
    control = model.controller()
    acted = [torch.from_numpy(control(one)) for one in u[0].numpy()]
    torch.testing.assert_close(torch.stack(acted), model.readout(seen[0]).detach())


def test_a_patch_of_one_object_is_seen() -> None:
    network = build("SA-LTC", "synaptic")
    u, cell = normal(2, 3, M), network.cell
    parent = cell.linear_form
    cell.linear_form = lambda *arguments: parent(*arguments)._replace(drive=torch.zeros(N).double())
    torch.testing.assert_close(
        network(u)[1], unroll(cell, u, cell.initial_state(2))[:, -1], rtol=0, atol=0
    )
    assert not network(u)[1].any(), "without a drive the state stays at rest"


def test_a_subclass_may_declare_what_it_computes() -> None:
    class Declared(Saturating):
        def linear_form(self, *arguments):
            return ContinuousTimeCell.linear_form(self, *arguments)

        def recurrence(self):
            return ContinuousTimeCell.recurrence(self)

    network = build("SA-LTC", "synaptic")
    expected = network(normal(4, 6, M))[1]
    network.cell.__class__ = Declared
    assert torch.equal(network(normal(4, 6, M))[1], expected)


def test_the_adjoint_gives_every_gradient() -> None:
    gradients = []
    for solver in ("dopri5", "adjoint"):
        network = build("SA-LTC", "synaptic", solver=solver)
        cell = network.cell
        cell.C = cell.C.clone().requires_grad_()  # a buffer that somebody wants to differentiate
        lengths = spans(2, 3).requires_grad_()
        network(normal(2, 3, M), timespans=lengths)[0].square().sum().backward()
        gradients.append([cell.C.grad, lengths.grad, *(p.grad for p in network.parameters())])
    for direct, adjoint in zip(*gradients, strict=True):
        torch.testing.assert_close(adjoint, direct, rtol=1e-5, atol=1e-7)


def test_the_adjoint_refuses_gradients_of_gradients() -> None:
    """Its gradients are numbers that autograd can't see through: a penalty would be wrong."""
    network = build("SA-LTC", "synaptic", solver="adjoint")
    u = normal(2, 3, M).requires_grad_()
    with pytest.raises(NotImplementedError, match="take solver='dopri5'"):
        torch.autograd.grad(network(u)[0].sum(), u, create_graph=True)
    (slope,) = torch.autograd.grad(network(u)[0].sum(), u)
    assert slope.any()


@pytest.mark.parametrize("solver", SOLVERS)
def test_eager_recurrence_is_the_cells_own_step(solver: str) -> None:
    for name, input_map in (*KERNELS, ("ctrnn_tanh+_synaptic", None)):
        network = build(name, input_map, backend="eager", solver=solver)
        u, lengths = normal(2, 3, M), spans(2, 3)
        mask = torch.tensor([[True, False, True], [True, True, False]])
        cell = network.cell
        expected = unroll(cell, u, cell.initial_state(2), lengths, mask)
        tolerance = 1e-6 if SOLVERS[solver].adaptive else 1e-12
        found = network(u, timespans=lengths, mask=mask)[1]
        torch.testing.assert_close(found, expected[:, -1], rtol=tolerance, atol=tolerance)
