"""An open page shows what the other side does, without a reload, and says what it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from server.children import wait_until
from tests.browser.school import ADMIN, STUDENT, School, signed_in
from tests.browser.test_journey import ask, message, publish

# The promise is ten seconds; a busy machine may take a little longer.
PROMISED = 15_000
CHANGES = "/api/users/me/changes"
# Keeps what a page wants to do later, so that a test can do it at once.
KEEP_TIMERS = """
window.planned = [];
const later = window.setTimeout;
window.setTimeout = (act, after, ...more) =>
  ["look", "refresh"].includes(act.name) ? window.planned.push({ act, after }) : later(act, after, ...more);
"""


def look(page: Page) -> None:
    """Come back to a page, which then looks at once."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@pytest.fixture
def lesson(school: School, open_browser: Callable[..., Page], request: pytest.FixtureRequest) -> tuple[Page, Page, str]:
    """A teacher and a student who has asked for a lesson, and the lesson's address."""
    teacher, student = open_browser(), open_browser()
    # The school stays for all tests, and a search for the title finds one gig.
    title = f"Calculus {len(request.node.name)}"
    school.register(teacher, "Teacher", "Ada Marlowe")
    publish(teacher, title)
    school.register(student, "Student", "Mia Lindqvist")
    ask(student, title)
    return teacher, student, student.url


def test_open_pages_follow_the_other_side_and_keep_what_is_open_and_typed(
    lesson: tuple[Page, Page, str], open_browser: Callable[..., Page]
) -> None:
    teacher, student, address = lesson
    start = student.context.new_page()
    start.goto("/")
    expect(start.locator("main")).to_contain_text("Nothing is planned yet")
    mine = student.context.new_page()
    mine.goto("/lessons")
    mine.locator(".row-menu > summary").click()
    typing = student.context.new_page()
    typing.goto("/lessons")
    typing.locator(".filters > summary").click()
    typing.get_by_label("From").fill("2026-01-01")

    teacher.goto("/lessons")
    teacher.get_by_role("button", name="Accept").click()
    message(teacher, "The lesson is agreed on.")

    for page in (student, mine, start):
        expect(page.locator("main")).to_contain_text("Accepted", timeout=PROMISED)
        message(page, "Ada")
    assert student.url == address
    assert mine.evaluate("document.querySelector('.row-menu').open")
    assert mine.evaluate("document.activeElement.parentElement.matches('.row-menu')")
    expect(typing.get_by_role("status").get_by_role("link", name="Show")).to_be_visible(timeout=PROMISED)
    expect(typing.get_by_label("From")).to_have_value("2026-01-01")


def test_the_week_follows_too_and_a_look_without_news_is_not_modified(lesson: tuple[Page, Page, str]) -> None:
    teacher, student, address = lesson
    # A clock that is a day wrong changes nothing: times are the server's.
    teacher.clock.set_system_time(datetime.now(UTC) + timedelta(days=1))
    teacher.goto("/schedule/day?date=" + (student.locator("time").first.get_attribute("datetime") or "")[:10])
    expect(teacher.locator(".cal-block")).to_contain_text("Waiting")
    with teacher.expect_response(lambda answer: answer.url.endswith(CHANGES) and answer.status == 304):
        look(teacher)

    student.goto(f"{address}/cancel")
    student.get_by_role("button", name="Cancel this lesson").click()

    look(teacher)
    expect(teacher.locator(".cal-block")).to_have_count(0, timeout=PROMISED)
    message(teacher, "Mia")


def test_a_message_appears_and_stays_marked_as_new_while_it_is_read(lesson: tuple[Page, Page, str]) -> None:
    teacher, student, address = lesson
    teacher.goto(address)
    # The page of this lesson has been looked at, so nothing of it is new.
    with teacher.expect_response(lambda answer: answer.url.endswith(CHANGES) and answer.status == 304):
        look(teacher)

    student.get_by_label("Your message").fill("May I bring my sister?")
    student.get_by_role("button", name="Send").click()
    message(student, "Your message is sent.")

    look(teacher)
    expect(teacher.locator(".message")).to_contain_text("New", timeout=PROMISED)
    with teacher.expect_response(lambda answer: answer.url.endswith(CHANGES) and answer.status == 304):
        look(teacher)
    expect(teacher.locator(".message")).to_contain_text("New · Mia Lindqvist")


def test_applications_courses_and_tasks_follow_and_work_that_is_typed_stays(
    school: School, open_browser: Callable[..., Page]
) -> None:
    with school.world() as world:
        teacher, student, other = world.teacher(name="Nora Field"), world.student(), world.student(name="Ida Holm")
        gig = world.gig(teacher, enrolment="application", capacity=2)
        place = world.place(student, teacher, gig)
        task, course = world.task(teacher, place), f"/courses/{place}"
        own = signed_in(open_browser(), student)
        pages = {path: own.context.new_page() for path in ("/courses", course, "/tasks", f"/tasks/{task['id']}")}
        for path, page in pages.items():
            page.goto(path)
        hand_in = pages[f"/tasks/{task['id']}"]
        hand_in.get_by_label("Your work").fill("Eight bars.")
        asked = signed_in(open_browser(), teacher)
        asked.goto("/applications")
        expect(asked.get_by_role("main")).to_contain_text("Nobody waits for an answer")

        applied = other.post(f"/api/gigs/{gig['id']}/applications", {"message": "May I come, too?"})
        changed = teacher.patch(f"/api/tasks/{task['id']}", {"title": "Two voices"})
        more = world.task(teacher, place, title="Three voices")

        assert (applied.status_code, changed.status_code, bool(more)) == (201, 200, True), changed.text
        look(asked)
        expect(asked.get_by_role("main")).to_contain_text("Ida Holm", timeout=PROMISED)
        expect(asked.get_by_role("status").filter(has_text="Ida Holm")).to_be_visible(timeout=PROMISED)
        for page in pages.values():
            look(page)
        expect(pages["/tasks"].get_by_role("main")).to_contain_text("Three voices", timeout=PROMISED)
        expect(pages[course].get_by_role("main")).to_contain_text("Three voices", timeout=PROMISED)
        expect(pages["/courses"].get_by_role("main")).to_contain_text("0 of 2 tasks done", timeout=PROMISED)
        expect(hand_in.get_by_role("status").get_by_role("link", name="Show")).to_be_visible(timeout=PROMISED)
        expect(hand_in.get_by_label("Your work")).to_have_value("Eight bars.")


