"""Feeds with what is expected of them, of the shared research data, laid beside what we carry.

feedparser's test feeds hold an expression over its own result in a comment (``Expect:``); gofeed's have a
JSON file beside them.  An expectation counts where it asks for nothing but fields that a `ParsedFeed` or a
`ParsedEntry` carries.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from connectors.feeds.model import FeedError, ParsedEntry, ParsedFeed
from connectors.feeds.parsing.charset import decode
from connectors.feeds.parsing.read import parse_bytes

URL = "http://127.0.0.1:8097/feed.xml"
_EXPECT = re.compile(r"Expect:[ \t]*([^\n]*)")
_HEADER = re.compile(r"^[ \t]*Header:[ \t]*([\w-]+):[ \t]*(.*)$", re.MULTILINE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)

_FEED = """title title_detail.value link copyright copyright_detail.value rights rights_detail.value tagline
    tagline_detail.value subtitle subtitle_detail.value description language ttl author authors.*.name
    updated modified""".split()
_ENTRY = """title title_detail.value link id guid summary summary_detail.value description content.*.value
    author authors.*.name published issued updated modified created language
    tags.*.term category rights rights_detail.value copyright source.title""".split()
CARRIED = frozenset(
    ["version", "bozo", "encoding", *(f"feed.{path}" for path in _FEED), *(f"entries.*.{p}" for p in _ENTRY)]
)


class _Charset:
    """A charset that equals every other which makes the same text of the same bytes."""

    def __init__(self, name: str, data: bytes) -> None:
        self._name = name
        self._data = data

    def __eq__(self, other: object) -> bool:
        try:
            return self._data.decode(str(other)) == self._data.decode(self._name)
        except (LookupError, UnicodeError):
            return False

    __hash__ = None  # type: ignore[assignment]


class Expectation(NamedTuple):
    """One feed and the expression that feedparser's own result fulfils."""

    name: str
    data: bytes
    expression: str
    headers: dict[str, str]

    @property
    def is_carried(self) -> bool:
        """Whether it asks for nothing but what we carry."""
        return paths_in(self.expression) <= CARRIED

    def parse(self) -> ParsedFeed | FeedError:
        """Parse the feed as it would have been served."""
        kind = self.headers.get("content-type", "")
        charset = _CHARSET.search(kind)
        url = self.headers.get("content-location", "")
        try:
            return parse_bytes(
                self.data,
                url=url if url.startswith("http") else URL,
                content_type=kind or None,
                charset=charset[1] if charset else None,
            )
        except FeedError as error:
            return error

    def holds(self, feed: ParsedFeed | FeedError, *, sanitised: bool = False) -> bool:
        """Evaluate the expression over what we made of it; *sanitised* lays feedparser's own cleaning of
        HTML over our texts, which we keep as they came.
        """
        if isinstance(feed, FeedError):
            return self.expression == "bozo"
        base = self.headers.get("content-location", "")
        base = base if base.startswith("http") else URL
        try:
            names = as_feedparser(feed, base if sanitised else None)
            names["encoding"] = _Charset(feed.encoding, self.data)
            return bool(eval(self.expression, {"__builtins__": {"len": len}}, names))
        except (KeyError, IndexError, TypeError):
            return False


def expectations(folder: Path) -> Iterator[Expectation]:
    """Read all feeds under feedparser's *folder* that expect something."""
    for path in sorted(folder.rglob("*.xml")):
        data = path.read_bytes()
        head = decode(data, None).text.replace("\r\n", "\n")
        found = _EXPECT.search(head)
        if found is not None:
            headers = {name.lower(): value.strip() for name, value in _HEADER.findall(head[:2000])}
            yield Expectation(str(path.relative_to(folder)), data, _python3(found[1].strip()), headers)


def paths_in(expression: str) -> set[str]:
    """Return the fields that an expression asks for, as ``entries.*.title``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(expression, mode="eval")
    paths: set[str] = set()
    inner: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and id(node) not in inner:
            steps: list[str] = []
            here: ast.expr = node
            while isinstance(here, ast.Subscript):
                inner.add(id(here))
                key = here.slice.value if isinstance(here.slice, ast.Constant) else None
                steps.append(key if isinstance(key, str) else "*")
                here = here.value
            if isinstance(here, ast.Name):
                inner.add(id(here))
                paths.add(".".join([here.id, *reversed(steps)]))
        elif isinstance(node, ast.Name) and id(node) not in inner and node.id != "len":
            paths.add(node.id)
    return paths


def as_feedparser(feed: ParsedFeed, base: str | None = None) -> dict[str, Any]:
    """Write what we made of a feed under feedparser's names; with *base*, texts as feedparser cleans them."""

    def text(value: str | None) -> str | None:
        return _cleaned(value, base) if base and value else value

    mapped = _named(
        title=text(feed.title),
        link=feed.link,
        copyright=text(feed.copyright),
        rights=text(feed.copyright),
        tagline=text(feed.description),
        subtitle=text(feed.description),
        description=text(feed.description),
        language=feed.language,
        ttl=f"{feed.ttl_s / 60:g}" if feed.ttl_s is not None else None,
        updated=feed.updated,
        modified=feed.updated,
        **_people(feed.authors),
    )
    entries = [_entry(entry, text) for entry in feed.entries]
    bozo = feed.ill_formed or "charset_lies" in feed.flags
    return {"feed": mapped, "entries": entries, "version": feed.version, "bozo": bozo}


