"""How the operator's commands print and exit, without a broker."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from newswire.cli import app, dlq
from newswire.cli import audit as audit_module
from newswire.cli.audit import print_report
from newswire.cli.dlq import _hex_lines, _letter_lines, _pretty_lines
from newswire.cli.errors import explain
from newswire.cli.trace import path_lines
from newswire.ledger.findings import KINDS, Example, Violation
from newswire.ledger.items import Seen
from newswire.ledger.letters import letter_of
from newswire.ledger.path import AttemptPath, ItemPath, steps_of
from newswire.ledger.report import AuditReport, ItemCounts
from tests.support.ledger import TIMES, Case, hop, laid

A, COPY = Case("a"), Case("copy")


def report(**more: Any) -> AuditReport:
    fields: dict[str, Any] = {
        "bootstrap": "127.0.0.1:9092",
        "since": None,
        "seconds": 1.25,
        "complete": True,
        "counts": ItemCounts(
            items=1200,
            live=1200,
            outcomes={"enriched": 1000, "rejected": 200},
            reasons={"rejected(empty)": 150, "rejected(unfetched:403)": 50},
        ),
        "records": {"news.raw.v1": Seen(1203, 3), "news.claims.v1": Seen(9, 0)},
        "violations": [],
    }
    return AuditReport(**fields | more)


LOST = Violation(
    "no_outcome", KINDS["no_outcome"], 2, [Example(A.item_id), Example("x", "why", "news.raw.v1/0/7")]
)


def test_a_report_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(report())
    assert capsys.readouterr().out.splitlines() == [
        "1,200 items in news.raw, read in 1.2 s",
        "  enriched            1,000",
        "  rejected              200   empty 150, unfetched:403 50",
        "redelivered and known by their ids: news.raw 3",
        "✓ nothing is lost, nothing is double, every item that is done has one outcome",
    ]


def test_a_report_with_everything(capsys: pytest.CaptureFixture[str]) -> None:
    counts = ItemCounts(
        items=9,
        live=5,
        backfill=4,
        synthetic=1,
        under_way=2,
        requeued=3,
        judged_again=1,
        refused_by_connectors=6,
    )
    print_report(report(counts=counts, violations=[LOST], since="2026-11-24T06:00:00Z"))
    shown = capsys.readouterr().out
    assert "9 items in news.raw since 2026-11-24T06:00:00Z (5 live, 4 backfill)" in shown
    for part in (
        "under way",
        "3 were requeued",
        "1 were judged again",
        "besides, 1 canaries",
        "6 that connectors",
    ):
        assert part in shown
    assert f"✗ 2 × no_outcome: {KINDS['no_outcome']}\n    {A.item_id}\n    x  why  news.raw.v1/0/7\n" in shown
    assert "✓" not in shown


@pytest.mark.parametrize(
    ("given", "arguments", "code"),
    [
        (report(), [], 0),
        (report(complete=False), [], 0),
        (report(complete=False), ["--wait", "0"], 1),
        (report(), ["--wait", "5"], 0),
        (report(violations=[LOST]), [], 1),
    ],
)
def test_the_exit_code_says_whether_all_is_in_order(
    given: AuditReport, arguments: list[str], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_module, "audit", lambda *_args, **_options: given)
    done = CliRunner().invoke(audit_module.app, [*arguments, "--json"])
    assert done.exit_code == code
    told = json.loads(done.stdout)
    assert told["violated"] == given.violated
    assert told["counts"]["items"] == 1200


def test_an_age_that_is_none_is_a_usage_error() -> None:
    done = CliRunner().invoke(audit_module.app, ["--since", "yesterday"])
    assert done.exit_code == 2


def test_the_way_of_an_item_in_lines() -> None:
    steps = steps_of(TIMES, [hop("news.raw.v1", 1, 4), hop("news.article.v1", 0, 7)])
    steps[2].gone.append("news.raw.v1/1/4")
    attempt = AttemptPath(
        attempt=2,
        outcome="duplicate",
        stage="dedupe",
        requeued_from="news.dead-letter.v1/0/3",
        steps=steps,
        sighting=COPY.sighting(verdict="duplicate", enrich=False, relations=[A.relation()], flags=["alias"]),
        claims=[A.claim()],
        entities=[A.entity()],
        revision_kind="first",
    )
    path = ItemPath(
        item_id=COPY.item_id,
        lane="backfill",
        source_id="files:ledger",
        native_id="copy",
        article_id=COPY.article_id,
        revision_id=COPY.revision_id,
        title="Strike\x1b[2J over",
        url=COPY.url,
        attempts=[attempt],
    )
    lines = list(path_lines(path))
    assert lines[0] == f"item {COPY.item_id}  Strike [2J over  {COPY.url}"
    assert "  lane        backfill" in lines
    assert "  attempt 2: duplicate by dedupe, requeued from news.dead-letter.v1/0/3" in lines
    assert "    raw         2026-11-24T06:00:00.250000Z     +250 ms  news.raw.v1/1/4 (not kept)" in lines
    assert "    verdict     duplicate, revision 1, first, alias" in lines
    assert "      identical to merrin.example, first seen 2026-11-24T06:00:00Z" in lines
    assert "    entities    Ana Quill ×1" in lines
    assert lines[-1] == "    claims      Ana Quill — said — The harbour strike is over (certain)"


def test_an_item_under_way_in_lines() -> None:
    path = ItemPath(item_id=A.item_id, attempts=[AttemptPath(attempt=1)])
    assert list(path_lines(path)) == [f"item {A.item_id}", "  under way"]


def test_a_dead_letter_in_lines() -> None:
    (record,) = laid([A.letter(A.raw_record(), (1, 17))])
    letter = letter_of(record)
    assert letter is not None
    lines = list(_letter_lines(letter, record, hex=False, most=100))
    assert "original   news.raw.v1/1/17" in lines
    assert "error      ValueError: it does not decode" in lines
    assert f"header     ce_id: {A.item_id}" in lines
    assert any(line.endswith("of which the first 100") for line in lines)
    assert not any("__connect.errors" in line for line in lines)


def test_bytes_as_json_as_text_and_in_hexadecimal() -> None:
    assert list(_pretty_lines(b'{"a":[1]}', b'{"a":[1]}'))[1] == '    "a": ['
    assert list(_pretty_lines(b"not json\x1b[2J\nno", b"not json\x1b[2J\nno")) == [
        "  not json\\x1b[2J",
        "  no",
    ]
    assert list(_pretty_lines(b"\xff\x00", b"\xff\x00")) == list(_hex_lines(b"\xff\x00"))
    first, second = _hex_lines(bytes(range(60, 78)))
    assert first == "  00000000  3c 3d 3e 3f 40 41 42 43 44 45 46 47 48 49 4a 4b  <=>?@ABCDEFGHIJK"
    assert second.startswith("  00000010  4c 4d ")
    assert second.endswith("  LM")


def test_requeue_must_be_told_what() -> None:
    done = CliRunner().invoke(dlq.app, ["requeue"])
    assert done.exit_code == 2
    assert "name dead letters" in done.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["audit"],
        ["audit", "--wait", "1", "--json"],
        ["tail", "claims"],
        ["trace", A.item_id],
        ["dlq", "list"],
        ["dlq", "show", A.item_id],
        ["dlq", "requeue", A.item_id],
    ],
)
def test_no_broker_is_an_error_that_is_explained_in_one_line(arguments: list[str]) -> None:
    nowhere = {"NEWSWIRE_KAFKA_BOOTSTRAP": "127.0.0.1:1", "NEWSWIRE_KAFKA_REQUEST_TIMEOUT_S": "0.5"}
    done = CliRunner().invoke(app, arguments, env=nowhere)
    assert isinstance(done.exception, Exception)
    message = explain(done.exception)
    assert message is not None
    assert message.startswith("no answer from Kafka")
    assert done.stdout == ""
