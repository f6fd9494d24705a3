"""What follows a poll, as pure functions: the pages behind entries, and the visits after them."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import msgspec

from connectors.feeds.pages import after_failed
from connectors.feeds.polling import poll_request
from connectors.feeds.revisits import (
    Seen,
    Visit,
    after_look,
    after_visit,
    first_visit,
    never_changes,
    with_visit,
)
from connectors.feeds.state import FeedState
from connectors.web.message import Request, Response
from schemas.source import SourceDefinition

__all__ = [
    "NEVER",
    "Due",
    "Followed",
    "Visited",
    "after_page",
    "after_revisit",
    "next_due",
    "postponed",
    "request_of",
]

NEVER: Final = float("inf")


class Due(NamedTuple):
    """What is next with a source, and when."""

    at: float
    kind: Literal["poll", "page", "visit"]
    place: int = 0
    """Among its pages or visits."""


class Followed(NamedTuple):
    """What became of a first fetch of a page: had, to be tried again (neither), or given up."""

    state: FeedState
    had: bool
    over: bool


class Visited(NamedTuple):
    """What a visit found."""

    state: FeedState
    seen: Seen
    gone: int
    """404s and 410s in a row, this one included."""


def next_due(state: FeedState, now: float, *, enabled: bool = True, polled: bool = False) -> Due:
    """Return what is due first.  A source that ended still has pages; one that is not enabled has nothing.

    A poll that is due goes before pages, which may be hundreds, behind a gap each.  But where it was *polled* last, a
    page that is due goes first: of a host with many feeds, all polls may be due again before each had a second turn.
    """
    if not enabled:
        return Due(NEVER, "poll")
    poll = Due(NEVER if state.ended else state.next_poll_at, "poll")
    if poll.at <= now and not polled:
        return poll
    page = _next_page(state)
    return page if page.at < poll.at or page.at <= now else poll


def _next_page(state: FeedState) -> Due:
    due = Due(NEVER, "page")
    for place, page in enumerate(state.pages):
        if page.due < due.at:
            due = Due(page.due, "page", place)
    for place, visit in enumerate(state.visits):
        if visit.due < due.at:
            due = Due(visit.due, "visit", place)
    return due


def request_of(due: Due, state: FeedState, definition: SourceDefinition, now: float) -> Request:
    """Return the request that is due."""
    if due.kind == "poll":
        return poll_request(state, definition, now)
    allow = tuple(definition.allow_hosts)
    if due.kind == "page":
        return Request(url=state.pages[due.place].url, kind="page", allow_hosts=allow)
    visit = state.visits[due.place]
    return Request(
        url=visit.url,
        kind="page",
        etag=visit.etag,
        last_modified=visit.last_modified,
        allow_hosts=allow,
    )


def postponed(state: FeedState, due: Due, at: float) -> FeedState:
    """Return the state with what is due put off until *at*, since its host wants to be left alone."""
    replace = msgspec.structs.replace
    if due.kind == "poll":
        return replace(state, next_poll_at=at)
    if due.kind == "page":
        pages = list(state.pages)
        pages[due.place] = replace(pages[due.place], due=at)
        return replace(state, pages=tuple(pages))
    visits = list(state.visits)
    visits[due.place] = replace(visits[due.place], due=at)
    return replace(state, visits=tuple(visits))


def after_page(
    state: FeedState,
    definition: SourceDefinition,
    place: int,
    response: Response,
    words: bytes,
    *,
    now: float,
    last: bool = False,
) -> Followed:
    """Return what became of the page at *place*; *words* is its fingerprint, *last* forbids another try."""
    page = state.pages[place]
    others = state.pages[:place] + state.pages[place + 1 :]
    if not response.ok:
        again = after_failed(page, response, now, last=last)
        pages = others if again is None else (*others, again)
        return Followed(msgspec.structs.replace(state, pages=pages), had=False, over=again is None)
    visit = first_visit(
        native_id=page.native_id,
        url=page.url,
        lane=page.lane,
        title=page.entry.title,
        published=page.entry.published,
        response=response,
        words=words,
        schedule=definition.revisit_after_s,
        now=now,
    )
    visits = tuple(other for other in state.visits if other.native_id != page.native_id)
    if visit is not None:
        visits = with_visit(visits, visit)
    return Followed(msgspec.structs.replace(state, pages=others, visits=visits), had=True, over=False)


def after_revisit(
    state: FeedState,
    definition: SourceDefinition,
    place: int,
    response: Response,
    words: bytes,
    *,
    now: float,
) -> Visited:
    """Return what the visit at *place* found."""
    visit = state.visits[place]
    seen, following = after_visit(
        visit,
        response,
        words,
        schedule=definition.revisit_after_s,
        now=now,
        seldom=never_changes(state.learned),
    )
    others: tuple[Visit, ...] = state.visits[:place] + state.visits[place + 1 :]
    after = msgspec.structs.replace(
        state,
        visits=others if following is None else (*others, following),
        learned=after_look(state.learned, seen),
    )
    return Visited(after, seen, visit.gone + 1 if seen in {"missing", "withdrawn"} else 0)
