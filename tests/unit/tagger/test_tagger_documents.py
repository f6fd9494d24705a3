from __future__ import annotations

import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.enrich.drafts import Range
from streams.enrich.layout import model_text
from streams.tagger.training.documents import Document, Named
from streams.tagger.training.gum import read_gum
from streams.tagger.training.ieer import held_back, read_ieer
from streams.tagger.training.polnear import read_polnear
from streams.tagger.training.teacher import BETWEEN, TeacherError, aligned, dealt
from streams.tagger.training.texts import labelled_text
from streams.tagger.training.wrapping import reset, wrapped
from tests.support.require import require_shared

STANDOFF = (
    "T1\tSource 0 9\tAda Quill\n"
    "T2\tCue 10 14\tsaid\n"
    "T3\tContent 15 22;30 34\tthey won last\n"
    "T4\tAttribution 10 14\tsaid\n"
    "Tea was served, a second line of a text that spans two\n"
    "E1\tAttribution:T4 Content:T3 Cue:T2 Source:T1\n"
    "E2\tAttribution:T4 Cue:T2\n"
)


def test_polnear_is_read_as_its_first_annotator_saw_it(tmp_path) -> None:
    (tmp_path / "text").mkdir()
    (tmp_path / "attributions").mkdir()
    (tmp_path / "text" / "one.txt").write_bytes("Ada Quill said they won\r\n“at” last".encode())
    (tmp_path / "attributions" / "one_a.ann").write_text(STANDOFF, "utf-8")
    (tmp_path / "attributions" / "one_b.ann").write_text("", "utf-8")
    (document,) = read_polnear(tmp_path)
    assert document.text.count("\r\n") == 1
    assert document.names is None
    assert document.attributions is not None
    (only,) = document.attributions
    assert only.content == (Range(15, 22), Range(30, 34))
    assert only.source == (Range(0, 9),)
    assert only.cue == (Range(10, 14),)


def test_no_polnear_is_no_empty_polnear(tmp_path) -> None:
    with pytest.raises(FileNotFoundError):
        read_polnear(tmp_path)


def test_offsets_in_polnear_hold_their_texts() -> None:
    dev = require_shared("polnear/dev")
    documents = read_polnear(dev)
    assert len(documents) == len(list((dev / "text").iterdir()))
    for document in documents:
        for one in document.attributions or ():
            for at in (*one.content, *one.source, *one.cue):
                assert 0 <= at.start < at.end <= len(document.text)


def test_ieer_marks_become_offsets(tmp_path) -> None:
    (tmp_path / "APW_1").write_text(
        "<DOC>\n<DOCNO> A1 </DOCNO>\n<TEXT>\n"
        '<b_enamex type="PERSON">Ada Quill<e_enamex> of <b_enamex type="LOCATION">Norland<e_enamex> won '
        '<b_timex type="DATE">Friday<e_timex>.\n</TEXT>\n</DOC>\n',
        "latin-1",
    )
    (tmp_path / "README").write_text("nothing", "latin-1")
    (document,) = read_ieer(tmp_path)
    assert document.text == "\nAda Quill of Norland won Friday.\n"
    assert [(document.text[slice(*at)], type_) for at, type_ in document.names or ()] == [
        ("Ada Quill", "person"),
        ("Norland", "place"),
    ]


def test_every_third_document_is_held_back() -> None:
    documents = [Document(name=str(i), text="") for i in range(7)]
    kept, held = held_back(documents)
    assert [d.name for d in held] == ["2", "5"]
    assert [d.name for d in kept] == ["0", "1", "3", "4", "6"]


def row(number: int, form: str, tag: str, head: int, relation: str, *more: str) -> str:
    return f"{number}\t{form}\t_\t_\t{tag}\t_\t{head}\t{relation}\t_\t{'|'.join(more) or '_'}"


