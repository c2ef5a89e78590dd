"""What stands beside the pages: the cover, cards for sharing, the sitemap, the 404 page."""

from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urljoin
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
from bs4 import BeautifulSoup
from PIL import Image

from book import cover, licences, site
from book.address import Address
from ltcbook.teaching import figures

WHERE = Address("owner", "name")


def head(page: Path) -> dict[str, str]:
    """Return the content of each meta element of a page, by its property or name."""
    elements = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").find_all("meta")
    return {e.get("property") or e.get("name"): e.get("content") for e in elements}


def test_the_cover_is_what_the_package_draws() -> None:
    kept = np.asarray(Image.open(site.COVER).convert("RGB"), dtype=float)
    drawn = np.asarray(cover.picture().convert("RGB"), dtype=float)
    assert kept.shape == (630, 1200, 3)
    # Another version of a font library moves an edge by less than a pixel.
    assert np.mean(np.abs(kept - drawn)) < 2, "run `python -m book.cover`"


def test_the_cover_does_not_take_on_the_style_of_the_chapters() -> None:
    plain = np.asarray(cover.picture().convert("RGB"))
    with mpl.rc_context():
        figures.use_style()
        styled = np.asarray(cover.picture().convert("RGB"))
    assert (plain == styled).all()


def test_the_cover_is_light_enough_to_be_fetched_with_a_link() -> None:
    assert site.COVER.stat().st_size < 150_000


def test_a_card_has_no_address_while_the_book_has_none(small_book: Path) -> None:
    card = head(small_book / "_build" / "html" / "chapters" / "home.html")
    assert card["og:title"] == "Home"
    assert card["og:description"]
    assert not [name for name in card if name and name.startswith(("og:url", "og:image"))]
    assert not (small_book / "_build" / "html" / "sitemap.xml").exists()


def test_a_link_to_the_whole_book_has_the_card_of_its_first_page(small_book: Path) -> None:
    pages = small_book / "_build" / "html"
    first, sent = (
        BeautifulSoup((pages / name).read_text(encoding="utf-8"), "html.parser")
        for name in ("chapters/home.html", "index.html")
    )
    assert sent.title and sent.title == first.title
    card, whole = head(pages / "index.html"), head(pages / "chapters" / "home.html")
    named = [name for name in whole if name and name.startswith(("og:", "twitter:"))]
    assert "og:title" in named and "og:description" in named
    assert {name: card.get(name) for name in named} == {name: whole[name] for name in named}
    assert "url=chapters/home.html" in str(sent.find("meta", attrs={"http-equiv": "refresh"}))
    with_picture = '<meta property="og:image" content="https://x/c.png" /><p>no</p>'
    assert "og:image" in site.entrance(with_picture, "a.html")


def test_with_an_address_a_card_keeps_its_link_and_picture() -> None:
    with_one, without = site.cards(WHERE, "A book"), site.cards(None, "A book")
    assert with_one["html_baseurl"] == with_one["ogp_site_url"] == "https://owner.github.io/name/"
    assert with_one["ogp_image"] and with_one["ogp_custom_meta_tags"]
    assert not (without["ogp_image"] or without["ogp_custom_meta_tags"])
    tags = '<meta property="og:url" content="x" />\n<meta property="og:title" content="y" />\n'
    for base, left in {WHERE.pages: tags, "": tags.partition("\n")[2]}.items():
        context = {"metatags": tags}
        app = SimpleNamespace(config=SimpleNamespace(html_baseurl=base))
        site.leave_out_link(app, "page", context, object())
        assert context["metatags"] == left


def test_the_sitemap_names_every_page(tmp_path: Path) -> None:
    app = SimpleNamespace(
        outdir=tmp_path,
        config=SimpleNamespace(html_baseurl=WHERE.pages),
        builder=SimpleNamespace(format="html", get_target_uri=lambda name: f"{name}.html"),
        env=SimpleNamespace(found_docs={"a/second", "a/first"}),
    )
    site.write_site_files(app)
    places = ElementTree.parse(tmp_path / "sitemap.xml").iter(f"{{{site.SITEMAPS}}}loc")
    assert [place.text for place in places] == [
        "https://owner.github.io/name/a/first.html",
        "https://owner.github.io/name/a/second.html",
    ]


def test_the_404_page_leads_into_the_book_from_any_depth(small_book: Path) -> None:
    app = SimpleNamespace(config=SimpleNamespace(html_baseurl=WHERE.pages))
    assert list(site.not_found(app)) == [("404", {"base": "/name/"}, "404.html")]
    text = (small_book / "_build" / "html" / "404.html").read_text(encoding="utf-8")
    page = BeautifulSoup(text, "html.parser")
    # The host shows it for any address, and the links must still lead into the book.
    base = urljoin("https://owner.github.io/lost/deep/page.html", page.base["href"])
    assert [urljoin(base, link["href"]) for link in page.find_all("a")] == [
        "https://owner.github.io/chapters/home.html",
        "https://owner.github.io/search.html",
    ]
    assert not page.find_all(["script", "link", "img"]), "a 404 page stands on its own"


def test_the_notices_of_what_is_bundled_go_with_the_pages(small_book: Path) -> None:
    folder = small_book / "_build" / "html" / "_static" / "licences"
    texts = {path.stem: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert set(licences.BUNDLED) | {"mathjax", "THIRD_PARTY"} <= set(texts)
    assert "Apache License" in texts["mathjax"]
    assert all(len(text) > 400 for text in texts.values())


def test_the_style_sheets_of_others_begin_with_their_notices(small_book: Path) -> None:
    static = small_book / "_build" / "html" / "_static"
    (icons,) = static.glob("vendor/fontawesome/*/css/all.min.css")
    sheets = {
        "The Bootstrap Authors": static / "styles" / "bootstrap.css",
        "Fonticons, Inc.": icons,
        "BSD 3-Clause License": static / "styles" / "sphinx-book-theme.css",
    }
    for holder, sheet in sheets.items():
        notice = sheet.read_text(encoding="utf-8").partition("*/")[0]
        assert "/*!" in notice and holder in notice, sheet.name
