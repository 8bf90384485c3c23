"""Find out who is asking: from a header or a cookie to a viewer.

A valid signature alone proves nothing about the present: every request also looks the sign-in up, in the same round
trip as the cached answer it asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from itertools import islice
from typing import Any, ParamSpec, TypeVar, cast

from flask import Flask, current_app, g, request

from accounts.dependents import shown_on_pages, watched_by_pages
from accounts.models import Role
from accounts.queries import viewer_record
from accounts.rights import Right, may, runs_school
from accounts.sign_in.cookies import credentials_in_cookie
from accounts.sign_in.second_factor import require_second_factor
from accounts.sign_in.tokens import NOT_VALID, Credentials, TokenSigner
from caching import Answer, BoundRead, cache, version_of, watch
from caching.reads import LookUp
from errors import Forbidden, InvalidToken, Unauthenticated
from extensions import csrf
from jsontext import JsonObject
from school.around import look_up_beside
from web.answers import wants_json
from web.api import note
from web.clock import now
from web.operations import BEARER, ROLES, SESSION

P = ParamSpec("P")
R = TypeVar("R")

_SIGNER = "lectern-token-signer"


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in, active person."""

    id: int
    name: str
    role: str
    time_zone: str
    # Whether the address is confirmed, for pages that say so; what depends on it asks the database.
    confirmed: bool
    # Whether two-factor sign-in is on.
    two_factor: bool
    sign_in_id: int

    @property
    def credentials(self) -> Credentials:
        """Return what identifies this sign-in."""
        return Credentials(self.id, self.role, self.sign_in_id)

    @property
    def runs_school(self) -> bool:
        """Tell whether they look after what belongs to others."""
        return runs_school(self.role)

    @property
    def may_set(self) -> bool:
        """Tell whether they change how the installation works."""
        return may(self.role, Right.SETTINGS)


Who = Credentials | Viewer


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
    """Return what the request's header or cookie proves, or None.

    The cookie counts only if there is no header. Raises Unauthenticated for every kind of bad header. A cookie counts
    for a change only with a CSRF token.
    """
    if "credentials" not in g:
        g.credentials = _read_credentials()
    return cast("Credentials | None", g.credentials)


def _read_credentials() -> Credentials | None:
    header = request.headers.get("Authorization")
    if header is not None:
        claims = signer().read_bearer(header)
        if claims.expires <= now().timestamp():
            raise InvalidToken(NOT_VALID)
        return claims.who
    who = credentials_in_cookie()
    if who is not None and request.method not in ("GET", "HEAD", "OPTIONS"):
        csrf.protect()
    return who


def current_viewer() -> Viewer | None:
    """Return who is asking, None if nobody is.

    Raises Unauthenticated if a header's token does not count (any more), and TwoFactorMissing if they have to set up
    two-factor sign-in before they do anything else.

    A cookie whose sign-in has ended is nobody.
    """
    if "viewer" not in g:
        who = credentials()
        g.viewer = None if who is None else _viewer(_look_up(who)[0].answer(), who)
    viewer = cast("Viewer | None", g.viewer)
    if viewer:
        require_second_factor(viewer.role, has_one=viewer.two_factor)
    return viewer


def shown_viewer() -> Viewer | None:
    """Return whose name stands on a page.

    A cookie is enough for that, even if the form it came with is refused.
    """
    if "viewer" in g or "Authorization" in request.headers:
        return current_viewer()
    who = credentials_in_cookie()
    return None if who is None else _viewer(_look_up(who)[0].answer(), who)


def shown_on_page(name: str) -> JsonObject | None:
    """Return one of the things that each page shows of its viewer, as `accounts.dependents` names them.

    It was looked up with their sign-in. None if nobody's was looked up for a page, or if it is not for their role.
    """
    shown: dict[str, LookUp | JsonObject] = g.get("shown_on_page", {})
    found = shown.get(name)
    if isinstance(found, LookUp):
        # A page may ask twice, and the database is asked once.
        found = shown[name] = cast("JsonObject", found.answer().json())
    return found


def to_watch(who: Who) -> list[BoundRead]:
    """Name the looks at what pages of this user watch while they are open."""
    return [watch(tag) for tag in watched_by_pages(who.id, who.role)]


def require_viewer(*roles: Role) -> Viewer:
    """Return who is asking.

    Raises Unauthenticated if nobody is, Forbidden if they have none of `roles`.
    """
    viewer = current_viewer()
    if viewer is None:
        raise Unauthenticated
    if roles and viewer.role not in roles:
        raise Forbidden
    return viewer


