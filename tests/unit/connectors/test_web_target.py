"""What a URL is taken for, and which are never fetched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.web.target import Refused, target_of

TAKEN = {
    "http://news.example/a b?é": "http://news.example/a%20b?%C3%A9",
    "HTTP://News.EXAMPLE:80/%7e/%2F?x=%zz&y=a+b;c#part": "http://news.example/%7e/%2F?x=%zz&y=a+b;c",
    "http://exämple.example/": "http://xn--exmple-cua.example/",
    "http://news.example?a=b": "http://news.example/?a=b",
    "http://a_b.news.example/": "http://a_b.news.example/",
    "http://-a-.news.example/": "http://-a-.news.example/",
    "http://host\\@other/": "http://host/@other/",
    "  https://news.example/x\t": "https://news.example/x",
    "http://8.8.8.8/": "http://8.8.8.8/",
    "http://[2606:4700::1]/": "http://[2606:4700::1]/",
}
REFUSED_URLS = [
    "",
    "news.example",
    "//news.example/",
    "ftp://news.example/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/html,x",
    "gopher://127.0.0.1:11211/_x",
    "http://",
    "http:///x",
    "http://user:pass@news.example/",
    "http://user@news.example/",
    "http://news.example:8080/",
    "http://news.example:0/",
    "http://news.example:99999/",
    "http://news.example:0x50/",
    "http://a..b/",
    "http://ex%00.org/",
    "http://foo%2ebar/",
    "http://[",
    "http://[::1%25eth0]/",
    "http://news.example\r\nX-Injected: y/",
    f"http://{'a' * 64}.example/",
    "http://news.example/\ud800",
    f"http://news.example/{'x' * 4096}",
]
REFUSED_ADDRESSES = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "00000177.0.0.1",
    "127.0.0.0x1",
    "0",
    "1.2.3.4.5",
    "256.256.256.256",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "１２７.0.0.1",
    "169.254.169.254",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fd00:ec2::254]",
]


@pytest.mark.parametrize(("url", "taken"), TAKEN.items())
def test_only_what_http_cannot_carry_is_escaped(url: str, taken: str):
    assert str(target_of(url).url) == taken


@pytest.mark.parametrize("url", REFUSED_URLS)
def test_refused_urls(url: str):
    with pytest.raises(Refused) as refused:
        target_of(url)
    assert refused.value.result == "refused_url"
    assert refused.value.detail


@pytest.mark.parametrize("host", REFUSED_ADDRESSES)
def test_refused_addresses(host: str):
    with pytest.raises(Refused) as refused:
        target_of(f"http://{host}/")
    assert refused.value.result == "refused_address"


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://127.0.0.1:8080/", "127.0.0.1"),
        ("http://127.0.0.1:8080/", "127.0.0.1:8080"),
        ("http://intranet:8080/", "Intranet"),
        ("http://intranet./", "intranet"),
        ("http://[::1]:8080/", "::1"),
        ("http://[::1]:8080/", "[::1]"),
        ("http://[::1]:8080/", "[::1]:8080"),
    ],
)
def test_a_source_allows_hosts_that_it_names(url: str, allowed: str):
    assert target_of(url, (allowed,)).allowed
    with pytest.raises(Refused):
        target_of("http://127.0.0.2:8080/", (allowed,))


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://127.0.0.1:8081/", "127.0.0.1:8080"),
        ("http://127.1:8080/", "127.1"),
        ("http://169.254.169.254/", "169.254.169.254"),
        ("http://224.0.0.1/", "224.0.0.1"),
        ("http://sub.intranet:8080/", "intranet"),
        ("http://intranet.evil.example:8080/", "intranet"),
        ("http://user@intranet/", "intranet"),
        ("ftp://intranet/", "intranet"),
        ("http://127.0.0.1/", ""),
        ("http://127.0.0.1/", "*"),
    ],
)
def test_an_allowance_allows_nothing_else(url: str, allowed: str):
    with pytest.raises(Refused):
        target_of(url, (allowed,))


def test_a_public_host_needs_no_allowance():
    assert not target_of("https://news.example/", ("intranet",)).allowed


def test_one_host_on_both_usual_ports_has_one_set_of_manners():
    assert target_of("http://News.example./").site == target_of("https://news.example/x").site
    assert target_of("http://intranet:81/", ("intranet",)).site == "intranet:81"


def test_robots_speak_for_an_origin():
    assert target_of("https://news.example/x?y").origin == "https://news.example"
    assert target_of("http://intranet:81/x", ("intranet",)).origin == "http://intranet:81"


@given(st.text(max_size=200) | st.text(max_size=60).map("http://".__add__))
def test_any_text_is_a_target_or_refused(url: str):
    try:
        target = target_of(url)
    except Refused:
        return
    assert target.url.scheme in {"http", "https"}
    assert target.port in {80, 443}
    assert str(target.url).isascii()
    assert str(target_of(str(target.url)).url) == str(target.url)
