"""Sphinx extension: what a site has beside its pages: cards for sharing, a sitemap, a 404 page.

Cards and sitemaps need full addresses. Until the book has one there is no sitemap, and a card has
a title and a description but no link and no picture.
"""

import shutil
import textwrap
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
from book.markup import edited, elements, without

# Drawn by book.cover; it stands beside a link to the book, where the link is shared.
COVER = Path(__file__).resolve().parents[1] / "chapters" / "images" / "cover.png"
ALT = (
    "The title, Liquid Time-Constant Networks, above some thirty curves: the potentials of a "
    "network that two waves drive, rising and falling together at different speeds."
)
DESCRIPTION = ("og:description", "description")
SHORTEST, LONGEST = 60, 200  # letters of a paragraph that describes a page, and of a description
SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEED_ADDRESS = ("og:url", "og:image", "twitter:")
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


def without_address(tags: str) -> str:
    """Return the ``tags`` of a page that say something without an address."""
    needs = [
        tag
        for tag in elements(tags)
        if tag.name == "meta"
        and (tag.attributes.get("property") or tag.attributes.get("name", "")).startswith(
            NEED_ADDRESS
        )
    ]
    return edited(tags, [without(tags, tag) for tag in needs])


def leave_out_what_needs_an_address(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Take from a card the link and the picture, whose addresses nobody could follow."""
    if not app.config.html_baseurl and doctree is not None:
        context["metatags"] = without_address(context["metatags"])


def first_words(doctree: nodes.document) -> str | None:
    """Return how the text of a page begins: not what its card, a caption or a cell says."""
    for paragraph in doctree.findall(nodes.paragraph):
        around, at = [], paragraph.parent
        while at is not None:
            around.append(at)
            at = at.parent
        aside = (nodes.Admonition, nodes.figure, nodes.sidebar, nodes.footnote, nodes.table)
        if any(isinstance(one, aside) or "cell" in one.get("classes", ()) for one in around):
            continue
        text = " ".join(paragraph.astext().split())
        if len(text) > SHORTEST and not next(iter(paragraph.findall(nodes.math)), None):
            return textwrap.shorten(text, LONGEST, placeholder=" …")
    return None


def describe(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Describe a page by its first sentences, unless it says itself what it is.

    The extension would take the alternative text of the picture that a chapter opens with.
    """
    if doctree is None or "og:description" in app.env.metadata.get(page, {}):
        return
    if (words := first_words(doctree)) is not None:
        context["metatags"] = described(context["metatags"], words)


def described(tags: str, words: str) -> str:
    """Return the ``tags`` of a page with ``words`` for its description."""
    new = []
    for tag in elements(tags):
        kind = "property" if "property" in tag.attributes else "name"
        if tag.name == "meta" and tag.attributes.get(kind) in DESCRIPTION:
            text = f'<meta {kind}="{tag.attributes[kind]}" content="{escape(words)}" />'
            new.append((tag.start, tag.end, text))
    return edited(tags, new)


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
    if COVER.is_file():  # a book without a cover has a card without a picture
        (out / "_images").mkdir(exist_ok=True)
        shutil.copy(COVER, out / "_images")
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
    app.connect("html-page-context", describe, priority=800)
    app.connect("html-page-context", leave_out_what_needs_an_address, priority=900)
    app.connect("build-finished", write_site_files)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
