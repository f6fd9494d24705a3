"""Sources of the story, how its items end, and what travels in headers."""

from __future__ import annotations

from typing import Any

import msgspec

from schemas import ids
from schemas.dead_letter import DeadLetterHeaders, write_headers
from schemas.outcome import Hop, Outcome, Times
from schemas.raw_item import RawItem
from schemas.sighting import Sighting
from schemas.source import Folder, Seen, SourceDefinition, SourceHealth, SourceState
from schemas.wire import Progress
from tests.contract.story.texts import COPY_FEED, COPY_URL, COURIER, FJORD, PAGE


def sources() -> dict[str, Any]:
    definition = SourceDefinition(
        source_id=COPY_FEED,
        kind="feed",
        url="https://www.merrin-courier.example/feed",
        name="The Merrin Courier",
        publisher=COURIER,
        language="en",
        tags=["Local/Merrin"],
        attributes={"htmlUrl": "https://www.merrin-courier.example/"},
        folders=[Folder(tag="Local", attributes={"isOpen": "true"})],
        added_at="2026-11-01T08:00:00Z",
        updated_at="2026-11-01T08:00:00Z",
    )
    sitemap = "https://fjord-daily.example/news-sitemap.xml"
    archive = SourceDefinition(
        source_id=ids.source_id("sitemap", sitemap),
        kind="sitemap",
        url=sitemap,
        name="Fjord Daily, 2019 to 2025",
        publisher=FJORD,
        enabled=False,
        lane="backfill",
        follow="always",
        options={"from": "2019-01-01"},
        added_at="2026-11-02T10:30:00Z",
        updated_at="2026-11-20T17:45:12Z",
    )
    state = SourceState(
        source_id=COPY_FEED,
        generation=7,
        worker="connect-1",
        written_at="2026-11-24T06:02:41Z",
        etag='W/"a91-5f2"',
        last_modified="Tue, 24 Nov 2026 06:00:11 GMT",
        seen=Seen(
            native_ids=[ids.sha256_hex(COPY_URL)[:16]],
            body_hashes=[ids.sha256_hex(PAGE)[:16]],
        ),
        interval_s=1200,
        next_poll_at="2026-11-24T06:23:07Z",
        health=SourceHealth(
            status="ok",
            since="2026-11-01T08:00:09Z",
            last_success_at="2026-11-24T06:02:40Z",
            last_item_at="2026-11-24T06:02:40Z",
        ),
    )
    blocked = SourceState(
        source_id=archive.source_id,
        generation=7,
        worker="connect-2",
        written_at="2026-11-20T17:44:00Z",
        cursor={"page": 118},
        interval_s=86_400,
        next_poll_at="2026-11-21T17:44:00Z",
        health=SourceHealth(
            status="blocked",
            reason="403 Forbidden",
            since="2026-11-18T02:10:00Z",
            failures=3.0,
            last_success_at="2026-11-18T01:10:00Z",
        ),
    )
    return {
        "source_definition.feed": definition,
        "source_definition.archive": archive,
        "source_state.ok": state,
        "source_state.blocked": blocked,
    }


def endings(raws: dict[str, RawItem], seen: dict[str, Sighting]) -> dict[str, Any]:
    hops = [
        Hop(topic="news.raw.v1", partition=3, offset=18204),
        Hop(topic="news.article.v1", partition=0, offset=90417),
        Hop(topic="news.unique.v1", partition=1, offset=7730),
    ]
    times = Times(
        published="2026-11-24T05:03:00Z",
        observed="2026-11-24T05:12:08Z",
        raw="2026-11-24T05:12:08.611Z",
        normalized="2026-11-24T05:12:08.702Z",
        judged="2026-11-24T05:12:08.744Z",
        enriched="2026-11-24T05:12:09.020Z",
    )

    def of(sighting: Sighting) -> dict[str, Any]:
        names = ("item_id", "article_id", "revision_id", "source_id", "native_id")
        return {name: getattr(sighting, name) for name in names}

    broken = b'{"item_id": "not closed'
    refused = raws["U"]
    judged = msgspec.structs.replace(times, enriched=None)
    letter = Hop(topic="news.dead-letter.v1", partition=0, offset=12)
    dead = DeadLetterHeaders(
        topic="news.raw.v1",
        partition=2,
        offset=18311,
        stage="normalize",
        task_id="worker-2/4711",
        exception_class="schemas.wire.DecodeError",
        exception_message="Input data was truncated",
        reason="not_json",
        item_id=ids.item_id_of_bytes(broken),
        failed_at="2026-11-24T06:40:02.115Z",
    )
    killed = DeadLetterHeaders(
        topic="news.unique.v1",
        partition=1,
        offset=7731,
        stage="enrich",
        task_id="worker-1/4502",
        exception_class="ChildLost",
        exception_message="the child ended with signal 9",
        exception_stacktrace="",
        reason="child_died",
        item_id=seen["C"].item_id,
        attempt=2,
        failed_at="2026-11-24T07:31:40.007Z",
    )
    return {
        "outcome.enriched": Outcome(
            **of(seen["A"]), outcome="enriched", stage="enrich", times=times, hops=hops
        ),
        "outcome.duplicate": Outcome(
            **of(seen["B"]), outcome="duplicate", stage="dedupe", times=judged, hops=hops[:2]
        ),
        "outcome.rejected": Outcome(
            item_id=refused.item_id,
            source_id=refused.source_id,
            native_id=refused.native_id,
            outcome="rejected",
            reason="unfetched:403",
            stage="normalize",
            times=Times(observed=refused.fetched_at, normalized="2026-11-24T06:30:00.480Z"),
            hops=hops[:1],
        ),
        "outcome.dead_letter": Outcome(
            item_id=ids.item_id_of_bytes(broken),
            outcome="dead_letter",
            reason="not_json",
            stage="normalize",
            attempt=2,
            requeued_from=letter,
            hops=hops[:1],
        ),
        "progress_header.judged": Progress(times=judged, hops=hops[:2]),
        "progress_header.requeued": Progress(hops=hops[:1], attempt=2, requeued_from=letter),
        "dead_letter_headers.not_json": dict(write_headers(dead)),
        "dead_letter_headers.child_died": dict(write_headers(killed)),
    }
