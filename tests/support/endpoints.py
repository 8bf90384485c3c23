"""Every endpoint of the product, a request that makes sense for it, and what each actor gets.

A new endpoint gets a row here; `tests/test_authorization.py` fails until it has one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete

from accounts.by_mail import tokens
from accounts.by_mail.models import TokenUse
from accounts.models import User
from accounts.teaching.models import TeachingRecord
from accounts.teaching.records import tags_of
from caching import invalidate
from database import writing
from notifications import unsubscribe
from notifications.types import NotificationType
from tests.support.scene import ACTORS, BLOCK, PICTURE, PROOF, File, Scene
from tests.support.world import ANY_TIME, PASSWORD

Body = Any  # what is sent as JSON or as a form, or a `File`, or nothing
# What a request is about: its path, and its body or the values of its form.
Make = Callable[[Scene], tuple[str, Body]]

# What a page answers to somebody who has to sign in first.
SIGN_IN = "sign in"
Status = int | str


@dataclass(frozen=True)
class Endpoint:
    """One request; `expected` are the statuses for Anna, Ben, Grace, Emil, the administrator and nobody.

    The office gets what the administrator gets, unless its own status stands before nobody's.
    """

    name: str
    method: str
    expected: tuple[Status, ...]
    make: Make
    # Whether the request looks at no credentials at all, so that bad ones do no harm.
    open: bool = False
    cached: bool = False
    # Whether it ends the sign-in that it is asked with.
    ends: bool = False

    @property
    def group(self) -> str:
        """The blueprint."""
        return self.name.partition(".")[0]

    @property
    def id(self) -> str:
        return f"{self.method} {self.name}"

    def statuses(self) -> dict[str, Status]:
        *others, nobody = self.expected
        with_office = others if len(others) == len(ACTORS) - 1 else [*others, others[-1]]
        return dict(zip(ACTORS, (*with_office, nobody), strict=True))


def at(path: str, body: Body = None) -> Make:
    """The same path and body for everybody."""
    return lambda _: (path, body)


def on(path: str, thing: Callable[[Scene], int], body: Body = None) -> Make:
    """A path with the id of something that is made for the request."""
    return lambda scene: (path.format(thing(scene)), body)


def everybody(status: int) -> tuple[Status, ...]:
    return (status,) * 6


def signed_in(status: int, nobody: Status = 401) -> tuple[Status, ...]:
    return (*(status,) * 5, nobody)


ITS_PEOPLE = (200, 404, 200, 404, 200, 401)
# What they write to each other is not for administrators either.
BOTH = (200, 404, 200, 404, 404, 401)
ITS_STUDENT_201 = (201, 404, 403, 404, 403, 401)
ITS_TEACHER_ALONE = (403, 404, 200, 404, 403, 401)
NOTES_AUTHORS = (403, 403, 200, 404, 403, 401)
ITS_PAYEE = (403, 404, 200, 404, 200, 401)
ITS_PAYEE_201 = (403, 404, 201, 404, 201, 401)
ANNAS = (200, 404, 404, 404, 404, 401)
ANNAS_204 = (204, 404, 404, 404, 404, 401)
ADMINS = (403, 403, 403, 403, 200, 401)
ADMINS_204 = (403, 403, 403, 403, 204, 401)
# What belongs to the settings: the office may look, and not change.
SETTERS, SETTERS_201, SETTERS_202, SETTERS_204 = ((403, 403, 403, 403, n, 403, 401) for n in (200, 201, 202, 204))
TEACHERS = (403, 403, 200, 200, 403, 401)
STUDENTS_201 = (201, 201, 403, 403, 403, 401)
TEACHERS_201 = (403, 403, 201, 201, 403, 401)
# What a teacher has for themselves alone.
ITS_OWNER = (403, 403, 200, 404, 403, 401)
ITS_OWNER_204 = (403, 403, 204, 404, 403, 401)
# A published gig may be looked at by all, so that it cannot be changed is no secret; a draft is.
ITS_TEACHER = (403, 403, 200, 403, 200, 401)
ITS_TEACHER_DRAFT = (404, 404, 200, 404, 200, 401)

A_DAY = "from=2026-12-01T00:00:00Z&to=2026-12-02T00:00:00Z"
SETTERS = (403, 403, 403, 403, 200, 403, 401)
# Of a year in which nobody has lessons.
HOLIDAY = {"name": "Summer holidays", "first_day": "2031-07-01", "last_day": "2031-08-31"}
HOLIDAYS = "/api/admin/holidays"
IMPORT = "/api/admin/import"
GIGS_FILE = b"title,teacher_email,description,category,duration_minutes\n"
SCHOOL = {"name": "Lectern", "currency": "EUR", "time_zone": "UTC", "registration": "open", "teaching": "open"}
TWO_FACTOR, SECOND = "/api/users/me/two-factor", {"current_password": PASSWORD, "code": "123456"}
CALENDAR_TOKEN = "/api/users/me/calendar-token"
TALK = "/lessons/{}/messages"
INVITATIONS = "/api/users/me/invitations"
MESSAGES = "/api/bookings/{}/messages"
AVAILABILITY = "/api/teachers/me/availability"
# Any time of Scene.gig is free, so nobody has to wait for one.
WISH = {"weekdays": ["monday"], "until": "2026-12-24"}
APPLICATION, MESSAGE = "/api/applications/{}", {"message": "I would like to learn."}
PAYMENT, GIVEN_BACK = "/api/payments/{}", {"amount_cents": 100, "reason": "It was shorter."}
BANK_FILE = "/api/payments/import?apply=true"
BALANCE, CREDIT_NOTES = "/api/bookings/{}/balance", "/api/bookings/{}/credit-notes"
TASK = {"title": "Scales", "instructions": "Both hands."}
# Administrators have to say whose.
OWN_BUT_ADMINS = (200, 200, 200, 200, 422, 401)
ANALYTICS = "/api/reports/analytics"
PAID_BACK = {"lessons": 2, "reason": "You move away."}
INVOICE, CORRECTION = "/api/invoices/{}", {"reason": "It was shorter."}
PACKAGE, OFFERS = "/api/packages/{}", "/api/gigs/{}/packages"
OFFER = {"lessons": 10, "price_cents": 27000}
DROPPED = {"status": "dropped", "reason": "No time any more."}
BLOCKS = "/api/teachers/me/blocks"
SCHEDULES = "/api/teachers/me/schedules"
NOTIFICATION_SETTINGS = "/api/users/me/notification-settings"
WEBHOOKS, WEBHOOK = "/api/webhooks", {"url": "https://8.8.8.8/in", "types": ["gig.paused"]}
LOGO = "/api/admin/school/logo"
TEACHING, ADMIN_TEACHERS = "/api/users/me/teaching", "/api/admin/teachers"
ASKS_TO_TEACH = {"message": "I have taught the violin for ten years."}
ADMIN_INVITATIONS = "/api/admin/invitations"
NEWCOMER = {"name": "Emmy Noether", "password": PASSWORD, "time_zone": "Europe/Berlin"}
ADMIN_PEOPLE = "/api/admin/people"
TYPED: dict[str, Any] = {"version": 0, "fields": {"title": "Org"}}
GIG = {
    "title": "Organ",
    "description": "Two hands, two feet and a lot of air.",
    "category": "Music",
    "skills": ["organ"],
    "price_cents": 100,
    "currency": "EUR",
    "duration_minutes": 30,
}


def _stranger(scene: Scene) -> int:
    """Somebody of no importance."""
    return scene.world.student().id


def _with_logo(scene: Scene) -> tuple[str, Body]:
    """The school's logo, which there is."""
    answer = scene.admin.put(LOGO, data=PICTURE.content, headers={"Content-Type": PICTURE.media_type})
    assert answer.status_code == 200, answer.text
    return LOGO, None


def _asking_teacher(scene: Scene) -> int:
    """A teacher who waits for the school's approval."""
    teacher = scene.world.teacher()
    assert teacher.post(TEACHING, ASKS_TO_TEACH).status_code == 201
    return teacher.id


def _asks_to_teach(scene: Scene) -> tuple[str, Body]:
    """A question that Grace, who has published a gig, need not ask, and that Emil has not asked yet."""
    scene.gig()
    with scene.app.app_context(), writing() as session:
        session.execute(delete(TeachingRecord).where(TeachingRecord.user_id == scene.emil.id))
        invalidate(*tags_of(scene.emil.id))
    return TEACHING, ASKS_TO_TEACH


def _holiday(scene: Scene) -> int:
    return int(scene.admin.post(HOLIDAYS, HOLIDAY).json["id"])


def _another_role(scene: Scene) -> dict[str, str]:
    """A role that Olga does not have."""
    present = scene.admin.get(f"{ADMIN_PEOPLE}/{scene.olga.id}").json["role"]
    return {"role": "teacher" if present == "student" else "student"}


def _account(scene: Scene) -> dict[str, str]:
    return {
        "name": "New Person",
        "email": f"new{scene.number()}@example.org",
        "password": PASSWORD,
        "role": "student",
        "time_zone": "Europe/Berlin",
    }


def _credentials(scene: Scene) -> dict[str, str]:
    return {"email": scene.ben.email, "password": PASSWORD}


def _token(scene: Scene, use: TokenUse) -> str:
    """A token as a mail to Olga would bring it."""
    with scene.app.app_context(), writing() as session:
        user = session.get(User, scene.olga.id)
        return tokens.issue(session, user, use, email=user.email, now=scene.world.clock())


def _new_password(scene: Scene) -> dict[str, str]:
    return {"token": _token(scene, TokenUse.RESET), "password": PASSWORD}


def _confirmation(scene: Scene) -> dict[str, str]:
    return {"token": _token(scene, TokenUse.CONFIRM)}


def _slots(scene: Scene, gig_id: int) -> str:
    return f"/api/teachers/{scene.grace.id}/slots?gig_id={gig_id}&{A_DAY}"


def _unsubscribe(scene: Scene) -> str:
    """An address as a mail to Olga has it."""
    with scene.app.app_context():
        return urlsplit(unsubscribe.address(scene.olga.id, NotificationType.LESSON_MOVED)).path


def _feed(scene: Scene) -> str:
    return f"/api/calendar.ics?token={scene.anna.post(CALENDAR_TOKEN).json['token']}"


def _draft(scene: Scene) -> int:
    return scene.gig("draft")


def _typed(scene: Scene) -> int:
    """A gig of Grace's about which something was typed and not saved."""
    gig_id = scene.gig()
    assert scene.grace.put(f"/api/gigs/{gig_id}/autosave", TYPED).status_code == 200
    return gig_id


def _typed_anew(scene: Scene) -> str:
    """What Grace has typed about a gig that does not exist yet."""
    assert scene.grace.put("/api/gigs/new/autosave", TYPED).status_code in (200, 409)
    return "/api/gigs/new/autosave"


def _student(scene: Scene) -> int:
    """Anna, who has asked Grace for a lesson."""
    scene.pending()
    return scene.anna.id


def _bank_file(scene: Scene) -> File:
    """What Grace's bank says about a payment of Anna's."""
    payment = scene.anna.get(f"/api/payments/{scene.payment()}").json
    return File("text/csv", f"Date;Text;Amount\n2026-11-22;{payment['reference']};10.00\n".encode())


def _note(scene: Scene) -> str:
    return f"/api/students/{scene.anna.id}/notes/{scene.note()}"


def _note_page(scene: Scene) -> str:
    return _note(scene).removeprefix("/api")


def _own_draft(scene: Scene) -> int:
    """A gig of Grace's that only she sees."""
    return scene.gig("draft")


def _offer_address(scene: Scene) -> str:
    """The address of a package that Grace offers."""
    gig_id = scene.sold_gig()
    (offer,) = scene.grace.get(OFFERS.format(gig_id)).json["data"]
    return f"{OFFERS.format(gig_id)}/{offer['id']}"


def _instructions(scene: Scene) -> str:
    """How to pay Grace, with whom Anna has a booking."""
    return f"/api/teachers/{scene.pending() and scene.grace.id}/payment-instructions"


def _lessons_money(scene: Scene, form: str) -> tuple[str, Body]:
    """A form on the page of the money of a lesson that Anna has had with Grace."""
    return f"/lessons/{scene.completed()}/payments/{form}", {"method": "cash", "amount": "10"}


def _credit(scene: Scene) -> str:
    """Where Anna uses what she has paid Grace too much."""
    lesson = scene.completed()
    body = {"booking_id": scene.completed(), "method": "cash", "amount_cents": 9000, "currency": "EUR", "advance": True}
    assert scene.grace.post("/api/payments", body).status_code == 201
    return f"/lessons/{lesson}/payments/credit"


