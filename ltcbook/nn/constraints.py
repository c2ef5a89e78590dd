"""Parameters with a lower bound: conductances and slopes are not negative.

B (supplementary) enforces C ≥ 0, w ≥ 0 and a ≥ 0 during training of LTCs. Here a parameter is put
back onto its bound, in place, whenever the model is about to use it or to save it, as
``torch.nn.Embedding`` does with ``max_norm``. An optimiser sees the gradient at the value that was
used, whatever its sign: that is projected gradient descent, it is linear in the loss, and a
parameter leaves its bound at the first step that points away from it.

Chapter: ``liquid_time_constants``.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional

from ltcbook.checks import unknown_name

__all__ = ["Constrained", "lowest_values", "project_"]

Constraint = Literal["clamp", "softplus"]
"""How a bound is kept: by projection, as the papers do, or smoothly, as ncps offers."""


def check_constraint(constraint: str) -> Constraint:
    """Return ``constraint`` if it is one; ValueError with the names otherwise."""
    if constraint not in get_args(Constraint):
        unknown_name("constraint", constraint, get_args(Constraint))
    return constraint  # type: ignore[return-value]


class Constrained(nn.Module):
    """A module some of whose parameters have a lower bound.

    With ``"clamp"`` a parameter *is* the value; with ``"softplus"`` the value is
    bound + log(1 + e^p) of the parameter p, which may be any number.

    Attributes:
        constraint: ``"clamp"`` or ``"softplus"``.

    >>> layer = Constrained()
    >>> layer.w = nn.Parameter(torch.ones(1))
    >>> layer.constrain("w")
    >>> _ = layer.w.data.sub_(3.0)  # what an optimiser might do
    >>> layer.value("w").item(), layer.w.item()
    (0.0, 0.0)

    Source: B, supplementary, conditions below Table 2. Chapter: ``liquid_time_constants``.
    """

    constraint: Constraint = "clamp"

    def __init__(self) -> None:
        super().__init__()
        self._lowest: dict[str, float] = {}

    def constrain(self, *names: str, lowest: float = 0.0) -> None:
        """Give the named parameters a lower bound; they hold values, and are converted here."""
        for name in names:
            self._lowest[name] = lowest
            if self.constraint == "softplus":
                raw = getattr(self, name)
                above = (raw.detach() - lowest).clamp(min=torch.finfo(raw.dtype).eps)
                raw.data.copy_(above + torch.log(-torch.expm1(-above)))

    def free(self, name: str) -> None:
        """Let a parameter that is about to be assigned take any value from now on."""
        del self._lowest[name]

    @torch.no_grad()
    def assign(self, name: str, value: Tensor) -> None:
        """Give a bounded parameter the value that the model shall compute with."""
        getattr(self, name).copy_(value)
        self.constrain(name, lowest=self._lowest[name])

    def value(self, name: str) -> Tensor:
        """The value that the model computes with; it keeps to its bound."""
        raw: Tensor = getattr(self, name)
        if name not in self._lowest:
            return raw
        if self.constraint == "softplus":
            return self._lowest[name] + functional.softplus(raw)
        return _projected(raw, self._lowest[name])

    def project_(self) -> None:
        """Put every parameter that is below its bound back onto it."""
        if self.constraint == "clamp":
            for name, lowest in self._lowest.items():
                getattr(self, name).data.clamp_(min=lowest)

    def _save_to_state_dict(self, *args: Any, **kwargs: Any) -> None:
        self.project_()
        super()._save_to_state_dict(*args, **kwargs)

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, *args: Any, **kwargs: Any
    ) -> None:
        if self.constraint == "clamp":
            errors: list[str] = args[-1]
            for name, lowest in self._lowest.items():
                given = state_dict.get(prefix + name)
                if given is not None and bool((given < lowest).any()):
                    errors.append(
                        f"{prefix}{name} must not be below {lowest}, got {given.min().item()}"
                    )
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)


def project_(module: nn.Module) -> None:
    """Put every parameter of a model that is below its bound back onto it.

    >>> import ltcbook
    >>> model = ltcbook.LTC(1, 2, seed=0)
    >>> with torch.no_grad():
    ...     _ = model.cell.w_l.fill_(-1.0)
    >>> project_(model)
    >>> model.cell.w_l.detach()
    tensor([0., 0.])
    """
    for part in module.modules():
        if isinstance(part, Constrained):
            part.project_()


def lowest_values(module: nn.Module) -> dict[str, float]:
    """The bounds of a model's projected parameters, by the names of ``named_parameters``.

    For those who keep the numbers elsewhere: an optimiser over stacked replicas, say.

    >>> import ltcbook
    >>> lowest = lowest_values(ltcbook.LTC(1, 2))
    >>> lowest["cell.recurrent.w"], lowest["cell.w_l"]
    (0.0, 0.0)
    """
    return {
        f"{prefix}.{name}" if prefix else name: lowest
        for prefix, part in module.named_modules()
        if isinstance(part, Constrained) and part.constraint == "clamp"
        for name, lowest in part._lowest.items()
    }


def _projected(raw: Tensor, lowest: float) -> Tensor:
    """The parameter, put onto its bound; the tensor that stands for it, as if it were."""
    transformed = torch._C._functorch.maybe_current_level() is not None
    if isinstance(raw, nn.Parameter) and not transformed and not torch.compiler.is_exporting():
        if torch.compiler.is_compiling():
            with torch.no_grad():
                raw.clamp_(min=lowest)
        else:
            raw.data.clamp_(min=lowest)  # the graph of an earlier pass stays valid
        return raw
    # A number that a transform or ``functional_call`` put here: the same value and gradient.
    return raw + (raw.clamp(min=lowest) - raw).detach()
