"""The first code cell of a chapter, tagged ``setup``: written here, the same everywhere.

In a checkout, and on Binder, the package is installed. The plain notebooks, which may be opened
anywhere, install it: the release that the notebook belongs to, and no other. Running a chapter with
``book.execute`` writes the cell into it.
"""

from book.address import Address

SETUP_CELL = """\
# Setup: the look of the plots.
from ltcbook.teaching import figures

figures.use_style()"""

TITLE = "Setup: installs the book's package where it is missing; PyTorch and NumPy stay as they are"
# What is already there is named, so that no dependency of an extra can move it.
INSTALLING_CELL = """\
# @title {title}
import importlib.metadata
import importlib.util

if importlib.util.find_spec("ltcbook") is None:
    here = [name for name in ("torch", "numpy") if importlib.util.find_spec(name)]
    keep = " ".join(f"{{name}}=={{importlib.metadata.version(name)}}" for name in here)
{install}
    print("Installed ltcbook {version}, and left", keep or "nothing", "as it was.")

from ltcbook.teaching import figures

figures.use_style()"""

FROM_ADDRESS = """\
    %pip install -q {{keep}} "ltcbook[chapters] @ git+{url}@v{version}\""""
# `make zip` lays the wheel beside the notebooks; on Colab a dialogue asks for it.
FROM_WHEEL = """\
    import pathlib
    import sys

    wheel = "ltcbook-{version}-py3-none-any.whl"
    if not pathlib.Path(wheel).exists() and "google.colab" in sys.modules:
        print("Choose", wheel, "from the book's folder of notebooks.")
        sys.modules["google.colab"].files.upload()
    if not pathlib.Path(wheel).exists():
        raise FileNotFoundError("put " + wheel + " beside this notebook: `make zip` makes it")
    %pip install -q {{keep}} "./{{wheel}}[chapters]\""""


def installing_cell(address: Address | None, version: str) -> str:
    """Return the setup cell of a plain notebook of the release ``version``.

    It installs from the tag of that release at ``address``; where the book has no address, from
    the wheel beside the notebook.
    """
    how = FROM_ADDRESS if address else FROM_WHEEL
    install = how.format(url=address.url if address else "", version=version)
    return INSTALLING_CELL.format(title=TITLE, install=install, version=version)
