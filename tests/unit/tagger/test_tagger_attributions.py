from __future__ import annotations

from streams.enrich.drafts import Range
from streams.tagger.attributions import Attribution, read_attributions
from streams.tagger.pieces import PieceReader
from tests.unit.tagger.tagger_parts import FREE, made

SPLIT = "“We won”, Ada Quill said, “at last”."


def texts(text: str, found: Attribution) -> tuple[list[str], str | None, str | None]:
    def cut(at: Range | None) -> str | None:
        return None if at is None else text[at.start : at.end]

    return [text[at.start : at.end] for at in found.content], cut(found.cue), cut(found.source)


def test_a_split_quotation_is_one_content_in_two_parts(reader: PieceReader) -> None:
    pieces = reader.read(SPLIT)
    scores = made(
        SPLIT,
        pieces,
        {
            "content": {"We won": "B I", "at last": "C I"},
            "source": {"Ada Quill": "B I"},
            "cue": {"said": "B"},
        },
        {("cue", "We"): "said", ("source", "We"): "Ada"},
    )
    (found,) = read_attributions(SPLIT, pieces, scores, FREE)
    assert texts(SPLIT, found) == (["We won", "at last"], "said", "Ada Quill")
    assert found.evidence.cue > 0.9
    assert found.evidence.source > 0.9


def test_each_content_has_what_it_points_at_not_what_stands_nearest(reader: PieceReader) -> None:
    text = "She said they won, and Bo said it is open"
    pieces = reader.read(text)
    scores = made(
        text,
        pieces,
        {
            "content": {"they won": "B I", "it is open": "B I I"},
            "source": {"She": "B", "Bo": "B"},
            "cue": {"said": "B"},
        },
        {("source", "they"): "Bo", ("source", "it"): "She", ("cue", "they"): None, ("cue", "it"): None},
    )
    one, two = read_attributions(text, pieces, scores, FREE)
    assert texts(text, one) == (["they won"], None, "Bo")
    assert texts(text, two) == (["it is open"], None, "She")
    assert one.evidence.cue == 0


def test_a_word_that_is_pointed_at_counts_without_a_span(reader: PieceReader) -> None:
    text = "They won, Ada said"
    pieces = reader.read(text)
    scores = made(
        text,
        pieces,
        {"content": {"They won": "B I"}},
        {("source", "They"): "Ada", ("cue", "They"): "won"},
    )
    (found,) = read_attributions(text, pieces, scores, FREE)
    # A content is never attributed by one of its own words.
    assert texts(text, found) == (["They won"], None, "Ada")


def test_a_content_that_never_began_does_not_go_on(reader: PieceReader) -> None:
    text = "They won, Ada said"
    pieces = reader.read(text)
    scores = made(text, pieces, {"content": {"They": "C"}}, {})
    assert read_attributions(text, pieces, scores, FREE) == []


def test_who_stands_behind_a_dash_has_signed(reader: PieceReader) -> None:
    text = "“We won.” — Ada Quill\n“At last.” — Bo Reed"
    pieces = reader.read(text)
    scores = made(
        text,
        pieces,
        {
            "content": {"We won": "B I", "At last": "B I"},
            "source": {"Ada Quill": "B I", "Bo Reed": "B I"},
        },
        {("source", "We"): "Ada", ("source", "At"): "Ada"},
    )
    found = read_attributions(text, pieces, scores, FREE)
    assert [texts(text, one)[2] for one in found] == ["Ada Quill", "Bo Reed"]
