"""The reference page ``docs/contract.md``: topics, ids, events, closed lists and how to consume them.

Tables are made from the structs, `schemas.topics`, `schemas.definitions` and `schemas.mapping`; the prose
around them stands here.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from typing import Any, Final

from schemas import ids
from schemas.definitions import MEANINGS, TERMS
from schemas.json_schema import STRUCTS, schema
from schemas.limits import MIB
from schemas.mapping import NAMES
from schemas.topics import DAY_MS, TOPICS, Topic
from schemas.vocabulary import CLOSED_LISTS

__all__ = ["page"]

_INTRO: Final = """\
<!-- Made by `python -m schemas.generate`; do not edit. -->
# The contract

What newswire's topics carry, for whoever reads them. Machine-readable: JSON Schemas in `schemas/v1/`
(`*.reader.schema.json` for consumers, `*.writer.schema.json` for producers), `schemas/asyncapi.yaml`,
examples in `schemas/examples/`. Programs that read them, in Python, Java, TypeScript and Go, each run by a
test: `examples/consumers/`.

## How to consume

A record is a CloudEvent in binary mode: attributes in headers (`ce_id`, `ce_type`, `ce_source`,
`ce_subject`, `ce_time`, `content-type`), one plain JSON object as value, UTF-8 text as key; no magic bytes
before it. A null value is a tombstone.

```console
$ kcat -b 127.0.0.1:9092 -t news.claims.v1 -C -o beginning -e -q |
    jq -r 'select(.lane == "live") | [.chain[-1].sources[0].name, .content[0].exact] | @tsv'
```

- **Each event once.** Delivery is at least once; a repetition has the same `ce_id` and the same bytes as
  value. Key what you store by `ce_id`, or by the event's own id (`claim_id`, `entity_id`, `revision_id`),
  and every event is held once. Times of processing are in headers only.
- **What is current.** Of an article's revisions the one with the highest `revision_number` that is not
  `is_late` is current. Where it was enriched more than once (another model, a requeued dead letter), the
  last record counts. Within a topic all events of one article lie in one partition, in order.
- **A revision's claims are exactly the `claim_ids` of its latest enrichment.** Claims of `news.claims.v1`
  that are not among them were superseded; none is ever deleted.
- **Mind `pub_status`.** `canceled` means that the publisher took the article away: take down what you
  made of it. A withdrawal has `revision_kind` `withdrawn`, `revision_number` 0 and no text.
- **An empty list never means "not looked".** `analysis` says whether anyone looked.
- **Copies** of an article are not enriched again: `news.sightings.v1` has a Sighting for every item, whose
  `relations[0]` names the article and revision that it copies; read that one's claims.
- **`lane` and `synthetic`.** Who alerts reads `live`. `synthetic` items are canaries: leave them out of
  counts.
- **Quote only `verbatim`.** It is what stands inside quotation marks; `content` may be paraphrase.
- **Certainty is not truth**: it is what the originator commits to. `confidence` is how sure we are of having
  read it right; null where that is not calibrated.
- **Offsets** count Unicode code points of the stored `title`, `description` or `text`, from 0, end
  exclusive, as W3C Web Annotation's TextPositionSelector does. Python's strings count so; in languages that
  count UTF-16 units (Java, JavaScript) convert, and check against `exact`.

## What may change

