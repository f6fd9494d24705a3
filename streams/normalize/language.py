"""Which language a text is in: detected where there is enough of it, else as declared."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from schemas.base import LanguageTag

__all__ = ["Declared", "language_of", "normal_tag"]

Declared = tuple[tuple[str | None, str], ...]
"""Tags as declared with where: page, feed or source; the nearest to the text first."""

_SAMPLE: Final = 600
"""Characters of the text that are looked at."""
_ENOUGH: Final = 120
"""Characters from which detection is believed over what is declared."""
_SURE: Final = 0.5
_UNSURE: Final = 0.2

# Languages of news.  The model knows 140; the rest (Latin, Esperanto, dialects …) are mostly what it takes
# lists, scores and names for.
_LANGUAGES: Final = frozenset(
    "af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu ha he hi hr hu hy id ig is it ja ka"
    " kk km kn ko ku ky lo lt lv mk ml mn mr ms mt my ne nl nn no om pa pl ps pt ro ru si sk sl so sq sr sv sw ta"
    " te th tl tr uk ur uz vi xh yo zh zu".split()
)
_OLD_CODES: Final = {"iw": "he", "in": "id", "ji": "yi", "jp": "ja", "cz": "cs", "gr": "el", "ua": "uk"}
"""Withdrawn codes, and country codes that pages give for languages."""
_LONGEST_TAG: Final = 60
"""BCP 47 asks for 35 of those who cut."""
_TAG = re.compile(r"([A-Za-z]{2,3})((?:[-_][A-Za-z0-9]{2,8})*)")


def normal_tag(declared: str | None) -> str | None:
    """Bring a declared tag (``en_us``, ``EN``) to the case of BCP 47 (``en-US``); null where it is none."""
    match = _TAG.fullmatch(declared.strip()) if declared and len(declared) <= _LONGEST_TAG else None
    if match is None:
        return None
    primary = match[1].lower()
    parts = [_OLD_CODES.get(primary, primary)]
    for part in re.split("[-_]", match[2])[1:]:
        parts.append({2: part.upper(), 4: part.title()}.get(len(part), part.lower()))
    return "-".join(parts)


def language_of(text: str, declared: Declared) -> LanguageTag:
    """Return the language of *text*.

    From 120 characters on it is detected (py3langid among the languages of news); with fewer, or where the
    detector is not sure, what is declared nearest to the text counts; with nothing declared even an unsure
    detection is better than none.
    """
    named = next(((tag, place) for raw, place in declared if (tag := normal_tag(raw))), None)
    sample = text[:_SAMPLE]
    short = len(sample) < _ENOUGH
    if short and named is not None:
        return LanguageTag(tag=named[0], from_=named[1])
    if sample.strip():
        tag, probability = _identifier().classify(sample)
        confidence = round(float(probability), 3)
        if confidence >= _SURE or (named is None and confidence >= _UNSURE):
            return LanguageTag(tag=str(tag), from_="detected", confidence=confidence)
    if named is not None:
        return LanguageTag(tag=named[0], from_=named[1])
    return LanguageTag()


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_LANGUAGES)
    return identifier
