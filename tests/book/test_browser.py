"""The built pages in a real browser, with the network closed: what a reader meets."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, TimeoutError

from book.contents import documents

Open = Callable[[str, str], Page]
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 740}
NARROWEST = 320  # pixels: what WCAG 1.4.10 asks of a page
HEAVIEST = 1_500_000  # bytes, not compressed, that opening a page may fetch
LARGEST_OF_THE_REFERENCE = ["chapters/api/ltcbook", "chapters/api/ltcbook.nn.wirings"]
LAYOUT = (Path(__file__).parent / "layout.js").read_text(encoding="utf-8")
JUTS = """[...document.querySelectorAll(".ltcbook")].flatMap((root) => {
    const edge = root.getBoundingClientRect().right;
    return [...root.querySelectorAll("*")]
        .filter((one) => !one.closest(".hidden, clipPath, [clip-path], .ladder"))
        .filter((one) => one.tagName !== "svg") // what is drawn counts, not its empty margin
        .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > edge + 1)
        .map((one) => one.outerHTML.slice(0, 120));
})"""
TYPESET = """() => !window.MathJax ||
    window.MathJax.startup.promise.then(() => window.typesetAll?.()).then(() => true)"""


class Quiet(SimpleHTTPRequestHandler):
    """A file server that logs nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve ``folder`` on a free local port; give the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def site(html: Path) -> Iterator[str]:
    with served(html) as address:
        yield address


@pytest.fixture(scope="module")
def small_site(small_book: Path) -> Iterator[str]:
    with served(small_book / "_build" / "html") as address:
        yield address


@pytest.fixture(scope="module")
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """One profile for all pages, so that MathJax is compiled once."""
    context = chromium.new_context(viewport=WIDE, reduced_motion="reduce")
    yield context
    context.close()


@pytest.fixture
def open_page(context: BrowserContext) -> Iterator[Open]:
    """Open pages; at the end fail for what they complained of or fetched from elsewhere."""
    complaints: list[str] = []

    def open_(base: str, name: str) -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{name}: {error}"))
        page.on(
            "console",
            lambda message: (
                complaints.append(f"{name}: {message.type}: {message.text}")
                if message.type in {"error", "warning"}
                else None
            ),
        )
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((base, "blob:", "data:"))
                else complaints.append(f"{name} asks for {request.url}")
            ),
        )
        page.goto(f"{base}/{name}.html", wait_until="load")
        page.wait_for_function(TYPESET)
        return page

    yield open_
    for page in context.pages:
        page.close()
    assert not complaints, "\n".join(complaints)


def _settled_width(page: Page, screen: int) -> int:
    """The page's width, once the theme has moved its columns after a change of the screen.

    Without transitions: a page that nobody sees is drawn seldom, and stays half-way in one.
    """
    page.add_style_tag(content="*, ::before, ::after { transition: none !important }")
    fits = "(screen) => document.documentElement.scrollWidth <= screen"
    with contextlib.suppress(TimeoutError):
        page.wait_for_function(fits, arg=screen, timeout=10_000, polling=100)
    return int(page.evaluate("document.documentElement.scrollWidth"))


@pytest.mark.parametrize("name", [*documents(), *LARGEST_OF_THE_REFERENCE])
def test_a_page_reads_well_wide_and_light_narrow_and_dark(
    site: str, open_page: Open, name: str
) -> None:
    page = open_page(site, name)
    formulas = page.locator("article .math").count()
    assert page.locator("article mjx-container").count() >= formulas, "mathematics is not typeset"
    assert page.locator("mjx-merror").count() == 0, "MathJax can't read a formula"
    failed = page.locator(".static-anywidget-message", has_text="could not start")
    assert failed.count() == 0

    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        # The page hears of it by an event, a moment later.
        page.wait_for_function(f"document.documentElement.dataset.theme === '{theme}'")
        for width in (WIDE["width"], PHONE["width"], NARROWEST):
            page.set_viewport_size({"width": width, "height": PHONE["height"]})
            wide = _settled_width(page, width)
            assert wide <= width, f"{name}, {theme}, is {wide} pixels wide on a screen of {width}"
    # The last screen was the narrowest. A class of the theme's may hold a part of a piece open.
    assert page.evaluate(JUTS) == [], f"{name}: a piece is cut at its right edge"
    looks = page.evaluate("""
        [...document.querySelectorAll(".bd-content img:not(.no-frame, .only-dark, .dark-light)")]
            .map((image) => [image.src.endsWith(".svg"), getComputedStyle(image)])
            .map(([drawn, look]) => [drawn, look.backgroundColor, look.filter])""")
    for drawn, background, filters in looks:
        if drawn:  # without a background, its lightness turned round
            assert (background, filters[:6]) == ("rgba(0, 0, 0, 0)", "invert"), (
                "a figure in the dark"
            )
        else:
            assert background == "rgb(255, 255, 255)", "a picture has a frame of another colour"
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    red, green, blue = (int(c) for c in background.removeprefix("rgb(").rstrip(")").split(","))
    assert max(red, green, blue) < 64, f"{name} is not dark: {background}"


