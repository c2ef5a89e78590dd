"""Sphinx extension: what a site has beside its pages: cards for sharing, a sitemap, a 404 page.

Cards and sitemaps need full addresses. Until the book has one there is no sitemap, and a card has
a title and a description but no link and no picture.
"""

import re
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.typing import ExtensionMetadata

from book.address import Address, address

# Drawn by book.cover, and shown on the first page.
COVER = Path(__file__).resolve().parents[1] / "chapters" / "images" / "cover.png"
ALT = (
    "The title, Liquid Time-Constant Networks, above some thirty curves: the potentials of a "
    "network that two waves drive, rising and falling together at different speeds."
)
SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEEDS_ADDRESS = re.compile(r'<meta (?:property|name)="(?:og:(?:url|image)|twitter:)[^>]*>\n?')
# Shown at any depth below the book's own address, which its links therefore start from.
NOT_FOUND = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<base href="{base}">
<title>Page not found &#8212; {title}</title>
<style>
:root {{ color-scheme: light dark; --ink: light-dark(#1a1f26, #e6eaf0); }}
body {{ max-width: 36rem; margin: 15vh auto; padding: 0 1rem; color: var(--ink);
  background: light-dark(#ffffff, #14181e); font: 1.1rem/1.6 system-ui, sans-serif; }}
a {{ color: light-dark(#005a8e, #7cc4f5); }}
</style>
</head>
<body>
<main>
<h1>There is no such page</h1>
<p>The book may have moved it, or the address has a slip.</p>
<ul>
<li><a href="{root}">The first page, with the table of contents</a></li>
<li><a href="search.html">Search the book</a></li>
</ul>
</main>
</body>
</html>
"""


def options(where: Address | None, title: str) -> dict[str, Any]:
    """Return the settings of Sphinx, and of sphinxext-opengraph, that follow from the address."""
    pages = where.pages if where else ""
    return {
        "html_baseurl": pages,
        "ogp_site_url": pages,
        "ogp_site_name": title,
        "ogp_image": f"_images/{COVER.name}",
        "ogp_image_alt": ALT,
        "ogp_social_cards": {"enable": False},  # one cover for all, not a drawing for each page
        "ogp_custom_meta_tags": ('<meta name="twitter:card" content="summary_large_image" />',),
    }


def set_options(app: Sphinx, config: Config) -> None:
    """Set :func:`options` for the book's address."""
    for name, value in options(address(), config.html_title).items():
        config[name] = value


def leave_out_what_needs_an_address(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Take from a card the link and the picture, whose addresses nobody could follow."""
    if not app.config.html_baseurl and doctree is not None:
        context["metatags"] = NEEDS_ADDRESS.sub("", context["metatags"])


def sitemap(addresses: list[str]) -> str:
    """Return a sitemap of ``addresses``."""
    urlset = ElementTree.Element("urlset", xmlns=SITEMAPS)
    for one in addresses:
        ElementTree.SubElement(ElementTree.SubElement(urlset, "url"), "loc").text = one
    ElementTree.indent(urlset)
    return ElementTree.tostring(urlset, encoding="unicode", xml_declaration=True) + "\n"


def write_site_files(app: Sphinx, error: Exception | None) -> None:
    """Write the 404 page and, for a book with an address, the sitemap."""
    if error is not None or app.builder.format != "html":
        return
    base, out = app.config.html_baseurl, Path(app.outdir)
    root = app.builder.get_target_uri(app.config.root_doc)
    not_found = NOT_FOUND.format(
        base=urlsplit(base).path or "/", root=root, title=escape(app.config.html_title)
    )
    (out / "404.html").write_text(not_found, encoding="utf-8")
    if base:
        pages = sorted(base + app.builder.get_target_uri(name) for name in app.env.found_docs)
        (out / "sitemap.xml").write_text(sitemap(pages), encoding="utf-8")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the extension with Sphinx."""
    app.setup_extension("sphinxext.opengraph")
    app.connect("config-inited", set_options)
    app.connect("html-page-context", leave_out_what_needs_an_address, priority=900)
    app.connect("build-finished", write_site_files)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
