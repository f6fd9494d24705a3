"""What a network of outer attributions finds inside contents, brought back to where it stands."""

from __future__ import annotations

from streams.enrich.drafts import Evidence, Range
from streams.tagger.attributions import Attribution
from streams.tagger.tagger import Tagged
from streams.tagger.training.documents import Attributed, Document
from streams.tagger.training.nesting import with_nested

TEXT = "She said the mayor denied, on Monday, that it leaks."
OUTER = Attributed(content=(Range(9, 25), Range(38, 51)), cue=(Range(4, 8),), source=(Range(0, 3),))


class Finds:
    """Finds one attribution in whatever it is asked about, with cue and source as sure as told."""

    def __init__(self, sure: float) -> None:
        self._evidence = Evidence(1, 1, 1, sure, 1)
        self.asked: list[str] = []

    def tag(self, text: str) -> Tagged:
        self.asked.append(text)
        content, cue = text.index("it leaks"), text.index("denied")
        found = Attribution([Range(content, content + 8)], Range(cue, cue + 6), Range(0, 9), self._evidence)
        return Tagged([found], [], [], [])


def test_each_content_is_read_as_if_it_were_a_text() -> None:
    tagger = Finds(sure=0.9)
    (document,) = with_nested([Document(name="1", text=TEXT, attributions=(OUTER,))], tagger)
    assert tagger.asked == ["the mayor denied that it leaks"]
    assert document.nested is not None
    (inner,) = document.nested

    def words(ranges: tuple[Range, ...]) -> list[str]:
        return [TEXT[slice(*at)] for at in ranges]

    assert words(inner.content) == ["it leaks"]
    assert words(inner.cue) == ["denied"]
    assert words(inner.source) == ["the mayor"]


def test_what_is_unsure_is_left_out_and_short_contents_are_not_read() -> None:
    (document,) = with_nested([Document(name="1", text=TEXT, attributions=(OUTER,))], Finds(sure=0.3))
    assert document.nested == ()
    short = Attributed(content=(Range(9, 25),))
    tagger = Finds(sure=0.9)
    (document,) = with_nested([Document(name="1", text=TEXT, attributions=(short,))], tagger)
    assert (document.nested, tagger.asked) == ((), [])


def test_what_nobody_annotated_stays_unknown() -> None:
    (document,) = with_nested([Document(name="1", text=TEXT)], Finds(sure=0.9))
    assert document.nested is None
