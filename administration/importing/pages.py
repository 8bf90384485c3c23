"""The page on which a list of people or gigs is looked at, and then imported."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for

from accounts.rights import STAFF
from accounts.sign_in.identity import require_viewer
from administration.importing import service
from administration.importing.lines import MOST_LINES, Kind
from administration.importing.schemas import ImportFormSchema, shown
from administration.importing.service import What
from errors import EmailTaken, Forbidden, Invalid
from web.clock import now
from web.csv_files import text_of
from web.forms import from_form
from web.pages import Page, PageBlueprint, refused
from web.ratelimits import count_import

pages = PageBlueprint("import_pages", __name__)

_LEADS_TO = {What.PEOPLE: "people_pages.listed", What.GIGS: "all_gigs_pages.overview"}


@pages.get("/admin/import")
def choose() -> str:
    """Let the office choose a list, or paste one."""
    require_viewer(*STAFF)
    return _page()


@pages.form("/admin/import/lines", of="import_pages.choose")
def compare() -> Page:
    """Show what each line would do or, once that was seen, import all of them."""
    viewer = require_viewer(*STAFF)
    sent = from_form(ImportFormSchema(), "what", "text", "apply", "invite")
    what, applies, invite = What(sent["what"]), sent["apply"] == "true", sent["invite"] == "true"
    count_import(viewer.id)
    try:
        text = _text(sent["text"])
        outcome = service.run(what, text.encode(), apply=applies, invite=invite, now=now())
    except Invalid as error:
        return refused(_page(what, " ".join(str(each) for words in error.errors.values() for each in words)))
    except (EmailTaken, Forbidden) as error:
        return refused(_page(what, f"Nothing was imported, because something has changed meanwhile: {error.detail}"))
    if not outcome.applied:
        return render_template(
            "administration/import_lines.html", what=what, text=text, invite=invite, **shown(outcome)
        )
    flash(_done(what, outcome.count(Kind.NEW), invite=invite))
    return redirect(url_for(_LEADS_TO[what]))


def _text(pasted: str) -> str:
    """Return the text of the file that was chosen, or else the one that was pasted."""
    file = request.files.get("file")
    if file is not None and file.filename:
        return text_of(file.read())
    if not pasted.strip():
        raise Invalid({"file": ["Choose a file, or paste its lines."]})
    return pasted


def _done(what: What, number: int, *, invite: bool) -> str:
    if not number:
        return "This list is imported already: everything in it is there, and nothing has changed."
    if what is What.GIGS:
        return "One gig is imported, as a draft." if number == 1 else f"{number} gigs are imported, as drafts."
    done = "One person is imported." if number == 1 else f"{number} people are imported."
    return f"{done} They get a mail to choose a password." if invite else done


def _page(what: What = What.PEOPLE, problem: str | None = None) -> str:
    return render_template("administration/import.html", what=what, problem=problem, most=MOST_LINES)
