"""What HAProxy is told: whole requests only, fair shares by address, compressed answers."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from config import MAX_BODY_BYTES, MAX_FILE_BYTES, Settings
from server.children import REQUEST_GRACE_SECONDS
from server.patience import Patience

# In which the application finds the address of whoever connected to HAProxy. Clients cannot set it: it is overwritten.
PEER_HEADER = "X-Lectern-Peer"
# A whole body has to fit into a buffer beside its headers, because only then it is passed on as a whole. Files are the
# longest, and what a form adds to them.
ROOM_FOR_HEADERS = 64 * 1024
LONGEST_FILE_BODY = MAX_FILE_BYTES + 10_000
# The addresses that take and give files.
OF_FILES = "^(/api)?/payments/[0-9]+/proof$"
LONGEST_HEADERS = 32 * 1024
LONGEST_ADDRESS = 16 * 1024
COMPRESSED = (
    "text/html",
    "text/css",
    "text/plain",
    "text/javascript",
    "text/calendar",
    "application/javascript",
    "application/json",
    "application/problem+json",
    "image/svg+xml",
)


class Refusal(NamedTuple):
    """An answer of HAProxy's own, in the words of the API's errors."""

    status: int
    slug: str
    title: str
    detail: str

    def arguments(self) -> str:
        """Build it for programs."""
        return f"content-type application/problem+json string '{self._problem()}' {self._headers()}"

    def page_arguments(self) -> str:
        """Build it for people."""
        page = (
            '<!doctype html><html lang="en"><meta charset="utf-8">'
            f"<title>{self.title}</title><h1>{self.title}</h1><p>{self.detail}</p></html>"
        )
        return f"content-type text/html string '{page}' {self._headers()}"

    def _problem(self) -> str:
        return json.dumps(
            {"type": f"/problems/{self.slug}", "title": self.title, "status": self.status, "detail": self.detail}
        )

    def _headers(self) -> str:
        retry = "hdr Retry-After 5" if self.status in (429, 503) else ""
        return f"hdr Cache-Control no-store hdr X-Content-Type-Options nosniff {retry}".rstrip()


BAD_REQUEST = Refusal(400, "bad-request", "Bad Request", "This is no request that the server understands.")
NO_HOST = Refusal(400, "bad-request", "Bad Request", "A request needs the header Host, once.")
TOO_LATE = Refusal(408, "request-timeout", "Request Timeout", "The request did not arrive in time.")
TOO_LARGE = Refusal(
    413, "request-entity-too-large", "Request Entity Too Large", f"A body may have {MAX_BODY_BYTES:,} bytes."
)
FILE_TOO_LARGE = TOO_LARGE._replace(detail=f"A file may have {MAX_FILE_BYTES:,} bytes.")
TOO_MANY = Refusal(
    429, "too-many-requests", "Too Many Requests", "Too many requests from this address are open at the same time."
)
LONG_HEADERS = Refusal(
    431, "request-header-fields-too-large", "Request Header Fields Too Large", "The headers are too long."
)
BROKEN = Refusal(502, "bad-gateway", "Bad Gateway", "The answer was cut off. Please try again.")
AWAY = Refusal(503, "service-unavailable", "Service Unavailable", "Lectern is not ready. Please try again in a moment.")
TOO_SLOW = Refusal(504, "gateway-timeout", "Gateway Timeout", "The answer took too long.")
OF_WORKERS = (BROKEN, AWAY, TOO_SLOW)


def text(descriptor: int, workers: Sequence[Path], settings: Settings, patience: Patience) -> str:
    """Write the configuration of an HAProxy that serves the listening socket `descriptor`."""
    connections = _affordable(patience.connections)
    of_one = min(connections // 8, patience.connections_of_one)
    pages = (f"http-error status {refusal.status} {refusal.page_arguments()}" for refusal in OF_WORKERS)
    lines = (
        "# Written anew at every start.",
        *_general(connections, patience),
        *_farewell(settings.drain_seconds),
        *_tables(connections),
        "frontend web",
        f"    bind fd@{descriptor}",
        *(f"    {rule}" for rule in _rules(of_one, settings.trusted_proxies, patience)),
        *_backend("pages", workers, pages),
        *_backend("api", workers, ()),
    )
    return "\n".join(lines) + "\n"


def _affordable(connections: int) -> int:
    """Bound the number of connections by the files that this process may open: each one takes two."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    return connections if most == resource.RLIM_INFINITY else max(64, min(connections, (most - 200) // 2))


def _general(connections: int, patience: Patience) -> Iterator[str]:
    buffer = LONGEST_FILE_BODY + ROOM_FOR_HEADERS
    yield from (
        "global",
        f"    maxconn {connections}",
        # It passes bytes on; the processors are for the workers. One thread also counts exactly.
        "    nbthread 1",
        f"    hard-stop-after {REQUEST_GRACE_SECONDS}s",
        f"    tune.bufsize {buffer}",
        "    tune.stick-counters 4",
        # Keeps some buffers at hand, which are too large for the usual allowance.
        f"    tune.memory.hot-size {4 * buffer}",
        "defaults",
        "    mode http",
        "    timeout connect 1s",
        f"    timeout http-request {patience.headers}s",
        f"    timeout client {patience.silence}s",
        f"    timeout http-keep-alive {patience.keep_alive}s",
        f"    timeout server {patience.answer}s",
        f"    timeout queue {patience.answer}s",
        # A worker that cannot be reached has not seen the request: another one gets it.
        "    retries 3",
        "    option redispatch 1",
        "    http-reuse always",
        # The workers take `X_Name` and `X-Name` for the same header; only the second one is a proxy's word.
        "    option http-restrict-req-hdr-names delete",
        "    option disable-h2-upgrade",
    )
    for refusal in (BAD_REQUEST, TOO_LATE, *OF_WORKERS):
        yield f"    http-error status {refusal.status} {refusal.arguments()}"


