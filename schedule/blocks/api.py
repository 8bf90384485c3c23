"""The JSON API of blocks."""

from __future__ import annotations

from typing import Any

from flask import Response

from accounts.models import Role
from accounts.sign_in.cached_lists import ListBlueprint
from accounts.sign_in.identity import Who, require_viewer, signed_in
from caching import BoundRead
from errors import TooManyBlocks
from schedule import outside
from schedule.blocks import queries, service
from schedule.blocks.schemas import BlocksPageSchema, BlocksQuerySchema, NewBlockAnswerSchema, NewBlockSchema
from schedule.models import Stretch
from web.answers import json_response
from web.clock import now
from web.idempotency import idempotent

blueprint = ListBlueprint("blocks", __name__, url_prefix="/api/teachers/me", description="Time that is not offered")


@blueprint.cached_list("/blocks", BlocksQuerySchema, BlocksPageSchema, own=True, roles=(Role.TEACHER,))
def list_blocks(who: Who, stretch: Stretch) -> BoundRead:
    """List what one has blocked of a stretch of time."""
    return queries.blocks_in.at(who.id, stretch)


@blueprint.post("/blocks")
@signed_in(Role.TEACHER)
@blueprint.arguments(NewBlockSchema)
@blueprint.response(201, NewBlockAnswerSchema)
@blueprint.raises(TooManyBlocks)
@idempotent(lambda: require_viewer().id)
def create_block(body: dict[str, Any]) -> Response:
    """Block some time: it is not offered, whatever one's schedules say.

    Lessons that exist stay as they are; `outside` has the ids of those that the block overlaps with.
    """
    viewer = require_viewer()
    stretch = Stretch(start=body["starts_at"], end=body["ends_at"])
    block_id = service.block_time(viewer.id, stretch, body["note"], now=now())
    lessons = outside.lessons_during(viewer.id, stretch, now())
    made = queries.block(viewer.id, block_id) | {"outside": [lesson.id for lesson in lessons]}
    return json_response(made, 201)


@blueprint.delete("/blocks/<id:block_id>")
@signed_in(Role.TEACHER)
@blueprint.response(204)
def delete_block(block_id: int) -> Response:
    """Take a block away."""
    service.unblock(require_viewer().id, block_id)
    return Response(status=204)