def _paid(scene: Scene) -> dict[str, Any]:
    """A payment for a lesson of Anna's that has taken place."""
    body = {"method": "cash", "amount_cents": 1000, "currency": "EUR"}
    return body | {"booking_id": scene.completed()}


def _new_invoice(scene: Scene) -> tuple[str, Body]:
    lesson = scene.anna.get(f"/api/bookings/{scene.completed()}").json
    return f"/invoices/new?student={scene.anna.id}&currency=EUR&month={lesson['starts_at'][:7]}", None


def _invoice_form(scene: Scene) -> tuple[str, Body]:
    path, _ = _new_invoice(scene)
    return path, {"booking_ids": str(scene.completed())}


def _series(scene: Scene) -> dict[str, Any]:
    return {"gig_id": scene.gig(), "starts_at": scene.fortnight(), "weeks": 2}


def _entry(scene: Scene) -> dict[str, str]:
    day, time = scene.time()[:16].split("T")
    person = {"name": "Mary Shelley", "email": f"mary{scene.number()}@example.org"}
    return person | {"gig_id": str(scene.gig()), "starts_at": "other", "date": day, "time": time, "weeks": "1"}


def _series_page(scene: Scene) -> str:
    body = _series(scene)
    return f"/gigs/{body['gig_id']}/series?starts_at={body['starts_at']}&weeks=2"


def _series_form(scene: Scene) -> tuple[str, Body]:
    body = _series(scene)
    return f"/gigs/{body['gig_id']}/series", {"starts_at": body["starts_at"], "weeks": "2", "on_conflict": "fail"}


def _full_form(scene: Scene) -> tuple[str, Body]:
    full = scene.full()
    return f"/gigs/{full['gig_id']}/waitlist", {"starts_at": full["starts_at"]}


