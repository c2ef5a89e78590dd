"""Argument checks shared by all layers: one clear error that names the argument.

Every message has the same shape: the argument, what came, what is needed.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from typing import NoReturn

import torch
from torch import Tensor


def positive_int(name: str, value: object) -> int:
    """Return ``value`` if it is an integer of at least one; ValueError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{name} must be an integer of at least 1, got {value!r}")
    return value


def seed_number(value: object, name: str = "seed") -> int:
    """Return ``value`` if it is an integer of at least zero; ValueError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{name} must be an integer of at least 0, got {value!r}")
    return value


def positive_number(name: str, value: object) -> float:
    """Return ``value`` as a float if it is finite and above zero; ValueError otherwise."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or value <= 0:  # type: ignore[arg-type,operator]
        raise ValueError(f"{name} must be a finite number above 0, got {value!r}")
    return float(value)  # type: ignore[arg-type]


def unknown_name(kind: str, name: object, known: Iterable[str]) -> NoReturn:
    """Raise a ValueError for a name that is not in a registry, with the nearest one."""
    names = list(known)
    lowered = {candidate.lower(): candidate for candidate in names}
    close = difflib.get_close_matches(str(name).lower(), lowered, n=1, cutoff=0.4)
    hint = f"; did you mean {lowered[close[0]]!r}?" if close else ""
    raise ValueError(f"unknown {kind} {name!r}{hint or '.'} Known: {', '.join(names)}")


def shape_of(value: object) -> str:
    """How a value is described in an error message: its shape if it has one, else its type."""
    return f"shape {tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__


def tensor_of_shape(name: str, value: object, shape: tuple[int, ...], axes: str) -> Tensor:
    """Return ``value`` if it is a tensor of exactly this shape; ValueError otherwise."""
    if not isinstance(value, Tensor) or tuple(value.shape) != shape:
        raise ValueError(f"{name} must have shape {axes} = {shape}, got {shape_of(value)}")
    return value


def same_kind(name: str, value: Tensor, like: Tensor) -> Tensor:
    """Return ``value`` if its dtype and device are those of the model; ValueError otherwise."""
    if value.dtype != like.dtype or value.device != like.device:
        raise ValueError(
            f"{name} must be {like.dtype} on {like.device} as the model is, "
            f"got {value.dtype} on {value.device}"
        )
    return value


def can_look_at(value: Tensor) -> bool:
    """Whether the numbers of a tensor can be read here and now, without waiting for a device.

    They can't while a model is traced by ``torch.compile`` or ``torch.export``, in a transform of
    ``torch.func``, and on the meta device; on a GPU each look would wait for all work before it.
    """
    return (
        value.device.type == "cpu"
        and not torch.compiler.is_compiling()
        and torch._C._functorch.maybe_current_level() is None
    )


def finite(name: str, value: Tensor) -> Tensor:
    """Return ``value`` if it has neither NaN nor infinity; ValueError with the first place.

    A tensor that can't be looked at (:func:`can_look_at`) passes.
    """
    # A sum of finite numbers may overflow, but one with NaN or infinity is never finite.
    if not can_look_at(value) or math.isfinite(value.detach().sum().item()):
        return value
    wrong = ~torch.isfinite(value)
    if bool(wrong.any()):
        place = tuple(wrong.nonzero()[0].tolist())
        raise ValueError(f"{name} must be finite, got {value[place].item()} at index {place}")
    return value
