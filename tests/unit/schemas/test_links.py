import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.limits import URL_CHARS
from schemas.links import canonical_link, link_key, registrable_domain


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        # host, scheme, port
        ("HTTPS://Www.Example.ORG/News", "https://www.example.org/News"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("http://example.org:80/a", "http://example.org/a"),
        ("http://example.org:443/a", "http://example.org:443/a"),
        ("https://example.org:8443", "https://example.org:8443/"),
        ("https://example.org./a", "https://example.org/a"),
        ("https://münchen.example/ä", "https://xn--mnchen-3ya.example/%C3%A4"),
        ("https://XN--MNCHEN-3YA.example/%c3%a4", "https://xn--mnchen-3ya.example/%C3%A4"),
        ("https://faß.example/", "https://xn--fa-hia.example/"),
        ("https://live_blog.example.org/a", "https://live_blog.example.org/a"),
        ("http://[2001:DB8::0:1]/a", "http://[2001:db8::1]/a"),
        ("  https://example.org/a\n", "https://example.org/a"),
        # path
        ("https://example.org", "https://example.org/"),
        ("https://example.org/a/../b/./c//d", "https://example.org/b/c/d"),
        ("https://example.org/../../a", "https://example.org/a"),
        ("https://example.org/a", "https://example.org/a"),
        ("https://example.org/a/", "https://example.org/a/"),
        ("https://example.org/%7euser/a%2fb/a b", "https://example.org/~user/a%2Fb/a%20b"),
        ("https://example.org/%E4%EB", "https://example.org/%E4%EB"),
        ("https://example.org/a;id=5", "https://example.org/a;id=5"),
        ("https://example.org/caf\u0065\u0301", "https://example.org/caf%C3%A9"),
        # query
        ("https://example.org/a?b=2&a=1&a=0", "https://example.org/a?a=0&a=1&b=2"),
        ("https://example.org/a?", "https://example.org/a"),
        ("https://example.org/a?&&x=1", "https://example.org/a?x=1"),
        ("https://example.org/?20260101-a-story", "https://example.org/?20260101-a-story="),
        ("https://example.org/a?x=1&amp;y=2", "https://example.org/a?x=1&y=2"),
        ("https://example.org/a?copy=1&section=2&para=3", "https://example.org/a?copy=1&para=3&section=2"),
        ("https://example.org/a?q=%e4", "https://example.org/a?q=%E4"),
        ("https://example.org/a?q=x%20y", "https://example.org/a?q=x+y"),
        (
            "https://example.org/go?url=https://example.com/b",
            "https://example.org/go?url=https%3A%2F%2Fexample.com%2Fb",
        ),
        # trackers, and what only looks like one
        ("https://example.org/a?utm_source=x&UTM_Medium=y&id=5", "https://example.org/a?id=5"),
        ("https://example.org/a?fbclid=x&gclid=Cj0&mc_cid=3&at_campaign=k&cmpid=4", "https://example.org/a"),
        ("https://example.org/a?ref=home&source=rss&cid=sm_post", "https://example.org/a"),
        ("https://example.org/match?gameId=401", "https://example.org/match?gameId=401"),
        ("https://example.org/a?gallery=x&glossary=y", "https://example.org/a?gallery=x&glossary=y"),
        ("https://example.org/view?uid=7&cid=8", "https://example.org/view?cid=8&uid=7"),
        # fragment
        ("https://example.org/a#part", "https://example.org/a"),
        ("https://example.org/a#!/b", "https://example.org/a"),
    ],
)
def test_one_form_for_each_link(url, expected):
    assert canonical_link(url) == expected
    assert canonical_link(expected) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org/a",
        "//example.org/a",
        "/a",
        "mailto:desk@example.org",
        "javascript:alert(1)",
        "JaVaScRiPt://example.org/%0aalert(1)",
        "data:text/html,x",
        "ftp://example.org/a",
        "https://user@example.org/a",
        "https://user:secret@example.org/a",
        "https://@example.org/a",
        "https://example.org\\@example.com/",
        "https://",
        "https:///a",
        "https://./a",
        "https://[::1/a",
        "https://example.org:99999/a",
        "https://example.org:port/a",
        "https://exa mple.org/a",
        "https://example.org/\x00a",
        "https://example.org/\ud800",
        "https://" + "a" * 300 + ".example/" + "é.",
        "https://example.org/" + "a" * URL_CHARS,
        "https://example.org/" + "é" * (URL_CHARS // 2),
    ],
)
def test_what_is_no_link(url):
    if url.endswith("é."):
        url = url.replace("a" * 300, "ä" * 300)  # no label is that long in punycode
    assert canonical_link(url) is None


def test_the_longest_link():
    longest = "https://example.org/" + "a" * (URL_CHARS - 20)
    assert canonical_link(longest) == longest


PATH = "aZ0-._~:/?#[]@!$&'()*+,;=% \\é\u0130日\u0301\ud800\x00\t"
urls = st.builds(
    "{}{}{}".format,
    st.sampled_from(["http://", "https://", "HTTP://", ""]),
    st.text(st.sampled_from("aZ0-._:@[]é\u0130ß日。\u00ad"), max_size=12),
    st.text(st.sampled_from(PATH), max_size=20),
)


@given(urls | st.text())
def test_a_canonical_link_is_its_own_canonical_link(url):
    link = canonical_link(url)
    if link is not None:
        assert canonical_link(link) == link
        assert link.isascii()
        assert link.startswith(("http://", "https://"))
        assert registrable_domain(link)


@given(st.permutations(["a=1", "b=2", "b=1", "c", "utm_source=x"]))
def test_the_order_of_parameters_does_not_count(parts):
    assert canonical_link("https://example.org/?" + "&".join(parts)) == "https://example.org/?a=1&b=1&b=2&c="


def test_the_key_of_an_item():
    assert link_key("https://EXAMPLE.org/a#b", "s", "n") == "https://example.org/a"
    assert link_key(None, "s", "n") == link_key("mailto:x@example.org", "s", "n") == "s#n"


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("www.example.co.uk", "example.co.uk"),
        ("https://News.Example.org:8443/a", "example.org"),
        ("example.org:80", "example.org"),
        ("a.b.github.io", "b.github.io"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("www.münchen.example.", "xn--mnchen-3ya.example"),
        ("a.b.newspaper.example", "newspaper.example"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
        ("192.0.2.1", "192.0.2.1"),
        ("http://[2001:db8::1]:80/", "2001:db8::1"),
        ("", None),
        ("...", None),
        ("not a host", None),
        ("http://[::1", None),
    ],
)
def test_registrable_domain(given_, expected):
    assert registrable_domain(given_) == expected


def test_no_suffix_list_is_fetched(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    from schemas import links

    links._suffixes.cache_clear()
    links.registrable_domain.cache_clear()
    assert registrable_domain("www.example.com.au") == "example.com.au"
