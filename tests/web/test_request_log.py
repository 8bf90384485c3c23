"""The log has a line for each request, and names the request in all lines that belong to it."""

from __future__ import annotations

import json
import logging
import re
import sys
from typing import Any

import pytest
from flask import Flask

import logs
from observations import write_down
from tests.support.world import World
from web.request_log import OfRequest

pytestmark = [
    pytest.mark.middleware_not_compared,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


class ToStandardError(logging.Handler):
    """Writes to what is the standard error now, which pytest changes from one phase of a test to the next."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(f"{self.format(record)}\n")


class Lines:
    """What has been written to the standard error since it was asked last."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def written(self) -> list[str]:
        write_down()
        return self._capsys.readouterr().err.splitlines()

    def of_requests(self) -> list[dict[str, Any]]:
        return [line for line in map(json.loads, self.written()) if line["logger"] == "requests"]


@pytest.fixture
def lines(app: Flask, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Lines:
    """The log as JSON."""
    return _written(logs.JSON, capsys, monkeypatch)


@pytest.fixture
def text(app: Flask, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Lines:
    """The log as people read it."""
    return _written("text", capsys, monkeypatch)


def _written(log_format: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Lines:
    handler = ToStandardError()
    handler.setFormatter(logs.formatter(log_format))
    handler.addFilter(OfRequest())
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    monkeypatch.setitem(logs._chosen, "format", log_format)
    lines = Lines(capsys)
    lines.written()
    return lines


def test_a_request_is_one_line_that_says_what_it_took(world: World, lines: Lines) -> None:
    student = world.student()
    lines.written()

    answers = [student.get("/api/bookings?status=pending") for _ in range(2)]
    refused = world.anyone.get("/api/bookings/1")

    miss, hit, unknown = lines.of_requests()
    assert (miss["endpoint"], miss["status"], miss["cache"], miss["user_id"]) == (
        *("bookings.list_bookings", 200, "MISS"),
        student.id,
    )
    assert miss["statements"] > 0
    assert (hit["status"], hit["cache"], hit["statements"], hit["user_id"]) == (200, "HIT", 0, student.id)
    assert (unknown["status"], unknown["user_id"]) == (401, None)
    assert [answer.headers["X-Request-ID"] for answer in (*answers, refused)] == [
        line["request_id"] for line in (miss, hit, unknown)
    ]


def test_what_only_a_receiver_may_know_is_not_written_down(world: World, lines: Lines) -> None:
    student = world.student()

    student.get("/api/bookings?status=very-secret-word")
    world.anyone.get("/calendar/very-secret-word.ics")
    world.anyone.post("/api/auth/login", json={"email": student.email, "password": "very-secret-word"})

    written = lines.written()
    assert len(written) >= 4
    assert "secret" not in "".join(written)
    assert student.token not in "".join(written)


@pytest.mark.parametrize(
    ("given", "taken"),
    [("front-7f:12.a_b", True), ("x" * 100, True), ("x" * 101, False), ("two words", False), ("", False), ("é", False)],
)
def test_an_id_is_taken_over_if_it_is_well_formed(world: World, given: str, taken: bool) -> None:
    student = world.student()

    answers = [student.get("/api/bookings", headers={"X-Request-ID": given}) for _ in range(2)]

    ids = {answer.headers["X-Request-ID"] for answer in answers}
    assert (ids == {given}) == taken
    assert len(ids) == (1 if taken else 2)


def test_lines_that_are_written_within_a_request_name_it(
    world: World, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    logger = logging.getLogger("within")
    monkeypatch.setitem(world.app.view_functions, "health.health", lambda: logger.warning("Look!") or "fine")

    answer = world.anyone.get("/health")
    logger.warning("Outside.")

    # A server that is asked every second how it is says nothing of that while it is well.
    within, outside = map(json.loads, lines.written())
    assert within["request_id"] == answer.headers["X-Request-ID"]
    assert "request_id" not in outside


def test_an_exception_is_one_line_too(lines: Lines) -> None:
    try:
        raise RuntimeError("no way")
    except RuntimeError:
        logging.getLogger("within").exception("It failed.")

    (line,) = map(json.loads, lines.written())
    assert (line["level"], line["message"]) == ("ERROR", "It failed.")
    assert line["exception"].startswith("Traceback")


def test_for_people_it_is_a_sentence(world: World, text: Lines) -> None:
    student = world.student()

    student.get("/api/bookings")

    line = text.written()[-1]
    assert re.match(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO requests\[\d+\]: GET bookings.list_bookings 200 in ", line
    )
    assert f", MISS, user {student.id} (" in line


def test_without_lines_at_info_nothing_is_kept(world: World, lines: Lines) -> None:
    logger = logging.getLogger("requests")
    logger.setLevel(logging.WARNING)
    try:
        world.student()
        assert lines.of_requests() == []
    finally:
        logger.setLevel(logging.NOTSET)
