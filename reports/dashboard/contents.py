"""Put a dashboard together, for the role of the one who asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from accounts.models import Role
from accounts.rights import STAFF
from bookings.my_lessons.queries import border, waiting_count
from bookings.queries import OLDEST_FIRST, BookingsQuery, list_for
from bookings.statuses import ACTIVE
from caching import Answer, BoundRead, cache
from enrolment.tasks import queries as tasks
from jobs.inspection import depth
from jobs.models import JobState
from jsontext import JsonObject
from payments.queries import balances
from reports.answers import together
from reports.dashboard import queries
from reports.periods import Days, Period, days_of, today_in

NEXT_SHOWN, TASKS_SHOWN = 5, 5
# Lessons of the last hours may be going on. More than these do not fit into them.
LOOKED_AT = 60
# What has waited for so long has probably been overlooked.
OVERLOOKED_AFTER = timedelta(days=1)

_DAY = timedelta(days=1)


class Moment:
    """The present day and week of a reader, and those before."""

    def __init__(self, now: datetime, zone: str) -> None:
        """Look at the calendar of a time zone."""
        self.now, self.zone = now, zone
        today = today_in(zone, now)
        self.day = days_of(Period.DAY, today, zone)
        self.day_before = self._one_before(Period.DAY, self.day.first)
        self.week = days_of(Period.WEEK, today, zone)
        self.week_before = self._one_before(Period.WEEK, self.week.first)

    def _one_before(self, period: Period, first: date) -> Days:
        return days_of(period, first - _DAY, self.zone)

    def stretches(self) -> queries.Stretches:
        """Return all four as instants."""
        return queries.Stretches(**{name: days.between for name, days in self.named().items()})

    def named(self) -> dict[str, Days]:
        """Return all four by name."""
        return {name: getattr(self, name) for name in ("day", "day_before", "week", "week_before")}


def dashboard(user_id: int, role: Role, zone: str, now: datetime) -> Answer:
    """Return what stands out now for this user."""
    moment = Moment(now, zone)
    reads = _READS[role](user_id, moment)
    answers = {name: each.answer() for name, each in zip(reads, cache.look_up(*reads.values()), strict=True)}
    found = {name: answer.json() for name, answer in answers.items()}
    facts = {"role": role, "time_zone": zone, **_FACTS[role](found, moment)}
    return together(facts, [*answers.values()])


def _own_reads(user_id: int, role: Role, moment: Moment) -> dict[str, BoundRead]:
    """Name what students and teachers have in common."""
    coming = BookingsQuery(
        statuses=tuple(sorted(ACTIVE)), start=border(moment.now), order=OLDEST_FIRST, limit=LOOKED_AT
    )
    who = (user_id, role)
    return {
        "lessons": queries.own_lessons.at(*who, moment.day.between, moment.week.between),
        "asked": waiting_count.at(*who),
        "coming": list_for(*who, coming),
        "tasks": queries.own_tasks.at(*who),
        "balances": balances.at(*who),
    }


def _teachers_reads(user_id: int, moment: Moment) -> dict[str, BoundRead]:
    return _own_reads(user_id, Role.TEACHER, moment) | {
        "payments": queries.payments_to_check.at(user_id),
        "reviews": queries.unread_reviews.at(user_id),
        "applications": queries.applications_to_answer.at(user_id),
    }


def _students_reads(user_id: int, moment: Moment) -> dict[str, BoundRead]:
    first = tasks.list_for(user_id, Role.STUDENT, tasks.TO_BE_DONE)
    return _own_reads(user_id, Role.STUDENT, moment) | {"first_tasks": first}


def _schools_reads(_: int, moment: Moment) -> dict[str, BoundRead]:
    stretches = moment.stretches()
    before = moment.now.replace(minute=0, second=0, microsecond=0) - OVERLOOKED_AFTER
    return {
        "lessons": queries.lessons_of_school.at(stretches),
        "newcomers": queries.newcomers.at(stretches),
        "overlooked": queries.overlooked.at(before),
        "applications": queries.applications_of_school.at(),
    }


def _teachers_facts(found: Mapping[str, JsonObject], moment: Moment) -> JsonObject:
    begun = found["lessons"]["begun"]
    return {
        **_own_facts(found, moment),
        "waiting": {
            "requests": found["asked"]["number"],
            "unrecorded": begun["before"] + sum(_instant(at) <= moment.now for at in begun["starts"]),
            "payments": found["payments"]["number"],
            "applications": found["applications"]["number"],
            "handed_in": found["tasks"]["handed_in"],
        },
        "unread_reviews": found["reviews"]["number"],
        "open_payments": _open(found),
    }


def _students_facts(found: Mapping[str, JsonObject], moment: Moment) -> JsonObject:
    due = [_instant(at) for at in found["tasks"]["due"]]
    return {
        **_own_facts(found, moment),
        "waiting": {"requests": found["asked"]["number"]},
        "tasks": {
            "open": found["tasks"]["open"],
            "overdue": sum(at < moment.now for at in due),
            "next": [_task(task, moment.now) for task in found["first_tasks"]["data"][:TASKS_SHOWN]],
        },
        "owed": _open(found),
    }


def _own_facts(found: Mapping[str, JsonObject], moment: Moment) -> JsonObject:
    coming = (row for row in found["coming"]["data"] if _instant(row["ends_at"]) > moment.now)
    shown = [row for row, _ in zip(coming, range(NEXT_SHOWN), strict=False)]
    return {
        "day": _stretch(moment.day, found["lessons"]["day"]),
        "week": _stretch(moment.week, found["lessons"]["week"]),
        "next": shown,
    }


def _schools_facts(found: Mapping[str, JsonObject], moment: Moment) -> JsonObject:
    stretches = {
        name: _stretch(days, found["lessons"][name] | found["newcomers"][name]) for name, days in moment.named().items()
    }
    waiting = {"applications": found["applications"]["number"], "failed_jobs": depth()[JobState.DEAD]}
    return stretches | {"attention": found["overlooked"] | waiting}


def _stretch(days: Days, counted: JsonObject) -> JsonObject:
    return {"from": days.first.isoformat(), "to": days.end.isoformat(), **counted}


def _open(found: Mapping[str, JsonObject]) -> list[JsonObject]:
    """List what is open in each currency."""
    rows: Iterable[JsonObject] = found["balances"]["data"]
    return [{"currency": row["currency"], "cents": row["open_cents"]} for row in rows if row["open_cents"]]


def _task(task: JsonObject, now: datetime) -> JsonObject:
    marked = tasks.marked(task, now)
    return {name: marked[name] for name in ("id", "title", "status", "due_at", "overdue", "gig", "teacher")}


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


_READS = {Role.TEACHER: _teachers_reads, Role.STUDENT: _students_reads} | dict.fromkeys(STAFF, _schools_reads)
_FACTS = {Role.TEACHER: _teachers_facts, Role.STUDENT: _students_facts} | dict.fromkeys(STAFF, _schools_facts)
