"""From a tagger's attributions to claims: the tagger is one that says what a test wants."""

from __future__ import annotations

import pytest

from streams.enrich.drafts import ClaimDraft, Evidence, Range
from streams.enrich.english import EnglishModel
from streams.enrich.layout import model_text
from streams.enrich.models import ModelMissingError
from streams.tagger.attributions import Attribution
from streams.tagger.labels import EntityType
from streams.tagger.names import Name
from streams.tagger.tagger import Tagged

Said = tuple[list[str], str | None, str | None]
"""An attribution by its texts: content parts, cue, source."""
SURE = Evidence(1.0, 1.0, 1.0, 1.0, 1.0)


class Says:
    """The same attributions, names and events of whatever text."""

    version = "7"
    weights_sha256 = "0" * 64

    def __init__(
        self,
        *attributions: Said,
        nested: tuple[Said, ...] = (),
        names: dict[str, EntityType] | None = None,
        events: tuple[str, ...] = (),
    ) -> None:
        self._attributions = attributions
        self._nested = nested
        self._names = names or {}
        self._events = events

    def tag(self, text: str) -> Tagged:
        def at(words: str | None) -> Range | None:
            return None if words is None else Range(text.index(words), text.index(words) + len(words))

        def said(given: tuple[Said, ...]) -> list[Attribution]:
            return [
                Attribution([a for part in content if (a := at(part))], at(cue), at(source), SURE)
                for content, cue, source in given
            ]

        names = [Name(Range(*place), type_) for name, type_ in self._names.items() if (place := at(name))]
        events = [place for event in self._events if (place := at(event))]
        return Tagged(said(self._attributions), said(self._nested), names, events)


def read(text: str, *attributions: Said, nested: tuple[Said, ...] = ()) -> list[ClaimDraft]:
    return EnglishModel(Says(*attributions, nested=nested)).read([model_text(text)])[0].claims


def texts(text: str, ranges: list[Range]) -> list[str]:
    return [text[at.start : at.end] for at in ranges]


def test_marks_around_a_content_are_left_out_and_what_is_quoted_is_known() -> None:
    text = "It rained. “We won,” Ada Quill said, “at last”. She called it “a glad day” for the town."
    one, two = read(
        text,
        (["“We won,”", "“at last”"], "said", "Ada Quill"),
        (["it “a glad day” for the town"], "called", "She"),
    )
    assert texts(text, one.content) == texts(text, one.verbatim) == ["We won", "at last"]
    assert texts(text, two.content) == ["it “a glad day” for the town"]
    assert texts(text, two.verbatim) == ["a glad day"]
    assert texts(text, one.context) == ["“We won,” Ada Quill said, “at last”."]
    assert texts(text, one.link.sources) == ["Ada Quill"]


@pytest.mark.parametrize(
    ("cue", "negated"),
    [("according to", False), ("was quoted as saying", False), ("did not deny", True), ("didn’t say", True)],
)
def test_a_cue_that_is_denied(cue: str, negated: bool) -> None:
    text = f"Ada Quill {cue} the bridge was closed."
    (claim,) = read(text, (["the bridge was closed"], cue, None))
    assert texts(text, claim.link.cues) == [cue]
    assert claim.link.negated is negated
    assert not claim.link.continues


def test_a_quotation_that_is_never_closed_ends_with_its_paragraph() -> None:
    text = "Ada Quill said: “Nobody will cross.\nThe bridge is old."
    (claim,) = read(text, (["“Nobody will cross.\nThe bridge is old"], "said", "Ada Quill"))
    assert texts(text, claim.content) == ["Nobody will cross."]
    assert claim.flags == ["unbalanced_quotes"]


def test_what_a_speaker_does_by_a_later_quotation_is_a_claim_of_its_own() -> None:
    text = "“We won,” Ada Quill said. “I have asked Bo Reed to leave. He is late.” “At last.”"
    whole = ["“We won,”", "“I have asked Bo Reed to leave. He is late.”", "“At last.”"]
    said, asked = read(text, (whole, "said", "Ada Quill"))
    assert texts(text, said.content) == ["We won", "At last."]
    assert texts(text, asked.content) == ["I have asked Bo Reed to leave. He is late."]
    assert asked.link.continues
    assert len(asked.context) == 1


@pytest.mark.parametrize(
    ("cue", "source", "kept"),
    [("said", "Ada Quill", "It is sunk"), (None, None, "It is sunk"), ("told", "Reed", "Reed told")],
)
def test_a_content_does_not_run_out_of_a_headline(cue: str | None, source: str | None, kept: str) -> None:
    text = "Reed told\n\n“It is sunk,” said Ada Quill."
    (claim,) = read(text, (["Reed told\n\n“It is sunk,”"], cue, source))
    assert texts(text, claim.content) == [kept]


