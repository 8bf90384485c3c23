"""What the API says about the cache."""

from __future__ import annotations

from dataclasses import dataclass

from marshmallow import fields

from caching.operations.overview import SPANS, Order
from web.fields import Choice, StrictSchema


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheQuery:
    """What the page of the cache looks at."""

    span: str
    order: Order


class CacheQuerySchema(StrictSchema):
    """How far back, and what the table begins with."""

    MAKES = CacheQuery

    span = Choice(list(SPANS), load_default="hour")
    order = Choice(Order, load_default=Order.READS)


class AlertSchema(StrictSchema):
    """A rule.

    Without a value there is too little to judge by.
    """

    name = fields.String(required=True)
    says = fields.String(required=True)
    value = fields.Float(required=True, allow_none=True)
    threshold = fields.Float(required=True)
    firing = fields.Boolean(required=True)


class StrategySchema(StrictSchema):
    """How far one strategy is."""

    name = fields.String(required=True)
    done = fields.Integer(required=True)
    total = fields.Integer(required=True, allow_none=True)


class WarmingSchema(StrictSchema):
    """A run over all strategies."""

    state = fields.String(required=True, metadata={"enum": ["running", "done", "stopped", "failed"]})
    strategies = fields.List(fields.Nested(StrategySchema), required=True)


class CacheHealthSchema(StrictSchema):
    """The cache at this moment.

    `status` is a word for what is wrong with Redis, if anything is.
    """

    status = fields.String(required=True)
    latency_ms = fields.Float(required=True, allow_none=True)
    hits = fields.Integer(required=True)
    misses = fields.Integer(required=True)
    hit_rate = fields.Float(required=True, allow_none=True)
    changes_waiting = fields.Integer(required=True, allow_none=True)
    alerts = fields.List(fields.Nested(AlertSchema), required=True)
    warming = fields.Nested(WarmingSchema, required=True, allow_none=True)


class FamilySchema(StrictSchema):
    """How the reads of one family were answered since the server's start.

    Times in milliseconds.
    """

    family = fields.String(required=True)
    kind = fields.String(required=True, metadata={"enum": ["entity", "list"]})
    hits = fields.Integer(required=True)
    misses = fields.Integer(required=True)
    coalesced = fields.Integer(required=True)
    stale_stamps = fields.Integer(required=True)
    bypasses = fields.Integer(required=True)
    errors = fields.Integer(required=True)
    invalidations = fields.Integer(required=True)
    inconsistencies = fields.Integer(required=True)
    hit_rate = fields.Float(required=True, allow_none=True)
    mean_hit_ms = fields.Float(required=True, allow_none=True)
    mean_miss_ms = fields.Float(required=True, allow_none=True)


class CacheMetricsSchema(StrictSchema):
    """The numbers behind the health."""

    memory_bytes = fields.Integer(required=True, allow_none=True)
    memory_limit_bytes = fields.Integer(required=True, allow_none=True)
    keys = fields.Integer(required=True, allow_none=True)
    changes_waiting = fields.Integer(required=True, allow_none=True)
    open_breakers = fields.Integer(required=True)
    errors = fields.Dict(required=True, metadata={"description": "Failed Redis commands by what was tried."})
    families = fields.List(fields.Nested(FamilySchema), required=True)
    alerts = fields.List(fields.Nested(AlertSchema), required=True)
