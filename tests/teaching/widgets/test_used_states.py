"""Every interactive piece as a reader leaves it: axe with all folds open, and pictures whole."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import TimeoutError

from ltcbook.teaching import widgets
from ltcbook.teaching.predict import choose, draw, estimate, predict
from ltcbook.teaching.widgets.front_end import BookWidget
from tests.book.helpers import give_up
from tests.teaching.widgets.test_handled_pieces import use_clicks, use_line, use_stack, use_tug

Mounted = Callable[..., Any]

ALL = [
    kind
    for kind in (getattr(widgets, name) for name in widgets.__all__)
    if isinstance(kind, type) and issubclass(kind, BookWidget)
]
RUNS = [
    ["walker2d", "SA-LTC", "synaptic", "midpoint", 16, 2241, 0.01, 0, 0.0812, 9.5, "a1"],
    ["walker2d", "LSTM", "linear", "midpoint", 8, 1300, 0.01, 0, 0.3, 33.0, "d4"],
]


def press(page: Any, *names: str) -> None:
    """Press buttons in view, one after the other."""
    for name in names:
        page.get_by_role("button", name=name).locator("visible=true").first.click()


def use_membrane(page: Any) -> None:
    press(page, "Step", "Step", "Zoom in")


def use_synapse(page: Any) -> None:
    page.get_by_label("strength").fill("2.4")
    press(page, "Next: the current through it")


def use_flow(page: Any) -> None:
    page.get_by_text("A task for the flow").click()
    press(page, "Target: x → −x", "Fit the flow")


def use_cloud(page: Any) -> None:
    page.get_by_label("two rings", exact=True).check()
    press(page, "Fit")


def use_training(page: Any) -> None:
    press(page, "Train")
    page.get_by_role("button", name="Train again").wait_for(timeout=60_000)


def use_circuit(page: Any) -> None:
    page.get_by_role("slider", name="strength of both synapses").fill("1")
    page.locator(".cell").first.press("Enter")


def use_name(page: Any) -> None:
    page.locator(".segment").first.click()
    press(page, "Let equal ones run together")


def use_theatre(page: Any) -> None:
    page.get_by_role("slider", name="time").fill("0.8")
    press(page, "Neuron 7")


def use_runs(page: Any) -> None:
    page.locator(".plot").focus()
    page.keyboard.press("ArrowRight")


def use_prediction(page: Any) -> None:
    page.get_by_label("longer").check()
    press(page, "Compare")
    while (skip := page.get_by_role("button", name="Skip", exact=True)).count():
        skip.first.click()


def prediction() -> BookWidget:
    """A prediction with a question of each kind."""
    falling = [(0, 1), (2, 0.5), (4, 0)]
    return predict(
        choose("Longer?", ["longer", "shorter"], answer="shorter", why="Open channels leak."),
        estimate("How many?", low=0, high=144, answer=57, within=5, why="As counted."),
        draw("How does it fall?", x=(0, 4), y=(0, 1), answer=falling, why="It leaks."),
    )


USES: list[tuple[type[BookWidget], Callable[[], BookWidget], Callable[[Any], None]]] = [
    (widgets.FiveNetworks, widgets.FiveNetworks, use_line),
    (widgets.SigmoidStack, widgets.SigmoidStack, use_stack),
    (widgets.Clicks, widgets.Clicks, use_clicks),
    (widgets.TugOfWar, widgets.TugOfWar, use_tug),
    (widgets.MembraneStepper, widgets.MembraneStepper, use_membrane),
    (widgets.SynapseExplorer, widgets.SynapseExplorer, use_synapse),
    (widgets.ResNetToODE, widgets.ResNetToODE, use_flow),
    (widgets.ResNetToODE, widgets.ResNetToODE, use_cloud),
    (widgets.TrainHere, widgets.TrainHere, use_training),
    (widgets.MotifBench, widgets.MotifBench, use_circuit),
    (widgets.DescriptorExplorer, widgets.DescriptorExplorer, use_name),
    (widgets.RobotTheatre, widgets.RobotTheatre, use_theatre),
    (widgets.ResultsExplorer, lambda: widgets.ResultsExplorer(RUNS), use_runs),
    (widgets.Prediction, prediction, use_prediction),
]


# Pictures that jut out of their box, where they would be cut; the stepper's ladder scrolls.
CUT = """() => [...document.querySelectorAll(".ltcbook svg")]
    .filter((one) => one.checkVisibility() && !one.closest(".ladder"))
    .map((one) => [one, one.closest(".plot, .stage-picture, .network") ?? one.parentElement])
    .filter(([one, box]) =>
        one.getBoundingClientRect().right > box.getBoundingClientRect().right + 1)
    .map(([one, box]) => box.className)"""


def test_every_piece_is_used() -> None:
    assert {kind for kind, _, _ in USES} == set(ALL)


@pytest.mark.parametrize(("kind", "make", "use"), USES, ids=lambda one: one.__name__)
def test_a_used_piece_shows_its_pictures_whole_at_every_width(
    kind: type[BookWidget],
    make: Callable[[], BookWidget],
    use: Callable[[Any], None],
    mounted: Mounted,
) -> None:
    page = mounted(make(), width=1000, reduced_motion="reduce")
    use(page)
    for width in (800, 700, 640, 560, 480, 390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_function(f"document.documentElement.clientWidth === {width}")
        # Drawn anew: the pictures follow the width a moment later.
        with contextlib.suppress(TimeoutError):
            page.wait_for_function(f"({CUT})().length === 0", timeout=5000)
        assert page.evaluate(CUT) == [], f"at {width} px"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("kind", "make", "use"), USES, ids=lambda one: one.__name__)
def test_axe_finds_nothing_serious_in_a_used_piece(
    kind: type[BookWidget],
    make: Callable[[], BookWidget],
    use: Callable[[Any], None],
    mounted: Mounted,
    theme: str,
) -> None:
    try:
        from axe_playwright_python.base import AXE_FILE_PATH
    except ImportError:
        give_up("no axe-playwright-python here: the used pieces are NOT checked")
    page = mounted(make(), theme=theme, reduced_motion="reduce")
    before = page.locator(".ltcbook").inner_html()
    use(page)
    page.wait_for_function(
        "(before) => document.querySelector('.ltcbook').innerHTML !== before", arg=before
    )
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.add_script_tag(path=str(AXE_FILE_PATH))
    grave = page.evaluate(
        """async () => {
            const found = await axe.run(document.querySelector(".ltcbook"),
                {resultTypes: ["violations"]});
            return found.violations
                .filter(({impact}) => impact === "serious" || impact === "critical")
                .flatMap(({id, nodes}) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
        }"""
    )
    assert grave == []
    assert page.complaints == []


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_in_forced_colours_every_button_says_what_it_does(
    kind: type[BookWidget], mounted: Mounted
) -> None:
    page = mounted(kind(), forced_colors="active", color_scheme="dark", reduced_motion="reduce")
    for button in page.locator("button.primary:enabled:visible").all():
        look = """(e) => (({color, backgroundColor, forcedColorAdjust}) =>
            [color, backgroundColor, forcedColorAdjust])(getComputedStyle(e))"""
        letters, ground, adjusted = button.evaluate(look)
        assert letters != ground, button.inner_text()
        assert adjusted == "none", "the browser lays a plate of its own under the letters"


@pytest.mark.parametrize(
    ("kind", "make", "use", "behind", "before"),
    [(*USES[0], ".trace.before", ".trace.now"), (*USES[1], ".wanted", ".sum")],
    ids=["five networks", "sigmoids"],
)
def test_in_forced_colours_two_curves_stay_two(
    kind: type[BookWidget],
    make: Callable[[], BookWidget],
    use: Callable[[Any], None],
    behind: str,
    before: str,
    mounted: Mounted,
) -> None:
    page = mounted(make(), forced_colors="active", color_scheme="dark", reduced_motion="reduce")
    use(page)
    strokes = [
        page.locator(one).first.evaluate("(e) => getComputedStyle(e).stroke")
        for one in (behind, before)
    ]
    assert strokes[0] != strokes[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_forced_colours_the_pieces_wear_the_tones_of_the_readers_paper(
    mounted: Mounted, scheme: str
) -> None:
    """Not those of the page's theme: dark purple is not to be seen on black."""
    options = {"forced_colors": "active", "color_scheme": scheme, "reduced_motion": "reduce"}
    other = {"light": "dark", "dark": "light"}[scheme]
    rod = "(e) => getComputedStyle(e).stroke"
    drawn = [
        mounted(widgets.RobotTheatre(), theme=theme, **options).locator(".rod").first.evaluate(rod)
        for theme in (scheme, other)
    ]
    assert drawn[0] == drawn[1]


def test_an_answered_question_asks_no_more_to_draw(mounted: Mounted) -> None:
    page = mounted(prediction(), reduced_motion="reduce")
    assert page.get_by_text("draw here").count() == 1
    use_prediction(page)
    page.locator(".truth").last.wait_for(state="attached")
    assert page.get_by_text("draw here").count() == 0
