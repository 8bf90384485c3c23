"""Amounts and dates as banks write them.

Which of two ways it is, a whole column tells.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date

_CODE = re.compile(r"\b[A-Z]{3}\b")
_SYMBOLS = {"€": "EUR", "£": "GBP", "zł": "PLN"}
_NUMBER = re.compile(r"\d{1,12}(?:[.,]\d{1,12})*", re.ASCII)
_DATE = re.compile(r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})(?:[ T].*)?", re.ASCII)
_PACKED = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_MINUS = str.maketrans({"−": "-", "–": "-", "'": "", "’": "", "\u00a0": "", "\u202f": "", " ": ""})
# What stands behind an amount that went out where it has no sign, in English and in German.
_OUT = ("DR", "DB", "D", "S")


def decimal_sign(texts: Sequence[str]) -> str:
    """Tell by a column of amounts whether cents stand after a comma or after a point."""
    votes = {",": 0, ".": 0}
    for text in texts:
        if found := re.search(r"([.,])(\d{1,2})(?!\d)\D*$", text):
            votes[found[1]] += 1
    return "," if votes[","] > votes["."] else "."


def cents(text: str, sign: str) -> int | None:
    """Read an amount, None if it is none or has fractions of a cent."""
    plain = unicodedata.normalize("NFKC", text).translate(_MINUS).upper()
    negative = plain.startswith(("-", "(")) or plain.endswith(("-", *_OUT))
    found = _NUMBER.findall(plain)
    if len(found) != 1 or re.search(r"[^\d.,()+\-A-ZŁ€£$]", plain):
        return None
    whole, mark, fraction = found[0].rpartition(sign)
    if not mark:
        whole, fraction = fraction, ""
    digits, fraction = re.sub(r"[.,]", "", whole), fraction[:2] + fraction[2:].rstrip("0")
    if sign in whole or len(digits) > 9 or re.fullmatch(r"\d{0,2}", fraction) is None:
        return None
    amount = int(digits or 0) * 100 + int(fraction.ljust(2, "0"))
    return -amount if negative else amount


def currency_in(text: str) -> str | None:
    """Find the currency that is written beside an amount."""
    if found := _CODE.search(text.upper()):
        return found[0]
    return next((code for symbol, code in _SYMBOLS.items() if symbol in text), None)


def date_order(texts: Sequence[str]) -> str:
    """Tell by a column of dates in which order day, month and year stand.

    Only the United States begin with the month. So the day comes first unless some date would have a 13th month.
    """
    parts = [found.groups() for text in texts if (found := _DATE.fullmatch(text.strip()))]
    if any(len(first) == 4 for first, _, _ in parts):
        return "ymd"
    return "mdy" if any(int(second) > 12 for _, second, _ in parts) else "dmy"


def day(text: str, order: str) -> date | None:
    """Read a date, None if it is none."""
    text = text.strip()
    found, order = (packed, "ymd") if (packed := _PACKED.fullmatch(text)) else (_DATE.fullmatch(text), order)
    if not found:
        return None
    parts = dict(zip(order, map(int, found.groups()), strict=True))
    year = parts["y"] + 2000 if parts["y"] < 100 else parts["y"]
    try:
        return date(year, parts["m"], parts["d"])
    except ValueError:
        return None
