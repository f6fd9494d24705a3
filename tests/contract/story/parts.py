"""What enrichment finds in the story: entities and claims."""

from __future__ import annotations

from typing import Any

import msgspec

from schemas import ids
from schemas.article import Article
from schemas.base import Span
from schemas.claim import Claim, ClaimSource, Link, SaidAt
from schemas.entity import Entity, EntityLink, Mention
from schemas.vocabulary import ClaimKind, EntityType, SourceType
from tests.contract.story.texts import MODEL, span


def entities(made: Article, head: dict[str, Any]) -> dict[str, Entity]:
    text = made.text

    def entity(name: str, type_: EntityType, *found: tuple[str, str, Any], **more: Any) -> Entity:
        mentions = [
            Mention(form=form, **msgspec.structs.asdict(span(exact, text, after=after)))
            for exact, after, form in found
        ]
        first = mentions[0]
        return Entity(
            entity_id=ids.entity_id(head["article_id"], head["revision_id"], type_, first),
            name=name,
            name_key=name.casefold(),
            type=type_,
            mentions=mentions,
            count=len(mentions),
            salience=round(0.5 * len(mentions) / 13 + 0.5 * (1 - first.start / len(text)), 4),
            **head,
            **more,
        )

    norway = EntityLink(uri="http://www.wikidata.org/entity/Q20", score=0.99, method="demonym")
    found = [
        entity("Port Merrin", "place", ("PORT MERRIN", "", "name"), ("Port Merrin", "pilots in", "name")),
        entity("Northgate", "organisation", ("Northgate", "", "name")),
        entity("Ilse Brandvold", "person", ("Ilse Brandvold", "", "name")),
        entity(
            "Pilots' Guild", "organisation", ("their union", "", "nominal"), ("Pilots' Guild", "", "name")
        ),
        entity(
            "Merrin Port Authority",
            "organisation",
            ("Merrin Port Authority", "", "name"),
            ("It", "harbour. ", "pronoun"),
        ),
        entity(
            "Tomas Reyle",
            "person",
            ("Tomas Reyle", "", "name"),
            ("He", "🚢", "pronoun"),
            titles=["Transport Minister"],
        ),
        entity("Norway", "place", ("Norwegian", "", "demonym"), country="NO", link=norway),
        entity("Havlund Line", "organisation", ("Havlund Line", "", "name")),
        entity("Merrin Courier", "organisation", ("Merrin Courier", "", "name")),
    ]
    return {entity.name: entity for entity in found}


def claims(made: Article, known: dict[str, Entity], head: dict[str, Any]) -> dict[str, Claim]:
    text = made.text
    vessels = "47 vessels" if "47 vessels" in text else "41 vessels"

    def at(exact: str, after: str = "") -> Span:
        return span(exact, text, after=after)

    def source(named: str, type_: SourceType, name: str | None = None, **more: Any) -> ClaimSource:
        name = name or named
        entity = known.get(name)
        more.setdefault("antecedent", [])
        return ClaimSource(
            spans=[at(named, more.pop("after", ""))] if named else [],
            type=type_,
            name=name,
            entity_id=entity.entity_id if entity else None,
            confidence=0.9,
            **more,
        )

    def claim(content: list[Span], kind: ClaimKind, chain: list[Link], **more: Any) -> Claim:
        words = " ".join(part.exact.casefold() for part in content)
        verbatim = more.get("verbatim", [])
        places = [
            place
            for link in chain
            for place in (*link.cues, *(s for source in link.sources for s in source.spans))
        ]
        return Claim(
            claim_id=ids.claim_id(head["revision_id"], content, places),
            content_key=ids.sha256_hex(words),
            quote_key=ids.sha256_hex(words) if verbatim and len(words.split()) >= 5 else None,
            content=content,
            kind=kind,
            chain=chain,
            extractor=MODEL,
            publisher=made.publisher,
            **head,
            **more,
        )

    brandvold = "Ilse Brandvold"
    agreement = at("We have an agreement, and ships will move on Thursday,")
    nobody = at("Nobody got everything.")
    together = at("Back to work, together 🚢")
    clear = at('the backlog "may take three weeks" to clear')
    outer = at('the authority\'s own report warns that the backlog "may take three weeks" to clear')
    courier = Link(
        relation="reports",
        cues=[at("According to")],
        cue_lemma="according to",
        cue_class="state",
        sources=[source("Merrin Courier", "media")],
    )
    found = {
        "direct": claim(
            [agreement],
            "direct",
            [
                Link(
                    relation="says",
                    cues=[at("said", "Thursday,")],
                    cue_lemma="say",
                    cue_class="state",
                    sources=[source(brandvold, "named_person", role="who leads the Pilots' Guild")],
                )
            ],
            verbatim=[agreement],
            context=[
                at(
                    '"We have an agreement, and ships will move on Thursday," said Ilse Brandvold, who leads '
                    "the Pilots' Guild."
                )
            ],
            tense="future",
            confidence=0.97,
        ),
        "floating": claim(
            [nobody],
            "direct",
            [
                Link(
                    relation="says",
                    cue_class="none",
                    sources=[source("", "named_person", brandvold, antecedent=[at(brandvold)])],
                )
            ],
            verbatim=[nobody],
            context=[at('"Nobody got everything."')],
            tense="past",
        ),
        "indirect": claim(
            [at(f"{vessels} were waiting outside the harbour")],
            "indirect",
            [
                Link(
                    relation="says",
                    cues=[at("told", "Authority")],
                    cue_lemma="tell",
                    cue_class="state",
                    sources=[source("Merrin Port Authority", "named_organisation")],
                )
            ],
            addressee=[at("shipping agents")],
            context=[
                at(
                    f"The Merrin Port Authority told shipping agents that {vessels} were waiting outside the "
                    "harbour."
                )
            ],
            tense="past",
        ),
        "denied": claim(
            [at("any cargo had been lost")],
            "indirect",
            [
                Link(
                    relation="says",
                    cues=[at("denied")],
                    cue_lemma="deny",
                    cue_class="deny",
                    sources=[
                        source(
                            "It",
                            "named_organisation",
                            "Merrin Port Authority",
                            after="harbour. ",
                            antecedent=[at("Merrin Port Authority")],
                        )
                    ],
                )
            ],
            context=[at("It denied that any cargo had been lost.")],
            polarity="denied",
            tense="past",
        ),
        "post": claim(
            [together],
            "direct",
            [
                Link(
                    relation="says",
                    cues=[at("wrote on")],
                    cue_lemma="write",
                    cue_class="report",
                    sources=[source("Tomas Reyle", "named_person", role="Transport Minister")],
                )
            ],
            verbatim=[together],
            context=[at("Transport Minister Tomas Reyle wrote on Chirp: “Back to work, together 🚢”.")],
            channel=[at("Chirp")],
            certainty="n/a",
            force="directive",
            said_at=SaidAt(span=at("Nov 24"), date="2026-11-24", precision="day"),
        ),
        "outer": claim([outer], "mixed", [courier], verbatim=[at("may take three weeks")], context=[]),
    }
    report = Link(
        relation="says",
        cues=[at("warns")],
        cue_lemma="warn",
        cue_class="warn",
        sources=[source("the authority's own report", "document")],
    )
    found["nested"] = claim(
        [clear],
        "mixed",
        [courier, report],
        parent_claim_id=found["outer"].claim_id,
        verbatim=[at("may take three weeks")],
        certainty="possible",
        hedges=[at("may", "backlog")],
        tense="future",
        flags=["nested"],
    )
    return found
