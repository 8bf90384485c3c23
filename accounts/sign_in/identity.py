"""Who is asking: from a header or a cookie to a viewer whose sign-in counts right now.

A valid signature alone proves nothing about the present: every request also looks the sign-in up, in the same round
trip as the cached answer it asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeVar, cast

from flask import Flask, current_app, g, request
from flask_login import UserMixin, current_user

from accounts.models import Role
from accounts.queries import viewer_record
from accounts.sign_in.tokens import Credentials, TokenSigner
from caching import Answer, BoundRead, cache
from caching.reads import LookUp
from errors import Forbidden, Invalid, InvalidToken, Unauthenticated
from extensions import csrf, login_manager
from web.clock import now
from web.operations import ROLES

P = ParamSpec("P")
R = TypeVar("R")

_SIGNER = "lectern-token-signer"
# Where in a request's environment the front door leaves what it has looked up in vain.
LOOKED_UP = "lectern.looked_up"


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in, active person."""

    id: int
    name: str
    role: str
    time_zone: str
    sign_in_id: int

    @property
    def credentials(self) -> Credentials:
        """Return what identifies this sign-in."""
        return Credentials(self.id, self.role, self.sign_in_id)


Who = Credentials | Viewer


class BrowserUser(UserMixin):
    """What Flask-Login keeps in the session cookie: a sign-in, not a person, and when it ends by itself."""

    def __init__(self, credentials: Credentials, expires: int) -> None:
        """Wrap the credentials that the cookie stands for; `expires` is in seconds since 1970."""
        self.credentials = credentials
        self.expires = expires

    def get_id(self) -> str:
        """Return what the signed cookie carries."""
        return f"{self.credentials.id}.{self.credentials.role}.{self.credentials.sign_in_id}.{self.expires}"


@login_manager.user_loader
def _load_browser_user(text: str) -> BrowserUser | None:
    """Read what the cookie carries. Every message to the reader signs it anew, so its own age says nothing."""
    try:
        user_id, role, sign_in_id, expires = text.split(".")
    except ValueError:
        # From before cookies said when they end.
        return None
    if int(expires) <= now().timestamp():
        return None
    return BrowserUser(Credentials(int(user_id), role, int(sign_in_id)), int(expires))


def signer() -> TokenSigner:
    """Return the running application's signer of tokens."""
    return signer_of(current_app)


def signer_of(app: Flask) -> TokenSigner:
    """Return an application's signer of tokens."""
    return cast(TokenSigner, app.extensions[_SIGNER])


def install_signer(extensions: dict[str, Any], secret: str) -> None:
    """Give an application the signer that belongs to its secret."""
    extensions[_SIGNER] = TokenSigner.from_secret(secret)


def credentials() -> Credentials | None:
    """Return what the request's header or, only if there is none, its cookie proves; None if there is neither.

    Raises Unauthenticated for every kind of bad header. A cookie counts for a change only with a CSRF token.
    """
    if "credentials" not in g:
        g.credentials = _read_credentials()
    return cast("Credentials | None", g.credentials)


def _read_credentials() -> Credentials | None:
    header = request.headers.get("Authorization")
    if header is not None:
        return read_bearer(header, signer(), now())
    who = _cookie()
    if who is not None and request.method not in ("GET", "HEAD", "OPTIONS"):
        csrf.protect()
    return who


