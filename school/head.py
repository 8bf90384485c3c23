"""What stands at the head of mails and documents: the school's name, its colour and its logo."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from errors import NotFound
from school.models import NAME
from school.queries import logo, school
from web.pictures import small_png

# Three times as large as mails show it, so that it is sharp on every screen and on paper.
MOST_PIXELS = (480, 112)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a school that has chosen nothing has, too."""

    school: str = NAME
    # As `#rrggbb`; None is Lectern's own.
    accent: str | None = None
    # As PNG, which every mail program and every document shows.
    logo: bytes | None = None


PLAIN = Head()


def present_head() -> Head:
    """Return what the school has chosen by now."""
    look = school().json()
    return Head(school=look["name"], accent=look["accent_colour"], logo=_logo(look["logo"]))


def _logo(digest: str | None) -> bytes | None:
    try:
        return _drawn(digest) if digest else None
    except NotFound:
        # It was taken away, or another one was chosen, in this very moment.
        return None


@lru_cache(maxsize=2)
def _drawn(digest: str) -> bytes:
    """Draw a logo in the size that is sent: what a digest names never changes."""
    return small_png(logo(digest), MOST_PIXELS)
