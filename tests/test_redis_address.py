"""Which addresses REDIS_URL may name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from caching import client
from caching.cluster import OwnersConnection, OwnersSSLConnection
from config import ConfigError, load_settings


@pytest.mark.parametrize(
    "url",
    [
        "redis+cluster://one:7000,two:7000",
        "redis+cluster://one",
        "redis+cluster://me:p%40ss@[::1]:7000,two/0",
        "rediss+cluster://one:7000?ssl_ca_certs=/etc/ca.pem",
        "redis+sentinel://one:26379,two:26379/cache/0",
    ],
)
def test_an_address_of_several_hosts_is_accepted(tmp_path: Path, url: str) -> None:
    assert load_settings({"REDIS_URL": url, "LECTERN_INSTANCE": str(tmp_path)}).redis_url == url


@pytest.mark.parametrize(
    "url",
    [
        "redis+cluster://",
        "redis+cluster://one,,two",
        "redis+cluster://one:port",
        "redis+cluster://one/3",
        "redis://one:6379,two:6379",
        "unix+cluster://one",
    ],
)
def test_an_address_that_cannot_be_used_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError, match="REDIS_URL cannot be used"):
        load_settings({"REDIS_URL": url, "LECTERN_INSTANCE": str(tmp_path)})


def test_nodes_of_a_cluster_are_asked_with_the_names_password_and_certificates_of_the_address() -> None:
    url = "rediss+cluster://me:p%40ss@[::1]:7000,two?ssl_ca_certs=/etc/ca.pem"
    pool = client.connect(url, prefix=lambda: "lectern:{id}:").connection_pool
    connection: Any = pool.make_connection()

    assert connection._nodes._given == (("::1", 7000), ("two", 6379))
    assert isinstance(connection, OwnersSSLConnection)
    assert (connection.credential_provider, connection.username, connection.password) == (None, "me", "p@ss")
    assert connection._nodes._options["ssl_ca_certs"] == "/etc/ca.pem"
    assert connection.probe() == ("EXISTS", "lectern:{id}:owner")


def test_without_tls_there_is_none() -> None:
    pool = client.connect("redis+cluster://one", prefix=lambda: "{id}").connection_pool

    assert type(pool.make_connection()) is OwnersConnection
