"""What is extracted is scored against gold, and the page says what could not be scored."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec
import pytest

from bench.evaluation import __main__ as evaluation
from bench.evaluation.claim_sections import (
    agreement_section,
    frozen_section,
    open_section,
    polnear_section,
    together_section,
)
from bench.evaluation.claim_tables import Pair, Scored, attribute_table, content_table, values_table
from bench.evaluation.corenlp import corenlp_mentions
from bench.evaluation.desk_tables import confidence_table, desk_table
from bench.evaluation.entity_sections import ieer_section
from bench.evaluation.entity_tables import Mentions, document_table, entity_table
from bench.evaluation.extraction import extract
from bench.evaluation.floors import (
    attribute_figures,
    desk_figures,
    entity_figures,
    nested_figure,
    outer_figures,
    polnear_figures,
    trust_figures,
)
from bench.evaluation.found import Found, names_agree
from bench.evaluation.held import Held, floor_table
from bench.evaluation.looks import append_look
from bench.evaluation.named import fullest, named, plain
from bench.evaluation.peers import asked, peers
from bench.evaluation.report import Page, page
from bench.evaluation.samples import AbsentError, Sample, gold_samples, ieer_samples, polnear_samples
from bench.evaluation.stock import stock_mentions
from bench.scoring.claims import Attribution
from bench.scoring.figures import Estimate
from schemas.claim import ModelVersion
from streams.enrich.enricher import Enricher
from tests.support.gold import ARTICLE, CLAIMS, ENTITIES, PLAIN, write_article, write_labels
from tests.support.require import require_shared

ROLES = ("content", "cue", "source")


@pytest.fixture(scope="module")
def enricher() -> Enricher:
    return Enricher.load()


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    for article in ("a01", "a02"):
        write_article(tmp_path, article)
        write_labels(tmp_path, "gold", article=article)
    return tmp_path


def said(text: str, content: str, cue: str = "", source: str = "", **fields: object) -> Attribution:
    """A claim whose parts stand in *text* where they first occur."""
    parts = {
        role: ((text.index(piece), text.index(piece) + len(piece)),) if piece else ()
        for role, piece in zip(ROLES, (content, cue, source), strict=True)
    }
    return Attribution(**parts, **({"values": PLAIN} | fields))  # type: ignore[arg-type]


def rows(markdown: str) -> dict[str, list[str]]:
    lines = [line.strip("| ").split(" | ") for line in markdown.splitlines() if line.startswith("| ")]
    return {line[0]: line[1:] for line in lines}


TEXT = 'Ada Quill said the bridge would open. "It will hold," she added. Rain came, reportedly.'
BRIDGE = said(TEXT, "the bridge would open", "said", "Ada Quill", originators=("Ada Quill",))
HOLDS = said(
    TEXT,
    '"It will hold,"',
    "added",
    "she",
    originators=("Ada Quill",),
    values=PLAIN | {"kind": "direct"},
)
RAIN = said(TEXT, "Rain came", "reportedly", values=PLAIN | {"source_type": "none"})


def scored(*guess: Attribution) -> list[Scored]:
    return [Scored(TEXT, [BRIDGE, HOLDS, RAIN], list(guess))]


def test_contents_are_counted_with_their_sources_and_cues() -> None:
    without_source = said(TEXT, "the bridge would open", "said")
    table = rows(content_table(scored(without_source, HOLDS, said(TEXT, "open"))))
    # joint: one of three and three; indirect: one of two
    expected = ["3 / 3", "66.7", "66.7", "66.7", "66.7", "33.3", "50.0", "50.0", "100.0"]
    assert table["outer claims"] == expected
    assert "nested claims" not in table


def test_attributes_stand_beside_the_most_common_value() -> None:
    guess = said(TEXT, "Rain came", values=PLAIN | {"source_type": "role", "stance": "distancing"})
    table = rows(attribute_table(scored(BRIDGE, HOLDS, guess)))
    assert table["stance"] == ["3, 1", "80.0", "100.0", "66.7", "100.0"]
    assert table["source_type"] == ["3, 2", "50.0", "40.0", "66.7", "66.7"]


def test_a_desk_sees_whose_name_is_wrong_and_which_quotation_is_not_exact() -> None:
    other = said(TEXT, '"It will hold,"', "added", "she", originators=("Bob Reed",))
    rumour = said(TEXT, "Rain came", "reportedly", "she")
    table = rows(desk_table(scored(BRIDGE, other, rumour)))
    assert table["named originator right"] == ["2", "50.0"]
    assert table["named originator right, source is a name"] == ["1", "100.0"]
    assert table["named originator right, source is a pronoun"] == ["1", "0.0"]
    assert table["named originator right, source is a role or description"] == ["0", "–"]
    assert table["a person is named, and it is the wrong one"] == ["2", "50.0"]
    assert table["a source is given where there is none"] == ["1", "100.0"]
    assert table["words in quotation marks exact"] == ["1", "0.0"]
    exact = said(TEXT, '"It will hold,"', verbatim=said(TEXT, "It will hold").content)
    assert rows(desk_table(scored(exact)))["words in quotation marks exact"] == ["1", "100.0"]


@pytest.mark.parametrize(
    ("gold", "guess", "same"),
    [
        (["Ada Quill"], ["Quill"], True),
        (["Ada Quill", "Bob Reed"], ["Bob Reed"], True),
        (["Ada Quill", "Bob Reed"], ["Ada Reed"], False),
        (["Ada Quill"], ["Quill", "Bob Reed"], False),
        (["The Echo"], ["Echo"], True),
        (["Ada Quill"], ["Ada Reed"], False),
        (["Ada Quill"], [""], False),
        (["Ada MacRae"], ["Ada Mac Rae"], True),
        (["Mac Rae"], ["MacRae Quill"], True),
        (["MacRae Quill"], ["Mac Rae"], True),
        (["U.S. Coast Guard"], ["US"], True),
        (["Annabel Lee"], ["Ann"], False),
        (["Ann"], ["Annabel Lee"], False),
        (["Mac Rae"], ["MacRaeburn"], False),
    ],
)
def test_a_name_is_right_if_it_is_golds_or_a_part_of_it(
    gold: list[str], guess: list[str], *, same: bool
) -> None:
    assert names_agree(gold, guess) is same
    assert names_agree((), ()) is False


def test_the_wording_of_a_source_is_told_apart() -> None:
    role = said(TEXT, "Rain came", source="the bridge", originators=("Ada Quill",))
    wordings = [Found(TEXT, claim, claim).wording for claim in (BRIDGE, HOLDS, role, RAIN)]
    assert wordings == ["name", "pronoun", "description", "none"]


@pytest.mark.parametrize(
    ("gold", "guess", "right"),
    [
        ("the bridge", "bridge", True),
        ("the bridge", "Ada Quill", False),
        ("the bridge", None, False),
        (None, None, True),
    ],
)
def test_who_is_not_named_must_be_the_same_words(gold: str, guess: str, right: bool) -> None:
    found = Found(TEXT, said(TEXT, "It will hold", source=gold), said(TEXT, "It will hold", source=guess))
    assert found.originator_right is right


def test_confidence_is_judged_only_where_there_is_one() -> None:
    assert confidence_table(scored(BRIDGE)).startswith("The extractor gives no confidence")
    sure = said(TEXT, "the bridge would open", originators=("Ada Quill",), confidence=0.9)
    unsure = said(TEXT, '"It will hold,"', originators=("Bob Reed",), confidence=0.6)
    told = confidence_table(scored(sure, unsure))
    assert rows(told)["0.0"] == ["100.0", "50.0", "50.0"]
    assert rows(told)["0.7"] == ["50.0", "100.0", "0.0"]
    assert told.endswith("Expected calibration error: 0.35.")


def test_entities_are_right_by_span_and_type_and_once_a_document() -> None:
    gold = {(0, 9): "person", (20, 30): "place", (40, 50): "event"}
    guess = {(0, 9): "person", (20, 30): "organisation", (60, 70): "place"}
    table = rows(entity_table(("person", "place"), [gold], {"ours": [guess]}))
    assert table["ours"] == ["50.0", "50.0", "50.0", "100.0", "0.0"]
    names = [frozenset({("Ada Quill", "person"), ("Elda", "place")})]
    told = rows(document_table(names, {"ours": [names[0] | {("It", "other")}], "theirs": [frozenset()]}))
    assert told["ours"] == ["66.7", "100.0", "80.0"]
    assert told["theirs"][1] == "0.0"


def test_names_of_a_document_are_compared_plainly() -> None:
    text = "The French of France met Ana\nRuiz in the OECD. RUIZ left for Elda. The Hague waits."
    spans = {"French": "place", "Ana\nRuiz": "person", "OECD": "organisation", "Elda": "place"}
    found = named(
        text, {(text.index(name), text.index(name) + len(name)): kind for name, kind in spans.items()}
    )
    assert plain(found | {("the OECD", "organisation"), ("French", "organisation")}) == {
        ("France", "place"),
        ("Ana Ruiz", "person"),
        ("OECD", "organisation"),
        ("Elda", "place"),
        ("French", "organisation"),
    }
    assert fullest(text, [(49, 53), (25, 33)]) == "Ana Ruiz"


def test_figures_stand_beside_peers_floors_and_aims() -> None:
    table = rows(floor_table(polnear_figures("news", scored(BRIDGE, RAIN))))
    assert table["news: content F1 at word IoU 0.3"] == [
        "80.0",
        "rules 53.7, annotators 82.2",
        "≥ 82",
        "≥ 85",
        "missed",
    ]
    assert table["news: content F1 at word IoU 0.5"][2:] == ["≥ 78", "≥ 81", "met"]
    assert table["news: source hit on those matched at 0.3"][2:] == ["≥ 92", "≥ 95", "aim met"]
    assert table["news: joint F1 at 0.5"] == ["80.0", "–", "–", "–"]
    wire = rows(floor_table(outer_figures("wire", scored(BRIDGE, RAIN, HOLDS), (87, 91))))
    assert wire["wire: outer content F1 at word IoU 0.5"] == ["100.0", "–", "≥ 87", "≥ 91", "aim met"]
    inner = [Scored(TEXT, [BRIDGE, msgspec.structs.replace(HOLDS, nested=True)], [HOLDS])]
    nested = rows(floor_table(nested_figure("wire", inner, "readers 85.1")))
    assert nested["wire: nested content F1 at word IoU 0.5"] == ["0.0", "readers 85.1", "≥ 60", "–", "missed"]
    assert nested_figure("wire", scored(RAIN)) == []


def test_entities_stand_beside_those_of_peers() -> None:
    gold = [{(0, 9): "person", (9, 12): "event"}]
    (figure,) = entity_figures("names", gold, {"newswire": gold, "other": [{}]}, (86, 89))
    assert figure.row() == [
        "names: F1 of persons, organisations and places",
        "100.0",
        "other 0.0",
        "≥ 86",
        "≥ 89",
        "aim met",
    ]


def test_a_wrong_person_is_held_to_a_confidence_once_one_is_published() -> None:
    sure = said(TEXT, "the bridge would open", originators=("Ada Quill",), confidence=0.9)
    unsure = said(TEXT, '"It will hold,"', originators=("Bob Reed",), confidence=0.6)
    anywhere = rows(floor_table(trust_figures("gold", scored(sure, unsure), None, held=True)))
    told = "gold: a wrong person is named, at any confidence: no threshold is published"
    assert anywhere[told] == ["50.0", "–", "< 2", "–", "missed"]
    assert "gold: claims left" not in str(anywhere)
    value, alone, *held = anywhere["gold: expected calibration error"]
    assert (value, held) == ("0.350", ["< 0.05", "–", "missed"])
    assert alone.startswith("by chance alone 0.")
    above = rows(floor_table(trust_figures("gold", scored(sure, unsure), 0.8, held=True)))
    assert above["gold: a wrong person is named, from 0.8 on"][0] == "0.0"
    assert above["gold: claims left, from 0.8 on"][0] == "50.0"
    alone = rows(floor_table(desk_figures("gold", scored(sure, unsure))))
    assert alone["gold: named originator right"][0] == "50.0"
    assert not [row for row in alone.values() if "missed" in row], "one set alone is not held to it"


def test_what_could_not_be_measured_is_said_so() -> None:
    unknown = Held(name="x", estimate=Estimate(None), floor=1)
    assert unknown.figure is None
    assert unknown.row() == ["x", "–", "–", "≥ 1", "–", "not measured"]
    assert trust_figures("gold", scored(BRIDGE), held=True)[-1].verdict == "not measured"


def test_values_that_gold_leaves_open_are_passed_over() -> None:
    pairs = [[Pair({"force": "question"}, PLAIN), Pair({"force": "assertion", "stance": "neutral"}, PLAIN)]]
    table = rows(values_table(pairs, ("force", "stance")))
    assert table["force"][0] == "2, 2"
    assert table["stance"] == ["1, 1", "100.0", "100.0", "100.0", "100.0"]
    (force,) = attribute_figures("oracle", pairs, ["force"])
    assert force.row()[:3] == ["oracle: force, macro-F1", "33.3", "most common value 33.3"]


def test_documents_are_told_apart_by_part() -> None:
    inner = msgspec.structs.replace(HOLDS, nested=True)
    both = [*scored(BRIDGE), Scored(TEXT, [BRIDGE, inner], [BRIDGE, inner])]
    table = rows(content_table(both, parts={"first": both[:1], "second": both[1:]}))
    assert [table[f"{part}outer claims"][0] for part in ("", "first: ", "second: ")] == [
        "4 / 2",
        "3 / 1",
        "1 / 1",
    ]
    assert table["second: nested claims"][1] == "100.0"
    assert "first: nested claims" not in table


def test_a_peer_that_cannot_be_asked_is_named() -> None:
    def missing(samples: Sequence[Sample], *, demonyms: str | None) -> list[Mentions]:
        raise AbsentError(f"{len(samples)} texts, {demonyms}")

    answers = asked({"other": missing}, [Sample(name="x", text="y")], [{}], demonyms=None)
    assert answers.systems == {"newswire": [{}]}
    assert answers.absent == ["other was not asked: 1 texts, None."]


def test_corenlp_is_asked_only_where_it_can_be_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(peers()) == ["spaCy en_core_web_sm"]
    assert list(peers(tmp_path)) == ["spaCy en_core_web_sm", "CoreNLP 3-class"]
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AbsentError, match="Maven is needed"):
        corenlp_mentions([Sample(name="x", text="Ada Quill")], demonyms=None, folder=tmp_path)


def test_those_who_speak_jointly_are_each_an_originator(gold: Path) -> None:
    bob = {"name": "Bob Reed", "type": "person", "mentions": ["Harbour"]}
    firm = {"name": "Quill and Reed", "type": "organisation", "mentions": ["steel"]}
    claims = [
        CLAIMS[0] | {"originator": "Ada Quill and Bob Reed"},
        CLAIMS[4] | {"originator": "Quill and Reed"},
    ]
    write_labels(gold, "gold", claims=claims, entities=[*ENTITIES, bob, firm])
    (sample,) = gold_samples(["a01"], gold)
    assert [claim.originators for claim in sample.claims or ()] == [
        ("Ada Quill", "Bob Reed"),
        ("Quill and Reed",),
    ]


def test_the_enrich_stage_is_read_as_it_would_be_scored(enricher: Enricher, gold: Path) -> None:
    (found,) = extract(enricher, gold_samples(["a01"], gold))
    quoted = next(claim for claim in found.claims if claim.values["kind"] == "direct")
    assert [ARTICLE[slice(*span)] for span in quoted.cue] == ["said"]
    assert {"It", "We"}.isdisjoint(ARTICLE[slice(*span)] for span in found.mentions)
    assert ("Ada Quill", "person") in found.entities
    spans = [s for c in found.claims for s in (*c.content, *c.cue, *c.source)]
    assert all(0 <= start < end <= len(ARTICLE) for start, end in spans)


def test_nationalities_can_be_left_out(enricher: Enricher) -> None:
    text = "France voted. French farmers protested on Monday."
    (found,) = extract(enricher, [Sample(name="x", text=text)])
    kinds = [
        {text[slice(*span)]: kind for span, kind in of.items()}
        for of in (found.mentions, found.without_demonyms())
    ]
    assert kinds == [{"France": "place", "French": "place"}, {"France": "place"}]


def test_the_stock_model_is_read_without_article_and_possessive() -> None:
    text = "Germany's chancellor met the United Nations. French voters left."
    (with_demonyms,) = stock_mentions([Sample(name="x", text=text)], demonyms="place")
    (without,) = stock_mentions([Sample(name="x", text=text)], demonyms=None)
    named = {text[slice(*span)]: kind for span, kind in with_demonyms.items()}
    assert named == {"Germany": "place", "United Nations": "organisation", "French": "place"}
    assert set(with_demonyms) - set(without) == {(text.index("French"), text.index("French") + 6)}


def test_the_page_scores_what_is_there_and_names_what_is_not(enricher: Enricher, gold: Path) -> None:
    sections = {
        "Readers": partial(agreement_section, gold),
        "Open": partial(open_section, enricher, peers(), gold),
        "PolNeAR": partial(polnear_section, enricher, gold),
        "IEER": partial(ieer_section, enricher, peers(), gold),
    }
    scored = page(sections, extractor="rules 1")
    written, figures = scored.text, scored.figures
    assert scored.absent == ["Readers", "PolNeAR", "IEER"]
    assert figures[0].name == "gold, open half: outer content F1 at word IoU 0.5"
    assert {held.name.partition(":")[0] for held in figures} == {"gold, open half"}
    assert "## Readers\n\nNot scored: no article has two readers yet." in written
    assert "## PolNeAR\n\nNot scored: shared data polnear/dev is absent." in written
    assert "## IEER\n\nNot scored: shared data ner/ieer is absent." in written
    assert "Extractor: rules 1." in written
    assert "## Open\n\nArticles: 1." in written
    table = rows(written)
    assert table["nested claims"][0].startswith("1 / ")
    assert table["outer claims"][0].startswith("4 / ")
    assert "spaCy en_core_web_sm" in table


def test_what_may_be_trusted_is_held_to_its_limits_on_gold_alone_where_nothing_else_is_at_hand(
    enricher: Enricher, gold: Path
) -> None:
    section = together_section(enricher, gold / "data", gold)
    assert section.body.startswith("Texts: 1 of gold's open half alone: shared data ")
    limits = {held.name: held.floor for held in section.figures}
    assert limits == {
        "our texts at hand: a wrong person is named, from 0.9 on": 2,
        "our texts at hand: claims left, from 0.9 on": None,
        "our texts at hand: expected calibration error": 0.05,
    }


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_without_shared_data_the_page_is_printed_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NEWSWIRE_SHARED", str(tmp_path))
    monkeypatch.setattr(evaluation, "PAGE", tmp_path / "evaluation.md")
    assert evaluation.main([]) == 0
    assert not list(tmp_path.iterdir())
    said = capsys.readouterr()
    assert "## PolNeAR, dev\n\nNot scored: " in said.out
    assert "our texts at hand: expected calibration error" in said.out
    assert "evaluation.md stays as it is, for want of data for BBC and Reuters; " in said.err


def test_a_page_that_lacks_a_set_is_written_where_a_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation, "PAGE", tmp_path / "evaluation.md")
    monkeypatch.setattr(evaluation, "page", lambda *_, **__: Page("# Evaluation\n", [], ["PolNeAR, dev"]))
    assert evaluation.main(["--model", "fake"]) == 0
    assert not list(tmp_path.iterdir())
    named = tmp_path / "named.md"
    assert evaluation.main(["--model", "fake", "--out", str(named)]) == 0
    assert list(tmp_path.iterdir()) == [named]
    assert named.read_text("utf-8") == "# Evaluation\n"


def test_a_whole_page_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "PAGE", tmp_path / "evaluation.md")
    monkeypatch.setattr(evaluation, "page", lambda *_, **__: Page("# Evaluation\n", [], []))
    assert evaluation.main(["--model", "fake"]) == 0
    assert (tmp_path / "evaluation.md").read_text("utf-8") == "# Evaluation\n"


def test_labels_that_are_missing_or_wrong_are_not_scored(gold: Path) -> None:
    write_article(gold, "a03")
    with pytest.raises(AbsentError, match="1 of 2 articles are not adjudicated yet"):
        gold_samples(["a01", "a03"], gold)
    write_labels(gold, "gold", claims=[CLAIMS[0] | {"near": None}])
    with pytest.raises(ValueError, match="cue «said» could stand in 2 places"):
        gold_samples(["a01"], gold)


def test_each_look_at_the_frozen_half_is_kept(enricher: Enricher, gold: Path) -> None:
    version = ModelVersion(name="rules", version="2", weights_sha256="ab" * 32)
    first = append_look(frozen_section(enricher, peers(), gold).body, version, gold).read_text("utf-8")
    second = append_look("| F1 | 80.0 |", version, gold).read_text("utf-8")
    assert second.startswith(first)
    assert second.count(": rules 2, weights abababababab\n") == 2
    assert first.startswith("# Looks at the frozen half\n")


@pytest.mark.shared
def test_the_shared_sets_are_read() -> None:
    polnear = polnear_samples(require_shared("polnear/dev").parents[1])
    assert (len(polnear), sum(len(sample.claims or ()) for sample in polnear)) == (84, 2192)
    ieer = ieer_samples(require_shared("ner/ieer").parents[1])
    assert len(ieer) == 31
    kinds = {kind for sample in ieer for kind in (sample.mentions or {}).values()}
    assert kinds == {"person", "organisation", "place"}
