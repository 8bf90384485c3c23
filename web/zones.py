"""The time zones that forms offer: one name for each, with what its clocks show now."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import SelectField
from wtforms.fields import SelectChoice

from web.clock import now
from web.fields import TIME_ZONES

# Beside the zones of places.
_PLACELESS = "UTC"


class ZoneField(SelectField):
    """A time zone, by continent, with its present offset.

    What is chosen already is on offer, too, even under one of its older names.
    """

    def __init__(self, label: str, checks: Any = None, **kwargs: Any) -> None:
        """Offer all zones."""
        super().__init__(label, checks, choices=_choices, invalid_choice_message="Please choose a time zone.", **kwargs)

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        """Add what is chosen already if it is not among the zones."""
        super().process(formdata, *args, **kwargs)
        if self.data in TIME_ZONES and self.data not in _places():
            self.choices = [*_choices(), SelectChoice(self.data, _label(self.data, now()), optgroup="Other")]


def _choices() -> list[SelectChoice]:
    at = now()
    return [
        SelectChoice("", "Please choose"),
        *_offered(at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)),
    ]


@lru_cache(maxsize=1)
def _offered(at: datetime) -> list[SelectChoice]:
    """List the zones with the offsets of this quarter of an hour."""
    places = [SelectChoice(zone, _label(zone, at), optgroup=zone.partition("/")[0]) for zone in _places()]
    return [*places[:-1], SelectChoice(_PLACELESS, _PLACELESS, optgroup="Other")]


@lru_cache(maxsize=1)
def _places() -> tuple[str, ...]:
    """Return the zones that the zone database names after places, and UTC.

    Its list has each under one name, and every country has one of its own.
    """
    listed = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text()
    names = {line.split("\t")[2] for line in listed.splitlines() if line and not line.startswith("#")}
    return (*sorted(names & TIME_ZONES), _PLACELESS)


def _label(zone: str, at: datetime) -> str:
    place = (zone.partition("/")[2] or zone).replace("_", " ").replace("/", ", ")
    offset = at.astimezone(ZoneInfo(zone)).isoformat()[-6:]
    return f"{place} (UTC{offset.replace('-', '−')})"
