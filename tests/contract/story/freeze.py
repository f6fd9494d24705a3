"""Freeze today's examples as fixtures: whole Kafka records of version 1, and the readers' schemas.

``python -m tests.contract.story.freeze`` writes what is not there yet and never touches what is: fixtures
are kept for ever, so that every later reader is tried on every event that was ever written.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import msgspec

from schemas import ids, topics
from schemas.json_schema import EXAMPLES, STRUCTS, event_name, examples_of
from schemas.wire import Headers, Progress, event_headers

FIXTURES = Path(__file__).parents[1] / "fixtures" / "v1"
SCHEMAS = EXAMPLES.parent / "v1"
TRACE: Headers = [("traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
_KEYS = {
    "raw_item": "link_key",
    "enriched_article": "revision_id",
    "outcome": "item_id",
    "source_definition": "source_id",
    "source_state": "source_id",
}
_STAGES = {
    "raw_item": "connect",
    "article": "normalize",
    "sighting": "dedupe",
    "unique_article": "dedupe",
    "source_definition": "operate",
    "source_state": "connect",
}


def event_id(name: str, data: dict[str, Any]) -> str:
    """Return the ``ce_id`` that the event's writer gives it."""
    inner = data.get("article", data)
    made_by = inner.get("extractor")
    maker = f"{made_by['name']}/{made_by['version']}" if isinstance(made_by, dict) else made_by
    match name:
        case "raw_item":
            return str(data["item_id"])
        case "article":
            return ids.article_event_id(data["item_id"], maker)
        case "sighting":
            return ids.sighting_event_id(data["item_id"], maker)
        case "unique_article":
            return ids.unique_event_id(inner["item_id"], maker)
        case "enriched_article":
            return ids.enriched_event_id(data["item_id"], data["enrichment_id"], data["attempt"])
        case "outcome":
            return ids.outcome_event_id(data["item_id"], data["attempt"])
        case "source_definition":
            return ids.definition_event_id(data["source_id"], data["updated_at"])
        case "source_state":
            return ids.state_event_id(data["source_id"], data["generation"], data["written_at"])
    whole = examples_of("enriched_article")["enriched_article.first.json"]
    part = data.get("claim_id") or data["entity_id"]
    return ids.part_event_id(event_id("enriched_article", whole), part)


def record(name: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return one event as the record that carries it; bytes as the text that they hold."""
    topic = next(t for t in topics.TOPICS if event_name(t.ce_type) == name)
    key = str(data[_KEYS[name]] if name in _KEYS else data.get("article", data)["article_id"])
    progress = None
    if name in {"article", "unique_article"}:
        progress = msgspec.convert(examples_of("progress_header")["progress_header.judged.json"], Progress)
    headers = event_headers(
        id=event_id(name, data),
        type=topic.ce_type,
        source=f"/newswire/{_STAGES.get(name, 'enrich')}",
        subject=key,
        time="2026-11-25T09:00:02.517Z",
        progress=progress,
        passed_on=TRACE,
    )
    return {
        "topic": topic.name,
        "key": key,
        "headers": [[header, value.decode()] for header, value in headers],
        "value": json.dumps(data, ensure_ascii=False, separators=(",", ":")),
    }


def dead_letter(data: dict[str, str]) -> dict[str, Any]:
    """Return a dead letter: the original record with the error headers behind its own."""
    headers = [["traceparent", TRACE[0][1].decode()], *map(list, data.items())]
    return {
        "topic": topics.DEAD_LETTER.name,
        "key": "https://fjord-daily.example/shipping/port-merrin",
        "headers": headers,
        "value": '{"item_id": "not closed',
    }


def main() -> None:
    (FIXTURES / "schemas").mkdir(parents=True, exist_ok=True)
    for name in STRUCTS:
        source = SCHEMAS / f"{name}.reader.schema.json"
        if not (FIXTURES / "schemas" / source.name).exists():
            shutil.copy(source, FIXTURES / "schemas" / source.name)
        for file, data in examples_of(name).items():
            if name == "progress_header" or (FIXTURES / file).exists():
                continue
            whole = dead_letter(data) if name == "dead_letter_headers" else record(name, data)
            text = json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
            (FIXTURES / file).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