def look_up_with_viewer(*reads: BoundRead) -> list[LookUp]:
    """Look reads up, and who is asking in the same round trip.

    The viewer is left out if they are known already. Raises Unauthenticated if a header's token does not count (any
    more).
    """
    who = credentials()
    if who is None:
        return look_up_beside(*reads)
    if "viewer" in g:
        return cache.look_up(*reads)
    record, *ahead = _look_up(who, *reads)
    recognise(who, record.answer())
    return ahead


def _look_up(who: Who, *reads: BoundRead) -> list[LookUp]:
    """Look the record of a sign-in up, and these reads.

    What each page shows of its viewer, and what it watches while it is open, comes along in the same round trip.
    """
    if wants_json():
        return cache.look_up(record_of(who), *reads)
    shown, watched = shown_on_pages(who.id, who.role, now()), to_watch(who)
    found = iter(cache.look_up(record_of(who), *reads, *shown.values(), *watched))
    asked = list(islice(found, 1 + len(reads)))
    g.shown_on_page = {name: next(found) for name in shown}
    # Before anything else is read, so that what changes meanwhile is another version.
    g.page_version = version_of(list(found))
    return asked


def recognise(who: Credentials, record: Answer) -> None:
    """Note who is asking, by the record of their sign-in.

    Raises Unauthenticated as `current_viewer` does.
    """
    g.credentials = who
    g.viewer = _viewer(record, who)


def public_answer(read: BoundRead) -> tuple[Viewer | None, Answer]:
    """Return the viewer, or None, and a cached answer that is the same for all.

    Raises Unauthenticated if a header's token does not count (any more).
    """
    (ahead,) = look_up_with_viewer(read)
    return current_viewer(), ahead.answer()


def answers_for(reads_for: Callable[[Who | None], Sequence[BoundRead]]) -> tuple[Viewer | None, list[Answer]]:
    """Return the viewer, or None, and all cached answers that a page needs.

    They are looked up in one round trip. `reads_for` names the reads for an id and a role, or for somebody unknown. If
    the one in the cookie turns out to be nobody, or to have another role by now, it is asked again. Raises
    Unauthenticated as `current_viewer` does.
    """
    who: Who | None = g.viewer if "viewer" in g else credentials()
    ahead = look_up_with_viewer(*reads_for(who))
    viewer = current_viewer()
    if who is not None and (viewer is None or viewer.role != who.role):
        ahead = cache.look_up(*reads_for(viewer))
    return viewer, [read.answer() for read in ahead]


def own_answers(reads_for: Callable[[Who], Sequence[BoundRead]]) -> tuple[Viewer, list[Answer]]:
    """Do the same for a page that only signed-in people have.

    Raises Unauthenticated.
    """

    def of_somebody(who: Who | None) -> Sequence[BoundRead]:
        if who is None:
            raise Unauthenticated
        return reads_for(who)

    viewer, answers = answers_for(of_somebody)
    if viewer is None:
        raise Unauthenticated
    return viewer, answers


def signed_in(*roles: Role) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let only signed-in people (with one of `roles`) into an API view.

    Stands above `arguments`, so it comes first.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            require_viewer(*roles)
            return view(*args, **kwargs)

        return note(guarded, **who_may_ask(roles))

    return decorate


def for_signed_in(view: Callable[P, R]) -> Callable[P, R]:
    """Say of a view that it is for signed-in people, and that it finds out by itself who asks."""
    return note(view, **who_may_ask(()))


def who_may_ask(roles: Collection[Role]) -> dict[str, Any]:
    """Say for the OpenAPI document who may ask: signed-in people, with these roles."""
    return {"security": [{BEARER: []}, {SESSION: []}], ROLES: [str(role) for role in roles]}


def record_of(who: Who) -> BoundRead:
    """Name the read that tells whether a sign-in counts, and whose it is."""
    return _record(who.id, who.sign_in_id)


# It is named for every request, and the name of a sign-in's record never changes.
_record = lru_cache(maxsize=4096)(viewer_record.at)


def _viewer(answer: Answer, who: Who) -> Viewer | None:
    """Return whom a record describes.

    A token without a record is refused, a cookie without one is nobody.
    """
    record = answer.json()
    if record is not None:
        return Viewer(**record, sign_in_id=who.sign_in_id)
    if "Authorization" in request.headers:
        raise InvalidToken("This sign-in has ended.")
    return None
