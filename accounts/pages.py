"""Pages of people: registration, signing in and out, the profile, a teacher's public page."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, session, url_for
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from accounts import queries, service
from accounts.forms import PasswordForm, ProfileForm, RegisterForm, SignInForm
from accounts.models import Role
from accounts.names import normalise_email
from accounts.sign_in import known_browsers
from accounts.sign_in import service as sign_ins
from accounts.sign_in.identity import BrowserUser, answers_for, current_viewer, require_viewer
from accounts.sign_in.reader import reader, reader_zone
from bookings import kept_notes
from calendars.feed import service as calendar_feeds
from calendars.queries import feed_began
from errors import EmailTaken, Invalid, NotFound, WrongCredentials
from gigs.queries import GigsQuery, gigs_page
from reviews.queries import ReviewsQuery, reviews_of
from reviews.schemas import WrittenReviewsQuerySchema
from web.clock import now
from web.forms import from_address
from web.pages import PageBlueprint, next_path, refused, shown, tell
from web.ratelimits import count_registration, count_sign_in

pages = PageBlueprint("account_pages", __name__)

# What a teacher's public page shows of their gigs, and of the reviews at once.
GIGS_SHOWN, REVIEWS_SHOWN = 6, "10"

# Where a new token of the calendar feed waits for the page that shows it.
NEW_FEED = "new-feed"

Page = str | tuple[str, int] | Response


@pages.app_context_processor
def _who_reads() -> dict[str, Any]:
    return {"viewer": reader(), "reader_zone": reader_zone()}


@pages.route("/register", methods=["GET", "POST"])
def register() -> Page:
    """Create an account, and sign in with it."""
    if current_viewer():
        return redirect(next_path() or url_for("home.index"))
    form = RegisterForm()
    if form.validate_on_submit():
        count_registration()
        try:
            user_id = service.register(**form.loaded, now=now())
        except EmailTaken as error:
            form.refuse({"email": [error.detail]})
        except Invalid as error:
            form.refuse(error.errors)
        else:
            return _welcome(user_id, form.loaded)
    return shown(render_template("accounts/register.html", form=form), form)


@pages.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Page:
    """Sign in; a wrong pair gets the same answer whether or not the address has an account."""
    if current_viewer():
        return redirect(next_path() or url_for("home.index"))
    form = SignInForm()
    if form.validate_on_submit():
        email = form.loaded["email"]
        count_sign_in(normalise_email(email), known_browsers.recognise(email))
        try:
            user_id = sign_ins.authenticate(email, form.loaded["password"])
        except WrongCredentials as error:
            form.form_errors.append(error.detail)
        else:
            _begin_session(user_id)
            known_browsers.remember(email)
            return redirect(next_path() or url_for("booking_pages.mine"))
    return shown(render_template("accounts/sign_in.html", form=form), form)


@pages.form("/sign-out", of="home.index")
def sign_out() -> Response:
    """End this sign-in, at once and everywhere."""
    viewer = current_viewer()
    if viewer:
        sign_ins.end(viewer.credentials, now())
    logout_user()
    session.clear()
    kept_notes.forget()
    flash("You are signed out.")
    return redirect(url_for("home.index"))


@pages.route("/profile", methods=["GET", "POST"])
def profile() -> Page:
    """Show and change one's own profile."""
    viewer = require_viewer()
    person = queries.own_profile(viewer.id)
    form = _profile_form(person)
    if form.validate_on_submit():
        service.update_profile(viewer.id, form.loaded)
        flash("Your profile is saved.")
        return redirect(url_for(".profile"))
    token = session.pop(NEW_FEED, None)
    address = url_for("calendars.show_feed", token=token, _external=True) if token else None
    return _profile_page(person, form, PasswordForm(formdata=None), address)


