"""The whole pipeline on a secured cluster, each process as a user who has exactly the rights of the table.

Then rights are taken away from processes that run: each ends with one line that says which.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pty
import shlex
import subprocess
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from connectors.sharing.definitions import define, definition_record
from newswire.access.commands import grant
from newswire.access.rights import PROCESSES, Process, Right, process_named, rights_of
from newswire.canary.article import CLAIM
from newswire.cli import main
from newswire.cli.acls import user_of
from newswire.cli.lazy import COMMANDS
from newswire.topics import ensure_topics
from schemas import topics
from schemas.wire import WireRecord
from tests.support.brokers import has_members, produce, settings_for, sizes
from tests.support.forks import NEWSWIRE
from tests.support.pipeline import items, raw_record
from tests.support.processes import Worker, Workers, environment, workers_in
from tests.support.require import require_kafka
from tests.support.secured import Secured, secured_broker
from tests.support.waiting import eventually
from tests.support.web_pages import PagesInMemory

pytestmark = [pytest.mark.slow, pytest.mark.kafka, pytest.mark.timeout(1800)]

READY = '"assigned"'
FIRE = (
    "The harbour authority of Port Ellery counted 40 ships outside the port after a fire had destroyed the "
    "northern pier on Tuesday. “Nobody has been hurt”, said Mayor Ines Okafor."
)
LETTERS = (
    "A museum in Vellmar has bought the letters of the painter Ida Stroem. “They were in the attic of a farm”, "
    "said its director Karl Weiss, who had looked for them since 1924."
)
MILL = (
    "The paper mill at Ostrava closes in May after 140 years. “We have no orders”, said its owner Jana Novak."
)
LATER = "A second museum, in Tarn, has shown interest in the painter. “We are too late”, said its director."
ROUNDS = 2
SHARING = ("normalize", "dedupe", "enrich", "connect", "canary")
"""Each right of these is taken away once: in one of the rounds, from a process that has a user of its own."""
LOOKING = (
    (0, "tail", "tail claims --from beginning --canaries", Right("Read", "topic", topics.CLAIMS.name), CLAIM),
    (0, "top", "top --json", Right("Describe", "group", "newswire-enrich"), '"running"'),
    (1, "audit", "audit --watch", Right("Read", "topic", topics.ENRICHED.name), '"audited"'),
    (1, "top", "top --json", Right("Read", "topic", topics.SOURCES.name), '"running"'),
    (1, "ingest", "ingest - --lane backfill", Right("Write", "topic", topics.RAW.of("backfill")), ""),
)
"""Commands that run until they are ended, in which round, what is taken from them, and what they say before."""
UP = ("up", "normalize", "dedupe", "enrich")
"""What ``newswire up`` does itself and by the processes that it starts."""


class Everybody:
    """Users, and how processes are run as them."""

    def __init__(self, secured: Secured, workers: Workers, directory: Path) -> None:
        self.secured, self._workers, self._directory = secured, workers, directory

    def add(self, user: str, rights: Sequence[Right]) -> None:
        """Make a user with these rights."""
        self.secured.add(user)
        self.secured.grant(user, rights)

    def environment(self, user: str, **more: object) -> dict[str, str]:
        given = {"data_dir": str(self._directory / user), "enrich_model": "fake", "canary_interval_s": 1.0}
        return environment(**self.secured.environment(user, **{**given, **more}))

    def start(self, user: str, *words: str, **more: object) -> Worker:
        """Run ``newswire`` with these words until it is ended."""
        return self._workers.newswire(*words, environ=self.environment(user, **more), name=user)

    def backfill(self) -> Worker:
        """Run the other lane as a whole, as one user."""
        return self.start("up-all", "up", "--lane", "backfill", "--no-connect")

    def feed(self, user: str, *words: str) -> Worker:
        """The same, with a standard input on which an item comes again and again."""
        line = json.dumps({"text": MILL})
        endless = f"while echo {shlex.quote(line)}; do sleep 0.2; done | {shlex.join([*NEWSWIRE, *words])}"
        return self._workers.start(["sh", "-c", endless], self.environment(user), user)


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everybody]:
    require_kafka()
    for name in COMMANDS:  # so that none configures logs: see conftest
        importlib.import_module(f"newswire.cli.{name}")
    directory = tmp_path_factory.mktemp("secured")
    with secured_broker(directory) as secured, workers_in(directory) as workers:
        everybody = Everybody(secured, workers, directory)
        for process in PROCESSES:
            everybody.add(user_of(process, "live"), rights_of(process))
        rights = [right for name in UP for right in rights_of(process_named(name), "backfill")]
        everybody.add("up-all", list(dict.fromkeys(rights)))
        yield everybody


@pytest.fixture
def pages() -> Iterator[PagesInMemory]:
    pages = PagesInMemory()
    yield pages
    pages.close()


Run = Callable[..., str]


@pytest.fixture
def run(everybody: Everybody, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a process that ends by itself, here, as its user, who has its rights; return what it prints."""

    def run(name: str, *arguments: str, **more: str) -> str:
        process = process_named(name)
        with monkeypatch.context() as patch:
            # Who asks for its rights now and then would go on in this process, and end it where it lacks one.
            environ = everybody.environment(user_of(process, "live"), kafka_rights_interval_s=0.0) | more
            for variable, value in environ.items():
                patch.setenv(variable, value)
            # Of these two the table names one of the commands that are alike.
            words = process.command.split()[: 1 if name in {"dlq", "sources-edit"} else None]
            patch.setattr("sys.argv", ["newswire", *words, *arguments])
            with pytest.raises(SystemExit) as ended:
                main()
        said = capsys.readouterr()
        assert not ended.value.code, said.out + said.err
        return said.out

    return run


