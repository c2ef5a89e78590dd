"""What makes a build after a small change complete, and any build faster.

Pages show facts of the package: which chapter is home to an equation, what the reference has.
Sphinx does not see where, so these facts are a value of its configuration: when they have changed,
it reads all pages again.
"""

import gc
import hashlib

from book.reference import reference
from book.registers import equations


def facts() -> str:
    """Return a digest of what pages show of the package, beside what their directives note."""
    homes = {number: equation.chapter for number, equation in equations().items()}
    return hashlib.sha256(repr((homes, reference())).encode()).hexdigest()


def collect_garbage_rarely() -> None:
    """Look for garbage less often than Python does, which would be a third of a build.

    Documents are trees of many small objects, which live to the end.
    """
    gc.set_threshold(500_000, 50, 50)
