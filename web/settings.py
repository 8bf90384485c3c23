"""What the operator of the running application has chosen, for leaves.

Services get it as plain arguments.
"""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app

from config import Settings
from config.alerts import AlertWays
from config.cards import CardAccount

_KEY = "lectern-settings"


def init_app(app: Flask, settings: Settings) -> None:
    """Keep the application's settings."""
    app.extensions[_KEY] = settings


def chosen() -> Settings:
    """Return the running application's settings."""
    return chosen_by(current_app)


def chosen_by(app: Flask) -> Settings:
    """Return the settings of an application."""
    return cast("Settings", app.extensions[_KEY])


def secret_key() -> str:
    """Return what the application's secrets are made with."""
    return chosen().secret_key


def loopback_allowed() -> bool:
    """Tell whether addresses that people give may be those of this very machine."""
    return chosen().webhooks_allow_loopback


def card_account() -> CardAccount | None:
    """Return the account that payments by card go to, if there is one."""
    return chosen().card_account


def alert_ways() -> AlertWays:
    """Return by what the operator wants to be told of alerts."""
    return chosen().alerts