def _farewell(drain_seconds: float) -> Iterator[str]:
    """Say how connections end on which no request is under way when HAProxy is told to stop.

    A proxy before it may be about to send the next one, so where there is one each connection gets an answer that
    announces its end. That takes up to ten seconds. Else they are closed at once: browsers just open another.
    """
    if drain_seconds:
        yield "    option idle-close-on-response"


def _tables(connections: int) -> Iterator[str]:
    """Count by address.

    An IPv6 client has a whole network of them, so its first 64 bits are the key.
    """
    for name in ("connections", "requests", "bodies", "files"):
        yield f"backend {name}"
        yield f"    stick-table type ipv6 size {2 * connections} expire 1m store conn_cur"


def _rules(connections_of_one: int, trusted_proxies: int, patience: Patience) -> Iterator[str]:
    if not trusted_proxies:  # a proxy brings everybody's connections
        yield "tcp-request connection track-sc0 src,ipmask(32,64) table connections"
        yield f"tcp-request connection reject if {{ sc0_conn_cur gt {connections_of_one} }}"
    yield f"http-request set-header {PEER_HEADER} %[src]"
    yield "http-request set-var(txn.client) src"
    if trusted_proxies:
        named = f"req.hdr_ip(X-Forwarded-For,-{trusted_proxies})"
        yield f"http-request set-var(txn.client) {named} if {{ {named} -m found }}"
    yield "acl has_body req.hdr(Content-Length) -m found"
    yield "acl has_body req.hdr(Transfer-Encoding) -m found"
    yield "http-request track-sc1 var(txn.client),ipmask(32,64) table requests"
    yield from _refuse(TOO_MANY, f"{{ sc1_conn_cur gt {patience.requests_of_one} }}")
    yield from _refuse(NO_HOST, "{ req.hdr_cnt(Host) gt 1 }")
    yield from _refuse(NO_HOST, "{ req.ver 1.1 } ! { req.hdr(Host) -m found }")
    yield "http-request set-header Host localhost unless { req.hdr(Host) -m found }"
    yield from _refuse(BAD_REQUEST, "METH_CONNECT")
    yield from _refuse(LONG_HEADERS, f"has_body {{ req.hdrs,length gt {LONGEST_HEADERS} }}")
    yield from _refuse(LONG_HEADERS, f"has_body {{ url,length gt {LONGEST_ADDRESS} }}")
    yield f"acl of_files path_reg {OF_FILES}"
    yield from _bound_bodies(patience)
    yield "compression algo gzip"
    yield f"compression type {' '.join(COMPRESSED)}"
    yield "use_backend api if { path_beg /api/ /health /metrics }"
    yield "default_backend pages"


def _bound_bodies(patience: Patience) -> Iterator[str]:
    """Pass bodies on when they are whole, and bound how many are held meanwhile, and how long they are."""
    lengths = (
        (TOO_LARGE, f"!of_files {{ req.body_size gt {MAX_BODY_BYTES} }}"),
        (FILE_TOO_LARGE, f"of_files {{ req.body_size gt {LONGEST_FILE_BODY} }}"),
    )
    for refusal, condition in lengths:
        yield from _refuse(refusal, f"has_body {condition}")
    # An answer with a file fills a buffer as well, for as long as its reader likes.
    yield "http-request track-sc3 var(txn.client),ipmask(32,64) table files if of_files"
    yield from _refuse(TOO_MANY, f"of_files {{ sc_conn_cur(3) gt {patience.files_of_one} }}")
    yield "http-request track-sc2 var(txn.client),ipmask(32,64) table bodies if has_body"
    yield from _refuse(TOO_MANY, f"has_body {{ sc2_conn_cur gt {patience.bodies_of_one} }}")
    # A body of unknown length is too long as soon as one byte too many is there.
    yield f"http-request wait-for-body time {patience.body}s if has_body of_files"
    yield f"http-request wait-for-body time {patience.body}s at-least {MAX_BODY_BYTES + 1} if has_body !of_files"
    for refusal, condition in lengths:
        yield from _refuse(refusal, f"has_body {condition}")


def _refuse(refusal: Refusal, condition: str) -> Iterator[str]:
    answer = f"http-request return status {refusal.status}"
    yield f"{answer} {refusal.arguments()} if {condition} {{ path_beg /api/ /health /metrics }}"
    yield f"{answer} {refusal.page_arguments()} if {condition}"


def _backend(name: str, workers: Sequence[Path], errors: Iterable[str]) -> Iterator[str]:
    yield f"backend {name}"
    yield "    balance leastconn"
    yield from (f"    {error}" for error in errors)
    for number, socket in enumerate(workers, start=1):
        yield f'    server worker-{number} "unix@{_quoted(socket)}"'


def _quoted(path: Path) -> str:
    """Write a path so that it may stand between double quotes."""
    return str(path).replace("\\", r"\\").replace('"', r"\"").replace("$", r"\$")