@pytest.mark.parametrize("name", documents())
def test_nothing_is_cut_or_covered_and_no_line_begins_with_a_comma(
    site: str, open_page: Open, name: str
) -> None:
    page = open_page(site, name)
    page.evaluate(LAYOUT)
    for screen in (WIDE, PHONE):
        page.set_viewport_size(screen)
        _settled_width(page, screen["width"])
        faults = page.evaluate("faults()")
        if screen is PHONE:  # there, what is wide scrolls, and a link has no margin to stand in
            del faults["wide"], faults["emptyLineBelow"]
        assert not any(faults.values()), faults


@pytest.mark.parametrize("screen", [1280, 1440])
@pytest.mark.parametrize(
    ("name", "wide"),
    [
        ("chapters/projects", "#fig-project-solver img"),
        ("chapters/membrane_equation", ".ltcbook.tug"),
    ],
)
def test_what_is_wide_breaks_out_and_the_list_of_headings_makes_room(
    site: str, open_page: Open, screen: int, name: str, wide: str
) -> None:
    page = open_page(site, name)
    page.set_viewport_size({"width": screen, "height": 800})
    _settled_width(page, screen)
    to = "(e) => e.scrollIntoView({block: 'start', behavior: 'instant'})"
    folded = "document.querySelector('.bd-sidebar-secondary').classList.contains('folded')"
    seen = page.locator(wide)
    drawn = seen.evaluate("(e) => parseFloat(getComputedStyle(e).getPropertyValue('--drawn'))")
    widest = 960 if np.isnan(drawn) else min(1.35 * drawn, 960)  # a figure does not grow further
    assert seen.bounding_box()["width"] == pytest.approx(widest, abs=16)
    assert widest > 800  # beyond the text, so the list would stand over it
    seen.evaluate(to)
    page.wait_for_function(folded)
    bottom = page.locator(".bd-sidebar-secondary").bounding_box()["height"]
    assert bottom <= 48, "the folded list is higher than the bar that it stands in"
    page.locator(".bd-sidebar-secondary .onthispage").hover()
    assert page.locator(".bd-sidebar-secondary nav").bounding_box()["height"] > 100
    page.mouse.move(0, 0)
    page.locator("article section").last.evaluate(to)
    page.wait_for_function(f"!{folded}")
    assert page.locator(".bd-sidebar-secondary").bounding_box()["height"] > 100


def test_the_list_of_headings_makes_room_for_a_piece_that_a_link_leads_to(
    site: str, chromium: Browser
) -> None:
    """The piece comes to life when it is in view: what is there before is narrow."""
    for piece in ("motifs.html#live-motif-bench", "ct_rnns.html#live-clicks"):
        # A profile of its own: with what an earlier page has fetched the piece is there at once.
        context = chromium.new_context(viewport=WIDE)
        page = context.new_page()
        page.goto(f"{site}/chapters/{piece}")
        page.locator(".ltcbook").first.wait_for()
        page.wait_for_function(
            "document.querySelector('.bd-sidebar-secondary').classList.contains('folded')",
            timeout=10_000,
        )
        context.close()


