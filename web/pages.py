"""The pages' frame: tokens of forms, where a page leads on to, the API's docs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from errors import NotFound
from extensions import csrf
from web import problems

PROBLEM_SECONDS = 3600

View = TypeVar("View", bound=Callable[..., Any])

# What a page's view returns: a page, one with a form that was refused, or the way to another page.
Page = str | tuple[str, int] | AnyResponse


class PageBlueprint(Blueprint):
    """A blueprint of pages that checks the token of every form."""

    def __init__(self, name: str, import_name: str) -> None:
        """Check the token before anything else is looked at."""
        super().__init__(name, import_name)
        self.before_request(csrf.protect)

    def form(self, rule: str, *, of: str) -> Callable[[View], View]:
        """Register a view that a form of the page `of` is sent to.

        Who asks for its address is led to that page.

        After a refused form it stands in the address bar, so people reload it, keep it and send it to others.
        """

        def register(view: View) -> View:
            self.add_url_rule(rule, view.__name__, view, methods=["POST"])
            self.add_url_rule(rule, f"{view.__name__}_address", partial(_lead_to, of), methods=["GET"])
            return view

        return register


def _lead_to(endpoint: str, **ids: int) -> AnyResponse:
    """Lead to a page, with those of the ids that it has in its address."""
    known = next(current_app.url_map.iter_rules(endpoint)).arguments
    values: dict[str, Any] = {name: value for name, value in ids.items() if name in known}
    return redirect(url_for(endpoint, **values))


docs = PageBlueprint("docs", __name__)


@docs.get("/api/docs")
def api() -> str:
    """Show the API's reference, made from the document that programs get."""
    document = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    return render_template("api/docs.html", spec=document, problems=problems.listed())


@docs.get("/problems/<slug>")
def problem(slug: str) -> Response:
    """Explain a kind of problem: the page that `type` of such an answer leads to."""
    if slug not in problems.known():
        raise NotFound
    page = make_response(render_template("api/problem.html", problem=problems.known()[slug]))
    # It is the same for everybody but for the name above it.
    if "Cookie" not in request.headers and "Authorization" not in request.headers:
        page.headers["Cache-Control"] = f"public, max-age={PROBLEM_SECONDS}"
        page.vary.update(("Authorization", "Cookie"))
    return page


def next_path() -> str | None:
    """Return where the reader wanted to go, or None.

    It is None unless that is a path of ours.
    """
    path = request.args.get("next", "")
    return path if _is_ours(path) else None


def go_back(otherwise: str) -> AnyResponse:
    """Lead back to the page whose button was pressed.

    If the browser does not say which, lead to `otherwise`.
    """
    came_from = urlsplit(request.referrer or "")
    path = f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path
    if came_from.netloc != request.host or came_from.path == request.path or not _is_ours(path):
        return redirect(otherwise)
    return redirect(path)


def _is_ours(path: str) -> bool:
    """Tell whether a browser that is sent to `path` stays here."""
    # Browsers read a backslash as a slash, and two slashes as the beginning of a host's name.
    return path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()


def tell(text: str, *, url: str, link: str) -> None:
    """Flash a sentence with a way on."""
    flash({"text": text, "url": url, "link": link})  # type: ignore[arg-type]


def refused(page: str) -> tuple[str, int]:
    """Answer with a form that was refused, everything in it as it was typed."""
    return page, 422


def shown(page: str, form: Any) -> Page:
    """Answer with a page and its form, which may just have been refused."""
    return refused(page) if form.errors else page
