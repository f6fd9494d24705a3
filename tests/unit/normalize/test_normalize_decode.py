import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.normalize.clean import clean, cut_list, one_line, storable
from streams.normalize.decode import decode, kind_of
from tests.unit.normalize.normalize_parts import body

TEXT = "Im Hafen von Östhaven wird es später als üblich dunkel, sagte die Behörde. Köln grüßt Zürich, „sehr schön“."


@pytest.mark.parametrize(
    ("data", "charset", "flags"),
    [
        (TEXT.encode(), None, ()),
        (TEXT.encode(), "utf-8", ()),
        (TEXT.encode(), "iso-8859-1", ("charset_mismatch",)),
        (codecs.BOM_UTF8 + TEXT.encode(), "iso-8859-1", ()),
        (TEXT.encode("cp1252"), "iso-8859-1", ()),
        (TEXT.encode("cp1252"), "windows-1252", ()),
        (TEXT.encode("utf-16"), None, ()),
        (TEXT.encode("utf-16-le"), "utf-16le", ()),
        (TEXT.encode("utf-16-be"), None, ()),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), None, ()),
        (b'<meta charset="windows-1252">' + TEXT.encode("cp1252"), None, ()),
        (
            b'<meta http-equiv="Content-Type" content="text/html; charset=cp1252">' + TEXT.encode("cp1252"),
            None,
            (),
        ),
        (TEXT.encode("cp1252"), "no-such-charset", ("charset_guessed",)),
    ],
)
def test_encodings(data, charset, flags):
    decoded = decode(body(data, charset=charset))
    assert decoded is not None
    assert decoded.text.endswith(TEXT)
    assert decoded.flags == flags


def test_iso_2022_is_not_taken_for_ascii():
    text = "日本語の記事です。"
    decoded = decode(body(text.encode("iso2022_jp"), charset="iso-2022-jp"))
    assert decoded is not None
    assert decoded.text == text


def test_utf_7_is_never_decoded():
    decoded = decode(body(b"+ADw-script+AD4- and some words", charset="utf-7"))
    assert decoded is not None
    assert "<script>" not in decoded.text


def test_a_few_invalid_bytes_in_utf_8():
    data = TEXT.encode() * 5 + b"\xe9"
    decoded = decode(body(data + b" end", charset=None))
    assert decoded is not None
    assert decoded.flags == ("invalid_bytes",)
    assert decoded.text.startswith(TEXT)
    assert decoded.text.endswith("\ufffd end")


def test_a_cut_through_a_character_is_no_damage():
    decoded = decode(body("schön ist’s".encode()[:-2], truncated=True))
    assert decoded is not None
    assert decoded == ("schön ist", ())


def test_text_comes_as_it_is_but_for_what_no_event_can_carry():
    decoded = decode(body("\ufeffa\x00 bc"))
    assert decoded == ("a\ufffd bc", ("invalid_characters",))
    plain = " as it\r\n\tcame \u00a0\u2028 "
    assert decode(body(plain)) == (plain, ())


@pytest.mark.parametrize("data", [bytes(range(256)) * 40, b"\x00\x01\x02\x03" * 1000, b"\x00\x01"])
def test_binary_is_no_text(data):
    assert decode(body(data)) is None


@given(st.binary())
def test_no_bytes_raise(data):
    for charset in (None, "utf-8", "utf-16", "iso-2022-jp", "big5"):
        decoded = decode(body(data, charset=charset))
        assert decoded is None or storable(decoded.text)


@pytest.mark.parametrize(
    ("content", "media_type", "kind"),
    [
        ("Text", "text/plain", "plain"),
        ("# Text", "text/markdown", "plain"),
        ("<p>Text</p>", "text/plain", "plain"),
        ("<p>Text</p>", "text/html", "html"),
        ("<p>Text</p>", "TEXT/HTML; charset=utf-8", "html"),
        ("<p>Text</p>", "application/xhtml+xml", "html"),
        (b"<!doctype html><p>", "application/octet-stream", "html"),
        ("\ufeff<html>".encode("utf-16-le"), "application/octet-stream", "html"),
        (codecs.BOM_UTF8 + b"<HTML>", "", "html"),
        (b"words", "", "plain"),
        ("<?xml version='1.0'?>\n<html xmlns='x'>", "application/xml", "html"),
        ("<?xml version='1.0'?>\n<report>", "application/xml", None),
        ("<?xml version='1.0'?>\n<!-- x --><rss>", "text/html", None),
        ("<feed>", "text/xml", None),
        ("{}", "application/json", None),
        (b"%PDF-1.7", "text/html", None),
        (b"\x89PNG\r\n", "text/plain", None),
        (b"x", "image/png", None),
    ],
)
def test_what_is_read_as_what(content, media_type, kind):
    assert kind_of(body(content, media_type)) == kind


@given(st.text(st.characters() | st.sampled_from("\x00\ud800\udfff")))
def test_cleaning_keeps_offsets_and_gives_what_can_be_stored(text):
    cleaned = clean(text)
    assert storable(cleaned)
    assert len(cleaned) == len(text)
    assert all(b in {a, "\ufffd"} for a, b in zip(text, cleaned, strict=True))
    assert clean(cleaned) == cleaned


def test_lists_are_cut():
    assert cut_list([" a\n b ", "a b", "", "\x00"]) == ["a b", "\ufffd"]
    assert len(cut_list(map(str, range(1000)))) == 200
    assert cut_list(["x" * 1000]) == ["x" * 500]
    assert one_line(" a\t\n b ") == "a b"
