"""The sections on entities: IEER, and what is said of entities where claims are scored, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.evaluation.entity_tables import NAMED, Names, document_table, entity_table
from bench.evaluation.extraction import Extracted, extract
from bench.evaluation.floors import Limits, document_figure, entity_figures
from bench.evaluation.named import named, plain
from bench.evaluation.peers import Answers, Peer, asked
from bench.evaluation.report import Section
from bench.evaluation.samples import Sample, ieer_samples
from schemas.vocabulary import CLOSED_LISTS
from streams.enrich.enricher import Enricher

__all__ = ["entity_parts", "ieer_section"]

_IEER_LIMITS: Final = (86, 89)
_MARKED: Final = "Nationalities and the like (*French*) are places here; CoreNLP has none of them."
_ONCE: Final = (
    "Persons, organisations and places, each once a document by its fullest name.  The peers say not which names "
    "are one entity's: each of theirs counts.  Countries named by their people alone (*French*) have their "
    "own names in every answer."
)
_UNMARKED: Final = "Nationalities and the like (*French*) are not marked there, and left out of every answer."


def entity_parts(
    name: str,
    samples: Sequence[Sample],
    found: Sequence[Extracted],
    peers: Mapping[str, Peer],
    limits: Limits = (None, None),
) -> Section:
    """Score entities of all types, and beside the peers those of the three that all of them name."""
    gold = [sample.mentions or {} for sample in samples]
    answers = asked(peers, samples, [one.mentions for one in found], demonyms="place")
    all_types = entity_table(
        CLOSED_LISTS["EntityType"], gold, {"newswire, all types": answers.systems["newswire"]}
    )
    documents = _documents(samples, found, answers)
    of_documents = [_three(sample.entities or frozenset()) for sample in samples]
    parts = [
        entity_table(NAMED, gold, answers.systems),
        _MARKED,
        *_absent(answers),
        all_types,
        document_table(of_documents, documents),
        _ONCE,
    ]
    figures = [
        *entity_figures(name, gold, answers.systems, limits),
        document_figure(name, of_documents, documents),
    ]
    return Section("\n\n".join(parts), figures)


def ieer_section(enricher: Enricher, peers: Mapping[str, Peer], data: Path) -> Section:
    """Score persons, organisations and places on the third of IEER that nothing is trained on."""
    samples = ieer_samples(data)
    gold = [sample.mentions or {} for sample in samples]
    ours = [one.without_demonyms() for one in extract(enricher, samples)]
    answers = asked(peers, samples, ours, demonyms=None)
    parts = [
        f"Documents: {len(samples)}. {_UNMARKED}",
        entity_table(NAMED, gold, answers.systems),
        *_absent(answers),
    ]
    return Section("\n\n".join(parts), entity_figures("IEER", gold, answers.systems, _IEER_LIMITS))


def _documents(
    samples: Sequence[Sample], found: Sequence[Extracted], answers: Answers
) -> dict[str, Sequence[Names]]:
    """Return the entities of each document by each system: ours as merged, the peers' as they are named."""
    others = {
        peer: [_three(named(sample.text, mentions)) for sample, mentions in zip(samples, answer, strict=True)]
        for peer, answer in answers.systems.items()
        if peer != "newswire"
    }
    return {"newswire": [_three(one.entities) for one in found], **others}


def _three(names: Names) -> Names:
    return frozenset((name, kind) for name, kind in plain(names) if kind in NAMED)


def _absent(answers: Answers) -> list[str]:
    return [" ".join(answers.absent)] if answers.absent else []
