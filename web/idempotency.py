"""`Idempotency-Key`: a POST that is repeated has its effect once.

It gets the first answer again. The answer is kept in the transaction of the effect, so there is never one without the
other.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from hashlib import sha256
from typing import ParamSpec

import orjson
from flask import Response, request
from sqlalchemy import ForeignKey, Integer, LargeBinary, String, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from database import Id, Instant, writing
from errors import Invalid, RequestInFlight
from extensions import Base
from jsontext import loads
from web.clock import now

P = ParamSpec("P")

HEADER = "Idempotency-Key"
KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 255

_PARAMETER = {
    "in": "header",
    "name": HEADER,
    "description": "Sent again with the same key within 24 hours, the request has its effect once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    "required": False,
}


class KeptAnswer(Base):
    """The 2xx answer to one request of one user."""

    __tablename__ = "kept_answers"
    __table_args__ = (UniqueConstraint("user_id", "method", "path", "key"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    method: Mapped[str] = mapped_column(String(10))
    path: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(String(LONGEST_KEY))
    body_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer)
    answer: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)


def idempotent(user_id: Callable[[], int]) -> Callable[[Callable[P, Response]], Callable[P, Response]]:
    """Let a view that creates something accept an Idempotency-Key.

    `user_id` says whose keys they are.

    Another body under the same key is Invalid; while the first request is under way, RequestInFlight is raised.
    """

    def decorate(view: Callable[P, Response]) -> Callable[P, Response]:
        @wraps(view)
        def once(*args: P.args, **kwargs: P.kwargs) -> Response:
            key = request.headers.get(HEADER)
            if key is None:
                return view(*args, **kwargs)
            if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
                raise Invalid({HEADER: [f"Give 1 to {LONGEST_KEY} printable characters."]})
            # The view's own write transaction joins this one.
            with writing() as session:
                kept = _find(session, user_id(), key)
                return _replay(kept) if kept else _keep(session, user_id(), key, view(*args, **kwargs))

        once._apidoc = {"manual_doc": {"parameters": [_PARAMETER]}}  # type: ignore[attr-defined]
        return once

    return decorate


def forget_old_answers(now: datetime) -> None:
    """Delete answers that have been kept for 24 hours."""
    with writing() as session:
        session.execute(delete(KeptAnswer).where(KeptAnswer.created_at < now - KEPT_FOR))


def _find(session: Session, user_id: int, key: str) -> KeptAnswer | None:
    """Return the answer kept for this request.

    It waits until no other request with the same key is being worked on.
    """
    if session.get_bind().dialect.name == "postgresql":
        name = f"{user_id} {request.method} {request.path} {key}"
        if not session.scalar(select(func.pg_try_advisory_xact_lock(func.hashtextextended(name, 0)))):
            raise RequestInFlight
    # SQLite has one writer at a time: whoever comes second finds the first one's answer.
    same = (KeptAnswer.user_id == user_id, KeptAnswer.method == request.method, KeptAnswer.path == request.path)
    kept = session.scalar(select(KeptAnswer).where(*same, KeptAnswer.key == key))
    if kept is not None and kept.created_at < now() - KEPT_FOR:
        session.delete(kept)
        session.flush()
        return None
    return kept


def _keep(session: Session, user_id: int, key: str, response: Response) -> Response:
    if 200 <= response.status_code < 300:
        session.add(
            KeptAnswer(
                user_id=user_id,
                method=request.method,
                path=request.path,
                key=key,
                body_hash=_body_hash(),
                status=response.status_code,
                answer=response.get_data(),
                created_at=now(),
            )
        )
    return response


def _replay(kept: KeptAnswer) -> Response:
    if kept.body_hash != _body_hash():
        raise Invalid({HEADER: ["This key was used with another body."]})
    response = Response(kept.answer, kept.status, mimetype="application/json")
    response.headers["Idempotency-Replayed"] = "true"
    response.headers["Cache-Control"] = "no-store"
    return response


def _body_hash() -> str:
    """Hash what the body means, not how it is written."""
    return sha256(orjson.dumps(loads(request.get_data() or b"null"), option=orjson.OPT_SORT_KEYS)).hexdigest()
