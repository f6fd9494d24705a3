"""News without end, made of the seeds' sentences: names, numbers and addresses are new in every article.

What no cache has seen comes all the time, so that one without a bound shows.  One item in five shows something
again: an article in other words (a revision), as it was, or at another publisher (a copy).  Half of the items
are pages, with what pages have around their text.
"""

from __future__ import annotations

import html
import json
import random
import re
from collections import deque
from collections.abc import Iterator
from typing import Final

import msgspec

from bench.texts import seed_sentences

__all__ = ["SHARES", "endless_news"]

SHARES: Final = {"new": 80, "copy": 10, "revision": 7, "again": 3}
"""Items in a hundred, by kind."""
PAGES: Final = 0.5
"""Share of articles that come as a page."""
REMEMBERED: Final = 500
"""Articles that may be shown again: the newest ones."""
PUBLISHERS: Final = 60
SENTENCES: Final = (12, 28)
PARAGRAPH: Final = 3
_NUMBER: Final = re.compile(r"\d[\d.,]*\d|\d")
_NAME: Final = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}")
"""A capitalised word within a sentence."""
_STAY: Final = frozenset(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April June July August"
    " September October November December".split()
)
_SYLLABLES: Final = (
    "bar cal den el fen gar hol in jor kel lan mar nor os pel quin ros sel tam ul ver wil yor zan".split()
)
_PAGE: Final = """\
<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<link rel="canonical" href="{url}"><meta property="og:type" content="article"></head><body>
<header><nav><a href="/">Home</a> <a href="/news">News</a> <a href="/sport">Sport</a></nav></header>
<main><article><h1>{title}</h1>{paragraphs}</article></main>
<aside><h2>Most read</h2><ul><li><a href="/1">Weather</a></li><li><a href="/2">Traffic</a></li></ul></aside>
<footer><p>All rights reserved. Contact, terms, privacy.</p></footer></body></html>
"""


class Shown(msgspec.Struct, frozen=True):
    """An article as it was shown last."""

    publisher: int
    path: str
    title: str
    paragraphs: tuple[str, ...]
    page: bool


def endless_news(seed: int = 11) -> Iterator[bytes]:
    """Yield items as the JSON lines that ``newswire ingest`` reads; the same ones for a seed."""
    draw = random.Random(seed)
    pool = [sentence.strip() for sentence in seed_sentences()]
    recent: deque[Shown] = deque(maxlen=REMEMBERED)
    kinds, shares = list(SHARES), list(SHARES.values())
    number = 0
    while True:
        kind = draw.choices(kinds, shares)[0]
        if kind == "new" or not recent:
            number += 1
            article = _new(draw, pool, number)
            recent.append(article)
        else:
            place = draw.randrange(len(recent))
            article = recent[place]
            if kind == "copy":
                article = msgspec.structs.replace(article, publisher=(article.publisher + 1) % PUBLISHERS)
            elif kind == "revision":
                article = recent[place] = _revised(draw, pool, article)
        yield _line(article)


def _new(draw: random.Random, pool: list[str], number: int) -> Shown:
    sentences = _renamed(draw, draw.sample(pool, min(len(pool), draw.randint(*SENTENCES))))
    paragraphs = [" ".join(sentences[at : at + PARAGRAPH]) for at in range(0, len(sentences), PARAGRAPH)]
    return Shown(
        publisher=draw.randrange(PUBLISHERS),
        path=f"news/{number}-{_name(draw).lower()}-{_name(draw).lower()}",
        title=" ".join(sentences[0].split()[:9]).rstrip(".,"),
        paragraphs=tuple(paragraphs),
        page=draw.random() < PAGES,
    )


def _revised(draw: random.Random, pool: list[str], article: Shown) -> Shown:
    """Add a paragraph at the end, as newsrooms do."""
    added = " ".join(_renamed(draw, draw.sample(pool, PARAGRAPH)))
    return msgspec.structs.replace(article, paragraphs=(*article.paragraphs, added))


def _renamed(draw: random.Random, sentences: list[str]) -> list[str]:
    """Give everybody and everything another name, the same one throughout, and draw the numbers anew."""
    names: dict[str, str] = {}

    def other_name(found: re.Match[str]) -> str:
        old = found[0]
        return old if old in _STAY else names.setdefault(old, _name(draw))

    def other_number(found: re.Match[str]) -> str:
        return re.sub(r"\d", lambda _: str(draw.randint(1, 9)), found[0])

    return [_NAME.sub(other_name, _NUMBER.sub(other_number, sentence)) for sentence in sentences]


def _name(draw: random.Random) -> str:
    return "".join(draw.choices(_SYLLABLES, k=draw.choice((4, 5)))).capitalize()


def _line(article: Shown) -> bytes:
    domain = f"paper{article.publisher}.example"
    url = f"https://{domain}/{article.path}"
    fields = {"id": url, "url": url, "title": article.title, "source": f"soak-{article.publisher}"}
    fields |= {"publisher": domain, "language": "en"}
    if article.page:
        paragraphs = "".join(f"<p>{html.escape(each)}</p>" for each in article.paragraphs)
        fields["html"] = _PAGE.format(title=html.escape(article.title), url=url, paragraphs=paragraphs)
    else:
        fields["text"] = "\n\n".join(article.paragraphs)
    return json.dumps(fields, ensure_ascii=False).encode() + b"\n"
