"""The record of one numbered equation.

An :class:`Equation` ties together what drifts apart when it is kept in four places: the number,
the LaTeX as printed, the correction where the print is wrong, and a short function for it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Equation:
    """One numbered equation of paper A or B.

    Calling the equation calls its function, after turning the arguments into float64 arrays and
    checking their shapes. A plain number given for an array stands for a constant array.

    >>> from ltcbook import equations
    >>> equations["A.2"].chapter
    'residual_networks'
    """

    number: str
    """``"A.9"`` or ``"B.13"``: the paper's letter and the number in print."""
    latex: str
    """The equation exactly as printed, without its number."""
    place: str
    """The section of the paper in which it stands."""
    chapter: str
    """Slug of the chapter that derives it."""
    meaning: str
    """One line in plain language."""
    function: Callable[..., Array]
    """The equation in the paper's letters. Where the print is wrong, it computes the correction."""
    shapes: Mapping[str, tuple[str, ...]] = field(hash=False)
    """Shape of every array argument, such as ``{"x": ("n",), "w": ("n", "n")}``."""
    correction: str = ""
    """LaTeX of the right form; empty where the print is right."""
    note: str = ""
    """What is wrong or easily misread in print, and why."""

    def __call__(self, *args: Any, **kwargs: Any) -> Array:
        """Compute the equation in float64.

        Raises:
            TypeError: an argument is missing, unknown or not numeric.
            ValueError: an argument has the wrong shape, or is not finite.
        """
        try:
            bound = inspect.signature(self.function).bind(*args, **kwargs)
        except TypeError as error:
            needed = ", ".join(self.arguments)
            raise TypeError(f"equation {self.number}({needed}): {error}") from None
        bound.arguments.update(self._conform(bound.arguments))
        return self.function(*bound.args, **bound.kwargs)

    @property
    def arguments(self) -> tuple[str, ...]:
        """Names of the function's arguments, in order."""
        return tuple(inspect.signature(self.function).parameters)

    def _conform(self, given: Mapping[str, Any]) -> dict[str, Array]:
        """Float64 arrays of the declared shapes, or an error that names the argument."""
        arrays = {name: self._array(name, given[name]) for name in self.shapes if name in given}
        sizes: dict[str, tuple[int, str]] = {}  # letter -> (size, the argument that set it)
        for name, array in arrays.items():
            letters = self.shapes[name]
            if array.ndim not in (0, len(letters)):
                raise ValueError(
                    f"equation {self.number}: argument {name!r} has shape {array.shape}, "
                    f"but shape ({', '.join(letters)}) is needed"
                )
            for letter, size in zip(letters, array.shape, strict=False):
                known, source = sizes.setdefault(letter, (size, name))
                if known != size:
                    raise ValueError(
                        f"equation {self.number}: argument {name!r} has shape {array.shape}, but "
                        f"shape ({', '.join(letters)}) is needed, and {source!r} sets "
                        f"{letter} = {known}"
                    )
        return {name: self._fill(name, array, sizes) for name, array in arrays.items()}

    def _array(self, name: str, value: Any) -> Array:
        try:
            array = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise type(error)(
                f"equation {self.number}: argument {name!r} is not an array of numbers: {error}"
            ) from None
        if not np.isfinite(array).all():
            raise ValueError(
                f"equation {self.number}: argument {name!r} has values that are not finite"
            )
        return array

    def _fill(self, name: str, array: Array, sizes: Mapping[str, tuple[int, str]]) -> Array:
        """A plain number becomes a constant array; anything else is returned as it is."""
        if array.ndim:
            return array
        unknown = [letter for letter in self.shapes[name] if letter not in sizes]
        if unknown:
            raise ValueError(
                f"equation {self.number}: argument {name!r} is a plain number, and no other "
                f"argument sets its size {unknown[0]}: give it in full"
            )
        return np.full([sizes[letter][0] for letter in self.shapes[name]], float(array))

    def _repr_markdown_(self) -> str:
        """What a notebook shows: the print, its meaning, and the correction where there is one."""
        parts = [
            f"**{self.number}** ({self.place}). {self.meaning}",
            f"$$\n{self.latex} \\tag{{{self.number}}}\n$$",
        ]
        if self.correction:
            parts.append(f"Corrected:\n\n$$\n{self.correction}\n$$")
        if self.note:
            parts.append(self.note)
        return "\n\n".join(parts)
