"""Take a picture of each mail, as a phone and a desk show it, by day and by night: `make screenshots`.

They are there to be looked at; what mails say is tested elsewhere.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser

from app import create_app
from config import ROOT, Settings
from mail.letters import Letter, Recipient
from mail.wording import put_into_words
from tests.mail_pictures_of_lessons import letters
from tests.support.browser import chromium

PICTURES = ROOT / "tests" / "artifacts" / "mail"
HOME = "https://lessons.example.org"
WIDTHS, SCHEMES = (360, 640), ("light", "dark")
AT = datetime(2026, 11, 27, 15, tzinfo=UTC)
ADA = Recipient(name="Ada Lovelace", address="ada.lovelace@example.org", time_zone="Europe/Berlin")

# One of each kind.
TOKEN = "hG5Qk0x0Yw3m2v1o8T4u6s9bN7cZ5aLq2dE1fR3jW8k"
ALERT = {"raised": True, "says": "Redis is nearly full and forgets.", "name": "memory", "value": 0.9, "threshold": 0.8}
FACTS = {**ALERT, "at": AT, "sent_at": AT, "device": "Firefox on Linux", "left": "9"}
WITH_TOKEN = {
    "accounts/password_reset": "reset-password",
    "accounts/invitation": "invitation",
    "accounts/invitation_elsewhere": "invitation",
    "accounts/school_invitation": "join",
    "accounts/welcome": "reset-password",
    "accounts/confirm_address": "confirm-email",
    "accounts/confirm_new_address": "confirm-email",
}
PLAIN = (
    "test",
    "accounts/password_changed",
    "accounts/address_change_asked",
    "accounts/address_changed",
    "accounts/new_device",
    "accounts/two_factor_on",
    "accounts/two_factor_off",
    "accounts/recovery_code_used",
    "operators/cache_alert",
)
TOLD = (
    {"title": "Ada Lovelace has accepted your lesson", "text": "Piano, Fri 27 Nov, 16:00–16:45."},
    {"title": "Grace Hopper has replied to your review", "text": "“Thank you, and see you soon.”"},
)
DIGEST = Letter(
    key="notifications/digest",
    template="notifications/digest",
    to=ADA,
    facts={"number": 24, "told": TOLD},
    link=f"{HOME}/notifications",
    unsubscribe=f"{HOME}/unsubscribe/{TOKEN}",
)
LETTERS = (
    DIGEST,
    *letters(HOME, ADA, TOKEN),
    *(
        Letter(
            key=name,
            template=name,
            to=ADA,
            facts={"by": "Grace Hopper", "as_what": "a teacher", "until": AT},
            link=f"{HOME}/{path}?token={TOKEN}",
        )
        for name, path in WITH_TOKEN.items()
    ),
    *(Letter(key=name, template=name, to=ADA, facts=FACTS, link=f"{HOME}/forgotten-password") for name in PLAIN),
)


def main() -> None:
    """Take all pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        app = create_app(_settings(Path(folder)))
        for letter in LETTERS:
            with app.app_context():
                worded = put_into_words(letter, home=HOME)
            name = letter.type if letter.key == letter.template else f"{letter.type}-{letter.key}"
            (PICTURES / f"{name}.txt").write_text(f"Subject: {worded.subject}\n\n{worded.text}")
            for scheme in SCHEMES:
                for width in WIDTHS:
                    _take(browser, worded.html, f"{name}-{width}-{scheme}", width, scheme)


def _take(browser: Browser, html: str, name: str, width: int, scheme: str) -> None:
    viewport = {"width": width, "height": 320}
    with browser.new_context(viewport=viewport, color_scheme=scheme, offline=True) as profile:  # type: ignore[arg-type]
        page = profile.new_page()
        page.set_content(html)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} scrolls sideways"
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def _settings(folder: Path) -> Settings:
    database = f"sqlite:///{folder / 'lectern.db'}"
    return Settings(
        instance=folder, database_url=database, redis_url="unix:///nowhere", secret_key="x" * 16, cache_type="NullCache"
    )


if __name__ == "__main__":
    main()
