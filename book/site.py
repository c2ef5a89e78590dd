"""What a site has beside its pages: cards for sharing, a sitemap, a 404 page.

And the buttons to Colab, Binder and the repository. All but the 404 page follow from the book's
address: until there is one, there is no sitemap and no button, which could only point at somebody
else's account, and a card has a title and a description but no link and no picture.
"""

import shutil
import textwrap
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from book.address import Address, address, version

# Drawn by book.cover; it stands beside a link to the book, where the link is shared.
COVER = Path(__file__).resolve().parents[1] / "chapters" / "images" / "cover.png"
ALT = (
    "The title, Liquid Time-Constant Networks, above some thirty curves: the potentials of a "
    "network that two waves drive, rising and falling together at different speeds."
)
SHORTEST, LONGEST = 60, 200  # letters of a paragraph that describes a page, and of a description
# Of the first page's head, what a card is made of.
CARD = 'head > title, meta[property^="og:"], meta[name^="twitter:"], meta[name="description"]'
SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
OF_ADDRESS = '<meta property="og:url"'  # sphinxext-opengraph writes it in any case


def cards(where: Address | None, title: str) -> dict[str, Any]:
    """Return the settings of Sphinx, and of sphinxext-opengraph, that follow from the address."""
    large = '<meta name="twitter:card" content="summary_large_image" />'
    return {
        "html_baseurl": where.pages if where else "",
        "ogp_site_url": where.pages if where else "",
        "ogp_site_name": title,
        "ogp_image": f"_images/{COVER.name}" if where else None,
        "ogp_image_alt": ALT,
        "ogp_social_cards": {"enable": False},  # one cover for all, not a drawing for each page
        "ogp_custom_meta_tags": (large,) if where else (),
    }


def buttons(where: Address, release: str) -> dict[str, Any]:
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


def set_options(app: Sphinx, config: Config) -> None:
    """Set what follows from the book's address, before the theme reads it."""
    where = address()
    for name, value in cards(where, config.html_title).items():
        config[name] = value
    if where is not None:
        app.tags.add("address")  # pages ask for it by `only`
        config["html_theme_options"] = {**config.html_theme_options, **buttons(where, version())}


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


def describe(app: Sphinx, page: str, context: dict[str, Any], doctree: nodes.document) -> None:
    """Describe a page by its first sentences, unless it says itself what it is.

    The extension would take the alternative text of the picture that a chapter opens with.
    """
    if "og:description" in app.env.metadata.get(page, {}):
        return
    if (words := first_words(doctree)) is not None:
        context["meta"] = {**(context["meta"] or {}), "og:description": escape(words, quote=False)}
        context["metatags"] += f'<meta name="description" content="{escape(words)}" />\n'


def leave_out_link(
    app: Sphinx, page: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Take from a card the link that nobody could follow."""
    if not app.config.html_baseurl:
        lines = context["metatags"].splitlines(keepends=True)
        context["metatags"] = "".join(one for one in lines if not one.startswith(OF_ADDRESS))


def not_found(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the 404 page, shown at any depth below the address, where its links start from."""
    yield "404", {"base": urlsplit(app.config.html_baseurl).path or "/"}, "404.html"


def sitemap(addresses: list[str]) -> str:
    """Return a sitemap of ``addresses``."""
    urlset = ElementTree.Element("urlset", xmlns=SITEMAPS)
    for one in addresses:
        ElementTree.SubElement(ElementTree.SubElement(urlset, "url"), "loc").text = one
    ElementTree.indent(urlset)
    return ElementTree.tostring(urlset, encoding="unicode", xml_declaration=True) + "\n"


def write_site_files(app: Sphinx) -> None:
    """Lay the cover and, for a book with an address, the sitemap beside the pages."""
    base, out = app.config.html_baseurl, Path(app.outdir)
    if COVER.is_file():  # a book without a cover has a card without a picture
        (out / "_images").mkdir(exist_ok=True)
        shutil.copy(COVER, out / "_images")
    if base:
        pages = sorted(base + app.builder.get_target_uri(name) for name in app.env.found_docs)
        (out / "sitemap.xml").write_text(sitemap(pages), encoding="utf-8")


def entrance(page: str, address: str) -> str:
    """Return what stands at the address of the whole book: it leads to its first page at once.

    A link to the book is what people send, and who draws its card reads here and follows nothing.
    """
    head = "\n".join(map(str, BeautifulSoup(page, "html.parser").select(CARD)))
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n{head}\n'
        '<link rel="icon" href="_static/favicon.svg">\n'
        f'<meta http-equiv="refresh" content="0; url={address}">\n</head>\n'
        f'<body><p><a href="{address}">To the first page</a></p></body>\n</html>\n'
    )


def write_entrance(app: Sphinx) -> None:
    """Put a card into the page that leads to the first one; sphinx-external-toc's has none."""
    out, root = Path(app.outdir), app.builder.get_target_uri(app.config.root_doc)
    if root != "index.html":
        page = (out / root).read_text(encoding="utf-8")
        (out / "index.html").write_text(entrance(page, root), encoding="utf-8")
