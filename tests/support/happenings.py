"""Everything that makes a cached read old: what happens, and who does it.

Most are rows of the endpoints' table, sent by one of the actors who may. `tests/test_cascade.py` lets each of them
happen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyotp

from bookings.moves.service import lapse_due
from bookings.popularity import refresh_popularity
from bookings.service import expire_due
from gigs.traces import notebook
from tests.support.endpoints import API, APPLICATION, Endpoint, Make, on
from tests.support.scene import Askers, Scene
from tests.support.world import PASSWORD


@dataclass(frozen=True)
class Happening:
    """What is about to happen, and the address that it is about, if it has one."""

    happen: Callable[[], object]
    path: str = ""


# Make what is needed for it, and return what then happens.
Prepare = Callable[[Scene, Askers], Happening]


# The endpoints of which a row is an event.
SENT: set[str] = set()


def sent(name: str, actor: str, *, row: int = 0) -> Prepare:
    """One of the rows that the endpoints' table has for this endpoint, the first one unless told otherwise."""
    SENT.add(name)
    endpoint = [endpoint for endpoint in API if endpoint.name == name][row]
    return _request(endpoint.method, endpoint.make, actor, endpoint)


def asked(method: str, make: Make, actor: str) -> Prepare:
    """A request that the endpoints' table does not have."""
    return _request(method, make, actor, None)


def _request(method: str, make: Make, actor: str, endpoint: Endpoint | None) -> Prepare:
    def prepare(scene: Scene, askers: Askers) -> Happening:
        path, body = make(scene)
        asker = askers[actor]

        def happen() -> None:
            answer = asker.ask(method, path, json=body)
            expected = {endpoint.statuses()[actor]} if endpoint else {200, 201, 204}
            assert answer.status_code in expected, (method, path, answer.text)
            if endpoint and endpoint.ends:
                askers.forget(actor)

        return Happening(happen, path)

    return prepare


def noted(make: Make) -> Prepare:
    """Something that Anna looks at, which is written down a moment later."""

    def prepare(scene: Scene, askers: Askers) -> Happening:
        path, _ = make(scene)
        asker = askers["anna"]

        def happen() -> None:
            assert asker.ask("GET", path).status_code == 200
            with scene.app.app_context():
                notebook.write_down()

        return Happening(happen, path)

    return prepare


def operator(name: str, person: str, *rest: str) -> Prepare:
    """A command about the account of a student with a lesson, which an operator enters."""

    def prepare(scene: Scene, _: Askers) -> Happening:
        student = scene.world.sign_in({"olga": scene.olga, **scene.people}[person])
        scene.world.booking(student, {"id": scene.gig()}, starts_at=scene.time())
        return Happening(lambda: scene.world.operator("accounts", name, student.email, *rest))

    return prepare


def later(run: Callable[[Any], object], make: Callable[[Scene], int], **passes: float) -> Prepare:
    """Periodic work, after something was made and time has passed."""

    def prepare(scene: Scene, _: Askers) -> Happening:
        make(scene)
        now = scene.world.clock() + timedelta(**passes)

        def happen() -> None:
            with scene.app.app_context():
                run(now)

        return Happening(happen)

    return prepare


def on_lesson(make: Callable[[Scene], int], actor: str, **body: object) -> Prepare:
    return asked("PATCH", on("/api/bookings/{}", make, body), actor)


def _own_search(scene: Scene, askers: Askers) -> Happening:
    asker = askers["anna"]
    noted(lambda _: ("/api/gigs?q=violin", None))(scene, askers).happen()
    search_id = asker.ask("GET", "/api/gigs/search-history").json["data"][0]["id"]
    return asked("DELETE", lambda _: (f"/api/gigs/search-history/{search_id}", None), "anna")(scene, askers)


def _first_code(scene: Scene, askers: Askers) -> Happening:
    asker = askers["emil"]
    key = asker.ask("POST", "/api/users/me/two-factor", json={"current_password": PASSWORD}).json["secret"]
    code = {"code": pyotp.TOTP(key).at(scene.world.clock())}
    return asked("POST", lambda _: ("/api/users/me/two-factor/confirm", code), "emil")(scene, askers)


