"""Which addresses of people are taken, and which could lead into the network that the server stands in."""

from __future__ import annotations

import socket
from ipaddress import ip_address

import pytest

import outgoing
from outgoing import AddressRefused
from outgoing.addresses import parse
from outgoing.ranges import is_public

REFUSED = [
    # Schemes, and what is no address.
    "",
    "example.org",
    "//example.org/",
    "http://example.org/",
    "ftp://example.org/",
    "file:///etc/passwd",
    "gopher://example.org/",
    "javascript:alert(1)",
    "https:example.org",
    "https:///path",
    "https://",
    "https://[",
    "https://[::1",
    "https://example.org:port/",
    "https://example.org:99999/",
    "https://example.org:0/",
    f"https://example.org/{'a' * 2000}",
    # Two programs could read these in two ways.
    "https://user:password@example.org/",
    "https://example.org@127.0.0.1/",
    "https://127.0.0.1\\@example.org/",
    "https://example.org\\.internal/",
    "https://exam\nple.org/",
    "https://example.org/\r\nHost: other",
    "https://exa mple.org/",
    "https://example.org/\tpath",
    "https://%31%32%37.0.0.1/",
    "https://example..org/",
    "https://-example.org/",
    "https://example.org../",
    # Ports of other services.
    "https://example.org:22/",
    "https://example.org:25/",
    "https://example.org:80/",
    # Names that are known inside a network alone.
    "https://localhost/",
    "https://LOCALHOST./",
    "https://redis/",
    "https://db.localhost/",
    "https://printer.local/",
    "https://metadata.google.internal/computeMetadata/v1/",
    "https://nas.home.arpa/",
    # Private, loopback, link-local, shared, multicast, reserved, for documentation, unspecified.
    "https://127.0.0.1/",
    "https://127.255.255.254/",
    "https://10.1.2.3/",
    "https://172.16.0.1/",
    "https://172.31.255.255/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://100.100.100.200/",
    "https://0.0.0.0/",
    "https://0.1.2.3/",
    "https://192.0.0.1/",
    "https://192.0.2.1/",
    "https://198.18.0.1/",
    "https://198.51.100.7/",
    "https://203.0.113.9/",
    "https://192.88.99.1/",
    "https://168.63.129.16/",
    "https://224.0.0.1/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    # The same in other notations.
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://127.0.0.0x1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://127.1/",
    "https://127.0.1/",
    "https://127.0.0.1./",
    "https://127.0.0.1:8443/",
    "https://１２７.０.０.１/",
    "https://①②⑦.⓪.⓪.①/",
    "https://127。0。0。1/",
    "https://1.2.3.4.5/",
    "https://256.1.1.1/",
    # IPv6, and IPv4 in its words.
    "https://[::1]/",
    "https://[::]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::127.0.0.1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::ffff:0:127.0.0.1]/",
    "https://[::ffff:8.8.8.8]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b:1::1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:53aa:64c::1]/",
    "https://[2001:db8::1]/",
    "https://[3fff::1]/",
    "https://[fc00::1]/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[2606:4700::1111%eth0]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://[100::1]/",
    "https://[5f00::1]/",
    "https://[v1.fe80]/",
    "https://[127.0.0.1]/",
]
TAKEN = [
    ("https://8.8.8.8/hook", "8.8.8.8", "/hook"),
    ("HTTPS://8.8.8.8", "8.8.8.8", "/"),
    ("https://[2606:4700:4700::1111]:8443/a?b=c#d", "[2606:4700:4700::1111]:8443", "/a?b=c"),
    ("https://hooks.example.org/in", "hooks.example.org", "/in"),
    ("https://Hooks.Example.ORG./in", "hooks.example.org", "/in"),
    ("https://hooks.example.org:443/in", "hooks.example.org", "/in"),
    ("https://bücher.example/ä b".replace(" ", "%20"), "xn--bcher-kva.example", "/%C3%A4%20b"),
    ("https://example.org?x=1&y=ü", "example.org", "/?x=1&y=%C3%BC"),
    ("https://a_b.example.org/", "a_b.example.org", "/"),
]


@pytest.fixture(autouse=True)
def not_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing.loopback_allowed, "_function", lambda: False)


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_that_could_lead_inside_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        outgoing.check(url)
    with pytest.raises(AddressRefused):
        outgoing.call(url, most_bytes=100)


@pytest.mark.parametrize(("url", "authority", "path"), TAKEN)
def test_an_address_is_read_as_it_is_meant(url: str, authority: str, path: str) -> None:
    target = parse(url, loopback=False)

    assert (target.authority, target.path) == (authority, path)


@pytest.mark.parametrize("ip", ["8.8.8.8", "100.63.255.255", "172.32.0.1", "2606:4700::1", "2a00:1450::1"])
def test_hosts_of_the_public_internet_are_public(ip: str) -> None:
    assert is_public(ip_address(ip))


@pytest.mark.parametrize(
    "found", [["10.0.0.7"], ["8.8.8.8", "127.0.0.1"], ["::1"], ["2606:4700::1", "fd00::1"], ["fe80::1%2"]]
)
def test_a_name_is_refused_if_one_of_its_addresses_is_inside(monkeypatch: pytest.MonkeyPatch, found: list[str]) -> None:
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in found]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: rows)

    with pytest.raises(AddressRefused, match="not public"):
        outgoing.check("https://hooks.example.org/")


def test_a_name_that_is_not_known_yet_may_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: object, **_named: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    assert outgoing.check("https://hooks.example.org/") is False
    with pytest.raises(outgoing.NoAnswer, match="not known"):
        outgoing.call("https://hooks.example.org/", most_bytes=100)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000/", "http://[::1]/", "http://localhost:22/", "https://127.0.0.9/"]
)
def test_this_machine_is_reached_where_a_setting_allows_it(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setattr(outgoing.loopback_allowed, "_function", lambda: True)

    assert outgoing.check(url) is True


@pytest.mark.parametrize("url", ["http://example.org/", "http://10.0.0.1/", "https://10.0.0.1/", "http://0.0.0.0/"])
def test_that_setting_allows_nothing_else(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setattr(outgoing.loopback_allowed, "_function", lambda: True)

    with pytest.raises(AddressRefused):
        outgoing.check(url)
