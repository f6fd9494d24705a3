"""Dead letters: what they say, and what became of their items since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal

import msgspec

from newswire.ledger.events import event_of
from newswire.ledger.groups import Groups, flows
from newswire.ledger.places import Place
from newswire.ledger.reader import TopicReader
from schemas.dead_letter import HEADER_PREFIX, DeadLetterHeaders, read_headers
from schemas.outcome import Outcome
from schemas.topics import DEAD_LETTER, OUTCOMES
from schemas.wire import read_progress
from streams.engine.endings import facts_of_bytes
from streams.engine.records import Record

__all__ = ["Letter", "State", "letter_of", "letters", "original_headers", "with_states"]

State = Literal["open", "requeued", "resolved", "failed_again", "refused"]
"""Open: nothing was done about it.  Requeued: on its way again.  Resolved: a later attempt ended otherwise.
Failed again: a later attempt is a dead letter, too, and that is the one to look at.  Refused: a connector
could not read it, so there is no record to send again."""
DEAD: Final = "dead_letter"


class Letter(msgspec.Struct, kw_only=True):
    """One dead letter without its bytes, of which there may be 13 MiB."""

    place: str
    original: str | None
    """Where the record lay that it repeats; null where there was none."""
    item_id: str
    attempt: int
    stage: str
    reason: str
    failed_at: str
    error: str
    message: str
    worker: str
    bytes: int
    state: State = "open"
    redelivered: int = 0
    """How many more times the same dead letter was written."""

    @property
    def at(self) -> Place:
        """Where it lies."""
        place = Place.parse(self.place)
        assert place is not None
        return place


def letter_of(record: Record) -> Letter | None:
    """Read a record of the dead-letter topic; null where its headers are not ours."""
    try:
        headers = read_headers(list(record.headers))
    except msgspec.ValidationError:
        return None
    there_was_one = headers.partition >= 0 and headers.offset >= 0
    return Letter(
        place=str(Place.of(record)),
        original=str(_place(headers)) if there_was_one else None,
        item_id=headers.item_id,
        attempt=headers.attempt,
        stage=headers.stage,
        reason=headers.reason,
        failed_at=headers.failed_at,
        error=headers.exception_class,
        message=headers.exception_message,
        worker=headers.task_id,
        bytes=record.size,
        state="open" if there_was_one else "refused",
    )


def original_headers(record: Record) -> list[tuple[str, bytes]]:
    """Return the headers that the record had before it became a dead letter."""
    return [(name, value) for name, value in record.headers if not name.startswith(HEADER_PREFIX)]


def letters(reader: TopicReader, *, reason: str | None = None, stage: str | None = None) -> list[Letter]:
    """Return the dead letters, the oldest first; what was written more than once is there once.

    Raises:
        MissingTopic: there is no dead-letter topic.
    """
    found: dict[tuple[str, int, str | None], Letter] = {}
    partitions = reader.partitions(DEAD_LETTER.name)
    for record in reader.read(reader.begins(partitions), reader.ends(partitions)):
        letter = letter_of(record)
        if (
            letter is None
            or (reason or letter.reason) != letter.reason
            or (stage or letter.stage) != letter.stage
        ):
            continue
        same = found.setdefault((letter.item_id, letter.attempt, letter.original), letter)
        if same is not letter:
            same.redelivered += 1
    return sorted(found.values(), key=lambda letter: letter.failed_at)


def with_states(reader: TopicReader, groups: Groups, wanted: Iterable[Letter]) -> list[Letter]:
    """Find out what became of the letters' items."""
    found = list(wanted)
    ended = _latest(reader, {letter.item_id for letter in found})
    under_way = set(_under_way(groups)) if any(each.state == "open" for each in found) else set()
    for letter in found:
        attempt, outcome = ended.get(letter.item_id, (0, ""))
        if attempt > letter.attempt:
            letter.state = "failed_again" if outcome == DEAD else "resolved"
        elif letter.state == "open" and (letter.item_id, letter.attempt + 1) in under_way:
            letter.state = "requeued"
    return found


def _latest(reader: TopicReader, item_ids: set[str]) -> dict[str, tuple[int, str]]:
    """Return the latest attempt at each item and how it ended."""
    keys = {id.encode("utf-8", "replace") for id in item_ids}
    partitions = sorted({reader.of_key(OUTCOMES.name, id) for id in item_ids})
    latest: dict[str, tuple[int, str]] = {}
    for record in reader.read(reader.begins(partitions), reader.ends(partitions)) if partitions else ():
        event = event_of(record) if record.key in keys else None
        if isinstance(event, Outcome) and event.attempt >= latest.get(event.item_id, (0, ""))[0]:
            latest[event.item_id] = event.attempt, event.outcome
    return latest


def _under_way(groups: Groups) -> Iterator[tuple[str, int]]:
    """Yield item and attempt of every requeued record that no stage has got to."""
    for flow in flows():
        for record in groups.ahead(flow):
            progress = read_progress(record.headers)
            if progress.requeued_from is not None:
                yield facts_of_bytes(record.value).item_id, progress.attempt


def _place(headers: DeadLetterHeaders) -> Place:
    return Place(headers.topic, headers.partition, headers.offset)
