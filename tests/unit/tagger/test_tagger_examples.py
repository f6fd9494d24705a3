from __future__ import annotations

import random

from streams.enrich.drafts import Range
from streams.tagger.labels import CONTENT, ENTITY, EVENT, NESTED, OUTER
from streams.tagger.pieces import PieceReader
from streams.tagger.training.corpora import GOLD_TIMES, PLAIN_PARTS, Corpora
from streams.tagger.training.documents import Attributed, Document, Named
from streams.tagger.training.examples import NOWHERE, UNKNOWN, Example, Pointed, make_example

TEXT = "“We won,” Ada Quill said, “at last”. She said that Bo said it is open."


def at(words: str) -> Range:
    start = TEXT.index(words)
    return Range(start, start + len(words))


def tagged(example: Example, head: str, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """What is tagged, word by word."""
    pieces = example.pieces
    return [
        (TEXT[slice(*pieces.span(i, i))], names[example.labels[head][i]])
        for i in pieces.words()
        if example.labels[head][i] > 0
    ]


def test_a_content_resumes_behind_its_gap_and_points_at_cue_and_source(reader: PieceReader) -> None:
    split = Attributed(content=(at("We won"), at("at last")), source=(at("Ada Quill"),), cue=(at("said,"),))
    example = make_example(Document(name="1", text=TEXT, attributions=(split,)), reader)
    assert tagged(example, "content", CONTENT.tags) == [("We", "B"), ("won", "I"), ("at", "C"), ("last", "I")]
    first, cue, source = (example.pieces.words_in(at(w))[0] for w in ("We won", "said,", "Ada Quill"))
    assert example.pointers == [Pointed(OUTER, first, cue, source)]
    assert set(example.labels["entity"]) == {UNKNOWN}


def test_parts_that_no_word_parts_are_one(reader: PieceReader) -> None:
    whole = Attributed(content=(at("We won"), at("”"), at("Ada")))
    example = make_example(Document(name="1", text=TEXT, attributions=(whole,)), reader)
    tags = [tag for _, tag in tagged(example, "content", CONTENT.tags)]
    assert tags[0] == "B"
    assert "C" not in tags
    (pointed,) = example.pointers
    assert (pointed.cue, pointed.source) == (NOWHERE, NOWHERE)


def test_the_outermost_content_counts(reader: PieceReader) -> None:
    outer = Attributed(content=(at("Bo said it is open"),), source=(at("She"),))
    inner = Attributed(content=(at("it is open"),), source=(at("Bo"),))
    example = make_example(Document(name="1", text=TEXT, attributions=(inner, outer)), reader)
    assert [word for word, _ in tagged(example, "content", CONTENT.tags)] == [
        "Bo",
        "said",
        "it",
        "is",
        "open",
    ]
    assert [pointed.content for pointed in example.pointers] == [example.pieces.words_in(at("Bo"))[0]]
    # Who says what is within is a source all the same.
    assert [word for word, _ in tagged(example, "source", CONTENT.tags)] == ["She", "Bo"]


def test_names_are_tagged_and_what_is_unknown_stays_so(reader: PieceReader) -> None:
    names = (Named(at("Ada Quill"), "person"), Named(at("Bo"), "place"))
    example = make_example(Document(name="1", text=TEXT, names=names), reader)
    assert tagged(example, "entity", ENTITY.tags) == [
        ("Ada", "B-person"),
        ("Quill", "I-person"),
        ("Bo", "B-place"),
    ]
    assert set(example.labels["content"]) == {UNKNOWN}
    assert example.pointers == []


def test_what_stands_inside_another_has_heads_of_its_own(reader: PieceReader) -> None:
    outer = Attributed(content=(at("Bo said it is open"),), source=(at("She"),), cue=(at("said that"),))
    inner = Attributed(content=(at("it is open"),), source=(at("Bo"),), cue=(at("said it"),))
    document = Document(name="1", text=TEXT, attributions=(outer,), nested=(inner,), events=(at("We won"),))
    example = make_example(document, reader)
    assert [word for word, _ in tagged(example, "source", CONTENT.tags)] == ["She"]
    assert [word for word, _ in tagged(example, "nested_source", CONTENT.tags)] == ["Bo"]
    assert tagged(example, "nested_content", CONTENT.tags) == [("it", "B"), ("is", "I"), ("open", "I")]
    assert tagged(example, "event", EVENT.tags) == [("We", "B"), ("won", "I")]
    assert [pointed.layer for pointed in example.pointers] == [OUTER, NESTED]
    unknown = make_example(Document(name="1", text=TEXT, attributions=(outer,)), reader)
    assert set(unknown.labels["nested_content"]) == {UNKNOWN}


def test_an_epoch_has_all_that_is_attributed_gold_more_often_and_a_part_of_the_rest(
    reader: PieceReader,
) -> None:
    plain = [Document(name=str(i), text=f"{'a ' * (i + 1)}", names=()) for i in range(PLAIN_PARTS * 2)]
    corpora = Corpora(
        attributed=[Document(name="attributed", text="She said", attributions=())],
        named=[Document(name="named", text="Ada Quill of Norland", names=())],
        plain=plain,
    )
    epochs = [corpora.epoch(number, random.Random(number), reader) for number in range(PLAIN_PARTS)]
    assert {len(epoch) for epoch in epochs} == {1 + GOLD_TIMES + 2}
    lengths = [len(example.pieces.words()) for epoch in epochs for example in epoch[1 + GOLD_TIMES :]]
    assert sorted(lengths) == [i + 1 for i in range(len(plain))]
