"""Every term of the glossary is defined, or led to its entry, where a reader first meets it."""

import pytest

from tests.book.first_uses import PLAIN, Place, first_uses, patterns, readable, reading, terms


def uses(*texts: str) -> list[bool]:
    """Return whether the term "leak" comes too late in chapters of these texts."""
    places = [Place("trial", k, readable(text)) for k, text in enumerate(texts)]
    return [first_uses(["leak"], places)[0].late]


def test_the_glossary_has_its_terms() -> None:
    found = terms()
    assert {"leak", "LTC", "semi-implicit Euler"} <= set(found) and len(found) >= 80
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("texts", "late"),
    [
        (["A leak.", "The *leak* pulls."], True),
        (["A leak."], True),
        (["The *leak* pulls.", "A leak."], False),
        (["A neuron's {term}`leak`.", "The **leak** pulls."], False),
        (["It {term}`leaks <leak>`."], False),
        (["A *leaky* bucket and its leaks."], True),
        (["## Leak\n\n`leak`, $leak$, {ref}`leak`", "The *leak*."], False),
        (["Nothing."], False),
    ],
)
def test_what_counts_as_defined(texts: list[str], late: bool) -> None:
    assert uses(*texts) == [late]


def test_capitals_of_an_abbreviation_count() -> None:
    use, _ = patterns("LTC")
    assert use.search("two LTCs") and not use.search("ltc")


def test_every_term_is_defined_before_it_is_used() -> None:
    late = [
        f"{found.term}: used in {found.used.chapter}: {found.used.text[:80]!r}"
        for found in first_uses(terms(), list(reading()))
        if found.late and found.used is not None
    ]
    assert not late, "\n".join(late)


def test_captions_are_read_as_paragraphs_are() -> None:
    chapters = {place.chapter for place in reading() if "Arrows excite, bars inhibit" in place.text}
    assert "artificial_neurons" in chapters


def test_words_in_their_plain_sense_are_used_there() -> None:
    places = list(reading())
    for term, chapters in PLAIN.items():
        use, _ = patterns(term)
        assert term in terms()
        for chapter in chapters:
            assert any(p.chapter == chapter and use.search(p.text) for p in places), (term, chapter)
