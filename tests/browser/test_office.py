"""An office's Monday: what waits, lessons, payments, places and teachers to look at, work that was given up."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from database import writing
from jobs.models import Job, JobState
from tests.browser.school import School, signed_in
from tests.support.world import Person, World

Open = Callable[..., Page]


class Monday:
    """What has come in over the weekend, with people of its own."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.student = world.student(name=f"{name} Pupil", email=f"{name}.pupil@example.org".lower())
        self.teacher = world.teacher(name=f"{name} Master", email=f"{name}.master@example.org".lower())
        self.office = raised(world, f"{name} Palmer", "office")
        self.gig = world.gig(self.teacher, title=f"Organ of {name}")
        self.asked = world.booking(self.student, self.gig, starts_at=world.at(days=3))["id"]
        self.agreed = world.accepted(self.student, self.teacher, self.gig, starts_at=world.at(days=4))
        self.review = world.review(self.student, self.gig, rating=1, comment=f"{name}'s teacher is Mr Secret.")
        paid = {"booking_id": self.agreed["id"], "method": "cash", "amount_cents": 3000, "currency": "EUR"}
        answer = self.student.post("/api/payments", {**paid, "reference": ""})
        assert answer.status_code == 201, answer.text
        self.payment = answer.json["id"]
        self.course = world.gig(self.teacher, title=f"Fugues of {name}", enrolment="application")["id"]
        self.application = self._asks_for_a_place()
        self.job = self._given_up()

    def _asks_for_a_place(self) -> int:
        wish = {"message": "I would like to write fugues."}
        answer = self.student.post(f"/api/gigs/{self.course}/applications", wish)
        assert answer.status_code == 201, answer.text
        return int(answer.json["id"])

    def _given_up(self) -> int:
        now = datetime.now(UTC)
        with self.world.app.app_context(), writing() as session:
            job = Job(
                name="webhooks.wake", arguments="{}", state=JobState.DEAD, attempts=10, run_at=now, created_at=now
            )
            session.add(job)
            session.flush()
            return int(job.id)

    def state(self) -> dict[str, object]:
        """How all of it stands, as programs read it."""
        booking = self.student.get(f"/api/bookings/{self.agreed['id']}").json
        reviews = self.world.anyone.get(f"/api/reviews?user_id={self.teacher.id}").json["data"]
        return {
            "asked": self.student.get(f"/api/bookings/{self.asked}").json["status"],
            "moved": booking["starts_at"] != self.agreed["starts_at"],
            "application": self.student.get(f"/api/applications/{self.application}").json["status"],
            "payment": self.student.get(f"/api/payments/{self.payment}").json["status"],
            "reviews": [review["id"] for review in reviews],
        }


