"""Parsers of ours that read what strangers write, each given whatever comes.

Those that are not here have such a test beside their others: addresses and targets, codings, headers, caches
and Retry-After, robots.txt, feeds, charsets, discovery, bot checks, OPML, JSON lines, definitions, links, pages.
"""

from __future__ import annotations

import json
from email.utils import formatdate

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from connectors.feeds.cursor import state_from, stored_of
from connectors.feeds.dates import claimed_time, http_time, moment, stamp
from connectors.feeds.fingerprint import page_fingerprint
from connectors.feeds.model import ParsedEntry
from connectors.feeds.state import FeedState, packed, unpacked
from connectors.feeds.teaser import is_teaser
from connectors.sharing.definitions import define
from connectors.sharing.fold import definition_in, generation_of, state_in
from connectors.sharing.marker import Marker, read_marker
from connectors.web.rights import declines_training, rights_of
from newswire.sources.lists import BadList, Listed, read_list
from schemas.limits import LIST_ITEMS
from schemas.source import SourceDefinition, SourceState

YEARS = (631_152_000.0, 7_258_118_400.0)
"""From 1990 to 2200: what is outside is no date."""
DATES = (
    st.text(max_size=120)
    | st.text("0123456789-:TZ+. ,GMTJanFebMon()", max_size=40)
    | st.floats(-1e10, 1e10).map(lambda at: formatdate(at % 4e9, usegmt=True))
    | st.datetimes().map(str)
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
BYTES = st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode())


@given(DATES)
def test_a_date_is_a_moment_or_none(text: str):
    for found in (claimed_time(text), http_time(text)):
        assert found is None or YEARS[0] - 2e5 <= found <= YEARS[1] + 2e5
        assert found is None or stamp(found)
    assert isinstance(moment(text), float)


@given(st.floats(1, YEARS[1]))
def test_a_moment_that_we_wrote_is_read(at: float):
    assert abs(moment(stamp(at)) - at) < 1e-5


NAMES = st.sampled_from(["x-robots-tag", "tdm-reservation", "content-usage", "content-signal", "server"])
SIGNALS = st.text(max_size=60) | st.text("noai-train= ,;1\t", max_size=40)


@given(st.dictionaries(NAMES, st.lists(SIGNALS, min_size=1, max_size=300)), st.none() | st.booleans())
def test_rights_are_what_an_event_can_hold(values: dict[str, list[str]], training: bool | None):
    rights = rights_of(values, robots_training=training)
    assert rights is None or len(rights.x_robots_tag) <= LIST_ITEMS
    assert rights is None or rights.ai_training in {training, False}
    msgspec.json.encode(rights)


@given(SIGNALS)
def test_a_signal_declines_or_does_not(text: str):
    assert declines_training(f"{text}, ai-train=no")
    assert isinstance(declines_training(text), bool)


TAGS = st.sampled_from(
    [b"<p>", b"</p>", b"<a href=x>", b"</a>", b"<!--", b"-->", b"<script>", b"</script>", b"<li>", b"word ", b"<", b">", b"<svg>"]
)  # fmt: skip


@given(
    st.lists(TAGS, max_size=40).map(b"".join) | st.binary(max_size=200),
    st.sampled_from([None, "text/html", "text/plain"]),
)
def test_any_bytes_have_a_fingerprint(body: bytes, media_type: str | None):
    found = page_fingerprint(body, media_type)
    assert len(found) == 8
    assert page_fingerprint(body, media_type) == found


@given(st.none() | st.text(max_size=300), st.none() | st.text("wörd <b>&amp;…. 読", max_size=3_000))
def test_any_words_are_an_article_or_a_teaser(content: str | None, summary: str | None):
    entry = ParsedEntry(native_id="x", id_is_own=True, content=content, summary=summary)
    assert isinstance(is_teaser(entry), bool)


@given(BYTES.map(lambda data: data.decode("utf-8", "replace")))
def test_any_metadata_of_an_offset_is_a_marker_or_says_that_somebody_holds_it(text: str):
    marker = read_marker(text)
    assert (marker is None) == (not text)
    assert marker is None or isinstance(marker, Marker)


DEFINED = define("https://example.org/feed")


@given(BYTES)
def test_any_record_of_sources_is_one_or_none(value: bytes):
    definition, state = definition_in(DEFINED.source_id, value), state_in(DEFINED, value)
    assert definition is None or isinstance(definition, SourceDefinition)
    assert state is None or isinstance(state, SourceState)
    assert isinstance(generation_of(DEFINED.source_id, value), int | None)


CURSOR = st.dictionaries(
    st.sampled_from(
        "format polls polled_at asked_s hints validators address largest body missed missed_at pages visits learned".split()
    ),
    JSON,
)


@given(CURSOR, st.dictionaries(st.sampled_from(["etag", "seen", "interval_s", "health", "cursor"]), JSON))
def test_any_checkpoint_is_a_state(cursor: dict[str, object], more: dict[str, object]):
    stored = stored_of({"cursor": cursor, **more})
    if stored is not None:
        state = state_from(stored)
        assert isinstance(state, FeedState)
        assert unpacked(packed(state)) == state


@given(
    st.binary(max_size=200)
    | st.text(max_size=100).map(str.encode)
    | st.dictionaries(st.sampled_from(["url", "name", "tags", "follow", "lane"]), JSON, max_size=4).map(
        lambda fields: (
            "[[source]]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in fields.items())
        ).encode()
    )
)
def test_any_file_is_a_list_or_none(data: bytes):
    said = ""
    listed = Listed([], [])
    try:
        listed = read_list(data)
    except BadList as error:
        said = str(error)
    assert "\n" not in said
    assert all(isinstance(each, SourceDefinition) for each in listed.definitions)
    assert all(isinstance(why, str) for _, why in listed.skipped)
