"""How much somebody may send, whether or not they say beforehand how much it will be."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask import Flask

from config import MAX_BODY_BYTES


def status_of(app: Flask, body: bytes, *, announced: bool) -> int:
    environ = {"wsgi.input": BytesIO(body), "wsgi.input_terminated": True}
    if announced:
        environ["CONTENT_LENGTH"] = str(len(body))
    client = app.test_client(use_cookies=False)
    return client.post("/api/auth/login", content_type="application/json", environ_overrides=environ).status_code


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_beyond_the_limit_is_too_large(app: Flask, announced: bool) -> None:
    assert status_of(app, b" " * (MAX_BODY_BYTES + 1), announced=announced) == 413


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_within_the_limit_is_read(app: Flask, announced: bool) -> None:
    body = b'{"email": "ada@example.org", "password": "a wrong guess"}' + b" " * 1000

    assert status_of(app, body, announced=announced) == 401
