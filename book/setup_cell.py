"""The first code cell of every chapter, tagged ``setup``: written here, the same everywhere."""

from book.address import Address

# Only `figures` is imported, so that it also styles the plots.
SETUP_CELL = """\
# Setup: installs the book's package where it is missing, or does nothing.
import importlib.util

if importlib.util.find_spec("ltcbook") is None:
{install}

from ltcbook import figures

figures.use_style()"""

WITHOUT_ADDRESS = """\
    raise ModuleNotFoundError(
        "ltcbook is missing, and this copy of the book has no address to "
        "install it from: upload the wheel that `make wheel` writes, then "
        "run `%pip install -q ltcbook-*.whl` and this cell again."
    )"""


def setup_cell(address: Address | None) -> str:
    """Return the cell: it installs from ``address``, or says in one sentence what to do instead."""
    # The address comes last, where the limit on the length of a line leaves it alone.
    install = f"    %pip install -q git+{address.url}" if address else WITHOUT_ADDRESS
    return SETUP_CELL.format(install=install)
