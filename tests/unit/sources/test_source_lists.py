from __future__ import annotations

import tomllib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sharing.definitions import define
from newswire.sources.lists import BadList, read_list, write_list
from schemas.base import Publisher
from schemas.links import registrable_domain
from schemas.source import SourceDefinition
from tests.support.require import ROOT

NOW = "2026-11-24T08:00:00.000000Z"
WHOLE = define(
    "https://example.org/feed",
    now=NOW,
    name='The "Example" Ω\\/\x7f\n',
    publisher=Publisher(domain="example.org", name="Example Group", country="GB"),
    language="en-GB",
    tags=["News/World", "b"],
    enabled=False,
    lane="backfill",
    follow="always",
    min_interval_s=60,
    max_interval_s=3600,
    revisit_after_s=(5,),
    allow_hosts=["example.org"],
    options={"deep": {"a": [1, 2.5, True, "x"]}},
    attributes={"htmlUrl": "https://example.org/", "{urn:x}y z": "1"},
)


def alike(definition: SourceDefinition) -> SourceDefinition:
    return msgspec.structs.replace(definition, added_at="", updated_at="")


def test_a_list_in_toml_keeps_everything():
    plain = define("https://example.com/", now=NOW)
    listed = read_list(write_list([WHOLE, plain], "toml"))
    assert list(map(alike, listed.definitions)) == [alike(WHOLE), alike(plain)]
    assert listed.skipped == []


def test_a_list_in_opml_keeps_what_feed_readers_know():
    named = msgspec.structs.replace(WHOLE, name="Example")
    (back,) = read_list(write_list([named], "opml")).definitions
    assert (back.url, back.name, back.language) == (WHOLE.url, "Example", "en-GB")
    assert back.tags == ["News/World", "b"]
    assert back.attributes["htmlUrl"] == "https://example.org/"
    assert back.source_id == WHOLE.source_id


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(TEXT, st.lists(TEXT, max_size=3), st.dictionaries(TEXT, TEXT, max_size=3))
def test_any_text_survives_toml(name, tags, attributes):
    definition = define("https://example.org/", now=NOW, name=name, tags=tags, attributes=attributes)
    (back,) = read_list(write_list([definition], "toml")).definitions
    assert (back.name, back.attributes) == (name, attributes)
    assert back.tags == list(dict.fromkeys(tags))


def test_tags_are_added_once():
    (back,) = read_list(write_list([WHOLE], "toml"), tags=["b", "c"]).definitions
    assert back.tags == ["News/World", "b", "c"]


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ('name = "x"', "it has no url"),
        ("url = 3", "it has no url"),
        ('url = "ftp://example.org/"', "is no web address"),
        ('url = "https://example.org/"\nnmae = "x"', "there is no nmae"),
        ('url = "https://example.org/"\ntags = "x"', "tags"),
        ('url = "https://example.org/"\nmin_interval_s = "x"', "min_interval_s"),
        ('url = "https://example.org/"\ncountry = 3', "are texts"),
        ('url = "https://example.com/"', "it stands there twice"),
    ],
)
def test_what_is_no_source_is_passed_over_and_said(table, why):
    listed = read_list(f'[[source]]\nurl = "https://example.com/"\n[[source]]\n{table}\n'.encode())
    assert [each.url for each in listed.definitions] == ["https://example.com/"]
    ((_, said),) = listed.skipped
    assert why in said


@pytest.mark.parametrize(
    "data",
    [b"", b"source = 1", b"[source]", b"x", b"\xff\xfe\x00", b"<html/>", b"source = [1]", b"[[" * 90_000],
)
def test_what_is_no_list_is_said_in_one_line(data):
    with pytest.raises(BadList) as said:
        read_list(data)
    assert "\n" not in str(said.value)


def test_the_starter_list_is_whole():
    data = (ROOT / "seeds" / "sources.toml").read_bytes()
    listed = read_list(data)
    assert listed.skipped == []
    assert len(listed.definitions) >= 40
    assert len(tomllib.loads(data.decode())["source"]) == len(listed.definitions)
    assert len({each.language for each in listed.definitions}) >= 10
    assert len({each.publisher.country for each in listed.definitions}) >= 20
    for each in listed.definitions:
        assert each.url.startswith("https://"), each.url
        assert each.name
        assert registrable_domain(each.url)
