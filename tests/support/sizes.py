"""Texts and records of exact sizes, from a seed; none like another."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from schemas import ids
from schemas.raw_item import Body, RawItem
from schemas.wire import WireRecord
from tests.support.pipeline import raw_record

__all__ = ["astral", "english", "item_of", "item_of_size", "quotations", "statements", "words"]

FETCHED_AT = "2026-11-24T09:30:00.000000Z"
OPENING = (
    "The harbour authority said on Tuesday that every ship which had been waiting outside the port since the "
    "storm would be let in before the end of the week, and that nobody had been hurt when the pier fell."
)
COMMON = (
    "the of and to in that was for on with as had at by were from they which their there been would when who "
    "will more said about other into could than its only some these time two may then first new like now over "
    "such after most through before where made people year must between house under while down being because "
    "world against still long three city great place however state old never without public night general"
).split()

PEOPLE = ("Ada Quill", "Maren Oldcastle", "Idris Fennimore", "Hanne Brask", "Ruth Penhallow", "Sunniva Dale")
PLACES = ("Elmsford", "Tarnmouth", "Northgate", "Eastmouth", "Harbourtown", "Stonebridge")
DAYS = ("Monday", "Tuesday", "Thursday", "Saturday")


def astral(chars: int, seed: int) -> str:
    """Words of letters that take four bytes of UTF-8 and two of UTF-16 each."""
    draw = random.Random(seed)
    return "".join(" " if n % 6 == 5 else chr(0x20000 + draw.randrange(0xA000)) for n in range(chars))


def words(chars: int, seed: int) -> str:
    """Words of Latin letters, of which hardly two are the same."""
    draw = random.Random(seed)
    return "".join(" " if n % 7 == 6 else chr(97 + draw.randrange(26)) for n in range(chars))


def english(chars: int, seed: int) -> str:
    """What a detector takes for English."""
    return _filled(chars, seed, lambda draw: " ".join(draw.choices(COMMON, k=12)))


def quotations(chars: int, seed: int) -> str:
    """English of which nearly every word is a quotation."""
    return _filled(chars, seed, lambda draw: f"“{draw.choice(COMMON)}”")


def statements(chars: int, seed: int) -> str:
    """News of which every sentence has somebody say something."""
    return _filled(
        chars,
        seed,
        lambda draw: (
            f"{draw.choice(PEOPLE)}, the mayor of {draw.choice(PLACES)}, said on {draw.choice(DAYS)} that "
            f"“{' '.join(draw.choices(COMMON, k=8))}” and that {' '.join(draw.choices(COMMON, k=12))}."
        ),
    )


def _filled(chars: int, seed: int, part: Callable[[random.Random], str]) -> str:
    draw = random.Random(seed)
    parts, length = [OPENING] * 4, 0
    while length < chars:
        parts.append(part(draw))
        length += len(parts[-1]) + 1
    return " ".join(parts)[: chars - 1] + "."


def item_of(native_id: str, body: Body, **fields: Any) -> RawItem:
    """An item with this body; *fields* are further ones."""
    return RawItem(
        item_id=ids.item_id("sizes", native_id, body.sha256, FETCHED_AT),
        source_id="sizes",
        source_kind="other",
        native_id=native_id,
        link_key=f"sizes {native_id}",
        fetched_at=FETCHED_AT,
        body=body,
        **fields,
    )


def item_of_size(size: int, seed: int, *, text: bool) -> tuple[RawItem, WireRecord]:
    """An item whose record has exactly *size* bytes of key and value, which do not compress: bytes of no
    encoding, or else text of CJK characters.
    """
    draw = random.Random(seed)
    name = f"{'text' if text else 'bytes'}-{seed}"
    bare = raw_record(_sized(name, text, b"", 0)).size
    room = size - bare - 1000
    if text:
        wide = "".join(map(chr, draw.choices(range(0x4E00, 0x9FA0), k=room // 3)))
        payload, filled = wide.encode(), room // 3 * 3
    else:
        payload, filled = draw.randbytes(room // 4 * 3), room // 4 * 4
    item = _sized(name, text, payload, size - bare - filled)
    record = raw_record(item)
    assert record.size == size
    return item, record


def _sized(name: str, text: bool, payload: bytes, title: int) -> RawItem:
    digest = ids.sha256_hex(payload)
    body = (
        Body(media_type="text/plain", text=payload.decode(), sha256=digest)
        if text
        else Body(media_type="text/html", data=payload, sha256=digest)
    )
    return item_of(name, body, title="t" * title)
