"""What the API says about the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, post_load, validate

from accounts.rights import STAFF
from administration.audit.models import OPERATOR
from administration.audit.queries import AuditDays, AuditQuery
from web.fields import Choice, InstantField, QueryId, QueryInstant, StrictSchema
from web.pagination import PageQuery, PageSchema, position_for


class _NarrowedSchema(PageQuery):
    """Which entries: by whom, of which act, about whom."""

    actor_id = QueryId(load_default=None)
    action = fields.String(load_default=None, validate=validate.Length(max=80))
    about = QueryId(load_default=None, metadata={"description": "The id of a person it is about."})
    looked = Choice(("true", "false"), load_default=None, metadata={"description": "Only looks, or only changes."})

    def _query(self, data: Mapping[str, Any], **times: Any) -> AuditQuery:
        given = {name: data[name] for name in ("actor_id", "action", "about", "limit")}
        looked = None if data["looked"] is None else data["looked"] == "true"
        return AuditQuery(looked=looked, after=position_for(data["cursor"], "newest"), **given, **times)


class AuditQuerySchema(_NarrowedSchema):
    """Which entries: by whom, of which act, about whom, at or after `from` and before `to`."""

    start = QueryInstant(data_key="from", load_default=None)
    end = QueryInstant(data_key="to", load_default=None)

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> AuditQuery:
        return self._query(data, start=data["start"], end=data["end"])


class AuditAddressSchema(_NarrowedSchema):
    """The same for the page, where whole days are chosen."""

    first = fields.Date(data_key="from", load_default=None)
    last = fields.Date(data_key="to", load_default=None)

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> AuditDays:
        return AuditDays(query=self._query(data), first=data["first"], last=data["last"])


class ActorSchema(StrictSchema):
    """Who did it.

    An operator has no id.
    """

    id = fields.Integer(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)
    role = Choice((*STAFF, OPERATOR), required=True, metadata={"description": "What they were then."})


class SubjectSchema(StrictSchema):
    """What the request named."""

    type = fields.String(required=True)
    id = fields.Integer(required=True)


class NamedSchema(StrictSchema):
    """Whom it is about."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)


class AuditEntrySchema(StrictSchema):
    """One thing that was done, or something private that was looked at."""

    id = fields.Integer(required=True)
    at = InstantField(required=True)
    actor = fields.Nested(ActorSchema, required=True)
    action = fields.String(required=True, metadata={"description": "The endpoint, or the command of an operator."})
    looked = fields.Boolean(required=True)
    subject = fields.Nested(SubjectSchema, required=True, allow_none=True)
    people = fields.List(fields.Nested(NamedSchema), required=True)
    before = fields.Dict(
        required=True,
        metadata={"description": "What was, by row, such as `bookings 7`. Texts of people are left out."},
    )
    after = fields.Dict(required=True, metadata={"description": "What is."})


class AuditPageSchema(PageSchema):
    """The log, the newest entry first."""

    data = fields.List(fields.Nested(AuditEntrySchema), required=True)
