"""The JSON API of people: registration, sign-in, profiles, the teachers."""

from __future__ import annotations

from flask import Response

from accounts import queries, service
from accounts.by_mail import confirmation
from accounts.dependents import has_student
from accounts.models import AccountChanges, NewAccount, Role
from accounts.names import normalise_email
from accounts.rights import STAFF, runs_school
from accounts.schemas import (
    LoginSchema,
    ProfileSchema,
    RefreshSchema,
    RegisterSchema,
    SignedInSchema,
    UserSchema,
    UsersPageSchema,
    UsersQuerySchema,
)
from accounts.sign_in import service as sign_ins
from accounts.sign_in.cached_lists import ListBlueprint
from accounts.sign_in.identity import current_viewer, public_answer, require_viewer, signed_in, signer
from accounts.two_factor import service as two_factor
from caching import BoundRead
from errors import (
    EmailTaken,
    NotFound,
    RegistrationClosed,
    TooManyAttempts,
    TwoFactorRequired,
    Unauthenticated,
    WrongCode,
    WrongCredentials,
)
from jsontext import JsonObject
from web.answers import detail_response, json_response
from web.api import ApiBlueprint
from web.clock import now
from web.ratelimits import count_code, count_mail_with_link, count_sign_in, may_tell_of_device, registration_counted

auth = ApiBlueprint("auth", __name__, url_prefix="/api/auth", description="Registration and sign-in")
people = ListBlueprint("people", __name__, url_prefix="/api", description="Students, teachers and their profiles")


@auth.post("/register")
@auth.arguments(RegisterSchema)
@auth.response(201, SignedInSchema)
@auth.raises(EmailTaken, RegistrationClosed, TooManyAttempts)
@auth.doc(operationId="register_account")
def register(account: NewAccount) -> Response:
    """Create an account and sign in."""
    with registration_counted(normalise_email(account.email)):
        user_id = service.register(account, now=now())
    return _signed_in(sign_ins.begin(user_id, now()), 201)


@auth.post("/login")
@auth.arguments(LoginSchema)
@auth.response(200, SignedInSchema)
@auth.raises(WrongCredentials, TwoFactorRequired, WrongCode, TooManyAttempts)
@auth.doc(operationId="log_in")
def login(body: dict[str, str]) -> Response:
    """Sign in.

    The answer to a wrong pair is the same whether or not the address has an account. With two-factor sign-in a right
    pair alone is answered with `two-factor-required`: send it again with the `code` that the app shows.
    """
    count_sign_in(normalise_email(body["email"]))
    verified = sign_ins.authenticate(body["email"], body["password"])
    if verified.needs_code:
        if not body.get("code"):
            raise TwoFactorRequired
        count_code(verified.user_id)
        verified = two_factor.prove(verified, body["code"], now=now())
    device = "A program" if may_tell_of_device(verified.user_id, program=True) else None
    return _signed_in(sign_ins.begin(verified, now(), new_device=device), 200)


@auth.post("/refresh")
@auth.arguments(RefreshSchema)
@auth.response(200, SignedInSchema)
@auth.raises(Unauthenticated)
@auth.doc(operationId="refresh_tokens")
def refresh(body: dict[str, str]) -> Response:
    """Exchange a refresh token for new tokens.

    Each one works once, a second use ends the whole sign-in.
    """
    who, refresh_id = signer().read_refresh(body["refresh_token"], now())
    return _signed_in(sign_ins.renew(who, refresh_id, now()), 200)


@auth.post("/logout")
@signed_in()
@auth.response(204)
@auth.doc(operationId="log_out")
def logout() -> Response:
    """End this sign-in: its access token and its refresh tokens."""
    sign_ins.end(require_viewer().credentials, now())
    return Response(status=204)


@people.get("/users/me")
@signed_in()
@people.response(200, UserSchema)
def show_me() -> Response:
    """Show one's own account."""
    return json_response(queries.own_profile(require_viewer().id))


@people.patch("/users/me")
@signed_in()
@people.arguments(ProfileSchema)
@people.response(200, UserSchema)
@people.raises(WrongCredentials, TooManyAttempts, EmailTaken)
def change_me(changes: AccountChanges) -> Response:
    """Change one's own account.

    A new password ends every sign-in, this one included, and the calendar feed. A new address counts when it is
    confirmed with the link that is sent to it; until then it is `new_email`.
    """
    viewer = require_viewer()
    if changes.address is not None:
        count_mail_with_link(normalise_email(changes.address.email))
        confirmation.change_address(viewer.credentials, changes.address, now=now())
    if changes.password is not None:
        service.change_password(viewer.credentials, changes.password, now=now())
    service.update_profile(viewer.id, changes.profile, now=now())
    return json_response(queries.own_profile(viewer.id))


@people.get("/users/<id:user_id>")
@people.response(200, UserSchema, cached=True)
def show_user(user_id: int) -> Response:
    """Show a person.

    Everyone sees teachers. Students are visible to themselves, to administrators and to those who teach them.
    """
    _, answer = public_answer(queries.profile.at(user_id))
    person = answer.json()
    if person is None or not _may_see(person):
        raise NotFound
    return detail_response(answer)


@people.cached_list("/users", UsersQuerySchema, UsersPageSchema, roles=STAFF)
def list_users(query: queries.UsersQuery) -> BoundRead:
    """List all accounts."""
    return queries.users_page.at(query)


def _may_see(person: JsonObject) -> bool:
    viewer = current_viewer()
    if person["role"] == Role.TEACHER:
        return True
    if viewer is None:
        return False
    if viewer.id == person["id"] or runs_school(viewer.role):
        return True
    return viewer.role == Role.TEACHER and has_student(viewer.id, person["id"])


def _signed_in(new: sign_ins.NewSignIn, status: int) -> Response:
    who = new.credentials
    answer = {
        "user": queries.own_profile(who.id),
        "access_token": signer().access(who, now(), new.expires_at),
        "refresh_token": signer().refresh(who, new.refresh_id, now(), new.expires_at),
    }
    return json_response(answer, status)
