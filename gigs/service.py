"""Changes of gigs.

Each names the tags it makes old.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

import events
import tags
from accounts.actors import Actor
from accounts.by_mail.confirmation import require_confirmed
from accounts.models import Role, User
from accounts.teaching.records import require_approved
from caching import fill_afterwards, invalidate
from database import changed_rows, writing
from errors import Forbidden, Invalid, NotFound, TooManyGigs, WrongState
from events import EventType
from gigs.dependents import (
    can_choose_schedule,
    ended_by_archiving,
    gig_dependents,
    has_applicants,
    has_coming_sessions,
)
from gigs.drafts.records import forget
from gigs.models import COLUMNS, Enrolment, Gig, GigChanges, GigDraft, GigSkill, GigStatus, Times, Visibility, hourly
from gigs.queries import gig as show_gig
from gigs.search import index
from gigs.search.counts import recount
from gigs.search.text import key_of, search_text
from gigs.states import EVENTS, Manager, allowed, is_closed, manager_of, shown_to_others

# More than any teacher offers at once.
MOST_PUBLISHED = 200
# What also stands where bookings are shown.
SHOWN_ELSEWHERE = ("title", "location")


def create(teacher_id: int, draft: GigDraft, *, now: datetime) -> int:
    """Create a gig as a draft and return its id.

    Raises Forbidden if this is no active teacher, or Invalid.
    """
    with writing() as session:
        require_teacher(session, teacher_id)
        _require_own_schedule(session, teacher_id, draft)
        gig = Gig(teacher_id=teacher_id, category_key="", search_text="", created_at=now, updated_at=now)
        _enter(gig, draft)
        session.add(gig)
        session.flush()
        _store_skills(session, gig.id, draft.skills)
        index.write(session, [gig.id])
        _changed(session, gig, gig.status)
    return gig.id


def edit(gig_id: int, changes: GigChanges, *, actor: Actor, now: datetime) -> None:
    """Change some fields of a gig.

    Raises NotFound, Forbidden, Invalid, or WrongState if the gig is archived.
    """
    with writing() as session:
        gig, manager = managed(session, gig_id, actor)
        require_open(gig, manager)
        before = draft_of(session, gig)
        after = changes.applied_to(before)
        _require_own_schedule(session, gig.teacher_id, after)
        _require_no_sessions(gig_id, before, after, now)
        _require_places(session, gig, before, after)
        _enter(gig, after)
        _store_skills(session, gig_id, after.skills)
        index.write(session, [gig_id])
        gig.updated_at = now
        forget(session, gig.teacher_id, gig_id)
        _changed(session, gig, gig.status)
        if after != before:
            _record_change(session, gig, by=actor, now=now)
        if any(getattr(before, name) != getattr(after, name) for name in SHOWN_ELSEWHERE):
            invalidate(*gig_dependents.tags(session, gig_id))


def set_status(gig_id: int, status: GigStatus, *, actor: Actor, now: datetime) -> None:
    """Take a gig to another status.

    Raises NotFound, Forbidden, EmailUnconfirmed, TeachingNotApproved, WrongState or TooManyGigs.
    """
    with writing() as session:
        gig, manager = managed(session, gig_id, actor)
        before = gig.status
        possible = allowed(before, manager)
        if status == GigStatus.PUBLISHED and status in possible:
            require_confirmed(session, actor.id)
            _require_room(session, gig.teacher_id)
            require_approved(session, gig.teacher_id)
        # The row is locked already; the comparison holds whatever a database makes of locks.
        swap = update(Gig).where(Gig.id == gig_id, Gig.status == before).values(status=status, updated_at=now)
        if status not in possible or not changed_rows(session, swap):
            raise WrongState(f"This gig is {before} and cannot become {status}.", current=before, allowed=possible)
        for end in ended_by_archiving if is_closed(status) else ():
            end(session, gig_id, actor, now)
        _changed(session, gig, before, status)
        _record(session, EVENTS[status], gig, by=actor, now=now)
        fill_afterwards(show_gig.at(gig_id))


def release_schedule(session: Session, teacher_id: int, schedule_id: int) -> bool:
    """Take a schedule, which is to be deleted, from a teacher's archived gigs.

    Tells whether other gigs use it. All of them stay locked until the transaction ends.
    """
    using = select(Gig).where(Gig.teacher_id == teacher_id, Gig.schedule_id == schedule_id).order_by(Gig.id)
    gigs = session.scalars(using.with_for_update()).all()
    for gig in gigs:
        if is_closed(gig.status):
            gig.schedule_id = None
            _changed(session, gig, gig.status)
    return not all(is_closed(gig.status) for gig in gigs)


def set_visibility(gig_id: int, visibility: Visibility, *, actor: Actor, now: datetime) -> None:
    """Choose who finds a gig.

    Raises NotFound, Forbidden, or WrongState if it is archived.
    """
    with writing() as session:
        gig, manager = managed(session, gig_id, actor)
        require_open(gig, manager)
        if gig.visibility != visibility:
            _record_change(session, gig, by=actor, now=now)
        gig.visibility = visibility
        gig.updated_at = now
        _changed(session, gig, gig.status)


def save(
    gig_id: int,
    draft: GigDraft,
    *,
    visibility: Visibility,
    status: GigStatus | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Change a gig, who finds it and, if one is given, its status.

    All of it happens or nothing. Raises what `edit`, `set_visibility` and `set_status` raise.
    """
    with writing():
        edit(gig_id, GigChanges(asdict(draft)), actor=actor, now=now)
        set_visibility(gig_id, visibility, actor=actor, now=now)
        if status is not None:
            set_status(gig_id, status, actor=actor, now=now)


