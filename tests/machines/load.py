"""People who book, answer, rename and read, over several connections each; every answer is held against what they knew.

A read is stale if it shows less than what was acknowledged before it was sent, or than its own reader has seen before.
A request that fails is sent again as programs do it: a POST with the same `Idempotency-Key`.
"""

from __future__ import annotations

import http.client
import json
import random
import select
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from server.children import wait_until
from tests.server.clients import place
from tests.support.world import PASSWORD

RANK = {"pending": 0, "accepted": 1, "cancelled": 2}
# A list shows so many of a person's newest lessons, and a bit more than what is compared.
LIMIT, COMPARED = 100, 60
READERS = 2
# Between two requests people rest for this long on average.
WRITERS_REST, READERS_REST = 0.4, 0.2
ANSWER_SECONDS = 40.0
TITLE = "Piano for beginners, edition "


@dataclass(frozen=True)
class Failure:
    """A request that was not answered as it should have been."""

    began: float
    ended: float
    what: str


@dataclass
class Tally:
    """What all clients have seen."""

    requests: int = 0
    slowest: float = 0.0
    failures: list[Failure] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, began: float, failed: str | None) -> None:
        """Count a request that is over."""
        ended = time.monotonic()
        with self._lock:
            self.requests += 1
            self.slowest = max(self.slowest, ended - began)
            if failed:
                self.failures.append(Failure(began, ended, failed))

    def take_slowest(self) -> float:
        """Return how long the slowest request since the last call took."""
        with self._lock:
            slowest, self.slowest = self.slowest, 0.0
        return slowest


class Client:
    """One connection, which is kept as long as it can be."""

    def __init__(self, url: str, tally: Tally) -> None:
        self.connection = http.client.HTTPConnection(*place(url), timeout=ANSWER_SECONDS)
        self._tally = tally

    def send(self, method: str, path: str, token: str = "", body: Any = None, **headers: str) -> tuple[int, Any]:
        """Return status and JSON of the answer; 0 if there was none."""
        began = time.monotonic()
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self._was_dropped():
            self.connection.close()
        try:
            self.connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = self.connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            self._tally.note(began, f"{method} {path}: {error!r}")
            return 0, None
        failed = answer.status >= 500 or answer.status == 429
        self._tally.note(began, f"{method} {path}: {answer.status} {text[:200]!r}" if failed else None)
        return answer.status, json.loads(text) if text and not failed else None

    def _was_dropped(self) -> bool:
        """Tell whether the other side has closed the connection since the last answer; pools of clients look, too."""
        sock = self.connection.sock
        return sock is not None and bool(select.select([sock], [], [], 0)[0])

    def insist(self, method: str, path: str, token: str = "", body: Any = None, **headers: str) -> tuple[int, Any]:
        """Send a request until it is answered."""
        while True:
            status, answer = self.send(method, path, token, body, **headers)
            if answer is not None or status == 204:
                return status, answer
            time.sleep(0.1)


@dataclass
class Pair:
    """A student and a teacher with a gig, and what each of them was told for certain."""

    number: int
    student: str
    teacher: str
    gig_id: int
    title: int = 0
    # How far each lesson has come, by its id. It is replaced, never changed.
    known: dict[int, int] = field(default_factory=dict)
    # When each lesson was accepted that nobody cancels: its student is told so by mail.
    accepted: dict[int, float] = field(default_factory=dict)
    next_start: datetime = field(default_factory=lambda: datetime.now(UTC).replace(second=0, microsecond=0))


