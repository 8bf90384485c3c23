"""The page on which those who run the school approve its teachers."""

from __future__ import annotations

from flask import flash, render_template, url_for

from accounts.rights import STAFF
from accounts.sign_in.identity import require_viewer
from accounts.teaching.models import TeachingStatus
from administration.teaching import queries, service
from administration.teaching.forms import DecisionForm
from administration.teaching.queries import TeachersQuery, WhichTeachers
from administration.teaching.schemas import TeachersQuerySchema
from errors import WrongState
from web.clock import now
from web.forms import from_address
from web.pages import Page, PageBlueprint, go_back, refused

pages = PageBlueprint("admin_teaching_pages", __name__)

_TABS = {
    WhichTeachers.ALL: "All",
    WhichTeachers.ASKED: "Waiting for you",
    WhichTeachers.APPROVED: "Approved",
    WhichTeachers.NONE: "Not asked yet",
    WhichTeachers.DECLINED: "Declined",
    WhichTeachers.ENDED: "Ended",
}
_DONE: dict[str, str] = {
    TeachingStatus.APPROVED: "{name} can teach now, and is told so.",
    TeachingStatus.DECLINED: "{name} is told why you said no. They can ask again.",
    TeachingStatus.ENDED: "{name} is not approved any more. Their published gigs are paused; agreed lessons stay.",
}


@pages.get("/admin/teachers")
def overview() -> str:
    """List the teachers, with what can be decided about each."""
    return _list_page(DecisionForm(formdata=None))


@pages.form("/admin/teachers/<id:teacher_id>/decide", of="admin_teaching_pages.overview")
def decide(teacher_id: int) -> Page:
    """Approve a teacher, decline one, or end an approval."""
    viewer, form = require_viewer(*STAFF), DecisionForm()
    if not form.validate():
        return refused(_list_page(form, refused_id=teacher_id))
    try:
        service.decide(teacher_id, form.loaded, actor=viewer, now=now())
    except WrongState:
        flash("Somebody else has decided this meanwhile.", "error")
    else:
        flash(_DONE[form.loaded.status].format(name=queries.teacher(teacher_id)["name"]))
    return go_back(url_for(".overview"))


def _list_page(form: DecisionForm, refused_id: int | None = None) -> str:
    """Render the list.

    A teacher whose form was refused is on it in any case.
    """
    require_viewer(*STAFF)
    query: TeachersQuery = from_address(TeachersQuerySchema(), "status", "q", "cursor")
    page = queries.teachers_page(query)
    rows = page["data"]
    if refused_id is not None and refused_id not in [row["id"] for row in rows]:
        rows = [queries.teacher(refused_id), *rows]
    return render_template(
        "administration/teachers.html",
        teachers=rows,
        next_cursor=page["next_cursor"],
        query=query,
        tabs=_TABS,
        form=form,
        refused_id=refused_id,
    )
