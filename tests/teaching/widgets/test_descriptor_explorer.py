"""The descriptor explorer as a Python object, and in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import ltcbook
from ltcbook import TypeDescriptor
from ltcbook.teaching.widgets import DescriptorExplorer
from ltcbook.teaching.widgets.descriptor_explorer import names_of_descriptors

Mounted = Callable[..., Any]


def test_the_names_are_those_that_build_the_same_parameters() -> None:
    names = names_of_descriptors()
    assert names["ctrnn_vsigm+s_synaptic"] == ["SA-LTC with synaptic input"]
    assert "NA-CT-RNN-T with linear input" in names["ctrnn_vtanh_linear"]
    for descriptor, known in names.items():
        for name in known:
            model, _, way = name.partition(" with ")
            if not way:
                continue
            sizes = {"input_size": 5, "hidden_size": 4, "output_size": 3}
            named = ltcbook.count_parameters(model, input_map=way.split()[0], **sizes)  # type: ignore[arg-type]
            assert named == ltcbook.count_parameters(descriptor, **sizes), name


def test_the_count_is_that_of_table_1() -> None:
    explorer = DescriptorExplorer(input_size=27, hidden_size=8, output_size=27)
    assert explorer.parameters == 1371  # SA-LTC, synaptic input, n = 8 in B's Table 1
    assert repr(explorer).endswith("parameters=1371)")
    bundle = explorer._repr_mimebundle_()
    assert bundle is not None
    assert "1371 trainable parameters" in bundle[0]["image/svg+xml"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"descriptor": "ctrnn_relu_linear"}, "the act is wrong"),
        ({"hidden_size": 0}, "hidden_size must be an integer of at least 1, got 0"),
    ],
)
def test_bad_input_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        DescriptorExplorer(**arguments)
    assert message in str(caught.value)


def test_parts_formula_count_and_names_follow_the_choice(mounted: Mounted) -> None:
    page = mounted(DescriptorExplorer(input_size=27, hidden_size=8, output_size=27))
    total, formula = page.locator(".total"), page.locator(".equation")
    page.get_by_text("More:").click()
    assert total.text_content() == "1371"
    page.get_by_role("group", name="in-mode").get_by_label("linear").check(force=True)
    assert page.evaluate("model.get('descriptor')") == "ctrnn_vsigm+s_linear"
    wanted = DescriptorExplorer(
        "ctrnn_vsigm+s_linear", input_size=27, hidden_size=8, output_size=27
    )
    assert total.text_content() == str(wanted.parameters)
    assert "unused, but counted" in page.locator("table").text_content()
    assert "SA-LTC with linear input" in page.locator(".facts").text_content()
    page.get_by_role("group", name="rec-type").get_by_label("none").check(force=True)
    assert "Σj wji σ(aj (xj + bj)) (ei − xi)" in formula.text_content()
    page.get_by_role("group", name="w-mode").get_by_label("none").check(force=True)
    assert "ai σ(Σj wji xj + bi) (ei − xi)" in formula.text_content()
    page.get_by_role("group", name="lis").get_by_label("lis").check(force=True)
    assert "wli (xi − x0i)" in formula.text_content()
    assert (
        page.get_by_label("type descriptor", exact=True).input_value() == "ctrnn_sigm+_linear_lis"
    )
    assert page.complaints == []


def test_a_string_without_a_name_says_which_named_model_it_is(mounted: Mounted) -> None:
    names = mounted(DescriptorExplorer("ctrnn_sigm+s_synaptic")).locator(".facts")
    assert "the same model as SA-LTC with synaptic input, spelled otherwise" in names.text_content()
    names = mounted(DescriptorExplorer("ctrnn_sigm+_linear_lis")).locator(".facts")
    assert "no name in the papers" in names.text_content()


def test_a_string_can_be_typed_and_a_wrong_one_is_refused(mounted: Mounted) -> None:
    page = mounted(DescriptorExplorer())
    page.get_by_text("More:").click()
    field = page.get_by_label("type descriptor", exact=True)
    field.fill("ctrrn-tanhs-linear")
    field.press("Enter")
    assert page.evaluate("model.get('descriptor')") == "ctrnn_tanhs_linear"
    assert field.input_value() == "ctrnn_tanhs_linear"
    field.fill("ctrnn_relu_linear")
    field.press("Enter")
    assert page.evaluate("model.get('descriptor')") == "ctrnn_tanhs_linear"
    assert field.get_attribute("aria-invalid") == "true"
    assert "ctrnn_relu_linear is no type descriptor" in page.locator(".wrong").text_content()
    with pytest.raises(ValueError) as caught:
        TypeDescriptor.parse("ctrnn_relu_linear")
    suggestion = page.locator(".wrong button")
    assert f"the nearest legal string is '{suggestion.text_content()}'" in str(caught.value)
    suggestion.click()
    assert page.evaluate("model.get('descriptor')") in str(caught.value)
    assert page.locator(".wrong").text_content() == ""


def test_parts_of_the_string_are_pressed_and_light_up_their_terms(mounted: Mounted) -> None:
    page = mounted(DescriptorExplorer("ctrnn_vsigm_linear"))
    press = page.locator(".string")
    press.get_by_role("button", name="factor: none").click()
    assert page.evaluate("model.get('descriptor')") == "ctrnn_vsigm*_linear"
    press.get_by_role("button", name="factor: *").hover()
    assert page.locator(".equation .lit").all_text_contents() == [" (1 − xi)"]
    press.get_by_role("button", name="lis: none").hover()
    assert page.locator(".equation .lit").all_text_contents() == ["xi"]
    page.get_by_role("button", name="Undo").click()
    assert page.evaluate("model.get('descriptor')") == "ctrnn_vsigm_linear"


def test_the_map_has_all_144_and_chooses(mounted: Mounted) -> None:
    page = mounted(DescriptorExplorer())
    assert page.locator(".map .cell").count() == 144
    page.get_by_role("button", name="ctrnn_rtanh*_linear", exact=True).click()
    assert page.evaluate("model.get('descriptor')") == "ctrnn_rtanh*_linear"
    page.get_by_role("button", name="ctrnn_rtanh*_linear", exact=True).press("ArrowRight")
    assert page.evaluate("model.get('descriptor')") == "ctrnn_rtanh*_linear_lis"
    assert page.evaluate("document.activeElement.title") == "ctrnn_rtanh*_linear_lis"
    tabbed = page.locator('.map .cell[tabindex="0"]')
    assert tabbed.count() == 1


def test_equal_strings_run_together(mounted: Mounted) -> None:
    page = mounted(DescriptorExplorer(), reduced_motion="reduce")
    places = """() => new Set([...document.querySelectorAll('.map .cell')].map((cell) => {
        const box = cell.getBoundingClientRect();
        return `${Math.round(box.x)},${Math.round(box.y)}`; })).size"""
    assert page.evaluate(places) == 144
    page.get_by_role("button", name="Let equal ones run together").click()
    page.wait_for_function("document.querySelector('.map-words').textContent.includes('models')")
    assert page.evaluate(places) == 57  # as the grammar chapter counts them
    assert "144 strings, 57 models" in page.locator(".map-words").text_content()
    page.get_by_role("button", name="Spread them out").click()
    page.wait_for_function(f"({places})() === 144")
    assert page.complaints == []


def test_sizes_are_sliders_and_bars_are_to_scale(mounted: Mounted) -> None:
    page = mounted(DescriptorExplorer())
    page.get_by_text("More:").click()
    page.get_by_label("neurons").fill("64")
    assert page.locator(".total").text_content() == str(
        DescriptorExplorer(hidden_size=64).parameters
    )
    rows = page.evaluate(
        """[...document.querySelectorAll("tbody tr")].map((row) => [
            Number(row.querySelector(".count").textContent),
            row.querySelector(".bars span").getBoundingClientRect().width])"""
    )
    longest = max(width for _, width in rows)
    for count, width in rows:
        assert width == pytest.approx(max(1, longest * count / 4096), abs=0.6)


@pytest.mark.parametrize("width", [320, 900])
def test_it_fits_the_page(mounted: Mounted, width: int) -> None:
    page = mounted(DescriptorExplorer("ctrnn_vsigm+s_linear_lis"), width=width, theme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []


def test_the_headline_asks_and_then_says_whether_the_count_has_changed(mounted: Mounted) -> None:
    page = mounted(DescriptorExplorer())
    task, invitation = page.locator(".task"), page.locator(".string .invite")
    assert task.text_content().startswith("Press a part of the name.") and invitation.is_visible()
    page.locator(".segment", has_text="w-mode").click()
    same = DescriptorExplorer(page.evaluate("model.get('descriptor')")).parameters
    assert same == DescriptorExplorer().parameters
    said = f"Still {same} parameters, and the same model, spelled otherwise."
    assert task.text_content().startswith(said) and not invitation.is_visible()
    page.locator(".segment", has_text="rec-type").click()
    other = DescriptorExplorer(page.evaluate("model.get('descriptor')")).parameters
    assert other != same
    assert task.text_content().startswith(f"{same} → {other} parameters, another model.")
    page.get_by_role("button", name="Undo").click()
    assert task.text_content().startswith("Press a part of the name.")


def test_of_blocks_that_lie_on_each_other_the_topmost_has_the_number(mounted: Mounted) -> None:
    page = mounted(DescriptorExplorer(), width=320, reduced_motion="reduce")
    page.get_by_role("button", name="Let equal ones run together").click()
    page.wait_for_function("document.querySelector('.map-words').textContent.includes('models')")
    found = page.evaluate(
        """() => {
            const cells = [...document.querySelectorAll(".map .cell")];
            const at = (box) => document
                .elementFromPoint(box.x + box.width / 2, box.y + box.height / 2).closest(".cell");
            return cells.map((cell) => {
                const box = cell.getBoundingClientRect();
                const here = cells.filter((other) => other.style.left === cell.style.left
                    && other.style.top === cell.style.top).length;
                const label = at(box).firstChild.getBoundingClientRect();
                return [here, at(box).textContent, label.height <= box.height];
            });
        }"""
    )
    assert all(text == (str(here) if here > 1 else "") for here, text, _ in found)
    assert all(fits for _, _, fits in found), "numbers stay inside their blocks"