def require_teacher(session: Session, teacher_id: int) -> None:
    """Check that this is an active teacher, and lock their row."""
    # A rename or a rating that is under way has to find the new gig.
    query = select(User.id).where(User.id == teacher_id, User.active, User.role == Role.TEACHER)
    if session.scalar(query.with_for_update(read=True)) is None:
        raise Forbidden


def _require_own_schedule(session: Session, teacher_id: int, draft: GigDraft) -> None:
    """Raise Invalid if a gig is to have a schedule that is not its teacher's."""
    chosen = draft.schedule_id
    if chosen is not None and not can_choose_schedule(session, teacher_id, chosen):
        raise Invalid({"schedule_id": ["You have no schedule with this id."]})


def _require_no_sessions(gig_id: int, before: GigDraft, after: GigDraft, now: datetime) -> None:
    """Raise Invalid if a gig is to lose its timetable while there are sessions to come.

    Students have places in them, and they hold the teacher's time. The other way nothing is lost: lessons that there
    are keep their times.
    """
    # Students who apply for a place in a gig do not book its sessions.
    lost = ["times"] if after.times != Times.TIMETABLE else []
    lost += ["enrolment"] if before.enrolment == Enrolment.BOOKING != after.enrolment else []
    if lost and before.times == Times.TIMETABLE and has_coming_sessions(gig_id, now):
        words = "There are sessions to come. Cancel them first, or wait until they have taken place."
        raise Invalid({name: [words] for name in lost})


def _require_places(session: Session, gig: Gig, before: GigDraft, after: GigDraft) -> None:
    """Raise Invalid if a gig is to lose places that students have, or have applied for."""
    if after.capacity < gig.places_taken:
        raise Invalid({"capacity": [f"{gig.places_taken} students have a place already."]})
    if before.enrolment == Enrolment.APPLICATION != after.enrolment:
        if gig.places_taken:
            raise Invalid({"enrolment": ["Students have a place in this gig. End their courses first."]})
        if has_applicants(session, gig.id):
            raise Invalid({"enrolment": ["Students have applied for a place. Answer them first."]})


