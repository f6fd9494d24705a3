from __future__ import annotations

import tomllib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sharing.definitions import define
from newswire.sources.lists import BadList, read_list, without_private, write_list
from schemas.base import Publisher
from schemas.links import registrable_domain
from schemas.source import Folder, SourceDefinition
from tests.support.outlines import Node, file_of, nodes, outlines_of
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
    folders=[Folder(tag="News", attributes={"isOpen": "1"})],
)


def alike(definition: SourceDefinition) -> SourceDefinition:
    return msgspec.structs.replace(definition, added_at="", updated_at="")


def test_a_list_in_toml_keeps_everything():
    plain = define("https://example.com/", now=NOW)
    listed = read_list(write_list([WHOLE, plain], "toml"))
    assert list(map(alike, listed.definitions)) == [alike(WHOLE), alike(plain)]
    assert listed.skipped == []


def test_a_list_in_opml_keeps_everything_too():
    # A name in an attribute of XML has no line breaks and no spaces around it.
    whole = msgspec.structs.replace(
        WHOLE, name='The "Example" Ω\\/', attributes={"htmlUrl": "https://example.org/"}
    )
    plain = define("https://example.com/", now=NOW)
    written = write_list([whole, plain], "opml")
    assert b'newswire:min_interval_s="60"' in written
    listed = read_list(written)
    assert list(map(alike, listed.definitions)) == [alike(whole), alike(plain)]
    assert listed.skipped == []


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("min_interval_s='x'", "is no JSON"),
        ("min_interval_s='[1]'", "min_interval_s"),
        ("follow='sometimes'", "follow is none of always, teaser, never: 'sometimes'"),
        ("nmae='x'", "there is no nmae"),
        ("tags='3'", "tags"),
        ("options='" + "[" * 4000 + "'", "is no JSON"),
    ],
)
def test_what_an_outline_says_wrongly_of_a_setting_is_told(said, why):
    listed = read_list(
        "<opml xmlns:n='urn:newswire:sources:v1'><body>"
        f"<outline xmlUrl='https://example.com/'/><outline xmlUrl='https://example.org/' n:{said}/></body></opml>".encode()
    )
    assert [each.url for each in listed.definitions] == ["https://example.com/"]
    ((_, reason),) = listed.skipped
    assert why in reason


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), min_size=1, max_size=20)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "enabled": st.booleans(),
        "lane": st.sampled_from(["live", "backfill"]),
        "follow": st.sampled_from(["always", "teaser", "never"]),
        "min_interval_s": st.integers(1, 600),
        "max_interval_s": st.integers(600, 10**9),
        "revisit_after_s": st.lists(st.integers(0, 10**9), max_size=5),
        "allow_hosts": st.lists(WORDS, max_size=3),
        "language": st.sampled_from(["en", "pt-BR", "sr-Latn"]),
        "options": st.dictionaries(WORDS, st.integers() | st.booleans() | st.lists(WORDS), max_size=3),
        "folders": st.lists(st.builds(Folder, tag=st.just("News")), max_size=1),
    },
)


@given(SETTINGS, st.sampled_from(["opml", "toml"]))
def test_settings_of_our_own_go_out_and_come_back(settings, form):
    definition = define("https://example.org/", now=NOW, tags=["News"], **settings)
    listed = read_list(write_list([definition], form))
    (back,) = map(alike, listed.definitions)
    kept = definition.folders if form == "toml" else []  # a folder without attributes is its tag
    assert back == alike(msgspec.structs.replace(definition, folders=kept))


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(TEXT, st.lists(TEXT, max_size=3), st.dictionaries(TEXT, TEXT, max_size=3))
def test_any_text_survives_toml(name, tags, attributes):
    definition = define("https://example.org/", now=NOW, name=name, tags=tags, attributes=attributes)
    (back,) = read_list(write_list([definition], "toml")).definitions
    assert (back.name, back.attributes) == (name, attributes)
    assert back.tags == list(dict.fromkeys(tags))


def test_a_list_opens_no_private_network_unless_it_is_believed():
    plain = define("https://example.com/", now=NOW)
    for form in ("opml", "toml"):
        listed = read_list(write_list([WHOLE, plain], form))
        assert len(listed.definitions) == 2
        kept = without_private(listed)
        assert [each.url for each in kept.definitions] == ["https://example.com/"]
        ((what, why),) = kept.skipped
        assert what == WHOLE.url
        assert "(example.org): --allow-private" in why


@given(nodes(3))
def test_a_list_of_another_program_goes_in_and_out_with_all_that_it_says(tree: list[Node]):
    data = file_of(tree)
    listed = read_list(data)
    assert listed.skipped == []
    out = write_list(listed.definitions, "opml")
    assert outlines_of(out) == (outlines_of(data) if listed.definitions else {})


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
        ('url = "https://example.org/"\nlane = "fast"', "lane is none of live, backfill: 'fast'"),
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


@pytest.mark.parametrize("url", ["https://jo:CANARY@example.org/", "ftp://x.example/?token=CANARY"])
def test_what_is_said_of_a_wrong_line_holds_no_secrets(url):
    opml = f'<opml><body><outline type="rss" text="x" xmlUrl="{url}"/></body></opml>'
    for data in (f'[[source]]\nurl = "{url}"\n', opml):
        listed = read_list(data.encode())
        assert len(listed.skipped) == 1
        assert "CANARY" not in repr(listed.skipped)