def _entry(entry: ParsedEntry, text: Any) -> dict[str, Any]:
    summary = text(entry.summary)
    content = text(entry.content)
    updated = entry.updated or entry.published
    return _named(
        title=text(entry.title),
        link=entry.url,
        id=entry.native_id if entry.id_is_own else None,
        guid=entry.native_id if entry.id_is_own else None,
        summary=summary or content,
        description=summary or content,
        content=[{"value": content}] if content else None,
        published=entry.published,
        issued=entry.published,
        created=entry.published,
        updated=updated,
        modified=updated,
        language=entry.language,
        tags=[{"term": term} for term in entry.categories] or None,
        category=entry.categories[0] if entry.categories else None,
        rights=text(entry.rights),
        copyright=text(entry.rights),
        source=entry.source and {"title": entry.source.name},
        **_people(entry.authors),
    )


def _people(authors: list[str]) -> dict[str, Any]:
    if not authors:
        return {}
    names = [{"name": name} for name in authors]
    return {"author": authors[0], "authors": names, "author_detail": names[0]}


def _named(**fields: Any) -> dict[str, Any]:
    known = {name: value for name, value in fields.items() if value is not None}
    details = {f"{name}_detail": {"value": value} for name, value in known.items() if isinstance(value, str)}
    return details | known


def _cleaned(value: str, base: str) -> str:
    from feedparser.sanitizer import _sanitize_html
    from feedparser.urls import resolve_relative_uris

    resolved = resolve_relative_uris(value, base, "utf-8", "text/html")
    return str(_sanitize_html(resolved, "utf-8", "text/html")).strip()


def _python3(expression: str) -> str:
    return re.sub(r"\bu(?=['\"])", "", expression)


def gofeed_pairs(folder: Path) -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    """Read gofeed's feeds with what it makes of them."""
    for path in sorted(folder.rglob("*.xml")):
        beside = path.with_suffix(".json")
        if beside.exists():
            yield str(path.relative_to(folder)), path.read_bytes(), json.loads(beside.read_bytes())


def gofeed_facts(expected: dict[str, Any], feed: ParsedFeed) -> list[tuple[str, Any, Any]]:
    """Lay what gofeed makes of a feed beside ours: field, theirs, ours, for fields that we carry."""
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    facts: list[tuple[str, Any, Any]] = []

    def compare(field: str, theirs: Any, ours: Any) -> None:
        if theirs not in (None, "", []):
            facts.append((field, theirs, ours))

    atom = "entries" in expected or feed.format == "atom"
    compare("title", expected.get("title"), feed.title)
    compare("language", expected.get("language"), feed.language)
    compare("copyright", expected.get("rights" if atom else "copyright"), feed.copyright)
    compare("description", expected.get("subtitle" if atom else "description"), feed.description)
    if not atom:
        compare("link", expected.get("link"), feed.link)
        compare("ttl", expected.get("ttl"), None if feed.ttl_s is None else f"{feed.ttl_s / 60:g}")
        compare("skip_hours", sorted(int(h) % 24 for h in expected.get("skipHours", ())), feed.skip_hours)
        compare("skip_days", sorted(map(days.index, expected.get("skipDays", ()))), feed.skip_days)
        compare("author", expected.get("managingEditor"), next(iter(feed.authors), None))
    compare("updated", expected.get("updated") or expected.get("lastBuildDate"), feed.updated)
    for number, theirs in enumerate(expected.get("entries") or expected.get("items") or ()):
        entry = (
            feed.entries[number] if number < len(feed.entries) else ParsedEntry(native_id="", id_is_own=False)
        )
        content = theirs.get("content")
        people = [one.get("name") or one.get("email") or one.get("uri") for one in theirs.get("authors", ())]
        terms = [one.get("term") or one.get("value") for one in theirs.get("categories", ())]
        own_id = theirs.get("id") or theirs.get("guid", {}).get("value")
        compare("entry.title", theirs.get("title"), entry.title)
        compare("entry.summary", theirs.get("summary") or theirs.get("description"), entry.summary)
        compare(
            "entry.content", content.get("value") if isinstance(content, dict) else content, entry.content
        )
        compare("entry.id", own_id, entry.native_id)
        compare("entry.link", theirs.get("link"), entry.url)
        compare("entry.published", theirs.get("published") or theirs.get("pubDate"), entry.published)
        compare("entry.updated", theirs.get("updated"), entry.updated)
        compare("entry.rights", theirs.get("rights"), entry.rights)
        compare("entry.authors", people or [one for one in [theirs.get("author")] if one], entry.authors)
        compare("entry.categories", [term for term in terms if term], entry.categories)
        source = theirs.get("source") or {}
        compare("entry.source", source.get("title"), entry.source.name if entry.source else None)
    return facts
