"""Show the tested source of something inside a chapter."""

from __future__ import annotations

import inspect
import textwrap


class Source:
    """Source text that a notebook renders highlighted, in the page's own light or dark colours."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return f"```python\n{self.text}\n```"


def show(obj: object) -> Source:
    """The source of a function, class or equation, as it is tested and run.

    >>> import ltcbook
    >>> ltcbook.show(ltcbook.models)
    def models() -> tuple[str, ...]:
        \"\"\"The names that :func:`ltcbook.build` knows, in the order of the book.
    ...

    Args:
        obj: anything that Python can find the source of, or an entry of the equation register.

    Raises:
        TypeError: if there is no Python source to show.

    Appendix: ``how_to_read``.
    """
    target = getattr(obj, "function", obj)
    try:
        text = inspect.getsource(target)  # type: ignore[arg-type]
    except (TypeError, OSError) as error:
        raise TypeError(f"obj must have Python source to show, got {obj!r}") from error
    return Source(textwrap.dedent(text).rstrip())
