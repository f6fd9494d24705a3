"""Canary secrets at every door, and every log, dead letter, outcome and metric searched for them.

The doors: addresses of sources, links of feeds, headers and status lines of answers, passwords of the cluster,
wrong lines of lists and settings, records that others put into topics.  Failures are provoked, since that is
when most is said.
"""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from connectors.sharing.definitions import define, definition_record
from newswire.broker import DevBroker
from schemas import topics
from schemas.dead_letter import HEADER_PREFIX, read_headers
from schemas.outcome import Outcome
from schemas.source import SourceState
from schemas.wire import WireRecord
from streams.engine.records import Record
from tests.support.brokers import consume, environment_for, produce, settings_for
from tests.support.pipeline import items, raw_record
from tests.support.processes import Worker, Workers, environment, run_newswire
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1500)]

OWNER = "canary-owner-51d0"
"""How an operator is let in: in addresses of sources.  It may be where sources are defined and polled by."""
FEED = "canary-feed-9ab2"
"""In links of feeds.  It may be in items, whose address it belongs to."""
SITE = "canary-site-30cf"
"""What a site tells us in headers and status lines.  It may be nowhere."""
PASSWORD = "canary-kafka-77aa"
CANARIES = (OWNER, FEED, SITE, PASSWORD)
COOKIES = f"Set-Cookie: id={SITE}; Path=/\r\nAuthorization: Bearer {SITE}\r\nX-Auth-Token: {SITE}\r\n"

Answer = Callable[[int], bytes]
"""The whole answer to the n-th request for a path, from 0."""


def http(body: str = "", *, status: str = "200 OK", headers: str = COOKIES) -> bytes:
    return f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body.encode())}\r\n\r\n{body}".encode()


def rss(*entries: str) -> str:
    items = "".join(f"<item>{entry}</item>" for entry in entries)
    return f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>"


class Door:
    """A host of its own on loopback; it keeps the request lines that it was sent."""

    def __init__(self, number: int, answers: dict[str, Answer]) -> None:
        asked = self.asked = []  # type: list[str]
        counts: dict[str, int] = {}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                path = self.path.partition("?")[0]
                count = counts[path] = counts.get(path, -1) + 1
                answer = answers.get(path, lambda _: http(status="404 Not Found"))
                self.wfile.write(answer(count))
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        self.server = ThreadingHTTPServer((f"127.0.9.{number}", 0), Handler)
        self.server.daemon_threads = True
        self.host = f"127.0.9.{number}:{self.server.server_port}"
        self.url = f"http://{self.host}/feed?api_key={OWNER}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


TEXT = "The harbour authority of Port Ellery said on Tuesday that forty ships were waiting outside. " * 12
DOORS: list[dict[str, Answer]] = [
    # A feed whose links have tokens: a page that is had, one that is forbidden, one that is the feed itself.
    {
        "/feed": lambda n: http(
            rss(
                f"<title>had</title><link>/page?token={FEED}</link><description>A teaser.</description>",
                f"<title>not had</title><link>/no?access_token={FEED}</link>",
                f"<title>no page</title><guid isPermaLink='false'>c</guid><link>#c</link><description>{TEXT}</description>",
            )
        ),
        "/page": lambda n: http(
            f"<html><body><article><h1>had</h1><p>{TEXT}</p></article></body></html>",
            headers=COOKIES + "Content-Type: text/html\r\n",
        ),
        "/no": lambda n: http(status=f"403 Of /no?token={SITE}"),
    },
    # What no parser reads: a dead letter.
    {"/feed": lambda n: http("< no feed <")},
    {"/feed": lambda n: http('{"version": "https://jsonfeed.org/version/1.1", "items": [')},
    # Closed, and it repeats what it was asked.
    {"/feed": lambda n: http(f"<p>api_key={OWNER}</p>", status=f"403 Not for /feed?api_key={OWNER}")},
    # No HTTP: the error that aiohttp raises quotes the line.
    {"/feed": lambda n: f"HTTP/1.1 200 OK\r\nSet-Cookie: id={SITE}\0\r\nContent-Length: 0\r\n\r\n".encode()},
    {"/feed": lambda n: f"HTTP/1.1 2x0 /feed?api_key={OWNER}\r\n\r\n".encode()},
    {"/feed": lambda n: http(status="302 Found", headers=f"Location: http://jo:{SITE}@127.0.0.1/\r\n")},
    {"/feed": lambda n: http(status="302 Found", headers=f"Location: http://127.0.0.1:1/?token={SITE}\r\n")},
    # Gone for good, and entries that come and go unseen: what an operator is told, with the address.
    {"/feed": lambda n: http(status="410 Gone")},
    {"/feed": lambda n: http(rss(f"<title>number {n}</title><guid isPermaLink='false'>{n}</guid>"))},
]  # fmt: skip
GONE, MISSED = 8, 9
TITLES = {"had", "not had", "no page"}
"""Of the first door's entries."""


