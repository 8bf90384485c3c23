"""`flask mail …`: try the settings of mail, and see what was sent."""

from __future__ import annotations

import secrets

import click
from flask.cli import AppGroup

from mail import smtp
from mail.delivery import hand_over
from mail.folder import folder_of
from mail.letters import Letter, Recipient
from mail.messages import build
from mail.models import MailState
from mail.queries import newest_mails
from web.clock import now
from web.commands import DatabaseCommand
from web.settings import chosen

group = AppGroup("mail", help="Try the settings of mail, see what was sent.")


@group.command("test")
@click.argument("address")
def test(address: str) -> None:
    """Send a mail to ADDRESS, and say what went wrong if it did."""
    settings, sent_at = chosen(), now()
    letter = Letter(
        key=f"test {secrets.token_hex(8)}",
        template="test",
        to=Recipient(name="", address=address),
        facts={"sent_at": sent_at},
    )
    try:
        message = build(letter, sender=settings.mail_from, home=settings.public_url, now=sent_at)
        state = hand_over(message, settings, sent_at)
    except ValueError:
        raise click.ClickException(f"{address} is no address that mails can be sent to.") from None
    except smtp.Refused as error:
        raise click.ClickException(f"{settings.mail_server} refused the mail for good: {error}") from None
    except smtp.Delayed as error:
        raise click.ClickException(f"The mail was not sent. {error}") from None
    if state == MailState.KEPT:
        click.echo(f"There is no MAIL_URL, so the mail is a file in {folder_of(settings)}.")
    else:
        click.echo(f"{settings.mail_server} has taken the mail to {address}, from {settings.mail_from.address}.")
        click.echo(f"If it does not arrive, look for {message['Message-ID']} in that server's log.")


@group.command("list", cls=DatabaseCommand)
@click.option("--state", type=click.Choice([str(state) for state in MailState]), help="Only those it became this of.")
@click.option("--address", help="Only those to this address.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000), help="How many at the most.")
def show(state: str | None, address: str | None, limit: int) -> None:
    """List the newest mails: when, what became of them, to whom, what about, and why if they were refused."""
    mails = newest_mails(limit, state=MailState(state) if state else None, address=address)
    if not mails:
        click.echo("There are no such mails.")
    for mail in mails:
        reason = f"  {mail.reason}" if mail.reason else ""
        click.echo(
            f"{mail.at:%Y-%m-%d %H:%M:%S}Z  {mail.state:<7}  {mail.address}  {mail.type}  {mail.subject}{reason}"
        )
