"""The story of the demo school as steps, each with its time and its service."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime, time, timedelta
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

from accounts import service as accounts
from accounts.models import NewAccount, ProfileChanges, Role
from bookings import service as bookings
from bookings.messages import service as messages
from bookings.moves import service as moves
from bookings.rules.agreement import LessonRequest, NewTime, StatusChange
from demo import choir, course, discovery, money, office, programs, sales, week
from demo.availability import AVAILABILITY
from demo.gigs import GIGS
from demo.lessons import LESSONS, MOVES
from demo.people import ADMIN, OFFICE, STUDENTS, TEACHERS
from demo.reviews import REVIEWS
from demo.rows import (
    HELD,
    YES,
    DemoAvailability,
    DemoGig,
    DemoLesson,
    DemoMessage,
    DemoMove,
    DemoNote,
    DemoPerson,
    DemoReview,
    LessonKey,
    Moment,
    Steps,
    Turn,
)
from demo.talks import MESSAGES, NOTES
from gigs import service as gigs
from gigs.models import Confirmation, GigDraft, GigStatus, Visibility
from jsontext import JsonObject
from payments.instructions.models import Instructions
from payments.instructions.service import say_how_to_pay
from reviews import service as reviews
from reviews.models import NewReview, ReviewChanges
from schedule import service as schedule
from schedule.blocks import service as blocks
from schedule.models import Hours, Stretch
from schedule.schemas import AvailabilitySchema
from schedule.times.rules import AvailabilityDocument, Weekday
from students.notes import service as notes
from students.notes.models import NoteDraft


@dataclass(frozen=True, slots=True)
class Someone:
    """Who acts."""

    id: int
    role: str


class School:
    """Makes the steps, and remembers the ids of what they have made.

    The same day gives the same school.
    """

    def __init__(self, today: datetime, password: str) -> None:
        """Tell the story up to the midnight with which `today` begins."""
        self._today = today
        self._password = password
        self._random = Random(1815)  # noqa: S311 - variety, not a secret
        # All accounts share the password, and a hash takes its time on purpose.
        self._password_hash = accounts.new_hash(password)
        people = (ADMIN, *TEACHERS, week.TEACHER, *STUDENTS, *week.STUDENTS)
        self._rows = {person.key: person for person in people}
        self._offers = {gig.key: gig for gig in (*GIGS, week.GIG)}
        self._people: dict[str, Someone] = {}
        self._gigs: dict[str, int] = {}
        self._bookings: dict[LessonKey, int] = {}
        self._reviews: dict[LessonKey, int] = {}

    def steps(self) -> Steps:
        """Yield everything that happens, in no particular order."""
        for person in self._rows.values():
            yield self._some_time(-person.joined), partial(self._register, person)
        day = self._today.date()
        for gig in self._offers.values():
            yield from self._life_of_gig(gig)
        # Entered lately, so that it matters to what is asked for from today on.
        for row in (*AVAILABILITY, week.availability(day)):
            yield self._some_time(-1), partial(self._enter_availability, row)
        ends = {}
        for lesson in (*LESSONS, *week.lessons(day)):
            begins = self._begins(lesson)
            ends[lesson.key] = begins + timedelta(minutes=self._offers[lesson.gig].minutes)
            yield from self._life_of_lesson(lesson, begins, ends[lesson.key])
        held = [(lesson.key, ends[lesson.key]) for lesson in (*LESSONS, *week.lessons(day)) if lesson.story is HELD]
        yield from money.steps(held, self._to_pay, self._today)
        yield from sales.Office(self._people, self._gigs, self._to_pay).steps(self._today)
        for teacher, said in money.INSTRUCTIONS.items():
            yield self._yesterday("20:00"), partial(self._say_how_to_pay, teacher, said)
        for move in (*MOVES, *week.moves(day)):
            # The last that happens before today, when all of it is agreed on and offered.
            yield self._today - timedelta(hours=2), partial(self._move, move)
        for review in REVIEWS:
            yield from self._life_of_review(review, ends[review.key])
        for message in (*MESSAGES, *week.messages(day)):
            yield self._yesterday(message.time), partial(self._write, message)
        yield from discovery.steps(self._gigs, self._today)
        yield from programs.steps(self._people, self._to_pay, self._today)
        yield self._yesterday("08:00"), partial(self._register, OFFICE)
        yield from office.steps(self._people, self._reviews, self._today)
        yield self._yesterday("20:30"), self._begin_choir
        yield self._yesterday("20:40"), self._begin_course
        for note in (*NOTES, *week.NOTES):
            yield self._yesterday("19:00"), partial(self._note, note)

    def _life_of_gig(self, gig: DemoGig) -> Steps:
        drafted = self._some_time(1 - self._rows[gig.teacher].joined)
        yield drafted, partial(self._draft, gig)
        if gig.visibility != Visibility.PUBLIC:
            yield drafted + timedelta(hours=1), partial(self._show_to, gig)
        for number, status in enumerate(gig.steps):
            yield drafted + timedelta(days=45 * number, hours=20), partial(self._take_to, gig, status)

    def _life_of_lesson(self, lesson: DemoLesson, begins: datetime, ends: datetime) -> Steps:
        asked = self._some_time(min(lesson.day - self._random.randint(3, 8), -self._random.randint(2, 6)))
        yield asked, partial(self._ask, lesson, begins)
        moments = {
            Moment.SOON: asked + self._minutes(20, 600),
            Moment.THE_DAY_BEFORE: begins - timedelta(hours=26),
            Moment.AT_ITS_START: begins,
            Moment.AFTERWARDS: ends + self._minutes(2, 25),
        }
        for turn in lesson.story:
            yield moments[turn.when], partial(self._turn, lesson, turn)

    def _life_of_review(self, review: DemoReview, ended: datetime) -> Steps:
        written = ended + self._minutes(90, 1500)
        yield written, partial(self._write_review, review)
        if review.reply or review.read:
            yield written + self._minutes(60, 1200), partial(self._answer_review, review)

    def _register(self, person: DemoPerson, now: datetime) -> None:
        account = NewAccount(
            name=person.name, email=person.email, password=self._password, role=person.role, time_zone=person.time_zone
        )
        user_id = accounts.register(account, now=now, confirmed=True, password_hash=self._password_hash)
        if person.headline:
            accounts.update_profile(user_id, ProfileChanges(headline=person.headline, bio=person.bio), now=now)
        if person.joined % 4:
            # Most like to be seen.
            accounts.update_profile(user_id, ProfileChanges(in_leaderboards=True), now=now)
        self._people[person.key] = Someone(user_id, person.role)
        if person.role == Role.TEACHER:
            # What they enter lately would stand in the way of the lessons that they have had.
            self._enter_hours(person.key, {"weekly": None}, now)

    def _draft(self, gig: DemoGig, now: datetime) -> None:
        row = asdict(gig) | {"duration_minutes": gig.minutes, "location": gig.place}
        names = {field.name for field in fields(GigDraft)}
        draft = GigDraft(**{name: value for name, value in row.items() if name in names})
        self._gigs[gig.key] = gigs.create(self._people[gig.teacher].id, draft, now=now)

    def _show_to(self, gig: DemoGig, now: datetime) -> None:
        gigs.set_visibility(self._gigs[gig.key], gig.visibility, actor=self._people[gig.teacher], now=now)

    def _take_to(self, gig: DemoGig, status: GigStatus, now: datetime) -> None:
        gigs.set_status(self._gigs[gig.key], status, actor=self._people[gig.teacher], now=now)

    def _begin_choir(self, now: datetime) -> None:
        choir.begin(self._people[week.CLARA], [self._people[key] for key in week.SINGERS], now)

    def _begin_course(self, now: datetime) -> None:
        course.begin(self._people[week.CLARA], [self._people[key] for key in week.SINGERS[:2]], now)

    def _say_how_to_pay(self, teacher: str, said: Instructions, now: datetime) -> None:
        say_how_to_pay(self._people[teacher].id, said, now=now)

    def _to_pay(self, key: LessonKey) -> money.Lesson:
        student, gig, _ = key
        offer, id_ = self._offers[gig], self._bookings[key]
        people = {"student": self._people[student], "teacher": self._people[offer.teacher]}
        return money.Lesson(id=id_, price_cents=offer.price_cents, currency=offer.currency, **people)

    def _enter_availability(self, row: DemoAvailability, now: datetime) -> None:
        weekly = [
            {"weekday": str(day), **window}
            for day in Weekday
            for window in _windows(*row.daily, *row.also.get(day, ()))
        ]
        body = {
            "weekly": weekly,
            "exceptions": [{"date": self._date(day), "windows": _windows(*times)} for day, times in row.on.items()],
            "time_off": [
                {"from": self._clock(row, gone, "00:00"), "to": self._clock(row, back, "00:00")}
                for gone, back in row.away
            ],
            **row.terms,
        }
        self._enter_hours(row.teacher, body, now)
        teacher_id = self._people[row.teacher].id
        for name, times in row.more.items():
            daily = [{"weekday": str(day), **window} for day in Weekday for window in _windows(*times)]
            schedule.create_schedule(teacher_id, Hours(rules=_rules({"weekly": daily}), name=name), now=now)
        for day, blocked, note in row.blocked:
            start, end = (datetime.fromisoformat(self._clock(row, day, clock)) for clock in blocked.split("-"))
            blocks.block_time(teacher_id, Stretch(start=start, end=end), note, now=now)

    def _enter_hours(self, teacher: str, body: JsonObject, now: datetime) -> None:
        hours = Hours(rules=_rules(body))
        schedule.replace_schedule(self._people[teacher].id, None, hours, now=now)

    def _ask(self, lesson: DemoLesson, begins: datetime, now: datetime) -> None:
        wanted = LessonRequest(gig_id=self._gigs[lesson.gig], starts_at=begins, note=lesson.note)
        student = self._people[lesson.student]
        self._bookings[lesson.key] = bookings.create_booking(wanted, actor=student, now=now)

    def _turn(self, lesson: DemoLesson, turn: Turn, now: datetime) -> None:
        if turn.who is None:
            bookings.expire_due(now)
            return
        if turn is YES and self._offers[lesson.gig].confirmation == Confirmation.INSTANT:
            # It was agreed on when it was booked.
            return
        step = StatusChange(to=turn.to, reason=lesson.reason if turn is lesson.story[-1] else "")
        who = self._people[lesson.student if turn.who == Role.STUDENT else self._offers[lesson.gig].teacher]
        bookings.change_status(self._bookings[lesson.key], step, actor=who, now=now)

    def _move(self, move: DemoMove, now: datetime) -> None:
        zone = ZoneInfo(self._rows[self._offers[move.gig].teacher].time_zone)
        day = self._today.date() + timedelta(days=move.to_day)
        starts_at = datetime.combine(day, time.fromisoformat(move.to_time), zone).astimezone(self._today.tzinfo)
        who = self._people[move.student if move.who == Role.STUDENT else self._offers[move.gig].teacher]
        wanted = NewTime(starts_at=starts_at, reason=move.reason)
        moves.move(self._bookings[move.student, move.gig, move.day], wanted, actor=who, now=now)

    def _write_review(self, review: DemoReview, now: datetime) -> None:
        new = NewReview(booking_id=self._bookings[review.key], rating=review.rating, comment=review.comment)
        self._reviews[review.key] = reviews.write_review(self._people[review.student].id, new, now=now)

    def _answer_review(self, review: DemoReview, now: datetime) -> None:
        teacher_id = self._people[self._offers[review.gig].teacher].id
        answer = ReviewChanges(read=True, reply=review.reply or None)
        reviews.change_review(self._reviews[review.key], teacher_id, answer, now=now)

    def _write(self, message: DemoMessage, now: datetime) -> None:
        student, gig, _ = message.lesson
        author, reader = self._people[student].id, self._people[self._offers[gig].teacher].id
        if message.by_teacher:
            author, reader = reader, author
        booking_id = self._bookings[message.lesson]
        messages.write_message(booking_id, message.text, author_id=author, now=now)
        if message.read:
            messages.mark_read(booking_id, reader, now=now)
        # What was made up is no news, so that nobody has to be told of it later.
        messages.tell(booking_id, reader, now)

    def _note(self, note: DemoNote, now: datetime) -> None:
        draft = NoteDraft(text=note.text, shared=note.shared)
        notes.write_note(self._people[note.student].id, draft, author_id=self._people[note.teacher].id, now=now)

    def _begins(self, lesson: DemoLesson) -> datetime:
        """Return the start of a lesson, whose time is meant by the teacher's clock."""
        zone = ZoneInfo(self._rows[self._offers[lesson.gig].teacher].time_zone)
        day = self._today.date() + timedelta(days=lesson.day)
        return datetime.combine(day, time.fromisoformat(lesson.time), zone).astimezone(self._today.tzinfo)

    def _clock(self, row: DemoAvailability, day: int, clock: str) -> str:
        """Return the instant of a time by a teacher's clock."""
        zone = ZoneInfo(self._rows[row.teacher].time_zone)
        return datetime.combine(self._today.date() + timedelta(days=day), time.fromisoformat(clock), zone).isoformat()

    def _date(self, day: int) -> str:
        return str(self._today.date() + timedelta(days=day))

    def _yesterday(self, clock: str) -> datetime:
        at = time.fromisoformat(clock)
        return self._today - timedelta(days=1) + timedelta(hours=at.hour, minutes=at.minute)

    def _some_time(self, day: int) -> datetime:
        """Return some time on a day, from 7:00 to 20:50."""
        return self._today + timedelta(days=day, hours=7) + self._minutes(0, 830)

    def _minutes(self, at_least: int, at_most: int) -> timedelta:
        return timedelta(minutes=self._random.randint(at_least, at_most))


def _rules(body: JsonObject) -> AvailabilityDocument:
    rules: AvailabilityDocument = AvailabilitySchema().load(body)
    return rules


def _windows(*times: str) -> list[dict[str, str]]:
    return [dict(zip(("start", "end"), each.split("-"), strict=True)) for each in times]
