"""Look at this machine: what its settings leave open, and how much room its disks have."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy import make_url

from config import ROOT, Settings

# Below this a day's lessons, mails and log lines may fill a disk.
LEAST_FREE = 500_000_000
_MEGABYTE = 1_000_000


def wrong_settings(settings: Settings) -> Iterator[str]:
    """Find what can be started with and is a mistake all the same."""
    for file in (ROOT / ".env", settings.instance / "secret_key"):
        if file.exists() and file.stat().st_mode & stat.S_IROTH:
            yield f"Everybody on this machine can read {file}, and secrets are in it: chmod o= {file}"
    if settings.public_url.startswith("https:") and not settings.trusted_proxies:
        yield (
            "PUBLIC_URL is https, so there is a proxy, and TRUSTED_PROXIES is 0: to Lectern everybody has the proxy's "
            "address, and limits of attempts are shared by all."
        )
    if settings.public_url.startswith("https:") and settings.webhooks_allow_loopback:
        yield "WEBHOOKS_ALLOW_LOOPBACK lets people's webhooks and calendars reach services of this very machine."


def full_disks(settings: Settings) -> Iterator[str]:
    """Find folders that are nearly full or cannot be written to."""
    for folder, needed in _rooms(settings).items():
        if not os.access(folder, os.W_OK | os.X_OK):
            yield f"Nothing can be written into {folder}: correct its owner or its mode."
            continue
        free = shutil.disk_usage(folder).free
        if free < needed:
            yield f"{folder} has {free // _MEGABYTE:,} MB left and should have {needed // _MEGABYTE:,} MB."


def _rooms(settings: Settings) -> Mapping[Path, int]:
    """Say how much room each folder should have.

    SQLite's needs what the file takes once more, for a copy and for its log. In the folder of temporary files exports
    and copies of the database are made.
    """
    rooms = {settings.instance: LEAST_FREE, Path(tempfile.gettempdir()): LEAST_FREE}
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        file = Path(url.database)
        taken = file.stat().st_size if file.exists() else 0
        rooms[file.parent] = max(LEAST_FREE, taken)
    return rooms
