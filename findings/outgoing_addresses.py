"""Which addresses are called (pure): public ones, and what the installation allows by setting."""

from __future__ import annotations

import re
import socket
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_HOST = re.compile(r"\.?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
# Public by number, yet never a server of somebody else.
_NEVER_PUBLIC: tuple[Network, ...] = (
    IPv4Network("168.63.129.16/32"),  # Azure's host, which serves instance metadata
    IPv4Network("192.0.0.0/24"),  # protocol assignments, RFC 6890
    IPv4Network("192.88.99.0/24"),  # 6to4 relays, RFC 7526
    IPv6Network("::/96"),  # IPv4-compatible, RFC 4291
    IPv6Network("64:ff9b:1::/48"),  # NAT64 of a local network, RFC 8215
    IPv6Network("2001::/32"),  # Teredo, RFC 4380
    IPv6Network("2002::/16"),  # 6to4, RFC 3056
    IPv6Network("3fff::/20"),  # documentation, RFC 9637
    IPv6Network("5f00::/16"),  # segment routing, RFC 9602
    IPv6Network("fec0::/10"),  # site-local, RFC 3879
)
# What no name may lead to, even one that is allowed: instance metadata (AWS, Azure, Alibaba, OCI).
_METADATA: tuple[Network, ...] = (
    IPv4Network("169.254.0.0/16"),
    IPv4Network("168.63.129.16/32"),
    IPv4Network("100.100.100.200/32"),
    IPv4Network("192.0.0.192/32"),
    IPv6Network("fe80::/10"),
    IPv6Network("fd00:ec2::/32"),
)


@dataclass(frozen=True, slots=True)
class AllowList:
    """Hosts and networks that may be called although they are not public, and without TLS.

    A host stands for itself, or with a leading dot for all below it. The metadata services of
    clouds are reached only where a network names them.
    """

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, texts: Iterable[str]) -> AllowList:
        """From hosts, addresses and CIDRs. Raises ValueError with a sentence."""
        hosts, networks = set(), []
        for text in texts:
            if network := _network(text):
                networks.append(network)
            elif _HOST.fullmatch(text.lower()) and not text.rpartition(".")[2].isdecimal():
                hosts.add(text.lower())
            else:
                raise ValueError(f'"{text}" is neither a host, an address nor a CIDR.')
        return cls(hosts=frozenset(hosts), networks=tuple(networks))

    def names(self, host: str) -> bool:
        host = host.lower().rstrip(".")
        parents = (host[i:] for i, letter in enumerate(host) if letter == ".")
        return host in self.hosts or any(parent in self.hosts for parent in parents)

    def allows(self, host: str, address: Address) -> bool:
        """Whether the setting names the address, or the host and the address is no metadata."""
        address = plain(address)
        if _within(address, self.networks):
            return True
        special = address.is_multicast or address.is_unspecified or _within(address, _METADATA)
        return self.names(host) and not special


def _network(text: str) -> Network | None:
    try:
        return ip_network(text)
    except ValueError:
        return None


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)


def plain(address: Address) -> Address:
    """The IPv4 address that an IPv6 form of it (mapped, NAT64) leads to; else the address."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def is_public(address: Address) -> bool:
    """Whether the address belongs to the public internet, in each form it may be written."""
    address = plain(address)
    if _within(address, _NEVER_PUBLIC) or address.is_multicast or address.is_reserved:
        return False
    return address.is_global


def address_of(text: str) -> Address:
    """Raises ValueError; so do addresses with a zone, which only link-local ones have."""
    if "%" in text:
        raise ValueError(f"{text} has a zone")
    return ip_address(text)


def written_address(host: str) -> Address | None:
    """The address that a host is in itself, in each form that is taken for one; None for a name.

    So are 127.1, 0x7f000001 and 2130706433, and the names of the machine itself.
    """
    text = unicodedata.normalize("NFKC", host).replace("\u3002", ".")  # a full stop of IDNA
    text = text.strip("[]").rstrip(".").lower()
    if text in _LOCAL or text.endswith(".localhost"):
        return IPv4Address("127.0.0.1")
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(text))  # asks nobody; it knows the short forms
    except (OSError, ValueError):
        return None


_LOCAL = frozenset({"localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"})
