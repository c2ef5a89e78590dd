"""An immutable, ordered table of named entries with a helpful error for unknown names."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TypeVar

Entry = TypeVar("Entry", covariant=True)


class Register(Mapping[str, Entry]):
    """Entries by name, in the order given. It cannot be changed.

    >>> from ltcbook.papers.equations import register
    >>> list(register)[:3]
    ['A.1', 'A.2', 'A.3']
    >>> register["B.13"].chapter, "B13" in register
    ('membrane_equation', False)
    """

    def __init__(self, kind: str, entries: Mapping[str, Entry]) -> None:
        self._kind = kind
        self._entries = MappingProxyType(dict(entries))

    def __getitem__(self, name: str) -> Entry:
        """The entry with this name.

        Raises:
            KeyError: there is no such entry; the message names the nearest and lists them all.
        """
        try:
            return self._entries[name]
        except (KeyError, TypeError):
            names = list(self._entries)
            (near,) = difflib.get_close_matches(str(name).upper(), names, n=1, cutoff=0.0)
            raise KeyError(
                f"no {self._kind} {name!r}; the nearest is {near!r}; there are {', '.join(names)}"
            ) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        names = list(self._entries)
        return f"<register: {self._kind} {names[0]} to {names[-1]}, {len(names)} entries>"
