"""The school's accent colour: whether it can be read, and its shades by day and by night."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[int, int, int]

# Text has to stand out so much (WCAG 2.2).
ENOUGH = 4.5
# The grounds that the accent stands on as text: the darkest one by day, the lightest one by night.
PAPER, CARD_BY_NIGHT = "#f4f2ec", "#1b2229"
WHITE, BLACK, INK = "#ffffff", "#000000", "#06201d"
# Lectern's own accent, as `static/lectern.css` has it.
_OWN, _OWN_BY_NIGHT = "#0f6b63", "#63c5b9"
# How much lighter or darker a button becomes under the pointer, and how much of the colour a tint has.
_HOVER, _TINT_BY_DAY, _TINT_BY_NIGHT = 0.22, 0.1, 0.16
_STEP = 0.02


@dataclass(frozen=True, slots=True)
class Shades:
    """The accent of one colour scheme, as the style sheet's tokens have it."""

    accent: str
    hover: str
    tint: str
    on_accent: str

    def rgb(self, name: str) -> str:
        """Return one of them as Bootstrap's variables have it."""
        return ", ".join(map(str, _read(getattr(self, name))))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(_read(one)), _luminance(_read(other))))
    return (lighter + 0.05) / (darker + 0.05)


def is_readable(accent: str) -> bool:
    """Tell whether a colour stands out enough as text by day, on paper and on its own tint.

    What goes with it by night is computed.
    """
    return min(contrast(accent, PAPER), contrast(accent, _tint_by_day(accent))) >= ENOUGH


def by_day(accent: str) -> Shades:
    """Return the colour itself, and what goes with it on light paper."""
    return Shades(accent, _mixed(accent, BLACK, _HOVER), _tint_by_day(accent), WHITE)


def by_night(accent: str) -> Shades:
    """Return the colour, made as light as dark paper needs it."""
    share, light = 0.0, accent
    while not _is_readable_by_night(light) and share < 1:
        share += _STEP
        light = _mixed(accent, WHITE, share)
    return Shades(light, _mixed(light, WHITE, _HOVER), _tint_by_night(light), INK)


def day_and_night(accent: str | None) -> tuple[Shades, Shades]:
    """Return the shades of the school's colour, or of Lectern's own if it chose none."""
    return by_day(accent or _OWN), by_night(accent or _OWN_BY_NIGHT)


def style_sheet(accent: str) -> str:
    """Return the style sheet that gives all pages this accent."""
    night = _tokens(by_night(accent))
    return f":root {{ {_tokens(by_day(accent))} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {night} }} }}\n"


def _is_readable_by_night(light: str) -> bool:
    grounds = (CARD_BY_NIGHT, _tint_by_night(light), INK)
    return min(contrast(light, ground) for ground in grounds) >= ENOUGH


def _tint_by_day(accent: str) -> str:
    return _mixed(WHITE, accent, _TINT_BY_DAY)


def _tint_by_night(light: str) -> str:
    return _mixed(CARD_BY_NIGHT, light, _TINT_BY_NIGHT)


def _tokens(shades: Shades) -> str:
    return (
        f"--accent: {shades.accent}; --accent-hover: {shades.hover}; --accent-tint: {shades.tint};"
        f" --on-accent: {shades.on_accent}; --bs-link-color-rgb: {shades.rgb('accent')};"
        f" --bs-link-hover-color-rgb: {shades.rgb('hover')};"
    )


def _mixed(one: str, other: str, share: float) -> str:
    """Mix a colour with a share of another one."""
    pairs = zip(_read(one), _read(other), strict=True)
    return "#" + "".join(f"{round(mine + (theirs - mine) * min(share, 1)):02x}" for mine, theirs in pairs)


def _read(colour: str) -> Colour:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return red, green, blue


def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
