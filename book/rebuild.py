"""What makes a build after a small change complete.

Pages show facts of the package: which chapter is home to an equation, what the reference has.
Sphinx does not see where, so these facts are a value of its configuration: when they have changed,
it reads all pages again.
"""

import hashlib

from book.reference import reference
from book.registers import equations


def facts() -> str:
    """Return a digest of what pages show of the package, beside what their directives note."""
    homes = {number: equation.chapter for number, equation in equations().items()}
    return hashlib.sha256(repr((homes, reference())).encode()).hexdigest()
