"""Which addresses are public, whatever way they are written."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.http.files.addresses import is_loopback, is_public

PRIVATE_V4 = [
    "0.0.0.0",  # noqa: S104 - refused
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.3.4",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
]
PREFIXES_THAT_HIDE = {
    "IPv4-compatible": "::",
    "NAT64": "64:ff9b::",
    "local NAT64": "64:ff9b:1::",
    "translated": "::ffff:0:0:0",
}


@pytest.mark.parametrize("address", PRIVATE_V4)
def test_special_ipv4_addresses_are_not_public(address: str) -> None:
    """Neither by themselves nor mapped into IPv6."""
    assert not is_public(address)
    assert not is_public(f"::ffff:{address}")


@pytest.mark.parametrize(
    "address",
    [
        "::",
        "::1",
        "::7f00:1",
        "::ffff:7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b::5db8:d70e",
        "64:ff9b:1::5db8:d70e",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:2::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:5db8:d70e::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00::1",
        "fe80::1",
        "fe80::1%eth0",
        "2606:2800:220:1::1%eth0",
        "fec0::1",
        "ff02::1",
        "",
        "files.example",
        "93.184.216.34.",
        "0x7f.1",
    ],
)
def test_special_ipv6_addresses_are_not_public(address: str) -> None:
    """Local ones, documentation, and every one that stands for an address of another kind."""
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "::ffff:8.8.8.8", "2606:2800:220:1::1"])
def test_public_addresses_are_public(address: str) -> None:
    """An ordinary server can be asked."""
    assert is_public(address)


@given(number=st.integers(0, 2**32 - 1), prefix=st.sampled_from(sorted(PREFIXES_THAT_HIDE.values())))
def test_no_hidden_ipv4_address_is_public(number: int, prefix: str) -> None:
    """Whichever address is embedded: a translator would lead to it, so none is asked."""
    base = int(IPv6Address(f"{prefix.removesuffix('::')}::" if prefix != "::ffff:0:0:0" else prefix))

    assert not is_public(str(IPv6Address(base | number)))


@given(number=st.integers(0, 2**32 - 1))
def test_a_mapped_address_is_what_it_maps_to(number: int) -> None:
    """The operating system connects to the IPv4 address."""
    mapped = IPv6Address(int(IPv6Address("::ffff:0:0")) | number)

    assert is_public(str(mapped)) == is_public(str(IPv4Address(number)))


@given(number=st.integers(0, 2**128 - 1))
def test_only_global_unicast_is_public(number: int) -> None:
    """Outside of what is given to networks of the internet nothing is."""
    address = IPv6Address(number)

    if is_public(str(address)):
        assert number >> 125 == 1 or address.ipv4_mapped is not None
        assert address.is_global


def test_this_machine_is_known_in_every_writing() -> None:
    """Mapped or not."""
    assert all(map(is_loopback, ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1")))
    assert not any(map(is_loopback, ("93.184.216.34", "localhost", "", "::7f00:1")))
