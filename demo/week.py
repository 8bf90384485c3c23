"""The full week of the demo school: a teacher with forty lessons, thirty students and a choir.

Her lessons lie in the week that today belongs to, from Monday to Friday, whatever day it is.
"""

from __future__ import annotations

from datetime import date

from accounts.models import Role
from demo.rows import (
    AGREED,
    HELD,
    WAITING,
    DemoAvailability,
    DemoGig,
    DemoLesson,
    DemoMessage,
    DemoMove,
    DemoNote,
    DemoPerson,
)

CLARA, VIOLIN = "clara.winter", "violin"
TEACHER = DemoPerson(
    CLARA,
    "Clara Winter",
    Role.TEACHER,
    "Europe/Berlin",
    120,
    "Violin for all ages, and a choir on Thursdays",
    "I have taught the violin at a music school in Berlin for fourteen years, on five days a week. My youngest pupil "
    "is six and plays with her whole body; the oldest is seventy-three and practises more than all others. On Thursday "
    "evenings we sing.",
)
GIG = DemoGig(
    key=VIOLIN,
    teacher=CLARA,
    category="Music",
    title="Violin, one to one",
    summary="A weekly lesson with a plan for the days in between.",
    description="We begin with how you stand and breathe, then come the bow, the left hand and a first tune, in that "
    "order and in your own time. You always go home with one thing to practise, not with ten. I lend instruments to "
    "beginners for the first three months.",
    skills=("violin", "reading music", "beginners"),
    price_cents=3800,
    minutes=45,
    free_cancellation_hours=24,
    late_cancellation_percent=50,
    location="Kastanienallee 41, Berlin, second floor",
)
_NAMES = (
    "Mila Hoffmann",
    "Jonas Keller",
    "Amelie Fuchs",
    "Ben Yılmaz",
    "Charlotte Roth",
    "David Okonkwo",
    "Elif Demir",
    "Felix Sommer",
    "Greta Lindner",
    "Hugo Marchand",
    "Ida Sørensen",
    "Jakob Weiss",
    "Katarzyna Nowak",
    "Leo Baumann",
    "Maya Petrov",
    "Noah Schreiber",
    "Olga Ivanova",
    "Paul Richter",
    "Quentin Moreau",
    "Rosa Steiner",
    "Samir Haddad",
    "Theo Vogel",
    "Ulla Brandt",
    "Viktor Horváth",
    "Wanda Krüger",
    "Xaver Huber",
    "Yara Nasser",
    "Zoe Engel",
    "Anton Wolff",
    "Bella Conti",
)
_LETTERS = str.maketrans("ıøáüű", "ioauu")
STUDENTS = tuple(
    DemoPerson(name.lower().translate(_LETTERS).replace(" ", "."), name, Role.STUDENT, "Europe/Berlin", 30 + 2 * number)
    for number, name in enumerate(_NAMES)
)
_KEYS = [student.key for student in STUDENTS]
# They want to come to the choir's first session. The last one has no answer yet.
SINGERS = (*_KEYS[4:9], "hana.novakova", "leila.farahani")

_WORKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
_TIMES = ("09:00", "09:45", "10:30", "11:15", "14:00", "14:45", "15:30", "16:15")
# So many of the last lessons before today have not been said of yet whether they took place.
_TO_COMPLETE = 4
# Of next week: its agreed lessons, and what is asked for.
_ASKED = (
    (11, "17:30", "I have outgrown the half violin. Could we choose the next one together?"),
    (12, "17:30", "My orchestra plays on the 20th, and the second page does not sound yet."),
    (13, "17:30", "Could I bring my mother? She would like to see how to help me practise."),
    (14, "17:30", ""),
)


def lessons(today: date) -> list[DemoLesson]:
    """List forty lessons of this week, a few of last Friday, and those of next week."""
    monday = -today.weekday()
    week = [(monday + day, clock) for day in range(5) for clock in _TIMES]
    before = [(monday - 3, clock) for clock in _TIMES[-_TO_COMPLETE:]]
    over = [time for time in (*before, *week) if time[0] < 0]
    held = over[:-_TO_COMPLETE]
    taught = [(time, _KEYS[(number - _TO_COMPLETE) % len(_KEYS)]) for number, time in enumerate((*before, *week))]
    found = [DemoLesson(key, VIOLIN, *time, HELD if time in held else AGREED) for time, key in taught]
    found += [DemoLesson(_KEYS[number], VIOLIN, monday + 8, clock, AGREED) for number, clock in enumerate(_TIMES)]
    asked = [(number, monday + 7 + number % 5, clock, note) for number, clock, note in _ASKED]
    return found + [DemoLesson(_KEYS[number], VIOLIN, day, clock, WAITING, note) for number, day, clock, note in asked]


def moves(today: date) -> list[DemoMove]:
    """List one that waits for her answer, and one that the student has not seen."""
    next_tuesday = 8 - today.weekday()
    return [
        DemoMove(_KEYS[2], VIOLIN, next_tuesday, Role.STUDENT, next_tuesday + 1, "10:30", "We have a school trip."),
        DemoMove(_KEYS[3], VIOLIN, next_tuesday, Role.TEACHER, next_tuesday + 2, "10:30", "I am at the dentist."),
    ]


def messages(today: date) -> list[DemoMessage]:
    """List what was written yesterday beside lessons of next week."""
    next_tuesday = 8 - today.weekday()
    own, other = (_KEYS[0], VIOLIN, next_tuesday), (_KEYS[5], VIOLIN, next_tuesday)
    return [
        DemoMessage(own, "16:20", "Mila's bow has lost half of its hair. Do you know who mends it?", read=True),
        DemoMessage(own, "16:45", "The shop at Zionskirchplatz does it in a day.", by_teacher=True, read=True),
        DemoMessage(other, "18:05", "I will be five minutes late, the bus is always full then."),
    ]


def availability(today: date) -> DemoAvailability:
    """Say when she can be booked: on workdays, with a long break, and one afternoon blocked."""
    return DemoAvailability(
        CLARA,
        daily=(),
        also=dict.fromkeys(_WORKDAYS, ("08:30-12:30", "13:30-18:30")),
        terms={"minimum_notice_minutes": 12 * 60, "slot_step_minutes": 15},
        blocked=((11 - today.weekday(), "13:30-16:00", "Conference at the music school"),),
    )


NOTES = (
    DemoNote(_KEYS[0], CLARA, "Holds her breath before each change of string. Sing the line first."),
    DemoNote(_KEYS[0], CLARA, "For next week:\n– open strings, eyes closed\n– bars 9 to 16 twice a day", shared=True),
    DemoNote(_KEYS[1], CLARA, "Wants to play in the orchestra in spring: third position by February."),
)
