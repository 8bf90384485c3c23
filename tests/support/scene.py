"""A scene with everybody who can ask for something, and with things made anew for each request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import count
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from accounts.by_mail.notices import NEW_DEVICE
from administration.invitations.models import SchoolInvitation
from administration.invitations.service import issue
from database import reading, writing
from extensions import db
from jobs.models import Job, JobState
from tests.pages.visitor import Visitor
from tests.support.world import ANY_TIME, PASSWORD, Person, World

# Two students and two teachers; all things of the scene are Anna's and Grace's. Nobody has no account.
ACTORS = ("anna", "ben", "grace", "emil", "admin", "office", "nobody")

BLOCK = {"starts_at": "2028-01-03T09:00:00Z", "ends_at": "2028-01-03T10:00:00Z", "note": "At the dentist's"}


class File(NamedTuple):
    """A body that is no JSON."""

    media_type: str
    content: bytes


# The smallest proof of a payment.
PROOF = File("application/pdf", b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
# One black point.
PICTURE = File(
    "image/png",
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x01\x00\x00\x00\x007n\xf9$\x00\x00\x00\n"
    b"IDATx\xdac`\x00\x00\x00\x02\x00\x01\xe5'\xde\xfc\x00\x00\x00\x00IEND\xaeB`\x82",
)


class Scene:
    """The people, and functions that make things; each call makes a new one."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.app = world.app
        self.people = {
            "anna": world.student(name="Anna Berg"),
            "ben": world.student(name="Ben Cole"),
            "grace": world.teacher(name="Grace Hopper"),
            "emil": world.teacher(name="Emil Noether"),
            "admin": world.admin(),
            "office": world.office(),
        }
        self.anna, self.ben, self.grace, self.emil, self.admin, self.office = self.people.values()
        self._numbers = count(1)
        self._no_hours: int | None = None
        self._offer = world.gig(self.grace)
        self.olga = world.student(name="Olga Frei")

    def number(self) -> int:
        """A number that has not been used yet."""
        return next(self._numbers)

    def gig(self, status: str = "published") -> int:
        """A gig of Grace's."""
        return int(self.world.gig(self.grace, status=status)["id"])

    def choir(self) -> int:
        """A gig of Grace's with a timetable."""
        return int(self.world.gig(self.grace, times="timetable", capacity=4)["id"])

    def session(self) -> int:
        """A session of a gig of Grace's."""
        made = self.grace.post(f"/api/gigs/{self.choir()}/sessions", {"starts_at": self.time()})
        assert made.status_code == 201, made.text
        return int(made.json["data"][0]["id"])

    def schedule(self) -> int:
        """A schedule of Grace's that no gig uses."""
        made = self.grace.post("/api/teachers/me/schedules", {"name": "School", **ANY_TIME})
        assert made.status_code == 201, made.text
        return int(made.json["id"])

    def block(self) -> int:
        """A block of Grace's, where nobody has a lesson."""
        made = self.grace.post("/api/teachers/me/blocks", BLOCK)
        assert made.status_code == 201, made.text
        return int(made.json["id"])

    def never(self) -> int:
        """A gig of Grace's that has no free time."""
        if self._no_hours is None:
            made = self.grace.post("/api/teachers/me/schedules", {"name": "Not now", "weekly": []})
            assert made.status_code == 201, made.text
            self._no_hours = made.json["id"]
        return int(self.world.gig(self.grace, schedule_id=self._no_hours)["id"])

    def pending(self, starts_at: str | None = None) -> int:
        """A lesson that Anna has asked Grace for."""
        return int(self.world.booking(self.anna, self._offer, starts_at=starts_at or self.time())["id"])

    def day_of(self, booking_id: int) -> str:
        """The day of a lesson, as its people's clocks have it."""
        starts_at = self.grace.get(f"/api/bookings/{booking_id}").json["starts_at"]
        return datetime.fromisoformat(starts_at).astimezone(ZoneInfo("Europe/Berlin")).date().isoformat()

    def invitation(self) -> int:
        """A lesson that Emil has entered for Anna's address."""
        body = {"gig_id": self.world.gig(self.emil)["id"], "starts_at": self.time(), "agreed": True}
        made = self.emil.post("/api/bookings", body | {"student": {"name": "A. B.", "email": self.anna.email}})
        assert made.status_code == 201, made.text
        return int(made.json["student"]["id"])

    def school_invitation(self) -> int:
        """Somebody whom the office has invited."""
        body = {"email": f"invited{self.number()}@example.org", "role": "teacher"}
        made = self.office.post("/api/admin/invitations", body)
        assert made.status_code == 201, made.text
        return int(made.json["id"])

    def join_token(self) -> str:
        """What stands in the mail of such an invitation."""
        invitation_id = self.school_invitation()
        with self.app.app_context(), writing() as session:
            return issue(session, session.get_one(SchoolInvitation, invitation_id))

    def series(self) -> int:
        """The first lesson of a weekly series that Anna has asked Grace for."""
        body = {"gig_id": self.gig(), "starts_at": self.fortnight(), "weeks": 2}
        made = self.anna.post("/api/bookings/series", body)
        assert made.status_code == 201, made.text
        return int(made.json["data"][0]["id"])

    def full(self) -> dict[str, Any]:
        """A lesson that somebody else has, as a request to wait for it names it."""
        body: dict[str, Any] = {"gig_id": self.gig(), "starts_at": self.time()}
        self._taken = self.world.booking(self.olga, {"id": body["gig_id"]}, starts_at=body["starts_at"])["id"]
        return body

    def waiting(self) -> int:
        """The entry by which Anna waits for a lesson of Grace's."""
        made = self.anna.post("/api/waitlist", self.full())
        assert made.status_code == 201, made.text
        return int(made.json["id"])

    def offered(self) -> int:
        """The same, and a place has become free."""
        entry_id = self.waiting()
        freed = self.olga.patch(f"/api/bookings/{self._taken}", {"status": "cancelled"})
        assert freed.status_code == 200, freed.text
        return entry_id

    def kept(self) -> int:
        """The booking by which a place is kept for Anna."""
        entry_id = self.offered()
        entries = self.anna.get("/api/waitlist").json["data"]
        return next(int(entry["booking_id"]) for entry in entries if entry["id"] == entry_id)

    def wished(self) -> int:
        """A lesson that Anna has with Grace, and asks to move."""
        booking_id = self.pending()
        for person, body in ((self.grace, {"status": "accepted"}), (self.anna, {"starts_at": self.time()})):
            answer = person.patch(f"/api/bookings/{booking_id}", body)
            assert answer.status_code == 200, answer.text
        return booking_id

    def wish_of(self, booking_id: int) -> str:
        """The time that a lesson is asked to be moved to."""
        return str(self.grace.get(f"/api/bookings/{booking_id}").json["move"]["starts_at"])

    def course(self) -> int:
        """A gig of Grace's that students apply for."""
        return int(self.world.gig(self.grace, enrolment="application", capacity=3)["id"])

    def application(self) -> int:
        """Anna's application for a place with Grace."""
        made = self.anna.post(f"/api/gigs/{self.course()}/applications", {"message": "I would like to learn."})
        assert made.status_code == 201, made.text
        return int(made.json["id"])

    def assignment(self) -> int:
        """The place that Anna has with Grace."""
        accepted = self.grace.patch(f"/api/applications/{self.application()}", {"status": "accepted"})
        assert accepted.status_code == 200, accepted.text
        return int(accepted.json["assignment_id"])

    def running_course(self) -> int:
        """A gig of Grace's in which Anna has a place."""
        return int(self.anna.get(f"/api/assignments/{self.assignment()}").json["gig"]["id"])

    def task(self) -> int:
        """A task that Grace has set Anna."""
        body = {"title": "Scales", "instructions": "Both hands.", "due_at": self.world.at(days=5)}
        made = self.grace.post(f"/api/assignments/{self.assignment()}/tasks", body)
        assert made.status_code == 201, made.text
        return int(made.json["id"])

    def review_address(self) -> str:
        """Where a teacher's form sends what they think of Anna's work."""
        submission_id = self.submission()
        assignments = self.anna.get("/api/assignments?limit=1").json["data"]
        (shown,) = self.anna.get(f"/api/assignments/{assignments[0]['id']}/submissions").json["data"]
        return f"/tasks/{shown['task']['id']}/submissions/{submission_id}/review"

    def submission(self) -> int:
        """What Anna has handed in for a task of Grace's."""
        made = self.anna.post(f"/api/tasks/{self.task()}/submissions", {"text": "Here they are."})
        assert made.status_code == 201, made.text
        return int(made.json["id"])

    def completed(self) -> int:
        """A lesson that Anna has had with Grace."""
        return self.world.past_lesson(self.anna, self._offer)

    def payment(self) -> int:
        """What Anna says she has paid Grace for a lesson."""
        body = {"method": "bank_transfer", "reference": f"No. {self.number()}", "amount_cents": 1000, "currency": "EUR"}
        made = self.anna.post("/api/payments", body | {"booking_id": self.completed()})
        assert made.status_code == 201, made.text
        return int(made.json["id"])

    def proven_payment(self) -> int:
        """The same, with a proof."""
        payment_id = self.payment()
        headers = {"Content-Type": PROOF.media_type}
        put = self.anna.put(f"/api/payments/{payment_id}/proof", data=PROOF.content, headers=headers)
        assert put.status_code == 204, put.text
        return payment_id

    def verified_payment(self) -> int:
        """A payment that Grace has found on her account."""
        payment_id = self.payment()
        verified = self.grace.patch(f"/api/payments/{payment_id}", {"status": "verified"})
        assert verified.status_code == 200, verified.text
        return payment_id

    def absent(self) -> int:
        """A lesson of Grace's to which Anna did not come, so that she owes its price."""
        return self.world.past_lesson(self.anna, self._offer, status="no_show", cancellation_fee_cents=3000)

    def invoice(self) -> int:
        """What Grace wants from Anna for a lesson."""
        made = self.grace.post("/api/invoices", {"booking_ids": [self.completed()]})
        assert made.status_code == 201, made.text
        return int(made.json["id"])

    def sold_gig(self) -> int:
        """A gig of Grace's that is sold in packages."""
        gig_id = self.gig()
        made = self.grace.post(f"/api/gigs/{gig_id}/packages", {"lessons": 10, "price_cents": 27000})
        assert made.status_code == 201, made.text
        return gig_id

    def package_offer(self) -> int:
        """A package that Grace offers."""
        return int(self.anna.get(f"/api/gigs/{self.sold_gig()}/packages").json["data"][0]["id"])

    def package(self) -> int:
        """A package that Anna has asked for, and not paid yet."""
        made = self.anna.post("/api/packages", {"offer_id": self.package_offer()})
        assert made.status_code == 201, made.text
        return int(made.json["id"])

    def paid_package(self) -> int:
        """The same, paid."""
        package_id = self.package()
        paid = self.grace.patch(f"/api/packages/{package_id}", {"status": "paid"})
        assert paid.status_code == 200, paid.text
        return package_id

    def dead_job(self) -> int:
        """A job that was given up."""
        with self.app.app_context(), writing() as session:
            columns = {"name": "webhooks.wake", "arguments": "{}", "state": JobState.DEAD, "attempts": 10}
            job = Job(**columns, run_at=self.world.clock(), created_at=self.world.clock(), last_error="It was away.")
            session.add(job)
            session.flush()
            return int(job.id)

    def hidden_review(self) -> int:
        """A review of Grace by Anna that is hidden."""
        review_id = self.review()
        self.world.admin().patch(f"/api/reviews/{review_id}", {"hidden": True, "reason": "It names a pupil."})
        return review_id

    def review(self) -> int:
        """A review of Grace by Anna."""
        return int(self.world.review(self.anna, self._offer)["id"])

    def note(self) -> int:
        """Something that Grace has noted about Anna for herself."""
        self.pending()
        made = self.grace.post(f"/api/students/{self.anna.id}/notes", {"text": "Listens well."})
        assert made.status_code == 201, made.text
        return int(made.json["id"])

    def notification(self) -> int:
        """Something that Anna was told."""
        return self.world.told(self.anna)

    def webhook(self) -> int:
        """An address that is told nothing in this test, and needs no name to be looked up."""
        made = self.admin.post("/api/webhooks", {"url": "https://8.8.8.8/in", "types": ["gig.paused"]})
        assert made.status_code == 201, made.text
        return int(made.json["id"])

    def delivery(self) -> int:
        """A test that was sent to a webhook."""
        return int(self.admin.post(f"/api/webhooks/{self.webhook()}/test").json["id"])

    def time(self) -> str:
        """A time in the future that nobody has asked for yet."""
        return self.world.at(hours=24 + 2 * self.number())

    def fortnight(self) -> str:
        """A time in the far future that nobody has asked for yet, neither then nor in the week after it."""
        fortnights, place = divmod(self.number(), 7 * 12)
        return self.world.at(days=100 + 14 * fortnights, hours=2 * place)

    def day_alone(self) -> str:
        """A time on a day of the far future that has no other lesson and gets none."""
        return self.world.at(days=400 + self.number())

    def new_password(self, person: Person) -> None:
        """Give somebody the usual password again."""
        self.world.operator("accounts", "set-password", person.email, "--password", PASSWORD)

    def rows(self) -> dict[str, list[Any]]:
        """All that is stored, but for sign-ins, mails about them, and announcements to the cache.

        As the driver has it: this is asked for before and after every other request.
        """
        with self.app.app_context(), reading() as connection:
            rows = {name: list(connection.exec_driver_sql(question)) for name, question in _questions().items()}
        rows["jobs"] = [row for row in rows["jobs"] if NEW_DEVICE not in str(row)]
        return rows


