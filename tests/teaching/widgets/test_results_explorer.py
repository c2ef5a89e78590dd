"""The results explorer: what it is given, what it says of a run, and the piece in a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ltcbook.teaching.widgets import ResultsExplorer
from ltcbook.teaching.widgets.results_explorer import FIELDS

Mounted = Callable[..., Any]
Node = Callable[[str, Any], Any]

POINTS = [
    ["walker2d", "SA-LTC", "synaptic", "midpoint", 16, 2241, 0.01, 0, 0.0812, 9.5, "a1"],
    ["walker2d", "NA-CT-RNN-T", "linear", "scaled", 32, 2209, 0.02, 1, 0.142, 12.0, "b2"],
    ["walker2d", "SA-LTC", "linear", "midpoint", 64, 20001, 0.01, 2, None, 60.0, "c3"],
    ["mnist", "LSTM", "linear", "midpoint", 8, 1300, 0.01, 0, 0.3, 33.0, "d4"],
]
LEVELS = {"walker2d": {"persistence": 0.197, "noise floor": 0.05}}


def test_a_point_has_all_its_entries() -> None:
    with pytest.raises(ValueError, match="a point must have 11 entries"):
        ResultsExplorer([POINTS[0][:-1]])
    assert repr(ResultsExplorer(POINTS)) == "ResultsExplorer(4 runs of 2 tasks)"


def test_python_and_javascript_name_the_same_entries(node: Node, front_ends: Path) -> None:
    module = (front_ends / "results_math.js").as_uri()
    script = f'import {{ pointsOf }} from "{module}"; console.log(JSON.stringify(pointsOf(data)))'
    twin = [*POINTS[0][:7], 1, 0.08, 9.0, "a2"]  # another seed of the same box
    given = [*POINTS, twin]
    boxes = ResultsExplorer(given).boxes
    assert [len(box[-1]) for box in boxes] == [2, 1, 1, 1]
    in_order = [POINTS[0], twin, *POINTS[1:]]
    assert node(script, boxes) == [dict(zip(FIELDS, point, strict=True)) for point in in_order]


def test_filters_and_ticks(node: Node, front_ends: Path) -> None:
    module = (front_ends / "results_math.js").as_uri()
    got = node(
        f'import {{ pointsOf, chosen, logTicks, logScale }} from "{module}";'
        """const points = pointsOf(data);
        const runs = (wanted) => chosen(points, wanted).map((point) => point.run);
        console.log(JSON.stringify([
            runs({task: "walker2d"}),
            runs({task: "walker2d", input_map: "linear", model: "SA-LTC"}),
            logTicks([0.09, 1.1]), logScale([], [0, 1])]));""",
        ResultsExplorer(POINTS).boxes,
    )
    assert got == [["a1", "b2", "c3"], ["c3"], [0.1, 0.2, 0.5, 1], None]


def test_the_arrow_keys_tell_of_each_run(mounted: Mounted) -> None:
    page = mounted(ResultsExplorer(POINTS, LEVELS))
    assert page.locator(".run").count() == 2
    assert "2 runs of walker2d; 1 more diverged" in page.locator(".caption").inner_text()
    page.locator(".plot").focus()
    page.keyboard.press("ArrowRight")
    said = page.locator(".caption").inner_text()
    assert said.startswith("NA-CT-RNN-T, linear input, scaled start: 32 neurons, 2209 parameters")
    assert "seed 1" in said and "test loss 0.142" in said and said.endswith("Run b2.")
    assert "after 12 s of training" in said
    page.get_by_label("task").select_option("mnist")
    page.wait_for_function("document.querySelectorAll('.run').length === 1")
    page.get_by_label("model").select_option("SA-LTC")
    page.wait_for_function("document.querySelectorAll('.run').length === 0")
    assert "No run with a finite loss" in page.locator(".caption").inner_text()
    assert page.complaints == []


def test_an_empty_store_says_so(mounted: Mounted) -> None:
    page = mounted(ResultsExplorer())
    assert "No runs are committed yet" in page.locator(".caption").inner_text()
    assert page.complaints == []


@pytest.mark.parametrize("width", [320, 390, 900])
def test_it_fits_the_page(mounted: Mounted, width: int) -> None:
    page = mounted(ResultsExplorer(POINTS, LEVELS), width=width, theme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []


def test_the_still_picture_names_the_levels() -> None:
    bundle = ResultsExplorer(POINTS, LEVELS)._repr_mimebundle_()
    assert bundle is not None and "persistence" in bundle[0]["image/svg+xml"]


@pytest.mark.parametrize("axis", ["parameters", "neurons", "seconds"])
def test_the_axes_are_said_to_be_logarithmic(mounted: Mounted, axis: str) -> None:
    page = mounted(ResultsExplorer(POINTS, LEVELS), query=f'?runs={{"axis":"{axis}"}}')
    assert page.evaluate("model.get('axis')") == axis
    texts = page.locator(".plot text").all_text_contents()
    titles = [text for text in texts if text.endswith(", logarithmic")]
    name = "seconds of training" if axis == "seconds" else axis
    assert titles == ["test loss, logarithmic", f"{name}, logarithmic"]
