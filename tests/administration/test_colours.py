"""The school's colour can be read wherever pages use it."""

from __future__ import annotations

from school.colours import CARD_BY_NIGHT, ENOUGH, PAPER, by_day, by_night, contrast, is_readable


def test_every_colour_that_is_taken_can_be_read_by_day_and_by_night() -> None:
    steps = range(0, 256, 51)
    taken = [colour for r in steps for g in steps for b in steps if is_readable(colour := f"#{r:02x}{g:02x}{b:02x}")]

    assert len(taken) > 50
    for colour in taken:
        day, night = by_day(colour), by_night(colour)
        pairs = [(day.accent, PAPER), (day.accent, day.on_accent), (night.accent, CARD_BY_NIGHT)]
        pairs += [(night.accent, night.on_accent), (day.hover, PAPER), (night.hover, CARD_BY_NIGHT)]
        pairs += [(day.accent, day.tint), (night.accent, night.tint)]
        assert min(contrast(*pair) for pair in pairs) >= ENOUGH, colour
