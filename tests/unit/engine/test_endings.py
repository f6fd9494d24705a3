"""How items end: what is said of them holds no secrets, and the original stays as it is."""

from __future__ import annotations

import msgspec

from schemas.dead_letter import read_headers
from schemas.outcome import Outcome
from schemas.wire import Progress
from streams.engine.endings import dead_letter, facts_of_bytes, outcome
from streams.engine.records import Failed, Record

URL = "https://jo:CANARY@example.org/a?token=CANARY"
AT = "2026-11-24T09:30:00.000000Z"
ITEM_ID = "5f0c3c0e-6d7b-5b0e-9c57-6f1a2f1f4b21"
VALUE = msgspec.json.encode({"item_id": ITEM_ID, "native_id": URL, "url": URL})
RECORD = Record("news.raw.v1", 0, 7, 0, URL.encode(), VALUE)


def test_an_outcome_names_an_item_without_what_lets_in():
    record = outcome(
        "dead_letter",
        "child_died",
        stage="normalize",
        facts=facts_of_bytes(VALUE),
        progress=Progress(),
        at=AT,
        record=RECORD,
    )
    ended = msgspec.json.decode(record.value or b"", type=Outcome)
    assert ended.native_id == "https://***@example.org/a?token=***"
    assert b"CANARY" not in repr(record).encode()


def test_a_dead_letter_keeps_the_bytes_and_hides_in_what_it_says():
    failed = Failed(reason="failed", error="ValueError", message=f"of {URL}", trace=f"Cookie: CANARY\n{URL}")
    letter = dead_letter(
        failed, stage="normalize", facts=facts_of_bytes(VALUE), record=RECORD, attempt=1, at=AT
    )
    assert (letter.key, letter.value) == (RECORD.key, RECORD.value)
    assert b"CANARY" not in b"".join(value for _, value in letter.headers)
    said = read_headers(list(letter.headers))
    assert said.exception_message == "of https://***@example.org/a?token=***"