API = [
    Endpoint("auth.register", "POST", everybody(201), lambda s: ("/api/auth/register", _account(s)), open=True),
    Endpoint("auth.login", "POST", everybody(200), lambda s: ("/api/auth/login", _credentials(s)), open=True),
    Endpoint(
        "auth.refresh",
        "POST",
        everybody(200),
        lambda s: ("/api/auth/refresh", {"refresh_token": s.world.sign_in(s.ben).refresh_token}),
        open=True,
    ),
    Endpoint("auth.logout", "POST", signed_in(204), at("/api/auth/logout"), ends=True),
    Endpoint(
        "mail.password_reset",
        "POST",
        everybody(202),
        lambda s: ("/api/auth/password-reset", {"email": s.ben.email}),
        open=True,
    ),
    Endpoint(
        "mail.confirm_password_reset",
        "POST",
        everybody(204),
        lambda s: ("/api/auth/password-reset/confirm", _new_password(s)),
        open=True,
    ),
    Endpoint(
        "mail.confirm_email", "POST", everybody(204), lambda s: ("/api/auth/confirm-email", _confirmation(s)), open=True
    ),
    Endpoint("mail.resend_confirmation", "POST", signed_in(202), at("/api/auth/confirm-email/resend")),
    Endpoint("two_factor.show_two_factor", "GET", signed_in(200), at(TWO_FACTOR)),
    Endpoint("two_factor.confirm", "POST", signed_in(409), at(f"{TWO_FACTOR}/confirm", {"code": "123456"})),
    Endpoint("two_factor.renew_recovery_codes", "POST", signed_in(409), at(f"{TWO_FACTOR}/recovery-codes", SECOND)),
    Endpoint("two_factor.turn_off", "POST", signed_in(409), at(f"{TWO_FACTOR}/off", SECOND)),
    Endpoint("two_factor.begin", "POST", signed_in(201), at(TWO_FACTOR, {"current_password": PASSWORD})),
    Endpoint("holidays.list_holidays", "GET", ADMINS, at(HOLIDAYS), cached=True),
    Endpoint("holidays.create_holiday", "POST", (403, 403, 403, 403, 201, 401), at(HOLIDAYS, HOLIDAY)),
    Endpoint("holidays.delete_holiday", "DELETE", ADMINS_204, lambda s: (f"{HOLIDAYS}/{_holiday(s)}", None)),
    Endpoint("importing.import_people", "POST", ADMINS, at(f"{IMPORT}/people", File("text/csv", b"name,email\n"))),
    Endpoint("importing.import_gigs", "POST", ADMINS, at(f"{IMPORT}/gigs", File("text/csv", GIGS_FILE))),
    Endpoint("school.show_school", "GET", SETTERS, at("/api/admin/school")),
    Endpoint("school.replace_school", "PUT", SETTERS, at("/api/admin/school", SCHOOL)),
    Endpoint("people.show_me", "GET", signed_in(200), at("/api/users/me")),
    Endpoint("live.look_for_changes", "GET", signed_in(200), at("/api/users/me/changes")),
    Endpoint(
        "people.change_me", "PATCH", signed_in(200), lambda s: ("/api/users/me", {"headline": f"Line {s.number()}"})
    ),
    Endpoint(
        "people.show_user",
        "GET",
        (200, 404, 200, 404, 200, 404),
        lambda s: (f"/api/users/{s.pending() and s.anna.id}", None),
        cached=True,
    ),
    Endpoint("people.show_user", "GET", everybody(200), lambda s: (f"/api/users/{s.grace.id}", None), cached=True),
    Endpoint("people.show_user", "GET", everybody(404), at(f"/api/users/{2**63 - 1}"), cached=True),
    Endpoint("people.list_users", "GET", ADMINS, at("/api/users"), cached=True),
    Endpoint("directory.list_teachers", "GET", everybody(200), at("/api/teachers"), cached=True),
    Endpoint("gigs.list_gigs", "GET", everybody(200), at("/api/gigs"), cached=True),
    Endpoint("gigs.list_categories", "GET", everybody(200), at("/api/gigs/categories"), cached=True),
    Endpoint("gigs.list_my_gigs", "GET", (403, 403, 200, 200, 403, 401), at("/api/gigs/mine"), cached=True),
    Endpoint("statistics.show_gig_stats", "GET", ITS_TEACHER, on("/api/gigs/{}/stats", Scene.gig)),
    Endpoint("statistics.show_gig_stats", "GET", ITS_TEACHER_DRAFT, on("/api/gigs/{}/stats", _draft)),
    Endpoint("statistics.show_my_stats", "GET", signed_in(200), at("/api/users/me/stats"), cached=True),
    Endpoint("discovery.list_featured", "GET", everybody(200), at("/api/gigs/featured"), cached=True),
    Endpoint("discovery.set_featured", "PUT", ADMINS_204, lambda s: ("/api/gigs/featured", {"gig_ids": [s.gig()]})),
    Endpoint("discovery.list_popular_skills", "GET", everybody(200), at("/api/gigs/popular-skills"), cached=True),
    Endpoint("discovery.list_similar", "GET", everybody(200), on("/api/gigs/{}/similar", Scene.gig), cached=True),
    Endpoint(
        "discovery.list_similar",
        "GET",
        (404, 404, 200, 404, 200, 404),
        on("/api/gigs/{}/similar", _draft),
        cached=True,
    ),
    Endpoint("traces.list_recently_viewed", "GET", signed_in(200), at("/api/gigs/recently-viewed")),
    Endpoint("traces.clear_recently_viewed", "DELETE", signed_in(204), at("/api/gigs/recently-viewed")),
    Endpoint("traces.list_search_history", "GET", signed_in(200), at("/api/gigs/search-history"), cached=True),
    Endpoint("traces.clear_search_history", "DELETE", signed_in(204), at("/api/gigs/search-history")),
    Endpoint("traces.delete_search", "DELETE", signed_in(404), at("/api/gigs/search-history/999")),
    Endpoint("drafts.list_my_drafts", "GET", TEACHERS, at("/api/gigs/my-drafts"), cached=True),
    Endpoint("drafts.show_autosave", "GET", ITS_TEACHER, on("/api/gigs/{}/autosave", _typed), cached=True),
    Endpoint("drafts.save_autosave", "PUT", ITS_TEACHER, on("/api/gigs/{}/autosave", Scene.gig, TYPED)),
    Endpoint("drafts.save_autosave", "PUT", ITS_TEACHER_DRAFT, on("/api/gigs/{}/autosave", _draft, TYPED)),
    Endpoint("drafts.delete_autosave", "DELETE", (403, 403, 204, 403, 204, 401), on("/api/gigs/{}/autosave", _typed)),
    Endpoint("drafts.show_new_autosave", "GET", ITS_OWNER, lambda s: (_typed_anew(s), None), cached=True),
    Endpoint("drafts.save_new_autosave", "PUT", (403, 403, 409, 200, 403, 401), lambda s: (_typed_anew(s), TYPED)),
    Endpoint("drafts.delete_new_autosave", "DELETE", (403, 403, 204, 204, 403, 401), at("/api/gigs/new/autosave")),
    Endpoint("gigs.create_gig", "POST", (403, 403, 201, 201, 403, 401), at("/api/gigs", GIG)),
    Endpoint("gigs.show_gig", "GET", everybody(200), on("/api/gigs/{}", Scene.gig), cached=True),
    Endpoint("gigs.show_gig", "GET", (404, 404, 200, 404, 200, 404), on("/api/gigs/{}", _draft), cached=True),
    Endpoint("gigs.edit_gig", "PATCH", ITS_TEACHER, on("/api/gigs/{}", Scene.gig, {"title": "Mine now"})),
    Endpoint("gigs.edit_gig", "PATCH", ITS_TEACHER_DRAFT, on("/api/gigs/{}", _draft, {"title": "Mine now"})),
    Endpoint("gigs.archive_gig", "DELETE", (403, 403, 204, 403, 204, 401), on("/api/gigs/{}", Scene.gig)),
    Endpoint("gigs.archive_gig", "DELETE", (404, 404, 204, 404, 204, 401), on("/api/gigs/{}", _draft)),
    Endpoint("gigs.set_gig_status", "POST", ITS_TEACHER, on("/api/gigs/{}/status", Scene.gig, {"status": "paused"})),
    Endpoint(
        "gigs.set_gig_status", "POST", ITS_TEACHER_DRAFT, on("/api/gigs/{}/status", _draft, {"status": "published"})
    ),
    Endpoint(
        "gigs.set_gig_visibility",
        "POST",
        ITS_TEACHER,
        on("/api/gigs/{}/visibility", Scene.gig, {"visibility": "private"}),
    ),
    Endpoint("bookings.list_bookings", "GET", signed_in(200), at("/api/bookings"), cached=True),
    Endpoint(
        "bookings.create_booking",
        "POST",
        STUDENTS_201,
        lambda s: ("/api/bookings", {"gig_id": s.gig(), "starts_at": s.time()}),
    ),
    Endpoint(
        "bookings.create_booking",
        "POST",
        # Grace knows Anna, who has had a lesson with her.
        (201, 403, 201, 403, 201, 401),
        lambda s: (
            "/api/bookings",
            {"gig_id": s.completed() and s.gig(), "starts_at": s.time(), "student_id": s.anna.id},
        ),
    ),
    Endpoint(
        "bookings.create_booking",
        "POST",
        (403, 403, 201, 403, 201, 401),
        lambda s: (
            "/api/bookings",
            {
                "gig_id": s.gig(),
                "starts_at": s.time(),
                "agreed": True,
                "student": {"name": "Mary Shelley", "email": f"mary{s.number()}@example.org"},
            },
        ),
    ),
    Endpoint("bookings.show_booking", "GET", ITS_PEOPLE, on("/api/bookings/{}", Scene.pending)),
    Endpoint("bookings.show_cancellation", "GET", ITS_PEOPLE, on("/api/bookings/{}/cancellation", Scene.pending)),
    Endpoint("bookings.show_history", "GET", ITS_PEOPLE, on("/api/bookings/{}/history", Scene.pending)),
    Endpoint(
        "bookings.change_booking",
        "PATCH",
        (403, 404, 200, 404, 200, 401),
        on("/api/bookings/{}", Scene.pending, {"status": "accepted"}),
    ),
    Endpoint(
        "bookings.change_booking",
        "PATCH",
        (200, 404, 403, 404, 200, 401),
        on("/api/bookings/{}", Scene.pending, {"status": "cancelled"}),
    ),
    Endpoint(
        "bookings.change_booking",
        "PATCH",
        ITS_PEOPLE,
        lambda s: (f"/api/bookings/{s.pending()}", {"starts_at": s.time()}),
    ),
    Endpoint(
        "bookings.change_booking",
        "PATCH",
        (403, 404, 200, 404, 200, 401),
        on("/api/bookings/{}", Scene.wished, {"move": "accept"}),
    ),
    Endpoint(
        "bookings.change_booking",
        "PATCH",
        (200, 404, 403, 404, 200, 401),
        on("/api/bookings/{}", Scene.wished, {"move": "withdraw"}),
    ),
    Endpoint("bookings.change_booking", "PATCH", ITS_PEOPLE, on("/api/bookings/{}", Scene.pending, {"seen": True})),
    Endpoint("invitations.list_invitations", "GET", signed_in(200), at(INVITATIONS)),
    Endpoint(
        "invitations.answer_invitation",
        "POST",
        ANNAS_204,
        on(f"{INVITATIONS}/{{}}", Scene.invitation, {"answer": "no"}),
    ),
    Endpoint("messages.list_messages", "GET", BOTH, on(MESSAGES, Scene.pending), cached=True),
    Endpoint(
        "messages.write_message", "POST", (201, 404, 201, 404, 404, 401), on(MESSAGES, Scene.pending, {"text": "Hello"})
    ),
    Endpoint("messages.read_messages", "POST", (204, 404, 204, 404, 404, 401), on(f"{MESSAGES}/read", Scene.pending)),
    Endpoint("students.list_students", "GET", (403, 403, 200, 200, 200, 401), at("/api/students"), cached=True),
    Endpoint("students.show_student", "GET", (403, 403, 200, 404, 200, 401), on("/api/students/{}", _student)),
    Endpoint(
        "students.show_student", "GET", (403, 403, 404, 404, 404, 401), lambda s: (f"/api/students/{s.emil.id}", None)
    ),
    Endpoint(
        "notes.list_notes", "GET", (403, 403, 200, 404, 200, 401), on("/api/students/{}/notes", _student), cached=True
    ),
    Endpoint("notes.list_shared", "GET", signed_in(200), at("/api/users/me/notes"), cached=True),
    Endpoint(
        "notes.write_note",
        "POST",
        (403, 403, 201, 404, 403, 401),
        on("/api/students/{}/notes", _student, {"text": "Listens well.", "shared": True}),
    ),
    Endpoint("notes.change_note", "PATCH", NOTES_AUTHORS, lambda s: (_note(s), {"shared": True})),
    Endpoint("notes.delete_note", "DELETE", (403, 403, 204, 404, 403, 401), lambda s: (_note(s), None)),
    Endpoint("series.book_series", "POST", STUDENTS_201, lambda s: ("/api/bookings/series", _series(s))),
    Endpoint(
        "series.preview_series",
        "POST",
        (200, 200, 403, 403, 403, 401),
        lambda s: ("/api/bookings/series/preview", _series(s)),
    ),
    Endpoint(
        "series.change_series",
        "PATCH",
        (403, 404, 200, 404, 200, 401),
        on("/api/bookings/{}/series", Scene.series, {"status": "accepted"}),
    ),
    Endpoint(
        "series.change_rest",
        "PATCH",
        (200, 404, 200, 404, 200, 401),
        lambda s: (f"/api/series/{(first := s.series())}", {"from": first, "status": "cancelled"}),
    ),
    # What each lesson is answered with stands in the answer.
    Endpoint(
        "many.change_bookings",
        "PATCH",
        signed_in(200),
        lambda s: ("/api/bookings", {"ids": [s.pending()], "status": "accepted"}),
    ),
    Endpoint("sessions.list_sessions", "GET", everybody(200), on("/api/gigs/{}/sessions", Scene.choir), cached=True),
    Endpoint(
        "sessions.list_sessions",
        "GET",
        (404, 404, 200, 404, 200, 404),
        on("/api/gigs/{}/sessions", _draft),
        cached=True,
    ),
    Endpoint(
        "sessions.create_sessions",
        "POST",
        (403, 403, 201, 403, 201, 401),
        lambda s: (f"/api/gigs/{s.choir()}/sessions", {"starts_at": s.time()}),
    ),
    Endpoint("sessions.show_session", "GET", everybody(200), on("/api/sessions/{}", Scene.session)),
    Endpoint(
        "sessions.change_session",
        "PATCH",
        (403, 403, 200, 403, 200, 401),
        on("/api/sessions/{}", Scene.session, {"capacity": 5}),
    ),
    Endpoint("payments.list_payments", "GET", signed_in(200), at("/api/payments"), cached=True),
    Endpoint("payments.report_payment", "POST", (201, 404, 201, 404, 403, 401), lambda s: ("/api/payments", _paid(s))),
    Endpoint("payments.show_payment", "GET", ITS_PEOPLE, on(PAYMENT, Scene.payment), cached=True),
    Endpoint("payments.decide_payment", "PATCH", ITS_PAYEE, on(PAYMENT, Scene.payment, {"status": "verified"})),
    Endpoint(
        "payments.refund_payment", "POST", ITS_PAYEE_201, on(f"{PAYMENT}/refunds", Scene.verified_payment, GIVEN_BACK)
    ),
    Endpoint(
        "payments.show_booking_balance", "GET", ITS_PEOPLE, on("/api/bookings/{}/balance", Scene.pending), cached=True
    ),
    Endpoint("payments.waive_fee", "POST", ITS_PAYEE_201, on(CREDIT_NOTES, Scene.absent, GIVEN_BACK)),
    Endpoint("income.show_month", "GET", (403, 403, 200, 200, 200, 401), at("/api/payments/month"), cached=True),
    Endpoint("dashboard.show_dashboard", "GET", signed_in(200), at("/api/reports/dashboard"), cached=True),
    Endpoint(
        "leaderboards.rank_teachers", "GET", signed_in(200), at("/api/reports/leaderboards/teachers"), cached=True
    ),
    Endpoint(
        "leaderboards.rank_students", "GET", signed_in(200), at("/api/reports/leaderboards/students"), cached=True
    ),
    Endpoint(
        "performance.show_performance",
        "GET",
        (403, 403, 200, 403, 200, 401),
        lambda scene: (f"/api/reports/performance?teacher_id={scene.grace.id}", None),
        cached=True,
    ),
    Endpoint("analytics.show_bookings_by_period", "GET", ADMINS, at(f"{ANALYTICS}/bookings"), cached=True),
    Endpoint("analytics.show_revenue_by_period", "GET", ADMINS, at(f"{ANALYTICS}/revenue"), cached=True),
    Endpoint("analytics.show_retention_by_period", "GET", ADMINS, at(f"{ANALYTICS}/retention"), cached=True),
    Endpoint("analytics.show_users_by_period", "GET", ADMINS, at(f"{ANALYTICS}/users"), cached=True),
    Endpoint("analytics.show_gigs_by_period", "GET", ADMINS, at(f"{ANALYTICS}/gigs"), cached=True),
    Endpoint("analytics.show_applications_by_period", "GET", ADMINS, at(f"{ANALYTICS}/applications"), cached=True),
    Endpoint("daily.show_day", "GET", ADMINS, at("/api/reports/daily"), cached=True),
    Endpoint("owing.list_open_payments", "GET", (200, 200, 200, 200, 403, 401), at("/api/payments/open"), cached=True),
    Endpoint("paying.show_payment_instructions", "GET", ITS_PEOPLE, lambda s: (_instructions(s), None), cached=True),
    Endpoint(
        "paying.set_payment_instructions",
        "PUT",
        TEACHERS,
        at("/api/teachers/me/payment-instructions", {"text": "Cash."}),
    ),
    Endpoint("proofs.put_proof", "PUT", (204, 404, 403, 404, 403, 401), on(f"{PAYMENT}/proof", Scene.payment, PROOF)),
    Endpoint("proofs.show_proof", "GET", ITS_PEOPLE, on(f"{PAYMENT}/proof", Scene.proven_payment)),
    Endpoint("proofs.show_proof", "GET", signed_in(404), on(f"{PAYMENT}/proof", Scene.payment)),
    Endpoint("bank.import_payments", "POST", (403, 403, 200, 200, 200, 401), lambda s: (BANK_FILE, _bank_file(s))),
    Endpoint("payments.show_own_balance", "GET", signed_in(200), at("/api/users/me/balance"), cached=True),
    *[
        Endpoint(f"statements.{name}", "GET", OWN_BUT_ADMINS, at(f"/api/payments/{path}"), cached=cached)
        for name, path, cached in (
            ("show_statement", "statement", True),
            ("statement_csv", "statement.csv", False),
            ("statement_pdf", "statement.pdf", False),
        )
    ],
    Endpoint(
        "statements.show_statement",
        "GET",
        (200, 404, 404, 404, 200, 401),
        lambda s: (f"/api/payments/statement?user_id={s.anna.id}", None),
        cached=True,
    ),
    # Without an account at a provider there is none of it.
    Endpoint(
        "checkouts.start_checkout",
        "POST",
        (404, 404, 403, 403, 403, 401),
        lambda s: ("/api/payments/checkout", {"booking_id": s.completed()}),
    ),
    Endpoint("checkouts.show_checkout", "GET", signed_in(404), at("/api/payments/checkout/1")),
    Endpoint("invoices.list_invoices", "GET", signed_in(200), at("/api/invoices"), cached=True),
    Endpoint(
        "invoices.issue_invoice", "POST", ITS_PAYEE_201, lambda s: ("/api/invoices", {"booking_ids": [s.completed()]})
    ),
    Endpoint("invoices.show_invoice", "GET", ITS_PEOPLE, on(INVOICE, Scene.invoice), cached=True),
    Endpoint("invoices.print_invoice", "GET", ITS_PEOPLE, on(f"{INVOICE}/pdf", Scene.invoice)),
    Endpoint(
        "invoices.correct_invoice", "POST", ITS_PAYEE_201, on(f"{INVOICE}/corrections", Scene.invoice, CORRECTION)
    ),
    Endpoint("invoices.show_invoice_details", "GET", TEACHERS, at("/api/teachers/me/invoice-details")),
    Endpoint(
        "invoices.replace_invoice_details", "PUT", TEACHERS, at("/api/teachers/me/invoice-details", {"tax_id": "7"})
    ),
    Endpoint("packages.list_offers", "GET", everybody(200), on(OFFERS, Scene.sold_gig), cached=True),
    Endpoint("packages.list_offers", "GET", (404, 404, 200, 404, 200, 404), on(OFFERS, _own_draft)),
    Endpoint("packages.offer_package", "POST", (403, 403, 201, 403, 201, 401), on(OFFERS, Scene.gig, OFFER)),
    Endpoint("packages.offer_package", "POST", (404, 404, 201, 404, 201, 401), on(OFFERS, _own_draft, OFFER)),
    Endpoint(
        "packages.withdraw_package",
        "DELETE",
        (403, 403, 204, 403, 204, 401),
        lambda s: (_offer_address(s), None),
    ),
    Endpoint("packages.list_packages", "GET", signed_in(200), at("/api/packages"), cached=True),
    Endpoint(
        "packages.order_package",
        "POST",
        STUDENTS_201,
        lambda s: ("/api/packages", {"offer_id": s.package_offer()}),
    ),
    Endpoint("packages.show_package", "GET", ITS_PEOPLE, on(PACKAGE, Scene.package), cached=True),
    Endpoint("packages.change_package", "PATCH", ITS_PAYEE, on(PACKAGE, Scene.package, {"status": "paid"})),
    Endpoint("packages.refund_package", "POST", ITS_PAYEE_201, on(f"{PACKAGE}/refunds", Scene.paid_package, PAID_BACK)),
    Endpoint("applications.list_applications", "GET", signed_in(200), at("/api/applications"), cached=True),
    Endpoint(
        "applications.list_gig_applications",
        "GET",
        ITS_TEACHER,
        on("/api/gigs/{}/applications", Scene.course),
        cached=True,
    ),
    Endpoint(
        "applications.list_gig_applications",
        "GET",
        ITS_TEACHER_DRAFT,
        on("/api/gigs/{}/applications", _draft),
        cached=True,
    ),
    Endpoint(
        "applications.apply",
        "POST",
        (201, 201, 403, 403, 403, 401),
        on("/api/gigs/{}/applications", Scene.course, MESSAGE),
    ),
    Endpoint("applications.show_application", "GET", ITS_PEOPLE, on(APPLICATION, Scene.application), cached=True),
    Endpoint(
        "applications.decide_application",
        "PATCH",
        (403, 404, 200, 404, 200, 401),
        on(APPLICATION, Scene.application, {"status": "accepted"}),
    ),
    Endpoint(
        "applications.decide_application",
        "PATCH",
        (200, 404, 403, 404, 403, 401),
        on(APPLICATION, Scene.application, {"status": "withdrawn"}),
    ),
    Endpoint("assignments.list_assignments", "GET", signed_in(200), at("/api/assignments"), cached=True),
    Endpoint("assignments.list_history", "GET", signed_in(200), at("/api/users/me/work-history"), cached=True),
    Endpoint(
        "assignments.show_assignment", "GET", ITS_PEOPLE, on("/api/assignments/{}", Scene.assignment), cached=True
    ),
    Endpoint(
        "assignments.end_assignment",
        "PATCH",
        ITS_TEACHER_ALONE,
        on("/api/assignments/{}", Scene.assignment, {"status": "completed", "rating": 5}),
    ),
    Endpoint(
        "assignments.end_assignment",
        "PATCH",
        (200, 404, 200, 404, 403, 401),
        on("/api/assignments/{}", Scene.assignment, DROPPED),
    ),
    Endpoint("tasks.list_tasks", "GET", signed_in(200), at("/api/tasks"), cached=True),
    Endpoint(
        "tasks.set_task",
        "POST",
        (403, 404, 201, 404, 403, 401),
        on("/api/assignments/{}/tasks", Scene.assignment, TASK),
    ),
    Endpoint(
        "tasks.set_for_all",
        "POST",
        (403, 403, 201, 403, 403, 401),
        on("/api/gigs/{}/tasks", Scene.running_course, TASK),
    ),
    Endpoint("tasks.show_task", "GET", ITS_PEOPLE, on("/api/tasks/{}", Scene.task)),
    Endpoint("tasks.change_task", "PATCH", ITS_TEACHER_ALONE, on("/api/tasks/{}", Scene.task, {"title": "Chords"})),
    Endpoint("tasks.delete_task", "DELETE", (403, 404, 204, 404, 403, 401), on("/api/tasks/{}", Scene.task)),
    Endpoint("submissions.list_versions", "GET", ITS_PEOPLE, on("/api/tasks/{}/submissions", Scene.task), cached=True),
    Endpoint(
        "submissions.list_submissions",
        "GET",
        ITS_PEOPLE,
        on("/api/assignments/{}/submissions", Scene.assignment),
        cached=True,
    ),
    Endpoint(
        "submissions.submit_work",
        "POST",
        ITS_STUDENT_201,
        on("/api/tasks/{}/submissions", Scene.task, {"text": "Here they are.", "links": ["https://example.org/a"]}),
    ),
    Endpoint(
        "submissions.review_submission",
        "PATCH",
        ITS_TEACHER_ALONE,
        on("/api/submissions/{}", Scene.submission, {"status": "approved", "feedback": "Lovely."}),
    ),
    Endpoint("waitlist.list_entries", "GET", signed_in(200), at("/api/waitlist"), cached=True),
    Endpoint("waitlist.join", "POST", STUDENTS_201, lambda s: ("/api/waitlist", s.full())),
    Endpoint("wishes.list_wishes", "GET", signed_in(200), at("/api/wishes"), cached=True),
    Endpoint("wishes.make_wish", "POST", STUDENTS_201, on("/api/gigs/{}/waitlist", Scene.never, WISH)),
    Endpoint("wishes.leave_wish", "DELETE", signed_in(404), at("/api/wishes/999")),
    Endpoint("waitlist.leave", "DELETE", ANNAS_204, on("/api/waitlist/{}", Scene.waiting)),
    Endpoint("waitlist.accept", "POST", ANNAS, on("/api/waitlist/{}/accept", Scene.offered)),
    Endpoint("waitlist.decline", "POST", ANNAS, on("/api/waitlist/{}/decline", Scene.offered)),
    Endpoint("waitlist.count_waiting", "GET", ITS_TEACHER, on("/api/gigs/{}/waitlist", Scene.gig)),
    Endpoint("waitlist.count_waiting", "GET", ITS_TEACHER_DRAFT, on("/api/gigs/{}/waitlist", _draft)),
    Endpoint("bookings.list_slots", "GET", everybody(200), lambda s: (_slots(s, s.gig()), None), cached=True),
    Endpoint(
        "bookings.list_slots",
        "GET",
        (404, 404, 200, 404, 200, 404),
        lambda s: (_slots(s, s.gig("draft")), None),
        cached=True,
    ),
    Endpoint(
        "calendars.show_schedule",
        "GET",
        (403, 403, 200, 403, 200, 401),
        lambda s: (f"/api/teachers/{s.grace.id}/schedule?{A_DAY}", None),
        cached=True,
    ),
    Endpoint(
        "calendars.show_schedule",
        "GET",
        (404, 404, 404, 404, 404, 401),
        lambda s: (f"/api/teachers/{s.anna.id}/schedule?{A_DAY}", None),
        cached=True,
    ),
    Endpoint("calendars.open_feed", "POST", signed_in(201), at(CALENDAR_TOKEN)),
    Endpoint("calendars.close_feed", "DELETE", signed_in(204), at(CALENDAR_TOKEN)),
    Endpoint("calendars.show_feed", "GET", everybody(200), lambda s: (_feed(s), None), open=True),
    Endpoint("calendars.show_feed", "GET", everybody(404), at("/api/calendar.ics?token=1.x"), open=True),
    Endpoint("calendars.show_lesson", "GET", ITS_PEOPLE, on("/api/bookings/{}/calendar.ics", Scene.pending)),
    Endpoint("schedule.show_availability", "GET", TEACHERS, at(AVAILABILITY)),
    Endpoint("busy.list_busy_calendars", "GET", TEACHERS, at("/api/teachers/me/busy-calendars")),
    Endpoint("busy.replace_busy_calendars", "PUT", TEACHERS, at("/api/teachers/me/busy-calendars", {"data": []})),
    Endpoint("schedule.replace_availability", "PUT", TEACHERS, at(AVAILABILITY, ANY_TIME)),
    Endpoint("blocks.list_blocks", "GET", TEACHERS, at(f"{BLOCKS}?{A_DAY}"), cached=True),
    Endpoint("blocks.create_block", "POST", TEACHERS_201, at(BLOCKS, BLOCK)),
    Endpoint("blocks.delete_block", "DELETE", ITS_OWNER_204, on(BLOCKS + "/{}", Scene.block)),
    Endpoint("schedule.list_schedules", "GET", TEACHERS, at(SCHEDULES), cached=True),
    Endpoint("schedule.create_schedule", "POST", TEACHERS_201, at(SCHEDULES, {"name": "School"})),
    Endpoint("schedule.show_schedule", "GET", ITS_OWNER, on(SCHEDULES + "/{}", Scene.schedule)),
    Endpoint("schedule.replace_schedule", "PUT", ITS_OWNER, on(SCHEDULES + "/{}", Scene.schedule, {"weekly": []})),
    Endpoint("schedule.delete_schedule", "DELETE", ITS_OWNER_204, on(SCHEDULES + "/{}", Scene.schedule)),
    Endpoint(
        "reviews.list_reviews",
        "GET",
        everybody(200),
        lambda s: (f"/api/reviews?user_id={s.grace.id}", None),
        cached=True,
    ),
    Endpoint(
        "reviews.list_reviews",
        "GET",
        (403, 403, 200, 403, 403, 401),
        lambda s: (f"/api/reviews?user_id={s.grace.id}&filter=unread", None),
        cached=True,
    ),
    Endpoint(
        "reviews.list_reviews_by",
        "GET",
        (200, 404, 404, 404, 200, 401),
        lambda s: (f"/api/reviews/by/{s.anna.id}", None),
        cached=True,
    ),
    Endpoint(
        "reviews.write_review",
        "POST",
        (201, 404, 403, 403, 403, 401),
        lambda s: ("/api/reviews", {"booking_id": s.completed(), "rating": 5}),
    ),
    Endpoint(
        "reviews.answer_review",
        "PATCH",
        (403, 403, 200, 403, 403, 401),
        on("/api/reviews/{}", Scene.review, {"reply": "Thank you"}),
    ),
    Endpoint(
        "reviews.answer_review",
        "PATCH",
        ADMINS,
        on("/api/reviews/{}", Scene.review, {"hidden": True, "reason": "It names a pupil."}),
    ),
    Endpoint("notifications.list_notifications", "GET", signed_in(200), at("/api/notifications"), cached=True),
    Endpoint(
        "notifications.mark_notification",
        "PATCH",
        ANNAS,
        on("/api/notifications/{}", Scene.notification, {"read": True}),
    ),
    Endpoint("notifications.read_all_notifications", "POST", signed_in(204), at("/api/notifications/read-all")),
    Endpoint("notifications.show_notification_settings", "GET", signed_in(200), at(NOTIFICATION_SETTINGS)),
    Endpoint(
        "notifications.replace_notification_settings",
        "PUT",
        signed_in(200),
        at(NOTIFICATION_SETTINGS, {"mail": {"lesson-moved": False}, "reminders_minutes": [60], "digest": "daily"}),
    ),
    Endpoint("admin_people.list_duplicates", "GET", ADMINS, at(f"{ADMIN_PEOPLE}/duplicates")),
    Endpoint("admin_people.show", "GET", ADMINS, lambda s: (f"{ADMIN_PEOPLE}/{s.olga.id}", None)),
    Endpoint("admin_people.change", "PATCH", SETTERS, lambda s: (f"{ADMIN_PEOPLE}/{s.olga.id}", _another_role(s))),
    Endpoint("admin_people.change", "PATCH", ADMINS, lambda s: (f"{ADMIN_PEOPLE}/{s.olga.id}", {"active": True})),
    Endpoint("admin_people.sign_out", "POST", ADMINS_204, lambda s: (f"{ADMIN_PEOPLE}/{_stranger(s)}/sign-out", None)),
    Endpoint(
        "admin_people.send_reset",
        "POST",
        (403, 403, 403, 403, 202, 401),
        lambda s: (f"{ADMIN_PEOPLE}/{s.olga.id}/password-reset", None),
    ),
    # Nobody of the scene has it on.
    Endpoint(
        "admin_people.take_two_factor_off",
        "DELETE",
        (403, 403, 403, 403, 404, 401),
        lambda s: (f"{ADMIN_PEOPLE}/{s.olga.id}/two-factor", None),
    ),
    Endpoint("school.put_logo", "PUT", SETTERS, at(LOGO, PICTURE)),
    Endpoint("school.delete_logo", "DELETE", SETTERS_204, _with_logo),
    Endpoint("teaching.show", "GET", TEACHERS, at(TEACHING)),
    Endpoint("teaching.ask", "POST", (403, 403, 409, 201, 403, 401), _asks_to_teach),
    Endpoint("admin_teaching.list_teachers", "GET", ADMINS, at(ADMIN_TEACHERS)),
    Endpoint(
        "admin_teaching.decide",
        "PATCH",
        ADMINS,
        lambda s: (f"{ADMIN_TEACHERS}/{_asking_teacher(s)}", {"status": "approved"}),
    ),
    Endpoint("admin_invitations.list_invitations", "GET", ADMINS, at(ADMIN_INVITATIONS)),
    Endpoint(
        "admin_invitations.invite_person",
        "POST",
        (403, 403, 403, 403, 201, 401),
        lambda s: (ADMIN_INVITATIONS, {"email": f"new{s.number()}@example.org", "role": "teacher"}),
    ),
    Endpoint(
        "admin_invitations.resend",
        "POST",
        ADMINS,
        on(f"{ADMIN_INVITATIONS}/{{}}/resend", Scene.school_invitation),
    ),
    Endpoint(
        "admin_invitations.withdraw", "DELETE", ADMINS_204, on(f"{ADMIN_INVITATIONS}/{{}}", Scene.school_invitation)
    ),
    Endpoint(
        "joining.accept_invitation",
        "POST",
        everybody(204),
        lambda s: ("/api/auth/accept-invitation", NEWCOMER | {"token": s.join_token()}),
        open=True,
    ),
    Endpoint("audit.list_audit", "GET", SETTERS, at("/api/admin/audit")),
    Endpoint("cache.show_health", "GET", ADMINS, at("/api/cache/health")),
    Endpoint("cache.show_metrics", "GET", ADMINS, at("/api/cache/metrics")),
    Endpoint("events.list_events", "GET", ADMINS, at("/api/events")),
    Endpoint("jobs.list_jobs", "GET", ADMINS, at("/api/admin/jobs?state=dead")),
    Endpoint("jobs.retry_job", "POST", ADMINS, on("/api/admin/jobs/{}/retry", Scene.dead_job)),
    Endpoint("jobs.retry_dead_jobs", "POST", ADMINS, at("/api/admin/jobs/retry-dead")),
    Endpoint("mails.list_mails", "GET", ADMINS, at("/api/admin/mail")),
    Endpoint("webhooks.list_webhooks", "GET", ADMINS, at(WEBHOOKS)),
    Endpoint("webhooks.create_webhook", "POST", SETTERS_201, at(WEBHOOKS, WEBHOOK)),
    Endpoint("webhooks.show_webhook", "GET", ADMINS, on(f"{WEBHOOKS}/{{}}", Scene.webhook)),
    Endpoint("webhooks.change_webhook", "PATCH", SETTERS, on(f"{WEBHOOKS}/{{}}", Scene.webhook, {"active": False})),
    Endpoint("webhooks.delete_webhook", "DELETE", SETTERS_204, on(f"{WEBHOOKS}/{{}}", Scene.webhook)),
    Endpoint("webhooks.rotate_webhook_secret", "POST", SETTERS, on(f"{WEBHOOKS}/{{}}/rotate-secret", Scene.webhook)),
    Endpoint("webhooks.test_webhook", "POST", SETTERS_202, on(f"{WEBHOOKS}/{{}}/test", Scene.webhook)),
    Endpoint("webhooks.list_webhook_deliveries", "GET", ADMINS, on(f"{WEBHOOKS}/{{}}/deliveries", Scene.webhook)),
    Endpoint(
        "webhooks.replay_webhook_delivery",
        "POST",
        SETTERS_202,
        on(f"{WEBHOOKS}/deliveries/{{}}/replay", Scene.delivery),
    ),
    Endpoint("cache.warm", "POST", SETTERS_202, at("/api/cache/warm")),
    Endpoint("api-docs.openapi_json", "GET", everybody(200), at("/api/openapi.json"), open=True),
    Endpoint("health.health", "GET", everybody(200), at("/health"), open=True),
    Endpoint("health.live", "GET", everybody(200), at("/health/live"), open=True),
    Endpoint("health.ready", "GET", everybody(200), at("/health/ready"), open=True),
    Endpoint("prometheus.metrics", "GET", everybody(200), at("/metrics"), open=True),
    Endpoint("static", "GET", everybody(200), at("/static/lectern.css"), open=True),
    Endpoint("bootstrap.static", "GET", everybody(200), at("/bootstrap/static/css/bootstrap.min.css"), open=True),
]

