"""Save gigs from the editor, so that nothing is lost which was typed on another page."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from accounts.actors import Actor
from database import writing
from errors import DraftConflict
from gigs import service as gigs
from gigs.drafts import records
from gigs.drafts.models import Autosave
from gigs.drafts.texts import control_texts, differences, fingerprint
from gigs.models import Gig, GigDraft, GigStatus, Visibility
from jsontext import JsonObject, loads


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """What stands in the editor when a button is pressed, and what it is based on.

    `version` is that of what was typed, 0 for none. `based_on` is the fingerprint of the gig that was shown, None if
    that is not known.
    """

    draft: GigDraft
    visibility: Visibility
    status: GigStatus | None
    version: int
    based_on: str | None


def save(gig_id: int, edited: Edited, *, actor: Actor, now: datetime) -> None:
    """Save a gig, unless another page has saved something else since.

    Raises DraftConflict, and what `gigs.service.save` raises.
    """
    with writing() as session:
        gig, manager = gigs.managed(session, gig_id, actor)
        gigs.require_open(gig, manager)
        typed = records.locked(session, gig.teacher_id, gig_id)
        if _is_overtaken(edited, _stored(session, gig), typed):
            current = _current(session, gig, typed)
            mine = control_texts(asdict(edited.draft) | {"visibility": edited.visibility})
            if differences(mine, control_texts(current["fields"])):
                raise DraftConflict(current)
        visibility, status = edited.visibility, edited.status
        gigs.save(gig_id, edited.draft, visibility=visibility, status=status, actor=actor, now=now)


def create(draft: GigDraft, *, version: int, actor: Actor, now: datetime) -> int:
    """Create a gig from what stands in the editor and return its id.

    What was typed is forgotten, unless it is another gig that another page keeps there.
    """
    with writing() as session:
        gig_id = gigs.create(actor.id, draft, now=now)
        typed = records.locked(session, actor.id, None)
        if typed is not None and typed.version == version:
            records.forget(session, actor.id, None)
    return gig_id


def current(gig_id: int, *, actor: Actor) -> JsonObject:
    """Return what the database has of a gig: its fields, with what was typed since in their places."""
    with writing() as session:
        gig, _ = gigs.managed(session, gig_id, actor)
        return _current(session, gig, records.locked(session, gig.teacher_id, gig_id))


def _is_overtaken(edited: Edited, fields: JsonObject, typed: Autosave | None) -> bool:
    version = typed.version if typed else 0
    changed = edited.based_on is not None and edited.based_on != fingerprint(fields)
    return version != edited.version or changed


def _current(session: Session, gig: Gig, typed: Autosave | None) -> JsonObject:
    fields = _stored(session, gig)
    shown = records.show_row(typed)
    return shown | {"fields": fields | (loads(typed.fields) if typed else {}), "based_on": fingerprint(fields)}


def _stored(session: Session, gig: Gig) -> JsonObject:
    return asdict(gigs.draft_of(session, gig)) | {"visibility": str(gig.visibility)}
