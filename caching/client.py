"""Connect to Redis: strict time limits, at most one retry, primaries only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import parse_qs, unquote, urlsplit

from redis import ConnectionPool, Redis, Sentinel
from redis.backoff import NoBackoff
from redis.connection import Connection, parse_url
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry

from caching import cluster

CONNECT_SECONDS = 0.1
READ_SECONDS = 0.12
# Twice this, to connect and to be answered, is what a change waits for a Redis that is known to fail.
URGENT_SECONDS = 0.05
SENTINEL_PORT = 26379

T = TypeVar("T")


class RetryCutConnections(Retry):
    """Try a refused or cut connection again, and never a slow server.

    Close the connection in both cases.
    """

    def call_with_retry(self, do: Callable[[], T], fail: Callable[..., Any], *args: Any, **kwargs: Any) -> T:
        """Call `do`.

        The client closes its connection in `fail`, which `Retry` calls only for what it tries again.
        """
        try:
            return super().call_with_retry(do, fail, *args, **kwargs)
        except RedisTimeoutError as error:
            fail(*((error, 1) if kwargs.get("with_failure_count") else (error,)))
            raise


def connect(url: str, *, urgent: bool = False, prefix: cluster.Prefix = str) -> Redis:
    """Build a client for `url`.

    Nothing is sent before the first command.

    An urgent one gives up after 100 ms: it is for the one try that a change makes while Redis is known to fail.

    Accepts what redis-py does, and redis+sentinel://user:password@host:port,…/service/db; rediss+sentinel:// with TLS.
    The Sentinels' own user and password are parameters: ?sentinel_username=…&sentinel_password=….

    Accepts redis+cluster://user:password@host:port,… and rediss+cluster://, too. Such a client reaches the one node
    that has the keys that begin with what `prefix` returns.
    """
    options = limits(urgent=urgent)
    if is_sentinels(url):
        return _behind_sentinels(url, options)
    if is_cluster(url):
        return _in_cluster(url, options, prefix)
    return Redis.from_url(url, **options)


def is_sentinels(url: str) -> bool:
    """Tell whether an address names Sentinels."""
    return urlsplit(url).scheme.endswith("+sentinel")


def is_cluster(url: str) -> bool:
    """Tell whether an address names nodes of a Cluster."""
    return urlsplit(url).scheme.endswith("+cluster")


def limits(*, urgent: bool = False) -> dict[str, Any]:
    """Return the options that keep a hanging server from holding up a request."""
    return {
        "socket_connect_timeout": URGENT_SECONDS if urgent else CONNECT_SECONDS,
        "socket_timeout": URGENT_SECONDS if urgent else READ_SECONDS,
        "retry": RetryCutConnections(NoBackoff(), 0 if urgent else 1, supported_errors=(RedisConnectionError,)),
        # A feature of one vendor's servers; the client would ask for it on each new connection.
        "maint_notifications_config": MaintNotificationsConfig(enabled=False),
    }


def _behind_sentinels(url: str, options: dict[str, Any]) -> Redis:
    parts = urlsplit(url)
    credentials, _, hosts = parts.netloc.rpartition("@")
    username, _, password = credentials.partition(":")
    service, _, database = parts.path.strip("/").partition("/")
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if parts.scheme == "rediss+sentinel":
        options = options | {"ssl": True}
    own = {"username": asked.get("sentinel_username"), "password": asked.get("sentinel_password")}
    sentinel = Sentinel([_host(host, SENTINEL_PORT) for host in hosts.split(",")], sentinel_kwargs=options | own)
    client = sentinel.master_for(
        unquote(service),
        db=int(database or 0),
        username=unquote(username) or None,
        password=unquote(password) or None,
        **options,
    )
    return cast(Redis, client)


def _in_cluster(url: str, options: dict[str, Any], prefix: cluster.Prefix) -> Redis:
    parts = urlsplit(url)
    credentials, at, hosts = parts.netloc.rpartition("@")
    given = [_host(host, cluster.PORT) for host in hosts.split(",")]
    # What else may stand in an address, such as the files of certificates, is the client's to read.
    one_node = parts._replace(scheme=parts.scheme.removesuffix("+cluster"), netloc=f"{credentials}{at}node")
    options = options | parse_url(one_node.geturl())
    ask = options.pop("connection_class", Connection)
    for name in ("host", "port", "db"):
        options.pop(name, None)
    nodes = cluster.Nodes(given, ask, options)
    pool = ConnectionPool(connection_class=cluster.owners_class(ask), nodes=nodes, prefix=prefix, **options)
    return Redis(connection_pool=pool)


def _host(address: str, usual_port: int) -> tuple[str, int]:
    """Split `one:26379` or `[::1]:26379` into host and port."""
    host, colon, port = address.rpartition(":")
    if not colon or port.endswith("]"):
        host, port = address, str(usual_port)
    return host.strip("[]"), int(port)
