"""Which addresses are public: a name that a stranger chose must not lead into a private network.

The standard library knows the registries' list of special addresses. What it calls global here and is not,
and every way to write an IPv4 address inside an IPv6 one, is added.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

_MAPPED = IPv6Network("::ffff:0:0/96")
_UNICAST = IPv6Network("2000::/3")
_NOT_PUBLIC = tuple(
    map(
        ip_network,
        (
            "192.88.99.0/24",  # relays of 6to4
            "3fff::/20",  # documentation, since 2024
            "2002::/16",  # 6to4
        ),
    )
)


def is_public(address: str) -> bool:
    """Tell whether an address can be reached by anybody; one that is not an address is not public."""
    try:
        return _is_public(ip_address(address))
    except ValueError:
        return False


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        if address in _MAPPED:
            return _is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
        if address.scope_id is not None or address not in _UNICAST:
            return False
    refused = any(address in network for network in _NOT_PUBLIC if network.version == address.version)
    return address.is_global and not (refused or address.is_multicast or address.is_reserved)


def is_loopback(address: str) -> bool:
    """Tell whether an address means this machine."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return (mapped or parsed).is_loopback