ITS_PEOPLE_ON_A_PAGE = (200, 404, 200, 404, 200, SIGN_IN)
ITS_TEACHER_ON_A_PAGE = (403, 403, 302, 403, 302, SIGN_IN)
TEACHERS_302 = (403, 403, 302, 302, 403, SIGN_IN)
ITS_OWNER_ON_A_PAGE = (403, 403, 302, 404, 403, SIGN_IN)
ADMINS_ON_A_PAGE = (403, 403, 403, 403, 200, SIGN_IN)
STAFF_302 = (403, 403, 403, 403, 302, SIGN_IN)
SETTERS_ON_A_PAGE, SETTERS_302 = ((403, 403, 403, 403, status, 403, SIGN_IN) for status in (200, 302))
TEACHERS_ON_A_PAGE = (403, 403, 200, 200, 403, SIGN_IN)
GIG_FORM = {
    "enrolment": "booking",
    "title": "Organ",
    "description": GIG["description"],
    "category": "Music",
    "price": "30",
    "currency": "EUR",
}
GIG_FORM |= {"duration_minutes": "45", "capacity": "1", "skills": "organ", "summary": "", "location": ""}
GIG_FORM |= {"free_cancellation_hours": "24", "late_cancellation_percent": "50"}


def _wanted(scene: Scene) -> dict[str, str]:
    """The booking form's values; Berlin is an hour ahead of the scene's times, which does no harm."""
    date, _, time = scene.time().rstrip("Z").partition("T")
    return {"date": date, "time": time[:5], "note": ""}


