"""The forms of courses.

What is allowed in them, the API's schemas say.
"""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from wtforms import DateField, RadioField, StringField, TimeField
from wtforms.validators import InputRequired, Optional

from enrolment.applications.schemas import NewApplicationSchema
from enrolment.statuses import SubmissionStatus
from enrolment.submissions.schemas import NewSubmissionSchema, VerdictSchema
from enrolment.tasks.schemas import NewTaskSchema
from schedule.times.wall_time import resolve
from web.forms import Lines, SchemaForm, choices

END_OF_DAY = time(23, 59)


class ApplyForm(SchemaForm):
    """What a student writes to a teacher."""

    schema = NewApplicationSchema()

    message = Lines("Your message", [InputRequired("Please write a few words.")])


class TaskForm(SchemaForm):
    """What is to be done, until which day by the teacher's clock."""

    schema = NewTaskSchema()
    fields_of = {"due_at": "day"}

    # Of the reader; the page sets it.
    zone = "UTC"

    title = StringField("Title", [InputRequired("Please give it a title.")])
    instructions = Lines("What is to be done")
    day = DateField("Due on", [Optional()], invalid_value_message="There is no such day.")
    time = TimeField("Time", [Optional()], invalid_value_message="There is no such time.")

    def entered(self) -> dict[str, object]:
        """Say it as the API does, the time as an instant."""
        due_at = None
        if self.day.data:
            typed = datetime.combine(self.day.data, self.time.data or END_OF_DAY)
            due_at = resolve(typed, ZoneInfo(self.zone)).instant.isoformat()
        return {"title": self.title.data or "", "instructions": self.instructions.data or "", "due_at": due_at}


class HandInForm(SchemaForm):
    """What a student hands in: a text, links, one a line."""

    schema = NewSubmissionSchema()

    text = Lines("Your work")
    links = Lines("Links, one a line")

    def entered(self) -> dict[str, object]:
        """Take each line that is not empty as a link."""
        links = [line.strip() for line in (self.links.data or "").splitlines() if line.strip()]
        return {"text": self.text.data or "", "links": links}


class ReviewForm(SchemaForm):
    """What the teacher says about a version."""

    schema = VerdictSchema()

    status = RadioField(
        "Your answer",
        [InputRequired("Please choose one.")],
        choices=choices(
            {
                str(SubmissionStatus.APPROVED): "This is done",
                str(SubmissionStatus.REVISION_REQUESTED): "Please work on it once more",
            }
        ),
    )
    feedback = Lines("Your feedback")
