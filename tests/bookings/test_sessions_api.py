"""Sessions: what a teacher sets, who can book a place in it, and what becomes of its lessons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import FakeClock
from tests.support.world import Person, World

# Thursdays at 18:00 in Berlin. It is Saturday, 21 November 2026.
THURSDAY = "2026-11-26T17:00:00Z"
NEXT_THURSDAY = "2026-12-03T17:00:00Z"


@dataclass
class Choir:
    """A teacher with a choir of three places, and students."""

    world: World
    teacher: Person
    gig: dict[str, Any]

    @property
    def path(self) -> str:
        return f"/api/gigs/{self.gig['id']}/sessions"

    def set(self, starts_at: str = THURSDAY, **changes: Any) -> dict[str, Any]:
        made = self.teacher.post(self.path, {"starts_at": starts_at} | changes)
        assert made.status_code == 201, made.text
        return dict(made.json["data"][0])

    def change(self, session: dict[str, Any], body: dict[str, Any]) -> Any:
        return self.teacher.patch(f"/api/sessions/{session['id']}", body)

    def singer(self, starts_at: str = THURSDAY, *, accepted: bool = True) -> tuple[Person, int]:
        student = self.world.student()
        booking = self.world.booking(student, self.gig, starts_at=starts_at)
        if accepted:
            assert self.teacher.patch(f"/api/bookings/{booking['id']}", {"status": "accepted"}).status_code == 200
        return student, booking["id"]


@pytest.fixture
def choir(world: World) -> Choir:
    teacher = world.teacher()
    return Choir(world, teacher, world.gig(teacher, title="Choir", capacity=3, times="timetable", duration_minutes=60))


def test_a_session_is_listed_with_its_places(choir: Choir) -> None:
    made = choir.set(location="Hall 2")
    choir.singer()

    listed = choir.world.anyone.get(choir.path).json["data"]

    assert made["location"] == "Hall 2"
    assert [(row["starts_at"], row["ends_at"]) for row in listed] == [(THURSDAY, "2026-11-26T18:00:00Z")]
    assert (listed[0]["capacity"], listed[0]["seats_left"], listed[0]["location"]) == (3, 2, None)
    assert choir.teacher.get(choir.path).json["data"][0]["location"] == "Hall 2"


def test_a_weekly_row_keeps_the_time_of_the_clock_and_leaves_days_out(choir: Choir) -> None:
    repeat = {"until": "2027-04-08", "every_weeks": 2, "except": ["2026-12-24"]}

    made = choir.teacher.post(choir.path, {"starts_at": THURSDAY, "repeat": repeat})

    starts = [row["starts_at"] for row in made.json["data"]]
    assert starts[:3] == [THURSDAY, "2026-12-10T17:00:00Z", "2027-01-07T17:00:00Z"]
    # Clocks are changed on 28 March.
    assert starts[-2:] == ["2027-03-18T17:00:00Z", "2027-04-01T16:00:00Z"]


def test_when_one_time_is_taken_no_session_is_set(choir: Choir) -> None:
    other = choir.world.gig(choir.teacher)
    choir.world.booking(choir.world.student(), other, starts_at="2026-12-03T17:30:00Z")

    answer = choir.teacher.post(choir.path, {"starts_at": THURSDAY, "repeat": {"until": "2026-12-10"}})

    assert (answer.status_code, answer.json["type"]) == (409, "/problems/slot-taken")
    assert [row["starts_at"] for row in answer.json["conflicts"]] == [NEXT_THURSDAY]
    assert choir.teacher.get(choir.path).json["data"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"repeat": {"until": "2026-11-25"}}, "repeat"),
        ({"repeat": {"until": "2026-11-26", "except": ["2026-11-26"]}}, "repeat"),
        ({"repeat": {"until": "2030-11-26"}}, "repeat"),
        ({"starts_at": "2026-11-20T17:00:00Z"}, "starts_at"),
        ({"capacity": 0}, "capacity"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_makes_no_sense_is_refused(choir: Choir, body: dict[str, Any], field: str) -> None:
    answer = choir.teacher.post(choir.path, {"starts_at": THURSDAY} | body)

    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_an_empty_session_holds_the_teachers_time(choir: Choir) -> None:
    other = choir.world.gig(choir.teacher, duration_minutes=60)
    query = f"gig_id={other['id']}&from=2026-11-26T16:00:00Z&to=2026-11-26T19:00:00Z"
    path = f"/api/teachers/{choir.teacher.id}/slots?{query}"
    before = [slot["starts_at"][11:16] for slot in choir.world.anyone.get(path).json["data"]]

    choir.set()

    after = [slot["starts_at"][11:16] for slot in choir.world.anyone.get(path).json["data"]]
    booked = choir.world.student().post("/api/bookings", {"gig_id": other["id"], "starts_at": "2026-11-26T16:30:00Z"})
    assert (before, after) == (["16:00", "16:30", "17:00", "17:30", "18:00", "18:30"], ["16:00", "18:00", "18:30"])
    assert (booked.status_code, booked.json["type"]) == (409, "/problems/slot-taken")


def test_slots_are_sessions_with_places_left_and_nothing_else_can_be_booked(choir: Choir) -> None:
    # No hours at all: they do not matter.
    choir.teacher.put("/api/teachers/me/availability", {"weekly": []})
    choir.set(capacity=1)
    choir.set(NEXT_THURSDAY)
    choir.singer()
    query = f"gig_id={choir.gig['id']}&from=2026-11-23T00:00:00Z&to=2026-12-07T00:00:00Z"

    slots = choir.world.anyone.get(f"/api/teachers/{choir.teacher.id}/slots?{query}").json["data"]
    bodies = [{"gig_id": choir.gig["id"], "starts_at": at} for at in (THURSDAY, "2026-11-27T17:00:00Z")]
    answers = [choir.world.student().post("/api/bookings", body) for body in bodies]

    assert [(slot["starts_at"], slot["seats_left"]) for slot in slots] == [(NEXT_THURSDAY, 3)]
    assert [answer.json["type"].rpartition("/")[2] for answer in answers] == ["slot-taken", "slot-unavailable"]


def test_the_roster_is_for_the_teacher_and_the_place_for_those_who_come(choir: Choir) -> None:
    session = choir.set(location="Hall 2")
    anna, booking_id = choir.singer()
    ben, _ = choir.singer(accepted=False)
    path = f"/api/sessions/{session['id']}"

    shown = {name: who.get(path).json for name, who in {"t": choir.teacher, "a": anna, "b": ben}.items()}

    assert [(row["booking_id"], row["status"]) for row in shown["t"]["roster"]][:1] == [(booking_id, "accepted")]
    assert shown["t"]["roster"][0]["student"] == {"id": anna.id, "name": anna.name}
    assert ["roster" in shown[name] for name in "tab"] == [True, False, False]
    assert [shown[name]["location"] for name in "tab"] == ["Hall 2", "Hall 2", None]
    assert anna.get(f"/api/bookings/{booking_id}").json["location"] == "Hall 2"


def test_moving_a_session_moves_its_lessons_and_tells_each_student_once(choir: Choir) -> None:
    session = choir.set()
    people = [choir.singer() for _ in range(3)]

    # It overlaps with the time that they have.
    answer = choir.change(session, {"starts_at": "2026-11-26T17:30:00Z", "reason": "The hall is late."})

    assert (answer.status_code, answer.json["starts_at"]) == (200, "2026-11-26T17:30:00Z")
    for student, booking_id in people:
        shown = student.get(f"/api/bookings/{booking_id}").json
        history = student.get(f"/api/bookings/{booking_id}/history").json["data"]
        assert (shown["starts_at"], shown["ends_at"]) == ("2026-11-26T17:30:00Z", "2026-11-26T18:30:00Z")
        assert [(row["what"], row["reason"]) for row in history][2:] == [("moved", "The hall is late.")]


def test_a_session_is_not_moved_where_the_teacher_or_a_student_has_something_else(choir: Choir) -> None:
    session = choir.set()
    student, booking_id = choir.singer()
    choir.world.booking(choir.world.student(), choir.world.gig(choir.teacher), starts_at="2026-11-27T17:00:00Z")
    choir.world.booking(student, choir.world.gig(choir.world.teacher()), starts_at="2026-11-28T17:00:00Z")

    answers = [choir.change(session, {"starts_at": f"2026-11-{day}T17:00:00Z"}) for day in (27, 28)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert student.get(f"/api/bookings/{booking_id}").json["starts_at"] == THURSDAY


def test_a_cancelled_session_ends_its_lessons_for_nothing(choir: Choir) -> None:
    choir.teacher.patch(f"/api/gigs/{choir.gig['id']}", {"free_cancellation_hours": 720})
    choir.teacher.patch(f"/api/gigs/{choir.gig['id']}", {"late_cancellation_percent": 100})
    session = choir.set()
    (anna, agreed), (ben, asked) = choir.singer(), choir.singer(accepted=False)

    answer = choir.change(session, {"status": "cancelled", "reason": "I am ill."})

    assert (answer.status_code, answer.json["status"], answer.json["reason"]) == (200, "cancelled", "I am ill.")
    ended = [anna.get(f"/api/bookings/{agreed}").json, ben.get(f"/api/bookings/{asked}").json]
    assert [row["status"] for row in ended] == ["cancelled", "rejected"]
    assert [row["cancellation_fee_cents"] for row in ended] == [0, 0]
    # The time is free again, also for another session.
    assert choir.set()["status"] == "scheduled"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_why_a_session_is_cancelled_is_for_those_whose_lesson_it_ended(choir: Choir) -> None:
    session = choir.set()
    (anna, _), (ben, _) = choir.singer(), choir.singer(accepted=False)
    choir.change(session, {"status": "cancelled", "reason": "I am ill."})
    world, path = choir.world, f"/api/sessions/{session['id']}"

    told = [who.get(path).json["reason"] for who in (choir.teacher, world.admin(), anna, ben)]
    others = [who.get(path).json["reason"] for who in (world.anyone, world.student(), world.teacher())]

    assert (told, others) == (["I am ill."] * 4, [""] * 3)


def test_a_session_that_took_place_completes_its_lessons(choir: Choir, clock: FakeClock) -> None:
    session = choir.set()
    (anna, came), (ben, absent) = choir.singer(), choir.singer()
    early = choir.change(session, {"status": "held"})
    clock.advance(days=6)
    choir.teacher = choir.world.sign_in(choir.teacher)
    stranger = choir.change(session, {"status": "held", "no_show": [absent, 999]})

    answer = choir.change(session, {"status": "held", "no_show": [absent]})

    assert (early.status_code, stranger.status_code, answer.status_code) == (409, 422, 200)
    people = (choir.world.sign_in(anna), came), (choir.world.sign_in(ben), absent)
    statuses = [person.get(f"/api/bookings/{booking}").json["status"] for person, booking in people]
    assert (answer.json["status"], statuses) == ("held", ["completed", "no_show"])


def test_places_cannot_be_fewer_than_are_taken_and_seats_close_up(choir: Choir) -> None:
    session = choir.set()
    singers = [choir.singer() for _ in range(3)]
    too_few = choir.change(session, {"capacity": 2})
    student, booking_id = singers[0]
    student.patch(f"/api/bookings/{booking_id}", {"status": "cancelled"})

    fewer = choir.change(session, {"capacity": 2})

    assert (too_few.status_code, too_few.json["type"]) == (409, "/problems/slot-taken")
    assert (fewer.status_code, fewer.json["seats_left"]) == (200, 0)
    full = choir.world.student().post("/api/bookings", {"gig_id": choir.gig["id"], "starts_at": THURSDAY})
    assert full.status_code == 409


def test_a_student_moves_to_another_session_only(choir: Choir) -> None:
    choir.set()
    second = choir.set(NEXT_THURSDAY)
    student, booking_id = choir.singer()
    path = f"/api/bookings/{booking_id}"

    elsewhere = student.patch(path, {"starts_at": "2026-12-04T17:00:00Z"})
    asked = student.patch(path, {"starts_at": NEXT_THURSDAY})
    held = choir.world.anyone.get(choir.path).json["data"]
    agreed = choir.teacher.patch(path, {"move": "accept"})

    assert (elsewhere.status_code, elsewhere.json["type"]) == (409, "/problems/slot-unavailable")
    assert (asked.status_code, [row["seats_left"] for row in held]) == (200, [2, 2])
    assert agreed.json["starts_at"] == NEXT_THURSDAY
    roster = choir.teacher.get(f"/api/sessions/{second['id']}").json["roster"]
    assert [row["booking_id"] for row in roster] == [booking_id]


def test_a_wish_to_come_to_a_session_that_is_cancelled_is_declined(choir: Choir) -> None:
    choir.set()
    second = choir.set(NEXT_THURSDAY)
    student, booking_id = choir.singer()
    student.patch(f"/api/bookings/{booking_id}", {"starts_at": NEXT_THURSDAY})

    answer = choir.change(second, {"status": "cancelled", "reason": "A holiday."})

    shown = student.get(f"/api/bookings/{booking_id}").json
    assert answer.status_code == 200
    assert (shown["status"], shown["starts_at"], shown["move"]) == ("accepted", THURSDAY, None)


def test_lessons_from_before_the_timetable_are_taken_in(choir: Choir) -> None:
    gig = choir.world.gig(choir.teacher, capacity=2)
    student = choir.world.student()
    booking = choir.world.booking(student, gig, starts_at="2026-11-27T17:00:00Z")
    choir.teacher.patch(f"/api/gigs/{gig['id']}", {"times": "timetable"})
    path = f"/api/gigs/{gig['id']}/sessions"

    made = choir.teacher.post(path, {"starts_at": "2026-11-27T17:00:00Z"}).json["data"][0]
    roster = choir.teacher.get(f"/api/sessions/{made['id']}").json["roster"]
    back = choir.teacher.patch(f"/api/gigs/{gig['id']}", {"times": "open"})
    other = choir.teacher.patch(f"/api/gigs/{gig['id']}", {"enrolment": "application"})

    assert (made["seats_left"], [row["booking_id"] for row in roster]) == (1, [booking["id"]])
    assert (back.status_code, list(back.json["errors"])) == (422, ["times"])
    assert (other.status_code, list(other.json["errors"])) == (422, ["enrolment"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_session_is_not_moved_onto_lessons_that_would_stay_outside_of_it(choir: Choir) -> None:
    gig = choir.world.gig(choir.teacher, capacity=3, duration_minutes=60)
    booking = choir.world.booking(choir.world.student(), gig, starts_at="2026-11-27T17:00:00Z")
    choir.teacher.patch(f"/api/gigs/{gig['id']}", {"times": "timetable"})
    made = choir.teacher.post(f"/api/gigs/{gig['id']}/sessions", {"starts_at": THURSDAY}).json["data"][0]

    moved = choir.change(made, {"starts_at": booking["starts_at"]})

    assert (moved.status_code, moved.json["type"]) == (409, "/problems/slot-taken")
    assert choir.teacher.get(f"/api/sessions/{made['id']}").json["starts_at"] == THURSDAY


def test_weekly_places_are_places_in_sessions(choir: Choir) -> None:
    choir.teacher.post(choir.path, {"starts_at": THURSDAY, "repeat": {"until": "2026-12-03"}})
    body = {"gig_id": choir.gig["id"], "starts_at": THURSDAY, "weeks": 3, "on_conflict": "skip"}

    answer = choir.world.student().post("/api/bookings/series", body)

    assert answer.status_code == 201, answer.text
    assert [row["seats_left"] for row in choir.world.anyone.get(choir.path).json["data"]] == [2, 2]


def test_more_places_are_offered_to_those_who_wait_and_a_moved_session_takes_them_along(choir: Choir) -> None:
    session = choir.set(capacity=1)
    choir.singer()
    waiting = choir.world.student()
    entry = waiting.post("/api/waitlist", {"gig_id": choir.gig["id"], "starts_at": THURSDAY})
    assert entry.status_code == 201, entry.text

    choir.change(session, {"starts_at": NEXT_THURSDAY})
    carried = waiting.get("/api/waitlist").json["data"][0]
    choir.change(session, {"capacity": 2})
    offered = waiting.get("/api/waitlist").json["data"][0]

    assert (carried["status"], carried["starts_at"]) == ("waiting", NEXT_THURSDAY)
    assert offered["status"] == "offered"


def test_nobody_waits_for_a_session_that_is_cancelled(choir: Choir) -> None:
    session = choir.set(capacity=1)
    choir.singer()
    waiting = choir.world.student()
    waiting.post("/api/waitlist", {"gig_id": choir.gig["id"], "starts_at": THURSDAY})

    choir.change(session, {"status": "cancelled", "reason": "I am ill."})

    assert waiting.get("/api/waitlist").json["data"][0]["status"] == "lapsed"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_teachers_calendar_has_one_event_for_a_session_also_when_it_is_empty(choir: Choir) -> None:
    session = choir.set()
    choir.set(NEXT_THURSDAY)
    people = [choir.singer() for _ in range(2)]

    feeds = []
    for person in (choir.teacher, people[0][0]):
        url = person.post("/api/users/me/calendar-token").json["url"]
        feeds.append(choir.world.anyone.get(url).text.replace("\r\n ", ""))

    assert feeds[0].count("BEGIN:VEVENT") == 2
    assert f"UID:session-{session['id']}-" in feeds[0]
    assert [text in feeds[0] for text in ("SUMMARY:Choir\\, 2 of 3", "SUMMARY:Choir\\, 0 of 3")] == [True, True]
    assert all(student.name in feeds[0] for student, _ in people)
    assert f"UID:booking-{people[0][1]}-" in feeds[1]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sessions_are_set_by_their_teacher_and_administrators_alone(choir: Choir) -> None:
    open_gig = choir.world.gig(choir.teacher)
    session = choir.set()
    body = {"starts_at": NEXT_THURSDAY}
    world = choir.world
    asking = [(world.student(), (403, 403)), (world.teacher(), (403, 403)), (world.admin(), (201, 200))]

    for person, expected in asking:
        set_ = person.post(choir.path, body)
        changed = person.patch(f"/api/sessions/{session['id']}", {"capacity": 5})
        assert (set_.status_code, changed.status_code) == expected
    no_timetable = choir.teacher.post(f"/api/gigs/{open_gig['id']}/sessions", body)
    assert (no_timetable.status_code, no_timetable.json["type"]) == (409, "/problems/wrong-state")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_session_needs_no_hours_so_new_ones_leave_only_its_time_off_to_decide(choir: Choir) -> None:
    choir.set()
    _, lesson = choir.singer()
    away = {"from": "2026-11-26T00:00:00Z", "to": "2026-11-27T00:00:00Z"}
    path = "/api/teachers/me/availability"

    without_hours = choir.teacher.put(path, {"weekly": []}).json["outside"]
    with_time_off = choir.teacher.put(path, {"weekly": [], "time_off": [away]}).json["outside"]

    assert (without_hours, with_time_off) == ([], [lesson])


def test_a_student_sees_at_once_which_sessions_they_have_a_place_in_and_nobody_else_does(choir: Choir) -> None:
    first, second = choir.set(), choir.set(NEXT_THURSDAY)
    (anna, agreed), (ben, asked) = choir.singer(), choir.singer(NEXT_THURSDAY, accepted=False)
    world = choir.world

    def own(person: Any) -> list[int | None]:
        return [row["own_booking_id"] for row in person.get(choir.path).json["data"]]

    before = [own(person) for person in (anna, ben, world.student(), choir.teacher, world.anyone)]
    single = [anna.get(f"/api/sessions/{it['id']}").json["own_booking_id"] for it in (first, second)]
    anna.patch(f"/api/bookings/{agreed}", {"status": "cancelled"})

    assert before == [[agreed, None], [None, asked], [None, None], [None, None], [None, None]]
    assert single == [agreed, None]
    assert own(anna) == [None, None]
    assert anna.get(f"/api/sessions/{first['id']}").json["own_booking_id"] is None
