"""A peer: the page "My lessons", rendered from constants.

The first request is answered in full; what the template was given is kept, and later ones ask nobody for anything.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, current_app, g, render_template, template_rendered

from accounts.sign_in.page_viewer import page_viewer
from benchmarks.peers.host import host

blueprint = Blueprint("page", __name__)
constants: dict[str, Any] = {}


@blueprint.get("/lessons")
def my_lessons() -> str:
    """Show the first viewer's lessons to everybody."""
    if not constants:
        with template_rendered.connected_to(_keep):
            current_app.view_functions["booking_pages.mine"]()
        constants["page_viewer"] = page_viewer()
    g.page_viewer = g.viewer = constants["page_viewer"]
    return render_template("bookings/list.html", **constants["context"])


def _keep(_sender: Flask, context: dict[str, Any], **_: Any) -> None:
    # What Flask gives each template by itself is of the request and not of the page.
    own = ("bookings", "waiting", "waits", "counts", "next_cursor", "status")
    constants["context"] = {name: context[name] for name in own}


app = host(blueprint)
