"""Secrets in addresses and headers, taken out of whatever is said of them.

An address may hold what lets its owner in: ``https://name:password@host``, ``?api_key=…``, ``;jsessionid=…``.
It is needed whole where something is fetched by it, and nowhere else.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["HIDDEN", "without_secrets"]

HIDDEN: Final = "***"
_USER: Final = re.compile(r"(?<=//)[^\s/\"'<>]*@|(?<=%2f%2f)(?:(?!%2f)[^\s/&#\"'<>])*%40", re.IGNORECASE)
_NAMES: Final = (
    "key|keyid|token|secret|password|passwd|passphrase|passcode|pass|pwd|pw|auth|authorization|credential|"
    "credentials|signature|sig|sign|hmac|hash|session|sessionid|sessid|sid|jwt|ticket|cookie|otp"
)
"""The last words of names such as ``api_key``, ``feedtoken``, ``X-Amz-Signature`` and ``PHPSESSID``."""
_PARAMETER: Final = re.compile(
    # A name, or a part of it, begins here: also behind a ? or & that is escaped, once or more often.
    r"(?:(?<![a-z0-9])|(?<=[%5]3[fb])|(?<=[%5]2[36]))"
    rf"([a-z0-9]{{0,40}}?(?:{_NAMES})(?:\]|%5d)?(?:=|%(?:25){{0,4}}3d)[\"']?)[^\s&#\"'<>]+",
    re.IGNORECASE,
)
_HEADER: Final = re.compile(
    r"\b((?:set-)?cookie2?|(?:proxy-)?authorization|x-[a-z-]{0,30}(?:key|token|auth))([\"']?\s{0,9}[:=]\s{0,9})"
    r"[^\r\n]+",
    re.IGNORECASE,
)
_OF_HEADERS: Final = ("cookie", "authorization", "x-")


def without_secrets(text: str) -> str:
    """Return *text* with what its addresses and headers keep secret replaced by `HIDDEN`: user names with
    passwords, values of parameters that are called as secrets are, cookies and authorizations.

    Names stay, so that it can still be told which source it is.  It hides too much rather than too little,
    takes time in proportion to the text, and leaves its own result as it is.  What stands in a path is not
    known to be a secret.
    """
    lower = text.lower()
    if "@" in text or "%40" in text:
        text = _USER.sub(lambda found: HIDDEN + ("@" if found[0].endswith("@") else found[0][-3:]), text)
    if "=" in text or "3d" in lower:
        text = _PARAMETER.sub(rf"\g<1>{HIDDEN}", text)
    if any(word in lower for word in _OF_HEADERS):
        text = _HEADER.sub(rf"\g<1>\g<2>{HIDDEN}", text)
    return text
