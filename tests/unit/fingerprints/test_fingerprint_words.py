import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.fingerprints.words import split_words


def sentences(text: str) -> list[str]:
    words = split_words(text)
    ends = [*words.sentences[1:], len(words.folded)]
    return [b" ".join(words.folded[i:j]).decode() for i, j in zip(words.sentences, ends, strict=False)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The vote failed. A second is due.", ["the vote failed", "a second is due"]),
        (
            "Mr. Adeyemi spoke to Dr. J. K. Osei of the U.S. Senate.",
            ["mr adeyemi spoke to dr j k osei of the u s senate"],
        ),
        ("Prices rose 3.5 percent. Wages did not.", ["prices rose 3 5 percent", "wages did not"]),
        ("“We won.” She left.", ["we won", "she left"]),
        ('"Why?" he asked. "Because," she said.', ["why he asked", "because she said"]),
        (
            "It was (she said) over. (He agreed.) Nobody else did.",
            ["it was she said over", "he agreed", "nobody else did"],
        ),
        ("Wait... He came! Really?! Yes.", ["wait", "he came", "really", "yes"]),
        ("It rose from No. 5 to No. 3 vs. Leeds.", ["it rose from no 5 to no 3 vs leeds"]),
        (
            "example.org went down. www.example.com did not",
            ["example org went down www example com did not"],
        ),
        ("他走了。她留下！真的？", ["他走了", "她留下", "真的"]),
        ("", []),
        (" \n—!", []),
        ("... And then nothing.", ["and then nothing"]),
    ],
)
def test_sentences_are_split_by_cheap_rules(text, expected):
    assert sentences(text) == expected


def test_a_line_end_ends_no_sentence():
    assert sentences("A heading without a stop\n\nThe text after it.") == [
        "a heading without a stop the text after it"
    ]


@given(st.text())
def test_words_are_those_of_the_casefolded_text(text):
    clean = unicodedata.normalize("NFC", text)
    for invisible in "\u00ad\u200b\u2060\ufeff\x01":
        clean = clean.replace(invisible, " " if invisible == "\x01" else "")
    expected = re.findall(r"\w+", clean.casefold())
    assert [w.decode() for w in split_words(text).folded] == expected


@given(st.text())
def test_sentences_cover_all_words(text):
    words = split_words(text)
    assert words.sentences == sorted(set(words.sentences))
    assert all(0 <= i < len(words.folded) for i in words.sentences)
    if words.folded:
        assert words.sentences[0] == 0
    assert all(re.match(r"\w", words.text[i]) for i in words.opens)


@pytest.mark.parametrize(
    "hostile", ["." * 200_000, '."' * 100_000, ". " * 100_000, " " * 200_000, "\u2026“" * 90_000]
)
def test_runs_of_stops_take_linear_time(hostile):
    # The suite's timeout is the assertion: quadratic matching would take hours here.
    assert len(split_words(f"One {hostile} two").folded) == 2


def test_more_symbols_than_are_replaced_one_by_one():
    symbols = "".join(map(chr, range(0x2190, 0x2200)))
    assert split_words(f"é{symbols}ü").folded == ["é".encode(), "ü".encode()]
