"""The stages as a Unix filter: the same pure functions over JSON lines, without a broker."""

from newswire.pipe.run import enrich_items, run_pipe

__all__ = ["enrich_items", "run_pipe"]
