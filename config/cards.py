"""Read the settings of payments by card: the account at the provider of the hosted page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from config.addresses import is_loopback
from config.errors import ConfigError

STRIPE = "https://api.stripe.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardAccount:
    """The account that payments by card go to.

    Its keys sign in there, and sign its notices.
    """

    secret_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    url: str = STRIPE


def card_account(env: Mapping[str, Any]) -> CardAccount | None:
    """Take the account that the settings name, or None: then no one pays by card here.

    Raises ConfigError for half an account, and for an address to which a key would travel in the clear.
    """
    key, secret = env["STRIPE_SECRET_KEY"], env["STRIPE_WEBHOOK_SECRET"]
    if not key and not secret:
        return None
    if not (key and secret):
        raise ConfigError("STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET belong together: set both, or none.")
    url = (env["STRIPE_URL"] or STRIPE).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        raise ConfigError("STRIPE_URL must begin with https://, because the key is sent there.")
    return CardAccount(secret_key=key, webhook_secret=secret, url=url)
