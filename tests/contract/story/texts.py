"""The story: its texts, outlets and addresses, all invented."""

from __future__ import annotations

from schemas import ids
from schemas.article import Extractor
from schemas.base import Publisher, Span
from schemas.claim import ModelVersion
from schemas.vocabulary import FieldName

TITLE = "Port Merrin pilots end strike after night of talks"
DESCRIPTION = "Ships are to enter the harbour again from Thursday morning, the port authority said."
TEXT = """\
PORT MERRIN, Nov 24 (Northgate) - Harbour pilots in Port Merrin ended a nine-day strike on Tuesday after a \
night of talks that their union called the hardest in a decade.

"We have an agreement, and ships will move on Thursday," said Ilse Brandvold, who leads the Pilots' Guild. \
"Nobody got everything."

The Merrin Port Authority told shipping agents that 41 vessels were waiting outside the harbour. It denied \
that any cargo had been lost.

Transport Minister Tomas Reyle wrote on Chirp: “Back to work, together 🚢”. He did not say who would pay for \
the delays. Norwegian carrier Havlund Line turned two of its ships around last week.

According to the Merrin Courier, the authority's own report warns that the backlog "may take three weeks" to \
clear.

(Reporting by Ana Quill; editing by Per Lindqvist)
"""
NOTICE = "(This story corrects the number of waiting vessels in paragraph 3 to 47, not 41.)\n"
CORRECTED = TEXT.replace("41 vessels", "47 vessels") + "\n" + NOTICE
NEAR = TEXT.replace("PORT MERRIN, Nov 24 (Northgate) - ", "").replace("41 vessels", "43 vessels")

NORTHGATE = Publisher(
    domain="northgate.example", name="Northgate News Agency", family="Northgate", country="GB"
)
COURIER = Publisher(domain="merrin-courier.example", name="The Merrin Courier", country="GB")
FJORD = Publisher(domain="fjord-daily.example", name="Fjord Daily", country="NO")
WIRE_URL = "https://northgate.example/world/port-merrin-pilots-end-strike-2026-11-24"
COPY_URL = "https://www.merrin-courier.example/news/2026/11/24/pilots-end-strike?utm_source=rss"
NEAR_URL = "https://fjord-daily.example/shipping/port-merrin"
WIRE_FEED = ids.source_id("feed", "https://northgate.example/rss/world.xml")
COPY_FEED = ids.source_id("feed", "https://www.merrin-courier.example/feed")
NEAR_FEED = ids.source_id("feed", "https://fjord-daily.example/shipping.atom")
PAGE_MAKER = Extractor(name="trafilatura", version="2.3.1+1")
PLAIN_MAKER = Extractor(name="plain", version="1")
MODEL = ModelVersion(name="quotes", version="1")
WINDOW = "2026-10-25T05:12:31.480Z"
PAGE = (
    f'<!doctype html><html lang="en"><head><title>{TITLE} | The Merrin Courier</title>'
    f'<link rel="canonical" href="{COPY_URL.partition("?")[0]}"></head><body><nav>News Sport Tides</nav>'
    f"<article><h1>{TITLE}</h1>"
    + "".join(f"<p>{part}</p>" for part in TEXT.strip().split("\n\n"))
    + "</article></body></html>"
).encode()


def span(exact: str, text: str = TEXT, *, after: str = "", field: FieldName = "text") -> Span:
    """Find *exact* behind *after*, which must be there."""
    start = text.index(exact, text.index(after))
    return Span(field=field, start=start, end=start + len(exact), exact=exact)
