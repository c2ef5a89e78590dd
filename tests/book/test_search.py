"""What the search knows of a page."""

from book.search import kind, plain, sections

PAGE = """
<section id="springs"><h1>1. Springs<a class="headerlink" href="#springs">#</a></h1>
<p>A <strong>post</strong> at <span class="math">\\(w_{l}\\, \\tau\\)</span> , and a ring.</p>
<script>never()</script>
<section id="pull"><h2>The pull</h2><p>It pulls.</p>
<div class="math" id="equation-b-13">x = y</div></section></section>
<dl class="py function"><dt id="ltcbook.nn.step">step()</dt><dd><p>One step.</p></dd></dl>
"""


def test_a_section_has_its_own_words_alone() -> None:
    entry, inner, outer = sections(PAGE)
    assert outer == {
        "place": "springs",
        "title": "1. Springs",
        "new": "post",
        "text": "A post at w_l τ, and a ring.",
    }
    assert inner["text"] == "It pulls." and inner["new"] == "b.13"
    assert entry["title"] == "nn.step" and entry["text"] == "One step."


def test_a_formula_is_what_one_might_type() -> None:
    assert plain(r"\(\sigma(a_{ji} x_j)\)") == "σ(a_ji x_j)"
    assert plain(r"\(\textcolor{input}{u_j}\)") == "u_j"


def test_a_page_is_a_chapter_or_stands_beside_them() -> None:
    found = [kind(f"chapters/{name}", ["motifs"]) for name in ("motifs", "glossary", "api")]
    assert found == ["chapter", "beside", "reference"]
