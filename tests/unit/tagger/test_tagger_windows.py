from __future__ import annotations

from itertools import accumulate, pairwise

from hypothesis import given
from hypothesis import strategies as st

from streams.enrich.drafts import Range
from streams.tagger.windows import LEFT, MAX_PIECES, RIGHT, windows_over


def units_of(sizes: list[int]) -> list[Range]:
    return [Range(start, end) for start, end in pairwise([0, *accumulate(sizes)])]


def test_a_short_text_is_one_window() -> None:
    (window,) = windows_over(units_of([100, 100, 50]))
    assert window == (Range(0, 250), Range(0, 250))


def test_the_core_has_context_on_both_sides() -> None:
    windows = windows_over(units_of([5] * 160))
    assert len(windows) > 2
    for window in windows[1:-1]:
        assert 0 < window.core.start - window.seen.start <= LEFT
        assert window.seen.end - window.core.end >= RIGHT


@given(st.lists(st.integers(1, 231), max_size=60))
def test_cores_part_the_text_and_windows_keep_to_their_size(sizes: list[int]) -> None:
    units = units_of(sizes)
    windows = windows_over(units)
    assert [w.core.start for w in windows] == [0, *(w.core.end for w in windows)][: len(windows)]
    assert not windows or windows[-1].core.end == units[-1].end
    for seen, core in windows:
        assert seen.contains(core)
        assert seen.end - seen.start <= MAX_PIECES
