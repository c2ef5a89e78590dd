"""The built book as one zip file, to read without a network: the same bytes from the same pages.

python -m book.archive
"""

import sys
import zipfile
from pathlib import Path

from book.address import ROOT

FOLDER = "downloads"  # inside the built pages, so that the book can link to what is in it
NAME = "ltcbook.zip"
INSIDE = "ltcbook"  # the folder that it unpacks to
# What Sphinx keeps for its next build, and the archive itself.
LEFT_OUT = {".buildinfo", f"{FOLDER}/{NAME}"}
MIDNIGHT = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip file can write
START = "chapters/intro.html"
# Where the start page links to what there is to download.
MARK, END = "<!-- downloads -->", "<!-- /downloads -->"
WORDS = {
    "ltcbook.pdf": "the whole book as one PDF, proofs and solutions unfolded",
    NAME: "these pages as one zip file, to read without a network: open <code>index.html</code>",
}


def link_downloads(html: Path, names: list[str]) -> None:
    """Let the start page link to the files ``names``, in place of what it linked to before."""
    page = html / START
    text = page.read_text(encoding="utf-8")
    before, found, rest = text.partition(MARK)
    if not found:
        raise ValueError(f"{START} has no place for downloads: {MARK}")
    after = rest.partition(END)[2] if END in rest else rest
    items = "".join(
        f'<li><a href="../{FOLDER}/{name}" download>{name}</a>: {WORDS[name]}</li>'
        for name in names
    )
    page.write_text(f"{before}{MARK}<ul>{items}</ul>{END}{after}", encoding="utf-8")


def make(html: Path) -> Path:
    """Write the zip file of the pages in ``html``; return its path.

    Raises FileNotFoundError when the book is not built.
    """
    if not (html / START).is_file():
        raise FileNotFoundError("the book is not built: run `make book` first")
    folder = html / FOLDER
    folder.mkdir(exist_ok=True)
    # Inside the archive the start page offers the PDF alone, for there is no archive in an archive.
    link_downloads(html, [path.name for path in sorted(folder.glob("*.pdf"))])
    path = folder / NAME
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        files = {p.relative_to(html).as_posix(): p for p in html.rglob("*") if p.is_file()}
        for name, file in sorted(files.items()):
            if name not in LEFT_OUT:
                entry = zipfile.ZipInfo(f"{INSIDE}/{name}", MIDNIGHT)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, file.read_bytes())
    link_downloads(html, [*(path.name for path in sorted(folder.glob("*.pdf"))), NAME])
    return path


def main() -> int:
    """Make the archive of the built book; return 1 where there is none."""
    try:
        path = make(ROOT / "_build" / "html")
    except FileNotFoundError as error:
        print(f"archive: {error}", file=sys.stderr)
        return 1
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