def test_gum_names_are_cut_to_their_proper_nouns(tmp_path) -> None:
    lines = [
        "# newpar",
        row(1, "Mayor", "NNP", 2, "nmod:desc", "Entity=(1-person-new-a-b"),
        row(2, "Ada", "NNP", 7, "nsubj"),
        row(3, "Quill", "NNP", 2, "flat"),
        row(4, "of", "IN", 5, "case"),
        row(5, "Norland", "NNP", 2, "nmod", "Entity=(2-place-new)1)"),
        row(6, "often", "RB", 7, "advmod"),
        row(7, "saw", "VBD", 0, "root"),
        row(8, "the", "DT", 9, "det", "Entity=(3-organization-new"),
        row(9, "Bank", "NNP", 7, "obj"),
        row(10, "of", "IN", 11, "case"),
        row(11, "Norland", "NNP", 9, "nmod", "Entity=(2-place-giv)3)", "SpaceAfter=No"),
        row(12, "and", "CC", 14, "cc", "Entity=(4-person-new"),
        row(13, "her", "PRP$", 14, "nmod"),
        row(14, "son", "NN", 9, "conj", "Entity=4)"),
    ]
    (tmp_path / "one.conllu").write_text(
        "\n".join(lines)
        + "\n\n"
        + "# newpar\n"
        + row(1, "Norland", "NNP", 0, "root", "Entity=(2-place-giv)")
        + "\n",
        "utf-8",
    )
    (document,) = read_gum(tmp_path)
    assert document.text == "Mayor Ada Quill of Norland often saw the Bank of Norlandand her son\nNorland"
    digest = hashlib.sha256(document.text.encode()).hexdigest()
    assert labelled_text(tmp_path, "one.conllu", None, digest) == document.text
    assert [(document.text[slice(*at)], type_) for at, type_ in document.names or ()] == [
        ("Ada Quill", "person"),
        ("Norland", "place"),
        ("Bank of Norland", "organisation"),
        ("Norland", "place"),
    ]


def test_a_teachers_marks_are_found_in_the_text_whatever_its_blanks() -> None:
    text = "Ada  Quill\n\nleft <b>Norland</b>."
    marked = "<PERSON>Ada Quill</PERSON> left <b><LOCATION>Norland</LOCATION></b>."
    names = aligned(text, marked)
    assert [(text[s:e], type_) for s, e, type_ in names] == [("Ada  Quill", "person"), ("Norland", "place")]


def test_a_teachers_answer_to_another_text_is_refused() -> None:
    with pytest.raises(TeacherError, match="code point 4"):
        aligned("Ada Reed", "Ada Quill")


def test_names_go_to_the_document_that_they_stand_in() -> None:
    one, two = Document(name="1", text="Ada won"), Document(name="2", text="In Norland")
    base = len(one.text) + len(BETWEEN)
    found = dealt([one, two], [(0, 3, "person"), (5, base + 2, "place"), (base + 3, base + 10, "place")])
    assert [d.names for d in found] == [(Named(Range(0, 3), "person"),), (Named(Range(3, 10), "place"),)]


def test_annotations_move_to_a_text_of_the_same_length_only() -> None:
    document = Document(name="1", text="Ada won", names=(Named(Range(0, 3), "person"),))
    assert document.with_text("Ada\nwon").names == document.names
    with pytest.raises(ValueError, match="8 for one of 7"):
        document.with_text("Ada  won")


@given(text=st.text(alphabet="ab \n", max_size=200), width=st.integers(3, 40))
def test_wrapping_moves_nothing(text: str, width: int) -> None:
    found = wrapped(text, width)
    assert [c if c != "\n" else " " for c in found] == [c if c != "\n" else " " for c in text]
    assert all(len(line.rstrip()) <= width or " " not in line.strip() for line in found.split("\n"))


def test_setting_anew_keeps_the_words_and_sometimes_does_nothing() -> None:
    rng = random.Random(1)
    text = (
        "The bridge to the harbour is open again, and the council of the town may close it, she said.\n" * 3
    )
    seen = {reset(text, rng) for _ in range(100)}
    assert text in seen
    assert text.replace("\n", " ") in seen
    assert len(seen) > 5
    assert {tuple(one.split()) for one in seen} == {tuple(text.split())}
    assert all(len(one) == len(text) == len(model_text(one)) for one in seen)
