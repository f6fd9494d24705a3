"""Score what is extracted, print the page, and write it to ``docs/evaluation.md`` where it is whole; see the package."""

from __future__ import annotations

from streams.engine.threads import ONE_THREAD  # isort: skip
import os

# Before anything imports numpy, which reads it once.
os.environ.update(ONE_THREAD)

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from bench.evaluation.claim_sections import (
    agreement_section,
    frozen_section,
    open_section,
    polnear_section,
    together_section,
    wire_section,
)
from bench.evaluation.cue_section import cue_section
from bench.evaluation.entity_sections import ieer_section
from bench.evaluation.looks import append_look
from bench.evaluation.oracle_section import oracle_section
from bench.evaluation.peers import peers
from bench.evaluation.report import Section, page
from bench.evaluation.samples import ROOT, AbsentError, shared_data
from bench.figures import report
from newswire.settings import Settings
from streams.enrich.enricher import Enricher
from streams.enrich.models import load_model

__all__ = ["main"]

PAGE: Final = ROOT / "docs" / "evaluation.md"
"""Is written only whole: what stands there for a set must not go for want of its data."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.evaluation", description="Score claims and entities against gold."
    )
    parser.add_argument(
        "--model",
        default=Settings.model_fields["enrich_model"].default,
        help="what the worker's enrich_model names",
    )
    parser.add_argument("--frozen", action="store_true", help="look at the frozen half, and log the look")
    parser.add_argument(
        "--out",
        type=Path,
        help="the page: docs/evaluation.md unless told, and that only if all sets are at hand",
    )
    parser.add_argument(
        "--corenlp",
        type=Path,
        metavar="FOLDER",
        help="ask CoreNLP, too; its jars are, or will be, in FOLDER/jars",
    )
    options = parser.parse_args(arguments)
    others = peers(options.corenlp)
    model = load_model(options.model)
    enricher = Enricher(model)
    version = enricher.version
    if options.frozen:
        try:
            scores = frozen_section(enricher, others)
        except AbsentError as absent:
            print(f"not scored: {absent}", file=sys.stderr)
            return 1
        print(scores.body)
        print(f"\nlogged in {append_look(scores.body, version)}")
        return 0
    data = shared_data()
    sections: dict[str, Callable[[], Section]] = {
        "Two readers of the gold set": agreement_section,
        "The gold set, open half": partial(open_section, enricher, others),
        "BBC and Reuters": partial(wire_section, enricher, others, data),
        "Gold, BBC and Reuters together": partial(together_section, enricher, data),
        "Attributes on gold's spans": partial(oracle_section, model, data),
        "The table of cues": partial(cue_section, data),
        "PolNeAR, dev": partial(polnear_section, enricher, data),
        "Entities: IEER, every third document": partial(ieer_section, enricher, others, data),
    }
    weights = f", weights {version.weights_sha256[:12]}" if version.weights_sha256 else ""
    written = page(sections, extractor=f"{version.name} {version.version}{weights}")
    print(written.text)
    if options.out or not written.absent:
        (options.out or PAGE).write_text(written.text, "utf-8")
    else:
        print(
            f"{PAGE} stays as it is, for want of data for {'; '.join(written.absent)}: "
            "name a file with --out to write the page all the same",
            file=sys.stderr,
        )
    report(held.figure for held in written.figures if held.figure)
    return 0


if __name__ == "__main__":
    sys.exit(main())
