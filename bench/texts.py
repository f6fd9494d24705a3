"""News texts to measure with: those of the shared research data where it lies, else ones made of the seeds."""

from __future__ import annotations

import os
import random
import re
from pathlib import Path
from typing import Final

import msgspec

__all__ = ["Texts", "news_texts", "seed_sentences"]

ROOT: Final = Path(__file__).resolve().parent.parent
_SENTENCES: Final = (14, 30)
_PARAGRAPH: Final = 3
_END: Final = re.compile(r"(?<=[.!?”\"])\s+(?=[“\"A-Z])")


class Texts(msgspec.Struct, frozen=True):
    """Texts, and where they are from."""

    origin: str
    texts: list[str]


def news_texts(count: int, seed: int = 7) -> Texts:
    """Return up to *count* texts of news articles, the same ones for a seed, in mixed order."""
    folder = Path(os.environ.get("NEWSWIRE_SHARED") or ROOT.parent / "shared") / "data" / "bbc-news"
    draw = random.Random(seed)
    files = sorted(folder.glob("*/*.txt"))
    if files:
        draw.shuffle(files)
        texts = [path.read_text("utf-8", errors="replace").strip() for path in files[:count]]
        return Texts("BBC articles of the shared data", texts)
    return Texts("texts made of the seeds' sentences", [_made(seed_sentences(), draw) for _ in range(count)])


def seed_sentences() -> list[str]:
    """Return the sentences of the seeds that are long enough to make texts of, each once."""
    found: dict[str, None] = {}
    for path in sorted((ROOT / "seeds" / "articles").glob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            try:
                item = msgspec.json.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue  # some seeds are broken on purpose
            text = item.get("text") if isinstance(item, dict) else None
            if isinstance(text, str):
                found |= dict.fromkeys(part for part in _END.split(text) if len(part) > 40)
    return list(found)


def _made(sentences: list[str], draw: random.Random) -> str:
    chosen = draw.sample(sentences, min(len(sentences), draw.randint(*_SENTENCES)))
    paragraphs = [chosen[i : i + _PARAGRAPH] for i in range(0, len(chosen), _PARAGRAPH)]
    return "\n\n".join(" ".join(paragraph) for paragraph in paragraphs)
