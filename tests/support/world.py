"""A small world for tests: people with clients, gigs and bookings, all made through the JSON API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import tags
from bookings.models import Booking
from caching import invalidate
from database import writing
from notifications.models import NewNotification
from notifications.types import NotificationType
from notifications.writes import add

PASSWORD = "correct horse battery"
# What teachers enter who can be booked at every free minute.
ANY_TIME: dict[str, Any] = {"weekly": None}


@dataclass
class Person:
    """Somebody with an account, and a client that signs their requests with their access token."""

    id: int
    name: str
    email: str
    role: str
    token: str
    refresh_token: str
    client: FlaskClient

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self._request("GET", path, kwargs)

    def post(self, path: str, json: Any = None, **kwargs: Any) -> TestResponse:
        return self._request("POST", path, kwargs | ({} if json is None else {"json": json}))

    def patch(self, path: str, json: Any = None, **kwargs: Any) -> TestResponse:
        return self._request("PATCH", path, kwargs | ({} if json is None else {"json": json}))

    def put(self, path: str, json: Any = None, **kwargs: Any) -> TestResponse:
        return self._request("PUT", path, kwargs | ({} if json is None else {"json": json}))

    def delete(self, path: str, **kwargs: Any) -> TestResponse:
        return self._request("DELETE", path, kwargs)

    def _request(self, method: str, path: str, kwargs: dict[str, Any]) -> TestResponse:
        headers = self.headers | kwargs.pop("headers", {})
        return self.client.open(path, method=method, headers=headers, **kwargs)


class World:
    """What a test acts on; everything has sensible values that a test can override."""

    def __init__(self, app: Flask, clock: Callable[[], datetime], numbers: Iterator[int] | None = None) -> None:
        """Let people have addresses with these numbers, if others are in the database already."""
        self.app = app
        self.clock = clock
        self._numbers = numbers or count(1)

    @property
    def anyone(self) -> FlaskClient:
        """A client that nobody is signed in with."""
        return self.app.test_client(use_cookies=False)

    def operator(self, *command: str) -> None:
        """Run a `flask` command, as an operator would in another shell."""
        result = self.app.test_cli_runner().invoke(args=list(command))
        assert result.exit_code == 0, result.output

    def register(self, role: str, **changes: Any) -> Person:
        number = next(self._numbers)
        body = {
            "name": f"{role.title()} Number{number}",
            "email": f"{role}{number}@example.org",
            "password": PASSWORD,
            "role": role,
            "time_zone": "Europe/Berlin",
        } | changes
        client = self.app.test_client(use_cookies=False)
        answer = client.post("/api/auth/register", json=body)
        assert answer.status_code == 201, answer.text
        return Person(
            answer.json["user"]["id"],
            body["name"],
            body["email"],
            role,
            answer.json["access_token"],
            answer.json["refresh_token"],
            client,
        )

    def student(self, **changes: Any) -> Person:
        return self.register("student", **changes)

    def teacher(self, *, hours: dict[str, Any] | None = ANY_TIME, **changes: Any) -> Person:
        """A teacher who can be booked at any time unless told otherwise; with None one who has not said when."""
        teacher = self.register("teacher", **changes)
        if hours is not None:
            answer = teacher.put("/api/teachers/me/availability", hours)
            assert answer.status_code == 200, answer.text
        return teacher

    def admin(self) -> Person:
        """An administrator: registered, then raised by the operator's command."""
        return self._raised("admin")

    def office(self) -> Person:
        """A member of the office, made in the same way."""
        return self._raised("office")

    def _raised(self, role: str) -> Person:
        person = self.register("student")
        self.operator("accounts", "set-role", person.email, role)
        person.role = role
        return person

    def sign_in(self, person: Person) -> Person:
        """The same person with new tokens, for when the clock has outrun the old ones."""
        answer = self.anyone.post("/api/auth/login", json={"email": person.email, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return replace(person, token=answer.json["access_token"], refresh_token=answer.json["refresh_token"])

    def gig(self, teacher: Person, *, status: str = "published", **changes: Any) -> dict[str, Any]:
        """A gig of this teacher, published unless told otherwise; the answer's JSON."""
        body = {
            "title": "Piano for beginners",
            "description": "We start with one hand, then we take the other one along.",
            "category": "Music",
            "skills": ["piano", "reading music"],
            "price_cents": 3000,
            "currency": "EUR",
            "duration_minutes": 45,
        } | changes
        made = teacher.post("/api/gigs", body)
        assert made.status_code == 201, made.text
        if status == "draft":
            return made.json
        changed = teacher.post(f"/api/gigs/{made.json['id']}/status", {"status": status})
        assert changed.status_code == 200, changed.text
        return changed.json

    def at(self, **later: float) -> str:
        """An instant after the clock's present one, on a whole minute, as the API writes it."""
        instant = (self.clock() + timedelta(**later)).replace(second=0, microsecond=0)
        return instant.strftime("%Y-%m-%dT%H:%M:%SZ")

    def booking(
        self, student: Person, gig: dict[str, Any], *, starts_at: str | None = None, **changes: Any
    ) -> dict[str, Any]:
        """A pending booking, tomorrow at the clock's time unless told otherwise; the answer's JSON."""
        body = {"gig_id": gig["id"], "starts_at": starts_at or self.at(days=1)} | changes
        made = student.post("/api/bookings", body)
        assert made.status_code == 201, made.text
        return made.json

    def past_lesson(self, student: Person, gig: dict[str, Any], *, status: str = "completed", **columns: Any) -> int:
        """The id of a lesson that lies behind its people, written straight into the database."""
        starts_at = self.clock() - timedelta(days=next(self._numbers))
        lesson = Booking(
            gig_id=gig["id"],
            student_id=student.id,
            teacher_id=gig["teacher"]["id"],
            status=status,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=gig["duration_minutes"]),
            price_cents=gig["price_cents"],
            currency=gig["currency"],
            created_at=starts_at,
            updated_at=starts_at,
            **columns,
        )
        with self.app.app_context(), writing() as session:
            session.add(lesson)
            session.flush()
            invalidate(tags.user_bookings(student.id), tags.user_bookings(lesson.teacher_id), tags.all_bookings())
            invalidate(tags.teacher_slots(lesson.teacher_id), tags.gig_sessions(lesson.gig_id))
            return lesson.id

    def review(self, student: Person, gig: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """A review of a lesson that has been completed; the answer's JSON."""
        body = {"booking_id": self.past_lesson(student, gig), "rating": 5, "comment": "Clear and patient."} | changes
        made = student.post("/api/reviews", body)
        assert made.status_code == 201, made.text
        return made.json

    def accepted(self, student: Person, teacher: Person, gig: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """A booking that its teacher has accepted."""
        booking = self.booking(student, gig, **changes)
        answer = teacher.patch(f"/api/bookings/{booking['id']}", {"status": "accepted"})
        assert answer.status_code == 200, answer.text
        return answer.json

    def place(self, student: Person, teacher: Person, gig: dict[str, Any]) -> int:
        """The id of the assignment by which a student has a place in a gig that they applied for."""
        applied = student.post(f"/api/gigs/{gig['id']}/applications", {"message": "I would like to learn."})
        assert applied.status_code == 201, applied.text
        accepted = teacher.patch(f"/api/applications/{applied.json['id']}", {"status": "accepted"})
        assert accepted.status_code == 200, accepted.text
        return int(accepted.json["assignment_id"])

    def task(self, teacher: Person, assignment_id: int, **changes: Any) -> dict[str, Any]:
        """A task that a teacher has set; the answer's JSON."""
        body = {"title": "Scales", "instructions": "Both hands."} | changes
        made = teacher.post(f"/api/assignments/{assignment_id}/tasks", body)
        assert made.status_code == 201, made.text
        return made.json

    def running_course(self, student: Person, teacher: Person) -> dict[str, int]:
        """The ids of a gig with one student, two tasks, and what was handed in twice for the second one."""
        gig = self.gig(teacher, enrolment="application")
        assignment_id = self.place(student, teacher, gig)
        tasks = [self.task(teacher, assignment_id)["id"] for _ in range(2)]
        for text in ("First", "Second"):
            made = student.post(f"/api/tasks/{tasks[1]}/submissions", {"text": text})
            assert made.status_code == 201, made.text
        return {"course": gig["id"], "assignment": assignment_id, "task": tasks[1]}

    def told(self, person: Person, **changes: Any) -> int:
        """Somebody is told something; return the notification's id."""
        number = next(self._numbers)
        words = {
            "key": f"key {number}",
            "type": NotificationType.LESSON_ACCEPTED,
            "title": f"Ada has accepted your lesson {number}",
            "text": "Piano, Fri 27 Nov, 16:00–16:45.",
            "path": "/lessons",
        }
        told = NewNotification(**(words | changes))
        with self.app.app_context(), writing() as session:
            added = add(session, person.id, told, now=self.clock())
        assert added is not None, "They have been told that before."
        return added
