"""What the people of the demo school write beside a lesson, and what a teacher notes about a student."""

from __future__ import annotations

from demo.rows import DemoMessage, DemoNote

_SATIE = ("leila.farahani", "piano", 7)

MESSAGES = (
    DemoMessage(
        _SATIE, "17:40", "Could we begin ten minutes later next week? My train is late every other Sunday.", read=True
    ),
    DemoMessage(_SATIE, "18:15", "Of course, I will be there. Bring the second page, too.", by_teacher=True, read=True),
    DemoMessage(_SATIE, "20:05", "The second page has a chord for which I would need a third hand."),
)
NOTES = (
    DemoNote(
        "leila.farahani",
        "lukas.brandt",
        "Learns fast and gets impatient with herself. End each lesson with something that she can play already.",
    ),
    DemoNote(
        "leila.farahani",
        "lukas.brandt",
        "Until Sunday:\n– bars 1 to 12 with hands apart, slowly\n– the left hand without looking\n"
        "– ten minutes a day are enough",
        shared=True,
    ),
)
