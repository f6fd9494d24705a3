"""Old readers read new events, new readers read old ones, and who writes is held to the letter.

``fixtures/v1`` holds whole Kafka records and readers' schemas as they were when version 1 was published;
they are kept for ever (``python -m tests.contract.story.freeze`` only ever adds).  When version 2 comes it
gets a folder beside it, and these tests go on for version 1.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path as File
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from schemas.dead_letter import read_headers
from schemas.json_schema import EVENTS, STRUCTS, event_name, examples_of, schema
from schemas.topics import DEAD_LETTER, topic_named
from schemas.wire import DecodeError, decode, encode, header, read_progress
from tests.support.contracts import FORMATS, Path, closed_fields, objects, problems, spoilt, validator

FOLDER = File(__file__).parent / "fixtures" / "v1"
RECORDS = sorted(path.name for path in FOLDER.glob("*.json"))
EVENT_RECORDS = [name for name in RECORDS if not name.startswith("dead_letter_headers")]
EXAMPLES = {file: (name, data) for name in EVENTS for file, data in examples_of(name).items()}
FREE = {"headers", "options", "cursor", "attributes"}
"""Objects with names of anybody's choice."""


def one_of_each(paths: Iterable[Path]) -> list[Path]:
    """Keep the first of the paths that differ only in their positions in lists."""
    shapes = {
        tuple("*" if isinstance(step, int) else step for step in path): path for path in reversed([*paths])
    }
    return list(shapes.values())


@cache
def record(file: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / file).read_text(encoding="utf-8"))
    return found


def headers_of(file: str) -> list[tuple[str, bytes]]:
    return [(name, value.encode()) for name, value in record(file)["headers"]]


