"""Reminders: a day and an hour before, by what is true then."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from notifications.reminders import plan
from notifications.reminders.service import in_words
from tests.bookings.rows import insert_booking
from tests.conftest import SATURDAY, FakeClock
from tests.notifications.telling.conftest import School
from tests.support.mail_server import text_of

# Tuesday at half past nine in UTC.
LESSON = SATURDAY + timedelta(days=3)


def at_time(school: School, clock: FakeClock, instant: datetime) -> list[tuple[str, str]]:
    """Let all the work be done that is due by then, and return what reminders of it were mailed."""
    clock.instant = instant
    school.post.inbox.received.clear()
    school.post.deliver()
    mails = [mail for mail in school.post.inbox.received if mail["Subject"].startswith("Reminder")]
    return sorted((mail["To"].addresses[0].addr_spec, text_of(mail).splitlines()[0]) for mail in mails)


def before(**amount: float) -> datetime:
    return LESSON - timedelta(**amount)


def both(school: School, wait: str) -> list[tuple[str, str]]:
    return sorted(
        [
            (school.student.email, f"Your lesson with Grace Hopper begins in {wait}."),
            (school.teacher.email, f"Your lesson with Ada Lovelace begins in {wait}."),
        ]
    )


def lesson(school: School, starts_at: datetime = LESSON) -> dict[str, object]:
    return school.accepted(starts_at=f"{starts_at:%Y-%m-%dT%H:%M:%SZ}", note="Scales, please.")


def choose(school: School, minutes: list[int]) -> None:
    """Let the student choose when they are reminded."""
    school.sign_in()
    answer = school.student.put("/api/users/me/notification-settings", {"reminders_minutes": minutes})
    assert answer.status_code == 200, answer.text
    school.post.deliver()


def test_both_are_reminded_a_day_and_an_hour_before(school: School, clock: FakeClock) -> None:
    lesson(school)

    assert at_time(school, clock, before(hours=24, seconds=1)) == []
    assert at_time(school, clock, before(hours=24)) == both(school, "24 hours")
    assert "Note: “Scales, please.”" in text_of(school.post.to(school.teacher))
    assert school.post.to(school.teacher)["List-Unsubscribe"]
    assert at_time(school, clock, before(hours=23)) == []
    assert at_time(school, clock, before(hours=1)) == both(school, "1 hour")
    assert at_time(school, clock, before(minutes=1)) == []
    assert school.post.waiting(plan.REMIND) == []


def test_a_late_runner_reminds_once_and_never_after_the_start(school: School, clock: FakeClock) -> None:
    lesson(school)
    school.post.deliver()

    assert at_time(school, clock, before(minutes=20)) == both(school, "20 minutes")
    assert at_time(school, clock, LESSON) == []


def test_nobody_is_reminded_of_what_has_begun(school: School, clock: FakeClock) -> None:
    lesson(school)
    school.post.deliver()

    assert at_time(school, clock, LESSON) == []
    assert [row.type for row in school.post.rows() if row.type == "lesson-reminder"] == []


def test_a_mail_server_that_comes_back_too_late_sends_no_reminder(school: School, clock: FakeClock) -> None:
    lesson(school)
    school.post.deliver()
    school.post.inbox.on_data = "451 Come back later"

    assert at_time(school, clock, before(minutes=1)) == []
    school.post.inbox.on_data = ""
    assert at_time(school, clock, LESSON) == []


def test_what_is_agreed_on_late_has_only_the_reminders_that_are_left(school: School, clock: FakeClock) -> None:
    lesson(school, soon := SATURDAY + timedelta(hours=5))
    school.post.deliver()

    assert at_time(school, clock, SATURDAY + timedelta(minutes=1)) == []
    assert at_time(school, clock, soon - timedelta(hours=1)) == both(school, "1 hour")


def test_reminders_move_with_their_lesson(school: School, clock: FakeClock) -> None:
    booking = lesson(school)
    school.post.deliver()

    school.patch(school.teacher, booking, starts_at=f"{LESSON + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}")
    school.post.deliver()

    assert {row.run_at for row in school.post.waiting(plan.REMIND)} == {LESSON}
    assert at_time(school, clock, before(hours=24)) == []
    assert at_time(school, clock, LESSON) == both(school, "24 hours")


def test_reminders_vanish_with_their_lesson(school: School, clock: FakeClock) -> None:
    booking = lesson(school)
    school.post.deliver()

    school.patch(school.student, booking, status="cancelled")
    school.post.deliver()

    assert school.post.waiting(plan.REMIND) == []
    assert at_time(school, clock, before(hours=1)) == []


def test_a_reminder_looks_at_what_is_true_when_it_is_due(school: School, clock: FakeClock) -> None:
    booking = lesson(school)
    school.post.deliver()

    # Nothing has been planned anew yet.
    school.patch(school.student, booking, status="cancelled")

    assert at_time(school, clock, before(hours=24)) == []


def test_a_lesson_that_is_moved_away_and_back_reminds_of_a_time_once(school: School, clock: FakeClock) -> None:
    booking = lesson(school)
    school.post.deliver()
    assert at_time(school, clock, before(hours=24)) == both(school, "24 hours")

    for starts_at in (LESSON + timedelta(days=3), LESSON):
        school.sign_in()
        school.patch(school.teacher, booking, starts_at=f"{starts_at:%Y-%m-%dT%H:%M:%SZ}")
        assert at_time(school, clock, before(hours=23)) == []
    assert at_time(school, clock, before(hours=1)) == both(school, "1 hour")


def test_a_choice_made_later_applies_to_lessons_that_are_booked_already(school: School, clock: FakeClock) -> None:
    lesson(school)
    school.post.deliver()

    choose(school, [2880, 30])
    assert at_time(school, clock, before(hours=48)) == both(school, "2 days")[:1]
    assert [mail for mail, _ in at_time(school, clock, before(hours=24))] == [school.teacher.email]
    choose(school, [])
    assert [mail for mail, _ in at_time(school, clock, before(minutes=30))] == [school.teacher.email]


def test_a_teacher_is_reminded_of_a_group_once(school: School, clock: FakeClock) -> None:
    other = school.world.student(name="Mary Somerville")
    school.post.confirm(other)
    school.gig = school.world.gig(school.teacher, capacity=2)
    lesson(school)
    school.world.accepted(other, school.teacher, school.gig, starts_at=f"{LESSON:%Y-%m-%dT%H:%M:%SZ}")
    school.post.deliver()

    reminded = at_time(school, clock, before(hours=24))

    assert sorted(address for address, _ in reminded) == sorted(
        [school.student.email, school.teacher.email, other.email]
    )
    assert "Your lesson with Ada Lovelace and Mary Somerville begins in 24 hours." in dict(reminded).values()


def test_a_group_that_one_student_leaves_is_still_reminded_of(school: School, clock: FakeClock) -> None:
    other = school.world.student(name="Mary Somerville")
    school.post.confirm(other)
    school.gig = school.world.gig(school.teacher, capacity=2)
    booking = lesson(school)
    school.world.accepted(other, school.teacher, school.gig, starts_at=f"{LESSON:%Y-%m-%dT%H:%M:%SZ}")
    school.patch(school.student, booking, status="cancelled")
    school.post.deliver()

    assert sorted(address for address, _ in at_time(school, clock, before(hours=1))) == sorted(
        [school.teacher.email, other.email]
    )


def test_lessons_that_no_event_told_of_are_planned_once_a_day(school: School, clock: FakeClock) -> None:
    insert_booking(school.world.app, school.student, school.gig, LESSON, status="accepted")

    for _ in range(2):
        with school.world.app.app_context():
            plan.plan_soon(clock())

    assert [row.run_at for row in school.post.waiting(plan.REMIND)] == [before(hours=24)] * 2


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0.2, "1 minute"), (30, "30 minutes"), (60, "1 hour"), (90, "90 minutes"), (1440, "24 hours"), (2880, "2 days")],
)
def test_waits_are_written_as_people_say_them(minutes: float, words: str) -> None:
    assert in_words(timedelta(minutes=minutes)) == words
