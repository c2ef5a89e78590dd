"""Sphinx extension: buttons that open a chapter on Colab and Binder, once the book has an address.

Without an address there is no button, for it could only point at somebody else's account.
"""

from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.typing import ExtensionMetadata

from book.address import Address, address, version


def options(where: Address, release: str) -> dict[str, Any]:
    """Return what the theme needs to know, to link to the repository of the book.

    Links to Colab are corrected by `book.plain`: it opens the plain notebooks.
    """
    return {
        "repository_url": where.url,
        "repository_branch": f"v{release}",
        "path_to_docs": "",
        "use_repository_button": True,
        "use_issues_button": True,
        "launch_buttons": {
            "notebook_interface": "jupyterlab",
            "colab_url": "https://colab.research.google.com",
            "binderhub_url": "https://mybinder.org",
        },
    }


def add_options(app: Sphinx, config: Config) -> None:
    """Set the theme's options, before the theme reads them."""
    where = address()
    if where is not None:
        config["html_theme_options"] = {**config.html_theme_options, **options(where, version())}


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the extension with Sphinx."""
    app.connect("config-inited", add_options, priority=100)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
