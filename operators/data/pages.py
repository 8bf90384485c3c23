"""The page on which people download everything that is known about them."""

from __future__ import annotations

from tempfile import TemporaryFile

from flask import render_template

from accounts import service as accounts
from accounts.forms import CurrentPasswordForm
from accounts.sign_in.identity import require_viewer
from errors import WrongCredentials
from operators.data import exporting
from web.answers import archive_response
from web.clock import now
from web.pages import Page, PageBlueprint, shown
from web.ratelimits import count_export

pages = PageBlueprint("own_data_pages", __name__)


@pages.get("/profile/data")
def show() -> Page:
    """Say what is known about the reader, and offer it."""
    require_viewer()
    return _page(CurrentPasswordForm(formdata=None))


@pages.form("/profile/data/download", of="own_data_pages.show")
def download() -> Page:
    """Send everything about the reader as a zip, after their password.

    It is written into a file without a name, which is gone when it is sent.
    """
    viewer, form = require_viewer(), CurrentPasswordForm()
    if not form.validate():
        return _page(form)
    try:
        accounts.require_password(viewer.credentials, form.loaded["current_password"], now=now())
    except WrongCredentials as error:
        form.refuse({"current_password": [error.detail]})
        return _page(form)
    count_export(viewer.id)
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it
    exporting.write(viewer.id, file)
    return archive_response(file, f"my-data-{now():%Y-%m-%d}.zip")


def _page(form: CurrentPasswordForm) -> Page:
    return shown(render_template("operators/own_data.html", form=form), form)
