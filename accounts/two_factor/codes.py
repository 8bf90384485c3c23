"""The codes themselves: those of an app, which follow the clock (RFC 6238), and those for recovery."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from datetime import datetime

from later import pyotp, segno

STEP_SECONDS, DIGITS = 30, 6
# A clock may be wrong by one step, or a code be typed just as the next one appears.
STEPS_BESIDE = 1

# What apps call the account's home.
ISSUER = "Lectern"

RECOVERY_CODES = 10
# Without what is mistaken for something else: 12 of these 31 have 59 random bits.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP_LENGTH = 3, 4

_QR_SCALE, _QR_BORDER = 4, 4


def address_for_apps(secret: str, *, account: str, issuer: str) -> str:
    """Return what apps read from the QR code."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer))


def qr_code(address: str) -> str:
    """Draw an address as SVG for a page, dark on light in every colour scheme."""
    code = segno.make(address, micro=False)
    return str(code.svg_inline(scale=_QR_SCALE, border=_QR_BORDER, dark="#000", light="#fff", omitsize=True))


def is_of_app(typed: str) -> bool:
    """Tell whether this looks like a code of an app, and not like one for recovery."""
    return typed.isascii() and typed.isdigit()


def steps_of(secret: str, typed: str, now: datetime) -> Iterator[int]:
    """Yield the steps of the clock, near `now`, whose code was typed."""
    if not is_of_app(typed):
        return
    app, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    for step in range(present - STEPS_BESIDE, present + STEPS_BESIDE + 1):
        if hmac.compare_digest(app.generate_otp(step), typed):
            yield step


def new_recovery_codes() -> list[str]:
    """Make the codes of one account, as people read them."""
    return [_new_recovery_code() for _ in range(RECOVERY_CODES)]


def as_compared(typed: str) -> str:
    """Return a code without what people put between its parts."""
    return "".join(character for character in typed.lower() if character.isalnum())


def _new_recovery_code() -> str:
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)