@pytest.mark.parametrize("name", ["chapters/membrane_equation", "chapters/projects"])
def test_a_drawn_figure_keeps_its_letters_readable_on_a_phone(
    site: str, open_page: Open, name: str
) -> None:
    page = open_page(site, name)
    page.set_viewport_size(PHONE)
    figure = page.locator("figure .scrolls").first
    image = figure.locator("img")
    drawn = image.evaluate("(e) => parseFloat(getComputedStyle(e).getPropertyValue('--drawn'))")
    letters = 11 / 72 * 96 * image.bounding_box()["width"] / drawn  # of 11 points, in pixels
    assert letters >= 11
    assert figure.bounding_box()["width"] <= PHONE["width"]
    assert page.locator("figure figcaption").first.bounding_box()["width"] <= PHONE["width"]
    assert _settled_width(page, PHONE["width"]) <= PHONE["width"]


def test_the_index_fits_a_phone(site: str, open_page: Open) -> None:
    page = open_page(site, "genindex")
    page.set_viewport_size(PHONE)
    assert _settled_width(page, PHONE["width"]) <= PHONE["width"]


@pytest.mark.parametrize("name", [*documents(), *LARGEST_OF_THE_REFERENCE, "search"])
def test_opening_a_page_fetches_little(site: str, chromium: Browser, name: str) -> None:
    context = chromium.new_context(viewport=WIDE)  # a reader who has seen no page before
    page = context.new_page()
    fetched: dict[str, int] = {}

    def weigh(request: Request) -> None:
        if not request.url.startswith("blob:"):  # made in the page, of bytes that it has
            fetched[request.url] = len(request.response().body())

    page.on("requestfinished", weigh)
    page.goto(f"{site}/{name}.html", wait_until="load")
    page.wait_for_function(TYPESET)
    page.wait_for_load_state("networkidle")
    context.close()
    heavy = sorted(fetched.items(), key=lambda item: -item[1])[:8]
    assert sum(fetched.values()) < HEAVIEST, f"{name}: {heavy}"
    assert name == "search" or not [a for a in fetched if "search-texts" in a]


def test_a_page_works_from_a_folder(html: Path, open_page: Open) -> None:
    page = open_page(html.as_uri(), "chapters/membrane_equation")
    assert page.locator("article mjx-container").count() > 0


@pytest.mark.parametrize(
    "name", ["ltcbook.papers.theorems.flows.largest", "ltcbook.teaching.figures.use_style"]
)
def test_a_link_to_an_entry_of_the_reference_leads_to_it(
    site: str, open_page: Open, name: str
) -> None:
    page = open_page(site, "chapters/api")
    page.locator(f'article a[href$="#{name}"]').click()
    page.wait_for_url(f"**#{name}", wait_until="load")
    top = "(name) => document.getElementById(name).getBoundingClientRect().top"
    assert 0 <= page.evaluate(top, name) < WIDE["height"], "the entry is not in view"


@pytest.mark.parametrize("way", ["http", "file"])
@pytest.mark.parametrize(
    ("query", "chapter", "place"),
    [
        ("capacitor", "membrane_equation", "capacitor"),
        ("reversal potential", "membrane_equation", "reversal potential"),
        ("adjoint", "neural_odes", "adjoint"),
        ("B.7", "ct_rnns", ""),  # where the equation stands
    ],
)
def test_search_finds_a_chapter_and_shows_its_words(
    site: str, html: Path, open_page: Open, way: str, query: str, chapter: str, place: str
) -> None:
    base = site if way == "http" else html.as_uri()
    page = open_page(base, "search")
    page.goto(f"{base}/search.html?q={query.replace(' ', '+')}")
    first = page.locator("#search-results li").first
    first.wait_for()
    assert first.locator(".page a").get_attribute("href") == f"chapters/{chapter}.html"
    assert place in first.locator(".context").first.inner_text().lower()
    link = first.locator(".section a").first
    name = link.inner_text()
    link.click()
    heading = page.locator(":target").locator("h2, h3, h4").first
    assert heading.inner_text().startswith(name)


