"""The sections on claims: the gold set, BBC and Reuters texts, PolNeAR."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.evaluation.claim_tables import Scored, attribute_table, content_table
from bench.evaluation.desk_tables import confidence_table, desk_table
from bench.evaluation.entity_sections import entity_parts
from bench.evaluation.extraction import Extracted, extract
from bench.evaluation.floors import (
    desk_figures,
    nested_figure,
    outer_figures,
    polnear_figures,
    trust_figures,
)
from bench.evaluation.peers import Peer
from bench.evaluation.report import Section
from bench.evaluation.samples import AbsentError, Sample, gold_samples, polnear_samples
from bench.evaluation.standoff_samples import is_wire, standoff_samples
from bench.gold.agreement import agreement, compared
from bench.gold.checking import GOLD
from bench.gold.frozen import frozen_articles, open_articles
from streams.enrich.enricher import Enricher

__all__ = [
    "agreement_section",
    "frozen_section",
    "open_section",
    "polnear_section",
    "together_section",
    "wire_section",
]

_PUBLISHED: Final = (
    (
        "published: GenderGapTracker's rules, the best open ones",
        "",
        "53.7",
        "48.7",
        "36.0",
        "–",
        "–",
        "24",
        "80",
        "–",
    ),
    (
        "published: one annotator against another, other documents, too",
        "",
        "82.2",
        "79.4",
        "72.8",
        *["–"] * 3,
        "96.0",
        "–",
    ),
)
"""Figures that others' programs and annotators have in the same scoring, not run here."""
_ALIKE: Final = (
    "Labelled apart, before anything was adjudicated.  Both learnt from the same guideline and read alike:"
    " an upper bound of what two strangers would agree on."
)
_READERS: Final = {"gold": "readers 94.5", "news": "readers 85.1"}
"""Content F1 at 0.5 of one reader against the other, nested claims, before adjudication."""
_WIRE_ENTITY_LIMITS: Final = (78, 83)


def agreement_section(root: Path = GOLD) -> Section:
    """Compare the two readers of the gold set, as they labelled before anything was adjudicated."""
    documents = compared(root)
    if not documents:
        raise AbsentError("no article has two readers yet")
    return Section(f"{_ALIKE}\n\n{agreement(documents)}")


def open_section(enricher: Enricher, peers: Mapping[str, Peer], root: Path = GOLD) -> Section:
    """Score the open half of the gold set."""
    return _gold("gold, open half", enricher, peers, gold_samples(open_articles(root), root))


def frozen_section(enricher: Enricher, peers: Mapping[str, Peer], root: Path = GOLD) -> Section:
    """Score the frozen half of the gold set: a look, to be logged by the caller."""
    return _gold("gold, frozen half", enricher, peers, gold_samples(frozen_articles(root), root))


def _gold(name: str, enricher: Enricher, peers: Mapping[str, Peer], samples: Sequence[Sample]) -> Section:
    found = extract(enricher, samples)
    scored = _scored(samples, found)
    named = entity_parts(name, samples, found, peers)
    tables = [
        f"Articles: {len(samples)}.",
        content_table(scored),
        desk_table(scored),
        confidence_table(scored),
        attribute_table(scored),
        named.body,
    ]
    figures = [*outer_figures(name, scored), *nested_figure(name, scored, _READERS["gold"])]
    figures += [*desk_figures(name, scored), *named.figures]
    return Section("\n\n".join(tables), figures)


def wire_section(enricher: Enricher, peers: Mapping[str, Peer], data: Path) -> Section:
    """Score BBC and Reuters texts, together and apart."""
    samples = standoff_samples(data)
    found = extract(enricher, samples)
    scored = _scored(samples, found)
    wire = [one for one, sample in zip(scored, samples, strict=True) if is_wire(sample)]
    broadcast = [one for one, sample in zip(scored, samples, strict=True) if not is_wire(sample)]
    named = entity_parts("BBC and Reuters", samples, found, peers, _WIRE_ENTITY_LIMITS)
    tables = [
        f"Texts: {len(broadcast)} of BBC News, {len(wire)} of Reuters; labels: `seeds/standoff`.",
        content_table(scored, parts={"BBC": broadcast, "Reuters": wire}),
        desk_table(scored),
        confidence_table(scored),
        attribute_table(scored),
        named.body,
    ]
    figures = [
        *outer_figures("Reuters", wire, (87, 91)),
        *outer_figures("BBC", broadcast),
        *outer_figures("BBC and Reuters", scored),
        *nested_figure("BBC and Reuters", scored, _READERS["news"]),
        *desk_figures("BBC and Reuters", scored),
        *named.figures,
    ]
    return Section("\n\n".join(tables), figures)


def together_section(enricher: Enricher, data: Path, root: Path = GOLD) -> Section:
    """Score what may be trusted on gold's open half, BBC and Reuters texts together; on gold alone, and saying so,
    where the others are not at hand: nothing else is held to the limits of trust.
    """
    samples = gold_samples(open_articles(root), root)
    name, told = "all texts of ours", f"{len(samples)} of gold's open half"
    try:
        others = standoff_samples(data)
    except AbsentError as absent:
        name, told = "our texts at hand", f"{told} alone: {absent}"
    else:
        samples += others
        told = f"{told}, {len(others)} of BBC and Reuters"
    scored = _scored(samples, extract(enricher, samples))
    body = f"Texts: {told}.\n\n{desk_table(scored)}\n\n{confidence_table(scored)}"
    return Section(body, trust_figures(name, scored, held=True))


def polnear_section(enricher: Enricher, data: Path) -> Section:
    """Score PolNeAR dev, whose annotators marked outer claims alone."""
    samples = polnear_samples(data)
    scored = [
        Scored(one.text, one.gold, [claim for claim in one.guess if not claim.nested])
        for one in _scored(samples, extract(enricher, samples))
    ]
    body = f"Documents: {len(samples)}.\n\n{content_table(scored, _PUBLISHED)}"
    return Section(body, polnear_figures("PolNeAR dev", scored))


def _scored(samples: Sequence[Sample], found: Sequence[Extracted]) -> list[Scored]:
    return [Scored(s.text, s.claims or [], f.claims) for s, f in zip(samples, found, strict=True)]
