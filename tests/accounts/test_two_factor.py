"""Two-factor sign-in: a code of an app beside the password, in the API and in a browser."""

from __future__ import annotations

from collections.abc import Callable

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from accounts.by_mail import tokens
from accounts.by_mail.models import TokenUse
from accounts.models import User
from accounts.two_factor.models import RecoveryCode, TwoFactor
from database import reading, writing
from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.support.races import at_once
from tests.support.world import PASSWORD, Person, World

TWO_FACTOR = "/api/users/me/two-factor"
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Phone:
    """The app with the key of one account, and the codes for recovery that its owner keeps."""

    def __init__(self, key: str, clock: FakeClock) -> None:
        self.app, self._clock = pyotp.TOTP(key), clock
        self.recovery: list[str] = []

    @property
    def code(self) -> str:
        return self.app.at(self._clock())

    def later(self, seconds: int) -> str:
        return self.app.at(int(self._clock().timestamp()) + seconds)


def switch_on(person: Person, clock: FakeClock) -> Phone:
    made = person.post(TWO_FACTOR, {"current_password": PASSWORD})
    assert made.status_code == 201, made.text
    phone = Phone(made.json["secret"], clock)
    confirmed = person.post(f"{TWO_FACTOR}/confirm", {"code": phone.code})
    assert confirmed.status_code == 200, confirmed.text
    phone.recovery = confirmed.json["recovery_codes"]
    clock.advance(seconds=60)
    return phone


def sign_in(world: World, person: Person, code: str | None = None, app: Flask | None = None) -> TestResponse:
    body = {"email": person.email, "password": PASSWORD} | ({"code": code} if code else {})
    return (app or world.app).test_client(use_cookies=False).post("/api/auth/login", json=body)


def slug(answer: TestResponse) -> str:
    return str(answer.json["type"]).rpartition("/")[2]


def enter(visitor: Visitor, person: Person) -> Visitor:
    return visitor.open("/sign-in").send(email=person.email, password=PASSWORD)


def test_a_right_password_alone_is_not_enough_and_a_code_counts_once(world: World, clock: FakeClock) -> None:
    person = world.student()
    phone = switch_on(person, clock)

    alone, wrong = sign_in(world, person), sign_in(world, person, "000000")
    first, second = sign_in(world, person, phone.code), sign_in(world, person, phone.code)

    assert (alone.status_code, slug(alone)) == (401, "two-factor-required")
    assert (wrong.status_code, slug(wrong)) == (401, "wrong-code")
    assert first.status_code == 200
    assert (second.status_code, slug(second)) == (401, "wrong-code")


def test_of_many_who_send_the_same_code_at_once_one_gets_in(world: World, clock: FakeClock) -> None:
    person = world.student()
    phone = switch_on(person, clock)
    code, recovery = phone.code, phone.recovery[0]

    by_code = at_once([lambda: sign_in(world, person, code).status_code] * 6)
    by_recovery = at_once([lambda: sign_in(world, person, recovery).status_code] * 6)

    assert sorted(by_code) == sorted(by_recovery) == [200] + [401] * 5


@on_sqlite
@pytest.mark.parametrize(("seconds", "status"), [(-60, 401), (-30, 200), (30, 200), (60, 401)])
def test_a_clock_may_be_wrong_by_one_step(world: World, clock: FakeClock, seconds: int, status: int) -> None:
    person = world.student()
    phone = switch_on(person, clock)
    clock.advance(seconds=120)

    answer = sign_in(world, person, phone.later(seconds))

    assert answer.status_code == status


@on_sqlite
def test_each_recovery_code_counts_once_and_new_ones_replace_them(world: World, clock: FakeClock) -> None:
    person = world.student()
    phone = switch_on(person, clock)
    typed = phone.recovery[0].upper().replace("-", " ")

    assert sign_in(world, person, typed).status_code == 200

    assert sign_in(world, person, phone.recovery[0]).status_code == 401
    assert person.get(TWO_FACTOR).json["recovery_codes_left"] == 9
    body = {"current_password": PASSWORD, "code": phone.recovery[1]}
    renewed = person.post(f"{TWO_FACTOR}/recovery-codes", body).json["recovery_codes"]
    assert len(set(renewed)) == 10
    assert sign_in(world, person, phone.recovery[2]).status_code == 401
    assert sign_in(world, person, renewed[0]).status_code == 200


