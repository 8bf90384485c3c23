"""A forgotten password: asking for the mail, and choosing a new password with what stands in it."""

from __future__ import annotations

from datetime import datetime

from accounts import service
from accounts.by_mail import notices, tokens
from accounts.by_mail.models import TokenUse
from accounts.invitations.models import Invitation
from accounts.invitations.service import open_account
from accounts.names import normalise_email
from database import writing
from errors import RegistrationClosed
from school.models import Registration
from school.queries import registration


def ask_for_reset(email: str) -> None:
    """Ask for a mail to this address.

    It does and takes the same whether or not there is an account: that is looked up by a job.
    """
    with writing() as session:
        notices.send_reset(session, normalise_email(email))


def reset_password(token: str, new: str, *, now: datetime) -> None:
    """Choose a new password with a token, which is used up.

    It does what `set_password` does; and who reads the mails to the address has confirmed it. With the token of an
    invitation it opens an account. Raises LinkExpired, EmailTaken if the address has got an account meanwhile,
    RegistrationClosed where nobody opens one, or Invalid for a common password, with which the token is not used up.
    """
    tokens.look_at(token, TokenUse.RESET, now)
    password_hash = service.new_hash(new)
    with writing() as session:
        user, email = tokens.use_up(session, token, TokenUse.RESET, now)
        if session.get(Invitation, user.id):
            if registration(session) == Registration.CLOSED:
                raise RegistrationClosed
            open_account(session, user, password_hash, now=now)
            return
        first = user.email == email and user.email_confirmed_at is None
        if first:
            user.email_confirmed_at = now
        service.replace_password(session, user, password_hash, now=now)
        if first:
            service.tell_confirmed(session, user)
