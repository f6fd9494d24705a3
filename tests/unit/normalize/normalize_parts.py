"""Items and pages for the tests of normalize; all text was written for them."""

from schemas import Body, RawItem, ids

TEXT = """\
The harbour at Eastmouth will stay closed until the middle of March, the port authority said on Monday, after divers found that two of its six quays had moved by almost a metre during the storm.
“We cannot open a quay that is not safe,” its director, Ines Abara, told reporters at the harbour office. She added that engineers from three countries would arrive on Wednesday to measure the damage.
Some 1,400 containers are waiting on three ships off the coast. According to the shipping line, most of them hold food, and a part of it will have to be thrown away if it is not unloaded within ten days.
The mayor, Tomas Lindqvist, said that the town had asked the government for help, but that nobody had answered yet. “They know our number,” he said."""
PARAGRAPHS = TEXT.split("\n")
URL = "https://www.example.org/news/2026/harbour-stays-closed-after-storm"
FETCHED_AT = "2026-11-24T12:00:00Z"


def body(content, media_type="text/plain", **fields):
    if isinstance(content, bytes):
        return Body(media_type=media_type, data=content, sha256=ids.sha256_hex(content), **fields)
    return Body(media_type=media_type, text=content, sha256=ids.sha256_hex(content), **fields)


def item(content=None, media_type="text/plain", *, charset=None, truncated=False, **fields):
    """Make an item of *content*, text or bytes; other fields as given."""
    made = {
        "item_id": "item-1",
        "source_id": "source-1",
        "source_kind": "other",
        "native_id": "native-1",
        "link_key": "source-1#native-1",
        "fetched_at": FETCHED_AT,
    }
    if content is not None:
        made["body"] = body(content, media_type, charset=charset, truncated=truncated)
    return RawItem(**(made | fields))


def page(paragraphs=PARAGRAPHS, head="", lang="en", title="Harbour stays closed - Eastmouth Echo", tail=""):
    """Write a page as a small newspaper's system would."""
    content = "".join(f"<p>{p}</p>" for p in paragraphs)
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        '<body><nav><a href="/">Home</a> <a href="/news/">News</a> <a href="/sport/">Sport</a></nav>'
        f"<main><article><h1>Harbour stays closed</h1>{content}</article>{tail}</main>"
        "<footer><p>All rights reserved.</p></footer></body></html>"
    )


def web_item(content, **fields):
    """Make an item of a page as the page connector would."""
    return item(content, "text/html", **({"source_kind": "page", "url": URL} | fields))
