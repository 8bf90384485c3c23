"""All real servers that tests can start."""

from tests.support.lectern_server import LecternServer
from tests.support.postgres_server import PostgresServer
from tests.support.redis_server import RedisServer, free_port

__all__ = ["LecternServer", "PostgresServer", "RedisServer", "free_port"]
