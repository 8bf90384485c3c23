"""`flask accounts …`: what an operator can do about people.

Every change is effective at once, in every process.
"""

from __future__ import annotations

import sys
from typing import Any

import click
from flask.cli import AppGroup
from marshmallow import ValidationError

from accounts import service
from accounts.by_mail.confirmation import vouch_for
from accounts.by_mail.recovery import ask_for_reset
from accounts.models import NewAccount, Role
from accounts.rights import CALLED
from accounts.schemas import EmailField, PasswordField
from accounts.two_factor.service import take_off
from bookings.my_lessons.queries import open_lessons_of_teacher
from database import writing
from enrolment.leaving import close_account
from errors import Invalid, LecternError
from web.clock import now
from web.commands import DatabaseCommand
from web.fields import TIME_ZONES

group = AppGroup("accounts", help="Make administrators, set passwords and roles, close accounts.")


class _Command(DatabaseCommand):
    """A command whose domain errors end it with one clear line."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command.

        A domain error becomes a message and exit code 1.
        """
        try:
            return super().invoke(context)
        except Invalid as error:
            raise click.ClickException(
                " ".join(str(text) for texts in error.errors.values() for text in texts)
            ) from None
        except LecternError as error:
            raise click.ClickException(error.detail) from None


@group.command("create-admin", cls=_Command)
@click.argument("email")
@click.option("--name", default="Administrator", show_default=True, help="The name that others see.")
@click.option(
    "--time-zone",
    default="UTC",
    show_default=True,
    type=click.Choice(sorted(TIME_ZONES)),
    metavar="ZONE",
    help="An IANA name, such as Europe/Berlin.",
)
@click.option("--password", help="Asked for, or read from standard input, if it is not given.")
def create_admin(email: str, name: str, time_zone: str, password: str | None) -> None:
    """Create an administrator's account."""
    address = _checked(EmailField(), email, "address")
    chosen = _password(password)
    account = NewAccount(name=name, email=address, password=chosen, role=Role.ADMIN, time_zone=time_zone)
    user_id = service.register(account, now=now(), confirmed=True)
    click.echo(f"{address} is an administrator now (id {user_id}).")


@group.command("set-password", cls=_Command)
@click.argument("email")
@click.option("--password", help="Asked for, or read from standard input, if it is not given.")
def set_password(email: str, password: str | None) -> None:
    """Set a new password.

    Every sign-in of the account ends, and its calendar feed.
    """
    user_id = service.find_by_email(email)
    service.set_password(user_id, _password(password), now=now())
    click.echo(f"{email} has a new password and is signed out everywhere; a calendar feed has ended.")


@group.command("send-reset", cls=_Command)
@click.argument("email")
def send_reset(email: str) -> None:
    """Send the mail with which a new password is chosen."""
    service.find_by_email(email)
    ask_for_reset(email)
    click.echo(f"A mail with a link is on its way to {email}; it works for an hour.")


@group.command("confirm-email", cls=_Command)
@click.argument("email")
def confirm_email(email: str) -> None:
    """Count an address as confirmed, on the operator's word."""
    vouch_for(service.find_by_email(email), now=now())
    click.echo(f"{email} counts as confirmed.")


@group.command("two-factor-off", cls=_Command)
@click.argument("email")
def two_factor_off(email: str) -> None:
    """Take two-factor sign-in off somebody who has lost the app and the recovery codes."""
    user_id = service.find_by_email(email)
    with writing() as session:
        take_off(session, user_id, now=now())
    click.echo(f"{email} signs in with the password alone from now on, and is signed out everywhere.")


@group.command("set-role", cls=_Command)
@click.argument("email")
@click.argument("role", type=click.Choice([str(role) for role in Role]), callback=lambda _c, _p, word: Role(word))
def set_role(email: str, role: Role) -> None:
    """Make a user a student, a teacher, a member of the office or an administrator."""
    user_id = service.find_by_email(email)
    service.set_role(user_id, role)
    click.echo(f"{email} is {CALLED[role]} now.")
    if role == Role.STUDENT and (left := open_lessons_of_teacher(user_id)):
        click.echo(
            f"As a teacher they leave {left} open {'lesson' if left == 1 else 'lessons'}, which they cannot answer or "
            "cancel any more: their students and administrators can."
        )


@group.command("deactivate", cls=_Command)
@click.argument("email")
def deactivate(email: str) -> None:
    """Close an account: every sign-in ends, the profile disappears, the history stays."""
    ended = close_account(service.find_by_email(email), now())
    click.echo(f"{email} is deactivated and signed out everywhere.")
    if ended:
        click.echo(f"{ended} {'request' if ended == 1 else 'requests'} that waited for an answer ended with it.")


def _password(given: str | None) -> str:
    if given is None and sys.stdin.isatty():
        given = click.prompt("New password", hide_input=True, confirmation_prompt=True)
    elif given is None:
        given = sys.stdin.readline().rstrip("\n")
    return str(_checked(PasswordField(), given, "password"))


def _checked(field: Any, value: str, what: str) -> Any:
    try:
        return field.deserialize(value)
    except ValidationError as error:
        raise click.ClickException(f"This {what} cannot be used: {' '.join(map(str, error.messages))}") from None
