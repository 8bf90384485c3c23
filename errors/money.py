"""Define the errors about money, of which the present state does not allow something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from errors.base import NotFound
from errors.conflicts import Conflict


class TooMuch(Conflict):
    """More money was named than there is: the one attribute that it carries is how much there is."""

    def __init__(self, there_is: int, detail: str | None = None) -> None:
        super().__init__(detail)
        self.there_is = there_is

    def extra(self) -> dict[str, Any]:
        return dict.fromkeys(self.carries, self.there_is)


class Overpaid(TooMuch):
    """More than is open was reported or waived: `open_cents` is what is."""

    slug = "overpaid"
    title = "That is more than is open"
    detail = "This is more than is still open for the lesson. Nothing was changed."
    carries = ("open_cents",)
    advice = "Report `open_cents`, or all of it with `advance` true: the rest is the student's credit then."


class OverRefunded(TooMuch):
    """More than is left was to be given back: `refundable_cents` is what is."""

    slug = "over-refunded"
    title = "That is more than is left"
    detail = "This is more than is left of the payment. Nothing was changed."
    carries = ("refundable_cents",)
    advice = "Refund at most `refundable_cents`. What was used for another lesson is refunded from the payment there."


class CreditTooSmall(TooMuch):
    """A payment by credit is more than the student has: `credit_cents` is what they have."""

    slug = "credit-too-small"
    title = "There is not enough credit"
    detail = "The student has less credit with this teacher. Nothing was changed."
    carries = ("credit_cents",)
    advice = "Use at most `credit_cents`."


class ReferenceUsed(Conflict):
    slug = "reference-used"
    title = "This reference was used before"
    detail = "A payment with this reference has been reported to this teacher already."
    advice = "Look whether the payment is in the list already. Each transfer needs a reference of its own."


class TooManyProofs(Conflict):
    slug = "too-many-proofs"
    title = "Too many proofs are waiting"
    detail = "Too many of your payments with a proof have not been checked yet."
    advice = "Wait until a payment has been verified or rejected, then send the file again."


class NotForInvoice(Conflict):
    """Lessons and packages cannot stand on a new invoice: `booking_ids` and `package_ids` are theirs."""

    carries = ("booking_ids", "package_ids")

    def __init__(self, booking_ids: Sequence[int], package_ids: Sequence[int] = ()) -> None:
        super().__init__()
        self.booking_ids = [*booking_ids]
        self.package_ids = [*package_ids]


class AlreadyInvoiced(NotForInvoice):
    slug = "already-invoiced"
    title = "There is an invoice already"
    detail = "There is an invoice for some of these already."
    advice = "Leave out `booking_ids` and `package_ids`, or correct the invoice on which they stand."


class NotBillable(NotForInvoice):
    slug = "not-billable"
    title = "There is nothing to invoice yet"
    detail = "Some of these lessons cost nothing, or are still to come and not paid, or a package is not paid."
    advice = "Leave out `booking_ids` and `package_ids` until they have ended or were paid."


class CheckoutOff(NotFound):
    slug = "checkout-off"
    title = "There is no paying by card"
    detail = "Lessons cannot be paid by card here."
    advice = "Pay in another way. Whoever runs this installation can set up payments by card."
