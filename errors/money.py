"""Define the errors about money, of which the present state does not allow something."""

from __future__ import annotations

from collections.abc import Sequence

from errors.conflicts import Conflict


class Overpaid(Conflict):
    """More than is open was reported or waived: `open_cents` is what is."""

    slug = "overpaid"
    title = "That is more than is open"
    detail = "This is more than is still open for the lesson. Nothing was changed."
    carries = ("open_cents",)
    advice = "Report `open_cents`, or all of it with `advance` true: the rest is the student's credit then."

    def __init__(self, open_cents: int, detail: str | None = None) -> None:
        super().__init__(detail)
        self.open_cents = open_cents


class ReferenceUsed(Conflict):
    slug = "reference-used"
    title = "This reference was used before"
    detail = "A payment with this reference has been reported to this teacher already."
    advice = "Look whether the payment is in the list already. Each transfer needs a reference of its own."


class OverRefunded(Conflict):
    """More than is left was to be given back: `refundable_cents` is what is."""

    slug = "over-refunded"
    title = "That is more than is left"
    detail = "This is more than is left of the payment. Nothing was changed."
    carries = ("refundable_cents",)
    advice = "Refund at most `refundable_cents`. What was used for another lesson is refunded from the payment there."

    def __init__(self, refundable_cents: int) -> None:
        super().__init__()
        self.refundable_cents = refundable_cents


class CreditTooSmall(Conflict):
    """A payment by credit is more than the student has: `credit_cents` is what they have."""

    slug = "credit-too-small"
    title = "There is not enough credit"
    detail = "The student has less credit with this teacher. Nothing was changed."
    carries = ("credit_cents",)
    advice = "Use at most `credit_cents`."

    def __init__(self, credit_cents: int) -> None:
        super().__init__()
        self.credit_cents = credit_cents


class AlreadyInvoiced(Conflict):
    """Lessons stand on an invoice that was not taken back: `booking_ids` are theirs."""

    slug = "already-invoiced"
    title = "There is an invoice already"
    detail = "There is an invoice for some of these lessons already."
    carries = ("booking_ids",)
    advice = "Leave out the lessons of `booking_ids`, or correct the invoice on which they stand."

    def __init__(self, booking_ids: Sequence[int]) -> None:
        super().__init__()
        self.booking_ids = [*booking_ids]


class NotBillable(Conflict):
    """Nothing is due for lessons, or they are still to come and not paid: `booking_ids` are theirs."""

    slug = "not-billable"
    title = "There is nothing to invoice yet"
    detail = "Some of these lessons cost nothing, or are still to come and not paid."
    carries = ("booking_ids",)
    advice = "Leave out the lessons of `booking_ids` until they have ended or were paid."

    def __init__(self, booking_ids: Sequence[int]) -> None:
        super().__init__()
        self.booking_ids = [*booking_ids]
