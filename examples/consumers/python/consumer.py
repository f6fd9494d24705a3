"""Print every claim that holds as a line of JSON, and again when it holds no more."""

import json
import signal
import sys
from collections import defaultdict
from uuid import UUID

from confluent_kafka import Consumer, KafkaException
from events import Claim, EnrichedArticle, Span  # made from the JSON Schema: README.md says how

CLAIMS, ENRICHED = "news.claims.v1", "news.enriched.v1"

# State is in memory, so no offset is committed and every start reads from the beginning.  A program with
# a database has these ids as keys there, and commits offsets after writing.
seen: set[str] = set()  # ids of events
articles: dict[UUID, EnrichedArticle] = {}  # the current revision of each
claims: defaultdict[UUID, dict[UUID, Claim]] = defaultdict(dict)  # all that came, by article
shown: dict[UUID, bool] = {}  # whether a claim was last printed as holding


def take(topic: str, event_id: str, value: bytes) -> None:
    """Take in one event; the two topics come in any order."""
    if event_id in seen:  # delivery is at least once
        return
    seen.add(event_id)
    if topic == CLAIMS:
        claim = Claim.model_validate_json(value)
        claims[claim.article_id][claim.claim_id] = claim
        settle(claim.article_id)
        return
    article = EnrichedArticle.model_validate_json(value)
    current = articles.get(article.article_id, article)
    # A withdrawal has no number, and ends what was current.
    older = article.revision_number < current.revision_number and article.pub_status != "canceled"
    if not (older or article.is_late or article.synthetic):
        articles[article.article_id] = article
        settle(article.article_id)


def settle(article_id: UUID) -> None:
    """Print which claims hold now and which hold no more: exactly the listed ones do."""
    if (article := articles.get(article_id)) is None:
        return
    listed = set(article.claim_ids if article.pub_status == "usable" else [])
    for claim_id, claim in claims[article_id].items():
        holds = claim_id in listed and claim.enrichment_id == article.enrichment_id
        if holds != shown.get(claim_id, False):
            shown[claim_id] = holds
            line = {
                "claim_id": str(claim_id),
                "holds": holds,
                "pub_status": article.pub_status,
                "who": [source.name for source in claim.chain[-1].sources],
                "polarity": claim.polarity,
                "what": [span.exact for span in claim.content],
                "verified": holds and all(stands(span, article) for span in claim.content),
            }
            print(json.dumps(line, ensure_ascii=False), flush=True)


def stands(span: Span, article: EnrichedArticle) -> bool:
    """Say whether the span's words are at its offsets; strings of Python count code points, too."""
    return (getattr(article, span.field, None) or "")[span.start : span.end] == span.exact


options = {
    "group.id": "newswire-example-python",
    "enable.auto.commit": False,
    "auto.offset.reset": "earliest",
}
consumer = Consumer({"bootstrap.servers": sys.argv[1], **options})
consumer.subscribe([CLAIMS, ENRICHED])
signal.signal(signal.SIGTERM, signal.default_int_handler)
try:
    while True:
        if (message := consumer.poll(1)) and message.error():
            raise KafkaException(message.error())
        if message and message.value():  # else a tombstone
            take(message.topic(), dict(message.headers())["ce_id"].decode(), message.value())
except KeyboardInterrupt:
    consumer.close()
