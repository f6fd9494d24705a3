"""What an audit reports."""

from __future__ import annotations

import msgspec

from newswire.ledger.findings import Violation
from newswire.ledger.items import Seen

__all__ = ["AuditReport", "ItemCounts"]


class ItemCounts(msgspec.Struct):
    """How many different items came in, and how they ended; canaries are counted apart."""

    items: int = 0
    live: int = 0
    backfill: int = 0
    synthetic: int = 0
    """Canaries that came in: in no other of these counts, but that of lost ones."""
    under_way: int = 0
    """Without an outcome, and before a stage that has not got to them yet."""
    late: dict[str, int] = {}
    """Of those under way, by lane, what came longer ago than the grace time, where one was given."""
    lost: dict[str, int] = {}
    """Without an outcome, by lane, though every stage is done with them: these are violations."""
    requeued: int = 0
    """Whose latest attempt is not the first."""
    judged_again: int = 0
    """Judged more than once, since another extractor read them later."""
    refused_by_connectors: int = 0
    """Dead letters of connectors: these never were in news.raw."""
    outcomes: dict[str, int] = {}
    reasons: dict[str, int] = {}


class AuditReport(msgspec.Struct, kw_only=True):
    """One audit: counts, redeliveries and violations."""

    bootstrap: str
    since: str | None
    """Only items that came after this moment (RFC 3339, UTC) were looked at."""
    seconds: float
    complete: bool
    """Whether every item that was in news.raw when the audit began was done with in the time it waited."""
    counts: ItemCounts
    records: dict[str, Seen]
    """By topic, both lanes together: records read, and how many of them were redeliveries."""
    violations: list[Violation]

    @property
    def violated(self) -> int:
        """How many violations there are."""
        return sum(each.count for each in self.violations)