@pytest.fixture(scope="module")
def doors() -> Iterator[list[Door]]:
    made = [Door(number, answers) for number, answers in enumerate(DOORS, 1)]
    yield made
    for door in made:
        door.server.shutdown()
        door.server.server_close()


def table(url: str, *, host: str = "", often: bool = False) -> str:
    allowed = f'allow_hosts = ["{host}"]\n' if host else ""
    how = "min_interval_s = 1\nmax_interval_s = 2\n" if often else ""
    return f'[[source]]\nurl = "{url}"\n{how}{allowed}'


def list_of(doors: list[Door]) -> str:
    """A list of sources, with some that are none."""
    return "".join(
        [
            *(table(door.url, host=door.host, often=door is doors[MISSED]) for door in doors),
            table(f"http://nowhere.invalid/feed?api_key={OWNER}"),
            table(f"https://jo:{OWNER}@example.org/feed"),
            table(f"ftp://example.org/feed?api_key={OWNER}"),
            f'[[source]]\nurl = "http://127.0.9.9/?key={OWNER}"\nmin_interval_s = "{OWNER}"\n',
        ]
    )


def foreign(doors: list[Door]) -> list[WireRecord]:
    """What others may write: a source with a password, a definition and items that are none."""
    real = define("https://example.org/feed")
    password = msgspec.structs.replace(
        real, url=f"http://jo:{OWNER}@{doors[0].host}/feed", allow_hosts=[doors[0].host]
    )
    records = [definition_record(password)]
    value = json.dumps({"source_id": "x", "url": f"http://x.example/?key={OWNER}", "kind": OWNER})
    records.append(msgspec.structs.replace(records[0], key=b"x", value=value.encode()))
    return [msgspec.structs.replace(record, route_by=None) for record in records]


def hostile_items() -> list[WireRecord]:
    """Items that end as dead letters or rejections, and are called by addresses with tokens."""
    address = f"https://news.example/a?token={FEED}"
    (item,) = items([{"id": address, "url": address, "text": ""}])
    raw = raw_record(item)
    fields = json.loads(raw.value or b"")
    wrong = json.dumps(fields | {"native_id": address + "&wrong=1", "fetched_at": f"?token={FEED}"}).encode()
    return [
        raw,
        msgspec.structs.replace(raw, value=wrong),
        msgspec.structs.replace(raw, value=f"no item: {address}".encode()),
    ]


def spoken(record: Record) -> str:
    """All that a record holds, as text."""
    headers = b"\n".join(name.encode() + b": " + (value or b"") for name, value in record.headers)
    return b"\n".join([record.key or b"", record.value or b"", headers]).decode("utf-8", "replace")


def titles_in(text: str) -> set[str]:
    return {title for title in TITLES if f'"title":"{title}"' in text}


def found_in(text: str) -> set[str]:
    return {canary for canary in CANARIES if canary in text}


def metrics(worker: Worker) -> str:
    (started,) = worker.events("worker_starts")
    with urllib.request.urlopen(f"http://127.0.0.1:{started['metrics_port']}/metrics", timeout=60) as answer:
        return str(answer.read().decode())


