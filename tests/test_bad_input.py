"""Whatever is sent to whichever operation: a clear 4xx, and nothing is changed."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.support.endpoints import API, Endpoint
from tests.support.scene import Asker, Askers, Scene, with_token
from tests.support.world import World

WRITES = [endpoint for endpoint in API if endpoint.method in ("POST", "PUT", "PATCH")]

MALFORMED: dict[str, bytes] = {
    "cut off": b'{"title": "Org',
    "no JSON at all": b"title=Organ",
    "two values": b"{} {}",
    "a comma too many": b'{"title": "Organ",}',
    "single quotes": b"{'title': 'Organ'}",
    "not a number": b'{"price_cents": NaN}',
    "not UTF-8": b'{"title": "\xff\xfe"}',
    "UTF-16": '{"title": "Organ"}'.encode("utf-16"),
    "half a character": b'{"title": "\\ud83d"}',
    "nothing": b"",
    "blanks": b"  \n",
    "NUL": b"\0",
    "many open lists": b"[" * 100_000,
    "many open objects": b'{"a":' * 100_000,
    "deeper than anybody needs": b"[" * 2_000 + b"]" * 2_000,
}
NO_OBJECTS: dict[str, Any] = {"a list": [], "a list of objects": [{}], "a text": "x", "a number": 1, "null": None}
MEDIA_TYPES = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json", ""]
STRANGE: list[Any] = [None, True, [], {}, [[]], {"": 0}, "", "x" * 100_000, -1, 0, 1.5, 1e400, 2**63, 2**64, -(2**70)]
STRANGE += [
    "2026-11-22T10:00:00",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z",
    "🎹" * 50,
    "\u202e",
    "'; DROP TABLE users",
]

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
writes = pytest.mark.parametrize("endpoint", WRITES, ids=lambda endpoint: endpoint.id)


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


@on_sqlite
def test_malformed_json_is_a_400(scene: Scene) -> None:
    for endpoint, path, _, asker in _with_bodies(scene):
        before = scene.rows()
        for kind, data in MALFORMED.items():
            answer = _send(asker, endpoint, path, data)

            assert (endpoint.id, kind, answer.status_code) == (endpoint.id, kind, 400)
            assert answer.json["type"] == "/problems/bad-request"
        assert scene.rows() == before


@on_sqlite
def test_json_that_is_no_object_is_a_422(scene: Scene) -> None:
    for endpoint, path, _, asker in _with_bodies(scene):
        before = scene.rows()
        for kind, value in NO_OBJECTS.items():
            answer = _send(asker, endpoint, path, json.dumps(value).encode())

            assert (endpoint.id, kind, answer.status_code) == (endpoint.id, kind, 422)
        assert scene.rows() == before


@on_sqlite
def test_another_media_type_is_a_415(scene: Scene) -> None:
    for endpoint, path, body, asker in _with_bodies(scene):
        before = scene.rows()
        for media_type in MEDIA_TYPES:
            answer = _send(asker, endpoint, path, json.dumps(body).encode(), media_type)

            assert (endpoint.id, media_type, answer.status_code) == (endpoint.id, media_type, 415)
        assert scene.rows() == before


@on_sqlite
def test_a_body_of_10_megabytes_is_a_413(scene: Scene) -> None:
    data = b'{"title": "' + b"x" * 10_000_000 + b'"}'
    for endpoint, path, _, asker in _with_bodies(scene):
        before = scene.rows()

        answer = _send(asker, endpoint, path, data)

        assert (endpoint.id, answer.status_code) == (endpoint.id, 413)
        assert scene.rows() == before


def test_a_nul_in_any_text_is_a_422(scene: Scene) -> None:
    for endpoint, path, body, asker in _with_bodies(scene):
        before = scene.rows()
        for field in [name for name, value in body.items() if isinstance(value, str)]:
            answer = _send(asker, endpoint, path, json.dumps(body | {field: body[field] + "\0"}).encode())

            # Any text may be tried as a password.
            tried = field == "current_password" or (endpoint.name, field) == ("auth.login", "password")
            expected = 401 if tried else 422
            assert (endpoint.id, field, answer.status_code) == (endpoint.id, field, expected)
        assert scene.rows() == before


@on_sqlite
def test_an_unknown_field_is_a_422_that_names_it(scene: Scene) -> None:
    for endpoint, path, body, asker in _with_bodies(scene):
        before = scene.rows()

        answer = _send(asker, endpoint, path, json.dumps(body | {"is_admin": True}).encode())

        assert (endpoint.id, answer.status_code) == (endpoint.id, 422)
        assert "is_admin" in answer.json["errors"]
        assert scene.rows() == before


@writes
def test_strange_values_are_refused_by_name_or_taken_as_they_are(scene: Scene, endpoint: Endpoint) -> None:
    askers = Askers(scene, with_token)
    path, sent = endpoint.make(scene)
    body = sent if isinstance(sent, dict) else {}
    for field, value in product(body, STRANGE):
        before = scene.rows()

        data = json.dumps(body | {field: value}).replace("Infinity", "1e400").encode()
        answer = _send(askers[_allowed(endpoint)], endpoint, path, data)

        assert answer.status_code < 500, (field, value, answer.text)
        if answer.status_code >= 400:
            assert answer.mimetype == "application/problem+json"
            assert scene.rows() == before, (field, value)
        if answer.status_code == 422:
            assert list(answer.json["errors"]) == [field], (value, answer.json)


@on_sqlite
def test_an_unknown_parameter_in_the_address_is_a_422_that_names_it(scene: Scene) -> None:
    askers = Askers(scene, with_token)
    for endpoint in (
        endpoint for endpoint in API if endpoint.group not in ("static", "bootstrap", "health", "prometheus")
    ):
        path, body = endpoint.make(scene)
        before, asker = scene.rows(), askers[_allowed(endpoint) if _may(endpoint) else "admin"]

        answer = asker.ask(endpoint.method, f"{path}{'&' if '?' in path else '?'}colour=green", json=body)

        if _may(endpoint):
            assert (endpoint.id, answer.status_code) == (endpoint.id, 422)
            assert list(answer.json["errors"]) == ["colour"]
        assert scene.rows() == before


def _with_bodies(scene: Scene) -> list[tuple[Endpoint, str, dict[str, Any], Asker]]:
    """Every operation that takes JSON, with a good body, its path, and somebody who may send it."""
    askers = Askers(scene, with_token)
    made = [(endpoint, *endpoint.make(scene)) for endpoint in WRITES]
    with_json = [it for it in made if isinstance(it[2], dict)]
    return [(endpoint, path, body, askers[_allowed(endpoint)]) for endpoint, path, body in with_json]


def _may(endpoint: Endpoint) -> bool:
    return any(isinstance(status, int) and status < 300 for status in endpoint.expected)


def _allowed(endpoint: Endpoint) -> str:
    """Somebody who may do it, or for whom it is only switched off or too early: its body is looked at first."""
    statuses = [(status, actor) for actor, status in endpoint.statuses().items() if isinstance(status, int)]
    return next((actor for status, actor in statuses if status < 300), None) or next(
        actor for status, actor in statuses if status in (404, 409)
    )


def _send(
    asker: Asker, endpoint: Endpoint, path: str, data: bytes, media_type: str = "application/json"
) -> TestResponse:
    headers = {"Content-Type": media_type} if media_type else {}
    return asker.ask(endpoint.method, path, data=data, headers=headers)
