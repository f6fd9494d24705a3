import hashlib
import re
import subprocess
import sys

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.article import Fingerprints
from schemas.limits import RECORD_BYTES, TEXT_CHARS
from streams.fingerprints import (
    MINHASH_PERMUTATIONS,
    fingerprint,
    jaccard,
    minhash_array,
    shingle_array,
)
from streams.fingerprints.hashing import shingle_hashes

TEXT = (
    "The harbour at Eastmouth will stay closed until 12 March, the port authority said on Monday. "
    "“We cannot open a quay that is not safe,” its director, Ines Abara, told reporters. Some 1,400 "
    "containers wait on three ships off the coast, and two million litres of fuel were moved by road. "
    "Mr. Okafor, who speaks for the dockers, did not answer questions."
)


def sketch_of(text):
    sketch = fingerprint(text).sketch
    assert sketch is not None
    return sketch


def test_what_a_text_is_found_by():
    taken = fingerprint(TEXT)
    words = re.findall(r"\w+", TEXT.casefold())
    assert taken.words == len(words)
    assert taken.exact == hashlib.sha256("\n".join(words).encode()).hexdigest()
    assert taken.sketch is not None
    assert len(shingle_array(taken.sketch)) == len(words) - 2
    assert taken.sketch.sentences == [0, words.index("we"), words.index("some"), words.index("mr")]
    assert taken.sketch.numbers == ["12", "1400", "2000000", "3"]
    assert taken.sketch.names == [
        "Abara", "Eastmouth", "Ines", "March", "Monday", "Okafor",
    ]  # fmt: skip
    assert taken.sketch.negations == ["not open", "not safe", "not answer"]


def test_hashes_are_pinned():
    # Sightings hold them for weeks: a library or a change of ours that gives others must be a new version.
    taken = fingerprint(TEXT)
    assert taken.sketch is not None
    assert (
        hashlib.sha256(taken.minhash).hexdigest()
        == "5c8de086c3cfc7fd18b99c7699cc2a72239b0a2be3d17e8f51a5ae69a4de2fd9"
    )
    assert (
        hashlib.sha256(taken.sketch.shingles).hexdigest()
        == "20616a3a93923232961b674e23f2fe304f161fe4c8beca1a7e77e037526dc0a6"
    )


def test_another_process_with_another_hash_seed_agrees():
    code = (
        "import sys; from streams.fingerprints import fingerprint; import msgspec;"
        "sys.stdout.buffer.write(msgspec.json.encode(fingerprint(sys.stdin.read())))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=TEXT.encode(), capture_output=True, check=True,
        env={"PYTHONHASHSEED": "7", "PYTHONUTF8": "1", "PYTHONPATH": "."},
    )  # fmt: skip
    assert msgspec.json.decode(done.stdout, type=Fingerprints) == fingerprint(TEXT)


def test_short_texts_have_only_their_count():
    assert fingerprint("word " * 29) == Fingerprints(words=29)
    assert fingerprint("word " * 30).exact is not None
    assert fingerprint("") == Fingerprints()


whitespace = st.text(" \t\n\r\f\v\u00a0\u2028", min_size=1, max_size=4)
prose = st.lists(
    st.sampled_from(
        ["Alpha", "beta", "Mr.", "not", "two", "5.5", "million.", "“Yes,”", "end.", "U.S.", "é!"]
    ),
    min_size=30,
    max_size=60,
)


@given(prose, st.data())
def test_whitespace_plays_no_part(words, data):
    gaps = data.draw(st.lists(whitespace, min_size=len(words), max_size=len(words)))
    wrapped = "".join(gap + word for gap, word in zip(gaps, words, strict=True)) + "\n"
    assert fingerprint(wrapped) == fingerprint(" ".join(words))


@given(st.text(min_size=60))
def test_any_text_has_fingerprints_and_the_same_again(text):
    taken = fingerprint(text)
    assert taken == fingerprint(text)
    if taken.words >= 30:
        assert taken.minhash is not None
        assert minhash_array(taken.minhash).shape == (MINHASH_PERMUTATIONS,)
        sketch = sketch_of(text)
        assert all(0 <= i < len(shingle_array(sketch)) for i in sketch.sentences)
        assert sketch.numbers == sorted(set(sketch.numbers))
        assert sketch.names == sorted(set(sketch.names))
        msgspec.json.encode(taken)
    else:
        assert taken.exact is taken.minhash is taken.sketch is None


def test_quotes_and_composition_do_not_matter():
    plain = TEXT.replace("“", '"').replace("”", '"')
    assert fingerprint(plain) == fingerprint(TEXT)
    assert fingerprint(TEXT.replace("Ines", "Inés")) == fingerprint(TEXT.replace("Ines", "Ine\u0301s"))


def test_letter_case_changes_names_and_no_copy():
    upper, lower = fingerprint(TEXT.upper()), fingerprint(TEXT.lower())
    assert upper.exact == lower.exact
    assert upper.minhash == lower.minhash
    assert upper.sketch.shingles == lower.sketch.shingles
    assert upper.sketch.names != lower.sketch.names == []


@given(
    st.lists(st.sampled_from("abcdefgh"), min_size=3, max_size=300),
    st.lists(st.sampled_from("abcdefgh"), min_size=3, max_size=300),
)
def test_jaccard_is_that_of_the_sets_of_word_triples(a, b):
    def triples(words):
        return set(zip(words, words[1:], words[2:], strict=False))

    def hashes(words):
        return (shingle_hashes([w.encode() for w in words]) >> 32).astype(np.uint32)

    union = triples(a) | triples(b)
    assert jaccard(hashes(a), hashes(b)) == len(triples(a) & triples(b)) / len(union)


def test_jaccard_of_nothing_is_nothing():
    nothing = np.empty(0, dtype=np.uint32)
    assert jaccard(nothing, nothing) == 0
    assert jaccard(nothing, np.array([1], dtype=np.uint32)) == 0


def test_order_of_words_matters_to_a_shingle():
    assert (
        len(
            {
                int(shingle_hashes(order.split())[0])
                for order in (b"a b c", b"a c b", b"b a c", b"c b a", b"b c a", b"c a b")
            }
        )
        == 6
    )


def test_minhash_estimates_jaccard():
    words = [f"w{i}" for i in range(1000)]
    a, b = fingerprint(" ".join(words[:800])), fingerprint(" ".join(words[200:]))
    true = jaccard(shingle_array(a.sketch), shingle_array(b.sketch))
    estimate = np.mean(minhash_array(a.minhash) == minhash_array(b.minhash))
    assert true == pytest.approx(0.6, abs=0.01)
    assert estimate == pytest.approx(true, abs=0.15)  # four standard deviations of 128 permutations


def test_a_signature_of_another_length_is_refused():
    with pytest.raises(ValueError, match="128"):
        minhash_array(b"\0" * 508)


@pytest.mark.parametrize(
    "hostile",
    [
        "1 " * 150_000,
        "".join(f"A{i} " for i in range(60_000)),
        "no " * 100_000,
        "A. " * 100_000,
        "x" * TEXT_CHARS,
    ],
    ids=["numbers", "names", "negations", "sentences", "one word"],
)
def test_no_text_makes_a_sketch_that_leaves_no_room_in_a_record(hostile):
    taken = fingerprint(hostile[:TEXT_CHARS])
    assert len(msgspec.json.encode(taken)) < RECORD_BYTES / 2
