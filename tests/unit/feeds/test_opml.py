"""OPML in and out, and what goes neither way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.feeds.opml import OpmlError, OpmlSource, read, read_opml, write_opml
from connectors.feeds.opml.model import _DEEPEST
from connectors.feeds.opml.outline import MOST_ATTRIBUTES
from schemas.limits import LIST_ITEMS, URL_CHARS
from schemas.source import Folder
from tests.support.outlines import NAME, TEXT, Node, file_of, nodes, outlines_of

CREATED = "Tue, 24 Nov 2026 09:30:00 GMT"


def opml(body: str, head: str = "<title>Mine</title>", before: str = "") -> bytes:
    return f'{before}<opml version="2.0"><head>{head}</head><body>{body}</body></opml>'.encode()


def outline(url: str = "https://example.org/f", more: str = "", text: str = "The Herald") -> str:
    return f'<outline text="{text}" type="rss" xmlUrl="{url}" {more}/>'


def test_folders_become_tags_and_unknown_attributes_stay():
    known = outline(more='htmlUrl="https://example.org/" x:mode="1"')
    other = outline("https://b.example/f", 'title="Other" language="en"')
    file = read_opml(
        opml(
            f"<outline text='News'><outline title='AC/DC \\ Co'>{known}"
            f"</outline></outline>{other}"
            f"<outline text='Sport'>{outline()}</outline>",
        ).replace(b"<opml ", b"<opml xmlns:x='urn:x' ")
    )  # fmt: skip
    first, second = file.sources
    assert (file.title, file.skipped) == ("Mine", [])
    assert (first.url, first.name, first.tags) == (
        "https://example.org/f",
        "The Herald",
        ["News/AC\\/DC \\\\ Co", "Sport"],
    )
    assert first.attributes == {"htmlUrl": "https://example.org/", "{urn:x}mode": "1"}
    assert (second.tags, second.language, second.attributes) == ([], "en", {"title": "Other"})


@pytest.mark.parametrize(
    ("element", "why"),
    [
        (outline("file:///etc/passwd"), "it is no address"),
        (outline("feed://example.org/f"), "it is no address"),
        (outline("http://[::1"), "it is no address"),
        ("<outline/>", "it names no feed"),
        ("<outline text='a page' htmlUrl='https://example.org/page'/>", "it names no feed"),
        ("<outline type='link' url='https://example.org/page' text='a page'/>", "it names no feed"),
        ("<outline type='include' url='https://example.org/more.opml' text='more'/>", "it names no feed"),
    ],
)
def test_what_is_no_source_is_told(element: str, why: str):
    file = read_opml(opml(element + outline()))
    assert [source.url for source in file.sources] == ["https://example.org/f"]
    ((_, reason),) = file.skipped
    assert reason.startswith(why)


def test_other_spellings():
    (source,) = read_opml(opml('<OUTLINE Title="The Herald" XMLURL=" https://example.org/f "/>')).sources
    assert (source.url, source.name) == ("https://example.org/f", "The Herald")
    (source,) = read_opml(opml('<outline text="x" type="rss" url="https://example.org/f"/>')).sources
    assert source.url == "https://example.org/f"
    (source,) = read_opml(opml(outline(text="AT&T &eacute;"))).sources
    assert source.name == "AT&T é"


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"<rss/>", b"<html><body>", b"\0" * 50, b"<" * 500, b"/etc/passwd", b"{}"]
)
def test_what_is_no_opml(data: bytes):
    with pytest.raises(OpmlError):
        read_opml(data)


def test_no_entity_and_no_file_is_read():
    before = '<!DOCTYPE opml [<!ENTITY f SYSTEM "file:///etc/hostname"><!ENTITY b "&f;&f;">]>'
    (source,) = read_opml(opml(outline(text="x&f;&b;y"), before=before)).sources
    assert source.name == "x&f;&b;y"


def test_what_is_said_of_folders_is_kept_with_a_source():
    file = read_opml(
        opml(
            "<outline text='First' x='1'/>"
            "<outline text='News' title='All news' x='2'><outline text='World' title='World'>"
            f"{outline()}</outline><outline text='Empty'><outline text='Deep' x='3'/></outline></outline>"
            f"{outline('https://b.example/f')}<outline text='Last'/>"
        )
    )  # fmt: skip
    first, second = file.sources
    assert file.skipped == []
    assert first.tags == ["News/World"]
    assert first.folders == [
        Folder(tag="First", attributes={"x": "1"}),
        Folder(tag="News/Empty"),
        Folder(tag="News/Empty/Deep", attributes={"x": "3"}),
        Folder(tag="News", attributes={"title": "All news", "x": "2"}),
    ]
    assert (second.tags, second.folders) == ([], [Folder(tag="Last")])


def test_a_source_keeps_so_many_folders():
    many = "".join(f"<outline text='folder {number}'/>" for number in range(LIST_ITEMS + 3))
    file = read_opml(opml(outline() + many))
    assert len(file.sources[0].folders) == LIST_ITEMS
    assert len(file.skipped) == 3
    around = "".join(f"<outline text='{number}'>{outline()}</outline>" for number in range(LIST_ITEMS + 3))
    file = read_opml(opml(around))
    assert len(file.sources[0].tags) == LIST_ITEMS
    assert [why for _, why in file.skipped] == ["it stands in more than 200 folders"] * 3


def test_a_file_has_so_many_sources(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(read, "_MOST_SOURCES", 2)
    urls = [f"https://example.org/{number}" for number in range(4)]
    file = read_opml(opml("".join(map(outline, urls)) + outline(urls[0], "x='1'")))
    assert [source.url for source in file.sources] == urls[:2]
    assert [what for what, _ in file.skipped] == urls[2:]
    assert file.sources[0].attributes == {"x": "1"}


def test_folders_lie_so_deep():
    def nested(depth: int) -> bytes:
        return opml("<outline text='a'>" * depth + outline() + "</outline>" * depth)

    file = read_opml(nested(_DEEPEST))
    assert (len(file.sources[0].tags[0].split("/")), file.skipped) == (_DEEPEST, [])
    for broken in (nested(_DEEPEST + 10), opml(outline())[:-20]):
        assert ("the list", "it is no well-formed XML: some of it may be missing") in read_opml(
            broken
        ).skipped


def test_of_an_address_that_stands_twice_all_is_kept_that_agrees():
    bare = "<outline xmlUrl='https://example.org/f' description='news' x='1'/>"
    file = read_opml(opml(bare + outline(more='language="en" description="other" y="2"')))
    (source,) = file.sources
    assert (source.name, source.language) == ("The Herald", "en")
    assert source.attributes == {"description": "news", "x": "1", "y": "2"}
    assert file.skipped == [
        ("https://example.org/f", "it stands there twice, and its second description is left out")
    ]
    again = read_opml(opml(outline(more='x="1"') + outline(more='x="1"')))
    assert again.skipped == []
    renamed = read_opml(opml(outline() + outline(text="The Herald of Tarnmouth")))
    assert renamed.sources[0].name == "The Herald"
    assert [why for _, why in renamed.skipped] == ["it stands there twice, and its second text is left out"]


def test_a_folder_that_stands_twice_says_all_of_it():
    file = read_opml(opml(f"<outline text='A' x='1'>{outline()}</outline><outline text='A' x='2' y='3'/>"))
    assert file.sources[0].folders == [Folder(tag="A", attributes={"x": "1", "y": "3"})]
    assert file.skipped == [("A", "it stands there twice, and its second x is left out")]


def test_attributes_that_are_too_many_or_too_long_are_told():
    many = " ".join(f"a{number}='1'" for number in range(MOST_ATTRIBUTES + 2))
    file = read_opml(opml(outline(more=many) + outline("https://b.example/f", f"d='{'x' * 5_000}'")))
    first, second = file.sources
    assert len(first.attributes) == MOST_ATTRIBUTES - 1, "the text is one, too"
    assert second.attributes == {"d": "x" * URL_CHARS}
    assert file.skipped == [
        ("https://example.org/f", "3 attributes beyond 50 are left out"),
        ("https://b.example/f", "its d is cut after 4,096 characters"),
    ]


STEP = NAME.filter(lambda step: step != ".")
TAGS = st.lists(
    st.lists(STEP, min_size=1, max_size=4).map(
        lambda steps: "/".join(step.replace("\\", "\\\\").replace("/", "\\/") for step in steps)
    ),
    max_size=3,
    unique=True,
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(
        ["htmlUrl", "description", "{urn:x}mode", "{http://www.w3.org/XML/1998/namespace}lang", "été"]
    ),
    TEXT,
    max_size=4,
)
SOURCES = st.lists(
    st.builds(
        OpmlSource,
        url=st.integers(0, 10_000).map("https://example.org/{}?a=1&b=<2>".format),
        name=st.none() | NAME,
        language=st.none() | st.sampled_from(["en", "de-AT"]),
        tags=TAGS,
        attributes=ATTRIBUTES,
    ),
    max_size=6,
    unique_by=lambda source: source.url,
)


@given(SOURCES, TEXT)
def test_there_and_back(sources: list[OpmlSource], title: str):
    file = read_opml(write_opml(sources, title=title, created=CREATED))
    assert file.skipped == []
    assert {source.url: (source, sorted(source.tags)) for source in file.sources} == {
        source.url: (
            OpmlSource(
                url=source.url,
                name=source.name,
                language=source.language,
                tags=next(back.tags for back in file.sources if back.url == source.url),
                attributes=source.attributes,
            ),
            sorted(source.tags),
        )
        for source in sources
    }


@given(
    st.binary(max_size=200) | st.text(max_size=80).map(lambda text: opml(f"<outline xmlUrl='{text}'/>{text}"))
)
def test_whatever_comes(data: bytes):
    try:
        file = read_opml(data)
    except OpmlError:
        return
    assert all(source.url.lower().startswith(("http://", "https://")) for source in file.sources)


@given(nodes(3))
def test_a_tree_goes_in_and_out_with_all_that_it_says(tree: list[Node]):
    data = file_of(tree)
    file = read_opml(data)
    assert file.skipped == []
    back = write_opml(file.sources, title="t", created=CREATED)
    assert outlines_of(back) == (outlines_of(data) if file.sources else {})
    assert read_opml(write_opml(read_opml(back).sources, title="t", created=CREATED)) == read_opml(back)
