"""Random histories of courses, compared step by step with a plain model in memory, with the cache and without it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask

from tests.support.world import Person, World

STEPS, CAPACITY = 60, 2
# What shows the same for everybody, with the cache and without it.
LISTS = ("applications", "assignments", "tasks", "tasks?status=approved", "users/me/work-history")


@dataclass
class Place:
    """What the model knows of one application, and of what came of it."""

    student: int
    status: str = "pending"
    assignment: int | None = None
    course: str = ""
    # By task: its status, and how many versions were handed in.
    tasks: dict[int, tuple[str, int]] = field(default_factory=dict)


class Model:
    """One gig, its teacher, three students."""

    def __init__(self, world: World, uncached: Flask, chance: random.Random) -> None:
        self.chance, self.uncached = chance, uncached.test_client(use_cookies=False)
        self.teacher, self.students = world.teacher(), [world.student() for _ in range(3)]
        self.gig = world.gig(self.teacher, enrolment="application", capacity=CAPACITY)["id"]
        self.places: dict[int, Place] = {}

    def active(self) -> list[Place]:
        return [place for place in self.places.values() if place.course == "active"]

    def step(self) -> None:
        self.chance.choice(
            [self.apply, self.decide, self.decide, self.end, self.set, self.set, self.hand_in, self.review]
        )()

    def apply(self) -> None:
        student = self.chance.choice(self.students)
        answer = student.post(f"/api/gigs/{self.gig}/applications", {"message": "Hello"})
        theirs = [place for place in self.places.values() if place.student == student.id]
        open_ = any(place.status == "pending" or place.course == "active" for place in theirs)
        assert answer.status_code == (409 if open_ else 201), answer.text
        if not open_:
            self.places[answer.json["id"]] = Place(student.id)

    def decide(self) -> None:
        if not self.places:
            return
        id_, place = self.chance.choice(list(self.places.items()))
        status = self.chance.choice(["accepted", "accepted", "rejected", "withdrawn"])
        person = self._student(place) if status == "withdrawn" else self.teacher
        answer = person.patch(f"/api/applications/{id_}", {"status": status})
        full = status == "accepted" and len(self.active()) >= CAPACITY
        possible = place.status == "pending" and not full
        assert answer.status_code == (200 if possible else 409), answer.text
        if possible:
            place.status = status
            if status == "accepted":
                place.assignment, place.course = answer.json["assignment_id"], "active"

    def end(self) -> None:
        given = [place for place in self.places.values() if place.assignment]
        if not given or self.chance.random() < 0.5:
            return
        place = self.chance.choice(given)
        status = self.chance.choice(["completed", "dropped"])
        body = {"status": status} | ({"reason": "No time."} if status == "dropped" else {})
        answer = self.teacher.patch(f"/api/assignments/{place.assignment}", body)
        assert answer.status_code == (200 if place.course == "active" else 409), answer.text
        if place.course == "active":
            place.course = status

    def set(self) -> None:
        if given := [place for place in self.places.values() if place.assignment]:
            place = self.chance.choice(given)
            body = {"title": "Scales", "instructions": ""}
            answer = self.teacher.post(f"/api/assignments/{place.assignment}/tasks", body)
            assert answer.status_code == (201 if place.course == "active" else 409), answer.text
            if place.course == "active":
                place.tasks[answer.json["id"]] = ("open", 0)

    def hand_in(self) -> None:
        for place, id_, (status, versions) in self._one_task():
            answer = self._student(place).post(f"/api/tasks/{id_}/submissions", {"text": "Here."})
            possible = place.course == "active" and status != "approved"
            assert answer.status_code == (201 if possible else 409), answer.text
            if possible:
                place.tasks[id_] = ("submitted", versions + 1)

    def review(self) -> None:
        for place, id_, (status, versions) in self._one_task():
            handed_in = self.teacher.get(f"/api/tasks/{id_}/submissions").json["data"]
            assert len(handed_in) == versions
            if handed_in:
                verdict = self.chance.choice(["approved", "revision_requested"])
                which = self.chance.choice(handed_in)
                body = {"status": verdict, "feedback": "Well."}
                answer = self.teacher.patch(f"/api/submissions/{which['id']}", body)
                newest = which["version"] == versions
                possible = place.course == "active" and status == "submitted" and newest
                assert answer.status_code == (200 if possible else 409), answer.text
                if possible:
                    place.tasks[id_] = (verdict, versions)

    def check(self) -> None:
        """Everybody sees exactly this."""
        for person in (self.teacher, *self.students):
            mine = [id_ for id_, place in self.places.items() if person is self.teacher or place.student == person.id]
            places = [self.places[id_] for id_ in mine]
            listed = _all(person, "/api/applications")
            assert {one["id"]: one["status"] for one in listed} == {id_: self.places[id_].status for id_ in mine}
            courses = {one["id"]: (one["status"], one["open_tasks"]) for one in _all(person, "/api/assignments")}
            assert courses == {place.assignment: (place.course, _to_do(place)) for place in places if place.assignment}
            tasks = {one["id"]: (one["status"], one["versions"]) for one in _all(person, "/api/tasks")}
            assert tasks == {id_: task for place in places for id_, task in place.tasks.items() if _listed(place, task)}

    def check_without_cache(self) -> None:
        """An application without a cache says the same, to the last field."""
        details = [f"applications/{id_}" for id_ in self.places]
        details += [f"assignments/{place.assignment}" for place in self.places.values() if place.assignment]
        tasks = [id_ for place in self.places.values() for id_ in place.tasks]
        details += [path for id_ in tasks for path in (f"tasks/{id_}", f"tasks/{id_}/submissions")]
        for path in (*LISTS, f"gigs/{self.gig}/applications", *details):
            for person in (self.teacher, *self.students):
                cached, plain = (
                    answer.json | {"cached": None}
                    for answer in (
                        person.get(f"/api/{path}"),
                        self.uncached.get(f"/api/{path}", headers=person.headers),
                    )
                )
                assert cached == plain, path

    def _student(self, place: Place) -> Person:
        return next(student for student in self.students if student.id == place.student)

    def _one_task(self) -> list[tuple[Place, int, tuple[str, int]]]:
        every = [(place, id_, task) for place in self.places.values() for id_, task in place.tasks.items()]
        return [self.chance.choice(every)] if every else []


def _all(person: Person, path: str) -> list[dict[str, Any]]:
    answer = person.get(f"{path}?limit=100")
    assert answer.status_code == 200, answer.text
    return list(answer.json["data"])


def _to_do(place: Place) -> int:
    return sum(status in ("open", "revision_requested") for status, _ in place.tasks.values())


def _listed(place: Place, task: tuple[str, int]) -> bool:
    return place.course == "active" or task[0] == "approved"


@pytest.mark.parametrize("seed", [15, 4])
def test_a_random_history_is_what_everybody_sees(world: World, make_app: Callable[..., Flask], seed: int) -> None:
    model = Model(world, make_app(cache_type="NullCache"), random.Random(seed))

    for number in range(STEPS):
        model.step()
        if number % 6 == 0:
            model.check()
    model.check()
    model.check_without_cache()
