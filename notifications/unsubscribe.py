"""Addresses that end mails of one kind.

An address has a signed token for one person and one kind. It ends nothing else and opens nothing. Its time is never
over, because people keep mails. A signature needs no table, and a mail that is sent twice has the same address twice.
"""

from __future__ import annotations

from datetime import datetime

from mail import signed
from mail.links import link_to
from notifications import service
from notifications.types import NotificationType

# A type, or None for the digest.
Kind = NotificationType | None

_PURPOSE = "unsubscribe"
# What stands in a token in place of a type.
_DIGEST = "digest"


def address(user_id: int, kind: Kind) -> str:
    """Return the address that ends somebody's mails of a type, or with None their digest."""
    token = signed.sign([user_id, str(kind or _DIGEST)], purpose=_PURPOSE)
    return link_to("unsubscribing.ask_to_stop", token=token)


def read(token: str) -> tuple[int, Kind] | None:
    """Return whose mails a token ends, and which, or None if it is not one of ours."""
    said = signed.read(token, purpose=_PURPOSE)
    if said is None:
        return None
    user_id, kind = said
    return user_id, None if kind == _DIGEST else NotificationType(kind)


def stop(user_id: int, kind: Kind, *, now: datetime) -> None:
    """Send somebody no mails of this kind any more.

    Done twice, it is the same.
    """
    if kind is None:
        service.turn_digest_off(user_id, now=now)
    else:
        service.turn_mails_off(user_id, kind, now=now)