def _require_room(session: Session, teacher_id: int) -> None:
    """Raise TooManyGigs if a teacher has published as many as possible.

    The teacher's row is locked, so that two requests at once do not both find the last place.
    """
    session.execute(select(User.id).where(User.id == teacher_id).with_for_update(key_share=True))
    theirs = (Gig.teacher_id == teacher_id, Gig.status == GigStatus.PUBLISHED)
    if (session.scalar(select(func.count()).where(*theirs)) or 0) >= MOST_PUBLISHED:
        raise TooManyGigs


def managed(session: Session, gig_id: int, actor: Actor) -> tuple[Gig, Manager]:
    """Load a gig for a change, and as what this person makes it.

    Raises Forbidden if they may only look at the gig, NotFound if they may not even do that.
    """
    gig = session.get(Gig, gig_id, with_for_update=True)
    if gig is None or not _is_taught(session, gig):
        raise NotFound
    manager = manager_of(gig.teacher_id, actor.id, actor.role)
    if manager is None:
        raise Forbidden if shown_to_others(gig.status, gig.visibility) else NotFound
    return gig, manager


def _is_taught(session: Session, gig: Gig) -> bool:
    """Tell whether the teacher is still one.

    Without them a gig is not visible to anyone.
    """
    query = select(User.id).where(User.id == gig.teacher_id, User.active, User.role == Role.TEACHER)
    return session.scalar(query) is not None


def require_open(gig: Gig, manager: Manager) -> None:
    if is_closed(gig.status):
        possible = allowed(gig.status, manager)
        raise WrongState(
            f"This gig is {gig.status}; it does not change any more.", current=gig.status, allowed=possible
        )


def _enter(gig: Gig, draft: GigDraft) -> None:
    """Write a draft into a gig's row, with what is compared and searched."""
    for name in COLUMNS:
        setattr(gig, name, getattr(draft, name))
    gig.hourly_cents = hourly(draft.price_cents, draft.duration_minutes)
    gig.category_key = key_of(draft.category)
    gig.search_text = search_text(draft.title, draft.summary, draft.category, *draft.skills)


def draft_of(session: Session, gig: Gig) -> GigDraft:
    skills = select(GigSkill.skill).where(GigSkill.gig_id == gig.id).order_by(GigSkill.position)
    entered = {name: getattr(gig, name) for name in COLUMNS}
    return GigDraft(**entered, skills=tuple(session.scalars(skills)))


def _store_skills(session: Session, gig_id: int, skills: tuple[str, ...]) -> None:
    session.execute(delete(GigSkill).where(GigSkill.gig_id == gig_id))
    session.add_all(
        GigSkill(gig_id=gig_id, position=position, skill=skill, skill_key=key_of(skill))
        for position, skill in enumerate(skills)
    )
    session.flush()


def _record(session: Session, type_: EventType, gig: Gig, *, by: Actor, now: datetime) -> None:
    events.record(session, type_, at=now, actor_id=by.id, gig_id=gig.id, teacher_id=gig.teacher_id)


def _record_change(session: Session, gig: Gig, *, by: Actor, now: datetime) -> None:
    """Say that a gig has other words or terms now.

    A draft has been seen by nobody else yet.
    """
    if gig.status != GigStatus.DRAFT:
        _record(session, EventType.GIG_CHANGED, gig, by=by, now=now)


def _changed(session: Session, gig: Gig, *statuses: str) -> None:
    """Make old what shows a gig that has, had or gets these statuses, and count it anew.

    Only published ones are in public lists.
    """
    invalidate(tags.gig(gig.id), tags.gig_sessions(gig.id), tags.user_gigs(gig.teacher_id))
    invalidate(tags.teacher_slots(gig.teacher_id), tags.all_gigs())
    if GigStatus.PUBLISHED in statuses:
        invalidate(tags.public_gigs(), tags.teachers())
        recount(session, [gig.id])
