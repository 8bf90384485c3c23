"""Read the settings of alerts: who is told that something is wrong with the cache."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from config.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertWays:
    """By what an operator is told of alerts: mails to administrators, a request to an address."""

    mail: bool = False
    webhook: str | None = None


TOLD_NOBODY = AlertWays()


def alert_ways(env: Mapping[str, Any]) -> AlertWays:
    """Take what is chosen.

    Raises ConfigError for an address that no request can be sent to.
    """
    url = env["ALERT_WEBHOOK_URL"]
    if url and (urlsplit(url).scheme not in ("https", "http") or not urlsplit(url).hostname):
        raise ConfigError("ALERT_WEBHOOK_URL must be an address such as https://chat.example.org/hooks/…")
    return AlertWays(mail=env["ALERT_MAIL"], webhook=url)
