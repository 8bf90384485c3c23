"""An office's Monday: what waits, a lesson to move, a payment, a review that must not stand, work that was given up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from database import writing
from jobs.models import Job, JobState
from tests.browser.school import School
from tests.support.world import PASSWORD, World

Open = Callable[..., Page]


class Monday:
    """What has come in over the weekend, with people of its own."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.student = world.student(name=f"{name} Pupil", email=f"{name}.pupil@example.org".lower())
        self.teacher = world.teacher(name=f"{name} Master", email=f"{name}.master@example.org".lower())
        self.office = world.register("student", name=f"{name} Palmer", email=f"{name}.palmer@example.org".lower())
        world.operator("accounts", "set-role", self.office.email, "office")
        self.gig = world.gig(self.teacher, title=f"Organ of {name}")
        self.asked = world.booking(self.student, self.gig, starts_at=world.at(days=3))["id"]
        self.agreed = world.accepted(self.student, self.teacher, self.gig, starts_at=world.at(days=4))
        self.review = world.review(self.student, self.gig, rating=1, comment=f"{name}'s teacher is Mr Secret.")
        paid = {"booking_id": self.agreed["id"], "method": "cash", "amount_cents": 3000, "currency": "EUR"}
        answer = self.student.post("/api/payments", {**paid, "reference": ""})
        assert answer.status_code == 201, answer.text
        self.payment = answer.json["id"]
        self.job = self._given_up()

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
            "payment": self.student.get(f"/api/payments/{self.payment}").json["status"],
            "reviews": [review["id"] for review in reviews],
        }


@pytest.mark.parametrize(("name", "javascript", "width"), [("Desk", True, 1280), ("Phone", False, 360)])
def test_an_offices_monday(school: School, open_browser: Open, name: str, javascript: bool, width: int) -> None:
    with school.world() as world:
        monday = Monday(world, name)
        page = open_browser(java_script_enabled=javascript, viewport={"width": width, "height": 800})
        page.goto("/sign-in")
        page.get_by_label("E-mail address").fill(monday.office.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="Sign in")).to_have_count(0)

        page.goto("/admin")
        expect(page.get_by_role("heading", name="Needs a look")).to_be_visible()

        page.goto(f"/lessons/{monday.asked}")
        page.get_by_role("button", name="Accept").first.click()
        expect(page.get_by_role("status")).not_to_be_empty()

        page.goto(f"/lessons/{monday.agreed['id']}/move")
        page.locator("input[name=starts_at]").first.check()
        page.get_by_role("button", name="Move this lesson").click()
        expect(page.get_by_role("status")).not_to_be_empty()

        page.goto("/payments")
        row = page.get_by_role("listitem").filter(has_text=f"{name} Pupil")
        row.get_by_role("button", name="It has come").click()
        expect(page.get_by_role("status")).to_contain_text("marked as received")

        page.goto("/admin")
        open_section(page, "Reviews")
        row = page.get_by_role("listitem").filter(has_text=f"{name}'s teacher is")
        row.get_by_text("Hide", exact=False).first.click()
        row.get_by_label("Why?").fill("It names a teacher of another school.")
        row.get_by_role("button", name="Hide this review").click()
        expect(page.get_by_role("status")).to_contain_text("is hidden")

        open_section(page, "Background")
        page.get_by_role("listitem").filter(has_text=f"number {monday.job}").get_by_role("button").click()
        expect(page.get_by_role("status")).to_contain_text("tried again")

        assert monday.state() == {"asked": "accepted", "moved": True, "payment": "verified", "reviews": []}
        for path in ("/admin", "/admin/reviews?filter=hidden", "/admin/jobs", "/admin/mail", "/admin/gigs"):
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def open_section(page: Page, name: str) -> None:
    """Follow a link of Administration, whose list is folded away on a phone."""
    sections = page.get_by_role("navigation", name="Administration")
    fold = sections.locator("summary")
    if fold.is_visible():
        fold.click()
    sections.get_by_role("link", name=name).click()
