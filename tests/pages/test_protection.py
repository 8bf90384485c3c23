"""What holds for every page: no change without a form's token, nothing kept on the way, no markup of users."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.pages.visitor import Visitor
from tests.support.world import World

Visit = Callable[..., Visitor]

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def posts(app: Flask) -> list[str]:
    """Every page that takes a POST, with 1 for every id."""
    rules = [rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    return sorted(re.sub("<[^>]*>", "1", rule) for rule in rules if not rule.startswith("/api/"))


def test_no_page_changes_anything_without_its_forms_token(visit: Visit, world: World) -> None:
    teacher, student = world.teacher(), world.student()
    world.booking(student, world.gig(teacher))
    paths = posts(world.app)
    assert len(paths) > 10

    for person in (None, teacher, student):
        visitor = visit(person)
        answers = {path: visitor.client.post(path, data={"status": "cancelled"}).status_code for path in paths}
        # Mail programs stop mails with nothing but the signed address, and this one is made up. The provider of card
        # payments signs what it sends, and there is none here.
        assert answers == dict.fromkeys(paths, 403) | {"/unsubscribe/1": 404, "/webhooks/stripe": 404}
    assert student.get("/api/bookings/1").json["status"] == "pending"


def test_a_form_without_its_token_says_what_to_do(visit: Visit) -> None:
    visitor = visit().post("/sign-in", {"email": "mia@example.org", "password": "x"})

    assert "This form has expired" in visitor.text


def test_a_form_that_has_expired_gives_back_what_was_typed_but_no_password(visit: Visit, world: World) -> None:
    typed = {
        "title": "Fugues <for> the brave and the patient",
        "new_password": "a long walk in the hills",
        "status": "open",
    }

    html = visit(world.teacher()).post("/gigs/new", typed).answer.text

    assert "Fugues &lt;for&gt; the brave and the patient</textarea>" in html
    assert "hills" not in html
    assert html.count("<textarea") == 1


def test_a_form_that_is_too_large_to_be_read_is_refused_as_before(visit: Visit, world: World) -> None:
    assert visit(world.teacher()).post("/gigs/new", {"title": "so many words " * 500_000}).status == 413


def test_a_token_of_somebody_elses_session_does_not_count(visit: Visit, world: World) -> None:
    mine, theirs = visit(world.student()).open("/profile"), visit(world.student()).open("/profile")

    mine.post("/profile", theirs.form().values)

    assert mine.status == 403
    assert "Signed in as" in mine.text


@pytest.mark.parametrize("path", ["/", "/gigs", "/sign-in", "/lessons", "/profile", "/nowhere", "/api/docs"])
def test_pages_are_kept_nowhere_and_run_no_script_of_their_own(visit: Visit, world: World, path: str) -> None:
    headers = visit(world.student()).open(path).answer.headers

    assert headers["Cache-Control"] == "no-store"
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_what_people_write_is_never_markup(visit: Visit, world: World) -> None:
    teacher, student = world.teacher(), world.student()
    teacher.patch("/api/users/me", {"name": HOSTILE[:80], "headline": HOSTILE, "bio": HOSTILE})
    student.patch("/api/users/me", {"name": HOSTILE[:80]})
    gig = world.gig(teacher, title=HOSTILE, description=HOSTILE, category=HOSTILE[:60], skills=[HOSTILE[:40]])
    booking = world.booking(student, gig, note=HOSTILE)
    student.patch(f"/api/bookings/{booking['id']}", {"status": "cancelled", "reason": HOSTILE})
    review = world.review(student, gig, comment=HOSTILE)
    teacher.patch(f"/api/reviews/{review['id']}", {"reply": HOSTILE})

    for person in (None, teacher, student):
        visitor = visit(person)
        for path in (
            "/",
            "/gigs",
            f"/gigs/{gig['id']}",
            f"/teachers/{teacher.id}",
            "/lessons",
            "/reviews",
            f"/lessons/{booking['id']}",
            f"/gigs/{gig['id']}/edit",
            f"/gigs?q={HOSTILE}&skill={HOSTILE[:40]}",
        ):
            assert "<script>alert" not in visitor.open(path).answer.text
            assert "<img src=x" not in visitor.answer.text


def test_other_peoples_lessons_do_not_exist(visit: Visit, world: World) -> None:
    booking = world.booking(world.student(), world.gig(world.teacher()))
    path = f"/lessons/{booking['id']}"

    for stranger in (world.student(), world.teacher()):
        visitor = visit(stranger)
        token = visitor.open("/profile").form().values["csrf_token"]
        assert visitor.open(path).status == 404
        assert visitor.post(f"{path}/status", {"status": "cancelled", "csrf_token": token}).status == 404


@pytest.mark.parametrize("path", ["/lessons", "/lessons/1", "/profile", "/reviews", "/gigs/mine", "/gigs/new"])
def test_who_is_not_signed_in_is_asked_to_do_so(visit: Visit, path: str) -> None:
    assert visit().open(path).path == f"/sign-in?next={path}"


@pytest.mark.parametrize("path", ["/gigs/new", "/gigs/mine", "/reviews"])
def test_a_teachers_pages_are_not_for_students(visit: Visit, world: World, path: str) -> None:
    assert visit(world.student()).open(path).status == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere", 404),
        ("/gigs/4711", 404),
        ("/gigs/99999999999999999999", 404),
        ("/gigs?cursor=nonsense", 422),
        ("/lessons?cursor=nonsense", 422),
        ("/lessons?status=nonsense", 422),
        ("/teachers/1?cursor=nonsense", 422),
        ("/reviews?filter=nonsense", 422),
    ],
)
def test_what_makes_no_sense_gets_a_page_in_kind_words(visit: Visit, world: World, path: str, status: int) -> None:
    visitor = visit(world.teacher()).open(path)

    assert visitor.status == status
    assert "Signed in as" in visitor.text


@pytest.mark.parametrize(
    "referrer",
    [
        "http://localhost//reviews?filter=all",
        "http://localhost///evil.example",
        "http://localhost/\\evil.example",
        "http://localhost",
        "http://evil.example/reviews",
        "",
    ],
)
def test_a_button_leads_back_to_a_page_of_ours_alone(visit: Visit, world: World, referrer: str) -> None:
    teacher = world.teacher()
    review = world.review(world.student(), world.gig(teacher))
    visitor = visit(teacher).open("/reviews")
    form = visitor.form(f"/reviews/{review['id']}/read")

    answer = visitor.client.post(form.action, data=form.values, headers={"Referer": referrer})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/reviews")


def test_a_button_leads_back_to_the_page_that_it_was_on(visit: Visit, world: World) -> None:
    teacher = world.teacher()
    review = world.review(world.student(), world.gig(teacher))
    visitor = visit(teacher).open("/reviews?filter=all")

    assert visitor.send(f"/reviews/{review['id']}/read").path == "/reviews?filter=all"


def test_a_page_that_is_no_form_takes_no_post(visit: Visit, world: World) -> None:
    answer = visit(world.student()).client.post("/lessons")

    assert (answer.status_code, "GET" in answer.headers["Allow"]) == (405, True)


def test_the_address_of_a_form_leads_to_its_page(visit: Visit, world: World) -> None:
    student, teacher = world.student(), world.teacher()
    gig = world.gig(teacher)
    booking = world.booking(student, gig)
    lesson = f"/lessons/{booking['id']}"
    visitor = visit(student)

    leads = {
        f"/gigs/{gig['id']}/lessons": f"/gigs/{gig['id']}",
        f"{lesson}/status": lesson,
        f"{lesson}/series": lesson,
        f"{lesson}/offer": lesson,
        "/waitlist/7/leave": "/lessons",
        "/profile/password": "/profile",
        "/profile/calendar-feed/stop": "/profile",
        "/sign-out": "/",
    }
    assert {address: visitor.open(address).path for address in leads} == leads
    assert visitor.open("/profile").status == 200
