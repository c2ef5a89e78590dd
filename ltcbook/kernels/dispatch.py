"""The one place that decides which program computes a scan.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import importlib.util
import warnings
from typing import Literal, get_args

import torch
from torch import Tensor

from ltcbook.cells import ContinuousTimeCell, PreactivationCell, RecurrentCell
from ltcbook.checks import unknown_name
from ltcbook.kernels.canonical import dense_map, recurrence
from ltcbook.kernels.functions import backend_module, dense, integrate
from ltcbook.kernels.problem import Inputs, Settings

Backend = Literal["auto", "eager", "numba", "triton"]

BACKENDS: tuple[str, ...] = get_args(Backend)
"""What may be asked for; ``"eager"`` is the reference and can do everything."""

SOLVERS = {"euler": False, "semi-implicit-euler": True}
"""The solvers that the kernels know, and whether they are implicit."""


class BackendWarning(UserWarning):
    """``backend="auto"`` uses eager PyTorch where a kernel would be faster; says why."""


def check_backend(backend: str) -> str:
    """Return ``backend`` if it is one of ``BACKENDS``; ValueError with the names otherwise."""
    if backend not in BACKENDS:
        unknown_name("backend", backend, BACKENDS)
    return backend


def select(backend: str, cell: RecurrentCell, like: Tensor) -> str:
    """The backend that runs ``cell`` on the device and in the precision of ``like``.

    ``"auto"`` is Numba on a CPU, Triton on a CUDA device, and eager where neither can; it then
    warns once for each reason. Cells that have no kernel at all are eager without a warning, and
    so is everything while ``torch.compile`` or ``torch.export`` traces it.

        >>> import ltcbook, torch
        >>> select("auto", ltcbook.build("LSTM", 1, 2, 1, seed=0).cell, torch.zeros(1))
        'eager'
        >>> select("auto", ltcbook.build("SA-LTC", 1, 2, 1, seed=0).cell, torch.zeros(1))
        'numba'

    Raises:
        ValueError: if a backend was asked for by name that cannot run this.
    """
    if check_backend(backend) == "eager":
        return "eager"
    kernels = isinstance(cell, ContinuousTimeCell | PreactivationCell)
    if backend == "auto" and (not kernels or torch.compiler.is_compiling()):
        return "eager"
    wanted = backend
    if backend == "auto":
        wanted = "triton" if like.device.type == "cuda" else "numba"
    reason = (
        _obstacle(wanted, cell, like)
        if kernels
        else (f"{type(cell).__name__} has no kernel, only the CT-RNN and LTC family has")
    )
    if reason is None:
        return wanted
    if backend != "auto":
        raise ValueError(f"backend={backend!r} cannot run this model: {reason}; use 'eager'")
    _warn_once(reason)
    return "eager"


def _obstacle(backend: str, cell: RecurrentCell, like: Tensor) -> str | None:
    """Why a backend cannot run a cell of the CT-RNN and LTC family; None if it can."""
    solver = cell.solver.name  # type: ignore[union-attr]
    if solver not in SOLVERS:
        return f"solver {solver!r} has no kernel, only {' and '.join(map(repr, SOLVERS))} have"
    devices, precisions = _CAPABILITIES[backend]
    if like.device.type not in devices and not _interpreted(backend):
        return f"the {backend} kernels run on {' or '.join(devices)}, not on {like.device.type}"
    if like.dtype not in precisions:
        return f"the {backend} kernels compute in {_listed(precisions)}, not in {like.dtype}"
    if importlib.util.find_spec(backend) is None:
        return f"the package {backend!r} is not installed"
    return None


def _interpreted(backend: str) -> bool:
    """Whether Triton's interpreter is on, which runs its kernels anywhere, and slowly."""
    if backend != "triton" or importlib.util.find_spec(backend) is None:
        return False
    return bool(backend_module(backend).INTERPRETED)


_CAPABILITIES = {
    "numba": (("cpu",), (torch.float32, torch.float64)),
    "triton": (("cuda",), (torch.float32, torch.float64)),
}


def _listed(precisions: tuple[torch.dtype, ...]) -> str:
    return " or ".join(map(str, precisions))


_warned: set[str] = set()


def _warn_once(reason: str) -> None:
    if reason not in _warned:
        _warned.add(reason)
        warnings.warn(f"using eager PyTorch: {reason}", BackendWarning, stacklevel=6)


def fast_scan(
    backend: str,
    cell: RecurrentCell,
    u: Tensor,
    state: Tensor,
    timespans: Tensor | None,
    mask: Tensor | None,
) -> Tensor:
    """The states after every time step, (batch, time, n), by a backend that :func:`select` chose.

    Args as those of :func:`ltcbook.sequence.scan`.
    """
    assert isinstance(cell, ContinuousTimeCell | PreactivationCell)
    kind, sensory_kind, weights = recurrence(cell)
    dt = state.new_ones(u.shape[:2]) if timespans is None else timespans
    dt = dt / cell.unfolds
    if mask is not None:
        dt = torch.where(mask, dt, torch.zeros_like(dt))
    if weights.sensory is None:
        inputs = Inputs(state, dt, None, *_sense(backend, cell, u))
    else:
        inputs = Inputs(state, dt, u, None, None, None)
    implicit = SOLVERS[cell.solver.name]
    settings = Settings(backend, kind, sensory_kind, implicit, cell.unfolds, keep=True)
    return integrate(settings, weights, inputs)


def _sense(
    backend: str, cell: ContinuousTimeCell | PreactivationCell, u: Tensor
) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """What other inputs than sensory synapses with a kernel add to drive, decay, and inside.

    Synapses that sum before they activate have no sensory kernel. On a CPU they are sensed step by
    step as in eager, since how a product rounds depends on its number of rows.
    """
    product = dense_map(cell)
    if product is not None:
        added = dense(backend, *product, u)
        return (None, None, added) if isinstance(cell, PreactivationCell) else (added, None, None)
    assert isinstance(cell, ContinuousTimeCell)
    if cell.autonomous:
        return None, None, None
    steps = (u,) if backend == "triton" else torch.split(u, 1, dim=1)
    parts = [cell.sense(step.contiguous()) for step in steps]
    drive, *decay = (torch.cat(same, 1) / cell.C for same in zip(*parts, strict=True))
    return drive, decay[0] if decay else None, None
