"""What is said of addresses and headers holds nothing that lets anybody in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.telemetry.secrets import without_secrets

WORD = st.text("abcXYZ019-._~", min_size=1, max_size=12)
NAME = st.sampled_from(
    "api_key apikey API-KEY key token access_token feedToken auth secret client_secret password passwd pwd sig"
    " signature X-Amz-Signature AWSAccessKeyId subscription-key PHPSESSID sid user[password] jwt".split()
)
SECRET = st.text("CANARY!$()*+,;:@[]|~", min_size=4, max_size=20).map(lambda text: f"7c1e{text}")
"""All that may stand in a query as it is, but for what would end it."""


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("https://example.org/feed?api_key=s3cret", "https://example.org/feed?api_key=***"),
        ("https://example.org/feed?page=2&token=s3cret&n=1", "https://example.org/feed?page=2&token=***&n=1"),
        ("https://jo:s3cret@example.org/feed", "https://***@example.org/feed"),
        ("https://s3cret@example.org", "https://***@example.org"),
        ("https://jo:s3c@ret@example.org/", "https://***@example.org/"),
        ("//jo:s3cret@example.org/", "//***@example.org/"),
        ("https://example.org/a;jsessionid=s3cret?b=1", "https://example.org/a;jsessionid=***"),
        ("https://example.org/#access_token=s3cret&x=1", "https://example.org/#access_token=***&x=1"),
        ("https://example.org/?a=1&amp;token=s3cret&amp;b=2", "https://example.org/?a=1&amp;token=***&amp;b=2"),
        (
            "https://example.org/go?to=https%3A%2F%2Fx.example%2F%3Ftoken%3Ds3cret",
            "https://example.org/go?to=https%3A%2F%2Fx.example%2F%3Ftoken%3D***",
        ),
        (
            "https://example.org/?to=https%3A%2F%2Fjo%3As3cret%40x.example%2F",
            "https://example.org/?to=https%3A%2F%2F***%40x.example%2F",
        ),
        ("https://example.org/?to=%253Ftoken%253Ds3cret", "https://example.org/?to=%253Ftoken%253D***"),
        ("GET 'https://x.example/?sig=s3cret' failed", "GET 'https://x.example/?sig=***' failed"),
        ("password='s3cret'", "password='***'"),
        ("Invalid header: b'Set-Cookie: id=\"s3cret\"'", "Invalid header: b'Set-Cookie: ***"),
        ("{'Authorization': 'Bearer s3cret'}", "{'Authorization': ***"),
        ("X-Api-Key: s3cret\nHost: x", "X-Api-Key: ***\nHost: x"),
    ],
)  # fmt: skip
def test_what_is_hidden(said: str, left: str):
    assert without_secrets(said) == left
    assert without_secrets(left) == left


@pytest.mark.parametrize(
    "said",
    [
        "https://example.org/@user/post",
        "https://example.org/feed?page=2&lang=en&keyword=x",
        "https://example.org/monkey/tokens/secret-lives",
        "mailto:desk@example.org",
        "someone@example.org wrote to https://example.org/ of the key and the token",
        "404: Not Found",
        "",
    ],
)
def test_what_stays(said: str):
    assert without_secrets(said) == said


@given(NAME, SECRET, st.lists(WORD, max_size=3), st.booleans())
def test_no_parameter_that_is_called_a_secret_gets_out(
    name: str, secret: str, others: list[str], escaped: bool
):
    query = "&".join([*(f"{word}=1" for word in others), f"{name}={secret}", "z=1"])
    said = without_secrets(f"https://example.org/a?{query}" if not escaped else f"to=x%3F{name}%3D{secret}")
    assert "7c1e" not in said
    assert "CANARY" not in said


@given(st.text("ab:@!$&'()*,;=%~", max_size=30).filter(lambda text: "'" not in text))
def test_no_user_name_nor_password_gets_out(user: str):
    said = without_secrets(f"of https://7c1e{user}@example.org/x: no")
    assert "7c1e" not in said
    assert said.startswith("of https://***")


@given(st.text(max_size=300) | st.text("%25/:@?&=;#key token3DF40 '\"\n", max_size=300))
def test_any_text_comes_out_and_stays_as_it_is(text: str):
    once = without_secrets(text)
    assert without_secrets(once) == once


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "part", ["//", "//a", "key", "a=", "?a_", "%2f%2f", "=token", "x-", "@", "%25", "%3D", "Cookie", "a-"]
)
def test_it_takes_time_in_proportion(part: str):
    """What takes the square of its length takes minutes here."""
    assert without_secrets(part * (400_000 // len(part)))
