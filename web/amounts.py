"""How amounts of money are written, on pages, in mails and on paper."""

from __future__ import annotations

_SIGNS = {"EUR": "€", "GBP": "£", "USD": "$"}


def money(cents: int, currency: str, *, exact: bool = False) -> str:
    """Write an amount: "€30", "€30.50", "1,200.00 CHF", "−€5".

    An exact one always has its cents, as columns of them need it: "€30.00".
    """
    minus = "−" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    if sign := _SIGNS.get(currency):
        return f"{minus}{sign}{whole:,}" + (f".{rest:02}" if rest or exact else "")
    return f"{minus}{whole:,}.{rest:02} {currency}"
