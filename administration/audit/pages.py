"""The page with the audit log."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template

from accounts.rights import Right, holders
from accounts.sign_in.identity import require_viewer
from administration.audit.queries import actions, audit_page
from administration.audit.schemas import AuditAddressSchema
from web.forms import from_address
from web.pages import PageBlueprint

pages = PageBlueprint("audit_pages", __name__)

# By what the log can be narrowed.
_FILTERS = ("actor_id", "action", "about", "looked", "from", "to", "cursor")


@pages.get("/admin/audit")
def show() -> str:
    """Show what the office, administrators and operators did."""
    viewer = require_viewer(*holders(Right.AUDIT))
    query = from_address(AuditAddressSchema(), *_FILTERS).at(viewer.time_zone)
    return render_template(
        "administration/audit.html",
        **audit_page(query),
        query=query,
        actions=sorted({(words(action), action) for action in actions()}),
        words=words,
    )


def words(action: str) -> str:
    """Say in words what an act is: what its view or its command says of itself."""
    view: Any = current_app.view_functions.get(action) or _command(action)
    described = (view.__doc__ if view else None) or action
    return str(described).strip().partition("\n")[0].rstrip(".")


def _command(action: str) -> Any:
    found: Any = current_app.cli
    for name in action.split():
        found = getattr(found, "commands", {}).get(name)
    return getattr(found, "callback", None)
