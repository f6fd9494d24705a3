"""Make an item readable and comparable: a pure function of the item, without a clock, state or network.

The same item gives the same article, byte for byte.  Bad input never raises: it ends as a `Rejection` with
one of few reasons (``empty``, ``unfetched:<result>``, ``undecodable``, ``unsupported_media_type``,
``bot_check``, ``consent_wall``, ``not_article:listing``) or as an article with what is wrong in ``quality``.
What raises is a bug, and the engine's to set aside.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

import msgspec

from schemas import ids
from schemas.article import Article, Fingerprints
from schemas.base import Dated, Publisher
from schemas.limits import DESCRIPTION_CHARS, LIST_ENTRY_CHARS, TEXT_CHARS, TITLE_CHARS, URL_CHARS
from schemas.links import canonical_link, registrable_domain
from schemas.raw_item import Body, RawItem
from streams.fingerprints import fingerprint
from streams.normalize.canonical import canonical_url, identify
from streams.normalize.clean import clean, cut_list, one_line
from streams.normalize.dates import Claimed, choose, parse_reference
from streams.normalize.form import form_of
from streams.normalize.language import language_of
from streams.normalize.markup import line_of
from streams.normalize.metadata import Metadata, read_metadata, url_dates
from streams.normalize.notices import corrections_of, credits_of, dateline_of
from streams.normalize.reading import EXTRACTOR_VERSION, Reading, Rejection, read_item
from streams.normalize.rights import rights_of

__all__ = ["EXTRACTOR_VERSION", "Rejection", "normalize", "warm_up"]

_NOISY_LOGGERS: Final = (
    "trafilatura",
    "htmldate",
    "courlan",
    "justext",
    "charset_normalizer",
    "dateparser",
    "py3langid",
)
_JUST_NOW: Final = timedelta(hours=1)
"""A Last-Modified this near to the fetch is the time of serving."""
_NOTHING: Final = Metadata(None, None, [], [], None, [], [])


def normalize(item: RawItem) -> Article | Rejection:
    """Make an article of *item*, or say why none can be made."""
    reading = read_item(item)
    if isinstance(reading, Rejection):
        return reading
    reference = parse_reference(item.fetched_at)
    identity = identify(item, reading.page)
    said = read_metadata(reading.page, identity.url, reference) if reading.page is not None else _NOTHING
    entry = item.entry
    text = reading.text[:TEXT_CHARS]
    title, description, cut = _headings(item, reading, said)
    subjects = cut_list([*map(clean, item.subjects), *(entry.categories if entry else ()), *said.subjects])
    language = language_of(text or title or "", _declared_languages(item, reading))
    published, modified = _dates(item, said, identity.url, reference, language.tag)
    link = identity.url or (canonical_link(item.url) if item.url else None)
    domain = registrable_domain(link) if link else None
    return Article(
        item_id=item.item_id,
        article_id=ids.article_id(identity.url, item.source_id, item.native_id),
        source_id=item.source_id,
        source_kind=item.source_kind,
        native_id=clean(item.native_id),
        link_key=clean(item.link_key),
        lane=item.lane,
        synthetic=item.synthetic,
        fetched_at=item.fetched_at,
        url=clean(item.url) if item.url and len(item.url) <= URL_CHARS else None,
        canonical_url=identity.url,
        alternates=identity.alternates,
        publisher=_publisher(item, domain, said.publisher_name),
        title=title,
        description=description,
        text=text,
        text_basis=reading.basis,
        truncated=len(reading.text) > TEXT_CHARS,
        form=form_of(
            url=link,
            domain=domain,
            title=title,
            text=text,
            subjects=subjects,
            structured=reading.page.structured if reading.page is not None else None,
            is_live_entry=item.part_of is not None,
        ),
        part_of=_blog_id(item),
        bylines=said.bylines or cut_list(item.bylines) or cut_list(entry.authors if entry else ()),
        dateline=dateline_of(text),
        credits=credits_of(text),
        corrections=corrections_of(text),
        published_at=published,
        modified_at=modified,
        language=language,
        rights=rights_of(item, reading.page),
        subjects=subjects,
        quality=list(dict.fromkeys([*reading.flags, *cut])),
        gone=reading.gone,
        raw_hash=reading.raw_hash,
        content_hash=ids.content_hash(title, description, text),
        fingerprints=_canarys(fingerprint(text)) if item.synthetic else fingerprint(text),
        extractor=reading.extractor,
    )


def _canarys(fingerprints: Fingerprints) -> Fingerprints:
    """Take what copies are found by: nobody's text is one of a canary's, nor a canary's of anybody's."""
    return Fingerprints(words=fingerprints.words)


def warm_up() -> None:
    """Load every library and model and silence their loggers: what a worker does before its first item."""
    for name in _NOISY_LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    words = "The council of Eastmouth met on Monday to decide on the harbour, its mayor told reporters. "
    page = (
        f"<html><head><title>Harbour</title></head><body><article><p>{words * 5}</p></article></body></html>"
    )
    for media_type, text in (
        ("text/html", page),
        ("text/plain", words * 5),
        ("text/html", f"<p>{words}</p>"),
    ):
        normalize(
            RawItem(
                item_id="",
                source_id="",
                source_kind="other",
                native_id="",
                link_key="",
                url="https://www.example.org/2026/11/24/harbour?utm_source=x",
                fetched_at="2026-11-24T12:00:00Z",
                published_at="24 November 2026 at 9:30 am",
                body=Body(media_type=media_type, text=text, sha256=ids.sha256_hex(text)),
            )
        )


def _headings(item: RawItem, reading: Reading, said: Metadata) -> tuple[str | None, str | None, list[str]]:
    """Return title and description within their limits, and a flag for each that was longer."""
    entry = item.entry
    title = said.title or _given(item, item.title) or _entry_line(entry.title if entry else None)
    description = None
    if reading.page is not None:
        # The page's alone: the same page has the same content, whichever source led to it.
        description = said.description
    elif not reading.gone:
        description = _given(item, item.description) or _entry_line(entry.summary if entry else None)
    if description is not None and description == one_line(reading.text[: 2 * DESCRIPTION_CHARS]):
        description = None
    flags = ["title_truncated"] if len(title or "") > TITLE_CHARS else []
    flags += ["description_truncated"] if len(description or "") > DESCRIPTION_CHARS else []
    return title and title[:TITLE_CHARS], description and description[:DESCRIPTION_CHARS], flags


def _given(item: RawItem, text: str | None) -> str | None:
    """Bring what the source gave on one line; only feeds write markup where text belongs."""
    if not text:
        return None
    return (line_of(text) if item.source_kind == "feed" else one_line(text)) or None


def _entry_line(text: str | None) -> str | None:
    return (line_of(text) if text else None) or None


def _place(item: RawItem) -> str:
    return "feed" if item.source_kind == "feed" else "item"


def _declared_languages(item: RawItem, reading: Reading) -> tuple[tuple[str | None, str], ...]:
    return (
        (reading.page.language if reading.page is not None else None, "page"),
        (item.entry.language if item.entry is not None else None, "feed"),
        (item.language, "feed" if item.source_kind == "feed" else "source"),
    )


def _dates(
    item: RawItem, said: Metadata, url: str | None, reference: datetime | None, language: str | None
) -> tuple[Dated, Dated]:
    entry, place = item.entry, _place(item)
    given = [Claimed(item.published_at or "", place), Claimed(entry.published or "" if entry else "", "feed")]
    declared = [claim for claim in said.published if not claim.guessed]
    guessed = [claim for claim in said.published if claim.guessed] or url_dates(url)
    published = choose([*declared, *given, *guessed], reference, language, missing=True)
    changed = [
        *said.modified,
        Claimed(item.modified_at or "", place),
        Claimed(entry.updated or "" if entry else "", "feed"),
    ]
    modified = choose(changed, reference, language, missing=False)
    if modified.value is None and item.fetch is not None:
        modified = _served(item.fetch.headers.get("last-modified", ""), reference)
    if published.value and modified.value and modified.value[:10] < published.value[:10]:
        modified = msgspec.structs.replace(modified, flags=[*modified.flags, "disagrees"])
    return published, modified


def _served(last_modified: str, reference: datetime | None) -> Dated:
    """Take the server's word for a last change, unless the page is made anew for each request."""
    served = choose([Claimed(last_modified, "http")], reference, None, missing=False)
    at = parse_reference(served.value) if served.value is not None else None
    if at is None or reference is None or abs(reference - at) <= _JUST_NOW:
        return Dated()
    return served


def _publisher(item: RawItem, domain: str | None, name: str | None) -> Publisher:
    """What the source definition knows counts; the page fills the rest."""
    known = item.publisher or Publisher()
    return Publisher(
        domain=_short(known.domain or domain),
        name=_short(known.name or name),
        family=_short(known.family),
        country=_short(known.country),
    )


def _short(text: str | None) -> str | None:
    return text[:LIST_ENTRY_CHARS] if text else None


def _blog_id(item: RawItem) -> str | None:
    if item.part_of is None:
        return None
    return ids.article_id(canonical_url(item.part_of), item.source_id, item.part_of)
