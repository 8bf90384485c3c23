"""A school whose people have filled every field to its end, and its pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.bookings.rows import insert_booking
from tests.browser.other_pages import GERMAN, LINK, UNBROKEN, other_pages
from tests.browser.serving import serving
from tests.support.world import Person, World


@dataclass
class House:
    """A served application, the people who filled it, and what there is to see."""

    url: str
    teacher: Person
    student: Person
    gig_id: int
    lessons: dict[str, int]
    course: dict[str, int]
    # By the reader's address.
    others: dict[str, list[str]]

    def pages(self) -> dict[str, list[str]]:
        """The pages by reader: every one that shows what somebody typed."""
        course = ("/courses", "/tasks", "/applications", *(f"/{what}/{id_}" for what, id_ in self.course.items()))
        gig, lessons = f"/gigs/{self.gig_id}", [f"/lessons/{booking_id}" for booking_id in self.lessons.values()]
        return {
            "": ["/", "/gigs", f"/gigs?q={UNBROKEN[:100]}&skill={UNBROKEN[:40]}", gig, f"/teachers/{self.teacher.id}"],
            self.student.email: [
                *("/", gig, "/lessons", "/lessons?status=cancelled", "/lessons?status=completed", "/calendar"),
                *("/notifications", "/notifications/settings"),
                *(
                    "/profile",
                    "/profile/data",
                    f"{gig}/waitlist",
                    *lessons,
                    f"{lessons[1]}/cancel",
                    f"{lessons[1]}/move",
                ),
                f"/lessons/{self.lessons['to review']}/review",
                "/problems/slot-taken",
                *("/payments", "/statement", f"/lessons/{self.lessons['to review']}/payments"),
                *course,
            ],
            self.teacher.email: [
                *("/", gig, f"{gig}/edit", "/gigs/mine", "/lessons", "/schedule", "/schedule/day", "/calendar"),
                *("/reviews", "/profile", "/availability", *lessons, f"{lessons[0]}/propose"),
                *(
                    "/payments",
                    "/payments/month",
                    "/reports",
                    "/payments/instructions",
                    "/payments/import",
                    "/invoices",
                    "/statement",
                ),
                *course,
            ],
        }


@contextmanager
def filled(world: World) -> Iterator[House]:
    """Fill a school and serve it until the end of the block."""
    teacher = world.teacher(name=UNBROKEN[:80], email=f"{'t' * 60}@{'long' * 15}.{'long' * 15}.example.org")
    student = world.student(name=UNBROKEN[:80], email=f"{'s' * 60}@{'long' * 15}.{'long' * 15}.example.org")
    about = {"headline": UNBROKEN, "bio": UNBROKEN * 10}
    assert teacher.patch("/api/users/me", about).status_code == 200
    skills = [f"{number:02}" + UNBROKEN[:38] for number in range(20)]
    texts = {"title": UNBROKEN, "summary": (UNBROKEN * 2)[:200], "description": UNBROKEN * 20, "category": GERMAN}
    gig = world.gig(teacher, **texts, skills=skills, location=LINK[:500], late_cancellation_percent=50)
    for _ in range(25):
        world.told(student, title=UNBROKEN * 2, text=UNBROKEN * 8)
    lessons, course = _lessons(world, teacher, student, gig), _course(world, teacher, student)
    others = other_pages(world, teacher, student, gig)
    with serving(world.app) as url:
        yield House(url, teacher, student, gig["id"], lessons, course, others)


def _lessons(world: World, teacher: Person, student: Person, gig: dict[str, Any]) -> dict[str, int]:
    """Lessons in the states whose pages differ, with notes, reasons, a review and a reply."""
    note = {"note": UNBROKEN * 16}
    accepted = world.accepted(student, teacher, gig, starts_at=world.at(days=2), **note)["id"]
    cancelled = world.booking(student, gig, starts_at=world.at(days=3), **note)["id"]
    change = {"status": "cancelled", "reason": (UNBROKEN * 5)[:500]}
    assert student.patch(f"/api/bookings/{cancelled}", change).status_code == 200
    review = world.review(student, gig, comment=UNBROKEN * 40)
    assert teacher.patch(f"/api/reviews/{review['id']}", {"reply": UNBROKEN * 40}).status_code == 200
    series = {"gig_id": gig["id"], "starts_at": world.at(days=4), "weeks": 2, **note}
    made = student.post("/api/bookings/series", series)
    assert made.status_code == 201, made.text
    begun = insert_booking(world.app, student, gig, world.clock() - timedelta(hours=2), status="accepted")
    return {
        "pending": int(world.booking(student, gig, **note)["id"]),
        "accepted": int(accepted),
        "cancelled": int(cancelled),
        "reviewed": int(review["booking_id"]),
        "series": int(made.json["data"][0]["id"]),
        "begun": begun,
        "to review": world.past_lesson(student, gig),
    }


def _course(world: World, teacher: Person, student: Person) -> dict[str, int]:
    """A course with a task, two versions of the work and feedback, and another student who applies."""
    gig = world.gig(teacher, title=UNBROKEN, enrolment="application", capacity=2)
    place = world.place(student, teacher, gig)
    task = world.task(teacher, place, title=UNBROKEN, instructions=UNBROKEN * 10)["id"]
    for status in ("revision_requested", "approved"):
        made = student.post(f"/api/tasks/{task}/submissions", {"text": UNBROKEN * 20, "links": [LINK]})
        verdict = {"status": status, "feedback": UNBROKEN * 10}
        assert teacher.patch(f"/api/submissions/{made.json['id']}", verdict).status_code == 200
    applied = world.student().post(f"/api/gigs/{gig['id']}/applications", {"message": UNBROKEN * 20})
    assert applied.status_code == 201, applied.text
    return {"gigs": gig["id"], "courses": place, "tasks": task}
