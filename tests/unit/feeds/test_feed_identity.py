"""Entries that share an id, and entries that have none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from connectors.feeds.model import ParsedEntry
from connectors.feeds.parsing.identity import told_apart


def entry(native_id: str = "", url: str | None = None, title: str | None = None) -> ParsedEntry:
    return ParsedEntry(native_id=native_id, id_is_own=bool(native_id), url=url, title=title)


def identities(*entries: ParsedEntry) -> tuple[list[str], list[str]]:
    kept, flags = told_apart(list(entries))
    return [one.native_id for one in kept], list(flags)


def test_ids_of_their_own_stay():
    assert identities(entry("1", "u"), entry("2", "u")) == (["1", "2"], [])


def test_one_id_for_different_links_is_two():
    (first, second, third), flags = identities(entry("1", "u"), entry("1", "v"), entry("2"))
    assert first != second
    assert first.startswith("1 #")
    assert second.startswith("1 #")
    assert (third, flags) == ("2", ["duplicate_guids"])


def test_one_id_and_one_link_for_different_titles_is_two():
    (first, second), flags = identities(entry("1", "u", "a"), entry("1", "u", "b"))
    assert first != second
    assert first.startswith("1 #")
    assert second.startswith("1 #")
    assert flags == ["duplicate_guids"]


def test_what_stands_there_twice_is_one():
    assert identities(entry("1", "u", "a"), entry("1", "u", "a")) == (["1"], ["repeated_entries"])


def test_without_an_id_the_link_stands_for_it_or_else_the_text():
    kept, flags = told_apart([entry(url="u", title="a"), entry(title="b"), entry(title="c")])
    assert [one.id_is_own for one in kept] == [False] * 3
    assert kept[0].native_id == "u"
    assert kept[1].native_id.startswith("hash:")
    assert kept[1].native_id != kept[2].native_id
    assert flags == ["missing_guids"]


def test_order_does_not_matter_to_an_identity():
    entries = [entry("1", "u", "a"), entry("1", "v", "b"), entry("1", "v", "c"), entry("", "w")]
    there = {(one.url, one.title): one.native_id for one in told_apart(entries)[0]}
    back = {(one.url, one.title): one.native_id for one in told_apart(entries[::-1])[0]}
    assert there == back


SHORT = st.sampled_from(["", "1", "2", "1 u", "u"])


@given(st.lists(st.builds(entry, SHORT, st.none() | SHORT, st.none() | SHORT), max_size=12))
def test_no_two_have_one_identity_and_nothing_different_is_lost(entries: list[ParsedEntry]):
    kept, _ = told_apart(entries)
    assert all(one.native_id for one in kept)
    assert len({one.native_id for one in kept}) == len(kept)
    shown = {(one.native_id or one.url or "", one.url or "", one.title or "") for one in entries}
    assert len(kept) == len(shown)