@pytest.mark.parametrize(("headline", "count"), [("The canary", 0), ("The canary sings again", 1)])
def test_a_headline_of_two_words_says_nothing(headline: str, count: int) -> None:
    assert len(read(f"{headline}\n\nIt sang.", ([headline], None, None))) == count


def test_a_quotation_runs_over_the_first_paragraph_where_that_is_no_headline() -> None:
    text = "“It is sunk.\n\n“It is gone,” said Ada Quill."
    (claim,) = read(text, (["“It is sunk.\n\n“It is gone,”"], "said", "Ada Quill"))
    assert "gone" in texts(text, claim.content)[-1]
    assert texts(text, claim.content)[0].startswith("“It is sunk.")


def test_a_comma_behind_a_source_is_left_out() -> None:
    text = "The operator, Quill Ltd, and others said that it leaks."
    (claim,) = read(text, (["it leaks"], "said", "The operator, Quill Ltd, and"))
    assert texts(text, claim.link.sources) == ["The operator, Quill Ltd"]


def test_a_source_has_all_of_a_name() -> None:
    text = "It sank, the Bureau of Roads said."
    says = Says((["It sank"], "said", "the Bureau of"), names={"Bureau of Roads": "organisation"})
    (claim,) = EnglishModel(says).read([text])[0].claims
    assert texts(text, claim.link.sources) == ["the Bureau of Roads"]


def test_an_article_alone_is_no_source() -> None:
    text = "A donor said that it leaks."
    (claim,) = read(text, (["it leaks"], "said", "A"))
    assert claim.link.sources == []


def test_the_conjunction_before_a_content_is_left_out() -> None:
    text = "Ada Quill said that that was all. That it leaks is known, Bo Reed said."
    one, two = read(
        text,
        (["that that was all"], "said", "Ada Quill"),
        (["That it leaks is known"], "Bo Reed said", "Bo Reed"),
    )
    assert texts(text, one.content) == ["that was all"]
    assert texts(text, two.content) == ["That it leaks is known"]


def test_what_stands_inside_a_content_is_a_claim_of_its_own_if_it_has_a_cue() -> None:
    text = "The Gazette reported that the mayor denied that it leaks. Bo Reed doubts it."
    outer = (["the mayor denied that it leaks"], "reported", "The Gazette")
    inner = (["it leaks"], "denied", "the mayor")
    whole, within = read(text, outer, nested=(inner,))
    assert texts(text, whole.content) == ["the mayor denied that it leaks"]
    assert texts(text, within.content) == ["it leaks"]
    assert texts(text, within.link.sources) == ["the mayor"]
    assert within.evidence == SURE
    outside = (["doubts it"], "doubts", "Bo Reed")
    uncued = (["it leaks"], None, "the mayor")
    assert len(read(text, outer, nested=(outside, uncued))) == 1


def test_a_quotation_alone_goes_on_where_a_quoted_claim_stands_before() -> None:
    text = "“We won,” Ada Quill said.\n“It was late.”\nThe town slept.\n“So did we.”"
    said = (["We won"], "said", "Ada Quill")
    one, two, three = read(text, said, (["It was late."], None, None), (["So did we."], None, None))
    assert (one.link.continues, two.link.continues, three.link.continues) == (False, True, False)
    assert three.link.sources == []


def test_names_and_events_are_the_taggers_and_peoples_from_a_table() -> None:
    text = "Foreign Minister Ada Quill met French envoys at the Norland Games in Paris on Monday."
    tagger = Says(
        names={"Ada Quill": "person", "Paris": "organisation"}, events=("Norland Games", "Quill met")
    )
    (reading,) = EnglishModel(tagger).read([text])
    found = {entity.name: entity for entity in reading.entities}
    assert found["Ada Quill"].titles == ["Foreign Minister"]
    assert {name: entity.type for name, entity in found.items()} == {
        "Ada Quill": "person",
        "France": "place",
        "Norland Games": "event",
        "Paris": "organisation",
    }
    assert found["France"].country == "FR"


def test_the_version_names_the_weights() -> None:
    version = EnglishModel(Says()).version
    assert (version.name, version.version.partition("+")[0]) == ("english", "7")
    assert version.weights_sha256 == "0" * 64


def test_without_a_trained_network_there_is_no_model(tmp_path) -> None:
    with pytest.raises(ModelMissingError, match="no trained tagger"):
        EnglishModel.load(tmp_path)
