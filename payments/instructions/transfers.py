"""The QR code that a bank's app reads to fill in a transfer (EPC069-12, in Germany called GiroCode)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from later import segno_helpers

# The standard knows transfers in euro only, of at most this much.
CURRENCY, AT_MOST_CENTS = "EUR", 99_999_999_999
# The quiet zone that readers need, in modules, and how large one is drawn.
BORDER, SCALE = 4, 4


def qr_code(account: Mapping[str, str], cents: int, currency: str, reference: str) -> str | None:
    """Draw the code as SVG for a page, or return None if this transfer cannot have one.

    It is dark on light in every colour scheme, because many readers take nothing else.
    """
    if not account["iban"] or currency != CURRENCY or not 1 <= cents <= AT_MOST_CENTS:
        return None
    euros = Decimal(cents) / 100
    code = segno_helpers.make_epc_qr(
        account["account_holder"], account["iban"], euros, text=reference, bic=account["bic"] or None
    )
    drawn: str = code.svg_inline(scale=SCALE, border=BORDER, dark="#000", light="#fff", omitsize=True)
    return drawn
