"""The bytes of a feed are believed before whoever declares something of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.feeds.parsing.charset import decode
from tests.support.feeds import parsed, rss

TITLE = "Fährverkehr eingestellt – „unsicher“"
ITEM = f"<item><title>{TITLE}</title><guid>1</guid></item>"


def prolog(name: str) -> str:
    return f'<?xml version="1.0" encoding="{name}"?>'


@pytest.mark.parametrize(
    ("declared", "encoded", "header"),
    [
        ("utf-8", "utf-8", None),
        ("windows-1252", "cp1252", None),
        ("iso-8859-1", "cp1252", None),  # what everybody means by it
        ("utf-16", "utf-16", None),
        ("utf-16", "utf-16-le", None),
        ("utf-16", "utf-16-be", None),
        ("utf-8", "utf-16-le", None),  # a prolog in UTF-16 that names another is one of a recoder
        ("utf-32", "utf-32-le", None),
        ("utf-32", "utf-32-be", None),
        ("utf-8", "utf-8-sig", None),
        ("utf-8", "cp1252", "windows-1252"),  # a server that recodes, and a prolog that was forgotten
    ],
)
def test_a_feed_in_many_charsets(declared: str, encoded: str, header: str | None):
    data = rss(ITEM, before=prolog(declared)).decode().encode(encoded)
    feed = parsed(data, charset=header)
    assert [entry.title for entry in feed.entries] == [TITLE]
    assert not feed.ill_formed


@pytest.mark.parametrize(
    ("declared", "encoded", "header"),
    [
        ("utf-16", "utf-8", None),
        ("iso-8859-1", "utf-8", None),
        ("utf-7", "utf-8", None),
        ("klingon-1", "utf-8", None),
        ("utf-8", "utf-8", "iso-8859-1"),
        ("utf-16le", "utf-8-sig", None),
        ("big5", "utf-8", None),
    ],
)
def test_who_lies_is_not_believed(declared: str, encoded: str, header: str | None):
    data = rss(ITEM, before=prolog(declared)).decode().encode(encoded)
    feed = parsed(data, charset=header)
    assert [entry.title for entry in feed.entries] == [TITLE]
    assert "charset_lies" in feed.flags


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("shift_jis", "連絡船の運航が停止された。船体に亀裂が見つかったためである。" * 8),
        ("euc-kr", "여객선 운항이 중단되었다. 선체에서 균열이 발견되었기 때문이다. " * 8),
        ("koi8-r", "Паром перестал ходить после того, как в корпусе нашли трещины. " * 8),
        ("gb2312", "渡轮停航,因为船体上发现了裂缝。议会周三通过了预算。" * 8),
    ],
)
def test_a_charset_that_nobody_declares_is_guessed(name: str, text: str):
    data = rss(f"<item><title>{text.strip()}</title></item>").decode().encode(name)
    feed = parsed(data)
    assert feed.entries[0].title == text.strip()
    assert feed.flags.count("charset_lies") == 1


def test_a_charset_that_shifts_passes_for_ascii_and_is_believed():
    data = (
        rss("<item><title>連絡船</title></item>", before=prolog("iso-2022-jp")).decode().encode("iso-2022-jp")
    )
    assert data.isascii()
    feed = parsed(data)
    assert feed.entries[0].title == "連絡船"
    assert feed.encoding == "iso2022_jp"


def test_utf_7_is_nothing():
    data = rss("<item><title>+ADw-script+AD4-</title></item>", before=prolog("utf-7"))
    assert parsed(data, charset="utf-7").entries[0].title == "+ADw-script+AD4-"


def test_bytes_of_no_charset_are_told():
    found = decode(b"<?xml version='1.0' encoding='utf-8'?><rss>\xff\xfe\xfd caf\xc3\xa9</rss>", "utf-8")
    assert "undecodable" in found.flags
    assert "café" in found.text


@given(st.binary(max_size=300), st.none() | st.text(max_size=20) | st.sampled_from(["utf-16", "hz", "cp037"]))
def test_any_bytes_decode_to_something(data: bytes, charset: str | None):
    found = decode(data, charset)
    assert isinstance(found.text, str)
    assert len(set(found.flags)) == len(found.flags)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60))
def test_utf_8_is_never_taken_for_another(text: str):
    assert decode(f"<a>{text}</a>".encode(), None).text == f"<a>{text}</a>"