@cache
def _questions() -> dict[str, str]:
    tables = [table for table in db.metadata.sorted_tables if table.name not in ("sign_ins", "cache_outbox")]
    return {table.name: str(select(table).order_by(*table.primary_key)) for table in tables}


@dataclass
class Asker:
    """Sends requests as one of the actors, with a bearer token or with a browser's cookie."""

    client: FlaskClient
    headers: dict[str, str] = field(default_factory=dict)
    csrf: str = ""

    def ask(self, method: str, path: str, **kwargs: Any) -> TestResponse:
        headers = self.headers | kwargs.pop("headers", {})
        if isinstance(kwargs.get("json"), File):
            headers["Content-Type"], kwargs["data"] = kwargs.pop("json")
        return self.client.open(path, method=method, headers=headers, buffered=True, **kwargs)

    def send_form(self, path: str, values: dict[str, Any], *, token: bool = True) -> TestResponse:
        """Send a page's form, with its token unless told otherwise."""
        return self.client.post(path, data=values | ({"csrf_token": self.csrf} if token else {}))


class Askers:
    """Everybody's clients of one sort; each signs in when it is first needed, and again after its sign-in has ended."""

    def __init__(self, scene: Scene, sign_in: Callable[[Scene, str], Asker]) -> None:
        self._scene = scene
        self._sign_in = sign_in
        self._known: dict[str, Asker] = {}

    def __getitem__(self, actor: str) -> Asker:
        if actor not in self._known:
            self._known[actor] = self._sign_in(self._scene, actor)
        return self._known[actor]

    def forget(self, actor: str) -> None:
        """Let this actor sign in again the next time."""
        self._known.pop(actor, None)


def with_token(scene: Scene, actor: str) -> Asker:
    """The actor as a program, with a new access token."""
    if actor == "nobody":
        return Asker(scene.world.anyone)
    return Asker(scene.world.anyone, scene.world.sign_in(scene.people[actor]).headers)


def with_cookie(scene: Scene, actor: str) -> Asker:
    """The actor with a browser, newly signed in, and with the token that our forms carry."""
    visitor = Visitor(scene.app).open("/sign-in")
    if actor == "nobody":
        return Asker(visitor.client, csrf=visitor.form().values["csrf_token"])
    visitor.send(email=scene.people[actor].email, password=PASSWORD)
    return Asker(visitor.client, csrf=visitor.form("/sign-out").values["csrf_token"])
