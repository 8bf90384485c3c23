"""The pages around lessons: of a timetable, of students, of money, and those of people who run the school."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import update
from werkzeug.test import TestResponse

import tags
from accounts.by_mail import tokens
from accounts.by_mail.models import TokenUse
from accounts.models import User
from administration.invitations import service as invitations
from administration.invitations.models import SchoolInvitation
from bookings.models import Booking
from bookings.sessions.models import GroupSession
from caching import invalidate
from database import writing
from notifications import unsubscribe
from notifications.types import NotificationType
from tests.bookings.rows import insert_booking
from tests.schedule.bodies import weekly
from tests.support.world import ANY_TIME, Person, World

# Every field at its full length: without a place to break, as German has them, and as programs for meetings make them.
UNBROKEN = "x" * 120
GERMAN = ("Rechtsanwaltsfachangestelltenprüfungsvorbereitung" * 3)[:60]
LINK = "https://us02web.zoom.us/j/" + "8123456789?pwd=" + "dGhpc2lzbm90YXJlYWxwYXNzd29yZA" * 15


def other_pages(world: World, teacher: Person, student: Person, gig: dict[str, Any]) -> dict[str, list[str]]:
    """Make what these pages show, and list them by the reader's address."""
    path = f"/gigs/{gig['id']}"
    timetable, money, packages = (make(world, teacher, student) for make in (_timetable, _money, _packages))
    notes = f"/api/students/{student.id}/notes"
    for shared in (False, True):
        _made(teacher.post(notes, {"text": UNBROKEN * 10, "shared": shared}))
    cancelled_day = f"{world.clock() + timedelta(days=2):%Y-%m-%d}"
    new = world.teacher(hours=None, name=UNBROKEN[:80])
    draft = world.gig(new, status="draft", title=UNBROKEN)["id"]
    course = world.gig(teacher, title=UNBROKEN, enrolment="application")["id"]
    mover = _mover(world, student)
    return {
        "": ["/teachers", "/forgotten-password", "/time-zone", *_links(world, teacher)],
        student.email: [
            *("/teachers", "/gigs/recent", "/tasks", "/invitation", "/profile/two-factor", "/packages", "/invoices"),
            *(f"{path}/series?starts_at={world.at(days=9)}&weeks=3", *money, *packages),
        ],
        teacher.email: [
            *("/students", f"/students/{student.id}", "/lessons/enter", f"/lessons/enter?student={student.id}"),
            *(f"{path}/waitlist", f"{path}/packages", f"{path}/statistics", "/statistics", "/invoices/details"),
            *(f"/schedule/day/cancel?date={cancelled_day}", "/availability/calendars", *timetable, *money, *packages),
            *(f"/invoices/new?student={student.id}&currency=EUR&month=2026-11", f"/gigs/{course}/tasks"),
            "/teaching",
        ],
        new.email: [f"/gigs/{draft}/hours"],
        mover.email: ["/availability", "/availability/outside/move"],
        world.office().email: ["/admin", "/admin/people", "/lessons/enter", "/students"],
        **_administration(world, teacher, student),
    }


def _made(answer: TestResponse) -> Any:
    assert answer.status_code in (200, 201, 204), answer.text
    return answer.json


def _links(world: World, teacher: Person) -> list[str]:
    """The links of mails: about an entered lesson, a password, an address, an invitation, and to end them."""
    gig = world.gig(teacher, title=UNBROKEN)
    body = {"gig_id": gig["id"], "starts_at": world.at(days=25), "agreed": True}
    entered = _made(teacher.post("/api/bookings", body | {"student": {"name": GERMAN, "email": "mary@example.org"}}))
    newcomer = {"email": f"{UNBROKEN[:60]}@example.org", "role": "student"}
    invited = _made(world.admin().post("/api/admin/invitations", newcomer))
    with world.app.app_context(), writing() as session:
        joining = invitations.issue(session, session.get_one(SchoolInvitation, invited["id"]))
        whose = {"mary@example.org": entered["student"]["id"], teacher.email: teacher.id}

        def token(email: str, use: TokenUse) -> str:
            return tokens.issue(session, session.get_one(User, whose[email]), use, email=email, now=world.clock())

        return [
            f"/invitation?token={token('mary@example.org', TokenUse.RESET)}",
            f"/reset-password?token={token(teacher.email, TokenUse.RESET)}",
            f"/confirm-email?token={token(teacher.email, TokenUse.CONFIRM)}",
            f"/join?token={joining}",
            urlsplit(unsubscribe.address(teacher.id, NotificationType.LESSON_MOVED)).path,
        ]


