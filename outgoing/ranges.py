"""Which IP addresses belong to the public internet: all that no registry of IANA sets apart."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_network

# Every range of https://www.iana.org/assignments/iana-ipv4-special-registry, and what is beyond single hosts.
_CLOSED_V4 = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # between a provider and its customers
            "127.0.0.0/8",  # loopback
            "168.63.129.16/32",  # services of Azure for its own machines, at a public number
            "169.254.0.0/16",  # link-local; the metadata of cloud machines
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocols
            "192.0.2.0/24",  # documentation
            "192.31.196.0/24",  # AS112
            "192.52.193.0/24",  # relays of multicast
            "192.88.99.0/24",  # relays of 6to4
            "192.168.0.0/16",  # private
            "192.175.48.0/24",  # AS112
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and the broadcast address
        ),
    )
)
# All that is given to hosts of the public internet. The rest is loopback, private, link-local, multicast or reserved,
# or an IPv4 address in other words: mapped, compatible, translated (NAT64).
_OPEN_V6 = IPv6Network("2000::/3")
_CLOSED_V6 = tuple(
    map(
        ip_network,
        (
            "2001::/23",  # protocols: Teredo, benchmarks, ORCHID
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4: an IPv4 address in other words
            "2620:4f:8000::/48",  # AS112
            "3ffe::/16",  # an experiment that has ended
            "3fff::/20",  # documentation
        ),
    )
)


def is_public(ip: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address belongs to a host of the public internet."""
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in _CLOSED_V4)
    return ip in _OPEN_V6 and not any(ip in network for network in _CLOSED_V6)
