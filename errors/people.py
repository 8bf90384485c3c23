"""Define the errors about who asks, and what they may do."""

from __future__ import annotations

from errors.base import LecternError


class Unauthenticated(LecternError):
    slug = "unauthenticated"
    title = "Please sign in"
    detail = "Nobody is signed in, or the sign-in is no longer valid."
    advice = "Exchange the refresh token for new tokens, or sign in again, and repeat the request."


class InvalidToken(Unauthenticated):
    """The access token that came with the request does not count (any more)."""


class WrongCredentials(Unauthenticated):
    slug = "wrong-credentials"
    title = "That did not match"
    detail = "This e-mail address and password do not belong together."
    advice = "Let the person type both once more. After some attempts there is a pause."


class TwoFactorRequired(Unauthenticated):
    slug = "two-factor-required"
    title = "Please enter a code, too"
    detail = "This account has two-factor sign-in: the password is right, and a code of its app is needed."
    advice = "Ask for the code that the app shows, and send address, password and `code` again."


class WrongCode(Unauthenticated):
    slug = "wrong-code"
    title = "This code does not count"
    detail = "Enter the code that your app shows now. Each code works once."
    advice = "Wait for the next code of the app, or use a recovery code. After some attempts there is a pause."


class Forbidden(LecternError):
    slug = "forbidden"
    title = "Not allowed"
    detail = "This account is not allowed to do that."
    advice = "Repeating it does not help: another account, or another role, has to do this."


class EmailUnconfirmed(Forbidden):
    slug = "email-unconfirmed"
    title = "Please confirm your e-mail address first"
    detail = "We have sent you a mail with a link. Open it, and everything is possible."
    advice = "Ask for the mail again with POST `/api/auth/confirm-email/resend`, and let the person open its link."


class TeachingNotApproved(Forbidden):
    slug = "teaching-not-approved"
    title = "The school approves its teachers first"
    detail = "The school has not approved this teacher yet, so their gigs cannot be published."
    advice = "Ask the school with POST `/api/users/me/teaching`, and publish the gig once it has said yes."


class TwoFactorMissing(Forbidden):
    slug = "two-factor-missing"
    title = "Please set up two-factor sign-in first"
    detail = "Your school asks for a code beside the password of people who look after it."
    advice = "Begin with POST `/api/users/me/two-factor`. Until it is set up, this account can do nothing else."


class RegistrationClosed(Forbidden):
    slug = "registration-closed"
    title = "Accounts are made by the school"
    detail = "Nobody registers here by themselves. Please ask the school."
    advice = "The school makes accounts, or invites people by mail."


class FormExpired(Forbidden):
    """A change came without the token of one of our own forms."""

    # A cookie also comes with requests that other sites make, so it is not enough for a change.

    slug = "csrf"
    title = "This form has expired"
    detail = "Please go back, load the page again and repeat what you did."
    advice = "Send the token of the session in the header `X-CSRF-Token`, or use a bearer token instead of the cookie."


class LinkExpired(LecternError):
    slug = "link-expired"
    title = "This link does not work any more"
    detail = "It has been used, it is too old, or a newer one was sent."
    advice = "Ask for another mail, and send the token that stands in that one."


class TooManyAttempts(LecternError):
    """Carries the seconds to wait in `retry_after`."""

    slug = "too-many-attempts"
    title = "Too many attempts"
    detail = "Please wait a little before trying again."
    advice = "Wait as many seconds as `Retry-After` says before you try again."

    def __init__(self, retry_after: int, detail: str | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
