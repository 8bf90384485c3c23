"""No page scrolls sideways, whatever people type; no panel lies outside the window; nothing in a field is cut off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.bookings.rows import insert_booking
from tests.browser.serving import serving
from tests.support.world import PASSWORD, Person, World

WIDTHS = (320, 360, 1280)
# Every field at its full length: without a place to break, as German has them, and as programs for meetings make them.
UNBROKEN = "x" * 120
GERMAN = ("Rechtsanwaltsfachangestelltenprüfungsvorbereitung" * 3)[:60]
LINK = "https://us02web.zoom.us/j/" + "8123456789?pwd=" + "dGhpc2lzbm90YXJlYWxwYXNzd29yZA" * 15
# What is wider than the window, with how far it goes.
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? null :
  [...document.querySelectorAll("main *, header *, footer *")]
    .filter((it) => it.getBoundingClientRect().right > innerWidth)
    .map((it) => `${it.tagName}.${it.className} ${Math.round(it.getBoundingClientRect().right)}`).slice(0, 3)"""
# Opens each panel in turn, and tells which of them cannot be read whole.
CUT_OFF = """() => [...document.querySelectorAll("details.confirm, details.menu")].map((details) => {
    const around = details.parentElement.closest("details");
    if (around) around.open = true;
    details.open = true;
    const panel = details.lastElementChild.getBoundingClientRect();
    const wide = document.documentElement.scrollWidth;
    details.open = false;
    if (around) around.open = false;
    return panel.width > 0 && panel.left >= 0 && panel.right <= innerWidth && wide <= innerWidth ? null :
      `${details.innerText.slice(0, 20)}: ${panel.left} to ${panel.right}`;
  }).filter(Boolean)"""
# What each time's field lacks of the width that it would take by itself.
CLOCK_LACKS = """() => [...document.querySelectorAll("input[type=time]")].map((input) => {
    const width = input.offsetWidth;
    input.style.cssText = "flex: none; width: max-content; min-width: 0; max-width: none";
    const lacks = input.offsetWidth - width;
    input.style.cssText = "";
    return lacks;
  }).filter((lacks) => lacks > 0)"""


@dataclass
class House:
    """A served application, the people who filled it, and what there is to see."""

    url: str
    teacher: Person
    student: Person
    gig_id: int
    lessons: dict[str, int]
    course: dict[str, int]

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


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def house(world: World) -> Iterator[House]:
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
    with serving(world.app) as url:
        yield House(url, teacher, student, gig["id"], lessons, course)


def _lessons(world: World, teacher: Person, student: Person, gig: dict[str, object]) -> dict[str, int]:
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


def open_page(browser: Browser, house: House, email: str, **options: object) -> Page:
    """A page for one of the people, or a visitor."""
    page = browser.new_page(base_url=house.url, reduced_motion="reduce", **options)  # type: ignore[arg-type]
    if email:
        page.goto("/sign-in")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/lessons")
    return page


def test_no_page_scrolls_sideways_whatever_people_typed(browser: Browser, house: House) -> None:
    wide = []
    for email, paths in house.pages().items():
        page = open_page(browser, house, email)
        for path in paths:
            assert page.goto(path).status == 200, path
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                if found := page.evaluate(TOO_WIDE):
                    wide.append((path[:30], width, found))
    # The last one to read is the teacher: a message repeats what was typed.
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(f"/gigs/{house.gig_id}/edit")
    page.get_by_role("button", name="Pause").click()

    # The editor's bar has a status of its own.
    expect(page.get_by_role("status").filter(has_text=UNBROKEN)).to_be_visible()
    page.wait_for_load_state()
    assert page.evaluate(TOO_WIDE) is None
    assert not wide, "\n".join(map(str, wide))


def test_every_panel_can_be_read_whole_at_every_width(browser: Browser, house: House) -> None:
    page = open_page(browser, house, house.teacher.email)
    lesson, begun = house.lessons["pending"], house.lessons["begun"]
    cut_off = []
    for path in (
        "/lessons",
        f"/lessons/{lesson}",
        f"/lessons/{begun}",
        f"/lessons/{house.lessons['series']}",
        "/profile",
    ):
        page.goto(path)
        assert page.locator("details.confirm").count() or path == "/profile", path
        for width in sorted({*range(320, 1401, 40), 767, 768, 959, 960, 1370}):
            page.set_viewport_size({"width": width, "height": 800})
            cut_off += [(path, width, panel) for panel in page.evaluate(CUT_OFF)]
    page.close()

    assert not cut_off, "\n".join(map(str, cut_off))


def test_the_clock_of_twelve_hours_is_not_cut_off(browser: Browser, house: House) -> None:
    page = open_page(browser, house, house.teacher.email, locale="en-US")
    page.goto("/availability")
    lacks, wide = {}, {}

    for width in (320, 360, 414, 600, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        lacks[width], wide[width] = page.evaluate(CLOCK_LACKS), page.evaluate(TOO_WIDE)
    page.close()

    assert not any(lacks.values()), lacks
    assert not any(wide.values()), wide
