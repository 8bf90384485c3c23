"""Tell which act of those who run the school is under way, if any."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

import click
from flask import g, has_request_context, request

from accounts.sign_in.identity import Viewer
from administration.audit.models import OPERATOR

# Commands that do what the school's own work is, or that fill a database: no operator decides anything with them.
_NO_ACTS = re.compile(r"(jobs (run|drain)|db|demo|run|doctor|mail|gigs|cache (status|health))\b")
# An id in an address, by what it names.
_ID = "_id"


@dataclass(frozen=True, slots=True)
class Act:
    """Who does what, with one request or one command."""

    actor_id: int | None
    role: str
    action: str
    subject: tuple[str, int] | None = None

    @staticmethod
    def written() -> None:
        """Note that the request's act stands in the log."""
        if has_request_context():
            g.audited = True

    @staticmethod
    def is_written() -> bool:
        """Tell whether it does."""
        return bool(g.get("audited"))


def present_act() -> Act | None:
    """Return the act that the running code belongs to.

    None if it is not one of somebody who runs the school: then nothing is written down.
    """
    if has_request_context():
        viewer = cast("Viewer | None", g.get("viewer"))
        if viewer is None or not viewer.runs_school:
            return None
        return Act(viewer.id, viewer.role, request.endpoint or "", _subject(request.view_args or {}))
    return _command()


def _subject(ids: dict[str, object]) -> tuple[str, int] | None:
    """Name what a request is about: the last id in its address."""
    named = [(name.removesuffix(_ID), value) for name, value in ids.items() if isinstance(value, int)]
    return named[-1] if named else None


def _command() -> Act | None:
    context = click.get_current_context(silent=True)
    if context is None:
        return None
    names = []
    while context.parent is not None:
        names.append(context.info_name or "")
        context = context.parent
    action = " ".join(reversed(names))
    return None if not action or _NO_ACTS.match(action) else Act(None, OPERATOR, action)
