"""What a feed showed lately."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from connectors.feeds.model import ParsedEntry
from connectors.feeds.window import MOST, PAIR, bound, look


def entry(name: str, text: str = "text", url: str | None = None) -> ParsedEntry:
    return ParsedEntry(
        native_id=name, id_is_own=True, url=url, title=name if url is None else "t", summary=text
    )


def feed(*names: str) -> list[ParsedEntry]:
    return [entry(name) for name in names]


def names(entries: Sequence[ParsedEntry], places: list[int]) -> list[str]:
    return [entries[place].native_id for place in places]


def test_everything_is_new_at_first_and_comes_oldest_first():
    entries = feed("c", "b", "a")
    seen = look(b"", entries)
    assert names(entries, seen.emit) == ["a", "b", "c"]
    assert (seen.new, seen.known, seen.missed, seen.changed) == (3, 0, False, frozenset())
    assert len(seen.window()) == 3 * PAIR


def test_only_what_was_not_there_is_emitted():
    before = look(b"", feed("c", "b", "a")).window()
    entries = feed("d", "c", "b")
    seen = look(before, entries)
    assert names(entries, seen.emit) == ["d"]
    assert (seen.new, seen.known, seen.missed) == (1, 2, False)
    assert look(seen.window(), feed("d", "c", "b", "a")).emit == [], "a is remembered though it left the feed"


def test_other_words_are_a_change_and_the_words_before_are_forgotten():
    before = look(b"", feed("b", "a")).window()
    entries = [entry("b"), entry("a", "other text")]
    seen = look(before, entries)
    assert names(entries, seen.emit) == ["a"]
    assert seen.changed == {1}
    assert look(seen.window(), entries).emit == []
    assert look(seen.window(), feed("b", "a")).emit == [1], "back to what it was is another change"


def test_a_query_and_a_date_are_no_words():
    one = ParsedEntry(
        native_id="a", id_is_own=True, url="http://x.example/a?t=1#f", summary="s", published="today"
    )
    two = ParsedEntry(native_id="a", id_is_own=True, url="http://x.example/a?t=2", summary="s", updated="now")
    assert look(look(b"", [one]).window(), [two]).emit == []


def briefing(number: int) -> ParsedEntry:
    """One of many articles that differ in the query of their links alone."""
    url = f"http://x.example/story.php?id={number}"
    return ParsedEntry(native_id=url, id_is_own=False, url=url, title="Morning briefing")


def test_articles_whose_links_differ_in_the_query_alone_are_not_one():
    before = look(b"", [briefing(1)]).window()
    for feed_now in ([briefing(2), briefing(1)], [briefing(2)]):
        seen = look(before, feed_now)
        assert (names(feed_now, seen.emit), seen.changed) == ([briefing(2).native_id], frozenset())


def test_entries_of_the_same_words_are_two_where_the_feed_shows_both():
    before = look(b"", [entry("1", url="http://x.example/live")]).window()
    entries = [entry("2", url="http://x.example/live"), entry("1", url="http://x.example/live")]
    assert names(entries, look(before, entries).emit) == ["2"]


def test_ids_that_drift_are_known_by_link_and_words():
    before = look(
        b"", [entry("a-1", url="http://x.example/a"), entry("b-1", url="http://x.example/b")]
    ).window()
    after = [entry("a-2", url="http://x.example/a"), entry("b-2", url="http://x.example/b")]
    seen = look(before, after)
    assert (seen.emit, seen.known, seen.missed) == ([], 2, False)
    assert look(seen.window(), [entry("c-3", url="http://x.example/c"), *after]).emit == [0]


def test_a_window_that_shares_nothing_with_the_last_one_may_have_missed_some():
    before = look(b"", feed("b", "a")).window()
    assert look(before, feed("d", "c")).missed
    assert not look(before, feed("c", "b")).missed
    assert not look(before, []).missed
    assert not look(b"", feed("d", "c")).missed


def test_it_is_bounded_and_forgets_what_left_the_feed_first():
    window = b""
    for start in range(0, 400, 10):
        window = look(window, feed(*(str(number) for number in range(start + 9, start - 1, -1)))).window(
            most=bound(10)
        )
        assert len(window) <= 20 * PAIR
    assert look(window, feed("385", "379")).emit == [1]


def test_how_much_is_remembered():
    assert [bound(n) for n in (0, 10, 499, 501, 999, 5_000)] == [0, 20, 998, MOST, MOST, 5_000]


def test_what_is_left_over_is_not_remembered():
    before = look(b"", [entry("a", "old")]).window()
    entries = [entry("c"), entry("b"), entry("a", "new")]
    seen = look(before, entries)
    assert names(entries, seen.emit) == ["a", "b", "c"]
    after_one = seen.window(left=[1, 0])
    assert names(entries, look(after_one, entries).emit) == ["b", "c"]
    after_none = seen.window(left=[2, 1, 0])
    again = look(after_none, entries)
    assert names(entries, again.emit) == ["a", "b", "c"]
    assert again.changed == {2}


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=6, unique=True), max_size=12))
def test_nothing_is_emitted_twice_while_it_is_remembered(windows):
    window, emitted = b"", []
    for each in windows:
        entries = feed(*each)
        seen = look(window, entries)
        emitted += names(entries, seen.emit)
        window = seen.window(most=bound(8))
        assert len(window) <= 16 * PAIR
    assert len(emitted) == len(set(emitted))
    assert set(emitted) == {name for each in windows for name in each}
