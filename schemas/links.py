"""Links by rule: the one form of an address that identity, keys and politeness go by.

Three libraries, since none is enough alone: courlan says which parameters are trackers, url-normalize
brings host, port and path to one form, w3lib sorts the query and drops the fragment.  courlan's list is
asked and its own cleaning is not: it matches the beginnings of words, so that the ``gameId`` of every match
report passed for a ``ga`` and all of them for one page, and it drops parameters without a value.  An
address too many costs a comparison; two articles at one address cost an article.

The libraries are imported when the first link is looked at, so that who only wants the contracts does not
wait for them.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any, Final
from urllib.parse import unquote_plus, urlsplit, urlunsplit

from schemas.limits import URL_CHARS

__all__ = ["canonical_link", "link_key", "registrable_domain"]

_WEB = re.compile(r"https?://[^/?#\\]", re.IGNORECASE)
_ENDS: Final = "".join(map(chr, range(0x21)))
"""What the URL standard strips from both ends: C0 controls and space."""
_NEVER_IN_A_URL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_MOST_PASSES: Final = 5
_SURELY_STABLE = re.compile(r"https?://[a-z0-9.-]+(?::\d+)?/[A-Za-z0-9/_.~-]*")
"""Results that another pass cannot change: most links need no second one to be sure."""

_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|[0-9a-f]*:[0-9a-f:.]*")
"""A host in its canonical form, without the brackets of IPv6."""

_MORE_TRACKERS: Final = frozenset(
    "__twitter_impression _hsenc _hsmi at_campaign at_medium cmp cmpid feedname feedtype ftag guccounter icid"
    " intcid mkcid ncid ns_campaign ns_mchannel ns_source ocid smid smtyp spm sref srnd taid tsrc ttclid"
    " wt_mc wtmc".split()
)
"""What large publishers add and courlan's list lacks."""


@lru_cache(maxsize=1024)
def canonical_link(url: str) -> str | None:
    """Return the one form of *url*, or null where it is no link that identifies anything.

    - Only ``http`` and ``https`` with a host; no user name or password; at most `URL_CHARS` code points.
    - Host in lower case and punycode (IDNA 2008, UTS 46), without a final dot; the scheme's own port goes.
    - Path: dot segments resolved, double slashes joined, percent-encoding in one form, empty is ``/``.
      A trailing slash stays as it is: with and without it are two addresses to many servers.
    - Query: trackers and empty parts dropped, the rest sorted; the fragment goes.
    - ``http`` and ``https``, with ``www.`` and without, stay apart: only the page can say that they are one.

    Canonicalising the result gives the result again.
    """
    if len(url) > URL_CHARS:
        return None
    try:
        for _ in range(_MOST_PASSES):
            again = _one_pass(url)
            if again is None or again == url or _SURELY_STABLE.fullmatch(again):
                return again
            url = again
    except ValueError:  # a host or port that none is, an address that cannot be encoded
        return None
    return None


def link_key(url: str | None, source_id: str, native_id: str) -> str:
    """Return the key of a raw item: its canonical link, else its source and native id.

    An entry of a live blog has no link of its own (what tells it apart is a fragment): give it without
    *url*, or all entries pass for the blog.
    """
    return (canonical_link(url) if url else None) or f"{source_id}#{native_id}"


@lru_cache(maxsize=8192)
def registrable_domain(host_or_url: str) -> str | None:
    """Return the domain that somebody registered: ``example.co.uk`` of ``www.example.co.uk``.

    By the Public Suffix List as tldextract ships it, with its private part (each of ``*.github.io`` is a
    domain of its own); never from the network.  Of an unknown top-level domain the last two labels; an IP
    address, a public suffix or a name without a dot is its own domain; null where there is no host.
    """
    from url_normalize.normalize_host import normalize_host

    try:
        parts = urlsplit(host_or_url if "://" in host_or_url else f"//{host_or_url}")
        host = parts.hostname
        if not host:
            return None
        if ":" in host:
            return host
        host = normalize_host(host)
    except ValueError:
        return None
    if not _HOST.fullmatch(host):
        return None
    known: str = _suffixes()(host).top_domain_under_public_suffix
    if known or host.replace(".", "").isdecimal() or _suffixes()(host).suffix:
        return known or host
    return ".".join(host.split(".")[-2:])


@cache
def _suffixes() -> Any:
    from tldextract import TLDExtract

    return TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)


def _one_pass(url: str) -> str | None:
    from url_normalize import url_normalize
    from w3lib.url import canonicalize_url

    url = url.strip(_ENDS).replace("\t", "").replace("\r", "").replace("\n", "")
    if not _WEB.match(url) or _NEVER_IN_A_URL.search(url):
        return None
    parts = urlsplit(url)
    if "@" in parts.netloc or "\\" in parts.netloc:
        return None
    parts.port  # noqa: B018  (raises where it is none)
    query = _without_trackers(parts.query.replace("&amp;", "&"))
    normal = url_normalize(urlunsplit((*parts[:2], parts.path.replace("\\", "/"), query, "")))
    if normal is None:
        return None
    canonical: str = canonicalize_url(normal)
    host = urlsplit(canonical).hostname
    return canonical if host and _HOST.fullmatch(host) and len(canonical) <= URL_CHARS else None


def _without_trackers(query: str) -> str:
    return "&".join(part for part in query.split("&") if part and not _is_tracker(part))


def _is_tracker(part: str) -> bool:
    from courlan.clean import TRACKERS_RE

    name, _, value = part.partition("=")
    name = unquote_plus(name).lower()
    if name in _MORE_TRACKERS:
        return True
    found = TRACKERS_RE.search(name)
    if found is None or found[0].endswith("_"):  # the second are families: utm_, mtm_ …
        return found is not None
    whole = found.end() == len(name) or name[found.end()] in "_-"
    return whole and not value.isdecimal()  # a number may be what tells the articles of a site apart
