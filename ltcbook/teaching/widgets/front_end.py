"""What every interactive piece shares on the Python side: its front-end text and its still picture.

The JavaScript lies in plain ES modules next to this file, so that node can test them one by one.
A widget's front end has to be one text: the modules are joined in order, without their imports.
"""

from __future__ import annotations

import io
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import anywidget

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LOCAL_IMPORT = re.compile(r'^import\s[^;]*?\sfrom\s+"\./[\w.]+";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=async |const |function |let )", re.MULTILINE)


def join_modules(*names: str) -> str:
    """One ES module text made of the package's modules ``names``, dependencies first.

    All of them then share one scope, so their top-level names must differ.
    """
    return "\n".join(_LOCAL_IMPORT.sub("", _read(name)) for name in names)


def join_worker(*names: str) -> str:
    """One script for a worker. A page that was opened from a file may start no module as one."""
    return _EXPORT.sub("", join_modules(*names))


def join_styles(*names: str) -> str:
    """One style sheet made of the package's style sheets ``names``."""
    return "\n".join(_read(name) for name in names)


def _read(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


class BookWidget(anywidget.AnyWidget):
    """An interactive piece of the book: live in a notebook, and in the page without a kernel.

    Where neither is possible (scripts off, print), the output holds a still picture as SVG.
    """

    def figure(self) -> Figure:
        """The still picture, as a matplotlib figure; every piece defines its own."""
        raise TypeError(f"{type(self).__name__} must define figure(), its still picture")

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            bundle[0]["image/svg+xml"] = to_svg(self.figure())
        return bundle


def to_svg(figure: Figure) -> str:
    """The figure as SVG text that is the same, byte for byte, whenever it is drawn."""
    import matplotlib as mpl  # here, for importing the package shall stay quick

    text = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "ltcbook", "svg.fonttype": "none"}):
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()