def test_a_gigs_page_follows_what_others_book_and_keeps_what_is_typed(
    school: School, open_browser: Callable[..., Page]
) -> None:
    with school.world() as world:
        teacher, student, other = world.teacher(), world.student(), world.student()
        gig = world.gig(teacher, capacity=1, times="timetable")
        sessions = f"/api/gigs/{gig['id']}/sessions"
        starts = [
            datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=days) for days in (2, 3)
        ]
        for start in starts:
            made = teacher.post(sessions, {"starts_at": f"{start:%Y-%m-%dT%H:%M:%SZ}"})
            assert made.status_code == 201, made.text
        address = f"/gigs/{gig['id']}"
        looking = signed_in(open_browser(), student)
        typing = looking.context.new_page()
        for page in (looking, typing):
            page.goto(address)
            expect(page.locator("input[name=starts_at]")).to_have_count(2)
        typing.get_by_label("Note").fill("I have a violin.")
        timetable = signed_in(open_browser(), teacher)
        timetable.goto(f"{address}/timetable")

        world.booking(other, gig, starts_at=f"{starts[0]:%Y-%m-%dT%H:%M:%SZ}")

        for page in (looking, typing, timetable):
            look(page)
        expect(looking.locator("input[name=starts_at]")).to_have_count(1, timeout=PROMISED)
        expect(looking.get_by_role("status")).to_contain_text("Something on this page has changed.", timeout=PROMISED)
        expect(typing.get_by_role("status").get_by_role("link", name="Show")).to_be_visible(timeout=PROMISED)
        expect(typing.get_by_label("Note")).to_have_value("I have a violin.")
        expect(timetable.get_by_role("main")).to_contain_text("1 of 1 taken", timeout=PROMISED)


def test_full_times_and_who_waits_for_them_follow(school: School, open_browser: Callable[..., Page]) -> None:
    with school.world() as world:
        teacher, student, other = world.teacher(), world.student(name="Ida Holm"), world.student()
        gig = world.gig(teacher, capacity=1, times="timetable")
        start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
        made = teacher.post(f"/api/gigs/{gig['id']}/sessions", {"starts_at": f"{start:%Y-%m-%dT%H:%M:%SZ}"})
        assert made.status_code == 201, made.text
        waits, asked = signed_in(open_browser(), student), signed_in(open_browser(), teacher)
        for page in (waits, asked):
            page.goto(f"/gigs/{gig['id']}/waitlist")
        place = waits.get_by_role("button", name="Tell me when")
        expect(place).to_have_count(0)

        world.booking(other, gig, starts_at=f"{start:%Y-%m-%dT%H:%M:%SZ}")
        look(waits)
        expect(place).to_have_count(1, timeout=PROMISED)
        place.click()

        message(waits, "You wait for")
        look(asked)
        expect(asked.get_by_role("main")).to_contain_text("Ida Holm", timeout=PROMISED)


def test_an_open_page_looks_again_soon_enough_to_show_a_change_within_ten_seconds(
    school: School, open_browser: Callable[..., Page]
) -> None:
    page = open_browser()
    school.sign_in(page, STUDENT)
    page.add_init_script(KEEP_TIMERS)
    page.goto("/lessons")

    # Each look plans the next one, also after one without news.
    for number in (1, 2, 3):
        page.wait_for_function("number => planned.length === number", arg=number)
        assert 1_000 <= page.evaluate("planned.at(-1).after") < 10_000
        with page.expect_response(lambda answer: answer.url.endswith(CHANGES)):
            page.evaluate("() => { planned.at(-1).act(); }")


def test_the_page_of_the_cache_follows_what_is_read_without_a_reload(
    school: School, open_browser: Callable[..., Page]
) -> None:
    page = open_browser()
    school.sign_in(page, ADMIN)
    page.add_init_script(KEEP_TIMERS)
    page.goto("/admin/cache")
    page.evaluate("window.stayed = true")
    tile = page.locator(".tiles > div", has_text="Reads").locator("dd")
    before = int(tile.inner_text().replace(",", ""))
    for _ in range(30):
        assert page.request.get("/api/gigs").ok

    def follows() -> bool:
        # Each look plans the next one, ten seconds later.
        page.wait_for_function("planned.length > 0")
        page.evaluate("planned.shift().act()")
        return int(tile.inner_text().replace(",", "")) >= before + 30

    planned = page.evaluate("planned.map((each) => each.after)")
    assert wait_until(follows, seconds=60)
    assert (planned, page.evaluate("window.stayed")) == ([10_000], True)