def read_bearer(header: str, signer: TokenSigner, now: datetime) -> Credentials:
    """Return what an Authorization header proves; raises Unauthenticated for every kind of bad one."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated("Use a bearer token.")
    try:
        return signer.read_access(token.strip(), now)
    except Unauthenticated as error:
        raise InvalidToken(error.detail) from None


def _cookie() -> Credentials | None:
    return cast(Credentials, current_user.credentials) if current_user.is_authenticated else None


def current_viewer() -> Viewer | None:
    """Return who is asking, None if nobody is. Raises Unauthenticated if a header's token does not count (any more).

    A cookie whose sign-in has ended is nobody.
    """
    if "viewer" not in g:
        who = credentials()
        g.viewer = None if who is None else _viewer(cache.look_up(record_of(who))[0].answer(), who)
    return cast("Viewer | None", g.viewer)


def shown_viewer() -> Viewer | None:
    """Return whose name stands on a page: a cookie is enough for that, even if the form it came with is refused."""
    if "viewer" in g or "Authorization" in request.headers:
        return current_viewer()
    who = _cookie()
    return None if who is None else _viewer(cache.look_up(record_of(who))[0].answer(), who)


def require_viewer(*roles: Role) -> Viewer:
    """Return who is asking; raises Unauthenticated if nobody is, Forbidden if they have none of `roles`."""
    viewer = current_viewer()
    if viewer is None:
        raise Unauthenticated
    if roles and viewer.role not in roles:
        raise Forbidden
    return viewer


def own_answer(read_for: Callable[[Who], BoundRead]) -> tuple[Viewer, Answer]:
    """Return the viewer and their own cached answer, both looked up in one round trip.

    `read_for` names the read for an id and a role. The role is at first the one in the token or cookie; if it has
    changed since, the read is named again for the present one. Raises Unauthenticated.
    """
    who = credentials()
    if who is None:
        raise Unauthenticated
    record, ahead = _look_up(record_of(who), read_for(who))
    viewer = g.viewer = _viewer(record.answer(), who)
    if viewer is None:
        raise Unauthenticated
    if viewer.role != who.role:
        ahead = cache.look_up(read_for(viewer))[0]
    return viewer, ahead.answer()


def public_answer(read: BoundRead) -> tuple[Viewer | None, Answer]:
    """Return the viewer, if somebody is signed in, and a cached answer that is the same for everybody.

    Raises Unauthenticated if a header's token does not count (any more).
    """
    who = credentials()
    if who is None or "viewer" in g:
        return current_viewer(), _look_up(read)[0].answer()
    record, ahead = _look_up(record_of(who), read)
    g.viewer = _viewer(record.answer(), who)
    return g.viewer, ahead.answer()


def answers_for(reads_for: Callable[[Who | None], Sequence[BoundRead]]) -> tuple[Viewer | None, list[Answer]]:
    """Return the viewer, if somebody is signed in, and all cached answers that a page needs, in one round trip.

    `reads_for` names the reads for an id and a role, or for somebody unknown. If the one in the cookie turns out to be
    nobody, or to have another role by now, it is asked again. Raises Unauthenticated as `current_viewer` does.
    """
    who = credentials()
    if who is None or "viewer" in g:
        viewer = current_viewer()
        ahead = cache.look_up(*reads_for(viewer))
    else:
        record, *ahead = cache.look_up(record_of(who), *reads_for(who))
        viewer = g.viewer = _viewer(record.answer(), who)
        if viewer is None or viewer.role != who.role:
            ahead = cache.look_up(*reads_for(viewer))
    return viewer, [read.answer() for read in ahead]


def own_answers(reads_for: Callable[[Who], Sequence[BoundRead]]) -> tuple[Viewer, list[Answer]]:
    """Do the same for a page that only signed-in people have. Raises Unauthenticated."""

    def of_somebody(who: Who | None) -> Sequence[BoundRead]:
        if who is None:
            raise Unauthenticated
        return reads_for(who)

    viewer, answers = answers_for(of_somebody)
    if viewer is None:
        raise Unauthenticated
    return viewer, answers


def signed_in(*roles: Role) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let only signed-in people (with one of `roles`) into an API view; stands above `arguments`, so it comes first."""
    return _guard(lambda: require_viewer(*roles), roles)


def signed_in_by_answer(view: Callable[P, R]) -> Callable[P, R]:
    """Let only holders of valid credentials in; the view itself looks the sign-in up, with `own_answer`.

    Where the view does not come to that, because the query is malformed, it happens after all: whoever is not signed in
    any more learns that first.
    """

    def require_credentials() -> None:
        if credentials() is None:
            raise Unauthenticated

    @wraps(view)
    def answering(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return view(*args, **kwargs)
        except Invalid:
            require_viewer()
            raise

    return _guard(require_credentials)(answering)


def _guard(check: Callable[[], object], roles: Sequence[Role] = ()) -> Callable[[Callable[P, R]], Callable[P, R]]:
    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            check()
            return view(*args, **kwargs)

        apidoc = dict(getattr(view, "_apidoc", {}))
        security: list[dict[Literal["bearer", "session"], list[str]]] = [{"bearer": []}, {"session": []}]
        facts = {"security": security, ROLES: [str(role) for role in roles]}
        apidoc["manual_doc"] = {**apidoc.get("manual_doc", {}), **facts}
        guarded._apidoc = apidoc  # type: ignore[attr-defined]
        return guarded

    return decorate


def record_of(who: Who) -> BoundRead:
    """Name the read that tells whether a sign-in counts, and whose it is."""
    return viewer_record.at(who.id, who.sign_in_id)


def _look_up(*reads: BoundRead) -> list[LookUp]:
    """Look reads up, unless the front door has done just that on this request's behalf."""
    seen: list[LookUp] = request.environ.pop(LOOKED_UP, [])
    places = [read.place for read in reads]
    return seen if [look_up.read.place for look_up in seen] == places else cache.look_up(*reads)


def _viewer(answer: Answer, who: Who) -> Viewer | None:
    """Return whom a record describes; a token without a record is refused, a cookie without one is nobody."""
    record = answer.json()
    if record is not None:
        return Viewer(**record, sign_in_id=who.sign_in_id)
    if "Authorization" in request.headers:
        raise InvalidToken("This sign-in has ended.")
    return None
