"""The pages of reports: a teacher's figures, the school at a glance, leaderboards."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for

from accounts.models import ProfileChanges, Role
from accounts.queries import UsersQuery, own_profile, users_page
from accounts.rights import STAFF, runs_school
from accounts.service import update_profile
from accounts.sign_in.identity import Viewer, require_viewer
from jsontext import JsonObject
from reports.dashboard.contents import dashboard
from reports.forms import ChosenSchema
from reports.leaderboards.queries import leaderboard
from reports.navigation import LABELS, PRESENT, Shown, in_short, in_words
from reports.performance.queries import performances
from reports.periods import Days, Period, today_in
from web.clock import now
from web.forms import from_address
from web.pages import Page, PageBlueprint

pages = PageBlueprint("report_pages", __name__)

# So many teachers are named for who runs the school.
TEACHERS_NAMED = 100
# So many periods are compared.
COMPARED = 6
# A day is too short for a contest.
OF_BOARDS = {period: label for period, label in LABELS.items() if period != Period.DAY}
BOARDS = {"teachers": Role.TEACHER, "students": Role.STUDENT}


@pages.get("/reports")
def show() -> str:
    """Show a teacher how their lessons went, and who runs the school how that is doing."""
    viewer = require_viewer(Role.TEACHER, *STAFF)
    if runs_school(viewer.role):
        found = dashboard(viewer.id, Role(viewer.role), viewer.time_zone, now()).json()
        people = users_page(UsersQuery(role=Role.TEACHER, limit=TEACHERS_NAMED)).json()
        return render_template(
            "reports/school.html", figures=found, teachers=people["data"], more_teachers=people["next_cursor"]
        )
    return _performance(viewer, viewer.id)


@pages.get("/reports/teachers/<id:teacher_id>")
def teacher(teacher_id: int) -> str:
    """Show who runs the school how a teacher's lessons went."""
    return _performance(require_viewer(*STAFF), teacher_id)


def _performance(viewer: Viewer, teacher_id: int) -> str:
    shown = _shown(viewer)
    periods = shown.latest(COMPARED)
    answers = performances(teacher_id, shown.period, periods)
    series = [_named(shown, days, answer.json()) for days, answer in zip(periods, answers, strict=True)]
    return render_template(
        "reports/performance.html",
        figures=series[-1],
        series=series,
        shown=shown,
        labels=LABELS,
        present=PRESENT,
        own=viewer.id == teacher_id,
    )


def _named(shown: Shown, days: Days, figures: JsonObject) -> JsonObject:
    """Return the figures of one period, with what it is called."""
    return figures | {"words": in_words(shown.period, days.first), "day": in_short(shown.period, days.first)}


@pages.get("/reports/leaderboards/teachers", defaults={"of": "teachers"})
@pages.get("/reports/leaderboards/students", defaults={"of": "students"})
def board(of: str) -> str:
    """Show who has given or taken most lessons, of those who want to be seen."""
    viewer = require_viewer()
    shown = _shown(viewer)
    found = leaderboard(BOARDS[of], viewer.id, viewer.role, shown.period, shown.days).json()
    return render_template(
        "reports/leaderboard.html",
        rows=found["data"],
        of=of,
        boards=list(BOARDS),
        shown=shown,
        labels=OF_BOARDS,
        present=PRESENT,
        is_in=own_profile(viewer.id)["in_leaderboards"],
    )


@pages.form("/reports/leaderboards/me", of="profile_page.show")
def join() -> Page:
    """Be seen in leaderboards, or not any more."""
    viewer = require_viewer(Role.TEACHER, Role.STUDENT)
    wanted = request.form.get("seen") == "yes"
    update_profile(viewer.id, ProfileChanges(in_leaderboards=wanted), now=now())
    flash("You can be seen in the leaderboards now." if wanted else "You are not in the leaderboards any more.")
    back = request.form.get("back", "")
    return redirect(url_for(".board", of=back) if back in BOARDS else url_for("profile_page.show"))


def _shown(viewer: Viewer) -> Shown:
    """Return which period the address names.

    Raises Invalid.
    """
    chosen = from_address(ChosenSchema(), "period", "date")
    return Shown.of(chosen.period, chosen.date, viewer.time_zone, today_in(viewer.time_zone, now()))
