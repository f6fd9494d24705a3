"""The example consumers, each built and run as its README says, beside what the contract makes of the events."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from newswire.broker import DevBroker
from schemas import topics
from schemas.base import Span
from schemas.claim import Claim
from schemas.enriched import EnrichedArticle
from schemas.wire import WireRecord
from tests.support.brokers import produce
from tests.support.ledger import SAID, SPEAKER, Case, span, with_value
from tests.support.processes import Worker, Workers, environment
from tests.support.require import ROOT, require, require_version
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(1200)]

CONSUMERS = ROOT / "examples" / "consumers"
BOOTSTRAP = "127.0.0.1:9092"
STOPPED = {0, 128 + 15}
"""Exit codes of a program that ended on SIGTERM by itself; Java's is the second."""

Line = dict[str, Any]


def toolchain(language: str) -> None:
    """Skip the test where what builds the example is absent."""
    if language == "java":
        require("mvn")
        require("javac")
    elif language == "javascript":
        require("npm")
        require_version("node", "--version", (20, 19))
    elif language == "go":
        require_version("go", "version", (1, 19))


def commands(language: str) -> list[str]:
    """Return what the README says: the commands that build the program, and last the one that runs it."""
    return re.findall(r"^\$ (.+)$", (CONSUMERS / language / "README.md").read_text("utf-8"), re.MULTILINE)


