"""Each row of the table: the right people are told, once, in their zone, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bookings.moves.service import lapse_due
from bookings.service import expire_due
from bookings.waitlist.sweep import expire_offers
from events import EventType
from events.webhooks.attempts import GONE, Attempt, Parcel
from events.webhooks.settling import settle
from notifications.telling.rules import REMINDER, RULES, UNTOLD
from notifications.types import NotificationType
from tests.conftest import FakeClock
from tests.notifications.telling.conftest import School
from tests.notifications.telling.scenes_of_calendars import CALENDARS
from tests.notifications.telling.scenes_of_courses import COURSES
from tests.notifications.telling.scenes_of_packages import PACKAGES
from tests.support.mail_server import text_of
from tests.support.world import Person

# Who is to be told, and the first line of the mail, which is also the title behind the bell.
Told = dict[str, str]

# A lesson of the school, a day after the tests' Saturday at half past nine in UTC, by the clocks of both people.
IN_NEW_YORK, IN_BERLIN = "Sun 22 Nov, 04:30", "Sun 22 Nov, 10:30"


A_DAY_LATER = {"student": "Mon 23 Nov, 04:30", "teacher": "Mon 23 Nov, 10:30"}


def requested(school: School) -> Told:
    school.booking()
    return {"teacher": "Ada Lovelace asks for a lesson."}


def proposed(school: School) -> Told:
    school.accepted(starts_at=school.world.at(days=5))
    school.post.forget()
    school.world.booking(school.teacher, school.gig, student_id=school.student.id)
    return {"student": "Grace Hopper proposes a lesson."}


def accepted(school: School) -> Told:
    booking = school.booking()
    school.post.forget()
    school.patch(school.teacher, booking, status="accepted")
    return {"student": "Grace Hopper has accepted the lesson."}


def declined(school: School) -> Told:
    booking = school.booking()
    school.post.forget()
    school.patch(school.teacher, booking, status="rejected", reason="I am at a concert.")
    return {"student": "Grace Hopper has declined the lesson."}


def cancelled(school: School) -> Told:
    booking = school.accepted()
    school.post.forget()
    school.patch(school.student, booking, status="cancelled", reason="I am ill.")
    return {"teacher": "Ada Lovelace has cancelled the lesson."}


def moved(school: School) -> Told:
    booking = school.accepted(starts_at=school.world.at(days=2))
    school.post.forget()
    school.patch(school.teacher, booking, starts_at=school.world.at(days=1))
    return {"student": "Grace Hopper has moved the lesson."}


def relocated(school: School) -> Told:
    choir = school.world.gig(school.teacher, times="timetable", capacity=3, confirmation="instant", location="Hall 1")
    at = {"starts_at": school.world.at(days=1)}
    session = school.teacher.post(f"/api/gigs/{choir['id']}/sessions", at).json["data"][0]
    school.world.booking(school.student, choir, **at)
    school.post.forget()
    for _ in range(2):
        moved = school.teacher.patch(f"/api/sessions/{session['id']}", {"location": "Hall 2"})
        assert moved.status_code == 200, moved.text
    return {"student": "Grace Hopper has changed where the lesson takes place."}


def empty_session(school: School, **step: Any) -> None:
    """Let an administrator change a session that no student has a place in."""
    choir = school.world.gig(school.teacher, times="timetable", capacity=3, location="Hall 1")
    at = {"starts_at": school.world.at(days=1 if "starts_at" not in step else 2)}
    session = school.teacher.post(f"/api/gigs/{choir['id']}/sessions", at).json["data"][0]
    school.post.forget()
    changed = school.admin.patch(f"/api/sessions/{session['id']}", step)
    assert changed.status_code == 200, changed.text


def session_set(school: School) -> Told:
    choir = school.world.gig(school.teacher, times="timetable", capacity=3, location="Hall 1")
    made = school.admin.post(f"/api/gigs/{choir['id']}/sessions", {"starts_at": school.world.at(days=1)})
    assert made.status_code == 201, made.text
    return {"teacher": "The school has set a session for you."}


def session_moved(school: School) -> Told:
    empty_session(school, starts_at=school.world.at(days=1))
    return {"teacher": "The school has moved the session."}


def session_relocated(school: School) -> Told:
    empty_session(school, location="Hall 2")
    return {"teacher": "The school has changed where the session takes place."}


def session_cancelled(school: School) -> Told:
    empty_session(school, status="cancelled", reason="The hall is closed.")
    return {"teacher": "The school has cancelled the session."}


def booked(school: School) -> Told:
    gig = school.world.gig(school.teacher, confirmation="instant")
    school.world.booking(school.student, gig)
    return {"teacher": "Ada Lovelace has booked a lesson."}


def entered_for_address(school: School) -> Told:
    person = {"name": "A. L.", "email": school.student.email}
    body = {"gig_id": school.gig["id"], "starts_at": school.world.at(days=1), "agreed": True}
    school.teacher.post("/api/bookings", body | {"student": person})
    return {"student": "Grace Hopper has entered a lesson for your address."}


def wished(school: School) -> dict[str, Any]:
    """A lesson that the student asks to move to the next day."""
    booking = school.accepted()
    school.post.forget()
    school.patch(school.student, booking, starts_at=school.world.at(days=2))
    return booking


def move_asked(school: School) -> Told:
    wished(school)
    return {"teacher": f"Ada Lovelace asks to move the lesson to {A_DAY_LATER['teacher']}."}


def move_accepted(school: School) -> Told:
    booking = school.accepted(starts_at=school.world.at(days=2))
    school.patch(school.student, booking, starts_at=school.world.at(days=1))
    school.post.forget()
    school.patch(school.teacher, booking, move="accept")
    return {"student": "Grace Hopper agrees to the new time of the lesson."}


def move_declined(school: School) -> Told:
    booking = wished(school)
    school.post.forget()
    school.patch(school.teacher, booking, move="decline")
    return {"student": f"Grace Hopper cannot move the lesson to {A_DAY_LATER['student']}."}


def move_withdrawn(school: School) -> Told:
    booking = wished(school)
    school.post.forget()
    school.patch(school.student, booking, move="withdraw")
    return {"teacher": f"Ada Lovelace no longer asks to move the lesson to {A_DAY_LATER['teacher']}."}


def move_lapsed(school: School) -> Told:
    wished(school)
    school.post.forget()
    later(school, days=1)
    with school.world.app.app_context():
        lapse_due(school.world.clock())
    return {"student": f"Grace Hopper did not answer whether the lesson can be moved to {A_DAY_LATER['student']}."}


def expired(school: School) -> Told:
    school.booking()
    school.post.forget()
    later(school, days=1)
    with school.world.app.app_context():
        expire_due(school.world.clock())
    return {"student": "Grace Hopper has not answered in time.", "teacher": "You have not answered in time."}


def offered(school: School) -> Told:
    full = full_lesson(school)
    school.post.forget()
    school.patch(school.admin, full, status="cancelled")
    return {
        "student": "A place you waited for is kept for you until Sat 21 Nov, 06:30.",
        **about_the_full_lesson(school, "The school has taken back the request for the lesson"),
    }


def offer_expired(school: School) -> Told:
    school.patch(school.admin, full_lesson(school), status="cancelled")
    school.post.forget()
    later(school, hours=3)
    with school.world.app.app_context():
        expire_offers(school.world.clock())
    return {"student": "The place that was kept for you is not kept any more."}


def offer_withdrawn(school: School) -> Told:
    school.patch(school.admin, full_lesson(school), status="cancelled")
    school.post.forget()
    (offer,) = school.student.get("/api/bookings").json["data"]
    school.patch(school.teacher, offer, status="cancelled")
    return {"student": "Grace Hopper has taken back the place that was kept for you."}


def reviewed(school: School) -> Told:
    school.world.review(school.student, school.gig)
    return {"teacher": "Ada Lovelace has reviewed your lesson."}


def replied(school: School) -> Told:
    review = school.world.review(school.student, school.gig)
    school.post.forget()
    school.teacher.patch(f"/api/reviews/{review['id']}", {"reply": "Thank you."})
    school.teacher.patch(f"/api/reviews/{review['id']}", {"reply": "Thank you, Ada."})
    return {"student": "Grace Hopper has replied to your review."}


def hidden(school: School) -> Told:
    review = school.world.review(school.student, school.gig)
    school.post.forget()
    for reason in ("It names a pupil.", "It names a pupil and a street."):
        school.admin.patch(f"/api/reviews/{review['id']}", {"hidden": True, "reason": reason})
    return {
        "student": "The school has hidden your review.",
        "teacher": "The school has hidden a review of your lesson.",
    }


def shown_again(school: School) -> Told:
    review = school.world.review(school.student, school.gig)
    school.admin.patch(f"/api/reviews/{review['id']}", {"hidden": True, "reason": "It names a pupil."})
    school.post.forget()
    school.admin.patch(f"/api/reviews/{review['id']}", {"hidden": False})
    return {
        "student": "The school shows your review again.",
        "teacher": "The school shows a review of your lesson again.",
    }


def written_to(school: School) -> Told:
    booking = school.booking()
    school.post.forget()
    for text in ("Bring the book.", "And a pencil."):
        school.teacher.post(f"/api/bookings/{booking['id']}/messages", {"text": text})
    advance(school, minutes=10)
    return {"student": "Grace Hopper has written to you."}


def pay(school: School, person: Person) -> str:
    """Report a payment for a lesson that is agreed on, and return its path."""
    body = {"booking_id": school.accepted()["id"], "method": "cash", "currency": "EUR"}
    school.post.forget()
    made = person.post("/api/payments", body | {"amount_cents": 1000})
    assert made.status_code == 201, made.text
    return f"/api/payments/{made.json['id']}"


def paid(school: School) -> Told:
    pay(school, school.student)
    return {"teacher": "Ada Lovelace reports a payment of €10."}


def received(school: School) -> Told:
    pay(school, school.teacher)
    return {"student": "Grace Hopper has noted a payment of €10 as received."}


def not_received(school: School) -> Told:
    payment = pay(school, school.student)
    school.post.forget()
    school.teacher.patch(payment, {"status": "rejected", "reason": "It is not there."})
    return {"student": "Grace Hopper has not received a payment of €10."}


def given_back(school: School) -> Told:
    payment = pay(school, school.teacher)
    school.post.forget()
    school.teacher.post(f"{payment}/refunds", {"amount_cents": 400, "reason": "It was shorter."})
    return {"student": "Grace Hopper has given back €4."}


def webhook_stopped(school: School) -> Told:
    webhook = school.admin.post("/api/webhooks", {"url": "https://8.8.8.8/in"}).json
    sent = school.admin.post(f"/api/webhooks/{webhook['id']}/test").json
    parcel = Parcel(
        delivery_id=sent["id"],
        webhook_id=webhook["id"],
        event_id=sent["event_id"],
        is_test=False,
        attempts=0,
        url=webhook["url"],
        payload="{}",
        keys=(),
    )
    with school.world.app.app_context():
        settle([Attempt(parcel=parcel, at=school.world.clock(), status=GONE, error="It is gone.")])
    return {"admin": "A webhook of yours was switched off."}


def _approval(school: School, status: str) -> None:
    path = f"/api/admin/teachers/{school.teacher.id}"
    answer = school.admin.patch(path, {"status": status, "reason": "You are on leave."})
    assert answer.status_code == 200, answer.text


def approval_ended(school: School) -> Told:
    _approval(school, "ended")
    return {"teacher": "The school does not approve you as a teacher any more."}


def _asked_again(school: School) -> None:
    _approval(school, "ended")
    school.teacher.post("/api/users/me/teaching", {"message": "I am back."})
    school.post.forget()


def approved(school: School) -> Told:
    _asked_again(school)
    _approval(school, "approved")
    return {"teacher": "The school has approved you as a teacher."}


def approval_declined(school: School) -> Told:
    _asked_again(school)
    _approval(school, "declined")
    return {"teacher": "The school has not approved you as a teacher."}


TEACHING = {
    EventType.TEACHING_APPROVED: approved,
    EventType.TEACHING_DECLINED: approval_declined,
    EventType.TEACHING_ENDED: approval_ended,
}

SCENES: dict[EventType, Callable[[School], Told]] = {
    EventType.BOOKING_REQUESTED: requested,
    EventType.BOOKING_PROPOSED: proposed,
    EventType.BOOKING_ACCEPTED: accepted,
    EventType.BOOKING_DECLINED: declined,
    EventType.BOOKING_CANCELLED: cancelled,
    EventType.BOOKING_MOVED: moved,
    EventType.BOOKING_RELOCATED: relocated,
    EventType.SESSION_SET: session_set,
    EventType.SESSION_MOVED: session_moved,
    EventType.SESSION_RELOCATED: session_relocated,
    EventType.SESSION_CANCELLED: session_cancelled,
    EventType.BOOKING_BOOKED: booked,
    EventType.LESSON_AWAITS_OWNER: entered_for_address,
    EventType.BOOKING_MOVE_ASKED: move_asked,
    EventType.BOOKING_MOVE_ACCEPTED: move_accepted,
    EventType.BOOKING_MOVE_DECLINED: move_declined,
    EventType.BOOKING_MOVE_WITHDRAWN: move_withdrawn,
    EventType.BOOKING_MOVE_LAPSED: move_lapsed,
    EventType.BOOKING_EXPIRED: expired,
    EventType.WAITLIST_OFFERED: offered,
    EventType.WAITLIST_EXPIRED: offer_expired,
    EventType.WAITLIST_WITHDRAWN: offer_withdrawn,
    EventType.MESSAGES_UNREAD: written_to,
    EventType.PAYMENT_SUBMITTED: paid,
    EventType.PAYMENT_VERIFIED: received,
    EventType.PAYMENT_REJECTED: not_received,
    EventType.PAYMENT_REFUNDED: given_back,
    EventType.REVIEW_CREATED: reviewed,
    EventType.REVIEW_REPLIED: replied,
    EventType.REVIEW_HIDDEN: hidden,
    EventType.REVIEW_RESTORED: shown_again,
    EventType.WEBHOOK_STOPPED: webhook_stopped,
    **COURSES,
    **PACKAGES,
    **CALENDARS,
    **TEACHING,
}


@pytest.mark.parametrize("event", RULES, ids=str)
def test_the_right_people_are_told_once_and_nobody_else(school: School, event: EventType) -> None:
    people = {"student": school.student, "teacher": school.teacher, "admin": school.admin}

    told = SCENES[event](school)
    school.post.deliver()
    school.post.deliver()

    type_ = RULES[event].type
    expected = {people[who].id: title for who, title in told.items() if who in people}
    of_type = {row.user_id: row.title for row in school.post.rows() if row.type == type_}
    assert of_type == expected
    # A stand-in has a list, too, which the account takes over with the lesson.
    assert len(school.post.rows()) == len(told) + (event == EventType.LESSON_AWAITS_OWNER)
    assert school.post.mailed() == sorted(address(school, who) for who in told)
    for who, title in told.items():
        if who in people:
            mail = school.post.to(people[who])
            assert " ".join(text_of(mail).split()).startswith(title)
            assert_in_own_zone(who, str(mail["Subject"]), event)


def test_each_thing_that_happens_is_told_or_named_as_untold() -> None:
    assert RULES.keys() | UNTOLD == set(EventType)
    assert not RULES.keys() & UNTOLD
    assert {rule.type for rule in (*RULES.values(), REMINDER)} == set(NotificationType)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"status": "accepted"}, "has accepted the lesson with {}."),
        ({"status": "rejected"}, "has declined the lesson with {}."),
        ({"status": "cancelled"}, "has taken back the request for the lesson with {}."),
        ({"starts_at": "2026-11-24T12:00:00Z"}, "has moved the lesson with {}."),
    ],
    ids=str,
)
def test_both_are_told_what_an_administrator_does(school: School, step: dict[str, str], words: str) -> None:
    booking = school.booking()
    school.post.forget()

    school.patch(school.admin, booking, **step)
    school.post.deliver()

    others = {school.student.id: "Grace Hopper", school.teacher.id: "Ada Lovelace"}
    titles = {row.user_id: row.title for row in school.post.rows()}
    assert titles == {person: f"The school {words.format(name)}" for person, name in others.items()}


@pytest.mark.parametrize(
    ("who", "cost"),
    [("student", "Ada Lovelace owes €15 for cancelling it late"), ("teacher", "None")],
)
def test_a_cancellation_says_what_it_costs_and_why(school: School, who: str, cost: str) -> None:
    school.gig = school.world.gig(school.teacher, free_cancellation_hours=48, late_cancellation_percent=50)
    booking = school.accepted()
    school.post.forget()

    school.patch(getattr(school, who), booking, status="cancelled", reason="The train does not go.")
    school.post.deliver()

    (mail,) = school.post.inbox.received
    assert f"Fee: {cost}" in text_of(mail)
    assert "writes: “The train does not go.”" in text_of(mail)


def test_a_move_says_both_times_and_who_has_to_answer(school: School) -> None:
    booking = school.accepted()
    school.post.forget()

    school.patch(school.student, booking, starts_at=school.world.at(days=3), reason="I have an exam.")
    school.post.deliver()

    (mail,) = school.post.inbox.received
    assert mail["Subject"] == "Another time? Piano for beginners, Sun 22 Nov, 10:30"
    text = text_of(mail)
    assert text.startswith("Ada Lovelace asks to move the lesson to Tue 24 Nov, 10:30.")
    assert "When: Sun 22 Nov, 10:30–11:15 (Berlin)" in text
    assert not [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    assert "Answer:" in text


def test_a_lesson_that_is_agreed_on_says_how_to_get_there(school: School) -> None:
    booking = school.booking()
    school.post.deliver()
    asked = text_of(school.post.to(school.teacher))
    school.patch(school.teacher, booking, status="accepted")
    school.post.deliver()

    assert "Music room" not in asked
    assert "Place: Music room 2, Main Street 5" in text_of(school.post.to(school.student))


def test_a_series_is_one_request_and_one_answer(school: School) -> None:
    body = {"gig_id": school.gig["id"], "starts_at": school.world.at(days=1), "weeks": 4}

    first = school.student.post("/api/bookings/series", body).json["data"][0]
    school.post.deliver()
    school.teacher.patch(f"/api/bookings/{first['id']}/series", {"status": "accepted"})
    school.post.deliver()

    request, answer = school.post.inbox.received
    assert request["Subject"] == "Request: Piano for beginners, 4 lessons from Sun 22 Nov, 10:30"
    assert answer["Subject"] == "Accepted: Piano for beginners, 4 lessons from Sun 22 Nov, 04:30"
    assert "Lesson 4: Sun 13 Dec, 10:30–11:15" in text_of(request)
    assert [row.path for row in school.post.rows()] == [f"/lessons/{first['id']}"] * 2


def test_students_of_a_group_are_told_of_their_own_lesson_alone(school: School) -> None:
    other = school.world.student(name="Mary Somerville")
    school.post.confirm(other)
    school.gig = school.world.gig(school.teacher, capacity=2)
    first, second = school.booking(), school.world.booking(other, school.gig)
    school.post.forget()

    school.patch(school.teacher, first, status="accepted")
    school.patch(school.teacher, second, status="rejected")
    school.post.deliver()

    assert school.post.told() == sorted([(school.student.id, "lesson-accepted"), (other.id, "lesson-declined")])


def test_closing_an_account_tells_the_other_side_once(school: School) -> None:
    for days in (1, 2, 3):
        school.booking(starts_at=school.world.at(days=days))
    school.post.forget()

    school.world.operator("accounts", "deactivate", school.student.email)
    school.post.deliver()

    (row,) = school.post.rows()
    assert (row.user_id, row.title) == (
        school.teacher.id,
        "Ada Lovelace has taken back the request for 3 lessons.",
    )
    assert row.path == "/lessons"
    assert "“This account was closed.”" in text_of(school.post.to(school.teacher))


def test_who_has_left_is_told_nothing(school: School) -> None:
    school.booking()
    school.post.forget()

    school.world.operator("accounts", "deactivate", school.teacher.email)
    school.post.deliver()

    assert school.post.told() == [(school.student.id, "lesson-declined")]


def test_an_address_that_nobody_has_confirmed_gets_no_mail(school: School) -> None:
    newcomer = school.world.student(name="Not Yet")
    school.post.forget()

    school.world.booking(school.admin, school.gig, student_id=newcomer.id)
    school.post.deliver()

    assert school.post.told() == sorted([(newcomer.id, "lesson-requested"), (school.teacher.id, "lesson-requested")])
    assert school.post.mailed() == [school.teacher.email]


def advance(school: School, **amount: float) -> None:
    clock = school.world.clock
    assert isinstance(clock, FakeClock)
    clock.advance(**amount)


def later(school: School, **amount: float) -> None:
    advance(school, **amount)
    school.sign_in()
    school.post.forget()


def full_lesson(school: School) -> dict[str, Any]:
    """A lesson of somebody else that the student waits for."""
    other = school.world.student(name="Mary Somerville")
    school.post.confirm(other)
    full = school.world.booking(other, school.gig)
    joined = school.student.post("/api/waitlist", {"gig_id": school.gig["id"], "starts_at": full["starts_at"]})
    assert joined.status_code == 201, joined.text
    school.mary = other
    return full


def about_the_full_lesson(school: School, words: str) -> Told:
    return {"mary": words, "grace": words}


def address(school: School, who: str) -> str:
    person: Person = {"grace": school.teacher}.get(who) or getattr(school, who)
    return person.email


def assert_in_own_zone(who: str, subject: str, event: EventType) -> None:
    """The subject has the lesson's time by the reader's own clock.

    A reviewed one has another, a course, a package, a calendar and an approval have none.
    """
    others = (*COURSES, *PACKAGES, *CALENDARS, *TEACHING, EventType.WEBHOOK_STOPPED)
    if not event.startswith("review.") and event not in others:
        assert subject.endswith(IN_NEW_YORK if who == "student" else IN_BERLIN), subject


def test_who_did_not_ask_for_a_lesson_reads_how_long_it_costs_nothing(school: School) -> None:
    school.accepted(starts_at=school.world.at(days=5))
    school.post.forget()

    school.world.booking(school.teacher, school.gig, student_id=school.student.id, agreed=True)
    school.post.deliver()

    mail = " ".join(text_of(school.post.to(school.student)).split())
    assert mail.startswith("Grace Hopper has entered a lesson for you.")
    assert "you can cancel it free of charge, at least until you have seen it for a day" in mail
    assert school.post.to(school.student)["Subject"].startswith("Booked: ")


def test_a_mail_about_a_session_says_where_the_session_is(school: School) -> None:
    choir = school.world.gig(school.teacher, times="timetable", capacity=3, confirmation="instant", location="Hall 1")
    at = {"starts_at": school.world.at(days=2), "location": "Hall 2"}
    made = school.teacher.post(f"/api/gigs/{choir['id']}/sessions", at)
    assert made.status_code == 201, made.text

    school.world.booking(school.student, choir, starts_at=at["starts_at"])
    school.post.deliver()

    mail = text_of(school.post.to(school.teacher))
    assert "Place: Hall 2" in mail
    assert "Hall 1" not in mail
