"""robots.txt: as RFC 9309 reads it, and whatever else is found under its name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from connectors.web.rights import AI_AGENTS
from connectors.web.robots import RobotsRules, Verdict, read_robots

SITE = "https://news.example"


def verdict(text: str | bytes, path: str = "/a") -> Verdict:
    return read_robots(text if isinstance(text, bytes) else text.encode(), "Newswire").verdict(SITE + path)


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow: /a", "/a", False),
        ("User-agent: *\nDisallow: /a", "/b", True),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /\nAllow: /a", "/ab", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/x.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/x.pdf?y", True),
        ("User-agent: *\nDisallow: /a/b?c=1", "/a/b?c=1", False),
        ("User-agent: *\nDisallow: /caf%C3%A9", "/café".encode().decode(), False),
        ("User-agent: newswire\nDisallow: /\n\nUser-agent: *\nAllow: /", "/a", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: NEWSWIRE/1.0\nAllow: /", "/a", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: newswire\nDisallow:", "/a", True),
        ("User-agent: newswire\nDisallow: /a\nUser-agent: newswire\nDisallow: /b", "/b", False),
        ("User-agent: other\nUser-agent: newswire\nDisallow: /", "/a", False),
        ("User-agent: other\nUser-agent: more\nDisallow: /", "/a", True),
        ("User-agent: news\nDisallow: /", "/a", True),
        ("User-agent: newswire-images\nDisallow: /", "/a", True),
        ("User-agent: *\nUnknown: x\nDisallow: /", "/a", False),
        ("User-agent: *\nSitemap: /s.xml\nDisallow: /", "/a", False),
        ("User-agent: *\n# a comment\n\nDisallow: / # all", "/a", False),
        ("user agent: *\ndissallow: /", "/a", False),
        ("User-agent *\nDisallow /", "/a", False),
        ("Disallow: /", "/a", True),
        ("User-agent: *\rDisallow: /\r", "/a", False),
        ("\ufeffUser-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
        ("<!doctype html><html><body>Disallow: / <b>User-agent: *</b></body></html>", "/a", True),
        ("User-agent: *\nDisallow: /" + "\0" * 100, "/a", True),
    ],
)
def test_what_is_allowed(text: str, path: str, allowed: bool):
    assert verdict(text, path).allowed is allowed


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_rule(encoding: str):
    assert not verdict("User-agent: *\nDisallow: /".encode(encoding)).allowed


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("User-agent: *\nCrawl-delay: 10", 10.0),
        ("User-agent: *\nCrawl-delay: 1.5\nDisallow: /x", 1.5),
        ("User-agent: *\nCrawl-delay: 10\nUser-agent: newswire\nDisallow:", None),
        ("User-agent: *\nCrawl-delay: -3", None),
        ("User-agent: *\nCrawl-delay: soon", None),
        ("User-agent: *\nCrawl-delay: inf", None),
        ("User-agent: other\nCrawl-delay: 10", None),
    ],
)
def test_crawl_delay(text: str, seconds: float | None):
    assert verdict(text).crawl_delay_s == seconds


@pytest.mark.parametrize("agent", AI_AGENTS)
def test_an_agent_that_trains_is_shut_out(agent: str):
    text = f"User-agent: *\nAllow: /\n\nUser-agent: {agent.upper()}\nDisallow: /a\n"
    assert verdict(text, "/a") == Verdict(allowed=True, ai_training=False)
    assert verdict(text, "/b") == Verdict(allowed=True)


@pytest.mark.parametrize(
    ("text", "training"),
    [
        ("User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /", False),
        ("User-agent: GPTBot\nAllow: /\nUser-agent: CCBot\nDisallow: /", False),
        ("User-agent: GPTBot\nAllow: /a\nDisallow: /", None),
        ("User-agent: GPTBot\nDisallow:", None),
        ("User-agent: SomeBot\nDisallow: /", None),
        ("User-agent: *\nContent-Signal: search=yes, ai-train=no\nAllow: /", False),
        ("User-agent: *\nContent-Usage: train-ai=n", False),
        ("User-agent: newswire\nContent-Signal: ai-train=no", False),
        ("User-agent: other\nContent-Signal: ai-train=no", None),
        ("User-agent: *\nContent-Signal: ai-train=yes", None),
    ],
)
def test_what_is_said_of_training(text: str, training: bool | None):
    assert verdict(text).ai_training is training


def test_agents_of_the_same_groups_are_asked_once():
    text = "".join(f"User-agent: {agent}\n" for agent in AI_AGENTS) + "Disallow: /\n"
    rules = read_robots(text.encode(), "newswire")
    assert len(rules.training_agents) == 1
    assert rules.size < 300


def test_ten_thousand_agents_above_ten_thousand_rules_stay_small():
    agents = "".join(f"User-agent: bot{number}\n" for number in range(10_000))
    rules = "".join(f"Disallow: /{number}\n" for number in range(10_000))
    read = read_robots(f"{agents}User-agent: *\n{rules}".encode(), "newswire")
    assert not read.verdict(f"{SITE}/9999").allowed
    assert read.verdict(f"{SITE}/x").allowed
    assert read_robots(f"{agents}{rules}".encode(), "newswire").size < 300


def test_no_rules_take_no_room():
    rules = read_robots(b"User-agent: other\nDisallow: /\n" * 1_000, "newswire")
    assert rules == RobotsRules("newswire")


FIELDS = st.sampled_from(["User-agent", "Disallow", "Allow", "Crawl-delay", "Sitemap", "X", "Content-Signal"])
VALUES = st.sampled_from(
    ["*", "newswire", "gptbot", "ccbot", "other", "/", "/a", "/a*b$", "", "5", "ai-train=no"]
)
FILES = st.lists(st.tuples(FIELDS, VALUES), max_size=30).map(
    lambda lines: "".join(f"{field}: {value}\n" for field, value in lines)
)


@given(FILES, st.sampled_from(["/", "/a", "/ab", "/axb", "/b"]))
def test_what_is_left_out_changes_nothing(text: str, path: str):
    """Our agent is told the same by the whole file, of which protego must not see records of other kinds: to
    it they end a group, which RFC 9309 (2.2.4) forbids.
    """
    lines = text.splitlines(keepends=True)
    whole = Protego.parse("".join(line for line in lines if not line.startswith(("X:", "Sitemap:"))))
    found = verdict(text, path)
    assert found.allowed == whole.can_fetch(SITE + path, "newswire")
    if "Crawl-delay" not in text:
        assert found.crawl_delay_s is None


@pytest.mark.parametrize("other", ["Sitemap: /s.xml", "X: *", "Host: news.example"])
def test_records_of_other_kinds_end_no_group(other: str):
    assert not verdict(f"User-agent: newswire\n{other}\nUser-agent: other\nDisallow: /").allowed


@pytest.mark.parametrize("last", ["", "\nContent-Signal: search=yes"])
def test_who_is_named_without_a_rule_may_go_anywhere(last: str):
    assert verdict(f"User-agent: *\nDisallow: /\n\nUser-agent: newswire{last}").allowed


@given(st.binary(max_size=500) | st.text(max_size=500).map(str.encode), st.text(max_size=50))
def test_any_bytes_are_read(body: bytes, path: str):
    rules = read_robots(body, "newswire")
    rules.verdict(f"{SITE}/{path}")
    assert rules.size < 1_000 + 2 * len(body)
