"""Bodies of requests."""

# A gig with everything that can be entered; its title and its skills are tidied up.
WHOLE = {
    "title": "  Ancient Greek 🏛  ",
    "summary": "Homer from the first lesson",
    "description": "We read ten lines of the Odyssey, slowly.",
    "category": "Languages",
    "skills": ["Greek", "Homer", "greek"],
    "price_cents": 4500,
    "currency": "CHF",
    "duration_minutes": 60,
    "capacity": 4,
    "free_cancellation_hours": 48,
    "late_cancellation_percent": 50,
    "enrolment": "application",
    "schedule_id": None,
    "confirmation": "instant",
    "times": "timetable",
    "location": "https://meet.example.org/homer",
}
