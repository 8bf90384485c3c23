"""Send the mails about accounts.

A handler that is called again after it has sent its mail finds that noted and does nothing. If it was killed between
the two, the mail comes once more, with a newer token where there is one; the older one does not count any more.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from accounts.by_mail import notices, tokens
from accounts.by_mail.confirmation import unconfirmed_address
from accounts.by_mail.models import TokenUse
from accounts.invitations.models import Invitation
from accounts.invitations.queries import Owner, owner_of
from accounts.invitations.service import INVITATION_LASTS
from accounts.models import User
from database import reading, writing
from jobs.registry import Handler, Periodic
from jsontext import JsonObject
from mail.delivery import PATIENT_ATTEMPTS, outcome_of, send
from mail.letters import Letter, Recipient
from mail.links import link_to


def send_reset(arguments: JsonObject, now: datetime) -> None:
    """Send the link with which a password is chosen anew, if the address has an account.

    Where only lessons wait for its owner, they get the invitation once more, which opens an account.
    """
    key = f"password-reset {arguments['request']}"
    if outcome_of(key):
        return
    with writing() as session:
        user = session.scalar(_active().where(User.email == arguments["email"]).with_for_update())
        if user is None:
            _invite_again(session, arguments["email"])
            return
        token = tokens.issue(session, user, TokenUse.RESET, email=user.email, now=now)
        to = _recipient(user, user.email)
    link = link_to("by_mail_pages.reset_password", token=token)
    letter = Letter(key=key, template="accounts/password_reset", to=to, link=link, edition=tokens.digest(token))
    send(letter, now=now)


def send_confirmation(arguments: JsonObject, now: datetime) -> None:
    """Send the link that confirms an address, if there is one to confirm still."""
    key = f"confirm-email {arguments['request']}"
    if outcome_of(key):
        return
    with writing() as session:
        user = session.scalar(_active().where(User.id == arguments["user_id"]).with_for_update())
        email = user and unconfirmed_address(user)
        if not user or not email:
            return
        token = tokens.issue(session, user, TokenUse.CONFIRM, email=email, now=now)
        to, is_new = _recipient(user, email), bool(user.new_email)
    link = link_to("by_mail_pages.confirm_email", token=token)
    template = "accounts/confirm_new_address" if is_new else "accounts/confirm_address"
    send(Letter(key=key, template=template, to=to, link=link, edition=tokens.digest(token)), now=now)


def send_invitation(arguments: JsonObject, now: datetime) -> None:
    """Send the link to what waits for an address.

    It is for owners without an account in which they could answer.
    """
    key = f"invitation {arguments['request']}"
    if outcome_of(key):
        return
    with writing() as session:
        stand_in = session.scalar(_active().where(User.id == arguments["user_id"]).with_for_update())
        invitation = stand_in and session.get(Invitation, stand_in.id)
        by = session.scalar(select(User.name).where(User.id == arguments["by_id"]))
        if not stand_in or not invitation or invitation.declined_at:
            return
        email = invitation.email
        template = "invitation_elsewhere" if owner_of(session, email) == Owner.OTHER else "invitation"
        token = tokens.issue(session, stand_in, TokenUse.RESET, email=email, now=now, lasts=INVITATION_LASTS)
        to = _recipient(stand_in, email)
    link = link_to("invitation_pages.show", token=token)
    facts, edition = {"by": by}, tokens.digest(token)
    send(Letter(key=key, template=f"accounts/{template}", to=to, facts=facts, link=link, edition=edition), now=now)


def send_welcome(arguments: JsonObject, now: datetime) -> None:
    """Send the link with which the first password of an account is chosen that the school has made."""
    key = f"welcome {arguments['request']}"
    if outcome_of(key):
        return
    with writing() as session:
        user = session.scalar(_active().where(User.id == arguments["user_id"]).with_for_update())
        if user is None:
            return
        token = tokens.issue(session, user, TokenUse.RESET, email=user.email, now=now, lasts=INVITATION_LASTS)
        to, facts = _recipient(user, user.email), {"until": now + INVITATION_LASTS}
    link, edition = link_to("by_mail_pages.reset_password", token=token), tokens.digest(token)
    send(Letter(key=key, template="accounts/welcome", to=to, facts=facts, link=link, edition=edition), now=now)


def tell(arguments: JsonObject, now: datetime) -> None:
    """Tell the owner of an account what has happened to it."""
    columns = (User.id, User.name, User.email, User.email_confirmed_at, User.time_zone)
    query = select(*columns).where(User.id == arguments["user_id"])
    with reading() as connection:
        user = connection.execute(query).one()
    facts, what = arguments["facts"], arguments["what"]
    letter = Letter(
        key=f"{what} {user.id} {arguments['request']}",
        template=f"accounts/{what}",
        to=_recipient(user, facts.get("email", user.email)),
        facts=facts,
        link=link_to("by_mail_pages.forgotten_password"),
    )
    send(letter, now=now)


def _invite_again(session: Session, email: str) -> None:
    """Ask for the newest invitation of an address that has no account."""
    waits = (Invitation.email == email, Invitation.declined_at.is_(None))
    newest = session.scalar(select(Invitation).where(*waits).order_by(Invitation.user_id.desc()).limit(1))
    if newest and owner_of(session, email) == Owner.NEW:
        notices.send_invitation(session, newest.user_id, by_id=newest.teacher_id)


def _active() -> Select[User]:
    return select(User).where(User.active)


def _recipient(user: User | Row[int, str, str, datetime | None, str], address: str) -> Recipient:
    # Any other address may be a stranger's, and a name can be an advertisement: so mails there do not have it.
    is_theirs = user.email_confirmed_at is not None and address == user.email
    return Recipient(name=user.name if is_theirs else "", address=address, time_zone=user.time_zone, user_id=user.id)


# Who asked for a link and got none asks again: that mail is given up sooner.
HANDLERS = (
    Handler(name=notices.SEND_RESET, run=send_reset),
    Handler(name=notices.SEND_INVITATION, run=send_invitation, attempts=PATIENT_ATTEMPTS),
    Handler(name=notices.SEND_WELCOME, run=send_welcome, attempts=PATIENT_ATTEMPTS),
    Handler(name=notices.SEND_CONFIRMATION, run=send_confirmation, attempts=PATIENT_ATTEMPTS),
    Handler(name=notices.TELL, run=tell, attempts=PATIENT_ATTEMPTS),
)
PERIODIC = (Periodic(name="accounts.forget-tokens", every=timedelta(days=1), run=tokens.forget_expired),)
