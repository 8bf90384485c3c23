"""What goes in and out of the API about submissions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields, validates_schema

from enrolment.statuses import SubmissionStatus
from enrolment.submissions.models import (
    LONGEST_FEEDBACK,
    LONGEST_LINK,
    LONGEST_TEXT,
    MOST_LINKS,
    NewSubmission,
    Verdict,
)
from enrolment.submissions.queries import SubmissionsQuery
from web.fields import Choice, Line, StrictSchema, Text
from web.pagination import PageQuery, PageSchema

_VERDICTS = [SubmissionStatus.APPROVED, SubmissionStatus.REVISION_REQUESTED]


class HttpsLink(Line):
    """The address of a page, which begins with https://."""

    def __init__(self, **kwargs: Any) -> None:
        """Bound the length."""
        super().__init__(at_least=1, at_most=LONGEST_LINK, metadata={"format": "uri", "pattern": "^https://"}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        link = super()._deserialize(value, attr, data, **kwargs)
        try:
            parts = urlsplit(link)
            known = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
        except ValueError:
            known = False
        if not known or any(character.isspace() for character in link) or "@" in parts.netloc:
            raise ValidationError("Give an address that begins with https://.")
        return link


class LinksField(fields.List[str]):
    """Up to ten links."""

    def __init__(self, **kwargs: Any) -> None:
        """Take a list of addresses."""
        super().__init__(HttpsLink(), metadata={"maxItems": MOST_LINKS}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        if len(value) > MOST_LINKS:
            raise ValidationError(f"At most {MOST_LINKS} links.")
        return tuple(super()._deserialize(value, attr, data, **kwargs))


class NewSubmissionSchema(StrictSchema):
    """What is handed in: a text, links, or both."""

    EXAMPLE = {"text": "Here are both scales.", "links": ["https://example.org/scales"]}
    MAKES = NewSubmission

    text = Text(at_most=LONGEST_TEXT, load_default="")
    links = LinksField(load_default=())

    @validates_schema
    def _has_something(self, data: Mapping[str, Any], **_: Any) -> None:
        if not data["text"] and not data["links"]:
            raise ValidationError("Write something, or give a link.", "text")


class VerdictSchema(StrictSchema):
    """What the teacher says.

    Who asks for another version says what is missing.
    """

    EXAMPLE = {"status": "revision_requested", "feedback": "Please play it once more, a little slower."}
    MAKES = Verdict

    status = Choice(_VERDICTS, required=True)
    feedback = Text(at_most=LONGEST_FEEDBACK, load_default="")

    @validates_schema
    def _says_what_is_missing(self, data: Mapping[str, Any], **_: Any) -> None:
        if data.get("status") == SubmissionStatus.REVISION_REQUESTED and not data["feedback"]:
            raise ValidationError("Say what is still to be done.", "feedback")


class TaskReferenceSchema(StrictSchema):
    """A task, by id and title."""

    id = fields.Integer(required=True)
    title = fields.String(required=True)


class SubmissionSchema(StrictSchema):
    """One version of what was handed in for a task."""

    id = fields.Integer(required=True)
    task = fields.Nested(TaskReferenceSchema, required=True)
    assignment_id = fields.Integer(required=True)
    version = fields.Integer(required=True)
    status = Choice(SubmissionStatus, required=True)
    text = fields.String(required=True)
    links = fields.List(fields.String(), required=True)
    feedback = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    reviewed_at = fields.AwareDateTime(required=True, allow_none=True)


class SubmissionsPageSchema(PageSchema):
    """A page of submissions, the newest first."""

    data = fields.List(fields.Nested(SubmissionSchema), required=True)


class SubmissionsQuerySchema(PageQuery):
    """Which page of submissions."""

    MAKES = SubmissionsQuery
