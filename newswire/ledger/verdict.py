"""The audit's judgement, once everything is folded: what each item lacks or has too much of."""

from __future__ import annotations

from collections import Counter
from typing import Final

from newswire.ledger.items import (
    ASKED,
    BACKFILL,
    ENRICHED,
    IN_RAW,
    NAMES_RAW,
    OVERDUE,
    SYNTHETIC,
    Ending,
    Items,
)
from newswire.ledger.judgements import Judgements
from newswire.ledger.parts import Enrichments
from newswire.ledger.report import ItemCounts
from schemas.topics import ENRICHED as ENRICHED_TOPIC

__all__ = ["count_items", "judge_items"]

DEAD: Final = "dead_letter"


def judge_items(items: Items, judgements: Judgements, enrichments: Enrichments, now_s: float) -> None:
    """Report every item that breaks a rule.

    *now_s*, seconds since 1970, tells what compaction may have taken away: of a text that came back, only
    the newest enriched event of its revision is kept for ever.
    """
    compacted_before_s = now_s - ENRICHED_TOPIC.min_compaction_lag_ms / 1000
    for row in range(len(items)):
        flags = items.flags[row]
        if flags & NAMES_RAW and not flags & IN_RAW:
            items.findings.add("outcome_of_no_item", items.name(row))
        endings = items.endings_of(row)
        if len(endings) > max(1, len(judgements.of(row))):
            items.findings.add("two_outcomes", items.name(row), ", ".join(map(str, endings)))
        if items.settled(row):
            _judge_settled(row, items, judgements)
            if flags & ASKED and not flags & ENRICHED and not items.letters[row]:
                missing = [
                    revision
                    for revision, judged_s in judgements.asked_for(row)
                    if judged_s > compacted_before_s or not enrichments.has_revision(revision)
                ]
                if missing:
                    items.findings.add("not_enriched", items.name(row))


def _judge_settled(row: int, items: Items, judgements: Judgements) -> None:
    findings, ending = items.findings, items.ending(row)
    if items.letters[row] > items.attempts[row]:
        findings.add("dead_letter_without_outcome", items.name(row), f"attempt {items.letters[row]}")
    if ending is None:
        findings.add("no_outcome", items.name(row))
        return
    if ending.outcome == DEAD and items.letters[row] < items.attempts[row]:
        findings.add("no_dead_letter", items.name(row), str(ending))
    judged = judgements.of(row)
    if not judged and _must_be_judged(ending):
        findings.add("no_sighting", items.name(row), f"{ending} by {ending.stage}")
    if judged and ending.outcome != DEAD:
        allowed = {judgements.outcome(number) for number in judged}
        if ending.outcome not in allowed:
            findings.add(
                "outcome_not_verdict", items.name(row), f"{ending}, not {' or '.join(sorted(allowed))}"
            )


def _must_be_judged(ending: Ending) -> bool:
    return ending.stage == "enrich" or (ending.stage == "dedupe" and ending.outcome != DEAD)


def count_items(items: Items, judgements: Judgements) -> ItemCounts:
    """Count the items that came in by how they ended."""
    counts = ItemCounts(judged_again=judgements.judged_again)
    outcomes: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    late: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for row in range(len(items)):
        flags, ending = items.flags[row], items.ending(row)
        if not flags & IN_RAW:
            # Only what a connector gives up on ends without a raw record, or what outlived its own.
            counts.refused_by_connectors += ending is not None and ending.stage == "connect"
            continue
        if flags & SYNTHETIC:
            counts.synthetic += 1
            # Whatever loses a canary loses items.
            if ending is None and items.settled(row):
                lost[_lane(flags)] += 1
            continue
        counts.items += 1
        counts.live += not flags & BACKFILL
        counts.backfill += bool(flags & BACKFILL)
        counts.requeued += items.attempts[row] > 1
        if ending is not None:
            outcomes[ending.outcome] += 1
            if ending.reason:
                reasons[str(ending)] += 1
        elif items.settled(row):
            lost[_lane(flags)] += 1
        else:
            counts.under_way += 1
            if flags & OVERDUE:
                late[_lane(flags)] += 1
    counts.outcomes = dict(outcomes.most_common())
    counts.reasons = dict(reasons.most_common())
    counts.late, counts.lost = dict(late), dict(lost)
    return counts


def _lane(flags: int) -> str:
    return "backfill" if flags & BACKFILL else "live"
