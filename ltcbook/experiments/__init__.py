"""Experiments: what is run once, with provenance, so that chapters can show it."""
