"""The settings: what an operator can choose, and the folders and files that follow from it."""

from config.addresses import ANY_HOST, LOOPBACK_NAMES, database_address, is_loopback
from config.errors import ConfigError
from config.files import (
    close_to_others,
    embedded_database_url,
    embedded_redis_socket,
    embedded_redis_url,
    leaving_file,
    metrics_folder,
    private_file,
    private_socket,
    writable_folder,
)
from config.mail import MailServer, Sender, ascii_address
from config.settings import MAX_BODY_BYTES, MAX_FILE_BYTES, ROOT, Settings, load_settings

__all__ = [
    "ANY_HOST",
    "LOOPBACK_NAMES",
    "MAX_BODY_BYTES",
    "MAX_FILE_BYTES",
    "ROOT",
    "ConfigError",
    "MailServer",
    "Sender",
    "Settings",
    "ascii_address",
    "close_to_others",
    "database_address",
    "embedded_database_url",
    "embedded_redis_socket",
    "embedded_redis_url",
    "is_loopback",
    "leaving_file",
    "load_settings",
    "metrics_folder",
    "private_file",
    "private_socket",
    "writable_folder",
]
