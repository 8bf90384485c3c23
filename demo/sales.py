"""What the demo school sells in advance, what is paid by card there, and its first invoices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.actors import Actor
from database import writing
from demo.money import Find
from demo.rows import LessonKey, Steps
from payments.checkout import service as checkouts
from payments.checkout.models import Checkout, CheckoutStatus, NoticeKind
from payments.checkout.terms import Notice
from payments.invoices import sellers
from payments.invoices import service as invoices
from payments.invoices.models import NewInvoice, SellerDetails
from payments.packages import service as packages
from payments.packages.models import NewOffer, PackageChange, PackageStatus

TEACHER, GIG = "lukas.brandt", "piano"
FIVE, TEN = NewOffer(lessons=5, price_cents=19000), NewOffer(lessons=10, price_cents=36000)
# Who has paid for ten lessons, and who has only asked for five.
PAID_BY, ASKED_BY = "leila.farahani", "tom.ashworth"
INVOICED = (("leila.farahani", "piano", -51), ("leila.farahani", "piano", -58))
BY_CARD: LessonKey = ("leila.farahani", "piano", -16)
SELLER = SellerDetails(
    name="Lukas Brandt, piano lessons",
    address="Kastanienallee 41\n10435 Berlin\nGermany",
    tax_id="DE123456789",
    note="Thank you. As a small business I charge no value-added tax (§ 19 UStG).",
)


@dataclass(frozen=True, slots=True)
class Office:
    """The people and gigs that all of it is about, as they are known once they have been made."""

    people: Mapping[str, Actor]
    gigs: Mapping[str, int]
    find: Find

    def steps(self, today: datetime) -> Steps:
        """Yield what happens, all of it on the day before."""
        yield today - timedelta(hours=7), self._sell
        yield today - timedelta(hours=6), self._pay_by_card
        yield today - timedelta(minutes=10), self._invoice

    def _sell(self, now: datetime) -> None:
        """Offer two packages, of which one is bought and one is asked for."""
        teacher, gig_id = self.people[TEACHER], self.gigs[GIG]
        five, ten = (packages.offer(gig_id, new, actor=teacher, now=now) for new in (FIVE, TEN))
        bought = packages.order(ten, actor=self.people[PAID_BY], now=now + timedelta(minutes=20))
        received = PackageChange(status=PackageStatus.PAID)
        packages.change(bought, received, actor=teacher, now=now + timedelta(hours=2))
        packages.order(five, actor=self.people[ASKED_BY], now=now + timedelta(hours=3))

    def _pay_by_card(self, now: datetime) -> None:
        """Note a payment by card.

        The demo school has an account at no provider, so here is what one would have said.
        """
        lesson = self.find(BY_CARD)
        token = "d3m0" * 8
        with writing() as session:
            session.add(
                Checkout(
                    token=token,
                    booking_id=lesson.id,
                    amount_cents=lesson.price_cents,
                    currency=lesson.currency,
                    status=CheckoutStatus.OPEN,
                    created_at=now,
                    expires_at=now + checkouts.LASTS,
                )
            )
        paid = Notice(
            id="evt_demo",
            token=token,
            kind=NoticeKind.PAID,
            reference="pi_demo",
            amount_cents=lesson.price_cents,
            currency=lesson.currency,
        )
        checkouts.receive(paid, now=now + timedelta(minutes=2))

    def _invoice(self, now: datetime) -> None:
        """Make an invoice for some of the lessons."""
        teacher = self.people[TEACHER]
        sellers.replace_details(teacher.id, SELLER)
        lessons = tuple(self.find(key).id for key in INVOICED)
        address = "Torstraße 12\n10119 Berlin"
        new = NewInvoice(booking_ids=lessons, buyer_name="Leila Farahani", buyer_address=address)
        invoices.issue(new, actor=teacher, now=now)
