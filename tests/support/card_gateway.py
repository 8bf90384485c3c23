"""A real HTTP server that speaks as Stripe Checkout does, and fails as a test tells it."""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from flask import Flask
from werkzeug.test import TestResponse

from config.cards import CardAccount

KEY, SECRET = "sk_test_1", "whsec_test_1"


class CardGateway:
    """What was asked of the server, and what it is to answer."""

    def __init__(self, port: int) -> None:
        self.account = CardAccount(secret_key=KEY, webhook_secret=SECRET, url=f"http://127.0.0.1:{port}")
        self.calls: list[dict[str, str]] = []
        self.keys: list[str] = []
        # Answers in place of the right one, the first first; 0 closes the connection, after the session was made.
        self.failures: list[int] = []
        # While it is not set, calls wait.
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.arrived = threading.Event()
        # What happened, the newest first, and how many of it stand in one answer.
        self.events: list[bytes] = []
        self.page = 100
        self.asked: list[dict[str, str]] = []
        self._made: dict[str, tuple[int, dict[str, Any]]] = {}

    def answer(self, key: str, authorization: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Answer a call; the same key gets the same answer, a failure too."""
        self.calls.append(form)
        self.keys.append(key)
        self.arrived.set()
        self.goes_on.wait(10)
        if authorization != f"Bearer {KEY}":
            return 401, {"error": {"type": "invalid_request_error"}}
        failure = self.failures.pop(0) if self.failures else 200
        if failure == 429:
            return 429, {"error": {"type": "rate_limit_error"}}
        if key not in self._made:
            number = len(self._made) + 1
            page = {"id": f"cs_{number}", "object": "checkout.session", "url": f"https://pay.example.org/cs_{number}"}
            self._made[key] = (failure, {"error": {"type": "api_error"}}) if failure > 200 else (200, page)
        return (0, {}) if failure == 0 else self._made[key]

    def list_events(self, asked: dict[str, str]) -> dict[str, Any]:
        """Answer which events there were, page by page."""
        self.asked.append(asked)
        events = [json.loads(event) for event in self.events]
        begin = 1 + next((i for i, it in enumerate(events) if it["id"] == asked.get("starting_after")), -1)
        end = begin + self.page
        return {"object": "list", "data": events[begin:end], "has_more": end < len(events)}

    @property
    def token(self) -> str:
        """The word by which the newest order is known."""
        return self.calls[-1]["client_reference_id"]

    def completed(self, cents: int, *, payment: str = "pi_1", event: str = "evt_paid", **changes: Any) -> bytes:
        """The event of a page on which somebody has paid."""
        about = {"id": "cs_1", "object": "checkout.session", "payment_status": "paid", "amount_total": cents}
        return self._event(event, "checkout.session.completed", about | {"payment_intent": payment} | changes)

    def expired(self, *, event: str = "evt_expired") -> bytes:
        """The event of a page on which nobody has paid in time."""
        about = {"id": "cs_1", "object": "checkout.session", "payment_status": "unpaid", "amount_total": 3000}
        return self._event(event, "checkout.session.expired", about | {"payment_intent": None})

    def refunded(self, cents: int, *, payment: str = "pi_1", event: str = "evt_refunded") -> bytes:
        """The event of money that was given back; `cents` is all that has been by then."""
        about = {"id": "ch_1", "object": "charge", "amount": 3000, "amount_refunded": cents}
        return self._event(event, "charge.refunded", about | {"payment_intent": payment})

    def _event(self, event: str, type_: str, about: dict[str, Any]) -> bytes:
        shared = {"currency": "eur", "metadata": {"lectern_checkout": self.token}}
        return json.dumps({"id": event, "object": "event", "type": type_, "data": {"object": shared | about}}).encode()


def signature(body: bytes, at: datetime, secret: str = SECRET) -> str:
    """Sign an event as the provider does."""
    time = int(at.timestamp())
    return f"t={time},v1={hmac.new(secret.encode(), f'{time}.'.encode() + body, 'sha256').hexdigest()},v0=6ffbb59b"


def deliver(app: Flask, body: bytes, at: datetime) -> TestResponse:
    """Send an event with its signature."""
    headers = {"Stripe-Signature": signature(body, at)}
    return app.test_client().post("/webhooks/stripe", data=body, headers=headers, content_type="application/json")


class _Handler(BaseHTTPRequestHandler):
    gateway: CardGateway

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        assert path == "/v1/events"
        self._send(200, self.gateway.list_events(dict(parse_qsl(query))))

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        assert self.path == "/v1/checkout/sessions"
        status, body = self.gateway.answer(self.headers["Idempotency-Key"], self.headers["Authorization"], form)
        if status == 0:
            self.connection.close()
            return
        self._send(status, body)

    def _send(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def card_gateway() -> Iterator[CardGateway]:
    """Start the server on any free port."""
    handler: Any = type("Handler", (_Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        handler.gateway = gateway = CardGateway(server.server_port)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield gateway
        finally:
            gateway.goes_on.set()
            server.shutdown()
            thread.join()
