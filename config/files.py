"""Make the folders and files that only the user of the server may look into, and name its sockets."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from config.errors import ConfigError

# A Unix socket's path must fit into `sockaddr_un`, 108 bytes on Linux and 104 on macOS. HAProxy takes 97 of them.
LONGEST_SOCKET_PATH = 97


def embedded_database_url(instance: Path) -> str:
    """Name the SQLite file that is used when no DATABASE_URL is given."""
    return f"sqlite:///{instance / 'lectern.db'}"


def private_socket(instance: Path, name: str) -> Path:
    """Name a socket: in `instance`, or in a private folder if that path is too long.

    The folder depends on `instance` alone, so that a command in another shell finds the running server.
    """
    socket = instance / name
    if len(os.fsencode(socket)) <= LONGEST_SOCKET_PATH:
        return socket
    digest = hashlib.sha256(os.fsencode(instance)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"lectern-{os.getuid()}-{digest}" / name


def embedded_redis_socket(instance: Path) -> Path:
    """Name the embedded Redis server's socket."""
    return private_socket(instance, "redis.sock")


def embedded_redis_url(instance: Path) -> str:
    """Name the address of the embedded Redis server."""
    return f"unix://{quote(str(embedded_redis_socket(instance)))}"


def metrics_folder(instance: Path) -> Path:
    """Name the folder that the server's workers write their counters to."""
    return instance / "metrics"


def leaving_file(instance: Path) -> Path:
    """Name the file that says that this machine is about to stop serving.

    An operator may make it, too, to have a load balancer leave the machine alone.
    """
    return instance / "leaving"


def writable_folder(folder: Path) -> Path:
    """Make the folder if it is missing, or raise ConfigError if nothing can be written there."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        close_to_others(folder)
        reason = "" if os.access(folder, os.W_OK | os.X_OK) else "Permission denied"
    except OSError as error:
        reason = error.strerror or str(error)
    if reason:
        raise ConfigError(
            f"The folder {folder} cannot be written to: {reason}. Lectern keeps its files there; "
            "LECTERN_INSTANCE names another folder."
        )
    return folder


def private_file(path: Path, make: Callable[[], str]) -> str:
    """Return the content of `path`, and first create it if it is missing.

    It gets mode 0600 and the content of `make()`. Two processes that start together agree: the file appears whole and
    only once.
    """
    try:
        if not path.exists():
            _create(path, make())
        return path.read_text()
    except OSError as error:
        raise ConfigError(f"The file {path} cannot be used: {error.strerror}. Is it another user's?") from None


def _create(path: Path, content: str) -> None:
    draft = writable_folder(path.parent) / f"{path.name}.{secrets.token_hex(4)}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def close_to_others(path: Path) -> None:
    """Take away what people may do who are neither the owner nor in the group, if there are such rights.

    What an operator gives to the group, for example for backups, stays. A shared place such as `/tmp` is left alone.
    """
    status = path.stat()
    if status.st_mode & 0o007 and not status.st_mode & stat.S_ISVTX and status.st_uid == os.geteuid():
        path.chmod(stat.S_IMODE(status.st_mode) & ~0o007)
