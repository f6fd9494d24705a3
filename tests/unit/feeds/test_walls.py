"""Walls for machines, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.feeds.blocked import wall_of
from connectors.web.message import Response
from tests.support.feeds import rss

CHALLENGE = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><noscript>Enable JavaScript and cookies"
    b" to continue</noscript><script src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1'></script></body></html>"
)
ARTICLE = (
    b"<html><head><title>Why captchas fail</title></head><body><p>" + b"Words about bots and Cloudflare. " * 2_000
    + b"</p><script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script></body></html>"
)  # fmt: skip


def response(
    body: bytes = b"",
    status: int = 200,
    headers: dict[str, str] | None = None,
    final: str = "https://example.org/f",
) -> Response:
    return Response(
        result="ok" if status == 200 else str(status),
        requested_url="https://example.org/f",
        final_url=final,
        status=status,
        headers=headers or {},
        body=body,
    )


@pytest.mark.parametrize(
    ("answer", "by"),
    [
        (response(CHALLENGE, 403, {"server": "cloudflare", "cf-mitigated": "challenge"}), "Cloudflare"),
        (response(CHALLENGE, 503), "Cloudflare"),
        (response(CHALLENGE, 200), "Cloudflare"),
        (response(b"", 429, {"x-vercel-mitigated": "challenge"}), "Vercel"),
        (response(b"", 202, {"x-amzn-waf-action": "challenge"}), "AWS WAF"),
        (response(b"<html><head><META NAME='robots'><script src='/_Incapsula_Resource?x'>", 403), "Imperva"),
        (response(b"<html><script>var dd={'host':'geo.captcha-delivery.com'}</script>", 403), "DataDome"),
        (response(b"", 403, {"x-datadome": "protected"}), "DataDome"),
        (
            response(b"<HTML><HEAD><TITLE>Access Denied</TITLE> https://errors.edgesuite.net/18.x", 403),
            "Akamai",
        ),
        (response(b"<html><title>Making sure you&#39;re not a bot!</title>", 200), "unknown"),
        (response(b"<html><title>Attention Required!</title>", 403), "unknown"),
    ],
)
def test_a_bot_check(answer: Response, by: str):
    wall = wall_of(answer)
    assert wall is not None
    assert (wall.kind, wall.by) == ("bot_check", by)
    assert wall.reason.startswith("a bot check")


@pytest.mark.parametrize(
    "answer",
    [
        response(rss()),
        response(rss(channel="<title>Just a moment</title>")),
        response(rss(), 403),
        response(ARTICLE),
        response(b"<html><title>403 Forbidden</title><h1>Forbidden</h1>nginx</html>", 403),
        response(b"<html><title>Not Found</title>", 404, {"x-datadome": "protected"}),
        response(b"<html><title>Just a moment of peace</title>" + b"<p>An article about peace.</p>" * 3_000),
        response(ARTICLE, 200, {"server": "cloudflare", "x-datadome": "protected"}),
        response(b""),
        response(b"\x89PNG"),
    ],
)
def test_no_wall(answer: Response):
    assert wall_of(answer) is None


@pytest.mark.parametrize(
    "answer",
    [
        response(b"<html><title>Before you continue to News</title>"),
        response(b"<html><title>Yahoo</title>", final="https://guce.example.com/consent"),
        response(b"<html><p>x", final="https://consent.example.org/m?continue=x"),
    ],
)
def test_a_consent_page(answer: Response):
    wall = wall_of(answer)
    assert wall is not None
    assert (wall.kind, wall.reason) == ("consent", "a consent page")


def test_a_source_that_itself_is_called_consent_is_none():
    answer = response(b"<html><title>News</title>")
    assert wall_of(answer) is None


@given(
    st.binary(max_size=200),
    st.integers(100, 599),
    st.dictionaries(st.sampled_from(["server", "cf-mitigated"]), st.text(max_size=9)),
    st.text(max_size=30),
)
def test_whatever_answers(body: bytes, status: int, headers: dict[str, str], final: str):
    wall = wall_of(response(body, status, headers, final))
    assert wall is None or wall.reason
