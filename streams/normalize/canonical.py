"""Which address an article is identified by: the link as it resolved, or what its page declares.

``rel=canonical`` is taken for identity only on the same registrable domain and never where it leads to
the site's root or a section, which is what broken templates declare for all their pages at once.  Another
domain's is a hint of origin and becomes an alternate.  AMP and mobile twins fold into the page they are
twins of: by what the page declares, else by the few rules that hold everywhere.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import SplitResult, urlsplit, urlunsplit

from schemas.limits import LIST_ITEMS
from schemas.links import canonical_link, registrable_domain
from schemas.raw_item import RawItem
from streams.normalize.page import Page

__all__ = ["Identity", "canonical_url", "identify", "is_section"]

_AMP_CACHE = re.compile(r"/[civ]/(s/)?(.+)")
_GOOGLE_AMP = re.compile(r"/amp/(s/)?(.+)")
_GOOGLE_HOST = re.compile(r"(?:www\.)?google\.[a-z.]{2,6}")
_AMP_SUFFIX = re.compile(r"(?<=.)(?:/amp(?P<slash>/?)|\.amp(?P<html>\.html?)?)$")
_AMP_PARAMETERS: Final = frozenset(
    "amp _amp isamp is_amp amp_js_v amp_gsa amp_markup usqp noamp __amp_source_origin".split()
)
_AMP_VALUES: Final = frozenset(
    {"outputtype=amp", "outputtype=amp-type", "output=amp", "view=amp", "type=amp"}
)
_TWIN_LABELS: Final = frozenset({"m", "amp", "mobile"})

_WALL_HOST = re.compile(r"(?:consent|guce|login|signin|auth|accounts?|sso|id|privacy|validate)\.")
_INDEX_SEGMENT = re.compile(r"(?:index|default|home)(?:\.\w{2,5})?", re.IGNORECASE)
_ARTICLE_SEGMENT = re.compile(r"\d{3}|[^-_+]+[-_+][^-_+]+[-_+]|.{30}|%[0-9A-F]{2}")
"""What the last segment of an article's path has and a section's has not: a number, three words or more."""


class Identity(NamedTuple):
    """How an article is addressed."""

    url: str | None
    alternates: list[str]


def canonical_url(url: str) -> str | None:
    """Return the canonical form of *url* with AMP and mobile twins folded by rule, or null for no link.

    - AMP caches are unwrapped (``cdn.ampproject.org``, ``google.com/amp/``);
    - ``/amp``, ``/amp/``, ``.amp`` and ``.amp.html`` at the end of a path and AMP's parameters go;
    - ``m.``, ``amp.`` and ``mobile.`` straight before the registrable domain become ``www.``.

    Canonicalising the result gives the result again.
    """
    link = canonical_link(url)
    return None if link is None else _folded(link)


def _folded(link: str) -> str | None:
    """Fold a canonical link until there is nothing more to fold."""
    while (folded := _fold(link)) != link:
        again = canonical_link(folded)
        if again is None:
            return None
        link = again
    return link


def is_section(canonical: str, article: str) -> bool:
    """Tell whether *canonical* is the root or a section of the site rather than the page *article*.

    Both are canonical links of one site.
    """
    from courlan import is_navigation_page

    if canonical == article:
        return False
    declared, seen = urlsplit(canonical), urlsplit(article)
    path, own_path = _segments(declared), _segments(seen)
    if not path:
        return not declared.query
    if is_navigation_page(canonical) and not is_navigation_page(article):
        return True
    if _ARTICLE_SEGMENT.search(path[-1]):
        return False
    if seen.query and not declared.query and path == own_path:
        return True  # the parameter that told the article apart is gone
    if declared.query:
        return False
    below = len(own_path) > len(path) and own_path[: len(path)] == path
    return below or bool(own_path and _ARTICLE_SEGMENT.search(own_path[-1]))


def identify(item: RawItem, page: Page | None) -> Identity:
    """Decide what *item*'s article is identified by, and by what else it is known.

    *page* is the page that its text was extracted from; null where that is not its article's (a consent
    wall, say) or there is none: then the link alone counts.  An entry of a live blog whose address is the
    blog's own, but for the fragment, has none: its source and native id identify it.
    """
    link = canonical_link(item.url) if item.url else None
    final = None
    if page is not None and item.fetch is not None and item.fetch.final_url:
        final = canonical_link(item.fetch.final_url)
    seen = final if final is not None and _leads_to_article(link, final) else link
    url = _folded(seen) if seen is not None else None
    also: list[str | None] = [link, final if seen == final else None]
    if page is not None:
        declared = {c for href in page.links("canonical") if (c := canonical_url(href))}
        # Two different ones are a mistake, and nobody can tell which.
        canonical = declared.pop() if len(declared) == 1 else None
        if canonical is not None and url is not None and seen is not None:
            if registrable_domain(canonical) != registrable_domain(url):
                also.append(canonical)
            elif not is_section(canonical, url) and not _adds_parameters(canonical, url):
                url = canonical
        elif canonical is not None:
            also.append(canonical)
        also += [canonical_link(href) for href in page.links("amphtml")]
    if item.part_of and url is not None and url == canonical_url(item.part_of):
        return Identity(None, [])
    alternates = dict.fromkeys(other for other in also if other is not None and other != url)
    return Identity(url, list(alternates)[:LIST_ITEMS])


def _adds_parameters(canonical: str, article: str) -> bool:
    """Tell a canonical that only adds parameters to the address it was read at: a session's, mostly."""
    declared, seen = urlsplit(canonical), urlsplit(article)
    return (declared.netloc, declared.path) == (seen.netloc, seen.path) and not (
        set(declared.query.split("&")) <= set(seen.query.split("&")) | {""}
    )


def _leads_to_article(link: str | None, final: str) -> bool:
    """Tell a redirect to the article from one to a home page, a login or a consent page."""
    if _WALL_HOST.match(urlsplit(final).netloc):
        return False
    if link is None or registrable_domain(link) != registrable_domain(final):
        return bool(_segments(urlsplit(final)) or urlsplit(final).query)
    return not is_section(final, link)


def _segments(parts: SplitResult) -> list[str]:
    segments = [segment for segment in parts.path.split("/") if segment]
    if segments and _INDEX_SEGMENT.fullmatch(segments[-1]):
        segments.pop()
    return segments


def _fold(link: str) -> str:
    parts = urlsplit(link)
    host, path = parts.netloc, parts.path
    cached = None
    if host.endswith(".cdn.ampproject.org"):
        cached = _AMP_CACHE.fullmatch(path)
    elif _GOOGLE_HOST.fullmatch(host):
        cached = _GOOGLE_AMP.fullmatch(path)
    if cached is not None:
        return urlunsplit(("https" if cached[1] else "http", *_host_and_path(cached[2]), parts.query, ""))
    label, _, rest = host.partition(".")
    if label in _TWIN_LABELS and rest == registrable_domain(host):
        host = f"www.{rest}"
    path = _AMP_SUFFIX.sub(lambda m: m["slash"] or m["html"] or "", path)
    query = "&".join(part for part in parts.query.split("&") if not _says_amp(part))
    return urlunsplit((parts.scheme, host, path, query, ""))


def _host_and_path(rest: str) -> tuple[str, str]:
    host, _, path = rest.partition("/")
    return host, f"/{path}"


def _says_amp(part: str) -> bool:
    part = part.lower()
    return part.partition("=")[0] in _AMP_PARAMETERS or part in _AMP_VALUES
