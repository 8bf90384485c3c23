"""Define the error of a setting that cannot be used."""

from __future__ import annotations

import click


class ConfigError(click.ClickException):
    """A setting is malformed or unsafe: the message, which `flask` shows alone, says what to do."""
