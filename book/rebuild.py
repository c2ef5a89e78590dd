"""What makes a build after a small change complete: pages know facts of the package.

Which chapter is home to an equation, what the reference has: Sphinx does not see that a page shows
these, and would leave it as it was. They are kept from build to build, and where one has changed,
each page that shows it is read again.
"""

import gc
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from book.reference import REFERENCE, Entry, page_of, reference
from book.registers import equations


@dataclass(frozen=True)
class Facts:
    """What the book needs to know of the package."""

    homes: Mapping[str, str]  # the document of each numbered equation
    reference: Mapping[str, tuple[Entry, ...]]  # the entries of each module


def facts_now() -> Facts:
    """Return the facts of the package as it is."""
    homes = {tag: f"chapters/{equation.chapter}" for tag, equation in equations().items()}
    return Facts(homes, reference())


def facts(env: BuildEnvironment) -> Facts:
    """Return the facts that hold for this build."""
    return env.ltcbook_facts  # type: ignore[attr-defined,no-any-return]


def lines_of(entries: Mapping[str, tuple[Entry, ...]]) -> dict[str, list[str]]:
    """Return the names that each document shows in its line *In the reference*."""
    shown: dict[str, list[str]] = {}
    for entry in chain.from_iterable(entries.values()):
        for chapter in entry.chapters:
            shown.setdefault(f"chapters/{chapter}", []).append(entry.name)
    return shown


def outdated(before: Facts, after: Facts) -> set[str]:
    """Return the documents that show a fact that has changed."""
    moved = {tag for tag, _ in before.homes.items() ^ after.homes.items()}
    found = {facts.homes[tag] for tag in moved for facts in (before, after) if tag in facts.homes}
    old, new = lines_of(before.reference), lines_of(after.reference)
    found |= {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    changed = dict(before.reference.items() ^ after.reference.items())
    return found | set(map(page_of, changed)) | ({REFERENCE} if changed else set())


def renew_facts(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> set[str]:
    """Renew the facts; name what must be read again since the last build."""
    before: Facts | None = getattr(env, "ltcbook_facts", None)
    env.ltcbook_facts = after = facts_now()  # type: ignore[attr-defined]
    return outdated(before, after) & env.found_docs if before is not None else set()


def collect_garbage_rarely() -> None:
    """Look for garbage less often than Python does, which would be a third of a build.

    Documents are trees of many small objects, which live to the end.
    """
    gc.set_threshold(500_000, 50, 50)
