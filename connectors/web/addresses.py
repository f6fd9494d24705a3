"""Which addresses no fetch may connect to, whatever name, redirect or literal leads to them.

After the special-purpose registries of IANA (RFC 6890 and its updates) rather than `ipaddress.is_global`,
which in Python 3.11 passes NAT64, 6to4, site-local, multicast and the old 6to4 relays.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

__all__ = ["ALLOWABLE", "address_of", "refusal"]

ALLOWABLE: Final = frozenset({"private", "loopback", "shared", "unique_local"})
"""Refusals that a source may lift for hosts that it names: its own network.  The others stay: metadata
services hand out credentials, and the rest is nobody's web server."""

_METADATA: Final = frozenset(
    ip_address(text)
    for text in (
        "169.254.169.254",  # most clouds
        "169.254.170.2",  # container credentials
        "169.254.170.23",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
    )
)
_V4: Final = [
    (IPv4Network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link_local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "reserved"),  # AS112, a sink for private names
        ("192.52.193.0/24", "reserved"),  # AMT, multicast relays
        ("192.88.99.0/24", "tunnel"),  # 6to4 relays
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "reserved"),  # AS112
        ("198.18.0.0/15", "reserved"),  # benchmarks
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),  # and broadcast
    )
]
_V6: Final = [
    (IPv6Network(network), reason)
    for network, reason in (
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("fc00::/7", "unique_local"),
        ("fe80::/10", "link_local"),
        ("fec0::/10", "site_local"),
        ("ff00::/8", "multicast"),
        ("2001::/32", "tunnel"),  # Teredo: an IPv4 address of anybody's choice inside
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "tunnel"),  # 6to4, likewise
        ("2620:4f:8000::/48", "reserved"),  # AS112
        ("3fff::/20", "documentation"),
    )
]
_GLOBAL_V6: Final = IPv6Network("2000::/3")
"""All that is handed out as global unicast; the rest of IPv6 is special or unassigned."""
_NAT64: Final = IPv6Network("64:ff9b::/96")
_ISATAP: Final = (0x00005EFE, 0x02005EFE)


def address_of(text: str) -> IPv4Address | IPv6Address:
    """Read an address as a socket names it: an IPv6 scope (``%eth0``) is dropped.

    Raises:
        ValueError: it is not an address in canonical form.
    """
    return ip_address(text.partition("%")[0])


def refusal(address: IPv4Address | IPv6Address) -> str | None:
    """Return why nothing connects to *address*: a short code; null for one of the public Internet.

    An IPv4 address inside an IPv6 one (mapped, NAT64, ISATAP) is judged as itself.  6to4 and Teredo are
    refused whatever is inside: the networks behind them are gone, and the forms live on in attacks.
    """
    if address in _METADATA:
        return "metadata"
    if isinstance(address, IPv4Address):
        return next((reason for network, reason in _V4 if address in network), None)
    inner = address.ipv4_mapped
    if inner is None and address in _NAT64:
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    if inner is not None:
        return refusal(inner)
    found = next((reason for network, reason in _V6 if address in network), None)
    if found is None and address not in _GLOBAL_V6:
        return "reserved"
    if found is None and (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        return refusal(IPv4Address(int(address) & 0xFFFFFFFF))
    return found
