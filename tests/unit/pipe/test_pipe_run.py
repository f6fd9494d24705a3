"""The stages as a filter: one line out for each line in, in order, with the input's id."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from connectors.framework.lines import LINE_BYTES
from newswire.pipe import run_pipe
from newswire.pipe.entry import Entry, written
from newswire.pipe.lines import LineClock, entry_of, limited_lines
from newswire.pipe.stages import as_new
from newswire.settings import Settings
from schemas.article import Article
from schemas.base import LanguageTag
from schemas.vocabulary import StageName
from schemas.wire import decode
from streams.engine.records import Done, Input
from streams.normalize.stage import normalize_inputs
from tests.unit.dedupe.dedupe_parts import START, article, prose, time_of

SETTINGS = Settings(enrich_model="fake", normalize_batch=4)


def read(line: bytes, first: StageName) -> Entry:
    return entry_of(line, first, LineClock())


async def outputs(names: str, lines: Iterable[bytes]) -> list[bytes]:
    found: list[bytes] = []
    await run_pipe(names.split(), lines, found.append, SETTINGS)
    return found


async def events(names: str, *lines: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in await outputs(names, lines)]


def told(event: dict[str, Any]) -> tuple[str | None, str]:
    """Return an output's native id and what became of the item, in a word or two."""
    became = event.get("verdict") or event["event"]
    return event["native_id"], f"{event['outcome']} {event['reason']}" if became == "outcome" else became


def line(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


def forty() -> tuple[list[bytes], list[tuple[str | None, str]]]:
    """Return more lines than a batch has, of every kind in turns, and what becomes of each in dedupe."""
    lines: list[bytes] = []
    wanted: list[tuple[str | None, str]] = []
    for number in range(8):
        text = prose(seed=number)
        kinds = [
            (line(id=f"new{number}", text=text), (f"new{number}", "new")),
            (line(id=f"copy{number}", source="two", text=text), (f"copy{number}", "duplicate")),
            (line(id=f"empty{number}", text=""), (f"empty{number}", "rejected empty")),
            (line(id=f"form{number}", title=number), (f"form{number}", "dead_letter wrong_schema")),
            (b'{"id": "cut%d", "text": "A' % number, (None, "dead_letter not_json")),
        ]
        lines += (each for each, _ in kinds)
        wanted += (what for _, what in kinds)
    return lines, wanted


async def test_every_line_has_its_output_in_order_and_by_its_id_in_one_filter_or_two() -> None:
    lines, wanted = forty()
    whole = await outputs("normalize dedupe", lines)
    found = [json.loads(each) for each in whole]
    assert [told(event) for event in found] == wanted
    assert [event["of_native_id"] for event in found if event.get("verdict") == "duplicate"] == [
        f"new{number}" for number in range(8)
    ]
    assert await outputs("dedupe", await outputs("normalize", lines)) == whole


async def test_what_is_new_is_enriched_and_all_else_ends_where_it_ended() -> None:
    lines, wanted = forty()
    found = await events("normalize dedupe enrich", *lines)
    assert [told(event) for event in found] == [
        (id, "enriched_article" if what == "new" else what) for id, what in wanted
    ]


async def test_dedupe_reads_articles() -> None:
    text = prose()
    first = article(text, native="a")
    copy = article(text, url="https://example.org/b", native="b", at=START + 1)
    found = await events(
        "dedupe", *(msgspec.json.encode(each) for each in (first, copy)), b'{"native_id": "c"}'
    )
    assert [told(event) for event in found] == [
        ("a", "new"),
        ("b", "duplicate"),
        ("c", "dead_letter wrong_schema"),
    ]
    assert found[1]["of_native_id"] == "a"


async def test_enrich_reads_unique_articles() -> None:
    text = f'{prose()}\n\n"It will rain," said Ada Quill.'
    unique = msgspec.json.encode(
        as_new(article(text, native="a", language=LanguageTag(tag="en")), time_of(START))
    )
    broken = line(article={"native_id": "b"})
    enriched, ended = await events("enrich", unique, broken)
    assert (told(enriched), told(ended)) == (
        ("a", "enriched_article"),
        ("b", "dead_letter wrong_schema"),
    )
    assert [claim["content"][0]["exact"] for claim in enriched["claims"]] == ["It will rain,"]


def test_an_outcome_passes_later_filters_as_it_came() -> None:
    ended = line(event="outcome", item_id="i", outcome="rejected", stage="normalize", native_id="a")
    spaced = ended.replace(b":", b" : ") + b" "
    assert written(read(spaced, "dedupe")) == spaced
    assert told(json.loads(written(read(b'{"event": "outcome", "native_id": "c"}', "enrich")))) == (
        "c",
        "dead_letter wrong_schema",
    )


@pytest.mark.parametrize("id", ["a", 7, "x" * 100_000])
def test_a_broken_line_keeps_its_id(id: str | int) -> None:
    good, broken = read(line(id=id, text="A text."), "normalize"), read(line(id=id, title=5), "normalize")
    assert broken.value is None
    assert broken.native_id == good.native_id


def test_what_is_published_now_is_not_from_the_future() -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    entry = read(line(id="a", text=prose(), published_at=now), "normalize")
    (done,) = normalize_inputs([Input(entry.value, entry.at_ms)])
    assert isinstance(done, Done)
    made = decode(done.emits[0].value, Article)
    assert made.published_at.flags == []
    assert made.fetched_at[:10] == now[:10]


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    mark = b"\xef\xbb\xbf"
    assert list(limited_lines(io.BytesIO(mark + b"{}\r\n" + mark + b"{}\n"))) == [b"{}", mark + b"{}"]


def test_a_line_that_is_too_long_stays_too_long_without_its_byte_order_mark() -> None:
    (content,) = limited_lines(io.BytesIO(b"\xef\xbb\xbf" + b"x" * LINE_BYTES))
    assert len(content) > LINE_BYTES
