"""What goes in and out of the API about notifications."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, pre_load, validate

from notifications.models import Digest
from notifications.queries import NEWEST, Filter, NotificationsQuery
from notifications.settings import REMINDERS, SettingsChanges
from notifications.types import ALWAYS_MAILED, TYPES, NotificationType
from web.fields import Choice, Flag, StrictSchema, TrueField, WholeNumber
from web.pagination import PageQuery, PageSchema, position_for

MOST_REMINDERS = 5
SHORTEST_REMINDER, LONGEST_REMINDER = 5, 14 * 24 * 60
_ALWAYS = "These mails are always sent: they are about the safety of the account."
_NOT_OPTIONAL = "These mails cannot be turned off."


class NotificationSchema(StrictSchema):
    """Something that a person was told.

    `link` is the path of the page that it is about, below the address of this Lectern.
    """

    id = fields.Integer(required=True)
    type = fields.String(required=True, metadata={"description": "More types may be added."})
    title = fields.String(required=True)
    text = fields.String(required=True)
    link = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    read_at = fields.AwareDateTime(required=True, allow_none=True)


class NotificationsPageSchema(PageSchema):
    """A page of notifications."""

    data = fields.List(fields.Nested(NotificationSchema), required=True)


class NotificationsQuerySchema(PageQuery):
    """Which of one's own notifications."""

    filter = Choice(Filter, load_default=Filter.ALL)

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> NotificationsQuery:
        after = position_for(data["cursor"], NEWEST)
        return NotificationsQuery(filter=data["filter"], limit=data["limit"], after=after)


class MarkReadSchema(StrictSchema):
    """That a notification has been read."""

    EXAMPLE = {"read": True}

    read = TrueField(required=True)


class _MailSchema(StrictSchema):
    """For which types a person gets mails."""

    @pre_load
    def _keep_what_is_always_sent(self, data: Any, **_: Any) -> Any:
        """Say why a mail cannot be turned off, which is more than that its name is not known here."""
        if isinstance(data, Mapping):
            refused = {name: [_ALWAYS] for name in data if name in ALWAYS_MAILED}
            fixed = [type_ for type_, facts in TYPES.items() if not facts.optional]
            refused |= {name: [_NOT_OPTIONAL] for name in fixed if data.get(name) is False}
            if refused:
                raise ValidationError(refused)
        return data


# One field for each row of the table.
_FIELDS: dict[str, Any] = {str(type_): Flag(metadata={"description": facts.about}) for type_, facts in TYPES.items()}
MailSchema: type[Schema] = _MailSchema.from_dict(_FIELDS, name="MailSchema")


def _no_doubles(numbers: Collection[int]) -> None:
    if len(set(numbers)) < len(numbers):
        raise ValidationError("The same time stands here twice.")


class SettingsSchema(StrictSchema):
    """What a person wants to be told, and how.

    What is left out stays as it is. `mail` says which types are mailed, `reminders_minutes` how long before a lesson a
    reminder comes. With a daily `digest` only what cannot wait is mailed by itself.
    """

    EXAMPLE = {"mail": {"lesson-accepted": True}, "reminders_minutes": [1440, 60], "digest": "none"}

    mail = fields.Nested(MailSchema)
    reminders_minutes = fields.List(
        WholeNumber(at_least=SHORTEST_REMINDER, at_most=LONGEST_REMINDER),
        validate=[validate.Length(max=MOST_REMINDERS, error=f"At most {MOST_REMINDERS} reminders."), _no_doubles],
        metadata={"example": list(REMINDERS), "uniqueItems": True},
    )
    digest = Choice(Digest)

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> SettingsChanges:
        chosen = {NotificationType(name): wanted for name, wanted in data.get("mail", {}).items()}
        reminders = data.get("reminders_minutes")
        return SettingsChanges(
            mail=chosen,
            reminders_minutes=None if reminders is None else tuple(reminders),
            digest=data.get("digest"),
        )
