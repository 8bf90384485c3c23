"""Write down what a request did without changing a row, and what private things it has shown.

Changes of rows are written in their own transaction, see `recording`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flask import Blueprint, Response, current_app, request

from administration.audit.acts import Act, present_act
from administration.audit.recording import record
from errors import LecternError
from web.clock import now

_READS = ("GET", "HEAD")

# What is private, by the endpoint that shows it, with the id in its address that says whose it is, if there is one.
# Their talk beside a lesson is not here, because nobody else gets to see it.
PRIVATE: Mapping[str, str | None] = MappingProxyType(
    {
        "admin_application_pages.listed_applications": None,
        "admin_people.show": "user_id",
        "application_pages.mine": None,
        "applications.list_applications": None,
        "applications.list_gig_applications": None,
        "applications.show_application": None,
        "people_pages.show": "user_id",
        "notes.list_notes": "student_id",
        "proofs.show_proof": None,
        "student_pages.show": "student_id",
        "students.show_student": "student_id",
        "submissions.list_versions": None,
        "submissions.list_submissions": None,
        "task_pages.show": None,
    }
)


def watch(blueprint: Blueprint) -> None:
    """Look at the answers of all requests, with a blueprint that the application registers anyway."""
    blueprint.after_app_request(_after_request)


def _after_request(answer: Response) -> Response:
    act = present_act()
    if act is None or answer.status_code >= 400:
        return answer
    try:
        _write_down(act)
    except LecternError as error:
        # What cannot be written down is not shown. Here, after the view, Flask itself asks no handler of errors.
        return current_app.make_response(current_app.handle_user_exception(error))
    return answer


def _write_down(act: Act) -> None:
    if request.method in _READS:
        if act.action in PRIVATE:
            whose = PRIVATE[act.action]
            record(act, at=now(), looked=True, about=(request.view_args or {}).get(whose) if whose else None)
    elif not act.is_written():
        record(act, at=now())
