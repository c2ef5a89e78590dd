"""What a backend is, which there are, and which of them may compute a scan.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args

import torch
from torch import Tensor

from ltcbook.checks import unknown_name
from ltcbook.kernels.eager import EagerBackend
from ltcbook.kernels.recurrence import Inputs, Settings, Trajectory, Weights
from ltcbook.ode.solvers import SOLVERS

BackendName = Literal["auto", "eager", "numba", "triton"]

BACKENDS: tuple[str, ...] = get_args(BackendName)
"""What may be asked for; ``"eager"`` is plain PyTorch and can do everything."""


class BackendWarning(UserWarning):
    """``backend="auto"`` uses eager PyTorch where a kernel would be faster; says why."""


class Backend(Protocol):
    """Who computes a scan. It knows nothing of readouts, autograd, vmap or packed sequences."""

    def obstacle(self, solver: str, like: Tensor) -> str | None:
        """Why it can't run this, on the device and in the precision of ``like``, or None."""

    def trajectory_shapes(
        self, settings: Settings, gated: bool, sizes: tuple[int, int, int, int]
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Shapes of what :meth:`forward` keeps; sizes are replicas, batch, time, n."""

    def forward(
        self, settings: Settings, weights: Weights, inputs: Inputs
    ) -> tuple[Tensor, Trajectory]:
        """The states after every time step (R, batch, time, n), and what is kept for later."""

    def backward(
        self,
        settings: Settings,
        weights: Weights,
        inputs: Inputs,
        trajectory: Trajectory,
        states_bar: Tensor,
        spans: bool,
    ) -> tuple[Weights, Inputs]:
        """Gradients of weights and inputs from those of the states; of dt if ``spans``."""


@dataclass(frozen=True)
class CompiledBackend:
    """A backend whose kernels another package compiles; imported when first used.

    Attributes:
        package: which compiles.
        module: of this package, with the functions of the same names as here.
        devices: on which it runs.
        steps: which kinds of solver steps it has kernels for.
    """

    package: str
    module: str
    devices: tuple[str, ...]
    steps: tuple[str, ...]

    PRECISIONS = (torch.float32, torch.float64)

    def obstacle(self, solver: str, like: Tensor) -> str | None:
        if SOLVERS[solver].kernel not in self.steps:
            known = [repr(name) for name, entry in SOLVERS.items() if entry.kernel in self.steps]
            others = f"{', '.join(known[:-1])} and {known[-1]}"
            return f"solver {solver!r} has no {self.package} kernel, only {others} have"
        if like.device.type not in self.devices and not self._interpreted():
            where = " or ".join(self.devices)
            return f"the {self.package} kernels run on {where}, not on {like.device.type}"
        if like.dtype not in self.PRECISIONS:
            able = " or ".join(map(str, self.PRECISIONS))
            return f"the {self.package} kernels compute in {able}, not in {like.dtype}"
        if importlib.util.find_spec(self.package) is None:
            return f"the package {self.package!r} is not installed"
        return None

    def trajectory_shapes(
        self, settings: Settings, gated: bool, sizes: tuple[int, int, int, int]
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        shapes: tuple[tuple[int, ...], tuple[int, ...]]
        shapes = self._kernels().trajectory_shapes(settings, gated, sizes)
        return shapes

    def forward(
        self, settings: Settings, weights: Weights, inputs: Inputs
    ) -> tuple[Tensor, Trajectory]:
        result: tuple[Tensor, Trajectory] = self._kernels().forward(settings, weights, inputs)
        return result

    def backward(
        self,
        settings: Settings,
        weights: Weights,
        inputs: Inputs,
        trajectory: Trajectory,
        states_bar: Tensor,
        spans: bool,
    ) -> tuple[Weights, Inputs]:
        result: tuple[Weights, Inputs] = self._kernels().backward(
            settings, weights, inputs, trajectory, states_bar, spans
        )
        return result

    def _kernels(self) -> Any:
        return importlib.import_module(self.module)

    def _interpreted(self) -> bool:
        """Whether Triton's interpreter is on, which runs its kernels anywhere, and slowly."""
        if self.package != "triton" or importlib.util.find_spec("triton") is None:
            return False
        return bool(self._kernels().INTERPRETED)


IMPLEMENTATIONS: dict[str, Backend] = {
    "eager": EagerBackend(),
    "numba": CompiledBackend(
        "numba", "ltcbook.kernels.cpu.backend", ("cpu",), ("explicit", "implicit", "stages")
    ),
    "triton": CompiledBackend(
        "triton", "ltcbook.kernels.triton.backend", ("cuda",), ("explicit", "implicit")
    ),
}


def check_backend(backend: str) -> str:
    """Return ``backend`` if it is one of ``BACKENDS``; ValueError with the names otherwise.

    >>> check_backend("eager")
    'eager'
    """
    if backend not in BACKENDS:
        unknown_name("backend", backend, BACKENDS)
    return backend


def select(backend: str, solver: str, like: Tensor) -> str:
    """The backend that runs a scan with this solver on the device and in the precision of ``like``.

    ``"auto"`` is Numba on a CPU, Triton on a CUDA device, and eager where neither can; it then
    warns once for each reason.

        >>> select("auto", "euler", torch.zeros(1)), select("eager", "euler", torch.zeros(1))
        ('numba', 'eager')

    Raises:
        ValueError: if a backend was asked for by name that cannot run this.
    """
    if check_backend(backend) == "eager":
        return "eager"
    wanted = backend
    if backend == "auto":
        wanted = {"cpu": "numba", "cuda": "triton"}.get(like.device.type, "eager")
    reason = IMPLEMENTATIONS[wanted].obstacle(solver, like)
    if reason is None:
        return wanted
    if backend != "auto":
        raise ValueError(f"backend={backend!r} cannot run this model: {reason}; use 'eager'")
    _warn_once(reason)
    return "eager"


_warned: set[str] = set()


def _warn_once(reason: str) -> None:
    if reason not in _warned:
        _warned.add(reason)
        called_the_network = 9  # past two frames of torch.nn.Module
        warnings.warn(
            f"using eager PyTorch: {reason}", BackendWarning, stacklevel=called_the_network
        )
