"""What the demo says of a run, from the contract's own example story."""

from __future__ import annotations

import io

import msgspec
import pytest
from rich.console import Console

from newswire.demo.claim_lines import claim_lines
from newswire.demo.harvest import DeadLetter, Harvest
from newswire.demo.render import render
from newswire.demo.summary import CopiesOf, CopyLine, Summary, summarise
from schemas.claim import Claim
from schemas.dead_letter import DeadLetterHeaders
from schemas.enriched import EnrichedArticle
from schemas.outcome import Outcome
from schemas.sighting import Sighting
from tests.support.require import ROOT

TITLE = "Port Merrin pilots end strike after night of talks"


def example(name, event_type):
    return msgspec.json.decode((ROOT / "schemas" / "examples" / f"{name}.json").read_bytes(), type=event_type)


def story() -> Harvest:
    outcomes = [
        example(f"outcome.{n}", Outcome) for n in ("enriched", "duplicate", "rejected", "dead_letter")
    ]
    died = DeadLetterHeaders(
        topic="news.raw.v1",
        partition=3,
        offset=18204,
        stage="normalize",
        exception_class="DecodeError",
        exception_message="no JSON at byte 0",
        reason="not_json",
        item_id=outcomes[-1].item_id,
        failed_at="2026-11-24T06:00:00Z",
    )
    return Harvest(
        outcomes={each.item_id: each for each in outcomes},
        sightings=[
            example(f"sighting.{name}", Sighting)
            for name in ("new", "duplicate", "near_duplicate", "correction")
        ],
        enriched=[example(f"enriched_article.{name}", EnrichedArticle) for name in ("first", "correction")],
        dead_letters=[DeadLetter(died, 0, 12)],
    )


@pytest.fixture(scope="module")
def summary() -> Summary:
    return summarise(story())


def test_outcomes_are_counted_with_their_reasons_in_the_contract_s_order(summary: Summary):
    assert summary.items == 4
    assert summary.outcomes == [
        ("enriched", 1, {}),
        ("duplicate", 1, {}),
        ("rejected", 1, {"unfetched:403": 1}),
        ("dead_letter", 1, {"not_json": 1}),
    ]
    # Of the two whose times are known: duplicate 0.133 s and enriched 0.409 s.
    assert summary.median_s == pytest.approx(0.271)
    assert summary.slowest_s == pytest.approx(0.409)


def test_copies_stand_under_what_they_duplicate_with_what_differs(summary: Summary):
    assert summary.copies == [
        CopiesOf(
            TITLE,
            "Northgate News Agency",
            [
                CopyLine(
                    title=TITLE,
                    publisher="The Merrin Courier",
                    kind="identical",
                    jaccard=1.0,
                    differs=[],
                    enriched=False,
                ),
                CopyLine(
                    title=TITLE,
                    publisher="Fjord Daily",
                    kind="near_copy",
                    jaccard=0.919708,
                    differs=["numbers 24, 41, 43", "names Harbour, MERRIN, Northgate …"],
                    enriched=True,
                ),
            ],
        )
    ]


def test_a_copy_of_what_was_there_before_names_it_by_its_id():
    harvest = story()
    harvest.sightings = harvest.sightings[1:2]
    owner = harvest.sightings[0].relations[0]
    assert [(each.title, each.publisher) for each in summarise(harvest).copies] == [
        (owner.article_id, "northgate.example")
    ]


def test_an_article_that_was_seen_twice_shows_what_each_sighting_was(summary: Summary):
    (article,) = summary.articles
    assert (article.title, article.publisher) == (TITLE, "Northgate News Agency")
    assert article.sightings == ["new", "revision 2, correction"]


def test_a_revision_tells_what_it_goes_back_to_and_that_it_is_late():
    harvest = story()
    correction = harvest.sightings[-1]
    harvest.sightings += [
        msgspec.structs.replace(correction, item_id="back", revision_number=3, reverts_to=1),
        msgspec.structs.replace(
            correction, item_id="late", revision_number=4, revision_kind="substantive", flags=["late"]
        ),
        msgspec.structs.replace(correction, item_id="again", verdict="unchanged"),
    ]
    assert summarise(harvest).articles[0].sightings[2:] == [
        "revision 3, back to 1",
        "revision 4, late",
        "unchanged",
    ]


def test_entities_are_grouped_across_articles_with_their_variants(summary: Summary):
    enriched = story().enriched
    assert summary.entity_count == sum(len(article.entities) for article in enriched)
    assert summary.entities == sorted(
        summary.entities, key=lambda line: (-line.articles, -line.mentions, line.name)
    )
    entity = enriched[0].entities[0]
    line = next(each for each in summary.entities if each.name == entity.name)
    assert line.type == entity.type
    assert line.articles == 1, "two revisions are one article"
    assert line.name not in line.variants


def test_what_was_set_aside_is_named_with_its_reason(summary: Summary):
    rejected, dead = summary.aside
    assert (rejected.what, rejected.outcome, rejected.reason, rejected.message) == (
        "https://fjord-daily.example/shipping/port-merrin/tides",
        "rejected",
        "unfetched:403",
        "",
    )
    assert (dead.outcome, dead.reason, dead.message) == ("dead_letter", "not_json", "no JSON at byte 0")


def test_claims_name_who_said_what_and_how():
    (direct,) = claim_lines([example("claim.direct", Claim)], 10)
    assert direct.who.startswith("Ilse Brandvold")
    assert direct.what == "“We have an agreement, and ships will move on Thursday,”"
    assert direct.how == ["said", "direct", "certain"]
    (denied,) = claim_lines([example("claim.denied", Claim)], 10)
    assert "denied" in denied.how[1:]
    (nested,) = claim_lines([example("claim.nested", Claim)], 10)
    assert " › " in nested.who


def test_each_sort_of_claim_comes_before_a_second_of_one_sort_and_named_sources_first():
    direct, denied = example("claim.direct", Claim), example("claim.denied", Claim)
    nameless = msgspec.structs.replace(direct, chain=[msgspec.structs.replace(direct.chain[0], sources=[])])
    shown = [(line.who, line.how) for line in claim_lines([nameless, direct, direct, denied], 2)]
    assert shown == [(line.who, line.how) for line in claim_lines([direct, denied], 2)]
    assert claim_lines([nameless], 1)[0].who == "nobody named"
    assert claim_lines([msgspec.structs.replace(direct, chain=[])], 1)[0].how[0] == "no cue"


@pytest.mark.parametrize("width", [80, 96, 100])
def test_it_fits_the_columns_and_no_line_ends_in_blanks(summary: Summary, width: int):
    out = io.StringIO()
    render(summary, Console(file=out, width=width, highlight=False))
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert lines == [line.rstrip() for line in lines]
    for heading in ("OUTCOMES", "COPIES", "SEEN AGAIN", "CLAIMS", "ENTITIES", "SET ASIDE"):
        assert any(line.startswith(heading) for line in lines), heading


def test_what_is_empty_is_left_out():
    out = io.StringIO()
    render(summarise(Harvest()), Console(file=out, width=80))
    assert out.getvalue() == ""


def test_what_strangers_wrote_does_not_steer_the_terminal():
    direct = example("claim.direct", Claim)
    source = msgspec.structs.replace(direct.chain[0].sources[0], name="Ada\x1b[2J Quill", role="\u202eboss")
    chain = [msgspec.structs.replace(direct.chain[0], sources=[source])]
    (line,) = claim_lines([msgspec.structs.replace(direct, chain=chain)], 1)
    assert line.who == "Ada [2J Quill, boss"
