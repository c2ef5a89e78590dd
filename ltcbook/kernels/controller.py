"""A network in a control loop, compiled: one observation in, one action out, the state kept.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ltcbook.kernels.recurrence import Recurrence
from ltcbook.ode.solvers import SOLVERS

Array = NDArray[Any]


class CompiledController:
    """Runs a recurrence with one compiled call for each step, on one core, without tensors.

    Args:
        recurrence: what the cell declares; explicit or semi-implicit Euler, on the CPU.
        start: the initial state (n,).
        readout: weight (o, n) and bias (o,); None gives the state itself.
        inputs: m.

    Attributes:
        state: (n,), to be read or written between two steps.
    """

    def __init__(
        self,
        recurrence: Recurrence,
        start: Tensor,
        readout: tuple[Tensor, Tensor] | None,
        inputs: int,
    ) -> None:
        from ltcbook.kernels.cpu import control  # the compiler is imported here, not before

        self._step = control.control
        kinds = {"synaptic": 0, "presynaptic": 1, "postsynaptic": 2, "hidden": 3}
        input_kind, input_tables = control.NOTHING, []
        drive = recurrence.drive
        inside = recurrence.recurrent.offset
        if recurrence.linear is not None:
            weight, bias, within = recurrence.linear
            input_kind, input_tables = (control.INSIDE if within else control.LINEAR), [weight]
            drive, inside = (drive, inside + bias) if within else (drive + bias, inside)
        elif recurrence.overwrites:
            input_kind = control.OVERWRITING
        elif recurrence.sensory is not None:
            input_kind = kinds[recurrence.sensory_kind]
            input_tables = [part for part in recurrence.sensory if part is not None]
        recurrent = recurrence.recurrent._replace(offset=inside)
        gated = recurrent.decay_weight is not None
        implicit = SOLVERS[recurrence.solver].kernel == "implicit"
        flags = int(gated), int(implicit), recurrence.unfolds, len(recurrent.slope)
        reads = int(readout is not None)
        self._form = (kinds[recurrence.kind], input_kind, *flags, reads)
        parts = [drive, recurrence.decay, *input_tables]
        parts += [part for part in recurrent if part is not None]
        parts += [] if readout is None else list(readout)
        self._table = np.concatenate([part.detach().numpy().ravel() for part in parts])
        self._start = start.detach().numpy().astype(self._table.dtype)
        self._input = np.zeros(inputs, self._table.dtype)
        outputs = len(start) if readout is None else len(readout[1])
        self._output = np.zeros(outputs, self._table.dtype)
        self.state = self._start.copy()

    def __call__(self, observation: Any, span: float = 1.0) -> Array:
        """One time step: the action (o,) for an observation (m,) that was held for ``span``."""
        self._input[:] = observation
        self._step(self._form, self._table, span, self._input, self.state, self._output)
        return self._output.copy()

    def reset(self) -> None:
        """Back to the initial state."""
        self.state[:] = self._start