def _timetable(world: World, teacher: Person, student: Person) -> list[str]:
    """A session to come with somebody in it, and one that has begun."""
    gig = world.gig(teacher, title=UNBROKEN, times="timetable", capacity=4, location=LINK[:500])
    path = f"/api/gigs/{gig['id']}/sessions"
    row = {"repeat": {"until": world.at(days=30)[:10], "every_weeks": 1}}
    coming = _made(teacher.post(path, {"starts_at": world.at(days=12, hours=6), **row}))["data"][0]
    world.accepted(student, teacher, gig, starts_at=coming["starts_at"])
    begun = _made(teacher.post(path, {"starts_at": world.at(hours=6)}))["data"][0]
    taken = world.accepted(student, teacher, gig, starts_at=begun["starts_at"])["id"]
    earlier = world.clock() - timedelta(hours=1)
    with world.app.app_context(), writing() as session:
        times = {"starts_at": earlier, "ends_at": earlier + timedelta(minutes=gig["duration_minutes"])}
        session.execute(update(GroupSession).where(GroupSession.id == begun["id"]).values(times))
        session.execute(update(Booking).where(Booking.id == taken).values(times))
        people = (tags.user_bookings(student.id), tags.user_bookings(teacher.id), tags.all_bookings())
        invalidate(*people, tags.teacher_slots(teacher.id), tags.gig_sessions(gig["id"]))
    sessions = [f"/sessions/{session['id']}" for session in (coming, begun)]
    return [f"/gigs/{gig['id']}/timetable", *sessions, f"{sessions[0]}/move"]


def _money(world: World, teacher: Person, student: Person) -> list[str]:
    """A payment that was checked, and an invoice."""
    details = {"name": UNBROKEN[:80], "address": UNBROKEN, "tax_id": "", "note": UNBROKEN}
    _made(teacher.put("/api/teachers/me/invoice-details", details))
    gig = world.gig(teacher, title=UNBROKEN)
    lesson = world.past_lesson(student, gig)
    body = {"booking_id": lesson, "method": "cash", "amount_cents": 1000, "currency": "EUR", "reference": UNBROKEN}
    payment = _made(student.post("/api/payments", body))["id"]
    invoice = _made(teacher.post("/api/invoices", {"booking_ids": [lesson]}))["id"]
    yesterday = world.clock() - timedelta(days=1)
    insert_booking(world.app, student, gig, yesterday, status="completed")
    return [f"/payments/{payment}", f"/invoices/{invoice}", f"/lessons/{lesson}/payments"]


def _packages(world: World, teacher: Person, student: Person) -> list[str]:
    """A package that was asked for."""
    gig = world.gig(teacher, title=UNBROKEN)
    offer = _made(teacher.post(f"/api/gigs/{gig['id']}/packages", {"lessons": 10, "price_cents": 27000}))
    package = _made(student.post("/api/packages", {"offer_id": offer["id"]}))["id"]
    return ["/packages", f"/packages/{package}"]


def _mover(world: World, student: Person) -> Person:
    """A teacher with a lesson outside of their hours."""
    mover = world.teacher(name=GERMAN)
    world.accepted(student, mover, world.gig(mover, title=UNBROKEN), starts_at=world.at(days=16))
    _made(mover.put("/api/teachers/me/availability", ANY_TIME | {"weekly": weekly("tuesday 02:00-04:00")}))
    return mover


def _administration(world: World, teacher: Person, student: Person) -> dict[str, list[str]]:
    """The pages of administrators, with a holiday on which there is a lesson, an invitation and a webhook."""
    admin = world.admin()
    day = world.at(days=2)[:10]
    holiday = _made(admin.post("/api/admin/holidays", {"name": UNBROKEN[:80], "first_day": day, "last_day": day}))["id"]
    webhook = _made(admin.post("/api/webhooks", {"url": f"https://8.8.8.8/{UNBROKEN}", "description": UNBROKEN}))["id"]
    return {
        admin.email: [
            *("/admin", "/admin/people", f"/admin/people/{student.id}", "/admin/people/duplicates", "/admin/gigs"),
            *("/admin/lessons", "/admin/lessons?person=a", "/admin/payments", "/admin/applications"),
            *("/admin/holidays", f"/admin/holidays/{holiday}", f"/admin/holidays/{holiday}/move", "/admin/school"),
            *("/admin/audit", "/admin/import", "/admin/invitations", "/admin/reviews", "/admin/jobs", "/admin/mail"),
            *("/admin/cache", "/webhooks", "/webhooks/new", f"/webhooks/{webhook}", f"/webhooks/{webhook}/edit"),
            *("/lessons", "/lessons/enter", f"/students/{student.id}", f"/reports/teachers/{teacher.id}"),
            *("/reports/analytics", "/reports/daily", "/reports/leaderboards/students"),
        ]
    }