PAGES = [
    Endpoint("docs.api", "GET", everybody(200), at("/api/docs")),
    Endpoint("docs.problem", "GET", everybody(200), at("/problems/slot-taken")),
    Endpoint("bank_pages.choose", "GET", (403, 403, 200, 200, 200, SIGN_IN), at("/payments/import")),
    Endpoint("bank_pages.compare", "POST", (403, 403, 422, 422, 422, SIGN_IN), at("/payments/import/lines", {})),
    Endpoint("bank_pages.compare_address", "GET", everybody(302), at("/payments/import/lines")),
    Endpoint("bank_pages.verify", "POST", (403, 403, 302, 302, 302, SIGN_IN), at("/payments/import/verify", {})),
    Endpoint("bank_pages.verify_address", "GET", everybody(302), at("/payments/import/verify")),
    Endpoint("home.index", "GET", everybody(200), at("/")),
    Endpoint("import_pages.choose", "GET", ADMINS_ON_A_PAGE, at("/admin/import")),
    Endpoint(
        "import_pages.compare",
        "POST",
        ADMINS_ON_A_PAGE,
        at("/admin/import/lines", {"what": "people", "text": "name,email\nAda,ada@example.org"}),
    ),
    Endpoint("import_pages.compare_address", "GET", everybody(302), at("/admin/import/lines")),
    Endpoint("holiday_pages.cancel_address", "GET", everybody(302), at("/admin/holidays/1/cancel")),
    Endpoint("holiday_pages.delete_address", "GET", everybody(302), at("/admin/holidays/1/delete")),
    Endpoint("holiday_pages.overview", "GET", ADMINS_ON_A_PAGE, at("/admin/holidays")),
    Endpoint("holiday_pages.overview", "POST", STAFF_302, at("/admin/holidays", HOLIDAY)),
    Endpoint("holiday_pages.show", "GET", ADMINS_ON_A_PAGE, lambda s: (f"/admin/holidays/{_holiday(s)}", None)),
    Endpoint("holiday_pages.cancel", "POST", STAFF_302, lambda s: (f"/admin/holidays/{_holiday(s)}/cancel", {})),
    Endpoint("holiday_pages.ask_to_move", "GET", STAFF_302, lambda s: (f"/admin/holidays/{_holiday(s)}/move", None)),
    Endpoint(
        "holiday_pages.move", "POST", STAFF_302, lambda s: (f"/admin/holidays/{_holiday(s)}/move", {"moves": "999999"})
    ),
    Endpoint("holiday_pages.delete", "POST", STAFF_302, lambda s: (f"/admin/holidays/{_holiday(s)}/delete", {})),
    Endpoint("school_pages.show", "GET", (*SETTERS[:-1], SIGN_IN), at("/admin/school")),
    Endpoint("school_pages.show", "POST", (403, 403, 403, 403, 302, 403, SIGN_IN), at("/admin/school", SCHOOL)),
    # A form without a file is refused.
    Endpoint("school_pages.set_logo", "POST", (403, 403, 403, 403, 422, 403, SIGN_IN), at("/admin/school/logo", {})),
    Endpoint("school_pages.set_logo_address", "GET", everybody(302), at("/admin/school/logo")),
    Endpoint(
        "school_pages.remove_logo", "POST", (403, 403, 403, 403, 302, 403, SIGN_IN), at("/admin/school/logo/remove", {})
    ),
    Endpoint("school_pages.remove_logo_address", "GET", everybody(302), at("/admin/school/logo/remove")),
    Endpoint("school_pages.logo", "GET", everybody(404), at("/school/logo-none")),
    Endpoint("school_pages.colours", "GET", everybody(404), at("/school/colours-none.css")),
    Endpoint("account_pages.register", "GET", signed_in(302, 200), at("/register")),
    Endpoint("account_pages.register", "POST", everybody(302), lambda s: ("/register", _account(s)), ends=True),
    Endpoint("account_pages.sign_in", "GET", signed_in(302, 200), at("/sign-in")),
    Endpoint("account_pages.sign_in", "POST", everybody(302), lambda s: ("/sign-in", _credentials(s)), ends=True),
    Endpoint("account_pages.sign_out", "POST", everybody(302), at("/sign-out", {}), ends=True),
    Endpoint("profile_page.show", "GET", signed_in(200, SIGN_IN), at("/profile")),
    Endpoint(
        "profile_page.show",
        "POST",
        signed_in(302, SIGN_IN),
        lambda s: ("/profile", {"name": f"New Name{s.number()}", "time_zone": "Asia/Tokyo"}),
    ),
    Endpoint(
        "profile_page.change_password",
        "POST",
        signed_in(302, SIGN_IN),
        at("/profile/password", {"current_password": PASSWORD, "new_password": PASSWORD}),
        ends=True,
    ),
    Endpoint("two_factor_pages.enter_code", "GET", signed_in(302, SIGN_IN), at("/sign-in/code")),
    Endpoint("two_factor_pages.enter_code", "POST", signed_in(302, SIGN_IN), at("/sign-in/code", {"code": "123456"})),
    Endpoint("two_factor_pages.show", "GET", signed_in(200, SIGN_IN), at("/profile/two-factor")),
    Endpoint("two_factor_pages.begin", "POST", signed_in(422, SIGN_IN), at("/profile/two-factor/begin", {})),
    Endpoint("two_factor_pages.begin_address", "GET", everybody(302), at("/profile/two-factor/begin")),
    Endpoint("two_factor_pages.confirm", "POST", signed_in(422, SIGN_IN), at("/profile/two-factor/confirm", {})),
    Endpoint("two_factor_pages.confirm_address", "GET", everybody(302), at("/profile/two-factor/confirm")),
    Endpoint(
        "two_factor_pages.renew_recovery_codes",
        "POST",
        signed_in(422, SIGN_IN),
        at("/profile/two-factor/recovery-codes", {}),
    ),
    Endpoint(
        "two_factor_pages.renew_recovery_codes_address", "GET", everybody(302), at("/profile/two-factor/recovery-codes")
    ),
    Endpoint("two_factor_pages.turn_off", "POST", signed_in(422, SIGN_IN), at("/profile/two-factor/off", {})),
    Endpoint("two_factor_pages.turn_off_address", "GET", everybody(302), at("/profile/two-factor/off")),
    Endpoint("own_data_pages.show", "GET", signed_in(200, SIGN_IN), at("/profile/data")),
    Endpoint(
        "own_data_pages.download",
        "POST",
        signed_in(200, SIGN_IN),
        at("/profile/data/download", {"current_password": PASSWORD}),
    ),
    Endpoint("own_data_pages.download_address", "GET", everybody(302), at("/profile/data/download")),
    Endpoint("profile_page.change_address", "POST", signed_in(422, SIGN_IN), at("/profile/address", {})),
    Endpoint("by_mail_pages.forgotten_password", "GET", everybody(200), at("/forgotten-password")),
    Endpoint(
        "by_mail_pages.forgotten_password",
        "POST",
        everybody(200),
        lambda s: ("/forgotten-password", {"email": s.ben.email}),
    ),
    # A link leads on to the page without its token, and who has opened none has nothing to send.
    Endpoint("by_mail_pages.reset_password", "GET", everybody(302), at("/reset-password?token=any")),
    Endpoint("by_mail_pages.reset_password", "POST", everybody(400), at("/reset-password", {"password": PASSWORD})),
    Endpoint("by_mail_pages.confirm_email", "GET", everybody(302), at("/confirm-email?token=any")),
    Endpoint("by_mail_pages.confirm_email", "POST", everybody(400), at("/confirm-email", {})),
    Endpoint("by_mail_pages.resend_confirmation", "POST", signed_in(302, SIGN_IN), at("/confirm-email/resend", {})),
    Endpoint("profile_page.open_feed", "POST", signed_in(302, SIGN_IN), at("/profile/calendar-feed", {})),
    Endpoint("profile_page.close_feed", "POST", signed_in(302, SIGN_IN), at("/profile/calendar-feed/stop", {})),
    Endpoint("busy_pages.show", "GET", TEACHERS_ON_A_PAGE, at("/availability/calendars")),
    Endpoint(
        "busy_pages.show",
        "POST",
        (403, 403, 302, 302, 403, SIGN_IN),
        at("/availability/calendars", {"url": "https://93.184.216.34/basic.ics"}),
    ),
    Endpoint(
        "busy_pages.remove",
        "POST",
        (403, 403, 302, 302, 403, SIGN_IN),
        at("/availability/calendars/1/remove", {}),
    ),
    Endpoint("busy_pages.remove_address", "GET", everybody(302), at("/availability/calendars/1/remove")),
    Endpoint("calendar_pages.week", "GET", TEACHERS_ON_A_PAGE, at("/schedule")),
    Endpoint("calendar_pages.day", "GET", TEACHERS_ON_A_PAGE, at("/schedule/day")),
    Endpoint("calendar_pages.month", "GET", (200, 200, 200, 200, 403, SIGN_IN), at("/calendar")),
    Endpoint("account_pages.time_zone", "GET", (302, 302, 302, 302, 302, 200), at("/time-zone")),
    Endpoint("directory_pages.teachers", "GET", everybody(200), at("/teachers")),
    Endpoint("home.teacher", "GET", everybody(200), lambda s: (f"/teachers/{s.grace.id}", None)),
    Endpoint("home.teacher", "GET", everybody(404), lambda s: (f"/teachers/{s.anna.id}", None)),
    Endpoint("booking_pages.mine", "GET", signed_in(200, SIGN_IN), at("/lessons")),
    Endpoint("lesson_page.show", "GET", ITS_PEOPLE_ON_A_PAGE, on("/lessons/{}", Scene.pending)),
    Endpoint(
        "gig_page.ask",
        "POST",
        (302, 302, 403, 403, 403, SIGN_IN),
        lambda s: (f"/gigs/{s.gig()}/lessons", _wanted(s)),
    ),
    Endpoint(
        "booking_pages.change_status",
        "POST",
        (403, 404, 302, 404, 302, SIGN_IN),
        on("/lessons/{}/status", Scene.pending, {"status": "accepted"}),
    ),
    Endpoint("change_pages.move", "GET", ITS_PEOPLE_ON_A_PAGE, on("/lessons/{}/move", Scene.pending)),
    Endpoint(
        "change_pages.move",
        "POST",
        (302, 404, 302, 404, 302, SIGN_IN),
        lambda s: (f"/lessons/{s.pending()}/move", {"starts_at": s.time(), "reason": ""}),
    ),
    Endpoint(
        "change_pages.answer_move",
        "POST",
        (403, 404, 302, 404, 302, SIGN_IN),
        lambda s: (f"/lessons/{(wished := s.wished())}/move/answer", {"move": "decline", "seen": s.wish_of(wished)}),
    ),
    # Whoever was asked does not cancel, but decline.
    Endpoint(
        "change_pages.ask_to_cancel", "GET", (200, 404, 302, 404, 200, SIGN_IN), on("/lessons/{}/cancel", Scene.pending)
    ),
    Endpoint(
        "change_pages.cancel",
        "POST",
        (302, 404, 403, 404, 302, SIGN_IN),
        on("/lessons/{}/cancel", Scene.pending, {"fee_cents": "0"}),
    ),
    Endpoint(
        "change_pages.propose", "GET", (403, 404, 200, 404, 403, SIGN_IN), on("/lessons/{}/propose", Scene.completed)
    ),
    Endpoint(
        "change_pages.propose",
        "POST",
        (403, 404, 302, 404, 403, SIGN_IN),
        lambda s: (f"/lessons/{s.completed()}/propose", _wanted(s) | {"gig_id": str(s.gig()), "starts_at": "other"}),
    ),
    Endpoint(
        "lesson_page.write", "POST", (302, 404, 302, 404, 404, SIGN_IN), on(TALK, Scene.pending, {"text": "Hello"})
    ),
    Endpoint("statement_pages.show", "GET", (200, 200, 200, 200, 422, SIGN_IN), at("/statement")),
    Endpoint(
        "statement_pages.show",
        "GET",
        (200, 404, 404, 404, 200, SIGN_IN),
        lambda s: (f"/statement?user_id={s.anna.id}", None),
    ),
    Endpoint("checkout_notices.take_notice", "POST", everybody(404), at("/webhooks/stripe", {}), open=True),
    Endpoint(
        "checkout_pages.start",
        "POST",
        (404, 404, 403, 403, 403, SIGN_IN),
        on("/lessons/{}/pay-by-card", Scene.completed),
    ),
    Endpoint(
        "checkout_pages.start_package",
        "POST",
        (404, 404, 403, 403, 403, SIGN_IN),
        on("/packages/{}/pay-by-card", Scene.package),
    ),
    Endpoint("checkout_pages.start_package_address", "GET", everybody(302), at("/packages/1/pay-by-card")),
    Endpoint("checkout_pages.show", "GET", signed_in(404, SIGN_IN), at("/card-payments/1")),
    Endpoint("checkout_pages.start_address", "GET", everybody(302), at("/lessons/1/pay-by-card")),
    Endpoint("invoice_pages.mine", "GET", signed_in(200, SIGN_IN), at("/invoices")),
    Endpoint("invoice_pages.new", "GET", (403, 403, 200, 404, 403, SIGN_IN), _new_invoice),
    Endpoint("invoice_pages.new", "POST", (403, 403, 302, 404, 403, SIGN_IN), _invoice_form),
    Endpoint("invoice_pages.show", "GET", (200, 404, 200, 404, 200, SIGN_IN), on("/invoices/{}", Scene.invoice)),
    Endpoint("invoice_pages.pdf", "GET", (200, 404, 200, 404, 200, SIGN_IN), on("/invoices/{}/pdf", Scene.invoice)),
    Endpoint(
        "invoice_pages.correct",
        "POST",
        (403, 404, 302, 404, 302, SIGN_IN),
        on("/invoices/{}/corrections", Scene.invoice, CORRECTION),
    ),
    Endpoint("invoice_pages.details", "GET", (403, 403, 200, 200, 403, SIGN_IN), at("/invoices/details")),
    Endpoint("invoice_pages.details", "POST", (403, 403, 302, 302, 403, SIGN_IN), at("/invoices/details", {})),
    Endpoint("money_pages.mine", "GET", signed_in(200, SIGN_IN), at("/payments")),
    Endpoint("money_pages.show", "GET", (200, 404, 200, 404, 200, SIGN_IN), on("/payments/{}", Scene.payment)),
    Endpoint("month_pages.show", "GET", (403, 403, 200, 200, 200, SIGN_IN), at("/payments/month?month=2026-11")),
    Endpoint("money_pages.how_to_pay", "GET", (403, 403, 200, 200, 403, SIGN_IN), at("/payments/instructions")),
    Endpoint(
        "money_pages.how_to_pay",
        "POST",
        (403, 403, 302, 302, 403, SIGN_IN),
        at("/payments/instructions", {"text": "In cash."}),
    ),
    Endpoint(
        "money_pages.decide",
        "POST",
        (403, 404, 302, 404, 302, SIGN_IN),
        on("/payments/{}/decide", Scene.payment, {"status": "verified"}),
    ),
    Endpoint(
        "money_pages.refund",
        "POST",
        (403, 404, 302, 404, 302, SIGN_IN),
        on("/payments/{}/refund", Scene.verified_payment, {"amount": "1", "reason": "It was shorter."}),
    ),
    Endpoint(
        "money_pages.hand_in_proof",
        "POST",
        (422, 404, 403, 404, 403, SIGN_IN),
        on("/payments/{}/proof", Scene.payment, {}),
    ),
    Endpoint("package_pages.mine", "GET", signed_in(200, SIGN_IN), at("/packages")),
    Endpoint("package_pages.show", "GET", (200, 404, 200, 404, 200, SIGN_IN), on("/packages/{}", Scene.package)),
    Endpoint(
        "package_pages.answer",
        "POST",
        (403, 404, 302, 404, 302, SIGN_IN),
        on("/packages/{}/answer", Scene.package, {"status": "paid"}),
    ),
    Endpoint(
        "package_pages.close",
        "POST",
        (403, 404, 302, 404, 302, SIGN_IN),
        on("/packages/{}/close", Scene.paid_package, {"reason": "We end here.", "refunded": "10"}),
    ),
    Endpoint(
        "package_pages.pay_back",
        "POST",
        (403, 404, 302, 404, 302, SIGN_IN),
        on("/packages/{}/refunds", Scene.paid_package, {"lessons": "2", "reason": "You move away."}),
    ),
    Endpoint(
        "package_pages.order",
        "POST",
        (302, 302, 403, 403, 403, SIGN_IN),
        lambda s: (f"{_offer_address(s).removeprefix('/api')}/order", {}),
    ),
    Endpoint("package_pages.offers", "GET", (403, 403, 200, 403, 200, SIGN_IN), on("/gigs/{}/packages", Scene.gig)),
    Endpoint(
        "package_pages.offers",
        "POST",
        (403, 403, 302, 403, 302, SIGN_IN),
        on("/gigs/{}/packages", Scene.gig, {"lessons": "10", "price": "270"}),
    ),
    Endpoint(
        "package_pages.withdraw",
        "POST",
        (403, 403, 302, 403, 302, SIGN_IN),
        lambda s: (f"{_offer_address(s).removeprefix('/api')}/withdraw", {}),
    ),
    *[
        Endpoint(f"package_pages.{name}_address", "GET", everybody(302), at(path))
        for name, path in (
            ("answer", "/packages/1/answer"),
            ("close", "/packages/1/close"),
            ("pay_back", "/packages/1/refunds"),
            ("order", "/gigs/1/packages/1/order"),
            ("withdraw", "/gigs/1/packages/1/withdraw"),
        )
    ],
    Endpoint(
        "lesson_money_pages.show",
        "GET",
        (200, 404, 200, 404, 200, SIGN_IN),
        on("/lessons/{}/payments", Scene.completed),
    ),
    Endpoint(
        "lesson_money_pages.report",
        "POST",
        (302, 404, 302, 404, 403, SIGN_IN),
        lambda s: _lessons_money(s, "report"),
    ),
    Endpoint("lesson_money_pages.use_credit", "POST", (302, 404, 302, 404, 403, SIGN_IN), lambda s: (_credit(s), {})),
    Endpoint(
        "lesson_money_pages.waive",
        "POST",
        (403, 404, 302, 404, 302, SIGN_IN),
        on("/lessons/{}/payments/waive", Scene.absent, {"waive-amount": "1", "waive-reason": "You were ill."}),
    ),
    *[
        Endpoint(f"{name}_address", "GET", everybody(302), at(f"/{path}"))
        for name, path in (
            ("money_pages.decide", "payments/1/decide"),
            ("money_pages.refund", "payments/1/refund"),
            ("money_pages.hand_in_proof", "payments/1/proof"),
            ("lesson_money_pages.report", "lessons/1/payments/report"),
            ("lesson_money_pages.use_credit", "lessons/1/payments/credit"),
            ("lesson_money_pages.waive", "lessons/1/payments/waive"),
        )
    ],
    Endpoint("cache_pages.show", "GET", ADMINS_ON_A_PAGE, at("/admin/cache")),
    *[
        endpoint
        for name in ("clear", "warm")
        for endpoint in (
            Endpoint(f"cache_pages.{name}", "POST", SETTERS_302, at(f"/admin/cache/{name}", {})),
            Endpoint(f"cache_pages.{name}_address", "GET", everybody(302), at(f"/admin/cache/{name}")),
        )
    ],
    Endpoint("admin_pages.overview", "GET", ADMINS_ON_A_PAGE, at("/admin")),
    Endpoint("all_gigs_pages.overview", "GET", ADMINS_ON_A_PAGE, at("/admin/gigs")),
    Endpoint("admin_lesson_pages.listed", "GET", ADMINS_ON_A_PAGE, at("/admin/lessons")),
    Endpoint("admin_payment_pages.listed_payments", "GET", ADMINS_ON_A_PAGE, at("/admin/payments")),
    Endpoint("admin_application_pages.listed_applications", "GET", ADMINS_ON_A_PAGE, at("/admin/applications")),
    *[
        endpoint
        for name, path in (("set_featured", "feature"), ("move", "place"), ("archive", "archive"))
        for endpoint in (
            Endpoint(f"all_gigs_pages.{name}", "POST", STAFF_302, on(f"/admin/gigs/{{}}/{path}", Scene.gig, {})),
            Endpoint(f"all_gigs_pages.{name}_address", "GET", everybody(302), at(f"/admin/gigs/1/{path}")),
        )
    ],
    Endpoint("mail_pages.overview", "GET", ADMINS_ON_A_PAGE, at("/admin/mail")),
    Endpoint("job_pages.overview", "GET", ADMINS_ON_A_PAGE, at("/admin/jobs")),
    Endpoint("job_pages.retry", "POST", STAFF_302, on("/admin/jobs/{}/retry", Scene.dead_job, {})),
    Endpoint("job_pages.retry_address", "GET", everybody(302), at("/admin/jobs/1/retry")),
    Endpoint("job_pages.forget", "POST", STAFF_302, on("/admin/jobs/{}/forget", Scene.dead_job, {})),
    Endpoint("job_pages.forget_address", "GET", everybody(302), at("/admin/jobs/1/forget")),
    Endpoint("job_pages.retry_dead", "POST", STAFF_302, at("/admin/jobs/retry-dead", {})),
    Endpoint("job_pages.retry_dead_address", "GET", everybody(302), at("/admin/jobs/retry-dead")),
    Endpoint("teaching_pages.show", "GET", (403, 403, 200, 200, 403, SIGN_IN), at("/teaching")),
    Endpoint(
        "teaching_pages.show",
        "POST",
        (403, 403, 302, 302, 403, SIGN_IN),
        lambda s: ("/teaching", _asks_to_teach(s)[1]),
    ),
    Endpoint("admin_teaching_pages.overview", "GET", ADMINS_ON_A_PAGE, at("/admin/teachers")),
    Endpoint(
        "admin_teaching_pages.decide",
        "POST",
        STAFF_302,
        lambda s: (f"/admin/teachers/{_asking_teacher(s)}/decide", {"status": "approved"}),
    ),
    Endpoint("admin_teaching_pages.decide_address", "GET", everybody(302), at("/admin/teachers/1/decide")),
    Endpoint("admin_invitation_pages.overview", "GET", ADMINS_ON_A_PAGE, at("/admin/invitations")),
    Endpoint(
        "admin_invitation_pages.overview",
        "POST",
        STAFF_302,
        lambda s: ("/admin/invitations", {"email": f"new{s.number()}@example.org", "role": "student"}),
    ),
    *[
        endpoint
        for name in ("resend", "withdraw")
        for endpoint in (
            Endpoint(
                f"admin_invitation_pages.{name}",
                "POST",
                STAFF_302,
                on(f"/admin/invitations/{{}}/{name}", Scene.school_invitation, {}),
            ),
            Endpoint(
                f"admin_invitation_pages.{name}_address", "GET", everybody(302), at(f"/admin/invitations/1/{name}")
            ),
        )
    ],
    Endpoint("join_pages.join", "GET", everybody(302), at("/join?token=any")),
    # The token is kept by the page before.
    Endpoint("join_pages.join", "POST", everybody(400), at("/join", NEWCOMER)),
    Endpoint("people_pages.listed", "GET", ADMINS_ON_A_PAGE, at("/admin/people?q=an")),
    Endpoint("people_pages.duplicates", "GET", ADMINS_ON_A_PAGE, at("/admin/people/duplicates")),
    Endpoint("people_pages.show", "GET", ADMINS_ON_A_PAGE, lambda s: (f"/admin/people/{s.olga.id}", None)),
    *[
        endpoint
        for name, path, expected, form in (
            ("set_role", "role", (403, 403, 403, 403, 302, 403, SIGN_IN), {"role": "teacher"}),
            ("set_active", "active", (403, 403, 403, 403, 302, SIGN_IN), {"active": "true"}),
            ("sign_out", "sign-out", (403, 403, 403, 403, 302, SIGN_IN), {}),
            ("send_reset", "password-reset", (403, 403, 403, 403, 302, SIGN_IN), {}),
            ("take_two_factor_off", "two-factor-off", (403, 403, 403, 403, 404, SIGN_IN), {}),
        )
        for endpoint in (
            Endpoint(
                f"people_pages.{name}",
                "POST",
                expected,
                on(f"/admin/people/{{}}/{path}", _stranger, form),
            ),
            Endpoint(f"people_pages.{name}_address", "GET", everybody(302), at(f"/admin/people/1/{path}")),
        )
    ],
    Endpoint("audit_pages.show", "GET", SETTERS_ON_A_PAGE, at("/admin/audit")),
    Endpoint("webhook_pages.overview", "GET", ADMINS_ON_A_PAGE, at("/webhooks")),
    Endpoint("webhook_pages.new", "GET", SETTERS_ON_A_PAGE, at("/webhooks/new")),
    Endpoint("webhook_pages.new", "POST", SETTERS_302, at("/webhooks/new", WEBHOOK)),
    Endpoint("webhook_pages.show", "GET", ADMINS_ON_A_PAGE, on("/webhooks/{}", Scene.webhook)),
    Endpoint("webhook_pages.edit", "GET", SETTERS_ON_A_PAGE, on("/webhooks/{}/edit", Scene.webhook)),
    Endpoint("webhook_pages.edit", "POST", SETTERS_302, on("/webhooks/{}/edit", Scene.webhook, WEBHOOK)),
    *[
        Endpoint(f"webhook_pages.{name}", "POST", SETTERS_302, on(f"/webhooks/{{}}/{path}", Scene.webhook, {}))
        for name, path in (("switch", "switch"), ("test", "test"), ("rotate", "secret"), ("delete", "delete"))
    ],
    Endpoint("webhook_pages.replay", "POST", SETTERS_302, on("/webhooks/deliveries/{}/replay", Scene.delivery, {})),
    *[
        Endpoint(f"webhook_pages.{name}_address", "GET", everybody(302), at(f"/webhooks/{path}"))
        for name, path in (
            ("switch", "1/switch"),
            ("test", "1/test"),
            ("rotate", "1/secret"),
            ("delete", "1/delete"),
            ("replay", "deliveries/1/replay"),
        )
    ],
    Endpoint("student_pages.mine", "GET", (403, 403, 200, 200, 200, SIGN_IN), at("/students")),
    Endpoint("student_pages.show", "GET", (403, 403, 200, 404, 200, SIGN_IN), on("/students/{}", _student)),
    Endpoint(
        "student_pages.write_note",
        "POST",
        (403, 403, 302, 404, 403, SIGN_IN),
        on("/students/{}/notes", _student, {"text": "Listens well.", "readers": "private"}),
    ),
    Endpoint(
        "student_pages.change_note",
        "POST",
        (403, 403, 302, 404, 403, SIGN_IN),
        lambda s: (_note_page(s), {"text": "Listens.", "readers": "shared"}),
    ),
    Endpoint(
        "student_pages.delete_note",
        "POST",
        (403, 403, 302, 404, 403, SIGN_IN),
        lambda s: (f"{_note_page(s)}/delete", {}),
    ),
    Endpoint("gig_pages.search", "GET", everybody(200), at("/gigs")),
    Endpoint("gig_page.show", "GET", everybody(200), on("/gigs/{}", Scene.gig)),
    Endpoint("gig_page.show", "GET", (404, 404, 200, 404, 200, 404), on("/gigs/{}", _draft)),
    Endpoint("embed_pages.gig", "GET", everybody(200), on("/embed/gigs/{}", Scene.gig), open=True),
    Endpoint("embed_pages.gig", "GET", everybody(404), on("/embed/gigs/{}", _draft)),
    Endpoint("gig_pages.mine", "GET", TEACHERS_ON_A_PAGE, at("/gigs/mine")),
    Endpoint("gig_pages.new", "GET", TEACHERS_ON_A_PAGE, at("/gigs/new")),
    Endpoint("gig_pages.new", "POST", (403, 403, 302, 302, 403, SIGN_IN), at("/gigs/new", GIG_FORM)),
    Endpoint("gig_pages.edit", "GET", (403, 403, 200, 403, 200, SIGN_IN), on("/gigs/{}/edit", Scene.gig)),
    Endpoint("gig_pages.edit", "GET", (404, 404, 200, 404, 200, SIGN_IN), on("/gigs/{}/edit", _draft)),
    Endpoint("gig_pages.edit", "POST", ITS_TEACHER_ON_A_PAGE, on("/gigs/{}/edit", Scene.gig, GIG_FORM)),
    Endpoint(
        "gig_pages.edit", "POST", ITS_TEACHER_ON_A_PAGE, on("/gigs/{}/edit", Scene.gig, GIG_FORM | {"then": "paused"})
    ),
    Endpoint("gig_pages.recent", "GET", signed_in(200, SIGN_IN), at("/gigs/recent")),
    Endpoint("gig_pages.forget", "POST", signed_in(302, SIGN_IN), at("/gigs/recent/forget", {"what": "views"})),
    Endpoint("gig_pages.forget_address", "GET", everybody(302), at("/gigs/recent/forget")),
    Endpoint("statistics_pages.gig", "GET", (403, 403, 200, 403, 200, SIGN_IN), on("/gigs/{}/statistics", Scene.gig)),
    Endpoint("report_pages.show", "GET", (403, 403, 200, 200, 200, SIGN_IN), at("/reports?period=week")),
    Endpoint(
        "report_pages.teacher",
        "GET",
        (403, 403, 403, 403, 200, SIGN_IN),
        lambda scene: (f"/reports/teachers/{scene.grace.id}", None),
    ),
    Endpoint("chart_pages.show", "GET", (403, 403, 403, 403, 200, SIGN_IN), at("/reports/analytics?subject=revenue")),
    Endpoint("chart_pages.day", "GET", (403, 403, 403, 403, 200, SIGN_IN), at("/reports/daily")),
    Endpoint("report_pages.board", "GET", signed_in(200, SIGN_IN), at("/reports/leaderboards/teachers")),
    Endpoint(
        "report_pages.join", "POST", (302, 302, 302, 302, 403, SIGN_IN), at("/reports/leaderboards/me", {"seen": "no"})
    ),
    Endpoint("report_pages.join_address", "GET", everybody(302), at("/reports/leaderboards/me")),
    Endpoint("statistics_pages.mine", "GET", TEACHERS_ON_A_PAGE, at("/statistics")),
    Endpoint("gig_pages.discard_typed", "POST", ITS_TEACHER_ON_A_PAGE, on("/gigs/{}/edit/discard", _typed, {})),
    Endpoint("gig_pages.discard_typed_address", "GET", everybody(302), on("/gigs/{}/edit/discard", Scene.gig)),
    Endpoint("gig_pages.discard_new", "POST", (403, 403, 302, 302, 403, SIGN_IN), at("/gigs/new/discard", {})),
    Endpoint("gig_pages.discard_new_address", "GET", everybody(302), at("/gigs/new/discard")),
    Endpoint("schedule_pages.availability", "GET", TEACHERS_ON_A_PAGE, at("/availability")),
    Endpoint(
        "schedule_pages.availability",
        "POST",
        (403, 403, 302, 302, 403, SIGN_IN),
        at("/availability", {"mode": "hours", "notice_unit": "60", "monday-start": "09:00", "monday-end": "17:00"}),
    ),
    Endpoint(
        "schedule_pages.add_schedule", "POST", (403, 403, 302, 302, 403, SIGN_IN), at("/availability/schedules", {})
    ),
    Endpoint(
        "schedule_pages.delete_schedule",
        "POST",
        ITS_OWNER_ON_A_PAGE,
        on("/availability/schedules/{}/delete", Scene.schedule, {}),
    ),
    Endpoint("schedule_pages.first_hours", "GET", (403, 403, 302, 404, 403, SIGN_IN), on("/gigs/{}/hours", Scene.gig)),
    Endpoint(
        "schedule_pages.first_hours", "POST", (403, 403, 302, 404, 403, SIGN_IN), on("/gigs/{}/hours", Scene.gig, {})
    ),
    Endpoint(
        "many_pages.change",
        "POST",
        signed_in(302, SIGN_IN),
        lambda s: ("/lessons/many", {"ids": str(s.pending()), "status": "accepted"}),
    ),
    # Emil has nothing on that day, and is led back to it.
    Endpoint("many_pages.ask_to_move", "GET", (403, 403, 302, 302, 403, SIGN_IN), at("/availability/outside/move")),
    Endpoint(
        "many_pages.move",
        "POST",
        (403, 403, 302, 302, 403, SIGN_IN),
        lambda _: ("/availability/outside/move", {"moves": "1"}),
    ),
    Endpoint(
        "many_pages.ask_to_cancel_day",
        "GET",
        (403, 403, 200, 302, 403, SIGN_IN),
        lambda s: (f"/schedule/day/cancel?date={s.day_of(s.pending())}", None),
    ),
    Endpoint(
        "many_pages.cancel_day",
        "POST",
        (403, 403, 302, 302, 403, SIGN_IN),
        lambda s: (f"/schedule/day/cancel?date={s.day_of(number := s.pending(s.day_alone()))}", {"ids": str(number)}),
    ),
    Endpoint(
        "many_pages.end",
        "POST",
        (403, 403, 302, 302, 403, SIGN_IN),
        lambda s: ("/lessons/end", {"ids": str(s.pending())}),
    ),
    Endpoint("entering_pages.enter", "GET", (403, 403, 200, 200, 200, SIGN_IN), at("/lessons/enter")),
    Endpoint(
        "entering_pages.enter",
        "POST",
        # Emil has no gig to choose.
        (403, 403, 302, 422, 302, SIGN_IN),
        lambda s: ("/lessons/enter", _entry(s)),
    ),
    Endpoint("entering_pages.block", "POST", (403, 403, 302, 302, 403, SIGN_IN), at("/schedule/block", BLOCK)),
    Endpoint(
        "entering_pages.unblock",
        "POST",
        (403, 403, 302, 404, 403, SIGN_IN),
        on("/schedule/block/{}/delete", Scene.block, {}),
    ),
    Endpoint("invitation_pages.show", "GET", signed_in(200, SIGN_IN), at("/invitation")),
    Endpoint("invitation_pages.show", "POST", signed_in(200, SIGN_IN), at("/invitation", {})),
    Endpoint(
        "invitation_pages.answer",
        "POST",
        (302, 404, 404, 404, 404, SIGN_IN),
        on("/invitation/{}", Scene.invitation, {"answer": "no"}),
    ),
    Endpoint("series_pages.preview", "GET", (200, 200, 403, 403, 403, SIGN_IN), lambda s: (_series_page(s), None)),
    Endpoint("series_pages.book", "POST", (302, 302, 403, 403, 403, SIGN_IN), _series_form),
    Endpoint(
        "series_pages.change",
        "POST",
        (403, 404, 302, 404, 302, SIGN_IN),
        on("/lessons/{}/series", Scene.series, {"status": "accepted"}),
    ),
    Endpoint(
        "session_pages.timetable",
        "GET",
        (403, 403, 200, 403, 200, SIGN_IN),
        on("/gigs/{}/timetable", Scene.choir),
    ),
    Endpoint(
        "session_pages.timetable",
        "POST",
        (403, 403, 422, 403, 422, SIGN_IN),
        on("/gigs/{}/timetable", Scene.choir, {}),
    ),
    Endpoint("session_pages.show", "GET", (403, 403, 200, 403, 200, SIGN_IN), on("/sessions/{}", Scene.session)),
    Endpoint("session_pages.move", "GET", (403, 403, 200, 403, 200, SIGN_IN), on("/sessions/{}/move", Scene.session)),
    Endpoint(
        "session_pages.move", "POST", (403, 403, 422, 403, 422, SIGN_IN), on("/sessions/{}/move", Scene.session, {})
    ),
    Endpoint(
        "session_pages.cancel", "POST", (403, 403, 302, 403, 302, SIGN_IN), on("/sessions/{}/cancel", Scene.session, {})
    ),
    Endpoint(
        "session_pages.hold", "POST", (403, 403, 302, 403, 302, SIGN_IN), on("/sessions/{}/held", Scene.session, {})
    ),
    Endpoint(
        "session_pages.resize",
        "POST",
        (403, 403, 302, 403, 302, SIGN_IN),
        on("/sessions/{}/places", Scene.session, {"capacity": "6"}),
    ),
    Endpoint(
        "session_pages.relocate",
        "POST",
        (403, 403, 302, 403, 302, SIGN_IN),
        on("/sessions/{}/place", Scene.session, {"location": "Room 5"}),
    ),
    Endpoint("session_pages.relocate_address", "GET", everybody(302), at("/sessions/1/place")),
    Endpoint("session_pages.cancel_address", "GET", everybody(302), at("/sessions/1/cancel")),
    Endpoint("session_pages.hold_address", "GET", everybody(302), at("/sessions/1/held")),
    Endpoint("session_pages.resize_address", "GET", everybody(302), at("/sessions/1/places")),
    Endpoint(
        "waitlist_pages.full_times", "GET", (200, 200, 200, 403, 200, SIGN_IN), on("/gigs/{}/waitlist", Scene.gig)
    ),
    Endpoint(
        "waitlist_pages.join",
        "POST",
        (302, 302, 403, 403, 403, SIGN_IN),
        _full_form,
    ),
    Endpoint("wish_pages.leave", "POST", signed_in(404, SIGN_IN), at("/wishes/999/leave", {})),
    # Without a day of the week it is not accepted, and the page shows what was typed.
    Endpoint("wish_pages.make", "POST", (422, 422, 403, 403, 403, SIGN_IN), on("/gigs/{}/wish", Scene.gig, {})),
    Endpoint("wish_pages.leave_address", "GET", everybody(302), at("/wishes/1/leave")),
    Endpoint("wish_pages.make_address", "GET", everybody(302), on("/gigs/{}/wish", Scene.gig)),
    Endpoint(
        "waitlist_pages.leave", "POST", (302, 404, 404, 404, 404, SIGN_IN), on("/waitlist/{}/leave", Scene.waiting, {})
    ),
    Endpoint(
        "waitlist_pages.accept",
        "POST",
        (302, 404, 404, 404, 404, SIGN_IN),
        lambda s: (f"/lessons/{s.kept()}/offer", {}),
    ),
    Endpoint("notification_pages.show", "GET", signed_in(200, SIGN_IN), at("/notifications")),
    Endpoint(
        "notification_pages.open_one",
        "POST",
        (302, 404, 404, 404, 404, SIGN_IN),
        on("/notifications/{}/open", Scene.notification, {}),
    ),
    Endpoint("notification_pages.read_all", "POST", signed_in(302, SIGN_IN), at("/notifications/read-all", {})),
    Endpoint("notification_pages.settings", "GET", signed_in(200, SIGN_IN), at("/notifications/settings")),
    Endpoint(
        "notification_pages.settings",
        "POST",
        signed_in(302, SIGN_IN),
        at("/notifications/settings", {"digest": "daily", "mail": "lesson-moved", "reminders": "60"}),
    ),
    Endpoint("unsubscribing.ask_to_stop", "GET", everybody(200), lambda s: (_unsubscribe(s), None)),
    # Mailbox providers send it (RFC 8058), without a token of a form.
    Endpoint("unsubscribing.stop", "POST", everybody(200), lambda s: (_unsubscribe(s), {}), open=True),
    Endpoint("review_pages.mine", "GET", TEACHERS_ON_A_PAGE, at("/reviews")),
    Endpoint("moderation_pages.overview", "GET", ADMINS_ON_A_PAGE, at("/admin/reviews")),
    *[
        endpoint
        for name in ("hide", "restore")
        for endpoint in (
            Endpoint(
                f"moderation_pages.{name}",
                "POST",
                STAFF_302,
                on(f"/admin/reviews/{{}}/{name}", Scene.review, {"reason": "It names a pupil."}),
            ),
            Endpoint(f"moderation_pages.{name}_address", "GET", everybody(302), at(f"/admin/reviews/1/{name}")),
        )
    ],
    Endpoint(
        "review_pages.new",
        "GET",
        (200, 404, 403, 403, 403, SIGN_IN),
        on("/lessons/{}/review", Scene.completed),
    ),
    Endpoint(
        "review_pages.new",
        "POST",
        (302, 404, 403, 403, 403, SIGN_IN),
        on("/lessons/{}/review", Scene.completed, {"rating": "5", "comment": ""}),
    ),
    Endpoint(
        "review_pages.mark_read", "POST", (403, 403, 302, 403, 403, SIGN_IN), on("/reviews/{}/read", Scene.review, {})
    ),
    Endpoint(
        "review_pages.reply",
        "POST",
        (403, 403, 302, 403, 403, SIGN_IN),
        on("/reviews/{}/reply", Scene.review, {"reply": "Thank you"}),
    ),
    Endpoint("application_pages.mine", "GET", signed_in(200, SIGN_IN), at("/applications")),
    Endpoint(
        "application_pages.apply",
        "POST",
        (302, 302, 403, 403, 403, SIGN_IN),
        on("/gigs/{}/apply", Scene.course, MESSAGE),
    ),
    Endpoint(
        "application_pages.decide",
        "POST",
        (403, 404, 302, 404, 302, SIGN_IN),
        lambda s: ("/applications/decide", {"ids": s.application(), "status": "accepted"}),
    ),
    Endpoint("course_pages.mine", "GET", signed_in(200, SIGN_IN), at("/courses")),
    Endpoint("course_pages.show", "GET", (200, 404, 200, 404, 200, SIGN_IN), on("/courses/{}", Scene.assignment)),
    Endpoint(
        "course_pages.end", "POST", (302, 404, 302, 404, 403, SIGN_IN), on("/courses/{}/end", Scene.assignment, DROPPED)
    ),
    Endpoint("task_pages.mine", "GET", signed_in(200, SIGN_IN), at("/tasks")),
    Endpoint("task_pages.show", "GET", (200, 404, 200, 404, 200, SIGN_IN), on("/tasks/{}", Scene.task)),
    Endpoint("task_pages.new", "GET", (403, 404, 200, 404, 403, SIGN_IN), on("/courses/{}/tasks", Scene.assignment)),
    Endpoint(
        "task_pages.set_task",
        "POST",
        (403, 404, 302, 404, 403, SIGN_IN),
        on("/courses/{}/tasks", Scene.assignment, TASK),
    ),
    Endpoint("task_pages.new_for_all", "GET", (403, 403, 200, 404, 403, SIGN_IN), on("/gigs/{}/tasks", Scene.course)),
    Endpoint(
        "task_pages.set_for_all",
        "POST",
        (403, 403, 302, 404, 403, SIGN_IN),
        on("/gigs/{}/tasks", Scene.running_course, TASK),
    ),
    Endpoint("task_pages.change", "POST", (403, 404, 302, 404, 403, SIGN_IN), on("/tasks/{}/change", Scene.task, TASK)),
    Endpoint("task_pages.delete", "POST", (403, 404, 302, 404, 403, SIGN_IN), on("/tasks/{}/delete", Scene.task, {})),
    Endpoint(
        "task_pages.hand_in",
        "POST",
        (302, 404, 403, 404, 403, SIGN_IN),
        on("/tasks/{}/submissions", Scene.task, {"text": "Here it is."}),
    ),
    Endpoint(
        "task_pages.review",
        "POST",
        (403, 404, 302, 404, 403, SIGN_IN),
        lambda s: (s.review_address(), {"status": "approved", "feedback": "Lovely."}),
    ),
    # The addresses of forms lead to their pages, whoever asks.
    Endpoint("application_pages.apply_address", "GET", everybody(302), on("/gigs/{}/apply", Scene.course)),
    Endpoint("application_pages.decide_address", "GET", everybody(302), at("/applications/decide")),
    Endpoint("course_pages.end_address", "GET", everybody(302), at("/courses/1/end")),
    Endpoint("task_pages.change_address", "GET", everybody(302), at("/tasks/1/change")),
    Endpoint("task_pages.delete_address", "GET", everybody(302), at("/tasks/1/delete")),
    Endpoint("task_pages.hand_in_address", "GET", everybody(302), at("/tasks/1/submissions")),
    Endpoint("task_pages.review_address", "GET", everybody(302), at("/tasks/1/submissions/1/review")),
    Endpoint("account_pages.sign_out_address", "GET", everybody(302), at("/sign-out")),
    Endpoint("profile_page.change_password_address", "GET", everybody(302), at("/profile/password")),
    Endpoint("profile_page.change_address_address", "GET", everybody(302), at("/profile/address")),
    Endpoint("by_mail_pages.resend_confirmation_address", "GET", everybody(302), at("/confirm-email/resend")),
    Endpoint("profile_page.open_feed_address", "GET", everybody(302), at("/profile/calendar-feed")),
    Endpoint("profile_page.close_feed_address", "GET", everybody(302), at("/profile/calendar-feed/stop")),
    Endpoint("gig_page.ask_address", "GET", everybody(302), on("/gigs/{}/lessons", Scene.gig)),
    Endpoint("booking_pages.change_status_address", "GET", everybody(302), on("/lessons/{}/status", Scene.pending)),
    Endpoint("invitation_pages.answer_address", "GET", everybody(302), at("/invitation/1")),
    Endpoint("entering_pages.block_address", "GET", everybody(302), at("/schedule/block")),
    Endpoint("entering_pages.unblock_address", "GET", everybody(302), at("/schedule/block/1/delete")),
    Endpoint("many_pages.end_address", "GET", everybody(302), at("/lessons/end")),
    Endpoint("many_pages.change_address", "GET", everybody(302), at("/lessons/many")),
    Endpoint("change_pages.answer_move_address", "GET", everybody(302), on("/lessons/{}/move/answer", Scene.pending)),
    Endpoint("series_pages.change_address", "GET", everybody(302), on("/lessons/{}/series", Scene.pending)),
    Endpoint("waitlist_pages.leave_address", "GET", everybody(302), at("/waitlist/1/leave")),
    Endpoint("waitlist_pages.accept_address", "GET", everybody(302), on("/lessons/{}/offer", Scene.pending)),
    Endpoint("lesson_page.write_address", "GET", everybody(302), on(TALK, Scene.pending)),
    Endpoint("invoice_pages.correct_address", "GET", everybody(302), at("/invoices/1/corrections")),
    Endpoint("student_pages.write_note_address", "GET", everybody(302), at("/students/1/notes")),
    Endpoint("student_pages.change_note_address", "GET", everybody(302), at("/students/1/notes/1")),
    Endpoint("student_pages.delete_note_address", "GET", everybody(302), at("/students/1/notes/1/delete")),
    Endpoint("review_pages.mark_read_address", "GET", everybody(302), at("/reviews/1/read")),
    Endpoint("notification_pages.open_one_address", "GET", everybody(302), at("/notifications/1/open")),
    Endpoint("notification_pages.read_all_address", "GET", everybody(302), at("/notifications/read-all")),
    Endpoint("review_pages.reply_address", "GET", everybody(302), at("/reviews/1/reply")),
]
