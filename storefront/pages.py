"""The start page, and a teacher's public page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import render_template

from accounts.models import Role
from accounts.queries import profile
from accounts.sign_in.identity import Who, answers_for
from bookings.my_lessons.queries import booking_counts, lesson_after
from caching import BoundRead
from errors import NotFound
from gigs.queries import GigsQuery, categories, gigs_page
from jsontext import JsonObject
from reviews.queries import ReviewsQuery, reviews_of
from reviews.schemas import WrittenReviewsQuerySchema
from web.clock import now
from web.forms import from_address
from web.pages import PageBlueprint

pages = PageBlueprint("home", __name__)

# What the start page and a teacher's page show of gigs, and a teacher's page of reviews at once.
GIGS_SHOWN, REVIEWS_SHOWN = 6, "10"


@pages.get("/")
def index() -> str:
    """Show the start page."""
    minute = now().replace(second=0, microsecond=0)
    subjects, gigs, *own = (answer.json() for answer in answers_for(lambda who: _reads(who, minute))[1])
    return render_template("storefront/start.html", gigs=gigs["data"], categories=subjects["data"], **_own(own))


@pages.get("/teachers/<id:user_id>")
def teacher(user_id: int) -> str:
    """Show a teacher's public page."""
    wanted: ReviewsQuery = from_address(WrittenReviewsQuerySchema(), "cursor", limit=REVIEWS_SHOWN)
    reads = (
        profile.at(user_id),
        gigs_page.at(GigsQuery(teacher_id=user_id, limit=GIGS_SHOWN)),
        reviews_of.at(user_id, wanted),
    )
    person, gigs, reviews = (answer.json() for answer in answers_for(lambda _: reads)[1])
    if person is None or person["role"] != Role.TEACHER:
        raise NotFound
    return render_template(
        "storefront/teacher.html",
        teacher=person,
        gigs=gigs["data"],
        more_gigs=gigs["next_cursor"] is not None,
        reviews=reviews["data"] if reviews else [],
        next_cursor=reviews["next_cursor"] if reviews else None,
    )


def _reads(who: Who | None, minute: datetime) -> list[BoundRead]:
    public = [categories.at(), gigs_page.at(GigsQuery(limit=GIGS_SHOWN))]
    if who is None or who.role == Role.ADMIN:
        return public
    return [*public, booking_counts.at(who.id, who.role), lesson_after.at(who.id, who.role, minute)]


def _own(answers: list[Any]) -> JsonObject:
    """Tell what concerns the viewer alone.

    Administrators and visitors have no lessons.
    """
    if not answers:
        return {"waiting": 0, "next_lesson": None}
    counts, lessons = answers
    return {"waiting": counts["waiting"], "next_lesson": lessons[0] if lessons else None}
