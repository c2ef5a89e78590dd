"""Drawings with fewer bytes, in which nobody sees a difference.

What Matplotlib draws as SVG becomes half as large. Coordinates have two decimals, in points: a
fiftieth of a pixel. Each is written from the last rounded one, so that errors do not add up. Names
that nothing refers to go.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
# How a file of Matplotlib can be told from others, and from one that is light already.
MARK = "<metadata>"
PIECE = re.compile(r"[A-Za-z]|-?[\d.]+(?:e-?\d+)?")
NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
MOVED = re.compile(r"translate\(([^)]*)\)")
REFERENCE = re.compile(r"(?<=url\(#)[\w-]+|(?<=^#)[\w-]+$")  # url(#name), or all of a link
PLACES = {"M": 1, "L": 1, "Q": 2, "C": 3}  # points after each command that Matplotlib writes


def hundredths(number: str) -> int:
    """Return ``number`` in hundredths, rounded."""
    return round(100 * float(number))


def short(number: int) -> str:
    """Return a number of hundredths in as few letters as SVG allows.

    >>> short(-50), short(1200), short(0)
    ('-.5', '12', '0')
    """
    text = f"{abs(number) / 100:.2f}".rstrip("0").rstrip(".").removeprefix("0") or "0"
    return f"-{text}" if number < 0 else text


def joined(numbers: list[int]) -> str:
    """Return numbers of hundredths, with a space only where two would run together."""
    return " ".join(map(short, numbers)).replace(" -", "-")


def commands(path: str) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Yield each command of a path of Matplotlib with its points, in hundredths.

    Raises ValueError for a command that Matplotlib does not write.
    """
    pieces = PIECE.findall(path)
    while pieces:
        name = pieces.pop(0)
        if name not in {*PLACES, "z"}:
            raise ValueError(f"no path of Matplotlib: {name} in {path[:80]!r}")
        count = 2 * PLACES.get(name, 0)
        values = list(map(hundredths, pieces[:count]))
        del pieces[:count]
        yield name, list(zip(values[::2], values[1::2], strict=True))


def light_path(path: str) -> str:
    """Return the ``d`` of a path with steps in the place of points.

    >>> light_path("M 0 310.79952 L 512.39952 310.79952 L 512.39952 0 z")
    'M0 310.8h512.4v-310.8z'
    """
    text, last, here, start = [], "", (0, 0), (0, 0)
    for name, points in commands(path):
        if name == "M":
            text.append(f"M{joined([*points[0]])}")
            here = start = points[0]
        elif name == "z":
            text.append("z")
            here = start
        else:
            steps = [(x - here[0], y - here[1]) for x, y in points]
            if steps == [(0, 0)] and last in {"l", "h", "v"}:
                continue
            letter, numbers = name.lower(), [part for step in steps for part in step]
            if letter == "l" and 0 in numbers:
                letter, numbers = ("h", numbers[:1]) if numbers[1] == 0 else ("v", numbers[1:])
            values = joined(numbers)
            between = " " if values[0] != "-" else ""
            text.append(between + values if letter == last else letter + values)
            here, name = points[-1], letter
        last = name
    return "".join(text)


def rounded(text: str) -> str:
    """Return ``text`` with its numbers rounded."""
    return NUMBER.sub(lambda found: short(hundredths(found[0])), text)


def light_attributes(element: ElementTree.Element) -> None:
    """Shorten what an element says of itself."""
    if XLINK + "href" in element.attrib:
        element.set("href", element.attrib.pop(XLINK + "href"))
    for name, value in element.attrib.items():
        if name == "d":
            element.set(name, light_path(value))
        elif name in {"x", "y", "width", "height"}:
            element.set(name, rounded(value))
        elif name == "transform":
            element.set(name, MOVED.sub(lambda found: rounded(found[0]), value))
        elif name == "style":
            element.set(name, re.sub(r"([:;])\s+", r"\1", value))
    moved = MOVED.fullmatch(element.get("transform", ""))
    if element.tag == SVG + "use" and moved and {"x", "y"}.isdisjoint(element.attrib):
        del element.attrib["transform"]
        for name, value in zip("xy", moved[1].split(), strict=False):
            if value != "0":
                element.set(name, value)


def rename(elements: list[ElementTree.Element], start: str) -> None:
    """Give what ``elements`` refer to short names, which ``start`` begins; take the others away."""

    def new(found: re.Match[str]) -> str:
        return names.setdefault(found[0], f"{start}{len(names):x}")

    names: dict[str, str] = {}
    for element in elements:
        for key, value in element.attrib.items():
            if key == "href" or "url(" in value:
                element.set(key, REFERENCE.sub(new, value))
    for element in elements:
        if (name := element.attrib.pop("id", None)) in names:
            element.set("id", names[name])


def light(drawing: str, names: str = "a") -> str:
    """Return a drawing of Matplotlib, light; its ``names`` begin so. See the module."""
    ElementTree.register_namespace("", SVG.strip("{}"))
    root = ElementTree.fromstring(drawing)
    for metadata in root.findall(SVG + "metadata"):
        root.remove(metadata)
    elements = list(root.iter())
    for element in elements[1:]:
        light_attributes(element)
    for element in elements:
        for text in ("text", "tail"):
            if not (getattr(element, text) or "").strip():
                setattr(element, text, None)
    rename(elements, names)
    return ElementTree.tostring(root, encoding="unicode")


def lighten_drawing(file: Path) -> None:
    """Rewrite a drawing of Matplotlib, in place."""
    drawing = file.read_text(encoding="utf-8")
    if MARK in drawing:
        file.write_text(light(drawing), encoding="utf-8")