@pytest.mark.parametrize(("name", "javascript", "width"), [("Desk", True, 1280), ("Phone", False, 360)])
def test_an_offices_monday(school: School, open_browser: Open, name: str, javascript: bool, width: int) -> None:
    with school.world() as world:
        monday = Monday(world, name)
        page = open_browser(java_script_enabled=javascript, viewport={"width": width, "height": 800})
        signed_in(page, monday.office)

        page.goto("/admin")
        expect(page.get_by_role("heading", name="Needs a look")).to_be_visible()

        page.goto("/admin")
        open_section(page, "Lessons")
        find(page, name, "Waiting")
        expect(page.locator("[data-lesson]")).to_have_count(1)
        page.locator(".lesson-end").get_by_role("link", name="Open").or_(page.locator(".lesson-what a")).first.click()
        expect(page).to_have_url(re.compile(f"/lessons/{monday.asked}$"))
        page.get_by_role("button", name="Accept").first.click()
        expect(page.get_by_role("status")).not_to_be_empty()

        page.goto(f"/lessons/{monday.agreed['id']}/move")
        page.locator("input[name=starts_at]").first.check()
        page.get_by_role("button", name="Move this lesson").click()
        expect(page.get_by_role("status")).not_to_be_empty()

        page.goto("/admin")
        open_section(page, "Payments")
        find(page, name, "To check")
        row = page.get_by_role("listitem").filter(has_text=f"{name} Pupil")
        row.get_by_role("button", name="It has come").click()
        expect(page.get_by_role("status")).to_contain_text("marked as received")

        open_section(page, "Applications")
        find(page, name, "Waiting for an answer")
        page.get_by_role("listitem").filter(has_text=f"{name} Pupil").get_by_role("button", name="Accept").click()
        expect(page.get_by_role("status")).to_contain_text("has a place now")

        open_section(page, "Reviews")
        row = page.get_by_role("listitem").filter(has_text=f"{name}'s teacher is")
        row.get_by_text("Hide", exact=False).first.click()
        row.get_by_label("Why?").fill("It names a teacher of another school.")
        row.get_by_role("button", name="Hide this review").click()
        expect(page.get_by_role("status")).to_contain_text("is hidden")

        open_section(page, "Background")
        page.get_by_role("listitem").filter(has_text=f"number {monday.job}").get_by_role("button").click()
        expect(page.get_by_role("status")).to_contain_text("tried again")

        done = {"asked": "accepted", "application": "accepted", "moved": True, "payment": "verified", "reviews": []}
        assert monday.state() == done
        for path in (
            "/admin",
            "/admin/lessons",
            "/admin/payments",
            "/admin/applications",
            "/admin/teachers",
            "/admin/gigs",
        ):
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize(("name", "javascript", "width"), [("Desk", True, 1280), ("Phone", False, 360)])
def test_an_office_approves_a_teacher(
    school: School, open_browser: Open, name: str, javascript: bool, width: int
) -> None:
    with school.world() as world, only_approved_teach(raised(world, f"{name} Principal", "admin")):
        office = raised(world, f"{name} Clerk", "office")
        teacher = world.teacher(name=f"{name} Newcomer", email=f"{name}.newcomer@example.org".lower())
        gig = world.gig(teacher, status="draft")["id"]
        theirs, page = (
            open_browser(java_script_enabled=javascript, viewport={"width": width, "height": 800}) for _ in range(2)
        )
        signed_in(theirs, teacher)
        theirs.goto("/teaching")
        theirs.get_by_role("textbox").fill("I have taught the organ for ten years.")
        theirs.get_by_role("button", name="Ask whether I may teach").click()
        expect(theirs.get_by_role("heading", name="The school has your question")).to_be_visible()
        refused = teacher.post(f"/api/gigs/{gig}/status", {"status": "published"})

        signed_in(page, office)
        page.goto("/admin")
        page.get_by_role("link", name="to teach here").click()
        row = page.get_by_role("listitem").filter(has_text=f"{name} Newcomer")
        expect(row).to_contain_text("for ten years")
        row.get_by_role("button", name="Approve").click()
        expect(page.get_by_role("status")).to_contain_text(f"{name} Newcomer can teach now")

        theirs.reload()
        expect(theirs.get_by_role("heading", name="You can teach")).to_be_visible()
        assert refused.status_code == 403
        assert teacher.post(f"/api/gigs/{gig}/status", {"status": "published"}).status_code == 200


def raised(world: World, name: str, role: str) -> Person:
    """Somebody who runs the school, with an address that no other test of this server has."""
    person = world.register("student", name=name, email=f"{name.replace(' ', '.')}@example.org".lower())
    world.operator("accounts", "set-role", person.email, role)
    return person


@contextmanager
def only_approved_teach(admin: Person) -> Iterator[None]:
    """Let the school approve its teachers for a while."""
    before = admin.get("/api/admin/school").json
    settings = {key: value for key, value in before.items() if key not in ("logo", "cached")}
    try:
        answer = admin.put("/api/admin/school", settings | {"teaching": "approved"})
        assert answer.status_code == 200, answer.text
        yield
    finally:
        admin.put("/api/admin/school", settings)


def find(page: Page, name: str, status: str) -> None:
    """Narrow a list to what is of this student, in this state."""
    page.locator("summary", has_text="Filter").click()
    page.get_by_label("Student or teacher").fill(f"{name} Pupil")
    page.get_by_label("Status").select_option(label=status)
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**person=**")


def open_section(page: Page, name: str) -> None:
    """Follow a link of Administration, whose list is folded away on a phone."""
    sections = page.get_by_role("navigation", name="Administration")
    fold = sections.locator("summary")
    if fold.is_visible():
        fold.click()
    sections.get_by_role("link", name=name).click()
