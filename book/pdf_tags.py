"""The tags of a PDF that is bound from several: what is a heading, a figure, a table, a link.

Chromium writes them for each document: a tree of elements, and for each page a number under which
that tree's register lists the elements of the page. pypdf binds pages and leaves both behind. Here
the trees become branches of one, and the numbers go on from document to document.
"""

import sys
from typing import Any, cast

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

ROOT = "/StructTreeRoot"
# An element is copied with its children, one within the other.
DEPTH = 20_000


def entries(tree: DictionaryObject) -> list[tuple[int, Any]]:
    """Return number and value of each entry of a number tree, however it branches."""
    pairs = list(cast(ArrayObject, tree.get("/Nums", [])))
    found = [(int(number), value) for number, value in zip(pairs[::2], pairs[1::2], strict=True)]
    for branch in cast(ArrayObject, tree.get("/Kids", [])):
        found += entries(branch.get_object())
    return found


def shift(printed: PageObject, page: PageObject, by: int) -> None:
    """Let the numbers of a bound page, and of its links, go on from those before it.

    pypdf does not bind a page's own number: it is that of the page as it was printed.
    """
    if "/StructParents" in printed:
        own = int(cast(NumberObject, printed["/StructParents"]))
        page[NameObject("/StructParents")] = NumberObject(own + by)
    for link in (one.get_object() for one in cast(ArrayObject, page.get("/Annots", []))):
        if "/StructParent" in link:
            link[NameObject("/StructParent")] = NumberObject(int(link["/StructParent"]) + by)


def bind_tags(writer: PdfWriter, readers: list[PdfReader], starts: list[int]) -> None:
    """Give ``writer`` the tags of ``readers``, whose pages it holds from ``starts`` on."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(DEPTH)
    children, numbers, pages = ArrayObject(), ArrayObject(), list(writer.pages)
    root = DictionaryObject({NameObject("/Type"): NameObject(ROOT)})
    place = writer._add_object(root)
    following = 0
    for reader, start in zip(readers, starts, strict=True):
        tree = cast(DictionaryObject, reader.root_object[ROOT].clone(writer))
        top = tree["/K"]
        for child in top if isinstance(top, ArrayObject) else [tree.raw_get("/K")]:
            child.get_object()[NameObject("/P")] = place
            children.append(child)
        for number, printed in enumerate(reader.pages, start):
            shift(printed, pages[number], following)
        own = entries(cast(DictionaryObject, tree["/ParentTree"]))
        for number, value in own:
            numbers += [NumberObject(number + following), value]
        following += 1 + max((number for number, _ in own), default=-1)
    sys.setrecursionlimit(before)
    register = DictionaryObject({NameObject("/Nums"): numbers})
    root[NameObject("/K")] = children
    root[NameObject("/ParentTree")] = writer._add_object(register)
    root[NameObject("/ParentTreeNextKey")] = NumberObject(following)
    catalog = writer.root_object
    catalog[NameObject(ROOT)] = place
    catalog[NameObject("/MarkInfo")] = DictionaryObject(
        {NameObject("/Marked"): BooleanObject(True)}
    )
    catalog[NameObject("/Lang")] = TextStringObject("en")
    catalog[NameObject("/ViewerPreferences")] = DictionaryObject(
        {NameObject("/DisplayDocTitle"): BooleanObject(True)}
    )


def as_artifact(page: PageObject) -> PageObject:
    """Mark what is on ``page`` as no part of the text: a page number is not read out."""
    contents = page.get_contents()
    if contents is not None:
        contents.set_data(b"/Artifact BMC\n" + contents.get_data() + b"\nEMC\n")
        page[NameObject("/Contents")] = contents
    return page
