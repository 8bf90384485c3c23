"""The page on which people download everything that is known about them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.pages.visitor import Visitor
from tests.support.scene import Scene
from tests.support.world import PASSWORD, World
from tests.test_operators_database import run

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ACTION = "/profile/data/download"


def unpacked(content: bytes) -> tuple[dict[str, Any], list[str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return json.loads(archive.read("data.json")), archive.namelist()


def test_people_get_what_an_operator_would_give_them(world: World, tmp_path: Path) -> None:
    scene = Scene(world)
    scene.verified_payment()
    scene.review()
    visitor = Visitor(world.app).sign_in(scene.anna).open("/profile/data")
    by_operator = tmp_path / "anna.zip"

    answer = visitor.send(ACTION, current_password=PASSWORD).answer

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-data-2026-11-21.zip"'
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    found, names = unpacked(answer.data)
    assert run(world.app, "data", "export", "--user", str(scene.anna.id), "--file", str(by_operator))[0] == 0
    assert (found, names) == unpacked(by_operator.read_bytes())
    assert found["users"][0]["email"] == scene.anna.email
    assert {row["student_id"] for row in found["bookings"]} == {scene.anna.id}
    assert scene.ben.email not in json.dumps(found)


def test_files_stand_beside_the_rows_that_name_them(world: World) -> None:
    scene = Scene(world)
    scene.proven_payment()

    answer = Visitor(world.app).sign_in(scene.anna).open("/profile/data").send(ACTION, current_password=PASSWORD)

    found, names = unpacked(answer.answer.data)
    assert names == ["data.json", found["payment_proofs"][0]["content"]]


@on_sqlite
def test_without_the_password_there_is_nothing(world: World) -> None:
    visitor = Visitor(world.app).sign_in(world.student()).open("/profile/data")

    visitor.send(ACTION, current_password="another password")

    assert visitor.status == 422
    assert "Error: " in visitor.text
    assert visitor.answer.mimetype == "text/html"


@on_sqlite
def test_nobody_has_it_made_all_day(make_app: Callable[..., Flask], world: World) -> None:
    person = world.student()
    visitor = Visitor(make_app(ratelimit_enabled=True)).sign_in(person).open("/profile/data")
    form = visitor.form(ACTION)

    answers = [visitor.client.post(ACTION, data=form.values | {"current_password": PASSWORD}) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]


@on_sqlite
def test_no_cache_keeps_the_page_and_strangers_are_led_to_sign_in(world: World) -> None:
    page = Visitor(world.app).sign_in(world.student()).open("/profile/data")

    assert "no-store" in page.answer.headers["Cache-Control"]
    assert Visitor(world.app).open("/profile/data").path.startswith("/sign-in")
