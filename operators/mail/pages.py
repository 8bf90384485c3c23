"""The page on which those who run the school see which mails were sent."""

from __future__ import annotations

from flask import render_template

from accounts.rights import STAFF
from accounts.sign_in.identity import require_viewer
from mail.delivery import reaches_people
from mail.models import MailState
from mail.queries import MOST_LISTED, MailsQuery, mails_page
from operators.mail.schemas import MailsQuerySchema
from web.forms import from_address
from web.pages import PageBlueprint

pages = PageBlueprint("mail_pages", __name__)

_TABS = {None: "All", MailState.SENT: "Sent", MailState.REFUSED: "Came back", MailState.KEPT: "Kept here"}


@pages.get("/admin/mail")
def overview() -> str:
    """List the newest mails, without what stood in them."""
    require_viewer(*STAFF)
    query: MailsQuery = from_address(MailsQuerySchema(), "state", "address", "cursor")
    page = mails_page(query)
    return render_template(
        "operators/mail.html",
        mails=page["data"],
        next_cursor=page["next_cursor"],
        query=query,
        tabs=_TABS,
        most=MOST_LISTED,
        reaches_people=reaches_people(),
    )
