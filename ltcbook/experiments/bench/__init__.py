"""Our backends and their peers, timed on the same work in one run.

Chapter: ``making_it_fast``.
"""

from ltcbook.experiments.bench.plot import ladder
from ltcbook.experiments.bench.timing import Work, measure

__all__ = ["Work", "ladder", "measure"]
