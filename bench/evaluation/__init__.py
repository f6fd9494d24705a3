"""Scores what the enrich stage extracts, and writes ``docs/evaluation.md``.

    python -m bench.evaluation
    python -m bench.evaluation --corenlp .train/corenlp
    python -m bench.evaluation --frozen

Texts go through `streams.enrich.enricher.Enricher`, as the worker's do.  Sets that are not at hand are named and
left out; the page is then printed alone, unless ``--out`` names a file.  ``--corenlp`` asks CoreNLP for entities,
too, as a peer: it needs Java, and Maven unless its jars are there.  ``--frozen`` scores the frozen half of the gold
set instead, once for a release, and appends the look to ``seeds/gold/LOOKS.md``.
"""
