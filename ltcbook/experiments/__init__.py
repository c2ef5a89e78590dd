"""Experiments: what is run once, with provenance, so that chapters can show it."""

from ltcbook.experiments.results import load

__all__ = ["load"]