def build(language: str, directory: Path, bootstrap: str) -> list[str]:
    """Build the program from the files that are kept, in a folder of its own, and return what runs it."""
    for part in (f"examples/consumers/{language}", "schemas/v1"):
        kept = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", part],
            cwd=ROOT, check=True, capture_output=True, text=True,
        ).stdout.split()  # fmt: skip
        for name in kept:
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, directory / name)
    home = directory / "examples" / "consumers" / language
    *before, last = commands(language)
    for command in before:
        done = subprocess.run(["bash", "-c", command], cwd=home, check=False, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    assert BOOTSTRAP in last
    return ["bash", "-c", f"cd {home} && exec {last.replace(BOOTSTRAP, bootstrap)}"]


def example(name: str) -> EnrichedArticle:
    path = ROOT / "schemas" / "examples" / f"enriched_article.{name}.json"
    return msgspec.json.decode(path.read_bytes(), type=EnrichedArticle)


def records(made: EnrichedArticle, *, only: str | None = None) -> list[WireRecord]:
    """Return the events of an enrichment, as the stage writes them."""
    every = Case("any").enriched_records(made)
    return [each for each in every if each.topic != topics.ENTITIES.name and only in {None, each.topic}]


def shows(claim: Claim, *, holds: bool = True, verified: bool = True, pub_status: str = "usable") -> Line:
    """Return what is printed of a claim when it holds, or holds no more."""
    return {
        "claim_id": claim.claim_id,
        "holds": holds,
        "pub_status": pub_status,
        "who": [source.name for source in claim.chain[-1].sources],
        "polarity": claim.polarity,
        "what": [each.exact for each in claim.content],
        "verified": holds and verified,
    }


def gone(claims: list[Claim], pub_status: str = "usable") -> list[Line]:
    return [shows(each, holds=False, pub_status=pub_status) for each in claims]


def beside(claim: Claim, claim_id: str, *content: Span) -> Claim:
    """Return another claim of the same article."""
    return replace(claim, claim_id=claim_id, content=list(content))


Phase = tuple[str, list[WireRecord], list[Line]]


def story() -> list[Phase]:
    """Return what happens, step by step: records, and the lines that they must lead to, in any order."""
    first, correction, withdrawn = example("first"), example("correction"), example("withdrawn")
    assert any(ord(letter) > 0xFFFF for letter in first.text[: first.claims[-1].content[0].start])
    assert not {each.claim_id for each in first.claims} & {each.claim_id for each in correction.claims}

    stray = beside(first.claims[0], "00000000-0000-5000-8000-000000000001", first.claims[0].content[0])
    canary = Case("canary")
    canary_claim = replace(canary.claim(), synthetic=True)
    phases: list[Phase] = [
        (
            "an article, its events twice, a claim that it does not list, a canary, a tombstone",
            [
                *records(first),
                *records(first),
                *records(replace(first, claims=[stray]), only=topics.CLAIMS.name),
                *records(replace(canary.enriched(), synthetic=True, claims=[canary_claim])),
                WireRecord(topic=topics.ENRICHED.name, key=b"a revision", value=None),
            ],
            [shows(each) for each in first.claims],
        )
    ]

    harbour = Case("beyond", text=f"🚢🚢 {SAID}, {SPEAKER} said. 🚢")
    content = span(SAID, harbour.text)
    right = harbour.claim()
    titled = beside(
        right,
        "00000000-0000-5000-8000-000000000002",
        span("Strike over", harbour.title, "title"), content,
    )  # fmt: skip
    # As a reader would have it that counts UTF-16 units.
    units = Span(field="text", start=content.start + 2, end=content.end + 2, exact=content.exact)
    wrong = beside(right, "00000000-0000-5000-8000-000000000003", units)
    outside = Span(field="text", start=len(harbour.text) - 3, end=len(harbour.text) + 3, exact="said.🚢")
    beyond = beside(right, "00000000-0000-5000-8000-000000000004", outside)
    claims = [right, titled, wrong, beyond]
    whole = harbour.enriched(claims=claims, claim_ids=[each.claim_id for each in claims])
    to_come = {"force": "a_new_kind", "of_a_later_writer": {"is": ["passed over"]}}
    phases.append(
        (
            "spans behind characters of two UTF-16 units, right and wrong, and fields of a later writer",
            [with_value(each, **to_come) for each in records(whole)],
            [
                shows(right),
                shows(titled),
                shows(wrong, verified=False),
                shows(beyond, verified=False),
            ],
        )
    )

    again = replace(first, attempt=2)
    late = replace(first, revision_number=3, is_late=True, attempt=3)
    phases.append(
        (
            "a correction, then the first revision again, as a repetition, as an event of its own, and late",
            [*records(correction), *records(first), *records(again), *records(late)],
            [*gone(first.claims), *[shows(each) for each in correction.claims]],
        )
    )

    kept = correction.claims[:-1]
    fewer = replace(correction, attempt=2, claims=kept, claim_ids=[each.claim_id for each in kept])
    phases.append(
        (
            "another enrichment finds fewer, and the one before is repeated",
            [*records(fewer), *records(correction)],
            gone(correction.claims[-1:]),
        )
    )
    phases.append(
        (
            "a withdrawal, and what was before is repeated",
            [*records(withdrawn), *records(fewer)],
            gone(kept, "canceled"),
        )
    )
    withheld = replace(whole, attempt=2, pub_status="withheld", claims=[])
    phases.append(("an article is withheld", records(withheld), gone(claims, "withheld")))
    return phases


@pytest.mark.parametrize(
    "program",
    ["python/consumer.py", "java/src/main/java/Consumer.java", "javascript/consumer.ts", "go/main.go"],
)
def test_an_example_consumer_is_small(program: str) -> None:
    source = re.sub(
        r"^import \(.*?^\)", "", (CONSUMERS / program).read_text("utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    beside = re.compile(r"\s*$|\s*(//|#|/\*|import |from )")
    code = [line for line in source.splitlines() if not beside.match(line)]
    assert 40 < len(code) < 80


def test_the_committed_types_have_the_fields_of_the_schema() -> None:
    schema = json.loads((ROOT / "schemas" / "v1" / "enriched_article.reader.schema.json").read_text("utf-8"))
    parts = [schema, *schema["$defs"].values()]
    fields = [name for part in parts for name in part["properties"]]
    types = (CONSUMERS / "go" / "events.go").read_text("utf-8")
    assert sorted(re.findall(r'`json:"(\w+)', types)) == sorted(fields), (
        "make them anew: go/README.md says how"
    )


@pytest.mark.parametrize("language", ["python", "java", "javascript", "go"])
def test_an_example_consumer_follows_the_contract(
    language: str, clean_kafka: DevBroker, tmp_path: Path, workers: Workers
) -> None:
    toolchain(language)
    program = workers.start(build(language, tmp_path, clean_kafka.bootstrap), environment(), language)
    expected: list[Line] = []
    for what, written, lines in story():
        produce(clean_kafka, written)
        expected += lines
        wait_for_lines(program, len(expected), what)
        assert in_order(program.said()) == in_order("\n".join(map(json.dumps, expected))), what
    assert program.terminate() in STOPPED, program.said()
    assert program.said().count("\n") == len(expected), "it printed more"


def wait_for_lines(program: Worker, count: int, what: str) -> None:
    def printed() -> bool:
        assert program.running, f"{what}: it ended\n{program.said()}"
        return program.said().count("\n") >= count

    try:
        eventually(printed, f"{count} lines after {what}", 120)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{program.said()}") from error


def in_order(said: str) -> list[Line]:
    """Return the lines in an order that does not depend on when each came."""
    return sorted(map(json.loads, said.splitlines()), key=lambda line: sorted(map(str, line.values())))
