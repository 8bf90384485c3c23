"""The start page: what there is to learn, and for those who are signed in the next lesson."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import render_template

from accounts.models import Role
from accounts.sign_in.identity import Who, answers_for
from bookings.my_lessons.queries import booking_counts, lesson_after
from caching import BoundRead
from gigs.queries import GigsQuery, categories, gigs_page
from web.clock import now
from web.pages import PageBlueprint

pages = PageBlueprint("home", __name__)

GIGS_SHOWN = 6


@pages.get("/")
def index() -> str:
    """Show the start page."""
    minute = now().replace(second=0, microsecond=0)
    subjects, gigs, *own = (answer.json() for answer in answers_for(lambda who: _reads(who, minute))[1])
    return render_template("home.html", gigs=gigs["data"], categories=subjects["data"], **_own(own))


def _reads(who: Who | None, minute: datetime) -> list[BoundRead]:
    public = [categories.at(), gigs_page.at(GigsQuery(limit=GIGS_SHOWN))]
    if who is None or who.role == Role.ADMIN:
        return public
    return [*public, booking_counts.at(who.id, who.role), lesson_after.at(who.id, who.role, minute)]


def _own(answers: list[Any]) -> dict[str, Any]:
    """Tell what concerns the reader alone; administrators and visitors have no lessons."""
    if not answers:
        return {"waiting": 0, "next_lesson": None}
    counts, lessons = answers
    return {"waiting": counts["waiting"], "next_lesson": lessons[0] if lessons else None}
