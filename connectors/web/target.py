"""A URL made ready to be fetched, or the reason why it never will be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import msgspec
from w3lib.url import safe_url_string
from yarl import URL

from connectors.web.addresses import ALLOWABLE, address_of, refusal
from schemas.limits import URL_CHARS

__all__ = ["Refused", "Target", "target_of"]

_PORTS: Final = {"http": 80, "https": 443}
_HOST: Final = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?|[0-9a-f:.]*:[0-9a-f:.]*")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")


class Refused(Exception):
    """A URL that is not fetched.  ``result`` is ``refused_url`` or ``refused_address``."""

    def __init__(self, result: str, detail: str) -> None:
        super().__init__(detail)
        self.result = result
        self.detail = detail


class Target(msgspec.Struct, frozen=True):
    """One URL that may be asked for."""

    url: URL
    """Escaped where HTTP needs it and nowhere else; without fragment."""
    host: str
    """Lower case, punycode, without the root's dot."""
    port: int
    allowed: bool
    """The source named this host: it may be a private one."""

    @property
    def origin(self) -> str:
        """Scheme, host and port: what a robots.txt speaks for."""
        return str(self.url.origin())

    @property
    def site(self) -> str:
        """Whose manners count: the host, and its port where that is an unusual one."""
        return self.host if self.port in _PORTS.values() else f"{self.host}:{self.port}"


def target_of(url: str, allow_hosts: Sequence[str] = ()) -> Target:
    """Read *url*; hosts in *allow_hosts* (``name``, ``name:port`` or address) may be private ones and
    use any port.

    The guard judges again what a name resolves to, when it connects.

    Raises:
        Refused: it is too long, has no host, another scheme, userinfo, a port or an address that nothing
            allows.
    """
    parsed = _parsed(url)
    if parsed.scheme not in _PORTS:
        raise Refused("refused_url", f"the scheme {parsed.scheme[:20]!r} is neither http nor https")
    if parsed.raw_user is not None or parsed.raw_password is not None:
        raise Refused("refused_url", "the URL carries a user name or password")
    host = (parsed.raw_host or "").lower()
    if not _HOST.fullmatch(host):
        raise Refused("refused_url", f"{host[:80]!r} is no host name")
    port = parsed.port
    assert port is not None  # http and https have one by default
    named = host.rstrip(".")
    allowed = _allows(allow_hosts, named, port)
    if not allowed and port not in _PORTS.values():
        raise Refused("refused_url", f"port {port} is neither 80 nor 443")
    _check_literal(named, allowed=allowed)
    return Target(parsed, named, port, allowed)


def _parsed(url: str) -> URL:
    if len(url) > URL_CHARS:
        raise Refused("refused_url", f"the URL is longer than {URL_CHARS} characters")
    try:
        parsed = URL(safe_url_string(url), encoded=True).with_fragment(None)
        parsed.port  # noqa: B018 - read here, where a bad one is an error of the URL
    except ValueError as error:
        raise Refused("refused_url", f"the URL cannot be read: {error}"[:200]) from error
    if not parsed.raw_path.startswith("/"):
        parsed = parsed.with_path("/", encoded=True, keep_query=True)
    return parsed


def _allows(allow_hosts: Sequence[str], host: str, port: int) -> bool:
    forms = {host, f"{host}:{port}"}
    if ":" in host:
        forms |= {f"[{host}]", f"[{host}]:{port}"}
    return any(allowed.lower().rstrip(".") in forms for allowed in allow_hosts)


def _check_literal(host: str, *, allowed: bool) -> None:
    last = host.rpartition(".")[2]
    if ":" not in host and not _NUMBER.fullmatch(last):
        return
    # As browsers have it, a host whose last label is a number is an address.  Only the usual form of one
    # is taken: decimal, octal, hexadecimal and short forms serve but to get past filters.
    try:
        reason = refusal(address_of(host))
    except ValueError as error:
        raise Refused("refused_address", f"{host[:80]!r} is an address in no canonical form") from error
    if reason is not None and not (allowed and reason in ALLOWABLE):
        raise Refused("refused_address", f"{host} is {reason}")
