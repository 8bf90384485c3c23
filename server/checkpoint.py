"""Bring SQLite's write-ahead log into the database file, so that the file alone is whole."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing

from config import Settings

SCHEME = "sqlite:///"

logger = logging.getLogger(__name__)


def checkpoint(settings: Settings) -> None:
    """Empty the write-ahead log if the database is SQLite.

    A failure is logged and loses nothing.
    """
    if not settings.database_url.startswith(SCHEME):
        return
    file = settings.instance / settings.database_url.removeprefix(SCHEME).partition("?")[0]
    if not file.exists():
        return
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True, timeout=5)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        logger.warning("The write-ahead log of %s could not be emptied: %s.", file, error)
