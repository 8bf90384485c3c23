"""What a feature says when it wants a mail to be sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mail.invitations import Invitation


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who a mail is for, and in which time zone they read times."""

    name: str
    address: str
    time_zone: str = "UTC"
    # Whose mail it is, where it is that of an account.
    user_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail to one person, before it has become text and HTML."""

    # What it is about, in words for programs: "password-changed 17 2026-11-21T09:30Z". One key, one mail.
    key: str
    # The name of its template below `templates/mail/`, without the ending.
    template: str
    to: Recipient
    # What the template uses; what is missing there is an error.
    facts: Mapping[str, Any] = field(default_factory=dict)
    # Where its button leads.
    link: str | None = None
    # What tells a repetition apart whose content is another one, such as a newer token.
    edition: str = ""
    # What it puts into the reader's calendar, changes there, or removes.
    invitations: Sequence[Invitation] = ()
    # The address that ends mails of this kind with one POST (RFC 8058).
    unsubscribe: str | None = None

    @property
    def type(self) -> str:
        """Return the kind of mail, as lists of mails name it."""
        return self.template.replace("/", ".").replace("_", "-")
