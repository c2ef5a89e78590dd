"""The Sphinx extension of this book: what is done at which step of a build, and in which order.

The other modules know what is done, this one alone knows when. A number is Sphinx's priority: its
own work and that of other extensions is done at 500, what has a lower number comes before it.
"""

import gc
from collections.abc import Callable
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from book import (
    api,
    equation_tags,
    front_page,
    html,
    licences,
    live,
    offline,
    plain,
    previews,
    rebuild,
    registers,
    search,
    site,
    slim,
    stills,
    teachers,
    typography,
)

DIRECTIVES = {
    "chapter-cards": front_page.ChapterCards,
    "live": live.Live,
    "ltcbook-chapter-graph": teachers.ChapterGraph,
    "ltcbook-claims": registers.Claims,
    "ltcbook-equation-register": registers.EquationRegister,
    "ltcbook-errata": registers.Errata,
    "ltcbook-execution-times": registers.ExecutionTimes,
    "ltcbook-goals": teachers.Goals,
    "ltcbook-notation": registers.Notation,
    "ltcbook-reference": api.Reference,
    "ltcbook-sheets": teachers.Sheets,
    "ltcbook-theorem-register": registers.TheoremRegister,
}
TRANSFORMS = (equation_tags.LabelTaggedEquations, typography.Typography, api.LinkToReference)


def of_documents(*changes: Callable[..., None]) -> Callable[..., None]:
    """Return what makes ``changes`` to the pages of documents: not to those that are Sphinx's."""

    def change(
        app: Sphinx, page: str, template: str, context: dict[str, Any], tree: nodes.document | None
    ) -> None:
        if tree is not None:
            for one in changes:
                one(app, page, context, tree)

    return change


def finish(app: Sphinx, error: Exception | None) -> None:
    """Lay beside the pages what they need, and take from them what they do not."""
    if error is not None or app.builder.format != "html":
        return
    offline.copy_mathjax(app)
    offline.lighten_files(app)
    site.write_site_files(app)
    licences.copy_notices(app)
    search.write_index(app)
    slim.slim_book(app)  # when all pages, scripts and style sheets are there
    site.write_entrance(app)  # from the first page, as it is now


EVENTS: tuple[tuple[str, int, Callable[..., Any]], ...] = (
    ("config-inited", 100, site.set_options),  # before the theme reads them
    ("config-inited", 500, front_page.set_title_and_footer),
    ("config-inited", 500, api.write_pages),  # before the table of contents looks for pages
    ("builder-inited", 500, equation_tags.use_visitor),
    ("builder-inited", 500, slim.write_less_around_code),
    ("builder-inited", 500, search.replace_sphinx_search),
    ("autodoc-process-docstring", 100, api.link_chapters),
    ("autodoc-skip-member", 500, api.skip_field),
    ("doctree-read", 500, stills.keep_live_models),
    ("doctree-read", 900, previews.gather),  # when Sphinx has begun its notes on the document
    # Before and after Sphinx gives out its own numbers, which it does in the same event.
    ("env-get-updated", 100, equation_tags.restore_plain_numbers),
    ("env-get-updated", 900, equation_tags.number_by_tag),
    ("doctree-resolved", 500, front_page.fill_cards),
    ("html-collect-pages", 500, search.pages),
    ("html-collect-pages", 500, site.not_found),
    ("html-page-context", 400, of_documents(site.describe)),  # before sphinxext-opengraph
    (
        "html-page-context",
        900,  # when the theme has made its buttons
        of_documents(
            live.add_state,
            previews.add_previews,
            plain.write,
            search.keep_sections,
            site.leave_out_link,
        ),
    ),
    ("html-page-context", 900, html.name_folds),
    ("html-page-context", 900, html.drop_scripts),
    ("build-finished", 900, finish),
)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register all of it with Sphinx."""
    # Documents are trees of many objects that live to the end: garbage is looked for rarely, which
    # would be a third of a build.
    gc.set_threshold(500_000, 50, 50)
    app.setup_extension("sphinxext.opengraph")
    # Jupyter Book always sets this value of sphinx-comments, which this book leaves out.
    app.add_config_value("comments_config", {}, "env")
    app.add_config_value("ltcbook_facts", rebuild.facts(), "env")
    app.set_translator("html", html.Translator)
    app.add_js_file("previews.js", loading_method="defer")
    for name, directive in DIRECTIVES.items():
        app.add_directive(name, directive)
    for transform in TRANSFORMS:
        app.add_transform(transform)
    app.add_post_transform(stills.KeepStill)
    for event, priority, done in EVENTS:
        app.connect(event, done, priority)
    return {
        "version": "1",
        "env_version": 2,  # of what is kept from build to build: previews
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