class Load:
    """Pairs of people, each with one writer and some readers, until the block ends."""

    def __init__(self, url: str, pairs: int, token_for: Callable[[str], str]) -> None:
        """Register the people; `token_for` finds the word that the mail to an address brings."""
        self.url, self.tally = url, Tally()
        self.pairs = [_make_pair(Client(url, self.tally), number, token_for) for number in range(pairs)]
        assert not self.tally.failures, self.tally.failures
        self._over = threading.Event()
        self._at_work = threading.Event()
        self._at_work.set()
        self._turns: dict[str, int] = {}
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        for pair in self.pairs:
            self._start(f"writer {pair.number}", WRITERS_REST, self._write, pair)
            for number in range(READERS):
                self._start(f"reader {pair.number}-{number}", READERS_REST, self._read, pair)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Let nobody begin anything new for the time of a block."""
        self._at_work.clear()
        try:
            yield
        finally:
            self._at_work.set()

    def stop(self) -> None:
        """Let everybody finish what they do."""
        self._over.set()
        self._at_work.set()
        for thread in self._threads:
            thread.join()

    @property
    def clients(self) -> int:
        """How many requests can be under way at once."""
        return len(self._threads)

    def goes_on(self, turns: int, *, seconds: float = 240.0) -> None:
        """Wait until every client has done so many things more."""
        enough = {name: done + turns for name, done in dict(self._turns).items()}
        late = lambda: [name for name, number in enough.items() if self._turns[name] < number]  # noqa: E731
        assert wait_until(lambda: not late(), seconds=seconds), (late(), self.tally.failures[-5:])

    def sends(self, requests: int) -> None:
        """Wait until so many more requests are over, whatever became of them."""
        enough = self.tally.requests + requests
        assert wait_until(lambda: self.tally.requests >= enough, seconds=240)

    def _start(self, name: str, rest: float, work: Callable[[Pair, Client, dict[int, int]], None], pair: Pair) -> None:
        def run() -> None:
            client, seen = Client(self.url, self.tally), dict[int, int]()
            with closing(client.connection):
                while not self._over.wait(random.expovariate(1 / rest)) and self._at_work.wait():
                    work(pair, client, seen)
                    self._turns[name] += 1

        self._turns[name] = 0
        thread = threading.Thread(target=run, name=name)
        self._threads.append(thread)
        thread.start()

    def _write(self, pair: Pair, client: Client, _seen: dict[int, int]) -> None:
        """Book a lesson, accept it, cancel every third one, rename the gig; after each look whether it shows."""
        pair.next_start += timedelta(hours=1)
        body = {"gig_id": pair.gig_id, "starts_at": pair.next_start.strftime("%Y-%m-%dT%H:%M:%SZ")}
        status, booking = client.insist("POST", "/api/bookings", pair.student, body, Idempotency_Key=uuid.uuid4().hex)
        if status != 201:
            self.tally.wrong.append(f"booking: {status} {booking}")
            return
        booking_id = booking["id"]
        self._acknowledge(pair, client, booking_id, "pending")
        cancels = random.random() < 1 / 3
        for word in ("accepted", "cancelled") if cancels else ("accepted",):
            status, answer = client.insist("PATCH", f"/api/bookings/{booking_id}", pair.teacher, {"status": word})
            # The one before, which was not answered, may have done it.
            if status not in (200, 409):
                self.tally.wrong.append(f"{word}: {status} {answer}")
            self._acknowledge(pair, client, booking_id, word)
        if not cancels:
            pair.accepted[booking_id] = time.monotonic()
        self._rename(pair, client)

    def _acknowledge(self, pair: Pair, client: Client, booking_id: int, status: str) -> None:
        """Note what a writer was told, and have the writer read it, too."""
        pair.known = {**pair.known, booking_id: RANK[status]}
        self._look_at_lessons(pair, client, {})

    def _rename(self, pair: Pair, client: Client) -> None:
        title = pair.title + 1
        status, answer = client.insist("PATCH", f"/api/gigs/{pair.gig_id}", pair.teacher, {"title": f"{TITLE}{title}"})
        if status == 200:
            pair.title = title
        else:
            self.tally.wrong.append(f"renaming: {status} {answer}")
        self._look_at_gig(pair, client, {})

    def _read(self, pair: Pair, client: Client, seen: dict[int, int]) -> None:
        random.choice((self._look_at_lessons, self._look_at_lessons, self._look_at_gig))(pair, client, seen)

    def _look_at_lessons(self, pair: Pair, client: Client, seen: dict[int, int]) -> None:
        floor = _newest(pair.known)
        for booking_id, rank in _newest(seen).items():
            floor[booking_id] = max(rank, floor.get(booking_id, 0))
        token = random.choice((pair.student, pair.teacher))
        status, page = client.send("GET", f"/api/bookings?limit={LIMIT}&order=-starts_at", token)
        if status != 200:
            return
        shown = {lesson["id"]: RANK[lesson["status"]] for lesson in page["data"]}
        self.tally.stale += [
            f"lesson {booking_id} of pair {pair.number}: {shown.get(booking_id)} after {rank}"
            for booking_id, rank in floor.items()
            if shown.get(booking_id, -1) < rank
        ]
        seen |= shown

    def _look_at_gig(self, pair: Pair, client: Client, seen: dict[int, int]) -> None:
        floor = max(pair.title, seen.get(0, 0))
        status, gig = client.send("GET", f"/api/gigs/{pair.gig_id}")
        if status != 200:
            return
        shown = int(gig["title"].removeprefix(TITLE))
        if shown < floor:
            self.tally.stale.append(f"gig of pair {pair.number}: {shown} after {floor}")
        # No lesson has this id.
        seen[0] = shown


def _newest(lessons: dict[int, int]) -> dict[int, int]:
    newest = sorted(booking_id for booking_id in lessons if booking_id)[-COMPARED:]
    return {booking_id: lessons[booking_id] for booking_id in newest}


def _make_pair(client: Client, number: int, token_for: Callable[[str], str]) -> Pair:
    student, teacher = (_register(client, role, number, token_for) for role in ("student", "teacher"))
    gig = {
        "title": f"{TITLE}0",
        "description": "We start with one hand, then we take the other one along.",
        "category": "Music",
        "skills": [],
        "price_cents": 3000,
        "currency": "EUR",
        "duration_minutes": 45,
    }
    client.send("PUT", "/api/teachers/me/availability", teacher, {"weekly": None})
    gig_id = client.send("POST", "/api/gigs", teacher, gig)[1]["id"]
    published, answer = client.send("POST", f"/api/gigs/{gig_id}/status", teacher, {"status": "published"})
    assert published == 200, answer
    client.connection.close()
    return Pair(number, student, teacher, gig_id)


def _register(client: Client, role: str, number: int, token_for: Callable[[str], str]) -> str:
    body = {
        "name": f"{role.title()} {number}",
        "email": f"{role}-{number}@example.org",
        "password": PASSWORD,
        "role": role,
        "time_zone": "Europe/Berlin",
    }
    signed_in = client.send("POST", "/api/auth/register", body=body)[1]
    confirmed, answer = client.send("POST", "/api/auth/confirm-email", body={"token": token_for(body["email"])})
    assert confirmed < 300, answer
    return str(signed_in["access_token"])
