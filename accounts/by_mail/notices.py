"""Ask for mails about an account, in the transaction of what they are about.

What stands in a job is no secret: ids, addresses and times. `request` tells one request from the next.
"""

from __future__ import annotations

import secrets
from hashlib import sha256

from sqlalchemy.orm import Session

from jobs.queue import enqueue

SEND_INVITATION = "accounts.send-invitation"
SEND_WELCOME = "accounts.send-welcome"
SEND_RESET, SEND_CONFIRMATION, TELL = "accounts.send-reset", "accounts.send-confirmation", "accounts.tell"

PASSWORD_CHANGED, NEW_DEVICE = "password_changed", "new_device"
ADDRESS_CHANGE_ASKED, ADDRESS_CHANGED = "address_change_asked", "address_changed"


def send_reset(session: Session, email: str) -> None:
    """Ask for the mail with which a password is chosen anew, whether or not the address has an account."""
    # A second request while the first one waits takes its place.
    key = f"{SEND_RESET} {sha256(email.encode()).hexdigest()[:32]}"
    enqueue(session, SEND_RESET, {"email": email, "request": _new_request()}, key=key)


def send_confirmation(session: Session, user_id: int) -> None:
    """Ask for the mail with which an address is confirmed."""
    arguments = {"user_id": user_id, "request": _new_request()}
    enqueue(session, SEND_CONFIRMATION, arguments, key=f"{SEND_CONFIRMATION} {user_id}")


def send_invitation(session: Session, user_id: int, *, by_id: int) -> None:
    """Ask for the mail with which a person opens an account that `by_id` has made for them."""
    arguments = {"user_id": user_id, "by_id": by_id, "request": _new_request()}
    enqueue(session, SEND_INVITATION, arguments, key=f"{SEND_INVITATION} {user_id}")


def send_welcome(session: Session, user_id: int) -> None:
    """Ask for the mail with which a person chooses the first password of an account made for them."""
    enqueue(session, SEND_WELCOME, {"user_id": user_id, "request": _new_request()}, key=f"{SEND_WELCOME} {user_id}")


def tell(session: Session, user_id: int, what: str, **facts: str) -> None:
    """Ask for a mail that tells an account's owner what has happened to it.

    `email` among the facts is the address it goes to, if that is not the present one.
    """
    # None takes the place of another one: a thief who changes an address twice must not silence the first mail.
    enqueue(session, TELL, {"user_id": user_id, "what": what, "facts": facts, "request": _new_request()})


def _new_request() -> str:
    return secrets.token_hex(8)
