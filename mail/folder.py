"""Keep messages as files, where there is no mail server: to read them, and to try things out."""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from config import Settings, writable_folder

NEWEST = 1000


def folder_of(settings: Settings) -> Path:
    """Name the folder of an installation's mails."""
    return settings.instance / "mail"


def keep(folder: Path, message: EmailMessage, now: datetime) -> Path:
    """Write a message as a file that appears whole, and forget the oldest ones.

    Secrets stand in mails, so nobody else may read them.
    """
    name = f"{now.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(4)}"
    path, draft = writable_folder(folder) / f"{name}.eml", folder / f".{name}.draft"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(message.as_bytes())
    draft.rename(path)
    for old in sorted(folder.glob("*.eml"))[:-NEWEST]:
        old.unlink(missing_ok=True)
    return path