Within version 1 fields and values of closed lists may be added, limits may grow, nothing is taken away or
changes its meaning. So a reader passes over fields it does not know and reads a value that is not on its
list as `other` (`schemas.vocabulary.known`). Anything else gets a new major version: another topic name,
another `ce_type`, another folder of schemas. Records of all versions ever written are kept in
`tests/contract/fixtures/` and read by the tests.
"""

_IDS_INTRO: Final = """
Every id is a UUIDv5 (`schemas.ids`) of what it identifies, in the namespace `{namespace}`; a repetition has
the same one. Time of processing, partition, offset and worker never enter an id. The same revision has the
same ids in both lanes.
"""

_IDS: Final = (
    ("item_id", "what a source showed once", "source_id, native_id, SHA-256 of the body, fetched_at"),
    ("item_id of a record that does not decode", "its bytes", "SHA-256 of the bytes"),
    ("article_id", "an article", "canonical URL; without one source_id, native_id"),
    ("revision_id", "one content of an article", "article_id, SHA-256 of title, description, text"),
    ("enrichment_id", "what one extractor made of it", "revision_id, extractor name, version, weights"),
    ("claim_id", "an attributed statement", "revision_id, spans of the content, spans of the chain"),
    ("entity_id", "an entity of one document", "article_id, revision_id, type, first mention"),
    ("source_id", "a source that is polled", "connector, address"),
    ("ce_id of RawItem", "", "its item_id"),
    ("ce_id of Article, Sighting, UniqueArticle", "", "item_id, extractor of the text"),
    ("ce_id of EnrichedArticle", "", "item_id, enrichment_id, attempt"),
    ("ce_id of Claim, Entity", "", "ce_id of the EnrichedArticle that holds it, its own id"),
    ("ce_id of Outcome", "", "item_id, attempt"),
    ("ce_id of SourceDefinition", "", "source_id, updated_at"),
    ("ce_id of SourceState", "", "source_id, generation, written_at"),
)


def page() -> str:
    """Return the page as Markdown."""
    parts = [
        _INTRO,
        "## Terms\n",
        _table(("term", "meaning"), TERMS.items()),
        "## Topics\n",
        _table(("topic", "event", "key", "partitions", "kept", "record"), map(_topic_row, TOPICS)),
        _lanes(),
        "## Ids",
        _IDS_INTRO.format(namespace=ids.NAMESPACE),
        _table(("id", "of", "made from"), _IDS),
        *_events(),
        "## Closed lists\n",
        "A reader takes a value that is not on its list as `other`.\n",
        *_closed_lists(),
        "## Names elsewhere\n",
        "Where IPTC ninjs 3.1, schema.org or W3C Web Annotation (`oa:`) have a name for it.\n",
        _table(("field", "ninjs 3.1", "schema.org"), ((f"`{a}`", b, c) for a, b, c in NAMES)),
    ]
    return "\n".join(parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(_cell(text) for text in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "\\<")


def _topic_row(topic: Topic) -> tuple[str, ...]:
    kept = "for ever" if topic.retention_ms < 0 else f"{topic.retention_ms // DAY_MS} days"
    if "compact" in topic.cleanup:
        kept += ", the last by key" if topic.cleanup == "compact" else ", compacted"
    event = topic.event.__name__ if topic.event else "the original bytes"
    partitions = str(topic.partitions) if topic.partitions else "many"
    return f"`{topic.name}`", event, topic.key, partitions, kept, f"{topic.record_bytes // MIB} MiB"


def _lanes() -> str:
    twins = ", ".join(f"`{topic.of('backfill')}`" for topic in TOPICS if topic.in_lanes)
    return (
        f"The backfill lane has its own {twins}; results of both lanes meet in the other topics, marked with "
        "their `lane`. Retentions and the number of partitions are defaults of settings; sizes are those of "
        "a record before compression.\n"
    )


def _events() -> list[str]:
    parts: list[str] = []
    shared: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
    parts.append("## Events\n")
    parts.append(
        "Writers put out every field; one with *always* will be there in every later version 1 as well, "
        "and of the others a missing one means its default.\n"
    )
    for name in STRUCTS:
        strict, tolerant = schema(name, "writer"), schema(name, "reader")
        for part, definition in strict.get("$defs", {}).items():
            shared.setdefault(part, (definition, tolerant["$defs"][part]))
        parts += _section(strict, tolerant, name)
    parts.append("## Parts of events\n")
    structs = {struct.__name__ for struct in STRUCTS.values()}
    for part in sorted(set(shared) - structs):
        parts += _section(*shared[part], None)
    return parts


def _section(strict: dict[str, Any], tolerant: dict[str, Any], name: str | None) -> list[str]:
    text = strict["description"]
    lines = [f"### {strict['title']}\n"]
    if name is not None:
        text = inspect.cleandoc(STRUCTS[name].__doc__ or "")
        topic = next((topic for topic in TOPICS if topic.event is STRUCTS[name]), None)
        if topic is not None:
            text += f" Topic `{topic.name}`, `ce_type` `{topic.ce_type}`."
    lines.append(" ".join(text.replace("``", "`").split()) + "\n")
    always = set(tolerant.get("required", ()))
    rows = [
        (f"`{field}`", _type(part), "always" if field in always else "", _meaning(part))
        for field, part in strict["properties"].items()
    ]
    lines.append(_table(("field", "type", "", "meaning"), rows))
    return lines


def _type(part: dict[str, Any]) -> str:
    if "anyOf" in part:
        return " or ".join(_type(choice) for choice in part["anyOf"])
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "x-closed-list" in part:
        name = part["x-closed-list"]
        return f"[{name}](#{name.lower()})"
    kind = part.get("type", "any")
    if kind == "array":
        return f"list of {_type(part['items'])}"
    if kind == "object":
        return "object"
    if part.get("contentEncoding"):
        return "base64"
    return str(part.get("format", kind))


def _meaning(part: dict[str, Any]) -> str:
    text = str(part.get("description", "")).replace("\n", " ")
    facts = []
    if "x-unit" in part:
        facts.append(str(part["x-unit"]))
    if "maxLength" in part:
        facts.append(f"at most {part['maxLength']:,} code points")
    examples = ", ".join(f"`{example}`" for example in part.get("examples", ()))
    if examples:
        facts.append(f"e.g. {examples}")
    return f"{text} ({'; '.join(facts)})" if facts else text


def _closed_lists() -> list[str]:
    parts = []
    for name, values in CLOSED_LISTS.items():
        parts.append(f"### {name}\n")
        parts.append(_table(("value", "meaning"), ((f"`{v}`", MEANINGS[name][v]) for v in values)))
    return parts