def test_no_canary_gets_out(clean_kafka: DevBroker, workers: Workers, tmp_path: Path, doors: list[Door]):
    settings = settings_for(clean_kafka, data_dir=tmp_path / "run", log_level="debug", enrich_model="fake")
    secrets = {"NEWSWIRE_KAFKA_SASL_USERNAME": "jo", "NEWSWIRE_KAFKA_SASL_PASSWORD": PASSWORD}
    environ = environment(**environment_for(settings)) | secrets
    said: list[str] = []

    def newswire(*arguments: str, code: int, stdin: str = "", **more: str) -> str:
        done = run_newswire(*arguments, environ=environ | more, stdin=stdin, timeout_s=200)
        said.append(done.stdout + done.stderr)
        assert done.returncode == code, said[-1]
        return said[-1]

    # Settings that cannot work, while the others start.
    bad = tmp_path / "bad.toml"
    bad.write_text(f'kafka_sasl_password = "{PASSWORD}"\nkafka_bootstrap = \n')
    refused = workers.newswire(
        "connect",
        environ=environ
        | {"NEWSWIRE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "NEWSWIRE_KAFKA_REQUEST_TIMEOUT_S": "2"},
        name="refused",
    )
    normalize = workers.newswire("worker", "normalize", environ=environ, name="normalize")
    assert "not done" in newswire("sources", "import", "-", "--allow-private", code=1, stdin=list_of(doors))
    connect = workers.newswire("connect", environ=environ, name="connect")
    newswire("sources", "add", f"http://jo:{OWNER}@example.org/", f"--name={OWNER[:3]}", code=2)
    newswire("settings", code=0)
    newswire("settings", code=2, NEWSWIRE_CONFIG=str(bad))
    newswire("settings", code=2, NEWSWIRE_KAFKA_BOOTSTRAP=f"jo:{PASSWORD}@127.0.0.1:9092")
    assert refused.wait(200) == 2
    assert "set kafka_sasl_mechanism or kafka_security_protocol" in refused.said()
    sent = hostile_items()
    produce(clean_kafka, [*foreign(doors), *sent])

    # All that is to fail has failed, and all that is to be told is told.
    def outcomes() -> list[Outcome]:
        return [
            msgspec.json.decode(record.value or b"", type=Outcome)
            for record in consume(clean_kafka, topics.OUTCOMES.name)
        ]

    def states() -> dict[str, SourceState]:
        found = {}
        for record in consume(clean_kafka, topics.SOURCE_STATE.name):
            if record.value and b'"source_id"' in record.value:
                state = msgspec.json.decode(record.value, type=SourceState)
                found[state.source_id] = state
        return found

    def items_shown() -> str:
        lanes = [consume(clean_kafka, topics.RAW.of(lane)) for lane in ("live", "backfill")]
        return "".join(spoken(record) for records in lanes for record in records)

    connect.wait_for("a feed is gone for good", 200)
    connect.wait_for("entries may have been missed", 200)
    connect.wait_for("record_set_aside", 200)
    eventually(lambda: sum(o.stage == "connect" for o in outcomes()) >= 2, "feeds are dead letters", 200, 0.5)
    # All but the two that are read; and a name that is none, and an address with a password.
    failing = len(doors)
    eventually(
        lambda: sum(1 for state in states().values() if state.health.reason) >= failing,
        "sources have their reasons",
        200,
        0.5,
    )
    eventually(lambda: titles_in(items_shown()) == TITLES, "entries are items", 200, 0.5)
    native = "https://news.example/a?token=***"
    eventually(lambda: native in {o.native_id for o in outcomes()}, "foreign items have ended", 200, 0.5)
    # A record that is set aside is the record as it was, key and bytes: what it holds it holds.
    originals = {record.value for record in sent[1:]}
    eventually(
        lambda: originals <= {letter.value for letter in consume(clean_kafka, topics.DEAD_LETTER.name)},
        "what is no item is set aside",
        200,
        0.5,
    )
    eventually(lambda: metrics(normalize).count("newswire") > 1, "metrics are served", 200)
    served = metrics(connect) + metrics(normalize)
    newswire("sources", "list", code=0)
    newswire("dlq", "list", code=0)
    newswire("tail", "outcomes", "--from", "beginning", "--no-follow", code=0)
    assert connect.terminate() == 0
    assert normalize.terminate() == 0

    # They were there to be let out.
    assert all(f"api_key={OWNER}" in door.asked[-1] for door in doors[1:])
    assert any(FEED in path for path in doors[0].asked)
    assert OWNER in "".join(map(spoken, consume(clean_kafka, topics.SOURCES.name)))
    told = connect.events("a feed is gone for good and is polled no more")[0]
    assert told["url"] == f"http://{doors[GONE].host}/feed?api_key=***"

    for worker in workers.all:
        assert found_in(worker.said()) == set(), worker.output
    for text in said:
        assert found_in(text) == set(), text
    for path in (tmp_path / "run").rglob("*"):
        assert not path.is_file() or found_in(path.read_text("utf-8", "replace")) == set(), path
    assert "newswire_fetches_total" in served
    assert found_in(served) == set()
    for record in consume(clean_kafka, topics.OUTCOMES.name):
        assert found_in(spoken(record)) == set(), record
    reasons = [repr(state.health) for state in states().values()]
    assert found_in("".join(reasons)) == set(), reasons

    letters = consume(clean_kafka, topics.DEAD_LETTER.name)
    by_stage: dict[str, list[Record]] = {"connect": [], "normalize": []}
    for letter in letters:
        by_stage[read_headers(list(letter.headers)).stage].append(letter)
    assert len(by_stage["connect"]) >= 2
    for letter in by_stage["connect"]:
        assert found_in(spoken(letter)) == set(), letter
    # What we say of a record that is set aside is in the headers, and holds nothing.
    assert {letter.value for letter in by_stage["normalize"]} == originals
    for letter in by_stage["normalize"]:
        assert letter.key == sent[0].key
        ours = [value for name, value in letter.headers if name.startswith(HEADER_PREFIX)]
        assert len(ours) >= 10
        assert found_in(b"\n".join(ours).decode()) == set(), ours

    # Items have the addresses of their pages, with what belongs to these, and nothing of how we are let in.
    shown = items_shown()
    assert found_in(shown) == {FEED}
    assert titles_in(shown) == TITLES
    assert f'"url":"http://{doors[0].host}/feed?api_key=***#c"' in shown