def line_of(user: str, right: Right, secured: Secured) -> str:
    """Return how the line begins that tells of a missing right."""
    return f"Kafka at {secured.settings(user).kafka_bootstrap} does not allow {user} {right}, and newswire "


def feed_of(pages: PagesInMemory, *entries: dict[str, str]) -> str:
    """Serve a feed, and return its address."""
    linked = [{"url": f"http://{pages.host}/{each['id']}", **each} for each in entries]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": linked}
    return pages.put("application/feed+json", json.dumps(feed).encode())


def values(printed: str) -> list[dict[str, object]]:
    return [json.loads(line)["value"] for line in printed.splitlines()]


def test_with_exactly_these_rights_everything_works(
    everybody: Everybody, run: Run, pages: PagesInMemory, tmp_path: Path
):
    assert run("topics-create").startswith("15 created")
    kept = {"NEWSWIRE_RETENTION_DAYS": json.dumps({topics.CLAIMS.name: 7})}
    assert json.loads(run("topics-alter", "--json", **kept))["altered"] == [topics.CLAIMS.name]
    assert run("topics", **kept).startswith("0 differences")

    # A feed to read, and all that works on the live lane, each as its own user.
    # Older ones, or ones of no date, are history, and go to the other lane.
    dated = {"date_published": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    url = feed_of(pages, {"id": "letters", "title": "Letters", "content_text": LETTERS, **dated})
    run("sources-edit", "add", url, "--allow-host", pages.host, "--follow", "never")
    first = everybody.start("newswire-dedupe", "worker", "dedupe")
    first.wait_for(READY, 200)
    standby = everybody.start("newswire-dedupe", "worker", "dedupe")
    stages = [everybody.start(f"newswire-{stage}", "worker", stage) for stage in ("normalize", "enrich")]
    others = [everybody.start(f"newswire-{name}", name) for name in ("connect", "canary")]
    watch = everybody.start("newswire-audit", "audit", "--watch", audit_interval_s=1)
    tail = everybody.start("newswire-tail", "tail", "claims", "--from", "beginning", "--canaries")
    top = everybody.start("newswire-top", "top", "--json")
    up = everybody.backfill()
    for worker in (standby, *stages, *others):
        worker.wait_for(READY, 300)
    up.wait_for("Ctrl-C stops all", 300)

    lines = tmp_path / "items.jsonl"
    lines.write_text(json.dumps({"text": FIRE, "title": "Fire"}) + "\nnot JSON\n", "utf-8")
    run("ingest", str(lines))
    lines.write_text(json.dumps({"text": MILL, "title": "Mill"}) + "\n", "utf-8")
    run("ingest", "--lane", "backfill", str(lines))
    # A stage's own dead letter, which can be requeued.
    produce(
        everybody.secured.broker,
        [WireRecord(topic=topics.RAW.name, key=b"k", value=b"{}", headers=[], partition=0)],
    )

    def of(topic: str) -> list[dict[str, object]]:
        return values(run("tail", topic, "--from", "beginning", "--no-follow", "--canaries", "--json"))

    def titles(topic: str) -> set[object]:
        return {each["title"] for each in of(topic)}

    eventually(lambda: titles("claims") >= {"Fire", "Letters", "Mill", "The canary"}, "all claims", 300, 1)
    assert {each["title"]: each["lane"] for each in of("enriched")} == {
        "Fire": "live",
        "Letters": "live",
        "Mill": "backfill",
        "The canary": "live",
    }
    eventually(lambda: json.loads(run("sources", "--json"))["health"]["status"] == "ok", "it is read", 200, 1)
    for seen in (CLAIM, "Nobody has been hurt"):
        tail.wait_for(seen)

    # The standby takes over, with what it reads of the sightings.
    assert first.terminate(120) == 0, first.tail()
    standby.wait_for('"state_rebuilt"', 200)
    lines.write_text(json.dumps({"text": LATER, "title": "Later"}) + "\n", "utf-8")
    run("ingest", str(lines))
    eventually(lambda: "Later" in titles("claims"), "the second dedupe judges", 200, 1)

    # Those who look, and who mend.
    letters = [json.loads(line) for line in run("dlq", "list", "--json").splitlines()]
    (own,) = [letter for letter in letters if letter["state"] == "open"]
    assert sorted(letter["state"] for letter in letters) == ["open", "refused"]
    assert "wrong_schema" in run("dlq", "show", own["place"])
    assert own["place"] in run("dlq-requeue", own["place"])
    eventually(lambda: "failed_again" in run("dlq", "list"), "it came back", 120, 1)
    (fire,) = [each for each in of("sightings") if each["title"] == "Fire"]
    assert "enriched by enrich" in run("trace", str(fire["item_id"]))
    assert "Nobody has been hurt" in run("explain", str(fire["item_id"]))
    for topic in topics.TOPICS:
        run("tail", topic.name, "--from", "-3", "--no-follow")
    seen = json.loads(run("top", "--once", "--json"))
    assert {each["stage"] for each in seen["stages"] if each["workers"]} >= {"normalize", "dedupe", "enrich"}
    assert "has all" in run("doctor", **kept)
    report = json.loads(run("audit", "--wait", "120", "--json"))
    assert not report["violations"]
    assert report["counts"]["items"] == 5, report["counts"]
    audited = len(watch.events("audited"))
    eventually(lambda: len(watch.events("audited")) > audited + 1, "it is audited again", 120)
    assert not watch.events("audited")[-1]["violated"]
    # On a busy machine an audit may fail for want of time, and that is not one of a right.
    assert not [each for each in watch.events("audit_failed") if "Authorization" in each["error"]]
    whole = top.said().rpartition("\n")[0]  # it may be writing the next line
    assert json.loads(whole.splitlines()[-1])["running"]

    # What one of its processes misses is said by who has started it, and it goes on once that is granted.
    lost = Right("Write", "topic", topics.UNIQUE.of("backfill"))
    everybody.secured.take("up-all", lost)
    up.wait_for(f"dedupe: {line_of('up-all', lost, everybody.secured)}", 120)
    everybody.secured.grant("up-all", [lost])
    up.wait_for("dedupe works again", 200)

    staying = [standby, *stages, *others, watch, up]
    assert all(worker.running for worker in [*staying, tail, top])
    for worker in [tail, top]:
        worker.end()
    for together in (others, [standby, *stages, watch, up]):
        for worker in together:
            worker.child.terminate()
        for worker in together:
            assert worker.wait(200) == 0, worker.tail()
            assert "newswire: " not in worker.said(), "nobody misses a right"
        run("audit", "--wait", "120")  # what the first wrote last is read before the others end
    # One that its deadline has ended is a member until its session is over.
    eventually(lambda: not has_members(everybody.secured.broker), "nobody is in a group", pause_s=0.5)
    grown = {"NEWSWIRE_TOPIC_PARTITIONS": json.dumps({topics.RAW.name: 4})}
    assert f"{topics.RAW.name}: 3 partitions, now 4" in run("topics-grow", **grown)


class Loss(NamedTuple):
    """A process that runs, and a right that its user is to lose."""

    worker: Worker
    user: str
    process: Process
    right: Right


def begin_all(everybody: Everybody, number: int) -> Iterator[Loss]:
    """Start the processes of a round, each as a user of its own."""

    def begin(name: str, words: str, right: Right, ready: str) -> tuple[Loss, str]:
        process = process_named(name)
        user = f"loses-{number}-{len(begun)}-{name}"
        everybody.add(user, rights_of(process))
        start = everybody.feed if name == "ingest" else everybody.start
        return Loss(start(user, *words.split()), user, process, right), ready

    begun: list[tuple[Loss, str]] = []
    for name in SHARING:
        process = process_named(name)
        for right in rights_of(process)[number::ROUNDS]:
            begun.append(begin(name, process.command, right, READY))
    for each, name, words, right, ready in LOOKING:
        if each == number:
            begun.append(begin(name, words, right, ready))
    for loss, ready in begun:
        loss.worker.wait_for(ready, 400)
        if loss.process.name == "ingest":  # it says nothing before its end
            wait_for_more(everybody.secured, loss.right.name)
        yield loss


def wait_for_more(secured: Secured, topic: str) -> None:
    before = sizes(secured.broker, topic)
    eventually(lambda: sizes(secured.broker, topic) != before, f"more comes to {topic}", 200, 0.5)


def articles(count: int, of: str) -> list[WireRecord]:
    lines = [{"text": f"{FIRE} It was fire {n} of {of}.", "native_id": f"{of}-{n}"} for n in range(count)]
    return [raw_record(item) for item in items(lines)]


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_right_taken_from_a_process_that_runs_is_told_in_one_line(
    everybody: Everybody, pages: PagesInMemory, number: int
):
    secured = everybody.secured
    settings = settings_for(secured.broker)
    ensure_topics(settings)
    losses = list(begin_all(everybody, number))
    produce(secured.broker, articles(100, f"before {number}"))
    for loss in losses:
        secured.take(loss.user, loss.right)
    # Now the one asks first, and another is refused first.
    produce(secured.broker, articles(100, f"after {number}"))
    new = define(
        feed_of(pages, {"id": "mill", "content_text": MILL}), allow_hosts=[pages.host], follow="never"
    )
    produce(secured.broker, [definition_record(new)])
    for loss in losses:
        code, said = loss.worker.wait(200), loss.worker.said()
        told = [line for line in said.splitlines() if line.startswith("newswire: ")]
        if loss.process.name == "ingest":
            told = [line for line in told if not line.endswith("not confirmed; ingest again")]
        assert (code, len(told)) == (2, 1), f"{loss}: {code}\n{loss.worker.tail()}"
        assert told[0].startswith(f"newswire: {line_of(loss.user, loss.right, secured)}"), told
        assert grant(loss.right, secured.settings(loss.user)) in told[0]
        assert f"newswire topics acls {loss.process.name}" in told[0]
        assert "Traceback" not in said, said
        assert not [each for each in ("opens-sesame", "\x1b") if each in said], said


def test_a_terminal_is_left_as_it_was(everybody: Everybody):
    user, right = "at-a-terminal", Right("Read", "topic", topics.SOURCES.name)
    ensure_topics(settings_for(everybody.secured.broker))
    everybody.add(user, rights_of(process_named("top")))
    environ = everybody.environment(user, kafka_rights_interval_s=1.0) | {"TERM": "xterm"}
    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    shown = bytearray()

    def shows(what: bytes) -> bool:
        with contextlib.suppress(OSError):  # nothing new, or nobody there any more
            while more := os.read(ours, 65536):
                shown.extend(more)
        return what in shown

    top = subprocess.Popen(
        [*NEWSWIRE, "top"], env=environ, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    try:
        os.close(theirs)
        eventually(lambda: shows(b"OUTCOMES"), "it looks", 120)
        everybody.secured.take(user, right)
        line = line_of(user, right, everybody.secured).encode()
        eventually(lambda: shows(line), "it says what it lacks", 120)
        assert top.wait(120) == 2
    finally:
        top.kill()
        top.wait()
        os.close(ours)
    hidden, shown_again = shown.rindex(b"\x1b[?25l"), shown.rindex(b"\x1b[?25h")
    assert hidden < shown_again < shown.index(line)


def test_nothing_is_lost_by_all_this(everybody: Everybody, run: Run):
    """What was refused comes again once the rights are there, whoever else has it then."""
    broker = everybody.secured.broker
    ensure_topics(settings_for(broker))
    produce(broker, articles(10, "the end"))
    begun = [
        everybody.start(f"newswire-{stage}", "worker", stage) for stage in ("normalize", "dedupe", "enrich")
    ]
    begun.append(everybody.backfill())
    report = json.loads(run("audit", "--wait", "400", "--json"))
    assert report["complete"]
    assert not report["violations"], report["violations"]
    assert report["counts"]["outcomes"]["enriched"] >= 10
    for worker in begun:
        worker.child.terminate()
    for worker in begun:
        assert worker.wait(200) == 0, worker.tail()
