"""The descriptor explorer: the grammar of paper B's appendix, part by part.

Chapter: ``grammar``.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from ltcbook.checks import positive_int
from ltcbook.nn.descriptor import TypeDescriptor
from ltcbook.nn.zoo import MODELS, build, count_parameters
from ltcbook.teaching.widgets.front_end import BookWidget, join_modules, join_styles

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SIZES = ("input_size", "hidden_size", "output_size")


def names_of_descriptors() -> dict[str, list[str]]:
    """Which models of the papers each descriptor builds: {descriptor: [name and input, ...]}.

    >>> names_of_descriptors()["ctrnn_vsigm+s_synaptic"]
    ['SA-LTC with synaptic input']
    """
    names: dict[str, list[str]] = {}
    for name, model in MODELS.items():
        if model.descriptor is None:
            continue
        if not model.input_maps:
            names.setdefault(str(model.descriptor), []).append(f"{name} (without the input)")
        for mode in ("linear", "synaptic"):
            if mode in model.input_maps:
                descriptor = dataclasses.replace(model.descriptor, in_mode=mode)
                names.setdefault(str(descriptor), []).append(f"{name} with {mode} input")
    return names


class DescriptorExplorer(BookWidget):
    """Choose the parts of a type descriptor; see the formula, the parameters and the names.

    Args:
        descriptor: the string to begin with.
        input_size, hidden_size, output_size: m, n and o, for the shapes and the count.

    Raises:
        ValueError: the descriptor is not one of the grammar, or a size is below one.

    >>> DescriptorExplorer("ctrnn_vsigm+s_synaptic", hidden_size=8).parameters
    961

    Source: B, appendix "Type-descriptors", Table 3. Chapters: ``grammar``,
    ``counting_parameters``.
    """

    _esm: ClassVar[str] = join_modules(
        "kit.js", "keeper.js", "table3.js", "descriptor_views.js", "descriptor_explorer.js"
    )
    _css: ClassVar[str] = join_styles("kit.css", "descriptor_explorer.css")

    descriptor = traitlets.Unicode("ctrnn_vsigm+s_synaptic").tag(sync=True)
    input_size = traitlets.Int(17).tag(sync=True)
    hidden_size = traitlets.Int(32).tag(sync=True)
    output_size = traitlets.Int(17).tag(sync=True)
    names = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        descriptor: str | TypeDescriptor = "ctrnn_vsigm+s_synaptic",
        *,
        input_size: int = 17,
        hidden_size: int = 32,
        output_size: int = 17,
    ) -> None:
        super().__init__(
            descriptor=str(descriptor),
            input_size=input_size,
            hidden_size=hidden_size,
            output_size=output_size,
            names=names_of_descriptors(),
        )

    @traitlets.validate("descriptor")
    def _legal(self, proposal: Any) -> str:
        return str(TypeDescriptor.parse(proposal["value"]))

    @traitlets.validate(*_SIZES)
    def _positive(self, proposal: Any) -> int:
        return positive_int(proposal["trait"].name, proposal["value"])

    @property
    def parameters(self) -> int:
        """Number of trainable parameters, counted on the model itself."""
        return count_parameters(
            self.descriptor,
            input_size=self.input_size,
            hidden_size=self.hidden_size,
            output_size=self.output_size,
        )

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name}={getattr(self, name)}" for name in _SIZES)
        return f"DescriptorExplorer({self.descriptor!r}, {sizes}, parameters={self.parameters})"

    def figure(self) -> Figure:
        """A still picture: how many numbers each parameter of the model holds."""
        import matplotlib as mpl  # here, for importing the package shall stay quick
        from matplotlib.figure import Figure

        from ltcbook.teaching.figures import use_style

        model = build(self.descriptor, self.input_size, self.hidden_size, self.output_size, seed=0)
        counts = {name: parameter.numel() for name, parameter in model.named_parameters()}
        with mpl.rc_context():
            use_style()
            figure = Figure(figsize=(7.0, 0.9 + 0.3 * len(counts)))
            axes = figure.subplots()
            bars = axes.barh(list(counts), list(counts.values()))
            axes.bar_label(bars, padding=3)
            axes.invert_yaxis()
            axes.set(
                xlabel="numbers", title=f"{self.descriptor}: {self.parameters} trainable parameters"
            )
        return figure