def _own_wish(scene: Scene, askers: Askers) -> Happening:
    make_wish = sent("wishes.make_wish", "anna")(scene, askers)
    make_wish.happen()
    wish_id = askers["anna"].ask("GET", "/api/wishes").json["data"][0]["id"]
    return asked("DELETE", lambda _: (f"/api/wishes/{wish_id}", None), "anna")(scene, askers)


def _accepted(scene: Scene) -> int:
    lesson_id = scene.pending()
    assert scene.grace.patch(f"/api/bookings/{lesson_id}", {"status": "accepted"}).status_code == 200
    return lesson_id


def _approved(scene: Scene) -> int:
    """A teacher who has published a gig."""
    teacher = scene.world.teacher()
    scene.world.gig(teacher)
    return teacher.id


def _hidden(scene: Scene) -> int:
    gig_id = scene.gig()
    assert scene.grace.post(f"/api/gigs/{gig_id}/visibility", {"visibility": "private"}).status_code == 200
    return gig_id


EVENTS: dict[str, Prepare] = {
    # Gigs.
    "a gig is written": sent("gigs.create_gig", "grace"),
    "a draft is changed": sent("gigs.edit_gig", "grace", row=1),
    "a published gig is changed": sent("gigs.edit_gig", "grace"),
    "a gig is published": sent("gigs.set_gig_status", "grace", row=1),
    "a gig is paused": sent("gigs.set_gig_status", "grace"),
    "a gig is archived": sent("gigs.archive_gig", "grace"),
    "a published gig is hidden": sent("gigs.set_gig_visibility", "grace"),
    "a hidden gig is shown again": asked(
        "POST", on("/api/gigs/{}/visibility", _hidden, {"visibility": "public"}), "grace"
    ),
    "something is typed about a gig": sent("drafts.save_autosave", "grace"),
    "what was typed about a gig is discarded": sent("drafts.delete_autosave", "grace"),
    "something is typed about a new gig": sent("drafts.save_new_autosave", "emil"),
    "what was typed about a new gig is discarded": sent("drafts.delete_new_autosave", "emil"),
    "gigs are recommended": sent("discovery.set_featured", "admin"),
    "gigs are ranked anew": later(refresh_popularity, Scene.pending),
    "a signed-in user looks at a gig": noted(on("/api/gigs/{}", Scene.gig)),
    "a signed-in user searches": noted(lambda _: ("/api/gigs?q=piano", None)),
    "a user deletes a search": _own_search,
    "a user clears their searches": sent("traces.clear_search_history", "anna"),
    "a user clears what they have looked at": sent("traces.clear_recently_viewed", "anna"),
    # Times.
    "a teacher changes their hours": sent("schedule.replace_availability", "emil"),
    "a teacher adds a schedule": sent("schedule.create_schedule", "grace"),
    "a teacher changes a schedule": sent("schedule.replace_schedule", "grace"),
    "a teacher deletes a schedule": sent("schedule.delete_schedule", "grace"),
    "a teacher blocks a time": sent("blocks.create_block", "emil"),
    "a teacher frees a blocked time": sent("blocks.delete_block", "grace"),
    "a teacher names busy calendars": sent("busy.replace_busy_calendars", "emil"),
    # Lessons.
    "a lesson is asked for": sent("bookings.create_booking", "anna"),
    "a teacher enters a lesson": sent("bookings.create_booking", "grace", row=1),
    "a teacher enters a lesson for an address": sent("bookings.create_booking", "grace", row=2),
    "a student says no to an entered lesson": sent("invitations.answer_invitation", "anna"),
    "a lesson is accepted": sent("bookings.change_booking", "grace"),
    "a lesson is declined": on_lesson(Scene.pending, "grace", status="rejected"),
    "a lesson is cancelled": sent("bookings.change_booking", "anna", row=1),
    "a request is moved": sent("bookings.change_booking", "anna", row=2),
    "another time is asked for": on_lesson(_accepted, "anna", starts_at="2028-03-06T10:00:00Z"),
    "another time is agreed to": sent("bookings.change_booking", "grace", row=3),
    "another time is declined": on_lesson(Scene.wished, "grace", move="decline"),
    "a wish for another time is taken back": sent("bookings.change_booking", "anna", row=4),
    "a wish for another time lapses": later(lapse_due, Scene.wished, days=30),
    "a change of a lesson is seen": on_lesson(_accepted, "anna", seen=True),
    "a request expires": later(expire_due, Scene.pending, days=60),
    "a series is asked for": sent("series.book_series", "anna"),
    "a series is accepted": sent("series.change_series", "grace"),
    "the rest of a series is cancelled": sent("series.change_rest", "anna"),
    "several lessons are answered at once": sent("many.change_bookings", "grace"),
    "a session is set": sent("sessions.create_sessions", "grace"),
    "a session is changed": sent("sessions.change_session", "grace"),
    "a student waits for a full lesson": sent("waitlist.join", "anna"),
    "a student waits no longer": sent("waitlist.leave", "anna"),
    "a place that was offered is taken": sent("waitlist.accept", "anna"),
    "a place that was offered is refused": sent("waitlist.decline", "anna"),
    "a student wishes for times": sent("wishes.make_wish", "anna"),
    "a student takes back a wish for times": _own_wish,
    # Money.
    "a payment is reported": sent("payments.report_payment", "anna"),
    "a proof of a payment is handed in": sent("proofs.put_proof", "anna"),
    "a payment is verified": sent("payments.decide_payment", "grace"),
    "a bank's file verifies payments": sent("bank.import_payments", "grace"),
    "a payment is given back": sent("payments.refund_payment", "grace"),
    "a fee is waived": sent("payments.waive_fee", "grace"),
    "a teacher says how to be paid": sent("paying.set_payment_instructions", "grace"),
    "an invoice is made": sent("invoices.issue_invoice", "grace"),
    "an invoice is taken back": sent("invoices.correct_invoice", "grace"),
    "a package is offered": sent("packages.offer_package", "grace"),
    "a package is withdrawn": sent("packages.withdraw_package", "grace"),
    "a package is asked for": sent("packages.order_package", "anna"),
    "a package is paid": sent("packages.change_package", "grace"),
    "lessons of a package are paid back": sent("packages.refund_package", "grace"),
    # What people write.
    "a message is written": sent("messages.write_message", "anna"),
    "messages are read": sent("messages.read_messages", "anna"),
    "a note is written": sent("notes.write_note", "grace"),
    "a note is changed": sent("notes.change_note", "grace"),
    "a note is deleted": sent("notes.delete_note", "grace"),
    "a review is written": sent("reviews.write_review", "anna"),
    "a review is answered": sent("reviews.answer_review", "grace"),
    "a review is hidden": asked(
        "PATCH", on("/api/reviews/{}", Scene.review, {"hidden": True, "reason": "It names a pupil."}), "admin"
    ),
    "a review is shown again": asked("PATCH", on("/api/reviews/{}", Scene.hidden_review, {"hidden": False}), "admin"),
    "a review is changed": asked("PATCH", on("/api/reviews/{}", Scene.review, {"rating": 1}), "anna"),
    "a notification is read": sent("notifications.mark_notification", "anna"),
    "all notifications are read": sent("notifications.read_all_notifications", "anna"),
    "a user changes what they are told": sent("notifications.replace_notification_settings", "anna"),
    # Courses.
    "a student applies for a place": sent("applications.apply", "ben"),
    "an application is accepted": sent("applications.decide_application", "grace"),
    "an application is rejected": asked(
        "PATCH", on(APPLICATION, Scene.application, {"status": "rejected", "reason": "Too far ahead."}), "grace"
    ),
    "an application is withdrawn": sent("applications.decide_application", "anna", row=1),
    "a task is set": sent("tasks.set_task", "grace"),
    "a task is set for all": sent("tasks.set_for_all", "grace"),
    "a task is changed": sent("tasks.change_task", "grace"),
    "a task is deleted": sent("tasks.delete_task", "grace"),
    "work is handed in": sent("submissions.submit_work", "anna"),
    "work is reviewed": sent("submissions.review_submission", "grace"),
    "a course is completed": sent("assignments.end_assignment", "grace"),
    "a course is dropped": sent("assignments.end_assignment", "anna", row=1),
    "the school's settings are changed": sent("school.replace_school", "admin"),
    "the school gets a logo": sent("school.put_logo", "admin"),
    "the school's logo is taken away": sent("school.delete_logo", "admin"),
    "a teacher asks for the school's approval": sent("teaching.ask", "emil"),
    "the school approves a teacher": sent("admin_teaching.decide", "office"),
    "an approval ends": asked(
        "PATCH",
        lambda scene: (f"/api/admin/teachers/{_approved(scene)}", {"status": "ended", "reason": "You are on leave."}),
        "office",
    ),
    "the school is closed on some days": sent("holidays.create_holiday", "office"),
    "the school is open again on some days": sent("holidays.delete_holiday", "office"),
    # People.
    "an account is made": sent("auth.register", "nobody"),
    "a user signs in": sent("auth.login", "nobody"),
    "a user renews their sign-in": sent("auth.refresh", "nobody"),
    "a user signs out": sent("auth.logout", "anna"),
    "a user forgets their password": sent("mail.password_reset", "nobody"),
    "a user sets a new password by mail": sent("mail.confirm_password_reset", "nobody"),
    "a user confirms their address": sent("mail.confirm_email", "nobody"),
    "a user asks for the confirmation again": sent("mail.resend_confirmation", "anna"),
    "a user gets a key for two-factor sign-in": sent("two_factor.begin", "anna"),
    "a user switches two-factor sign-in on": _first_code,
    "a user opens their calendar feed": sent("calendars.open_feed", "anna"),
    "a user closes their calendar feed": sent("calendars.close_feed", "anna"),
    "a user changes their profile": sent("people.change_me", "anna"),
    "a user wants to be seen in leaderboards": asked(
        "PATCH", lambda _: ("/api/users/me", {"in_leaderboards": True}), "anna"
    ),
    "a student changes their name": asked("PATCH", lambda _: ("/api/users/me", {"name": "Anna Lind"}), "anna"),
    "a teacher changes their name": asked("PATCH", lambda _: ("/api/users/me", {"name": "Grace King"}), "grace"),
    "a teacher changes their time zone": asked(
        "PATCH", lambda _: ("/api/users/me", {"time_zone": "Asia/Tokyo"}), "grace"
    ),
    "an operator sets a password": operator("set-password", "olga", "--password", "correct horse battery 2"),
    "an operator changes a role": operator("set-role", "ben", "admin"),
    "an account is closed": operator("deactivate", "anna"),
    "an administrator gives a role": sent("admin_people.change", "admin"),
    "the office opens an account": asked(
        "PATCH", lambda scene: (f"/api/admin/people/{scene.anna.id}", {"active": True}), "office"
    ),
    "the office signs somebody out": sent("admin_people.sign_out", "office"),
    "the office sends a mail for a new password": sent("admin_people.send_reset", "office"),
}