def test_search_shows_chapters_before_entries_of_the_reference(site: str, open_page: Open) -> None:
    page = open_page(site, "search")
    page.locator(".bd-search-container input").fill("euler")
    page.locator("#search-results li").first.wait_for()
    kinds = page.locator("#search-results h2").all_inner_texts()
    assert kinds[0] == "Chapters" and kinds[-1] == "In the reference"
    page.locator(".bd-search-container input").fill("zzzz")
    assert "Nothing in the book" in page.locator("#search-results").inner_text()


@pytest.mark.parametrize("way", ["http", "file"])
def test_a_widget_lives_without_a_kernel(
    small_site: str, small_book: Path, open_page: Open, way: str
) -> None:
    base = small_site if way == "http" else (small_book / "_build" / "html").as_uri()
    page = open_page(base, "chapters/widgets")
    buttons = page.locator(".static-anywidget button")
    assert buttons.all_inner_texts() == ["3 1 7-8", "3 1 7-8"]  # one model, initialised once
    buttons.nth(0).click()
    buttons.nth(1).focus()
    page.keyboard.press("Enter")
    assert buttons.all_inner_texts() == ["5 1 7-8", "5 1 7-8"]  # two views of it
    border = buttons.nth(0).evaluate("(e) => getComputedStyle(e).borderTopColor")
    assert border == "rgb(1, 2, 3)"


def test_a_control_that_needs_a_kernel_says_so(small_site: str, open_page: Open) -> None:
    page = open_page(small_site, "chapters/widgets")
    assert page.locator(".static-anywidget-message").all_inner_texts() == [
        "This control needs a running kernel: open the chapter as a notebook to move it."
    ]


def test_a_live_widget_hides_its_still_picture_and_does_not_fetch_it(
    small_site: str, open_page: Open
) -> None:
    page = open_page(small_site, "chapters/widgets")
    stills = page.locator(".widget-still")
    assert [still.is_visible() for still in stills.all()] == [False, False]
    fetched = page.evaluate("performance.getEntriesByType('resource').map((r) => r.name)")
    pictures = page.evaluate(
        "[...document.querySelectorAll('.widget-still img')].map((image) => image.src)"
    )
    assert pictures and not set(pictures) & set(fetched)


def test_without_scripts_a_widget_is_a_still_picture(chromium: Browser, small_book: Path) -> None:
    context = chromium.new_context(viewport=PHONE, java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto((small_book / "_build" / "html" / "chapters" / "widgets.html").as_uri())
    stills = page.locator(".widget-still")
    assert stills.count() == 2
    for still in stills.all():
        picture = still.locator("img").bounding_box()
        assert picture["width"] > 100 and picture["height"] > 50
        assert "needs scripts" in still.inner_text()
    context.close()


def test_a_link_shows_its_equation_and_its_term(small_site: str, open_page: Open) -> None:
    page = open_page(small_site, "chapters/home")
    tip = page.get_by_role("tooltip")
    assert tip.count() == 0  # hidden, for readers of the screen too

    page.get_by_role("link", name="(B.13)").hover()
    tip.locator("mjx-container").wait_for()
    assert "B.13" in tip.inner_text()
    box = tip.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= WIDE["width"]
    page.keyboard.press("Escape")
    assert tip.count() == 0

    term = page.locator("article p a", has_text="leak")
    term.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")  # as a reader comes to it
    tip.locator("mjx-container").wait_for()
    assert "always open" in tip.inner_text()
    assert term.get_attribute("aria-describedby") == tip.get_attribute("id")


def test_a_chapter_is_downloaded_as_its_plain_notebook(
    site: str, html: Path, chromium: Browser
) -> None:
    """From a server; opened from a folder, a browser shows the notebook, which lies there."""
    context = chromium.new_context(accept_downloads=True)
    page = context.new_page()
    page.goto(f"{site}/chapters/membrane_equation.html")
    link = page.locator('.dropdown-download-buttons a[href$="membrane_equation.ipynb"]').first
    with page.expect_download() as waiting:
        link.evaluate("(link) => { link.removeAttribute('target'); link.click(); }")
    saved = Path(waiting.value.path())
    assert saved.read_bytes() == (html / "notebooks" / "membrane_equation.ipynb").read_bytes()
    context.close()
