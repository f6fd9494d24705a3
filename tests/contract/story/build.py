"""Write ``schemas/examples/``: one invented story as it goes through all stages.

Run it when a field is added (``python -m tests.contract.story.build``) and look at the difference; the
tests check what it wrote without it.  The Northgate agency reports the end of a strike (A); a local paper
carries the same words (B); another one changes a number (D); the agency corrects itself (C) and at last
takes the piece away.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from schemas import ids, links
from schemas.article import Article, Correction, Fingerprints
from schemas.base import Dated
from schemas.enriched import Analysis, EnrichedArticle
from schemas.sighting import Origin, Sighting, UniqueArticle
from schemas.wire import encode
from tests.contract.story.articles import article, compared, raw_items, sighting, wire_spans
from tests.contract.story.ends import endings, sources
from tests.contract.story.parts import claims, entities
from tests.contract.story.texts import CORRECTED, FJORD, MODEL, NEAR, NEAR_FEED, NEAR_URL, NOTICE, TEXT, span

FOLDER = Path(__file__).parents[3] / "schemas" / "examples"


def enriched(made: Article, seen: Sighting, **more: Any) -> tuple[EnrichedArticle, dict[str, Any]]:
    enrichment = ids.enrichment_id(seen.revision_id, MODEL.name, MODEL.version, "")
    head = {
        "article_id": seen.article_id,
        "revision_id": seen.revision_id,
        "revision_number": seen.revision_number,
        "enrichment_id": enrichment,
        "title": made.title,
        "url": made.canonical_url,
        "published_at": made.published_at.value,
        "language": made.language.tag,
    }
    people = entities(made, head) if made.text else {}
    said = claims(made, people, head) if made.text else {}
    copied = (
        "item_id source_id native_id publisher url canonical_url title description text text_basis truncated "
        "extractor form part_of bylines dateline credits published_at modified_at corrections language rights "
        "subjects quality"
    ).split()
    event = EnrichedArticle(
        **{name: getattr(made, name) for name in copied}
        | {
            "article_id": seen.article_id,
            "revision_id": seen.revision_id,
            "revision_number": seen.revision_number,
            "previous_revision_id": seen.previous_revision_id,
            "revision_kind": seen.revision_kind,
            "text_sha256": ids.sha256_hex(made.text),
            "first_seen_at": Dated(value=made.fetched_at, from_="item", precision="second"),
            "analysis": Analysis(claims="done", entities="done"),
            "enrichment_id": enrichment,
            "enricher": MODEL,
            "claim_ids": [claim.claim_id for claim in said.values()],
            "claims": list(said.values()),
            "entities": list(people.values()),
        }
        | more
    )
    return event, {**said, **people}


def build() -> dict[str, Any]:
    raws = raw_items()
    near_raw = msgspec.structs.replace(
        raws["A"],
        source_id=NEAR_FEED,
        native_id=NEAR_URL,
        url=NEAR_URL,
        link_key=links.link_key(NEAR_URL, NEAR_FEED, NEAR_URL),
        publisher=FJORD,
        published_at=None,
        bylines=[],
    )
    made = {
        "A": article(raws["A"], TEXT, "2026-11-24T05:12:08Z", **wire_spans(TEXT)),
        "B": article(raws["B"], TEXT.strip(), "2026-11-24T06:02:40Z", page=True),
        "C": article(
            raws["A"],
            CORRECTED,
            "2026-11-24T07:31:15Z",
            **wire_spans(CORRECTED),
            corrections=[Correction(span=span(NOTICE.strip(), CORRECTED), kind="correction")],
        ),
        "D": article(near_raw, NEAR, "2026-11-24T06:48:55Z"),
    }
    first = ids.revision_id(made["A"].article_id, made["A"].content_hash)
    second = ids.revision_id(made["C"].article_id, made["C"].content_hash)
    bare = msgspec.structs.replace(made["B"].fingerprints, sketch=None)
    northgate = Origin(name="Northgate", basis="credit", article_id=made["A"].article_id)
    seen = {
        "A": sighting(made["A"], "new", "2026-11-24T05:12:31.480Z", enrich=True, revision_kind="first"),
        "B": sighting(
            made["B"],
            "duplicate",
            "2026-11-24T06:02:41.002Z",
            relations=[compared(made["B"], made["A"], 3032.0)],
            fingerprints=bare,
            revision_kind="first",
        ),
        "C": sighting(
            made["C"],
            "revision",
            "2026-11-24T07:31:16.250Z",
            enrich=True,
            revision_number=2,
            previous_revision_id=first,
            revision_kind="correction",
            relations=[compared(made["C"], made["A"], 8347.0)],
        ),
        "D": sighting(
            made["D"],
            "near_duplicate",
            "2026-11-24T06:48:56.118Z",
            enrich=True,
            revision_kind="first",
            relations=[compared(made["D"], made["A"], 5807.0)],
            origin=northgate,
        ),
    }
    plain = Fingerprints()
    unique = {
        key: UniqueArticle(article=made[key], sighting=msgspec.structs.replace(seen[key], fingerprints=plain))
        for key in ("A", "C")
    }
    one, parts = enriched(made["A"], seen["A"])
    two, _ = enriched(made["C"], seen["C"])
    gone = article(raws["A"], "", "2026-11-25T09:00:00Z", gone=True)
    taken = sighting(
        gone, "withdrawn", "2026-11-25T09:00:01.300Z", revision_kind="withdrawn", revision_number=0
    )
    three, _ = enriched(
        gone,
        msgspec.structs.replace(taken, previous_revision_id=second),
        pub_status="canceled",
        analysis=Analysis(claims="done", entities="done", reason="withdrawn"),
    )
    return {
        "raw_item.wire": raws["A"],
        "raw_item.page": raws["B"],
        "raw_item.unfetched": raws["U"],
        "article.wire": made["A"],
        "article.page": made["B"],
        "article.corrected": made["C"],
        "sighting.new": seen["A"],
        "sighting.duplicate": seen["B"],
        "sighting.correction": seen["C"],
        "sighting.near_duplicate": seen["D"],
        "unique_article.new": unique["A"],
        "unique_article.correction": unique["C"],
        "enriched_article.first": one,
        "enriched_article.correction": two,
        "enriched_article.withdrawn": three,
        "claim.direct": parts["direct"],
        "claim.denied": parts["denied"],
        "claim.nested": parts["nested"],
        "claim.post": parts["post"],
        "entity.person": parts["Tomas Reyle"],
        "entity.organisation": parts["Merrin Port Authority"],
        "entity.country": parts["Norway"],
        **sources(),
        **endings(raws, seen),
    }


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, event in build().items():
        plain = (
            {key: value.decode() for key, value in event.items()}
            if isinstance(event, dict)
            else json.loads(encode(event))
        )
        text = json.dumps(plain, ensure_ascii=False, indent=2) + "\n"
        (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