# What is no event, and why.
WITHOUT = {
    "cache.warm": "It fills the cache.",
    **dict.fromkeys(("importing.import_people", "importing.import_gigs"), "It does what registering and new gigs do."),
    "checkouts.start_checkout": "Nothing is paid yet, and how it stands is not cached.",
    "invoices.replace_invoice_details": "It is kept in no answer.",
    "series.preview_series": "It only computes.",
    **dict.fromkeys(
        ("jobs.retry_job", "jobs.retry_dead_jobs"), "Jobs are not cached, and this one finds nothing to do."
    ),
    **dict.fromkeys(
        (
            *("webhooks.create_webhook", "webhooks.change_webhook", "webhooks.delete_webhook"),
            *("webhooks.rotate_webhook_secret", "webhooks.test_webhook", "webhooks.replay_webhook_delivery"),
        ),
        "Webhooks and what was sent to them are not cached.",
    ),
    "admin_people.take_two_factor_off": "Its row has nothing to switch off, and it does what signing out does.",
    **dict.fromkeys(
        ("admin_invitations.invite_person", "admin_invitations.resend", "admin_invitations.withdraw"),
        "Invitations to open an account are not cached.",
    ),
    "joining.accept_invitation": "It does what registering does.",
    "traces.delete_search": "Its row is about a search that does not exist; another event deletes one that does.",
    "two_factor.confirm": "Its row has no key; another event has one.",
    "two_factor.renew_recovery_codes": "They are not cached.",
    "two_factor.turn_off": "Its row has nothing to switch off, and it does what switching it on does.",
    "wishes.leave_wish": "Its row is about a wish that does not exist; another event takes one back.",
}
