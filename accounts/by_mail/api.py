"""The JSON API of accounts by mail: a forgotten password, the confirmation of an address."""

from __future__ import annotations

from flask import Response

from accounts.by_mail import confirmation, recovery
from accounts.by_mail.schemas import ConfirmEmailSchema, ForgottenPasswordSchema, ResetPasswordSchema
from accounts.names import normalise_email
from accounts.sign_in.identity import require_viewer, signed_in
from errors import EmailTaken, LinkExpired, TooManyAttempts
from web.api import ApiBlueprint
from web.clock import now
from web.ratelimits import count_mail_with_link, wrong_tokens_counted

by_mail = ApiBlueprint("mail", __name__, url_prefix="/api/auth", description="Forgotten passwords, confirmed addresses")


@by_mail.post("/password-reset")
@by_mail.arguments(ForgottenPasswordSchema)
@by_mail.response(202)
@by_mail.raises(TooManyAttempts)
@by_mail.doc(operationId="request_password_reset")
def password_reset(body: dict[str, str]) -> Response:
    """Ask for a mail with which a password is chosen anew.

    The answer is the same, and takes as long, whether or not the address has an account.
    """
    count_mail_with_link(normalise_email(body["email"]))
    recovery.ask_for_reset(body["email"])
    return Response(status=202)


@by_mail.post("/password-reset/confirm")
@by_mail.arguments(ResetPasswordSchema)
@by_mail.response(204)
@by_mail.raises(LinkExpired, EmailTaken, TooManyAttempts)
@by_mail.doc(operationId="reset_password")
def confirm_password_reset(body: dict[str, str]) -> Response:
    """Choose a new password with the token of a mail.

    The token works once, for an hour. Every sign-in of the account ends, and the calendar feed. The token of an
    invitation, which counts for seven days, opens an account.
    """
    with wrong_tokens_counted():
        recovery.reset_password(body["token"], body["password"], now=now())
    return Response(status=204)


@by_mail.post("/confirm-email")
@by_mail.arguments(ConfirmEmailSchema)
@by_mail.response(204)
@by_mail.raises(LinkExpired, EmailTaken, TooManyAttempts)
def confirm_email(body: dict[str, str]) -> Response:
    """Confirm an address with the token of a mail.

    The token works once, for seven days. A new address counts from now on.
    """
    with wrong_tokens_counted():
        confirmation.confirm(body["token"], now=now())
    return Response(status=204)


@by_mail.post("/confirm-email/resend")
@signed_in()
@by_mail.response(202)
@by_mail.raises(TooManyAttempts)
@by_mail.doc(operationId="resend_confirmation")
def resend_confirmation() -> Response:
    """Ask once more for the mail that confirms one's own address.

    If nothing waits to be confirmed, none is sent.
    """
    confirmation.send_again(require_viewer().id, count=count_mail_with_link)
    return Response(status=202)
