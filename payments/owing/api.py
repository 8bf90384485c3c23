"""The JSON API of what is open."""

from __future__ import annotations

from accounts.models import Role
from accounts.sign_in.cached_lists import ListBlueprint
from accounts.sign_in.identity import Who
from caching import BoundRead
from payments.owing import queries
from payments.owing.schemas import OwingSchema

blueprint = ListBlueprint("owing", __name__, url_prefix="/api/payments", description="What is open")


@blueprint.cached_list("/open", None, OwingSchema, own=True, roles=(Role.STUDENT, Role.TEACHER))
def list_open_payments(who: Who) -> BoundRead:
    """List what is open with each of one's teachers, or with each of one's students, lesson by lesson."""
    return queries.owing.at(who.id, who.role)