@on_sqlite
def test_nothing_in_the_database_gives_a_code(world: World, clock: FakeClock) -> None:
    person = world.student()
    phone = switch_on(person, clock)

    with world.app.app_context(), reading() as connection:
        salt = connection.execute(select(TwoFactor.salt)).scalar_one()
        digests = connection.execute(select(RecoveryCode.digest)).scalars().all()
    kept = " ".join([salt, *digests])

    assert phone.app.secret not in kept
    assert not any(code in kept or code.replace("-", "") in kept for code in phone.recovery)


@on_sqlite
def test_with_another_secret_key_codes_fail_clearly_and_an_operator_helps(
    world: World, clock: FakeClock, make_app: Callable[..., Flask]
) -> None:
    person = world.student()
    phone = switch_on(person, clock)
    moved = make_app(secret_key="another secret of this application")

    assert slug(sign_in(world, person, phone.code, moved)) == "wrong-code"
    assert slug(sign_in(world, person, phone.recovery[0], moved)) == "wrong-code"

    world.operator("accounts", "two-factor-off", person.email)
    assert sign_in(world, person, app=moved).status_code == 200


def test_switching_it_on_ends_what_was_signed_in_with_the_password_alone(world: World, clock: FakeClock) -> None:
    person = world.student()
    other = world.sign_in(person)
    browser = enter(Visitor(world.app), person)

    switch_on(person, clock)

    assert person.get("/api/users/me").status_code == 200
    assert other.get("/api/users/me").status_code == 401
    renewed = world.anyone.post("/api/auth/refresh", json={"refresh_token": other.refresh_token})
    assert renewed.status_code == 401
    assert browser.open("/profile").path.startswith("/sign-in")


def test_a_new_password_by_mail_does_not_get_around_it(world: World, clock: FakeClock) -> None:
    person = world.student()
    phone = switch_on(person, clock)
    with world.app.app_context(), writing() as session:
        user = session.get(User, person.id)
        token = tokens.issue(session, user, TokenUse.RESET, email=user.email, now=clock())

    reset = world.anyone.post("/api/auth/password-reset/confirm", json={"token": token, "password": PASSWORD})

    assert reset.status_code == 204
    assert slug(sign_in(world, person)) == "two-factor-required"
    assert sign_in(world, person, phone.code).status_code == 200


@on_sqlite
def test_switching_it_off_needs_the_password_and_a_code(world: World, clock: FakeClock) -> None:
    person = world.student()
    phone = switch_on(person, clock)
    off = f"{TWO_FACTOR}/off"

    wrong_password = person.post(off, {"current_password": "a wrong guess", "code": phone.code})
    wrong_code = person.post(off, {"current_password": PASSWORD, "code": "000000"})
    right = person.post(off, {"current_password": PASSWORD, "code": phone.code})

    assert (slug(wrong_password), slug(wrong_code)) == ("wrong-credentials", "wrong-code")
    assert right.status_code == 204
    assert sign_in(world, person).status_code == 200
    assert person.get(TWO_FACTOR).json == {"on": False, "since": None, "recovery_codes_left": 0}


@on_sqlite
def test_a_key_waits_half_an_hour_for_its_first_code(world: World, clock: FakeClock) -> None:
    person = world.student()
    key = person.post(TWO_FACTOR, {"current_password": PASSWORD}).json["secret"]
    phone = Phone(key, clock)

    wrong = person.post(f"{TWO_FACTOR}/confirm", {"code": "000000"})
    assert sign_in(world, person).status_code == 200
    person = world.sign_in(person)
    clock.advance(minutes=31)
    person = world.sign_in(person)
    late = person.post(f"{TWO_FACTOR}/confirm", {"code": phone.code})

    assert (slug(wrong), slug(late)) == ("wrong-code", "two-factor-state")
    assert sign_in(world, person).status_code == 200


@on_sqlite
def test_codes_are_tried_ten_times_in_a_quarter_of_an_hour(
    world: World, clock: FakeClock, make_app: Callable[..., Flask]
) -> None:
    person = world.student()
    phone = switch_on(person, clock)
    app = make_app(ratelimit_enabled=True)

    tried = []
    for _ in range(11):
        tried.append(sign_in(world, person, "000000", app).status_code)
        clock.advance(seconds=30)

    assert tried == [401] * 10 + [429]
    assert sign_in(world, person, phone.code, app).status_code == 429
    clock.advance(minutes=15)
    assert sign_in(world, person, phone.code, app).status_code == 200


