"""What an operator does with `flask accounts` is effective at once, in every process."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.support.world import PASSWORD, Person, World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def run(world: World, *arguments: str, typed: str | None = None) -> tuple[int, str]:
    result = world.app.test_cli_runner().invoke(args=["accounts", *arguments], input=typed)
    return result.exit_code, result.output


def sign_in(world: World, email: str, password: str) -> int:
    return world.anyone.post("/api/auth/login", json={"email": email, "password": password}).status_code


def status_elsewhere(make_app: Callable[..., Flask], person: Person, path: str) -> int:
    """Ask another process, whose cache knows the person already."""
    client = make_app().test_client(use_cookies=False)
    return client.get(path, headers=person.headers).status_code


def test_an_administrator_is_created_with_a_password_from_standard_input(world: World) -> None:
    code, _ = run(world, "create-admin", "root@example.org", typed="a long password\n")

    assert code == 0
    assert sign_in(world, "root@example.org", "a long password") == 200


@on_sqlite
@pytest.mark.parametrize(
    ("email", "password"), [("no address", "a long password"), ("root@example.org", "short"), ("x@y.z", "")]
)
def test_what_cannot_be_used_is_refused_with_one_line(world: World, email: str, password: str) -> None:
    code, output = run(world, "create-admin", email, typed=f"{password}\n")

    assert code == 1
    assert output.startswith("Error: ")
    assert len(output.splitlines()) == 1


def test_a_new_password_ends_sign_ins_everywhere(world: World, make_app: Callable[..., Flask]) -> None:
    person = world.student()
    assert status_elsewhere(make_app, person, "/api/users/me") == 200

    run(world, "set-password", person.email, "--password", "another long password")

    assert status_elsewhere(make_app, person, "/api/users/me") == 401
    assert sign_in(world, person.email, PASSWORD) == 401
    assert sign_in(world, person.email, "another long password") == 200


def test_a_new_role_counts_at_once_for_tokens_from_before(world: World, make_app: Callable[..., Flask]) -> None:
    person = world.student()
    assert status_elsewhere(make_app, person, "/api/users") == 403

    run(world, "set-role", person.email, "admin")

    assert status_elsewhere(make_app, person, "/api/users") == 200


def test_a_deactivated_person_is_nobody_at_once(world: World, make_app: Callable[..., Flask]) -> None:
    teacher = world.teacher()
    assert status_elsewhere(make_app, teacher, f"/api/users/{teacher.id}") == 200

    run(world, "deactivate", teacher.email)

    assert status_elsewhere(make_app, teacher, "/api/users/me") == 401
    assert world.anyone.get(f"/api/users/{teacher.id}").status_code == 404
    assert sign_in(world, teacher.email, PASSWORD) == 401


@on_sqlite
def test_an_unknown_address_is_said_to_be_unknown(world: World) -> None:
    code, output = run(world, "deactivate", "nobody@example.org")

    assert code == 1
    assert "nobody@example.org" in output


def test_a_teacher_who_becomes_a_student_answers_no_lesson_and_the_command_says_what_is_left(world: World) -> None:
    teacher, student = world.teacher(), world.student()
    path = f"/api/bookings/{world.booking(student, world.gig(teacher))['id']}"

    _, output = run(world, "set-role", teacher.email, "student")

    assert "1 open lesson," in output
    assert teacher.patch(path, {"status": "accepted"}).status_code == 403
    assert teacher.patch(path, {"status": "rejected"}).status_code == 403
    assert student.patch(path, {"status": "cancelled"}).status_code == 200
