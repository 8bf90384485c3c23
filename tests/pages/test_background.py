"""The pages, and the JSON, about jobs that were given up and mails that were sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from database import writing
from extensions import db
from jobs.models import Job, JobState
from mail.models import MailState, SentMail
from tests.pages.visitor import Visitor
from tests.support.world import World

Visit = Callable[..., Visitor]


@pytest.fixture
def office(visit: Visit, world: World) -> Visitor:
    """The browser of somebody in the office."""
    return visit(world.office())


def dead_jobs(world: World, number: int) -> list[int]:
    """Let so many jobs have been given up."""
    now = world.clock()
    with world.app.app_context(), writing() as session:
        jobs = [
            Job(name="test.gone", arguments="{}", state=JobState.DEAD, attempts=10, run_at=now, created_at=now)
            for _ in range(number)
        ]
        jobs[0].last_error = "ConnectionRefused: the mail server is away"
        session.add_all(jobs)
        session.flush()
        return [job.id for job in jobs]


def mails(world: World, *rows: tuple[str, MailState, str]) -> None:
    """Let mails have been sent: to whom, what became of them, about what."""
    with world.app.app_context(), writing() as session:
        start = db.session.query(SentMail).count()
        for number, (address, state, subject) in enumerate(rows, start):
            given = {"address": address, "state": state, "subject": subject, "type": "test", "message_id": "<a@b>"}
            at = world.clock() + timedelta(seconds=number)
            session.add(
                SentMail(**given, key=f"test {number}", reason="550 unknown" if state == "refused" else "", at=at)
            )


def test_what_was_given_up_stands_there_with_its_reason_and_is_tried_again(office: Visitor, world: World) -> None:
    (job,) = dead_jobs(world, 1)

    before = office.open("/admin/jobs").text
    office.send(f"/admin/jobs/{job}/retry")

    assert "the mail server is away" in before
    assert "It is tried again now." in office.text
    assert "Nothing was given up" in office.text
    assert "test.gone" in office.open("/admin/jobs?state=waiting").text


def test_what_nobody_wants_done_any_more_is_forgotten(office: Visitor, world: World) -> None:
    forgotten, other = dead_jobs(world, 2)

    office.open("/admin/jobs").send(f"/admin/jobs/{forgotten}/forget")

    assert "It is forgotten, and is not done any more." in office.text
    assert f"number {other}" in office.text
    assert "the mail server is away" not in office.text

    assert world.office().post(f"/api/admin/jobs/{other}/retry").json == {"retried": 1}
    office.send(f"/admin/jobs/{other}/forget")
    assert "tried again already, or is forgotten" in office.text


def test_all_that_was_given_up_is_tried_again_at_once(office: Visitor, world: World) -> None:
    dead_jobs(world, 3)

    office.open("/admin/jobs").send("/admin/jobs/retry-dead")

    assert "3 tasks are tried again now." in office.text


def test_a_job_that_was_tried_again_meanwhile_is_no_error_of_the_server(office: Visitor, world: World) -> None:
    (job,) = dead_jobs(world, 1)
    office.open("/admin/jobs")
    assert world.office().post(f"/api/admin/jobs/{job}/retry").json == {"retried": 1}

    office.send(f"/admin/jobs/{job}/retry")

    assert "tried again already" in office.text
    assert world.office().post(f"/api/admin/jobs/{job}/retry").status_code == 404


def test_programs_page_through_jobs_and_read_how_many_there_are(world: World) -> None:
    dead = dead_jobs(world, 3)
    office = world.office()

    first = office.get("/api/admin/jobs?state=dead&limit=2").json
    second = office.get(f"/api/admin/jobs?state=dead&limit=2&cursor={first['next_cursor']}").json

    assert [job["id"] for page in (first, second) for job in page["data"]] == dead[::-1]
    assert (first["depth"]["dead"], second["next_cursor"]) == (3, None)
    assert second["data"][-1]["error"] == "ConnectionRefused: the mail server is away"


def test_mails_are_listed_by_what_became_of_them_and_to_whom(office: Visitor, world: World) -> None:
    mails(
        world,
        ("ada@example.org", MailState.SENT, "Reminder: Piano"),
        ("bob@example.org", MailState.REFUSED, "Moved: Organ"),
    )

    everything = office.open("/admin/mail").text
    back = office.open("/admin/mail?state=refused").text
    to_ada = office.open("/admin/mail?address=Ada@example.org").text

    assert everything.index("Moved: Organ") < everything.index("Reminder: Piano")
    assert ("550 unknown" in back, "Reminder: Piano" in back) == (True, False)
    assert ("Reminder: Piano" in to_ada, "Moved: Organ" in to_ada) == (True, False)
    assert "No mail to nobody@example.org" in office.open("/admin/mail?address=nobody@example.org").text


def test_only_the_newest_thousand_mails_are_listed(world: World) -> None:
    mails(world, *[("ada@example.org", MailState.SENT, f"Number {number}") for number in range(1_005)])
    office, seen, cursor = world.office(), [], ""

    while cursor is not None:
        page = office.get(f"/api/admin/mail?limit=100{cursor and '&cursor=' + cursor}").json
        seen += [mail["subject"] for mail in page["data"]]
        cursor = page["next_cursor"]

    assert (len(seen), seen[0], seen[-1]) == (1_000, "Number 1004", "Number 5")


def test_a_review_is_hidden_with_a_reason_and_shown_again(office: Visitor, world: World) -> None:
    teacher = world.teacher(name="Grace Hopper")
    review = world.review(world.student(), world.gig(teacher), rating=1, comment="Never again.")

    office.open("/admin/reviews").send(f"/admin/reviews/{review['id']}/hide", reason=" ")
    refused = office.status, office.text
    office.send(f"/admin/reviews/{review['id']}/hide", reason="It names a pupil.")
    hidden = office.open("/admin/reviews?filter=hidden").text
    public = world.anyone.get(f"/api/reviews?user_id={teacher.id}").json["data"]
    office.send(f"/admin/reviews/{review['id']}/restore")

    assert refused[0] == 422
    assert "Please say why" in refused[1]
    assert ("It names a pupil." in hidden, public) == (True, [])
    assert "No review is hidden" in office.open("/admin/reviews?filter=hidden").text


def test_a_teacher_and_a_student_read_that_a_review_is_hidden_and_why(visit: Visit, world: World) -> None:
    teacher, student = world.teacher(), world.student()
    review = world.review(student, world.gig(teacher), rating=1, comment="Never again.")
    world.office().patch(f"/api/reviews/{review['id']}", {"hidden": True, "reason": "It names a pupil."})

    received = visit(teacher).open("/reviews?filter=hidden").text
    written = visit(student).open(f"/lessons/{review['booking_id']}").text

    assert "Hidden by the school: It names a pupil." in received
    assert "It was hidden: It names a pupil." in written
    assert "Never again." not in visit(teacher).open("/reviews").text
