"""Which addresses are refused, in every form that an address can take."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.web.addresses import ALLOWABLE, address_of, refusal

NAT64 = IPv6Network("64:ff9b::/96")
PUBLIC = ["8.8.8.8", "1.1.1.1", "93.184.215.14", "2606:4700::1", "2a00:1450:4001:80b::200e", "192.88.98.1"]
REFUSED = {
    "0.0.0.0": "unspecified",
    "0.1.2.3": "unspecified",
    "10.1.2.3": "private",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.168.1.1": "private",
    "100.64.0.1": "shared",
    "100.127.255.254": "shared",
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "169.254.1.1": "link_local",
    "169.254.169.254": "metadata",
    "169.254.170.2": "metadata",
    "100.100.100.200": "metadata",
    "168.63.129.16": "metadata",
    "192.0.0.8": "reserved",
    "192.0.0.192": "metadata",
    "192.0.2.1": "documentation",
    "192.88.99.1": "tunnel",
    "198.18.0.1": "reserved",
    "198.19.255.255": "reserved",
    "198.51.100.7": "documentation",
    "203.0.113.7": "documentation",
    "224.0.0.1": "multicast",
    "239.255.255.250": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "reserved",
    "::": "unspecified",
    "::1": "loopback",
    "::2": "reserved",
    "::7f00:1": "reserved",  # IPv4-compatible
    "::ffff:127.0.0.1": "loopback",
    "::ffff:10.0.0.1": "private",
    "::ffff:169.254.169.254": "metadata",
    "::ffff:0:127.0.0.1": "reserved",  # IPv4-translated
    "64:ff9b::7f00:1": "loopback",
    "64:ff9b::a9fe:a9fe": "metadata",
    "64:ff9b:1::7f00:1": "reserved",
    "100::1": "reserved",
    "2001::1": "tunnel",  # Teredo
    "2001:0:7f00:1::1": "tunnel",
    "2001:10::1": "reserved",
    "2001:db8::1": "documentation",
    "2002:7f00:1::1": "tunnel",  # 6to4
    "2002:808:808::1": "tunnel",
    "2001:470:1:2:0:5efe:7f00:1": "loopback",  # ISATAP
    "2001:470:1:2:200:5efe:a00:1": "private",
    "3fff::1": "documentation",
    "4000::1": "reserved",
    "5f00::1": "reserved",
    "fc00::1": "unique_local",
    "fd12:3456::1": "unique_local",
    "fd00:ec2::254": "metadata",
    "fe80::1": "link_local",
    "febf::1": "link_local",
    "fec0::1": "site_local",
    "ff02::1": "multicast",
    "ff0e::1": "multicast",
}


@pytest.mark.parametrize("text", PUBLIC)
def test_the_public_internet_is_open(text: str):
    assert refusal(address_of(text)) is None


@pytest.mark.parametrize(("text", "reason"), REFUSED.items())
def test_everything_special_is_refused(text: str, reason: str):
    assert refusal(address_of(text)) == reason


@pytest.mark.parametrize("text", PUBLIC[:3])
def test_a_public_address_inside_another_is_open(text: str):
    inner = IPv4Address(text)
    assert refusal(IPv6Address(f"::ffff:{text}")) is None
    assert refusal(IPv6Address(int(IPv6Address("64:ff9b::")) | int(inner))) is None


def test_a_scope_is_passed_over():
    assert refusal(address_of("fe80::1%eth0")) == "link_local"
    assert refusal(address_of("::1%25lo")) == "loopback"


def test_what_a_source_may_allow_is_its_own_network():
    assert {"private", "loopback", "shared", "unique_local"} == ALLOWABLE


@pytest.mark.parametrize(
    "text", ["", "localhost", "127.1", "0x7f.0.0.1", "2130706433", "0177.0.0.1", "::1::"]
)
def test_other_forms_are_no_addresses(text: str):
    with pytest.raises(ValueError):
        address_of(text)


@given(st.ip_addresses())
def test_what_python_knows_to_be_special_is_refused(address: IPv4Address | IPv6Address):
    holds_another = isinstance(address, IPv6Address) and (address.ipv4_mapped or address in NAT64)
    if not holds_another and (not address.is_global or address.is_multicast or address.is_reserved):
        assert refusal(address) is not None


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_judged_as_itself(address: IPv4Address):
    assert refusal(IPv6Address(f"::ffff:{address}")) == refusal(address)
    assert refusal(IPv6Address(int(NAT64[0]) | int(address))) == refusal(address)