@pages.form("/profile/password", of="account_pages.profile")
def change_password() -> Page:
    """Change the password: every other sign-in ends, and this browser gets a new one."""
    viewer = require_viewer()
    form = PasswordForm()
    if form.validate():
        current, new = form.loaded["current_password"], form.loaded["password"]
        has_feed = feed_began(viewer.id) is not None
        try:
            service.change_password(viewer.credentials, current=current, new=new, now=now())
        except WrongCredentials as error:
            form.refuse({"current_password": [error.detail]})
        except Invalid as error:
            form.refuse(error.errors)
        else:
            _begin_session(viewer.id)
            feed = " Your calendar feed has ended, too; you can make a new address for it." if has_feed else ""
            flash(f"Your password is changed. All other devices are signed out.{feed}")
            return redirect(url_for(".profile"))
    person = queries.own_profile(viewer.id)
    return _profile_page(person, _profile_form(person, formdata=None), form)


@pages.form("/profile/calendar-feed", of="account_pages.profile")
def open_feed() -> Response:
    """Make an address for the calendar feed; the profile shows it next, this once."""
    viewer = require_viewer()
    # In the person's own cookie, because a page that is reloaded shall not make another address.
    session[NEW_FEED] = calendar_feeds.open_feed(viewer.id, now())
    return redirect(url_for(".profile", _anchor="calendar-feed"))


@pages.form("/profile/calendar-feed/stop", of="account_pages.profile")
def close_feed() -> Response:
    """Let the address of the calendar feed open nothing any more."""
    calendar_feeds.close_feed(require_viewer().id)
    flash("The address of your calendar feed does not work any more.")
    return redirect(url_for(".profile"))


@pages.get("/teachers/<id:user_id>")
def teacher(user_id: int) -> str:
    """Show a teacher as everybody sees them."""
    wanted = from_address(WrittenReviewsQuerySchema(), "cursor", limit=REVIEWS_SHOWN)
    reads = (
        queries.profile.at(user_id),
        gigs_page.at(GigsQuery(teacher_id=user_id, limit=GIGS_SHOWN)),
        reviews_of.at(user_id, ReviewsQuery(limit=wanted["limit"], after=wanted["cursor"])),
    )
    person, gigs, reviews = (answer.json() for answer in answers_for(lambda _: reads)[1])
    if person is None or person["role"] != Role.TEACHER:
        raise NotFound
    return render_template(
        "accounts/teacher.html",
        teacher=person,
        gigs=gigs["data"],
        more_gigs=gigs["next_cursor"] is not None,
        reviews=reviews["data"] if reviews else [],
        next_cursor=reviews["next_cursor"] if reviews else None,
    )


def _begin_session(user_id: int) -> None:
    """Sign a browser in, with a session that has nothing in common with the one before."""
    new = sign_ins.begin(user_id, now())
    session.clear()
    session.permanent = True
    login_user(BrowserUser(new.credentials, int(new.expires_at.timestamp())))


def _welcome(user_id: int, entered: dict[str, str]) -> Response:
    _begin_session(user_id)
    known_browsers.remember(entered["email"])
    teaches = entered["role"] == Role.TEACHER
    endpoint, link = ("gig_pages.new", "Write your first gig") if teaches else ("gig_pages.search", "Find a teacher")
    tell(f"Welcome to Lectern, {entered['name']}.", url=url_for(endpoint), link=link)
    return redirect(next_path() or url_for("gig_pages.mine" if teaches else "home.index"))


def _profile_form(person: dict[str, Any], **kwargs: Any) -> ProfileForm:
    form = ProfileForm(data=person, **kwargs)
    if person["role"] != Role.TEACHER:
        del form.headline
        del form.bio
    return form


def _profile_page(
    person: dict[str, Any], form: ProfileForm, password_form: PasswordForm, feed_address: str | None = None
) -> Page:
    page = render_template(
        "accounts/profile.html",
        form=form,
        password_form=password_form,
        email=person["email"],
        feed_address=feed_address,
        feed_began=feed_began(person["id"]),
    )
    return refused(page) if form.errors or password_form.errors else page
