"""What happens to packages, and what is said of it to whom."""

from __future__ import annotations

from collections.abc import Callable

from events import EventType
from payments.checkout.models import NoticeKind
from tests.notifications.telling.by_card import by_card
from tests.notifications.telling.conftest import School

Told = dict[str, str]


def ordered(school: School) -> Told:
    sold(school)
    return {"teacher": "Ada Lovelace wants to pay 5 lessons in advance, for €90."}


def sold(school: School) -> str:
    """Ask for a package, and return its path."""
    body = {"lessons": 5, "price_cents": 9000}
    offer = school.teacher.post(f"/api/gigs/{school.gig['id']}/packages", body)
    made = school.student.post("/api/packages", {"offer_id": offer.json["id"]})
    assert made.status_code == 201, made.text
    return f"/api/packages/{made.json['id']}"


def package_becomes(school: School, *statuses: str) -> None:
    path = sold(school)
    for status in statuses:
        school.post.forget()
        body = {"status": status, "reason": "We end here."}
        more = {"refunded_cents": 2000} if status == "closed" else {}
        assert school.teacher.patch(path, body | more).status_code == 200


def package_paid(school: School) -> Told:
    package_becomes(school, "paid")
    return {"student": "Grace Hopper has received €90 for 5 lessons."}


def package_cancelled(school: School) -> Told:
    package_becomes(school, "cancelled")
    return {"student": "Grace Hopper has cancelled a package that was not paid."}


def package_closed(school: School) -> Told:
    package_becomes(school, "paid", "closed")
    return {"student": "Grace Hopper has ended a package and given back €20."}


def package_refunded(school: School) -> Told:
    path = sold(school)
    school.teacher.patch(path, {"status": "paid"})
    school.post.forget()
    assert school.teacher.post(f"{path}/refunds", {"lessons": 2, "reason": "You move."}).status_code == 201
    return {"student": "Grace Hopper has given back €36 for lessons of a package that were not taken."}


def package_overpaid(school: School) -> Told:
    path = sold(school)
    school.teacher.patch(path, {"status": "paid"})
    school.post.forget()
    by_card(school, 9000, (NoticeKind.PAID, 9000), package_id=int(path.rpartition("/")[2]))
    return dict.fromkeys(("student", "teacher"), "€90 came by card for a package that did not need it.")


PACKAGES: dict[EventType, Callable[[School], Told]] = {
    EventType.PACKAGE_ORDERED: ordered,
    EventType.PACKAGE_PAID: package_paid,
    EventType.PACKAGE_CANCELLED: package_cancelled,
    EventType.PACKAGE_CLOSED: package_closed,
    EventType.PACKAGE_REFUNDED: package_refunded,
    EventType.PACKAGE_OVERPAID: package_overpaid,
}
