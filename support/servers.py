"""All real servers that tests and benchmarks can start."""

from support.caddy_server import CaddyServer
from support.lectern_server import LecternServer
from support.postgres_server import PostgresServer
from support.rabbitmq_server import RabbitServer
from support.redis_server import RedisServer, free_port

__all__ = ["CaddyServer", "LecternServer", "PostgresServer", "RabbitServer", "RedisServer", "free_port"]
