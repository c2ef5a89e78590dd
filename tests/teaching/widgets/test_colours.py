"""The pieces have one colour code: roles and solvers as in figures, and nothing else so."""

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from matplotlib.colors import to_rgb

import book
from ltcbook.teaching import widgets
from ltcbook.teaching.figures import COLOURS, PALETTE, SOLVER_COLOURS
from tests.book.test_roles import tones
from tests.teaching.eyes import VISIONS, apart, contrast
from tests.teaching.test_figures import CONFUSED

HOME = Path(widgets.__file__).parent
SHEETS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(HOME.glob("*.css"))}
BOOK = Path(book.__file__).parent / "assets" / "book.css"
PIECES = sorted(SHEETS.keys() - {"kit", "stage"})
TONE = re.compile(r"(--[\w-]+): light-dark\((#\w{6}), (#\w{6})\)")
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
PAPER = "#14181e"  # in the dark
INK = ("#1a1f26", "#e6eaf0")
SERIES = ("first", "second", "third")
# What a rule speaks of that may use the colour of a role, by its selector.
SPEAKS = {
    "excitatory": r"\.(excitatory|excites|up|self-letter|threshold|hint)\b",
    "inhibitory": r"\.(inhibitory|inhibits|down)\b",
    # The stepper's levels, currents, bars and terms are the leak's where they are no synapse's.
    "leak": r"\.(leak|leak-letter|level|current|bar|term)\b",
    "input": r"\.(input|click|cap)\b",
}
POLAR = re.compile(r"\.(excitatory|inhibitory|excites|inhibits)\b(?![^,]*\.handle)")


def defined(sheet: str) -> dict[str, tuple[str, str]]:
    """Return the tones that a style sheet gives to its names, light and dark."""
    return {name[2:]: (light, dark) for name, light, dark in TONE.findall(SHEETS[sheet])}


def in_the_dark() -> dict[str, set[str]]:
    """Return what pieces and formulas make in the dark of each tone of the light theme."""
    found = defaultdict(set)
    for text in SHEETS.values():
        for _, light, dark in TONE.findall(text):
            found[light].add(dark)
    for role, light in tones("light").items():
        found[light].add(tones("dark")[role])
    return found


def rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Yield the selectors and declarations of a style sheet."""
    text = re.sub(r"/\*.*?\*/", "", SHEETS[sheet], flags=re.DOTALL)
    for selector, body in RULE.findall(text):
        yield selector.strip(), body


def test_the_pieces_have_the_colours_of_the_figures() -> None:
    kit = {name: light.upper() for name, (light, _) in defined("kit").items()}
    assert {role: kit[role] for role in COLOURS} == COLOURS
    assert tuple(kit[name] for name in SERIES) == PALETTE[:3]
    methods = dict(re.findall(r"\.(\w+) { --method: var\(--(\w+)\)", SHEETS["membrane_stepper"]))
    assert {method: kit[name] for method, name in methods.items()} == {
        "explicit": SOLVER_COLOURS["euler"],
        "semi_implicit": SOLVER_COLOURS["semi-implicit-euler"],
        "exponential": SOLVER_COLOURS["exponential-euler"],
    }


def test_a_colour_has_one_tone_in_the_dark_in_pieces_and_formulas() -> None:
    found = in_the_dark()
    for colour in [*COLOURS.values(), *PALETTE[:3]]:
        assert len(found[colour.lower()]) == 1, (colour, found[colour.lower()])
    assert all(len(found[colour.lower()]) <= 1 for colour in PALETTE)


@pytest.mark.parametrize("vision", VISIONS)
def test_in_the_dark_too_no_colour_can_be_taken_for_that_of_a_role(vision: str) -> None:
    known = {light: dark for light, (dark, *_) in in_the_dark().items()}
    for colour in PALETTE:
        if tone := known.get(colour.lower()):  # a figure's light is turned round, by the page
            assert contrast(tone, PAPER) >= 4.5
            for role, its in COLOURS.items():
                assert apart(tone, known[its.lower()], vision) >= CONFUSED[vision], (colour, role)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_two_models_of_the_results_explorer_look_alike(theme: str) -> None:
    sheet = SHEETS["results_explorer"]
    hues = re.findall(r"--hue: (?:var\(--(\w+)\)|light-dark\((#\w+), (#\w+)\))", sheet)
    named = {**defined("kit"), "ink": INK}
    tone = [(named[name] if name else pair)[theme == "dark"] for name, *pair in hues]
    roles = [named[role][theme == "dark"] for role in COLOURS]
    assert len(tone) == 12
    assert min(apart(*pair) for pair in combinations(tone, 2)) >= 12
    assert min(apart(one, role) for one in tone for role in roles) >= CONFUSED["normal"]


@pytest.mark.parametrize("sheet", PIECES)
def test_a_role_and_its_colour_go_together(sheet: str) -> None:
    names = "|".join([*COLOURS, *SERIES])
    for selector, body in rules(sheet):
        asked = set(re.findall(rf"var\(--({names})\b", body))
        for role in asked & COLOURS.keys():
            assert re.search(SPEAKS[role], selector), f"{selector} is no {role}"
        if POLAR.search(selector):
            assert asked <= {"excitatory", "inhibitory"} and "#" not in body, selector


@pytest.mark.parametrize("sheet", [*PIECES, "stage"])
def test_the_tones_of_roles_are_written_once(sheet: str) -> None:
    roles = {tone for name, pair in defined("kit").items() if name in COLOURS for tone in pair}
    for tone in re.findall(r"#[0-9a-f]{6}\b", SHEETS[sheet].lower()):
        near = [
            role
            for role in roles
            if max(to_rgb(tone)) - min(to_rgb(tone)) > 0.2 and apart(tone, role) < 5
        ]
        assert not near, f"{tone} is nearly that of a role"


def test_every_colour_of_the_kit_is_asked_for_and_no_other() -> None:
    everywhere = "".join([*SHEETS.values(), *(p.read_text("utf-8") for p in HOME.glob("*.js"))])
    asked = set(re.findall(r"var\(--([\w-]+)", everywhere))
    given = set(re.findall(r"(?<!var\()--([\w-]+)['\"]?\s*[:,]", everywhere))
    assert asked <= given
    assert {name for name, _ in re.findall(r"--([\w-]+)(:)", SHEETS["kit"])} <= asked


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_handled_looks_like_no_role_and_no_neuron(theme: str) -> None:
    named = {**defined("kit"), "ink": INK}
    accent = named["accent"][theme == "dark"]
    for name in [*COLOURS, *SERIES, "ink"]:
        assert apart(accent, named[name][theme == "dark"]) >= 10, name
    for vision in VISIONS:
        for role in COLOURS:
            assert apart(accent, named[role][theme == "dark"], vision) >= 10, (role, vision)
    assert contrast(named["on-accent"][theme == "dark"], accent) >= 7
    page = re.findall(r"--pst-color-(?:primary|link): (#\w{6})", BOOK.read_text("utf-8"))
    assert accent in page, "the page and its pieces have one accent"
