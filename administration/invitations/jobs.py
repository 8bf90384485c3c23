"""Send invitations."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.by_mail import tokens
from accounts.models import User
from accounts.rights import CALLED
from administration.invitations import service
from administration.invitations.models import SchoolInvitation
from database import writing
from jobs.registry import Handler, Periodic
from jsontext import JsonObject
from mail.delivery import PATIENT_ATTEMPTS, outcome_of, send
from mail.letters import Letter, Recipient
from mail.links import link_to
from school.queries import school


def send_invitation(arguments: JsonObject, now: datetime) -> None:
    """Send the link with which an account is opened.

    A second call finds the mail noted and does nothing. If it was killed before that was noted, the mail comes once
    more with a newer token, and the older one does not count any more.
    """
    key = f"school-invitation {arguments['request']}"
    if outcome_of(key):
        return
    with writing() as session:
        invitation = session.get(SchoolInvitation, arguments["invitation_id"], with_for_update=True)
        if invitation is None or invitation.expires_at <= now:
            return
        token = service.issue(session, invitation)
        to = Recipient(name="", address=invitation.email, time_zone=str(school().json()["time_zone"]))
        facts = {
            "by": session.get_one(User, invitation.invited_by_id).name,
            "as_what": CALLED[invitation.role],
            "until": invitation.expires_at,
        }
    link, edition = link_to("join_pages.join", token=token), tokens.digest(token)
    send(
        Letter(key=key, template="accounts/school_invitation", to=to, facts=facts, link=link, edition=edition), now=now
    )


HANDLERS = (Handler(name=service.SEND, run=send_invitation, attempts=PATIENT_ATTEMPTS),)
PERIODIC = (Periodic(name="administration.forget-invitations", every=timedelta(days=1), run=service.forget_expired),)
