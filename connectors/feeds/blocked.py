"""Whether what came is a wall for machines rather than a feed or a page: a bot check, a refusal of a
firewall, a consent page.

Each wall leaves marks of its own in headers and markup.  Articles go through the same firewalls and carry
some of their marks, and others write of captchas: with a status below 400 a mark counts only in a page that
also calls itself a check.
"""

from __future__ import annotations

import re
from typing import Final, Literal
from urllib.parse import urlsplit

import msgspec

from connectors.web.message import Response

__all__ = ["Wall", "wall_of"]

_LOOK_AT: Final = 64 * 1024
_HEADERS: Final[tuple[tuple[str, re.Pattern[str], str], ...]] = tuple(
    (name, re.compile(pattern, re.IGNORECASE), by)
    for name, pattern, by in (
        ("cf-mitigated", "challenge", "Cloudflare"),
        ("x-vercel-mitigated", "challenge|deny", "Vercel"),
        ("x-amzn-waf-action", "challenge|captcha", "AWS WAF"),
        ("x-sucuri-block", ".", "Sucuri"),
    )
)
"""Sent with nothing but a wall, whatever the status."""
_HEADERS_OF_ERRORS: Final[tuple[tuple[str, re.Pattern[str], str], ...]] = tuple(
    (name, re.compile(pattern, re.IGNORECASE), by)
    for name, pattern, by in (
        ("x-datadome", ".", "DataDome"),
        ("x-kpsdk-ct", ".", "Kasada"),
        ("x-iinfo", ".", "Imperva"),
        ("x-sucuri-id", ".", "Sucuri"),
        ("server", "ddos-guard", "DDoS-Guard"),
    )
)
"""Sent by firewalls with everything: they say who refused."""
_MARKS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"/cdn-cgi/challenge-platform", "Cloudflare"),
    (b"__cf_chl_", "Cloudflare"),
    (b"cf-error-details", "Cloudflare"),
    (b"cloudflare ray id", "Cloudflare"),
    (b"_incapsula_resource", "Imperva"),
    (b"captcha-delivery.com", "DataDome"),
    (b"px-captcha", "HUMAN"),
    (b"_pxappid", "HUMAN"),
    (b"errors.edgesuite.net", "Akamai"),
    (b"sec-if-cpt-container", "Akamai"),
    (b"ddos-guard", "DDoS-Guard"),
    (b"awswaf", "AWS WAF"),
    (b"sucuri_cloudproxy", "Sucuri"),
    (b"kpsdk", "Kasada"),
    (b"/.within.website/x/cmd/anubis", "Anubis"),
    (b"hcaptcha.com/1/api.js", "hCaptcha"),
    (b"google.com/recaptcha/", "reCAPTCHA"),
)
_TITLE: Final = re.compile(rb"<title[^>]{0,200}>\s*([^<]{1,200})", re.IGNORECASE)
_CHECK: Final = re.compile(
    rb"just a moment|one moment,? please|attention required|access (?:to this page has been )?denied"
    rb"|are you a (?:robot|human)|pardon our interruption|security (?:check|verification)"
    rb"|verify(?:ing)? (?:that )?you are (?:a )?human|checking your browser|ddos[- ]guard|bot (?:check|verification)"
    rb"|client challenge|human verification|robot check|captcha|making sure you(?:'|&#39;|\xe2\x80\x99)re not a bot"
    rb"|vercel security checkpoint|request (?:blocked|rejected)|you have been blocked",
    re.IGNORECASE,
)
_CONSENT_HOST: Final = re.compile(r"(?:^|\.)(?:consent|guce|privacy-mgmt|cmp-consent)\.", re.IGNORECASE)
_CONSENT_TITLE: Final = re.compile(
    rb"before you continue|bevor (?:sie|du) fort|avant de continuer|antes de continuar|privacy (?:gate|wall)"
    rb"|cookie[- ]?(?:wall|consent)|einwilligung|zustimmung|consent(?:ement)? (?:required|page)",
    re.IGNORECASE,
)
_FEED: Final = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*(?:<\?xml|<rss|<feed|<rdf:|\{)", re.IGNORECASE)


class Wall(msgspec.Struct, kw_only=True, frozen=True):
    """What stands before the content."""

    kind: Literal["bot_check", "consent"]
    by: str
    """Whose it is, or ``unknown``."""

    @property
    def reason(self) -> str:
        """For a source's health."""
        what = "a consent page" if self.kind == "consent" else "a bot check"
        return what if self.by == "unknown" else f"{what} of {self.by}"


def wall_of(response: Response) -> Wall | None:
    """Return the wall that a response is; null for a feed, an article and a plain refusal."""
    status = response.status or 0
    for name, pattern, by in _HEADERS:
        if pattern.search(response.headers.get(name, "")):
            return Wall(kind="bot_check", by=by)
    head = response.body[:_LOOK_AT]
    if _FEED.match(head) and b"<html" not in head[:2000].lower():
        return None
    title = _TITLE.search(head)
    said = title[1] if title else b""
    if _CONSENT_TITLE.search(said) or _at_consent(response):
        return Wall(kind="consent", by="unknown")
    lower = head.lower()
    mark = next((by for needle, by in _MARKS if needle in lower), None)
    check = _CHECK.search(said) is not None
    if status < 400:
        return (
            Wall(kind="bot_check", by=mark or "unknown") if check and (mark or _is_small(response)) else None
        )
    if mark is not None or check:
        return Wall(kind="bot_check", by=mark or "unknown")
    for name, pattern, by in _HEADERS_OF_ERRORS:
        if status in {403, 405, 429, 503} and pattern.search(response.headers.get(name, "")):
            return Wall(kind="bot_check", by=by)
    return None


def _is_small(response: Response) -> bool:
    return len(response.body) < _LOOK_AT // 2


def _at_consent(response: Response) -> bool:
    """Tell whether a redirect led to a host that only asks for consent."""
    if response.final_url == response.requested_url:
        return False
    try:
        asked, came = urlsplit(response.requested_url).hostname, urlsplit(response.final_url).hostname
    except ValueError:
        return False
    return came != asked and _CONSENT_HOST.search(came or "") is not None
