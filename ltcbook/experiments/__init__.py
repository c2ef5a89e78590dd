"""Experiments: what is run once, with provenance, so that chapters can show it."""

from ltcbook.extras import explained

with explained():
    from ltcbook.experiments.claims import decide
    from ltcbook.experiments.evidence import Evidence, gather
    from ltcbook.experiments.results import load, runs
    from ltcbook.experiments.store import Store

__all__ = ["Evidence", "Store", "decide", "gather", "load", "runs"]
