"""Who has to have two-factor sign-in, and what they can do before they have set it up."""

from __future__ import annotations

from flask import Blueprint, request

from config import Settings
from errors import TwoFactorMissing
from web.settings import chosen

# To set it up, to see whose account this is, and to sign out.
_OPEN_BLUEPRINTS: set[str] = set()
_OPEN_ENDPOINTS = ("people.show_me", "auth.logout", "account_pages.sign_out", "static")


def lacks_second_factor(role: str, settings: Settings, *, has_one: bool) -> bool:
    """Tell whether users with this role need two-factor sign-in here, and this one does not have it."""
    return not has_one and role in settings.two_factor_required_for


def require_second_factor(role: str, *, has_one: bool) -> None:
    """Refuse a request of a user who has to set up two-factor sign-in first.

    Raises TwoFactorMissing.
    """
    if lacks_second_factor(role, chosen(), has_one=has_one) and not _is_open():
        raise TwoFactorMissing


def open_without_second_factor(blueprint: Blueprint) -> None:
    """Say of a blueprint that its views are also for users who have to set up two-factor sign-in still."""
    _OPEN_BLUEPRINTS.add(blueprint.name)


def _is_open() -> bool:
    return request.blueprint in _OPEN_BLUEPRINTS or request.endpoint in _OPEN_ENDPOINTS