@cache
def old_reader(name: str) -> Draft202012Validator:
    text = (FOLDER / "schemas" / f"{name}.reader.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text), format_checker=FORMATS)


def lost(old: Any, new: Any, path: str = "$") -> list[str]:
    """Return what stands in *old* and not, or otherwise, in *new*."""
    if isinstance(old, dict) and isinstance(new, dict):
        missing = [f"{path}.{key}" for key in old if key not in new]
        return missing + [p for key in old if key in new for p in lost(old[key], new[key], f"{path}.{key}")]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [p for i, pair in enumerate(zip(old, new, strict=True)) for p in lost(*pair, f"{path}[{i}]")]
    return [] if old == new else [path]


def test_there_are_fixtures_of_every_event() -> None:
    kinds = {file.partition(".")[0] for file in RECORDS}
    assert kinds == set(STRUCTS) - {"progress_header"}


@pytest.mark.parametrize("file", EVENT_RECORDS)
def test_new_reader_reads_old_record_whole(file: str) -> None:
    name = file.partition(".")[0]
    found = record(file)
    topic = topic_named(found["topic"])
    assert topic.event is EVENTS[name]
    event = decode(found["value"].encode(), EVENTS[name])
    old, new = json.loads(found["value"]), json.loads(encode(event))
    assert lost(old, new) == []
    assert problems(validator(name, "reader"), old) == []


@pytest.mark.parametrize("file", EVENT_RECORDS)
def test_new_reader_reads_old_headers(file: str) -> None:
    headers = headers_of(file)
    kind = header(headers, "ce_type")
    assert kind is not None
    assert event_name(kind.decode()) == file.partition(".")[0]
    written = header(headers, "newswire-progress")
    progress = read_progress(headers)
    assert bool(progress.hops) == (written is not None)
    if written is not None:
        assert problems(validator("progress_header", "reader"), json.loads(written)) == []


@pytest.mark.parametrize("file", sorted(set(RECORDS) - set(EVENT_RECORDS)))
def test_new_reader_reads_old_dead_letter(file: str) -> None:
    assert record(file)["topic"] == DEAD_LETTER.name
    found = read_headers(headers_of(file))
    assert found.connector_name == "newswire"
    assert problems(validator("dead_letter_headers", "reader"), dict(record(file)["headers"])) == []


@pytest.mark.parametrize("file", EXAMPLES)
def test_old_reader_accepts_what_is_written_now(file: str) -> None:
    name, data = EXAMPLES[file]
    assert problems(old_reader(name), data) == []


@pytest.mark.parametrize("name", ["progress_header", "dead_letter_headers"])
def test_old_reader_accepts_headers_written_now(name: str) -> None:
    for data in examples_of(name).values():
        assert problems(old_reader(name), data) == []


@pytest.mark.parametrize("name", STRUCTS)
def test_what_was_promised_once_is_promised_still(name: str) -> None:
    """A field that the old reader may rely on is still required, of the event and of each of its parts."""
    old, new = old_reader(name).schema, schema(name, "reader")
    parts = [(old, new), *((part, new["$defs"][key]) for key, part in old.get("$defs", {}).items())]
    for before, after in parts:
        assert set(before.get("required", ())) <= set(after.get("required", ())), before["title"]
        assert set(before["properties"]) <= set(after["properties"]), before["title"]


def test_the_guard_sees_a_field_that_was_taken_away_and_one_that_changed() -> None:
    old = {"a": 1, "b": [{"c": "x"}], "d": {"e": None}}
    assert lost(old, {"a": 1, "b": [{"c": "x", "new": 1}], "d": {"e": None}, "new": 2}) == []
    assert lost(old, {"a": 1, "b": [{"c": "y"}], "d": {}}) == ["$.b[0].c", "$.d.e"]


@pytest.mark.parametrize("file", EXAMPLES)
def test_unknown_fields_pass_readers_and_are_refused_of_writers(file: str) -> None:
    name, data = EXAMPLES[file]
    struct = EVENTS[name]
    whole = decode(json.dumps(data).encode(), struct)
    places = one_of_each(path for path, _ in objects(data) if not path or path[-1] not in FREE)
    everywhere = data
    for path in places:
        changed = spoilt(data, (*path, "from_version_1_9"), {"any": ["thing"]})
        assert problems(validator(name, "writer"), changed), path
        everywhere = spoilt(everywhere, (*path, "from_version_1_9"), {"any": ["thing"]})
    assert problems(validator(name, "reader"), everywhere) == []
    assert decode(json.dumps(everywhere).encode(), struct) == whole


@pytest.mark.parametrize("file", EXAMPLES)
def test_unknown_values_pass_readers_and_are_refused_of_writers(file: str) -> None:
    name, data = EXAMPLES[file]
    strict = schema(name, "writer")
    places = one_of_each(closed_fields(data, strict, strict))
    assert places
    everywhere = data
    for path in places:
        changed = spoilt(data, path, "value_of_version_1_9")
        assert problems(validator(name, "writer"), changed), path
        everywhere = spoilt(everywhere, path, "value_of_version_1_9")
    assert problems(validator(name, "reader"), everywhere) == []
    assert json.loads(encode(decode(json.dumps(everywhere).encode(), EVENTS[name]))) == everywhere


@pytest.mark.parametrize("name", sorted({name for name, _ in EXAMPLES.values()}))
def test_reader_schema_and_struct_demand_the_same_fields(name: str) -> None:
    struct = EVENTS[name]
    data = next(iter(examples_of(name).values()))
    required = set(schema(name, "reader").get("required", ()))
    assert required
    for field in data:
        less = {key: value for key, value in data.items() if key != field}
        found = problems(validator(name, "reader"), less)
        assert bool(found) == (field in required), field
        assert problems(validator(name, "writer"), less), field
        if field in required:
            with pytest.raises(DecodeError) as caught:
                decode(json.dumps(less).encode(), struct)
            assert caught.value.reason == "wrong_schema"
        else:
            decode(json.dumps(less).encode(), struct)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("item_id",), "not-a-uuid"),
        (("item_id",), "A6010779-B304-526A-8AEB-61F367CA585B"),
        (("raw_hash",), "abc"),
        (("fetched_at",), "2026-11-24 05:12:08"),
        (("fetched_at",), "2026-11-24T05:12:08+01:00"),
        (("canonical_url",), "no address"),
        (("title",), "x" * 1001),
        (("language", "confidence"), 1.2),
        (("publisher", "country"), "gb"),
        (("dateline", "start"), -1),
        (("text",), None),
    ],
)
def test_writers_are_held_to_formats_and_limits(path: tuple[str, ...], value: object) -> None:
    data = examples_of("article")["article.wire.json"]
    assert problems(validator("article", "writer"), spoilt(data, path, value))