@on_sqlite
def test_a_browser_signs_in_in_two_steps(world: World, clock: FakeClock) -> None:
    person = world.student()
    phone = switch_on(person, clock)

    browser = enter(Visitor(world.app), person)

    assert browser.path == "/sign-in/code"
    assert browser.client.get("/profile").status_code == 302
    assert "does not count" not in browser.text
    assert browser.send(code="000000").status == 422
    assert browser.send(code=phone.code).status == 200
    assert browser.open("/profile").path == "/profile"


@on_sqlite
def test_the_first_step_in_a_browser_is_forgotten_after_ten_minutes_and_with_another_password(
    world: World, clock: FakeClock
) -> None:
    person = world.student()
    phone = switch_on(person, clock)
    slow, robbed = enter(Visitor(world.app), person), enter(Visitor(world.app), person)

    world.operator("accounts", "set-password", person.email, "--password", "another long password")
    robbed.post("/sign-in/code", robbed.form("/sign-in/code").values | {"code": phone.code})
    assert robbed.path == "/sign-in"

    world.operator("accounts", "set-password", person.email, "--password", PASSWORD)
    slow = enter(Visitor(world.app), person)
    clock.advance(minutes=11)
    assert slow.send(code=phone.code).path == "/sign-in"


@on_sqlite
def test_it_is_set_up_and_switched_off_on_a_page(world: World, clock: FakeClock) -> None:
    person = world.student()
    browser = enter(Visitor(world.app), person).open("/profile/two-factor")

    browser.send("/profile/two-factor/begin", current_password="a wrong guess")
    assert browser.status == 422
    browser.send("/profile/two-factor/begin", current_password=PASSWORD)
    key = pyotp.parse_uri(_uri_on(browser)).secret
    browser.send("/profile/two-factor/confirm", code=pyotp.TOTP(key).at(clock()))

    assert "Keep these now" in browser.text
    clock.advance(seconds=60)
    browser.open("/profile/two-factor")
    assert "You have 10 recovery codes left" in browser.text
    assert key not in browser.answer.text
    typed = {"off-current_password": PASSWORD, "off-code": pyotp.TOTP(key).at(clock())}
    browser.post("/profile/two-factor/off", browser.form("/profile/two-factor/off").values | typed)
    assert "Two-factor sign-in is off" in browser.text


def _uri_on(browser: Visitor) -> str:
    uri = browser.answer.text.partition('href="otpauth:')[2].partition('"')[0]
    return "otpauth:" + uri.replace("&amp;", "&")


@on_sqlite
def test_where_a_role_needs_it_nothing_else_can_be_done_before(
    world: World, clock: FakeClock, make_app: Callable[..., Flask]
) -> None:
    admin = world.admin()
    # This one remembers the lists as they are before the rule.
    assert admin.get("/api/users").status_code == admin.get("/api/users").status_code == 200
    strict = make_app(two_factor_required_for=frozenset({"admin"}))
    admin.client = strict.test_client(use_cookies=False)

    refused = [admin.get(path) for path in ("/api/users", "/api/users", "/api/bookings", "/api/gigs")]
    browser = enter(Visitor(strict), admin)

    assert {(answer.status_code, slug(answer)) for answer in refused} == {(403, "two-factor-missing")}
    assert admin.get("/api/users/me").status_code == 200
    assert browser.path == "/profile/two-factor"
    assert "Please set it up first" in browser.text
    switch_on(admin, clock)
    assert admin.get("/api/users").status_code == admin.get("/api/users").status_code == 200


@on_sqlite
def test_an_operator_takes_it_off_and_signs_its_owner_out(world: World, clock: FakeClock) -> None:
    person = world.student()
    switch_on(person, clock)

    world.operator("accounts", "two-factor-off", person.email)

    assert person.get("/api/users/me").status_code == 401
    assert sign_in(world, person).status_code == 200
    result = world.app.test_cli_runner().invoke(args=["accounts", "two-factor-off", person.email])
    assert result.exit_code == 1
    assert "no two-factor sign-in" in result.output
