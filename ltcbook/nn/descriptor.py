"""Type descriptors: the grammar of paper B's appendix (Table 3), parsed and printed.

A descriptor is a short string that says how the derivative of a recurrent layer is computed:
``ctrnn_[w-mode]act[factor][rec-type]_in-mode[_lis]``. There are 144 of them.

Chapter: ``grammar``.
"""

from __future__ import annotations

import difflib
import itertools
import re
from dataclasses import dataclass, fields
from functools import cache
from typing import ClassVar, Literal, cast

WMode = Literal["", "r", "v"]
Activation = Literal["sigm", "tanh"]
Factor = Literal["", "*", "+"]
RecurrenceType = Literal["", "s"]
InputMode = Literal["linear", "synaptic"]

_PART_NAMES = {
    "w_mode": "w-mode",
    "act": "act",
    "factor": "factor",
    "rec_type": "rec-type",
    "in_mode": "in-mode",
    "lis": "lis",
}


@dataclass(frozen=True)
class TypeDescriptor:
    """One string of B's grammar, part by part. ``str()`` prints it, :meth:`parse` reads it back.

    Attributes:
        w_mode: where weight and slope sit: ``""`` a·σ(wx + b), ``"r"`` w·σ(x + b),
            ``"v"`` w·σ(a(x + b)).
        act: the activation σ, ``"sigm"`` (logistic) or ``"tanh"``.
        factor: what multiplies the activation: ``""`` nothing (CT-RNN), ``"*"`` (1 − x),
            ``"+"`` (e − x), the difference of potential of an LTC.
        rec_type: ``""`` neural activation (a, b and e are vectors), ``"s"`` synaptic activation
            (they are matrices).
        in_mode: how the input enters, ``"linear"`` or ``"synaptic"``.
        lis: True when the initial state, which is also the resting potential, is learnable.

    Raises:
        ValueError: if a part is not one that Table 3 allows.

    >>> TypeDescriptor.parse("ctrnn_vsigm+s_synaptic").factor
    '+'
    >>> str(TypeDescriptor(act="tanh"))
    'ctrnn_vtanh_linear'
    >>> len(TypeDescriptor.all())
    144

    Source: B, appendix "Type-descriptors", Table 3. Chapter: ``grammar``.
    """

    w_mode: WMode = "v"
    act: Activation = "sigm"
    factor: Factor = ""
    rec_type: RecurrenceType = ""
    in_mode: InputMode = "linear"
    lis: bool = False

    ALLOWED: ClassVar[dict[str, tuple[object, ...]]] = {
        "w_mode": ("", "r", "v"),
        "act": ("sigm", "tanh"),
        "factor": ("", "*", "+"),
        "rec_type": ("", "s"),
        "in_mode": ("linear", "synaptic"),
        "lis": (False, True),
    }

    def __post_init__(self) -> None:
        for field in fields(self):
            value, allowed = getattr(self, field.name), self.ALLOWED[field.name]
            if value not in allowed or isinstance(value, bool) != (field.name == "lis"):
                raise ValueError(
                    f"{field.name}={value!r} is not a {_PART_NAMES[field.name]} of a type "
                    f"descriptor; allowed: {_listed(allowed)}"
                )

    def __str__(self) -> str:
        lis = "_lis" if self.lis else ""
        return f"ctrnn_{self.w_mode}{self.act}{self.factor}{self.rec_type}_{self.in_mode}{lis}"

    @property
    def gated(self) -> bool:
        """True for LTCs, the activation is multiplied by a difference of potential."""
        return self.factor != ""

    @property
    def synaptic(self) -> bool:
        """True for synaptic activation, every synapse has its own a, b and e."""
        return self.rec_type == "s"

    @classmethod
    def parse(cls, text: str) -> TypeDescriptor:
        """Read a descriptor string.

        The paper also prints the prefix ``ctrrn`` and ``-`` between the parts; both are accepted.

        Raises:
            TypeError: if ``text`` is not a string.
            ValueError: naming the part that is wrong, what is allowed there, and the nearest
                legal string.
        """
        if not isinstance(text, str):
            raise TypeError(f"a type descriptor must be a str, got {type(text).__name__}")
        match = _PATTERN.fullmatch(text)
        if match is None:
            raise ValueError(_explain(text))
        parts: dict[str, object] = dict(match.groupdict(default=""))
        parts["lis"] = bool(parts["lis"])
        return cls(**parts)  # type: ignore[arg-type]

    @classmethod
    @cache
    def all(cls) -> tuple[TypeDescriptor, ...]:
        """All 144 descriptors, in the order of Table 3."""
        combinations = itertools.product(*cls.ALLOWED.values())
        return tuple(cls(*cast(tuple[WMode, Activation], parts)) for parts in combinations)


_PATTERN = re.compile(
    r"ctr[nr]n[_-](?P<w_mode>[rv]?)(?P<act>sigm|tanh)(?P<factor>[*+]?)(?P<rec_type>s?)"
    r"[_-](?P<in_mode>linear|synaptic)(?:[_-](?P<lis>lis))?"
)

# The grammar once more, part by part, so that the first part that does not fit can be named.
_STEPS: tuple[tuple[str, str, str], ...] = (
    ("prefix", r"ctr[nr]n", "'ctrnn' (or 'ctrrn', as the paper also prints)"),
    ("separator after the prefix", r"[_-]", "'_' (or '-')"),
    ("act", r"[rv]?(?:sigm|tanh)", "'sigm' or 'tanh', after an optional w-mode 'r' or 'v'"),
    ("factor or rec-type", r"[*+]?s?(?=[_-]|$)", "an optional '*' or '+', then an optional 's'"),
    ("separator before in-mode", r"[_-]", "'_' (or '-')"),
    ("in-mode", r"(?:linear|synaptic)(?=[_-]|$)", "'linear' or 'synaptic'"),
    ("lis", r"(?:[_-]lis)?$", "nothing or '_lis'"),
)


def _explain(text: str) -> str:
    """Say which part of an illegal descriptor is wrong, what may stand there, what is nearest."""
    position, steps = 0, iter(_STEPS)
    name, pattern, allowed = next(steps)
    while match := re.compile(pattern).match(text, position):
        position = match.end()
        name, pattern, allowed = next(steps)
    found = repr(text[position:]) if text[position:] else "nothing"
    nearest = difflib.get_close_matches(text, map(str, TypeDescriptor.all()), n=1, cutoff=0.0)[0]
    return (
        f"type descriptor {text!r}: the {name} is wrong at position {position}: "
        f"found {found}, allowed: {allowed}; the nearest legal string is {nearest!r}"
    )


def _listed(values: tuple[object, ...]) -> str:
    return ", ".join(map(repr, values))
